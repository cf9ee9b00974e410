"""What goes to a customer next by itself, and when, as far as it is known today.

A decision tells a day "at the earliest". By then more has fallen due, and what was set
aside may have come back: only the decision of that day says whether something goes,
with which step, and how much it asks for. What is written already is asked about as it
will be just before it leaves.
"""

import datetime as dt
from typing import NamedTuple

from .answers import Decision
from .calendar import ONE_DAY
from .case import Case
from .credits import company_total
from .decide import decide
from .facts import (
    EMAIL,
    OPEN_STATES,
    RECAP,
    TO_REVIEW,
    Customer,
    Instruction,
    Item,
    Past,
)
from .reasons import Reason
from .recheck import REVIEW, SAID_NO, SKIP, WAIT, recheck

#: So many days are looked at: each is the earliest that the one before tells.
LOOKS = 30
#: Until more falls due, or what is due is too late.
TOO_LITTLE = frozenset(
    (Reason.BELOW_MINIMUM, Reason.NOTHING_LEFT, Reason.OTHER_CURRENCY)
)
#: Who wrote one by hand a moment ago has been told of all this.
KNOWN = tuple(sorted({*SAID_NO, Reason.EMAILED_TODAY}))
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
    items: tuple[Item, ...] = ()  #: that it asks for
    credits: tuple[Item, ...] = ()
    #: Whether a person reads it first: on that day it is there to be approved.
    is_read_first: bool = False
    written: int | None = None  #: its id in the ledger, if it is written already

    @property
    def total_company(self) -> float:
        """What it asks for, in company currency."""
        return company_total(self.items, self.credits)


def coming(
    case: Case, decision: Decision, first: dt.date | None = None
) -> Coming | None:
    """What goes next; None if nothing does by itself.

    :param case: of today; a brief one will do.
    :param decision: about that case.
    :param first: the first day on which anything may leave, if that is not today: the
        hours of today are over.
    """
    first = first or case.today
    written = [past for past in case.customer.history if past.state in OPEN_STATES]
    if not written:
        return _unwritten(case, decision, first)
    found = [_written(past, case, first) for past in written]
    going = [comes for comes, _stays in found if comes]
    if going:
        return min(going, key=lambda comes: comes.day)
    if any(stays for _comes, stays in found):
        return None
    gone = {past.id for past in written}
    rest = case.with_history(p for p in case.customer.history if p.id not in gone)
    return _unwritten(rest, decide(rest), first)


def _unwritten(case: Case, decision: Decision, first: dt.date) -> Coming | None:
    """What nobody has written yet."""
    if decision.reason is Reason.DUE and first > case.today:
        case = case.on(first, brief=True)
        decision = decide(case)
    for _look in range(LOOKS):
        step = decision.step
        if decision.reason is Reason.DUE and step:
            reads = decision.channel == EMAIL and step.review
            return Coming(
                case.today,
                step.id,
                decision.channel,
                decision.items,
                decision.credits,
                reads,
            )
        day = next_look(decision, case)
        if not day:
            break
        case = case.on(day, brief=True)
        decision = decide(case)
    return None


def _written(past: Past, case: Case, first: dt.date) -> tuple[Coming | None, bool]:
    """When one goes that is in the ledger already, and whether it stays there.

    One that is read first stays until a person has read it.
    """
    if not _is_about(past, case.customer):
        return None, True
    at_any_hour = past.by_hand or past.at_once
    day = max(past.on, case.today if at_any_hour else first)
    said = Instruction(past.approved, past.at_once, known=KNOWN if past.by_hand else ())
    for _look in range(LOOKS):
        again = recheck(past, case.on(day), said)
        waits = past.state == TO_REVIEW
        if again.action == SKIP and not waits:
            return None, False
        if again.action == WAIT and not waits:
            if not again.date or again.date <= day:
                return None, True
            day = again.date
            continue
        reads = waits or again.action == REVIEW
        its = again.items, again.credits
        return Coming(day, past.step_id, again.channel, *its, reads, past.id), True
    return None, True


def _is_about(past: Past, customer: Customer) -> bool:
    """Whether it goes to this addressee; another may hear about its items by now."""
    whole = customer.whole
    return not whole or whole.addressee_of(past) == customer.addressee


def next_look(decision: Decision, case: Case) -> dt.date | None:
    """The earliest day on which it may be otherwise: the one that was told, on which
    something comes back that is set aside or, of whoever owes too little, on which more
    comes to a step, or another item's turn has come."""
    days = [decision.date, *(each.date for each in decision.standings if not each.step)]
    if decision.reason in TOO_LITTLE:
        whole = case.customer.whole
        owed = whole.customer.items if whole else case.customer.items
        delays = {ONE_DAY, *case.plan.delays}
        days += [item.due + delay for item in owed for delay in delays]
        days += _too_late(case)
    return min((day for day in days if day and day > case.today), default=None)


def _too_late(case: Case) -> list[dt.date]:
    """The days from which on what is due today is too late to go by itself."""
    catch_up, ladder = case.plan.catch_up, case.ladder
    if catch_up is None or case.plan.mode == RECAP:
        return []
    rungs = [ladder.next_rung(item) for item in case.net.items]
    late = dt.timedelta(days=catch_up + 1)
    return [rung.when + late for rung in rungs if rung and rung.reason is Reason.DUE]
