"""A follow-up's life: from which state to which, and what is written down with it.

No other place writes the ``state`` of an ``account.email.followup``; the planner, which
writes thousands in one statement, takes the states from here. :data:`TRANSITIONS`, at
the end, is the whole of it.

Callers hold the follow-ups' locks, and hand them over with the right to write them.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import fields

from ...providers.reasons import Reason as ProviderReason
from ...rules import Reason
from ...tools.waits import RETRY_AFTER
from .. import cron
from . import telling

TO_REVIEW = "to_review"
PLANNED = "planned"
SENDING = "sending"
SENT = "sent"
UNKNOWN = "unknown"
FAILED = "failed"
SKIPPED = "skipped"
#: As people read them.
STATES = [
    (TO_REVIEW, "To review"),
    (PLANNED, "Planned"),
    (SENDING, "Sending"),
    (SENT, "Sent"),
    (UNKNOWN, "Perhaps sent"),
    (FAILED, "Failed"),
    (SKIPPED, "Skipped"),
]
#: What one that is planned again has of its former attempt: nothing.
AFRESH = {
    "reason": False,
    "reason_detail": False,
    "retry_at": False,
    "done_on": False,
    "mail_id": False,
    "mail_message_id": False,
    "message_id_header": False,
    "delivery_id": False,
}


class IllegalTransition(Exception):
    """A mistake of ours: no follow-up goes from there to where it was to go."""


class Transition(NamedTuple):
    """From which states to which, and when."""

    sources: set
    target: str
    why: str


def _move(transition, followups, **values):
    """Take *followups* where *transition* leads, with the *values* that belong to it.

    :param transition: a key of :data:`TRANSITIONS`.
    """
    _check(transition, followups)
    doubtful = followups.filtered(lambda each: each.state == UNKNOWN)
    telling.settled(doubtful, TRANSITIONS[transition].target == SENT)
    if values.get("reason"):  # of the rules, a provider or the ledger: all tell theirs
        values["reason"] = str(values["reason"])
    followups.write({"state": TRANSITIONS[transition].target, **values})


def _check(transition, followups):
    if not allows(transition, followups):
        states = ", ".join(followups.mapped("state"))
        raise IllegalTransition(f"{transition.__name__}: {followups} is {states}.")


def allows(transition, followups):
    """Whether all of *followups* are in a state in which that may happen to them."""
    return TRANSITIONS[transition].sources.issuperset(followups.mapped("state"))


# -- before it goes --------------------------------------------------------------------


def first_state(review=False):
    """The state in which one is written down: a person may have to read it first."""
    return TO_REVIEW if review else PLANNED


def ask_review(followup, reason, detail=False):
    """Let a person look at it again, who is not asked twice for the same reason.

    :param detail: of the reason, as of the others below: the day that it is about, or a
        provider's words.
    """
    known = ",".join(filter(None, [followup.known, str(reason)]))
    decided = {"approved": False, "at_once": False}
    why = {"reason": reason, "reason_detail": detail, "known": known}
    _move(ask_review, followup, **why, **decided)


def wait(followup, reason, retry_at=None, detail=False):
    """Leave it planned, and ask again then; soon, if no time is given."""
    retry_at = retry_at or fields.Datetime.now() + timedelta(seconds=RETRY_AFTER)
    why = {"reason": reason, "reason_detail": detail}
    _move(wait, followup, retry_at=retry_at, **why)


def skip(followups, reason, skipped=False, detail=False):
    """There is nothing to ask for any more; or a person wants it so.

    :param skipped: what a person meant by it: "once" or "step".
    """
    meant = {"skip": skipped} if skipped else {}
    _skip(skip, followups, reason, reason_detail=detail, **meant)


def give_way(followups, reason):
    """Another one goes instead."""
    _skip(give_way, followups, reason)


def _skip(transition, followups, reason, **values):
    for followup in followups:  # its plan says which day it is
        why = {"reason": reason, "reason_detail": False, **values}
        _move(transition, followup, done_on=followup._today(), **why)


# -- a person wants it to go -----------------------------------------------------------


def approve(followups):
    """It goes as soon as its plan's days and hours allow."""
    _wanted(approve, followups, approved=True, reason=False)


def send_now(followups):
    """It waits neither for its plan's days nor for its hours."""
    _wanted(send_now, followups, **AFRESH, at_once=True)


def retry(followups):
    """A failed one is tried again; it is re-checked before it goes."""
    _wanted(retry, followups, **AFRESH, at_once=True)


def send_after_all(followups):
    """A person takes the risk that the customer gets it twice."""
    _wanted(send_after_all, followups, **AFRESH, at_once=True)


