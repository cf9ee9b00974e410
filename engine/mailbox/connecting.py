"""A mailbox is connected, sends as another address, is disconnected.

Each is one sequence of steps, here and nowhere else. Connectors come here as a
superuser's, by a caller who has checked that the user may change them; the environment
still knows who that is.
"""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...providers import registry
from ...providers.deadline import NEVER
from ...providers.outcomes import AdminActionRequired, Outcome, SignInRequired
from ...providers.reasons import Reason
from ...rules import IN_SERVICE
from .. import cron
from ..incoming import reading
from ..secrets import mailboxes, sealed
from . import (
    approving,
    copies,
    habit,
    incident,
    proof,
    revocation,
    sign_in_notice,
    test_email,
    ways,
)
from .condition import NO_TROUBLE, at_work_again, free

#: With fewer seconds left no email is tried: an error would be one of haste.
ENOUGH = 10
NO_OAUTH = {
    "oauth_app_id": False,
    "oauth_account_id": False,
    "send_as": False,
    "sent_items": False,
}
NO_SIGN_IN = {
    **NO_OAUTH,
    "connected_by_id": False,
    "connected_at": False,
    "checked_at": False,
    "place": False,
    "connected_in": False,
    "said": False,
}


# -- connecting ------------------------------------------------------------------------


def connect(connector, email, secret, values):
    """Take *email* into service: the sign-in has succeeded.

    What that does not mend stays an error, until :func:`prove` has sent an email.

    :param email: the mailbox's address; must be the present one while connected.
    :param secret: a dict to be sealed.
    :param values: provider and its settings.
    :raises UserError: for another address while one is linked.
    """
    refuse_other_address(connector, email)
    with incident.told(connector), connector.env.cr.savepoint():
        _settle(connector, email, values)
        # Without its secret, nothing is connected. For these servers, this account,
        # only.
        sealed.keep(connector, secret)
        if not registry.provider(connector.provider).asks_administrator:
            approving.forget(connector)  # another way to sign in waits for nobody
    reading.note_connected(connector)
    copies.file_held(connector)
    cron.run_health(connector.env)  # its domain is looked up
    if connector.state == "connected":
        cron.run_followups(connector.env)  # what has waited goes now
        cron.run_emails(connector.env)


def _settle(connector, email, values):
    """Write down what was connected; another way to sign in is forgotten."""
    if ways.is_shown_by_sign_in(connector):
        at_work_again(connector, {**NO_TROUBLE, "state": "connected"})
    connector.write(
        {
            **NO_OAUTH,
            **values,
            **({"chasing": "new"} if _is_another(connector, email) else {}),
            "email": email,
            "sent_habit": habit.kept(connector, {**values, "email": email}),
            "connected_by_id": connector.env.uid,
            "connected_at": fields.Datetime.now(),
        }
    )


def _is_another(connector, email):
    """Whether follow-ups were started for another mailbox than *email*: nobody has seen
    what would go from this one. Stopped ones are stopped by whichever mailbox."""
    before = email_normalize(connector.email or "")
    is_other = before and before != email_normalize(email)
    return connector.chasing == "on" and is_other


def take_grant(connector, app, grant):
    """Take the mailbox of *grant* into service.

    :param app: the ``account.email.oauth.app`` that it was granted to.
    :return: the address from which follow-ups leave now.
    :raises UserError: for another address while one is linked.
    """
    same_way = connector.state != "disconnected" and connector.provider == app.provider
    connect(
        connector,
        email_normalize(grant.address) or grant.address,
        {"token": grant.token},
        {
            "provider": app.provider,
            "oauth_app_id": app.id,
            "oauth_account_id": grant.account_id,
            "send_as": same_way and connector.send_as,
            "sent_items": same_way and connector.sent_items,
            "checked_at": fields.Datetime.now(),
        },
    )
    approving.note_granted(connector, grant)
    reading.note_granted(connector, registry.provider(app.provider), grant)
    return connector.sender_address


