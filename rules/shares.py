"""A customer of whom several contacts hear, each about its own invoices.

Everything is told apart for the whole customer, and then dealt out: every item is in
one share. A credit that names an addressee pays that addressee's invoices first. What
is left of it, and what names nobody, pays the oldest of all, chased or not; so it may
be subtracted in parts. The sum of what all shares leave is what the customer owes.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterator, Mapping
from operator import attrgetter

from .credits import (
    NOISE,
    Net,
    add,
    company_total,
    is_owed,
    oldest_first,
    other_money,
)
from .facts import OPEN_STATES, Customer, Item, Past
from .items import SortedItems
from .plan import Plan
from .promises import Promises

#: The contact that hears about an item; None: whoever hears about the customer's own.
Addressee = int | None

#: Whom an item or a follow-up names.
named = attrgetter("addressee")

#: In whose share an item is.
Home = Callable[[Item], Addressee]

#: What each addressee subtracts, if one asks for these line ids as well.
Pay = Callable[[Container[int]], Mapping[Addressee, list[Item]]]


def shares(customer: Customer) -> list[Customer]:
    """One :class:`~.facts.Customer` for each addressee, the oldest debt first."""
    if not any(map(named, (*customer.items, *customer.history))):
        return [customer]
    whole = Whole(customer)
    return [whole.share(addressee) for addressee in whole.addressees]


class Whole:
    """What the shares of a customer have in common.

    :ivar addressees: who owes something, the oldest debt first.
    :ivar heard_by: line id of what is owed → who hears about it.
    """

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        owed = sorted(filter(is_owed, customer.items), key=oldest_first)
        self.heard_by = {item.line_id: item.addressee for item in owed}
        self.addressees: dict[Addressee, None] = dict.fromkeys(self.heard_by.values())
        if not owed:
            self.addressees = {None: None}
        self._items: defaultdict[Addressee, list[Item]] = defaultdict(list)
        for item in customer.items:
            self._items[self._home(item)].append(item)
        self._history = self._asked()
        self._asked_for: tuple[Plan, dt.date] | None = None
        self._parts: _Parts | None = None

    def _home(self, item: Item) -> Addressee:
        """In whose share it is; a credit of one who owes nothing is in another's."""
        if item.addressee in self.addressees:
            return item.addressee
        return None if None in self.addressees else next(iter(self.addressees))

    def _asked(self) -> Mapping[Addressee, list[Past]]:
        """Each share's follow-ups: sent to its addressee, or about its items."""
        found: defaultdict[Addressee, list[Past]] = defaultdict(list)
        for past in self.customer.history:
            for addressee in self._heard(past) | {past.addressee}:
                found[addressee].append(past)
        return found

    def share(self, addressee: Addressee) -> Customer:
        """The share of one addressee; empty, if nothing of the customer's is its."""
        return self.customer._replace(
            items=self._items.get(addressee, []),
            history=self._history.get(addressee, []),
            reachable=self.customer.reachable if addressee is None else True,
            addressee=addressee,
            whole=self,
        )

    def _heard(self, past: Past) -> set[Addressee]:
        """Who hears, by now, about what a follow-up asks for."""
        return {self.heard_by[n] for n in past.line_ids if n in self.heard_by}

    def addressee_of(self, past: Past) -> Addressee:
        """Who hears about all that a follow-up asks for, by now; else its addressee.

        An address may have come, or bounced, since. Of several that are on their way to
        one contact by now, the one that was meant for it goes, else the first.
        """
        heard = self._heard(past)
        if len(heard) != 1 or past.addressee in heard:
            return past.addressee
        (by_now,) = heard
        for other in self.customer.history:
            first = other.id < past.id and self._heard(other) == heard
            if other.state in OPEN_STATES and (first or other.addressee == by_now):
                return past.addressee
        return by_now

    def part(self, addressee: Addressee, plan: Plan, today: dt.date) -> SortedItems:
        """The items of one share, told apart; worked out for all shares at once."""
        if self._parts is None or self._asked_for != (plan, today):
            found = SortedItems(self.customer, plan, today)
            self._parts = _deal(found, self._home, today)
            self._asked_for = plan, today
        return self._parts[addressee]


class _Part(SortedItems):
    """The items of one share, told apart with those of the others."""

    __slots__ = ("_addressee", "_pay")

    def __init__(self, addressee: Addressee, promises: Promises, pay: Pay) -> None:
        self.items, self.chaseable, self.credits, self.aside = [], [], [], {}
        self.all_credits, self.unchased, self.others_money = [], [], []
        self.others_owe, self.promises = 0.0, promises
        self._addressee, self._pay = addressee, pay

    def credits_for(self, lines: Container[int]) -> list[Item]:
        return self._pay(lines).get(self._addressee, [])

    @property
    def money(self) -> list[Item]:
        """The credits in currencies in which nobody owes anything."""
        return Net(self.chaseable, self.credits).unused

    def overdue(self, today: dt.date) -> float:
        """What is overdue of it, less credits, in company currency."""
        late = [item for item in self.chaseable if item.due < today]
        foreign = {each.currency_id for each in other_money(self.money, late)}
        credits = [each for each in self.credits if each.currency_id not in foreign]
        return max(company_total(late, credits), 0.0)


