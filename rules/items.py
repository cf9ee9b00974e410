"""Which open items may be chased at all, and why the others may not."""

from operator import attrgetter

from .credits import NOISE, is_credit, is_owed, is_paid_out, less_paid_out
from .facts import Standing
from .promises import NO_PROMISES, weigh_promises
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
    """

    __slots__ = ("items", "chaseable", "credits", "aside", "promises")

    def __init__(self, customer, plan, today):
        self.items = sorted(customer.items, key=oldest_first)
        self.chaseable, self.credits, self.aside = [], [], {}
        self.promises = NO_PROMISES
        if customer.promises:
            self.promises = weigh_promises(
                customer.promises, self.items, plan.grace, today
            )
        for item in self.items:
            standing = self._objection(item, plan, today)
            if standing is None:
                self.chaseable.append(item)
                continue
            self.aside[item.line_id] = standing
            if standing.reason is Reason.CREDIT:
                self.credits.append(item)
        paid_out = list(filter(is_paid_out, self.items))
        if paid_out:
            left = less_paid_out(self.credits, paid_out)
            self.credits = sorted(left, key=oldest_first)

    def _objection(self, item, plan, today):
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
        if line in self.promises.held:
            day = plan.calendar.next(self.promises.held[line])
            return Standing(line, Reason.PROMISED, None, day)
        if item.resume_on and item.resume_on > today:
            day = plan.calendar.next(item.resume_on)
            return Standing(line, Reason.PAUSED, None, day)
        return None


def _why_not_owed(item):
    if is_credit(item):
        return Reason.CREDIT
    if is_paid_out(item):
        return Reason.PAID_OUT
    if item.payment_state == "blocked" and item.residual > NOISE:
        return Reason.BLOCKED
    return Reason.SETTLED
