"""What goes to a customer next by itself, and when, as far as it is known today.

A decision tells a day "at the earliest". By then more has fallen due, and what was set
aside may have come back: only the decision of that day says whether something goes,
with which step, and how much it asks for.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from .answers import Decision
from .case import Case
from .decide import decide
from .facts import EMAIL, OPEN_STATES, Customer
from .reasons import Reason

#: So many days are looked at: each is the earliest that the one before tells.
LOOKS = 30
#: Until more falls due.
TOO_LITTLE = frozenset((Reason.BELOW_MINIMUM, Reason.NOTHING_LEFT))
ONE_DAY = dt.timedelta(days=1)
#: Of whom this is said, nothing else goes before the day that is told; without a day,
#: not before somebody does something.
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
        Reason.DUE,
    )
)


class Coming(NamedTuple):
    """The next follow-up of a customer, or of the share of one addressee."""

    day: dt.date
    step_id: int | None
    channel: str | None  #: EMAIL or TODO
    decision: Decision  #: of that day: its items, and what they come to

    @property
    def is_read_first(self) -> bool:
        """Whether it will be written, and waits then until a person approves it."""
        step, due = self.decision.step, self.decision.reason is Reason.DUE
        return self.channel == EMAIL and due and bool(step and step.review)


def coming(
    decision: Decision,
    customer: Customer,
    today: dt.date,
    on: Callable[[dt.date], Case],
) -> Coming | None:
    """What goes next; None if nothing does by itself.

    :param decision: about *customer* on *today*; that of a brief case will do.
    :param on: gives the case of a coming day; a brief one will do.
    """
    if under_way := _under_way(decision, customer, today):
        return under_way
    for _look in range(LOOKS):
        if decision.reason is Reason.DUE and decision.step:
            return Coming(today, decision.step.id, decision.channel, decision)
        day = _next_look(decision, customer, today)
        if not day:
            break
        today, decision = day, decide(on(day))
    return None


def _under_way(decision: Decision, customer: Customer, today: dt.date) -> Coming | None:
    """The one that is written already: it waits for its day, or for a person. By hand
    it goes whatever the rules say."""
    for past in customer.history:
        is_next = past.by_hand or decision.reason is Reason.FOLLOWUP_OPEN
        if past.state in OPEN_STATES and is_next:
            day = max(past.on, today)
            return Coming(day, past.step_id, past.channel, decision)
    return None


def _next_look(
    decision: Decision, customer: Customer, today: dt.date
) -> dt.date | None:
    """The earliest day on which it may be otherwise: the one that was told, on which
    something comes back that is set aside or, of whoever owes too little, on which more
    falls due."""
    days = [decision.date, *(each.date for each in decision.standings if not each.step)]
    if decision.reason in TOO_LITTLE:
        days += [item.due + ONE_DAY for item in customer.items]
    return min((day for day in days if day and day > today), default=None)
