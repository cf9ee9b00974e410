"""How a mailbox is: at work, waiting, broken, at work again.

What a provider says of one email may say something of the mailbox. Connectors come here
as a superuser's.
"""

from datetime import timedelta

from odoo import fields

from ...providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    SignInRequired,
    StillUnknown,
    Throttled,
    Unavailable,
)
from ...providers.reasons import Reason
from ...texts import detail_of
from ...tools.waits import RETRY_AFTER
from .. import cron
from . import approving, incident, pace

#: A server that nobody can reach for so long is no passing fault.
UNAVAILABLE_IS_ERROR_AFTER = timedelta(hours=24)
NO_TROUBLE = {
    "error_reason": False,
    "error_code": False,
    "error_detail": False,
    "error_since": False,
    "wait_until": False,
    "unavailable_since": False,
}
#: The server as a whole is out of reach, not one email deferred by it.
SERVER_IS_AWAY = {
    Reason.HOST_NOT_FOUND,
    Reason.PORT_FILTERED,
    Reason.PORT_CLOSED,
    Reason.CONNECTION_LOST,
    Reason.PROVIDER_DOWN,
    Reason.SERVER_SILENT,
    Reason.ANSWER_TOO_LONG,
}


def note_success(connector):
    """The mailbox is at work: whatever troubled it is over. Then its pace is kept."""
    if connector.unavailable_since or connector.wait_until:
        over = {"unavailable_since": False, "wait_until": False}
        same_mailbox(connector).write(over)
    seconds = pace.seconds_to_pause(connector)
    if seconds:
        wait(connector, seconds)


def note_outcome(connector, outcome):
    """Draw the consequences of an *outcome* for the mailbox itself."""
    if isinstance(outcome, (SignInRequired, AdminActionRequired)):
        break_off(connector, outcome)
    elif isinstance(outcome, StillUnknown):
        pass
    elif isinstance(outcome, (Throttled, OutcomeUnknown)):
        # While a provider is down, it leaves each email that it is given uncertain.
        wait(connector, outcome.retry_after or RETRY_AFTER)
    elif isinstance(outcome, Unavailable) and outcome.reason in SERVER_IS_AWAY:
        _note_away(connector, outcome)


def _note_away(connector, outcome):
    """Wait for a server that is out of reach; after long, that is an error."""
    now = fields.Datetime.now()
    since = connector.unavailable_since or now
    if since < now - UNAVAILABLE_IS_ERROR_AFTER:
        break_off(connector, outcome)
        return
    same_mailbox(connector).write({"unavailable_since": since})
    wait(connector, outcome.retry_after or RETRY_AFTER)


def break_off(connector, outcome):
    """Nothing leaves until somebody reconnects; what waits stays in the ledger."""
    goes_on = connector.state == "error" and connector.error_since
    with incident.told(connector):
        connector.write(
            {
                "state": "error",
                "error_reason": str(outcome.reason),
                "error_code": outcome.code,
                "error_detail": detail_of(outcome),
                "error_since": goes_on or fields.Datetime.now(),
            }
        )
        approving.note_broken(connector, outcome)


def resume(connector):
    """What broke it is over, without a new sign-in. If the provider has asked to wait,
    that is to be waited for."""
    values = {**NO_TROUBLE, "state": "connected"}
    del values["wait_until"]
    with incident.told(connector):
        connector.write(values)


def wait(connector, seconds):
    """Keep away from the provider for *seconds*, with every company's connector.

    A longer wait that was asked for before goes on.
    """
    until = fields.Datetime.now() + timedelta(seconds=seconds)
    same_mailbox(connector).filtered(
        lambda c: not c.wait_until or c.wait_until < until
    ).write({"wait_until": until})
    cron.run_followups(connector.env, until)


def same_mailbox(connector):
    """The connectors of all companies on this address: they share its limits."""
    return connector.search(
        [
            ("email", "=", connector.email),
            ("provider", "=", connector.provider),
            ("state", "=", "connected"),
        ]
    )
