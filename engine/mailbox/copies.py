"""Where the copies of what a mailbox sends lie: whoever tells of it, asks here."""

from datetime import timedelta

from odoo import api, fields
from odoo.tools import SQL

from ...providers import registry
from ...providers.reasons import Reason
from ...texts import reason_text
from ...tools.waits import RETRY_AFTER
from .status import without_customers

#: What a mailbox of a mail server keeps of it.
BY_SERVER = ("smtp_host", "imap_host", "sent_copy", "sent_folder")
#: The first wait for a folder that is out of reach is doubled by each try, up to so
#: many seconds; so many tries are some four days.
RETRY_AT_MOST = 4 * 60 * 60
TRIES = 24
#: A sign-in that was refused is tried again by one copy of all, each hour: more often,
#: the server may lock the account.
REFUSED_FOR = timedelta(hours=1)
#: What was not filed is told for so long.
TOLD_FOR = timedelta(days=30)
MISSING = """
    SELECT connector_id, sent_copy, count(*),
           (array_agg(sent_copy_warning ORDER BY id DESC))[1]
      FROM account_email_delivery
     WHERE sent_copy IN ('owed', 'held', 'failed') AND sent_copy_warning <> ''
       AND connector_id = ANY(%s) AND started_at > %s
  GROUP BY connector_id, sent_copy
"""


def folder_of(connector):
    """The address whose Sent folder has the copies.

    Microsoft and Google file them in the mailbox that was signed in, whatever address
    it sends as; Microsoft in the shared one, if that was chosen. With a password, the
    server or we file them, by IMAP.

    :return: empty if Odoo sees no Sent folder: then the server's habit is not known.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if known and not known.uses_oauth:
        return connector.email if _is_seen(connector) else ""
    shared = known and known.send_as == "shared" and connector.sent_items == "shared"
    return shared and connector.send_as or connector.email or ""


def _is_seen(connector):
    """Whether Odoo has its Sent folder in sight, by IMAP."""
    return connector.imap_host and connector.sent_copy != "never"


def chosen(connector):
    """The name of the folder that a person chose, where the copies do lie there.

    A server that is known to file what it sends has a folder of its own, unless it is
    not asked.

    :return: empty where it is the Sent folder, whatever that is called.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if not known or known.uses_oauth or not _is_seen(connector):
        return ""
    by_server = known.files_sent(connector.smtp_host or "")
    filed_there = by_server and connector.sent_copy == "auto"
    return "" if filed_there else connector.sent_folder or ""


def where(connector):
    """The same as a sentence."""
    address, folder = folder_of(connector), chosen(connector)
    if folder:
        told = {"folder": folder, "address": address}
        return connector.env._(
            "Copies lie in the folder %(folder)s of %(address)s.", **told
        )
    if address:
        return connector.env._("Copies lie in the Sent folder of %s.", address)
    return connector.env._(
        "Odoo files no copy in a Sent folder; many mail servers file one by themselves."
    )


@api.depends("provider", "email", "send_as", "sent_items", *BY_SERVER)
@api.depends_context("lang")
def page(connectors):
    """For the page of the mailbox."""
    for connector in connectors:
        connector.copies = where(connector)


# -- copies that are missing -----------------------------------------------------------


def retry_at(tries):
    """When a copy is tried again that could not be filed so many times; None: never."""
    if tries >= TRIES:
        return None
    seconds = min(RETRY_AFTER * 2 ** (tries - 1), RETRY_AT_MOST)
    return fields.Datetime.now() + timedelta(seconds=seconds)


def held_until():
    """When one copy tries again whether the mailbox lets us sign in."""
    return fields.Datetime.now() + REFUSED_FOR


def missing(connectors):
    """For the page of the mailbox: how many copies are not in its Sent folder, and why.

    Connectors come here as a superuser's; one statement.
    """
    since = fields.Datetime.now() - TOLD_FOR
    rows = connectors.env.execute_query(SQL(MISSING, connectors.ids, since))
    found = {(id_, state): told for id_, state, *told in rows}
    for connector in connectors:
        told = [
            _missing(connector, state, *found[connector.id, state])
            for state in ("failed", "held", "owed")
            if (connector.id, state) in found
        ]
        connector.copies_missing = "\n".join(told)


def file_held(connector):
    """Somebody has signed in again: what waited for that is filed in the next run."""
    held = [("connector_id", "=", connector.id), ("sent_copy", "=", "held")]
    deliveries = connector.env["account.email.delivery"].search(held)
    again = {"sent_copy": "owed", "sent_copy_tries": 0, "sent_copy_retry_at": False}
    deliveries.write(again)


def _missing(connector, state, number, warning):
    env = connector.env
    why = _why(env, without_customers(connector, warning))
    if state == "owed":
        return env._(
            "Copies that are not in the Sent folder yet: %(number)s. Odoo tries again. "
            "%(why)s",
            number=number,
            why=why,
        )
    if state == "held":
        return env._(
            "Copies that are not in the Sent folder yet: %(number)s. Odoo files them "
            "once the sign-in works again, or the mailbox is reconnected. %(why)s",
            number=number,
            why=why,
        )
    return env._(
        "Copies that could not be filed in the Sent folder: %(number)s. %(why)s",
        number=number,
        why=why,
    )


def told(followup):
    """What is said on a follow-up of its copy, if that is missing.

    :param followup: with the right to see the journal.
    """
    delivery = followup.delivery_id
    if not delivery.sent_copy_warning:
        return ""
    if delivery.sent_copy == "owed":
        why = _why(followup.env, delivery.sent_copy_warning)
        return followup.env._(
            "Its copy is not in the Sent folder yet. Odoo tries again. %s", why
        )
    if delivery.sent_copy == "held":
        why = _why(followup.env, delivery.sent_copy_warning)
        return followup.env._(
            "Its copy is not in the Sent folder yet. Odoo files it once the sign-in "
            "works again, or the mailbox is reconnected. %s",
            why,
        )
    is_failed = delivery.sent_copy == "failed"
    return failed(followup.env, delivery.sent_copy_warning) if is_failed else ""


def failed(env, warning):
    """That a copy could not be filed, and why."""
    return env._(
        "Its copy could not be filed in the Sent folder: %s", _why(env, warning)
    )


def _why(env, warning):
    """A *warning* of the journal in words: it begins with a reason, or has none."""
    name, _space, words = warning.partition(" ")
    if name not in {reason.value for reason in Reason}:
        return warning
    return ": ".join(filter(None, [reason_text(env, name)[0], words.strip()]))