def connect_and_prove(connector, email, secret, values, deadline=NEVER):
    """:func:`connect`, then :func:`prove`.

    :raises Outcome: it is connected, but does not send yet.
    """
    connect(connector, email, secret, values)
    if outcome := prove(connector, deadline=deadline):
        raise outcome


def prove(connector, grant=None, new=False, deadline=NEVER):
    """After a sign-in: an email shows the rest, where a sign-in alone does not.

    :param grant: what was signed in to.
    :param new: whether nothing was linked before: then an account that turns out to
        have no mailbox is let go of again.
    :param deadline: by when who waits for it is to be told. If too little is left, an
        error stays one, until somebody sends a test email.
    :return: the ``Outcome`` that stands in the way, or None.
    """
    doubted = grant is not None and not grant.mailbox_known
    if doubted and new:
        return _try_new(connector)
    is_open = doubted or connector.state == "error"
    if not is_open or deadline.left() < ENOUGH:
        return None
    return proof.attempt(connector, deadline)


def not_yet_proven(env):
    """What to say after :func:`prove` had too little time left: text and title."""
    return env._(
        "The mailbox answers slowly, so no email was tried yet. Press “Send a test "
        "email”: once that is accepted, the mailbox is in use."
    ), env._("Signed in, but not tried yet")


def _try_new(connector):
    """As :func:`proof.attempt`, but nobody is told of an error: it never worked."""
    try:
        test_email.send(connector)
    except (SignInRequired, AdminActionRequired) as outcome:
        disconnect(connector)
        return outcome
    except Outcome as outcome:
        return outcome
    return None


def refuse_other_address(connector, email):
    """
    :raises UserError: if another address than *email* is linked.
    """
    linked = connector.state != "disconnected" and email_normalize(
        connector.email or ""
    )
    if linked and linked != email_normalize(email):
        raise UserError(
            connector.env._(
                "%(company)s is linked to %(address)s. Disconnect it before you link "
                "another address. Nothing was changed.",
                company=connector.company_id.name,
                address=connector.email,
            )
        )


# -- another address -------------------------------------------------------------------


def use_send_as(connector, address, sent_items):
    """Send as *address* from now on, if a test email from it is accepted.

    :return: whether customers will see it for sure: Google accepts any alias, and may
        put the account's own address in its place.
    :raises Outcome: it was not; nothing is changed then, because the caller's
        transaction ends here.
    """
    connector.write({"send_as": address, "sent_items": sent_items})
    verified = mailboxes.ask(connector, lambda mailbox: mailbox().alias_verified())
    if verified is False:
        raise AdminActionRequired(Reason.ALIAS_NOT_VERIFIED)
    test_email.send(connector)
    proof.note_accepted(connector)
    approving.forget_other_address(connector)
    return bool(verified) or registry.provider(connector.provider).send_as != "alias"


def use_own_address(connector):
    """Send as the mailbox itself again; in an error, that may be all it takes.

    :return: the ``Outcome`` that stands in the way, or None.
    """
    sign_in_notice.forget()  # which may name the other one
    connector.write({"send_as": False, "sent_items": False})
    return proof.attempt(connector) if connector.state == "error" else None


def use_tested(connector, address):
    """Send as *address*: a person has seen the test email come from it."""
    connector.write({"send_as": address, "sent_items": False})
    proof.note_accepted(connector)


def give_up_approval(connector):
    """Wait for no approval any more: a mailbox in service goes on without."""
    sign_in_notice.forget()
    if connector.state in IN_SERVICE:
        with incident.told(connector):
            approving.forget(connector)


# -- disconnecting ---------------------------------------------------------------------


def disconnect(connectors):
    """Unlink the mailboxes and forget their credentials. Follow-ups wait.

    :return: those whose grants should have been taken back at the provider, which could
        not be told.
    """
    untold = connectors.filtered(lambda each: not revocation.revoke(each, connectors))
    with incident.told(connectors):
        for connector in connectors:
            free(connector)
        sealed.forget(connectors)
        connectors.write({**NO_SIGN_IN, **NO_TROUBLE, "state": "disconnected"})
        approving.forget(connectors)
    reading.stop(connectors)
    sign_in_notice.forget()
    return untold
