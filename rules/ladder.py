"""Which step an item comes to next, and when.

The next step is the one after the last heard, however late: an invoice ninety days
overdue when the plan is switched on starts with the first step. Two steps are never
closer to each other than in the plan.
"""

import datetime as dt
from typing import NamedTuple

from .calendar import NEVER, ONE_DAY
from .facts import EMAIL, Item, Step
from .history import NOT_YET_HEARD, Hold
from .reasons import Reason


class Rung(NamedTuple):
    """The next step of one item."""

    item: Item
    step: Step
    when: dt.date  #: in the past when it is due or missed
    reason: Reason  #: DUE, MISSED, or what it waits for until ``when``


class Ladder:
    """The ladder of one customer today.

    :param plan: the customer's :class:`~.plan.Plan`.
    :param memory: what was heard (:class:`~.history.Memory`).
    :param customer: for the pause.
    :param resumed: line id → day from which a promise no longer held it.
    """

    __slots__ = ("plan", "today", "memory", "resumed", "_holds", "_todo_holds")

    def __init__(self, plan, memory, customer, resumed, today):
        self.plan, self.memory, self.today = plan, memory, today
        self.resumed = resumed
        pause = _pause(customer)
        self._holds = pause + memory.holds
        self._todo_holds = pause + memory.todo_holds

    def next_rung(self, item):
        """The :class:`Rung` that this item comes to next; None: every step is done."""
        plan, today = self.plan, self.today
        heard, since, _place = self.memory.heard.get(item.line_id, NOT_YET_HEARD)
        done = max(heard, plan.expired((today - item.due).days))
        for rank in range(done + 1, len(plan.steps)):
            step = plan.steps[rank]
            first = min(item.due, NEVER) + plan.delays[rank]
            if since:
                first = max(first, since + plan.delays[rank] - plan.delays[heard])
            when, reason = self.settle(step, first, item)
            if step.days < 0 and not self._is_timely(item, rank, when, reason):
                continue
            if when > today <= item.due:
                reason = Reason.NOT_OVERDUE
            return Rung(item, step, when, reason)
        return None

    def _is_timely(self, item, rank, when, reason):
        """A step before the due date has a short time to go, else it is left out.

        Nothing is said to be due soon before it was invoiced.
        """
        first = item.due + self.plan.delays[rank]
        invoiced = item.booked is None or item.booked <= first
        over = self.plan.is_over(rank, (max(when, self.today) - item.due).days)
        return invoiced and not over and reason is not Reason.MISSED

    def settle(self, step, first, item=None, gap=True):
        """When a step that is right from ``first`` on may go, and what it waits for.

        What holds it back moves it on, unless it was too late already by then: a step
        that was missed stays missed when the customer gets another email.
        """
        today, sending_day = self.today, self.plan.calendar.next
        first = self._resume(first, item) if item else first
        when = sending_day(first)
        reason = Reason.NOT_A_SENDING_DAY if first <= today else Reason.NOT_YET
        line = item.line_id if item else None
        gap = gap and step.channel == EMAIL
        for hold in self._holds if gap else self._todo_holds:
            if hold.keeps(when, today, line) and not self._is_missed(when, hold.start):
                when, reason = sending_day(hold.end), hold.reason
        if when > today:
            return when, reason
        possible = sending_day(today)
        if self._is_missed(when, possible):
            return when, Reason.MISSED
        if possible > today:
            return possible, Reason.NOT_A_SENDING_DAY
        return when, Reason.DUE

    def _resume(self, first, item):
        """A dispute, a pause or a promise on the item delays what is due by then."""
        if item.resume_on:
            first = max(first, item.resume_on)
        if self.resumed:
            first = max(first, self.resumed.get(item.line_id, first))
        return first

    def _is_missed(self, when, day):
        late = self.plan.catch_up
        return late is not None and (day - when).days > late


def _pause(customer):
    """The customer's pause as something that holds steps back, even afterwards.

    It began at some time that does not matter: whoever paused wants to go on later.
    """
    until = customer.paused_until
    if until is None or until >= NEVER:
        return ()
    return (Hold(dt.date.min, until + ONE_DAY, Reason.PAUSED),)
