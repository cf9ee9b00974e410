"""What goes to a customer next by itself, and when, as far as it is known today.

A decision tells a day "at the earliest". By then more has fallen due, and what was set
aside may have come back: only the decision of that day says whether something goes,
with which step, and how much it asks for.
"""

import datetime as dt
from typing import NamedTuple

from .answers import Decision
from .case import Case
from .decide import decide
from .facts import OPEN_STATES
from .reasons import Reason

#: So many days are looked at: each is the earliest that the one before tells.
LOOKS = 6
#: Of whom this is said, nothing goes before the day that is told; without a day, not
#: before somebody does something.
KEPT = frozenset(
    (
        Reason.NOT_OVERDUE,
        Reason.NOT_YET,
        Reason.TOO_SOON,
        Reason.RETRY_LATER,
        Reason.HELD_BACK,
        Reason.NOT_A_SENDING_DAY,
        Reason.PAUSED,
        Reason.EXCLUDED,
        Reason.HANDED_OVER,
        Reason.NO_PLAN,
        Reason.ANSWERED,
        Reason.OUTCOME_UNKNOWN,
        Reason.FOLLOWUP_OPEN,
    )
)


class Coming(NamedTuple):
    """The next follow-up of a customer, or of the share of one addressee."""

    day: dt.date
    step_id: int | None
    channel: str | None  #: EMAIL or TODO
    decision: Decision  #: of that day: its items, and what they come to


def coming(case: Case, decision: Decision) -> Coming | None:
    """What goes next; None if nothing does by itself.

    :param decision: about *case*; that of a brief one will do.
    """
    if decision.reason is Reason.FOLLOWUP_OPEN:
        return _under_way(case, decision)
    for _look in range(LOOKS):
        if decision.reason is Reason.DUE and decision.step:
            step = decision.step
            return Coming(case.today, step.id, decision.channel, decision)
        day = _next_look(case, decision)
        if not day:
            break
        case = case.on(day)
        decision = decide(case)
    return None


def _under_way(case: Case, decision: Decision) -> Coming | None:
    """The one that is written already: it waits for its day, or for a person."""
    for past in case.customer.history:
        if past.state in OPEN_STATES:
            day = max(past.on, case.today)
            return Coming(day, past.step_id, past.channel, decision)
    return None


def _next_look(case: Case, decision: Decision) -> dt.date | None:
    """The earliest day on which it may be otherwise: the one that was told, or on which
    something comes back that is set aside."""
    back = (each.date for each in decision.standings if not each.step)
    days = [day for day in (decision.date, *back) if day and day > case.today]
    return min(days, default=None)