class _Parts(dict[Addressee, _Part]):
    """The parts of one customer; of one who has nothing, an empty one."""

    def __init__(self, promises: Promises, pay: Pay) -> None:
        super().__init__()
        self._promises, self._pay = promises, pay

    def __missing__(self, addressee: Addressee) -> _Part:
        self[addressee] = _Part(addressee, self._promises, self._pay)
        return self[addressee]


def _deal(found: SortedItems, home: Home, today: dt.date) -> _Parts:
    """Deal out what was told apart for the whole customer."""

    def pay(lines: Container[int]) -> Mapping[Addressee, list[Item]]:
        return _spend(found, home, lines)

    parts = _Parts(found.promises, pay)
    for item in found.items:
        part, line = parts[home(item)], item.line_id
        part.items.append(item)
        if line in found.aside:
            part.aside[line] = found.aside[line]
    for item in found.chaseable:
        parts[home(item)].chaseable.append(item)
    for item in found.unchased:
        parts[home(item)].unchased.append(item)
    for addressee, credits in pay(()).items():
        parts[addressee].credits = credits
    _tell_of_others(parts, today)
    return parts


def _tell_of_others(parts: _Parts, today: dt.date) -> None:
    """Tell each part of the others: the minimum amount is a customer's, and money in a
    currency in which nothing is owed may be for any of them."""
    overdue = {addressee: part.overdue(today) for addressee, part in parts.items()}
    money = {addressee: part.money for addressee, part in parts.items()}
    total = add(overdue.values())
    for addressee, part in parts.items():
        part.others_owe = add((total, -overdue[addressee]))
        part.others_money = [
            each for other in money if other != addressee for each in money[other]
        ]


class _Debt:
    """What is left of one item, who hears about it, and whether anybody asks for it."""

    __slots__ = ("addressee", "left", "asked")

    def __init__(self, addressee: Addressee, left: float, asked: bool) -> None:
        self.addressee, self.left, self.asked = addressee, left, asked


class _Purse:
    """A credit, and whose debts it pays."""

    __slots__ = ("credit", "left", "spent", "gone")

    def __init__(self, credit: Item) -> None:
        self.credit, self.left = credit, -credit.residual
        self.spent: dict[Addressee, float] = {}
        self.gone = 0.0  # it pays so much of what nobody is asked for

    def pay(self, debts: deque[_Debt]) -> None:
        """Pay these debts, the first of them first; what is paid drops out."""
        while debts and self.left > NOISE:
            debt = debts[0]
            amount = min(debt.left, self.left)
            if amount > NOISE:
                debt.left = add((debt.left, -amount))
                self.give(debt.addressee, amount, debt.asked)
            if debt.left <= NOISE:
                debts.popleft()

    def give(self, addressee: Addressee, amount: float, asked: bool = True) -> None:
        """Let one addressee subtract so much more of it, if that is asked for."""
        if asked:
            self.spent[addressee] = add((self.spent.get(addressee, 0.0), amount))
        else:
            self.gone = add((self.gone, amount))
        self.left = add((self.left, -amount))

    def pieces(self) -> Iterator[tuple[Addressee, Item]]:
        """The credit as each addressee sees it; together they are all that is left."""
        if not self.spent:
            return
        rest = self._cut(self.credit, self.gone)[1] if self.gone else self.credit
        *others, last = self.spent
        for addressee in others:
            piece, rest = self._cut(rest, self.spent[addressee])
            yield addressee, piece
        yield last, rest

    def _cut(self, rest: Item, amount: float) -> tuple[Item, Item]:
        """So much of what is left of the credit, and the rest of it."""
        whole = self.credit
        company = add((-whole.residual_company * (amount / whole.residual),))
        piece = rest._replace(residual=-amount, residual_company=company)
        left = rest._replace(
            residual=add((rest.residual, amount)),
            residual_company=add((rest.residual_company, -company)),
        )
        return piece, left


def _spend(
    found: SortedItems, home: Home, lines: Container[int]
) -> defaultdict[Addressee, list[Item]]:
    """Pay the debts with the credits, both the oldest first.

    :return: what each addressee subtracts. Not what pays debts that are not chased,
        unless somebody asks for these ``lines`` all the same.
    """
    every: defaultdict[int, deque[_Debt]] = defaultdict(deque)
    own: defaultdict[tuple[int, Addressee], deque[_Debt]] = defaultdict(deque)
    alone = {item.line_id for item in found.unchased if item.line_id not in lines}
    for item in sorted((*found.chaseable, *found.unchased), key=oldest_first):
        debt = _Debt(home(item), item.residual, item.line_id not in alone)
        every[item.currency_id].append(debt)
        own[item.currency_id, debt.addressee].append(debt)
    purses = [_Purse(credit) for credit in found.all_credits]
    for purse in purses:
        if purse.credit.addressee is not None:
            purse.pay(own[purse.credit.currency_id, purse.credit.addressee])
    dealt: defaultdict[Addressee, list[Item]] = defaultdict(list)
    for purse in purses:
        purse.pay(every[purse.credit.currency_id])
        if purse.left > NOISE:
            purse.give(home(purse.credit), purse.left)
        for addressee, piece in purse.pieces():
            dealt[addressee].append(piece)
    return dealt
