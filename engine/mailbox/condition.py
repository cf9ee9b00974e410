"""How a mailbox is: at work, waiting, broken, at work again.

What a provider says of one email may say something of the mailbox. Connectors come here
as a superuser's.
"""

from datetime import timedelta

from odoo import fields

from ...providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    StillUnknown,
    Throttled,
    Unavailable,
)
from ...providers.reasons import Reason
from ...texts import detail_of
from ...tools.waits import RETRY_AFTER
from .. import cron
from . import approving, counts, incident, pace, status

#: A server that nobody can reach for so long is no passing fault.
UNAVAILABLE_IS_ERROR_AFTER = timedelta(hours=24)
#: No limit lasts longer than a day: what has let nothing through for so long is none.
LIMITED_IS_ERROR_AFTER = timedelta(days=3)
#: Who was not waiting for so long, begins anew: nobody has looked meanwhile.
BEGINS_ANEW_AFTER = timedelta(days=1)
#: Who looks after such a pause, and finds the server away again, looks for so long.
ONCE_MORE = timedelta(hours=1)
#: So many customers one after the other: then it is hardly they. A server that is ill,
#: or has a limit that it does not name, puts off whatever comes.
PUT_OFF_IN_A_ROW = 5
#: What it calls permanent, without a word about the customer, is sooner about us.
REFUSED_IN_A_ROW = 3
NO_WAIT = {
    "wait_until": False,
    "wait_reason": False,
    "unavailable_since": False,
    "limited_since": False,
}
NO_TROUBLE = {
    "error_reason": False,
    "error_code": False,
    "error_detail": False,
    "error_since": False,
    **NO_WAIT,
}
#: The server as a whole is out of reach, or takes nothing, not one email. A proxy that
#: looks into what is said to Microsoft and Google has a certificate of its own.
SERVER_IS_AWAY = {
    Reason.CERTIFICATE_NOT_TRUSTED,
    Reason.CERTIFICATE_WRONG_HOST,
    Reason.CERTIFICATE_EXPIRED,
    Reason.HOST_NOT_FOUND,
    Reason.DNS_SILENT,
    Reason.PORT_FILTERED,
    Reason.PORT_CLOSED,
    Reason.CONNECTION_LOST,
    Reason.PROVIDER_DOWN,
    Reason.SERVER_SILENT,
    Reason.ANSWER_TOO_LONG,
    Reason.ALL_PUT_OFF,
}


def note_success(connector):
    """The mailbox is at work: whatever troubled it is over. Then its pace is kept."""
    if connector.unavailable_since or connector.wait_until:
        mailbox = same_mailbox(connector)
        mailbox.write({"unavailable_since": False, "limited_since": False})
        at_work_again(mailbox.filtered(_waits_no_more))
    seconds = pace.seconds_to_pause(connector)
    if seconds:
        wait(connector, seconds)


def at_work_again(connectors, over=NO_WAIT):
    """What troubled these is over: nothing waits for it any more, nor is it said to be
    why they wait.

    :param over: what is written of it.
    """
    for connector in connectors:
        free(connector)
        connector.write({**over, "said": status.past(connector)})


def free(connector):
    """Let follow-ups go that were put off for what troubled their mailbox. Those that
    somebody else holds are tried when their time comes."""
    reasons = {connector.wait_reason, connector.error_reason} - {False}
    followups = connector.env["account.email.followup"].search(
        [
            ("connector_id", "=", connector.id),
            ("state", "=", "planned"),
            ("reason", "in", list(reasons)),
        ]
    )
    free = {"retry_at": False, "reason": False}
    followups.try_lock_for_update().write(free)


def _waits_no_more(connector):
    """Whether an email that was accepted ends its wait. Who lets us send no more for
    now may take it all the same, and send it back: Graph answers 202 to everything."""
    over = not connector.wait_until or connector.wait_until <= fields.Datetime.now()
    ended = SERVER_IS_AWAY | {Reason.TOO_FAST, Reason.PACED, Reason.MAYBE_SENT}
    return over or connector.wait_reason in ended


def note_signed_in(connector):
    """It can be signed in: that proves nothing of a server which takes no email, or no
    more of them."""
    if connector.wait_reason != Reason.ALL_PUT_OFF and not connector.limited_since:
        note_success(connector)


