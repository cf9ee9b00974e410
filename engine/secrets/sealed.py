"""What is sealed, and for what: of one database, and of nothing but its purpose.

A secret is opened by functions of modules, on its way to the provider. No record has a
method or a field that gives one: whoever may write a template, a server action or a
query could ask for it.

So here, and in :mod:`.mailboxes`, the functions elevate by themselves: no caller has
the right to a secret, or is to hand around a record that has.
"""

from odoo.exceptions import UserError

from ...providers.outcomes import AdminActionRequired, Outcome
from ...providers.reasons import Reason
from ...providers.registry import OAUTH
from ...texts import outcome_text
from ...tools import vault
from .box import unboxed

#: What decides where a mailbox's secret goes, and for whom. Of SMTP the encryption too:
#: without it, a password would be read on its way. Another port is the same server.
#: IMAP's encryption belongs to it too, see :func:`_imap`.
SMTP_WAY = ("email", "smtp_host", "smtp_encryption", "smtp_user", "imap_host")
#: What decides where an app's secret goes.
APP_WAY = ("provider", "client_id", "cloud")


def database(env):
    """What a copy of the database, made by Odoo, has another one of.

    Two that send from one mailbox would write to each customer twice. A backup that is
    restored as "moved" keeps it.
    """
    return env["ir.config_parameter"].sudo().get_param("database.uuid")


def place(env):
    """Where the database is: in which cluster, and as which of its databases.

    Whatever tool has made a copy, or has restored a backup, that is in another place.
    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
    """
    cr = env.cr
    cr.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
    (number,) = cr.fetchone()
    cr.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
    if not cr.fetchone()[0]:  # some hosters do not let one ask
        return str(number)
    cr.execute("SELECT system_identifier FROM pg_control_system()")
    return f"{cr.fetchone()[0]}.{number}"


def is_at_home(connector):
    """Whether *connector* was connected in this place, or somebody said since that it
    sends from here: the database that this one was copied from may go on sending.
    """
    return connector.sudo().place == place(connector.env)


def note_place(connector):
    """It sends from this database from now on."""
    env = connector.env
    connector.sudo().write({"place": place(env), "connected_in": env.cr.dbname})


def purpose_of_mailbox(connector):
    """What the secret of *connector* is for."""
    connector = connector.sudo()
    purpose = {
        "database": database(connector.env),
        "company": connector.company_id.id,
        "provider": connector.provider,
    }
    if connector.provider not in OAUTH:
        return purpose | _values(connector, SMTP_WAY) | _imap(connector)
    app = _values(connector.oauth_app_id, APP_WAY)
    return purpose | app | {"account": connector.oauth_account_id}


def purpose_of_app(app):
    """What the client secret of *app* (``account.email.oauth.app``) is for."""
    return {"database": database(app.env), **_values(app.sudo(), APP_WAY)}


def purpose_of_form(form):
    """What the password in *form* (``account.email.connector.smtp``) is for.

    It goes to the servers that were entered with it, by the one who entered it; and in
    the clear only if that was chosen then.
    """
    form = form.sudo()
    return {
        "encrypted": form.encryption != "none",
        "database": database(form.env),
        "company": form.connector_id.company_id.id,
        "user": form.create_uid.id,
        **{name: (form[name] or "").strip() for name in ("host", "imap_host")},
        **({"imap_encryption": "none"} if _imap_in_clear(form) else {}),
    }


def _imap_in_clear(form):
    return bool(form.imap_host) and form.imap_encryption == "none"


def _imap(record):
    """How IMAP is encrypted, where it does not begin with TLS.

    That it does goes without saying: what was sealed before one could choose opens.
    """
    chosen = record.imap_host and record.imap_encryption or "ssl"
    return {} if chosen == "ssl" else {"imap_encryption": chosen}


def purpose_of_sign_in(env, flow):
    """What the PKCE verifier of *flow* is for.

    :param flow: the values of a row of ``account.email.oauth.flow``.
    """
    names = ("state_hash", "user_id", "connector_id", "app_id", "provider")
    return {"database": database(env), **{name: flow[name] for name in names}}


def _values(record, names):
    return {name: record[name] or None for name in names}


def seal_input(env, secret, purpose):
    """Seal what a user has entered.

    :raises UserError: if there is no key to do it with.
    """
    try:
        return vault.seal(secret, purpose)
    except Outcome as outcome:
        raise UserError(outcome_text(env, outcome)) from None


def keep(connector, secret):
    """Keep *secret* of *connector* in place of the former one, to be used here.

    :param secret: a dict; its values may be in a :class:`.box.Box`.
    :raises AdminActionRequired: if there is no key to seal it with.
    """
    sealed = _seal(secret, purpose_of_mailbox(connector))
    note_place(connector)
    credentials = connector.env["account.email.connector.credential"].sudo()
    credential = credentials.search([("connector_id", "=", connector.id)])
    if credential:
        credential.sealed = sealed
    else:
        credentials.create({"connector_id": connector.id, "sealed": sealed})


def forget(connectors):
    """Forget the secrets of *connectors*."""
    credentials = connectors.env["account.email.connector.credential"]
    credentials.search([("connector_id", "in", connectors.ids)]).unlink()


def _seal(secret, purpose):
    """Nothing of Odoo's is called here: see :mod:`.box`."""
    opened = {name: unboxed(value) for name, value in secret.items()}
    return vault.seal(opened, purpose)


def load(connector):
    """Return the secret (dict) of *connector*.

    :raises vault.SecretLost: there is none, no key opens it, or it was given to another
        database, company, server or account.
    :raises AdminActionRequired: the database was copied or moved, or there is no key.
    """
    credentials = connector.env["account.email.connector.credential"].sudo()
    credential = credentials.search([("connector_id", "=", connector.id)])
    if not credential:
        raise vault.SecretLost()
    if not is_at_home(connector):
        raise AdminActionRequired(Reason.DATABASE_COPIED)
    credential.invalidate_recordset(["sealed"])  # a token is written past the ORM
    return vault.unseal(credential.sealed, purpose_of_mailbox(connector))
