"""A customer of whom several contacts hear, each about its own invoices.

Everything is told apart for the whole customer, and then dealt out: every item is in
one share. A credit that names an addressee pays that addressee's invoices first. What
is left of it, and what names nobody, pays the oldest of all; so it may be subtracted in
parts. The sum of what all shares leave is what the whole customer owes.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy

from .credits import NOISE, add, company_total, is_owed
from .facts import OPEN_STATES, Customer, Item, Past
from .items import SortedItems, oldest_first
from .plan import Plan

#: The contact that hears about an item; None: whoever hears about the customer's own.
Addressee = int | None

Parts = defaultdict[Addressee, SortedItems]


def shares(customer: Customer) -> list[Customer]:
    """One :class:`~.facts.Customer` for each addressee, the oldest debt first."""
    named = any(item.addressee for item in customer.items)
    if not named and not any(past.addressee for past in customer.history):
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
        self._parts: Parts = defaultdict()

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
        if self._asked_for != (plan, today):
            found = SortedItems(self.customer, plan, today)
            self._parts = self._deal(found, today)
            self._asked_for = plan, today
        return self._parts[addressee]

    def _deal(self, found: SortedItems, today: dt.date) -> "Parts":
        parts: Parts = defaultdict(lambda: _empty(found))
        for item in found.items:
            part, line = parts[self._home(item)], item.line_id
            part.items.append(item)
            if line in found.aside:
                part.aside[line] = found.aside[line]
        for item in found.chaseable:
            parts[self._home(item)].chaseable.append(item)
        for purse in _spend(found.chaseable, found.credits, self._home):
            for addressee, piece in purse.pieces():
                parts[addressee].credits.append(piece)
        _tell_of_others(parts, today)
        return parts


def _empty(found: SortedItems) -> SortedItems:
    """A part of what was told apart, with nothing in it yet."""
    part = copy(found)
    part.items, part.chaseable, part.credits, part.aside = [], [], [], {}
    return part


def _tell_of_others(parts: Parts, today: dt.date) -> None:
    """Tell each part what the others owe: the minimum amount is a customer's."""
    overdue = {}
    for addressee, part in parts.items():
        late = [item for item in part.chaseable if item.due < today]
        overdue[addressee] = max(company_total(late, part.credits), 0.0)
    total = add(overdue.values())
    for addressee, part in parts.items():
        part.others_owe = add((total, -overdue[addressee]))


class _Debt:
    """What is left of one item, and who hears about it."""

    __slots__ = ("addressee", "left")

    def __init__(self, addressee: Addressee, left: float) -> None:
        self.addressee, self.left = addressee, left


class _Purse:
    """A credit, and whose debts it pays."""

    __slots__ = ("credit", "left", "spent")

    def __init__(self, credit: Item) -> None:
        self.credit, self.left = credit, -credit.residual
        self.spent: dict[Addressee, float] = {}

    def pay(self, debts: deque[_Debt]) -> None:
        """Pay these debts, the first of them first; what is paid drops out."""
        while debts and self.left > NOISE:
            debt = debts[0]
            amount = min(debt.left, self.left)
            if amount > NOISE:
                debt.left = add((debt.left, -amount))
                self.give(debt.addressee, amount)
            if debt.left <= NOISE:
                debts.popleft()

    def give(self, addressee: Addressee, amount: float) -> None:
        """Let one addressee subtract so much more of it."""
        self.spent[addressee] = add((self.spent.get(addressee, 0.0), amount))
        self.left = add((self.left, -amount))

    def pieces(self) -> Iterator[tuple[Addressee, Item]]:
        """The credit as each addressee sees it; together they are the whole of it."""
        whole = rest = self.credit
        *others, last = self.spent
        for addressee in others:
            share = self.spent[addressee] / whole.residual
            company = add((-whole.residual_company * share,))
            piece = rest._replace(
                residual=-self.spent[addressee], residual_company=company
            )
            rest = rest._replace(
                residual=add((rest.residual, -piece.residual)),
                residual_company=add((rest.residual_company, -company)),
            )
            yield addressee, piece
        yield last, rest


def _spend(
    debts: Sequence[Item], credits: Sequence[Item], home: Callable[[Item], Addressee]
) -> list[_Purse]:
    """Pay the debts with the credits, both the oldest first.

    :param home: says in whose share an item is.
    """
    every: defaultdict[int, deque[_Debt]] = defaultdict(deque)
    own: defaultdict[tuple[int, Addressee], deque[_Debt]] = defaultdict(deque)
    for item in debts:
        debt = _Debt(home(item), item.residual)
        every[item.currency_id].append(debt)
        own[item.currency_id, debt.addressee].append(debt)
    purses = [_Purse(credit) for credit in credits]
    for purse in purses:
        if purse.credit.addressee is not None:
            purse.pay(own[purse.credit.currency_id, purse.credit.addressee])
    for purse in purses:
        purse.pay(every[purse.credit.currency_id])
        if purse.left > NOISE:
            purse.give(home(purse.credit), purse.left)
    return purses
