"""Which open items may be chased at all, and why the others may not."""

import datetime as dt
from operator import attrgetter

from .answers import Standing
from .credits import NOISE, is_credit, is_owed, is_paid_out, less_paid_out
from .facts import Customer, Item
from .plan import Plan
from .promises import NO_PROMISES, Promises, weigh_promises
from .reasons import Reason

oldest_first = attrgetter("due", "line_id")


class SortedItems:
    """The open items of a customer, told apart.

    :ivar items: all of them, oldest first.
    :ivar chaseable: those owed that nobody objects to chasing, due or not.
    :ivar credits: those that we owe, less what we have paid out already: listed, and
        subtracted.
    :ivar aside: line id → standing of every item that is not chaseable.
    :ivar promises: what the customer's promises mean today.
    :ivar others_owe: what is overdue of others' shares of the customer, less credits,
        in company currency.
    """

    __slots__ = ("items", "chaseable", "credits", "aside", "promises", "others_owe")

    def __init__(self, customer: Customer, plan: Plan, today: dt.date) -> None:
        self.items: list[Item] = sorted(customer.items, key=oldest_first)
        self.chaseable: list[Item] = []
        self.credits: list[Item] = []
        self.aside: dict[int, Standing] = {}
        self.promises: Promises = NO_PROMISES
        self.others_owe = 0.0
        if customer.promises:
            self.promises = weigh_promises(
                customer.promises, self.items, plan.grace, today
            )
        paid_out: list[Item] = []
        for item in self.items:
            standing = self._objection(item, plan, today)
            if standing is None:
                self.chaseable.append(item)
                continue
            self.aside[item.line_id] = standing
            if standing.reason is Reason.CREDIT:
                self.credits.append(item)
            elif standing.reason is Reason.PAID_OUT:
                paid_out.append(item)
        if paid_out:
            left = less_paid_out(self.credits, paid_out)
            self.credits = sorted(left, key=oldest_first)

    def _objection(self, item: Item, plan: Plan, today: dt.date) -> Standing | None:
        """The standing that keeps this item from being chased, if there is one.

        ``no_followup`` is asked of what is owed only: a payment or a general entry
        that carries it (Odoo sets it by itself on those) still counts as a credit.
        """
        line = item.line_id
        if not is_owed(item):
            return Standing(line, _why_not_owed(item))
        if item.no_followup:
            return Standing(line, Reason.NO_FOLLOWUP)
        if item.disputed:
            return Standing(line, Reason.DISPUTED)
        if plan.start and item.due < plan.start:
            return Standing(line, Reason.BEFORE_START)
        if again := self.promises.held.get(line):
            day = plan.calendar.next(again)
            return Standing(line, Reason.PROMISED, None, day)
        if item.resume_on and item.resume_on > today:
            day = plan.calendar.next(item.resume_on)
            return Standing(line, Reason.PAUSED, None, day)
        return None


def _why_not_owed(item: Item) -> Reason:
    if is_credit(item):
        return Reason.CREDIT
    if is_paid_out(item):
        return Reason.PAID_OUT
    if item.payment_state == "blocked" and item.residual > NOISE:
        return Reason.BLOCKED
    return Reason.SETTLED
