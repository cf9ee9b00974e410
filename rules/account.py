"""A customer's account, as a statement shows it: all that is open, chased or not.

What is owed, what we owe and what is under way are those of the :class:`~.case.Case`:
nothing is worked out a second time. Each currency is an account of its own.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from .case import Case
from .credits import Net, add, less_paid_out, oldest_first
from .decide import NOT_OWED
from .facts import Item
from .reasons import Reason

#: The last days overdue of each age; then comes what is older than that.
AGES = (0, 30, 60, 90)

#: What went back to the customer: set against the credits, and beyond them.
BACK = frozenset((Reason.PAID_OUT, Reason.MONEY_BACK))


class Account(NamedTuple):
    """What is open in one currency."""

    currency_id: int
    items: tuple[Item, ...]  #: owed, whole, oldest first
    credits: tuple[Item, ...] = ()  #: credits and payments not allocated yet; negative
    under_way: tuple[Item, ...] = ()  #: money that is on its way; negative

    @property
    def total(self) -> float:
        """What is left; negative: it is in the customer's favour."""
        taken = (*self.items, *self.credits, *self.under_way)
        return add([item.residual for item in taken])

    def left(self) -> list[Item]:
        """The items with what is left of each: what there is pays the oldest first."""
        paid = sorted((*self.credits, *self.under_way), key=oldest_first)
        return Net(sorted(self.items, key=oldest_first), paid).left()

    def ageing(self, today: dt.date) -> tuple[float, ...]:
        """What is left by its age: not due, 1-30, 31-60, 61-90, more days overdue.

        The ages add up to the total, unless that is in the customer's favour.
        """
        ages: list[list[float]] = [[] for _ in (*AGES, None)]
        for item in self.left():
            days = (today - item.due).days
            ages[sum(days > last for last in AGES)].append(item.residual)
        return tuple(map(add, ages))


def accounts_of(case: Case) -> list[Account]:
    """The accounts of one customer, those in which something is open."""
    owed = [item for item in case.sorted.items if _is_open(case, item)]
    if case.customer.whole:  # of the credits only what pays this share
        credits = case.sorted.credits_for({item.line_id for item in owed})
        return accounts(owed, credits)
    credits, back = _said(case, Reason.CREDIT), _said(case, *BACK)
    # What went back to the customer beyond all credits is owed again.
    again = _negated(less_paid_out(_negated(back), _negated(credits)))
    return accounts((*owed, *again), less_paid_out(credits, back))


def accounts(items: Iterable[Item], credits: Iterable[Item]) -> list[Account]:
    """The same of these items and credits only, as of an email or a letter."""
    items, credits = list(items), list(credits)
    under_way = [_without_entry(item) for item in items if item.under_way > 0]
    whole = [_before_payment(item) for item in items]
    currencies = dict.fromkeys(
        item.currency_id for item in sorted((*whole, *credits), key=oldest_first)
    )
    return [
        Account(
            currency,
            *(_in_currency(kind, currency) for kind in (whole, credits, under_way)),
        )
        for currency in currencies
    ]


def _in_currency(items: Iterable[Item], currency: int) -> tuple[Item, ...]:
    found = (item for item in items if item.currency_id == currency)
    return tuple(sorted(found, key=oldest_first))


def _before_payment(item: Item) -> Item:
    """The item as the invoice shows it; what is under way has a line of its own."""
    if item.under_way <= 0:
        return item
    return item._replace(residual=add((item.residual, item.under_way)))


def _without_entry(item: Item) -> Item:
    """The money that pays the item and that no journal item shows yet."""
    return item._replace(residual=-item.under_way)


def _is_open(case: Case, item: Item) -> bool:
    """Whether it is owed, whatever keeps it from being chased."""
    standing = case.sorted.aside.get(item.line_id)
    return standing is None or standing.reason not in NOT_OWED | BACK


def _said(case: Case, *reasons: Reason) -> list[Item]:
    """The items of which one of these is said, oldest first."""
    aside = case.sorted.aside
    lines = {line for line, standing in aside.items() if standing.reason in reasons}
    return [item for item in case.sorted.items if item.line_id in lines]


def _negated(items: Iterable[Item]) -> list[Item]:
    return [
        item._replace(residual=-item.residual, residual_company=-item.residual_company)
        for item in items
    ]
