"""Which open items may be chased at all, and why the others may not."""

from operator import attrgetter

from .credits import NOISE, is_credit, is_owed
from .facts import Verdict
from .promises import NO_PROMISES, weigh_promises
from .reasons import Reason

oldest_first = attrgetter("due", "line_id")


class SortedItems:
    """The open items of a customer, told apart.

    :ivar items: all of them, oldest first.
    :ivar chaseable: those owed that nobody objects to chasing, due or not.
    :ivar credits: those that we owe: listed, and subtracted.
    :ivar aside: line id → verdict of every item that is not chaseable.
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
            if is_owed(item):
                verdict = _objection(item, plan, self.promises.held, today)
                if verdict:
                    self.aside[item.line_id] = verdict
                else:
                    self.chaseable.append(item)
            elif is_credit(item):
                self.credits.append(item)
                self.aside[item.line_id] = Verdict(item.line_id, Reason.CREDIT)
            else:
                self.aside[item.line_id] = Verdict(item.line_id, _closed(item))


def _closed(item):
    if item.payment_state == "blocked" and item.residual > NOISE:
        return Reason.BLOCKED
    return Reason.SETTLED


def _objection(item, plan, promised, today):
    """The verdict that keeps this item from being chased, if there is one.

    ``no_followup`` counts here only: a payment or a general entry that carries it
    (Odoo sets it by itself on those) still counts as a credit.
    """
    if item.no_followup:
        return Verdict(item.line_id, Reason.NO_FOLLOWUP)
    if item.disputed:
        return Verdict(item.line_id, Reason.DISPUTED)
    if plan.start and item.due < plan.start:
        return Verdict(item.line_id, Reason.BEFORE_START)
    if item.line_id in promised:
        day = plan.calendar.next(promised[item.line_id])
        return Verdict(item.line_id, Reason.PROMISED, None, day)
    if item.resume_on and item.resume_on > today:
        day = plan.calendar.next(item.resume_on)
        return Verdict(item.line_id, Reason.PAUSED, None, day)
    return None