def note_outcome(connector, outcome):
    """Draw the consequences of an *outcome* for the mailbox itself."""
    if isinstance(outcome, (Rejected, StillUnknown)):
        return  # of one email
    why = _why(connector, outcome)
    connector.said = status.heard(connector, outcome, why)
    if isinstance(outcome, (SignInRequired, AdminActionRequired)):
        break_off(connector, outcome, why)
    elif isinstance(outcome, Throttled):
        _note_limited(connector, outcome, why)
    elif isinstance(outcome, OutcomeUnknown):
        wait(connector, outcome.retry_after or RETRY_AFTER, why)
    elif isinstance(outcome, Unavailable) and why in SERVER_IS_AWAY:
        _note_away(connector, outcome, why)


def _why(connector, outcome):
    """The reason of an *outcome* for the mailbox as a whole."""
    if isinstance(outcome, OutcomeUnknown):
        # While a provider is down, it leaves each email that it is given uncertain.
        return Reason.MAYBE_SENT
    if outcome.reason == Reason.DEFERRED and _puts_off_all(connector):
        return Reason.ALL_PUT_OFF
    return outcome.reason


def _puts_off_all(connector):
    """Whether the server takes nothing at all: one that did goes on until it takes
    something."""
    if connector.wait_reason == Reason.ALL_PUT_OFF:
        return True
    put_off, refused, domains = counts.put_off(connector)
    # Three of one domain may have a server that is ill.
    refuses_all = refused >= REFUSED_IN_A_ROW and domains > 1
    return put_off >= PUT_OFF_IN_A_ROW or refuses_all


def _note_away(connector, outcome, why):
    """Wait for a server that is out of reach, or takes nothing; after long, that is an
    error. Of two moments of it with a weekend between them, the second has to last for
    a while: there may be plans that send on one day a week."""
    now = fields.Datetime.now()
    since = connector.unavailable_since or now
    if not _still_waits(connector, now):
        since = max(since, now - UNAVAILABLE_IS_ERROR_AFTER + ONCE_MORE)
    if since < now - UNAVAILABLE_IS_ERROR_AFTER:
        break_off(connector, outcome, why)
        return
    same_mailbox(connector).write({"unavailable_since": since})
    wait(connector, outcome.retry_after or RETRY_AFTER, why)


def _note_limited(connector, outcome, why):
    """Wait as long as the provider asks for; if not one email has got through for days,
    that is no limit, whatever it says."""
    now = fields.Datetime.now()
    since = (_still_waits(connector, now) and connector.limited_since) or now
    if since < now - LIMITED_IS_ERROR_AFTER:
        break_off(connector, outcome, Reason.ALL_PUT_OFF)
        return
    mailbox = same_mailbox(connector)
    mailbox.write({"limited_since": since, "unavailable_since": False})
    wait(connector, outcome.retry_after or RETRY_AFTER, why)


def _still_waits(connector, now):
    """Whether it has waited until *now*, or nearly: else something may have got through
    if anybody had tried."""
    until = connector.wait_until
    return until and until > now - BEGINS_ANEW_AFTER


def break_off(connector, outcome, why=None):
    """Nothing leaves until somebody reconnects; what waits stays in the ledger.

    :param why: the reason, if it is another one than that of the *outcome*.
    """
    goes_on = connector.state == "error" and connector.error_since
    reason = str(why or outcome.reason)
    # What it has waited for so far, it does not wait for once somebody has mended it.
    over = NO_WAIT if connector.wait_reason == reason else {}
    with incident.told(connector):
        connector.write(
            {
                **over,
                "state": "error",
                "error_reason": reason,
                "error_code": outcome.code,
                "error_detail": detail_of(outcome),
                "error_since": goes_on or fields.Datetime.now(),
            }
        )
        approving.note_broken(connector, outcome)


def resume(connector):
    """What broke it is over, without a new sign-in, and what waits may go. If the
    provider has asked to wait, that is to be waited for."""
    values = {**NO_TROUBLE, "state": "connected"}
    del values["wait_until"], values["wait_reason"]
    with incident.told(connector):
        at_work_again(connector, values)
    cron.run_emails(connector.env)


def wait(connector, seconds, why=Reason.PACED):
    """Keep away from the provider for *seconds*, with every company's connector.

    A longer wait that was asked for before goes on.
    """
    until = fields.Datetime.now() + timedelta(seconds=seconds)
    waiting = same_mailbox(connector).filtered(
        lambda c: not c.wait_until or c.wait_until < until
    )
    waiting.write({"wait_until": until, "wait_reason": str(why)})
    for other in waiting - connector:
        other.said = status.told_too(connector, other)
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
