"""Which open items may be chased at all, and why the others may not."""

import datetime as dt
from collections.abc import Container, Iterable

from .answers import Standing
from .calendar import NEVER
from .credits import (
    NOISE,
    beyond,
    is_credit,
    is_owed,
    is_paid_out,
    less_older,
    less_paid_out,
    oldest_first,
)
from .facts import Customer, Item
from .plan import Plan
from .promises import NO_PROMISES, Promises, weigh_promises
from .reasons import Reason

#: What is owed and not chased for these reasons is paid by credits in its turn. Money
#: is hardly for what is in dispute.
PAID_IN_TURN = frozenset(
    (Reason.NO_FOLLOWUP, Reason.BEFORE_START, Reason.PROMISED, Reason.PAUSED)
)


class SortedItems:
    """The open items of a customer, told apart.

    :ivar items: all of them, oldest first.
    :ivar chaseable: those owed that nobody objects to chasing, due or not.
    :ivar credits: those that we owe, less what we have paid out already, and what
        they pay of debts that are not chased: listed, and subtracted.
    :ivar aside: line id → standing of every item that is not chaseable.
    :ivar promises: what the customer's promises mean today.
    :ivar others_owe: what is overdue of others' shares of the customer, less credits,
        in company currency.
    :ivar others_money: what credits in others' shares have left of all that is owed.
    :ivar all_credits: those that we owe, also for what is not chased.
    :ivar unchased: what is owed, and not chased, and paid by credits in its turn.
    """

    __slots__ = (
        "items",
        "chaseable",
        "credits",
        "aside",
        "promises",
        "others_owe",
        "others_money",
        "all_credits",
        "unchased",
    )

    def __init__(self, customer: Customer, plan: Plan, today: dt.date) -> None:
        self.items: list[Item] = sorted(customer.items, key=oldest_first)
        self.chaseable: list[Item] = []
        self.credits: list[Item] = []
        self.aside: dict[int, Standing] = {}
        self.promises: Promises = NO_PROMISES
        self.others_owe = 0.0
        self.others_money: list[Item] = []
        if customer.promises:
            self.promises = weigh_promises(
                customer.promises, self.items, plan.grace, today
            )
        self.all_credits: list[Item] = []
        self.unchased: list[Item] = []
        paid_out: list[Item] = []
        for item in self.items:
            standing = self._objection(item, plan, today)
            if standing is None:
                self.chaseable.append(_let_go(item, plan) if item.came_on else item)
                continue
            self.aside[item.line_id] = standing
            if standing.reason is Reason.CREDIT:
                self.all_credits.append(item)
            elif standing.reason is Reason.PAID_OUT:
                paid_out.append(item)
            elif standing.reason in PAID_IN_TURN and not item.disputed:
                self.unchased.append(item)
        if paid_out:
            self._pay_out(paid_out)
        self.credits = self.credits_for(())

    def _pay_out(self, paid_out: list[Item]) -> None:
        """Set what was paid out against the credits; more than that is owed to us."""
        for item in beyond(self.all_credits, paid_out):
            self.aside[item.line_id] = Standing(item.line_id, Reason.MONEY_BACK)
        self.all_credits = less_paid_out(self.all_credits, paid_out)

    def credits_for(self, lines: Container[int]) -> list[Item]:
        """The credits that are left when a person asks for these items as well."""
        if not self.all_credits or not self.unchased:
            return self.all_credits
        others = [item for item in self.unchased if item.line_id not in lines]
        return less_older(self.all_credits, self.chaseable, others)

    def is_unchased(self, item: Item) -> bool:
        """Whether it is owed, and not chased, and paid by credits in its turn."""
        return item in self.unchased

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
        if plan.only_sent and not (item.sent or item.sent_otherwise):
            return Standing(line, Reason.NEVER_SENT)
        held = self.promises.held
        if held and (again := held.get(line)):
            day = plan.calendar.next(again)
            return Standing(line, Reason.PROMISED, None, day)
        if item.resume_on and item.resume_on > today:
            day = plan.calendar.next(item.resume_on)
            return Standing(line, Reason.PAUSED, None, day)
        return _probably_paid(item, plan, today) if item.came_on else None


def _probably_paid(item: Item, plan: Plan, today: dt.date) -> Standing | None:
    """Somebody is to reconcile it first; for so long as the plan says."""
    until = _waits_until(item, plan)
    if until is None or until <= today:
        return None
    line, day = item.line_id, plan.calendar.next(until)
    reason, came_on, came_by = Reason.PROBABLY_PAID, item.came_on, item.came_by
    return Standing(line, reason, None, day, came_on=came_on, came_by=came_by)


def _waits_until(item: Item, plan: Plan) -> dt.date | None:
    if item.came_on is None or not plan.bank_line_days:
        return None
    return min(item.came_on, NEVER) + dt.timedelta(days=plan.bank_line_days)


def _let_go(item: Item, plan: Plan) -> Item:
    """It has waited for a bank transaction: how late a step is counts from then on."""
    until = _waits_until(item, plan)
    if until is None:
        return item
    return item._replace(resume_on=max(until, item.resume_on or until))


def unsent(items: Iterable[Item], plan: Plan) -> list[Item]:
    """Those that Odoo never sent, and a plan that asks for that chases all the same."""
    return [item for item in items if not item.sent] if plan.only_sent else []


def _why_not_owed(item: Item) -> Reason:
    if item.online and abs(item.residual) <= NOISE:
        return Reason.UNDER_WAY
    if is_credit(item):
        return Reason.CREDIT
    if is_paid_out(item):
        return Reason.PAID_OUT
    if item.payment_state == "blocked" and item.residual > NOISE:
        return Reason.BLOCKED
    return Reason.SETTLED
