"""Which step an item comes to next, and when.

The next step is the one after the last heard, however late: an invoice ninety days
overdue when the plan is switched on starts with the first step. Two steps are never
closer to each other than in the plan. What was sent after it fell due is asked for as
many days after it was sent: nobody pays what they have not got. After the last one the
last comes again, if the plan says so, and as often as it says.
"""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from .calendar import NEVER, ONE_DAY
from .facts import EMAIL, Customer, Item, Step
from .history import NOT_YET_HEARD, Hold, Memory
from .plan import Plan
from .reasons import Reason


class Rung(NamedTuple):
    """The next step of one item."""

    item: Item
    step: Step
    when: dt.date  #: in the past when it is due or missed
    reason: Reason  #: DUE, MISSED, or what it waits for until ``when``
    again: bool = False  #: the last step, which the item has had already


class Ladder:
    """The ladder of one customer today.

    :param plan: the customer's :class:`~.plan.Plan`.
    :param memory: what was heard (:class:`~.history.Memory`).
    :param customer: for the pause.
    :param resumed: line id → day from which a promise no longer held it.
    """

    __slots__ = ("plan", "today", "memory", "resumed", "_holds", "_todo_holds")

    def __init__(
        self,
        plan: Plan,
        memory: Memory,
        customer: Customer,
        resumed: Mapping[int, dt.date],
        today: dt.date,
    ) -> None:
        self.plan, self.memory, self.today = plan, memory, today
        self.resumed = resumed
        pause = _pause(customer)
        self._holds = pause + memory.holds
        self._todo_holds = pause + memory.todo_holds

    def next_rung(self, item: Item) -> Rung | None:
        """The :class:`Rung` that this item comes to next; None: every step is done."""
        plan, today, due = self.plan, self.today, item.due
        late = max(due, item.sent_on) if item.sent_on else due
        heard, since, _place, times = self.memory.heard.get(item.line_id, NOT_YET_HEARD)
        done = max(heard, plan.expired((today - due).days))
        for rank in range(done + 1, len(plan.steps)):
            step = plan.steps[rank]
            first = min(due if step.days < 0 else late, NEVER) + plan.delays[rank]
            if since:
                first = max(first, since + plan.delays[rank] - plan.delays[heard])
            when, reason = self.settle(step, first, item)
            if step.days < 0 and not self._is_timely(item, rank, when, reason):
                continue
            if when > today <= due:
                reason = Reason.NOT_OVERDUE
            return Rung(item, step, when, reason)
        return self._last_again(item, since) if plan.repeats(heard, times) else None

    def _last_again(self, item: Item, since: dt.date | None) -> Rung:
        """The last step once more, some days after it was heard."""
        plan, step = self.plan, self.plan.steps[-1]
        first = min(item.due, NEVER) + plan.delays[-1]
        if since:
            first = max(first, since + plan.last_every)
        when, reason = self.settle(step, first, item)
        if when > self.today <= item.due:
            reason = Reason.NOT_OVERDUE
        return Rung(item, step, when, reason, True)

    def ended(self, item: Item) -> dt.date | None:
        """When the item has had the last step, of which nothing more comes; or None."""
        heard, since, _place, times = self.memory.heard.get(item.line_id, NOT_YET_HEARD)
        over = self.plan.is_last(heard) and not self.plan.repeats(heard, times)
        return since if over else None

    def _is_timely(self, item: Item, rank: int, when: dt.date, reason: Reason) -> bool:
        """A step before the due date has a short time to go, else it is left out.

        Nothing is said to be due soon before it was invoiced.
        """
        first = item.due + self.plan.delays[rank]
        invoiced = item.booked is None or item.booked <= first
        over = self.plan.is_over(rank, (max(when, self.today) - item.due).days)
        return invoiced and not over and reason is not Reason.MISSED

    def settle(
        self, step: Step, first: dt.date, item: Item | None = None, gap: bool = True
    ) -> tuple[dt.date, Reason]:
        """When a step that is right from ``first`` on may go, and what it waits for.

        What holds it back moves it on, unless it was too late already by then: a step
        that was missed stays missed when the customer gets another email.
        """
        today, sending_day = self.today, self.plan.calendar.next
        if item and (item.resume_on or self.resumed):
            first = self._resume(first, item)
        when = sending_day(first)
        reason = Reason.NOT_A_SENDING_DAY if first <= today else Reason.NOT_YET
        holds = self._holds if gap and step.channel == EMAIL else self._todo_holds
        if holds:
            when, reason = self._hold_back(when, reason, holds, item)
        if when > today:
            return when, reason
        return self._make_up(when)

    def _make_up(self, when: dt.date) -> tuple[dt.date, Reason]:
        """On the first sending day from today on, unless that is too late."""
        possible = self.plan.calendar.next(self.today)
        if self._is_missed(when, possible):
            return when, Reason.MISSED
        if possible > self.today:
            return possible, Reason.NOT_A_SENDING_DAY
        return when, Reason.DUE

    def _hold_back(
        self,
        when: dt.date,
        reason: Reason,
        holds: tuple[Hold, ...],
        item: Item | None,
    ) -> tuple[dt.date, Reason]:
        """Move on, past every hold that it runs into."""
        line = item.line_id if item else None
        for hold in holds:
            kept = hold.keeps(when, self.today, line)
            if kept and not self._is_missed(when, hold.start):
                when, reason = self.plan.calendar.next(hold.end), hold.reason
        return when, reason

    def _resume(self, first: dt.date, item: Item) -> dt.date:
        """A dispute, a pause or a promise on the item delays what is due by then."""
        if item.resume_on:
            first = max(first, item.resume_on)
        return max(first, self.resumed.get(item.line_id, first))

    def _is_missed(self, when: dt.date, day: dt.date) -> bool:
        late = self.plan.catch_up
        return late is not None and (day - when).days > late


def _pause(customer: Customer) -> tuple[Hold, ...]:
    """The customer's pause as something that holds steps back, even afterwards.

    It began at some time that does not matter: whoever paused wants to go on later.
    """
    until = customer.paused_until
    if until is None or until >= NEVER:
        return ()
    return (Hold(dt.date.min, until + ONE_DAY, Reason.PAUSED),)