def _wanted(transition, followups, **values):
    """It goes when the action looks, which it does soon."""
    _move(transition, followups, decided_on=fields.Date.today(), **values)
    cron.run_followups(followups.env)


# -- it goes, and what becomes of it ---------------------------------------------------


def begin(followup):
    """Its email is written, and about to be handed over."""
    _move(begin, followup, attempts=followup.attempts + 1)


def take_back(followup, reason=False, retry_at=False):
    """It has provably not left: drop its email, and plan it again."""
    message = followup.mail_message_id
    why = {"reason": reason, "retry_at": retry_at}
    _move(take_back, followup, **(AFRESH | why))
    message.unlink()


def sent(followups, deliveries):
    """The mailbox accepted them.

    :param deliveries: {follow-up: the journal's row of its email}.
    """
    for followup in followups:
        _accepted(sent, followup, deliveries[followup], followup._today())
    telling.sent(followups)


def found_sent(followups):
    """A person says so: it left when it was tried. Its copy is filed soon."""
    _check(found_sent, followups)
    for followup in followups:
        followup.delivery_id._found_by_person()
        _accepted(found_sent, followup, followup.delivery_id, followup.done_on)
    telling.sent(followups)
    cron.run_followups(followups.env)


def _accepted(transition, followup, delivery, on):
    _move(
        transition,
        followup,
        reason=False,
        reason_detail=False,
        retry_at=False,
        sent_at=delivery.accepted_at or fields.Datetime.now(),
        done_on=on or followup._today(),
        delivery_id=delivery.id,
    )


def unknown(followup, delivery):
    """Nobody knows whether it left: a person has to look. It is never sent again."""
    _move(
        unknown,
        followup,
        reason=ProviderReason.MAYBE_SENT,
        reason_detail=delivery.detail,
        done_on=followup._today(),
        delivery_id=delivery.id,
    )
    telling.unknown(followup)


def fail(followup, reason, detail=""):
    """This one will not leave as it is; the step is not counted as taken."""
    why = {"reason": reason, "reason_detail": detail}
    # A person's retry begins anew.
    _move(fail, followup, done_on=followup._today(), attempts=0, **why)
    telling.failed(followup)


def open_again(followup, reason, detail=""):
    """It came back to all whom it was written to, for what is wrong with the mailbox:
    as if it had not been sent. What came back stays in its chatter; it gets a new email
    and is looked at again before that leaves."""
    why = {"reason": reason, "reason_detail": detail}
    again = {"sent_at": False, "attempts": 0, "at_once": False}
    _move(open_again, followup, **(AFRESH | why | again))


def hand_over(followup):
    """It is a to-do: somebody calls, or writes a letter. The step counts as taken."""
    now = {"sent_at": fields.Datetime.now(), "done_on": followup._today()}
    _move(hand_over, followup, **now)
    telling.handed_over(followup)


def unreachable(followup):
    """There is nobody to write to; the step is not counted as taken."""
    why = {"reason": Reason.NO_ADDRESS}
    _move(unreachable, followup, done_on=followup._today(), **why)
    telling.unreachable(followup)


#: What happens to a follow-up; nothing else does. It begins in :func:`first_state`.
TRANSITIONS = {
    approve: Transition({TO_REVIEW}, PLANNED, "a person has read it"),
    send_now: Transition({TO_REVIEW, PLANNED}, PLANNED, "a person wants it now"),
    wait: Transition({PLANNED}, PLANNED, "its day has not come, or trouble passes"),
    ask_review: Transition({PLANNED}, TO_REVIEW, "something has changed since"),
    skip: Transition({TO_REVIEW, PLANNED, FAILED}, SKIPPED, "it is not to go"),
    give_way: Transition({TO_REVIEW, PLANNED}, SKIPPED, "another one goes instead"),
    begin: Transition({PLANNED}, SENDING, "it is due, and looked at once more"),
    hand_over: Transition({PLANNED}, SENT, "its step is a to-do, a person has it"),
    unreachable: Transition({PLANNED}, FAILED, "the customer has no address"),
    take_back: Transition({SENDING}, PLANNED, "it has not left, and is tried again"),
    sent: Transition({SENDING}, SENT, "the mailbox accepted it"),
    unknown: Transition({SENDING}, UNKNOWN, "the attempt was cut off"),
    fail: Transition({PLANNED, SENDING}, FAILED, "it cannot be made, or was refused"),
    open_again: Transition({SENT}, PLANNED, "it came back, and not for the customer"),
    found_sent: Transition({UNKNOWN}, SENT, "a person says that it was sent"),
    send_after_all: Transition({UNKNOWN}, PLANNED, "a person takes the risk"),
    retry: Transition({FAILED}, PLANNED, "a person has mended what was wrong"),
}
