"""Money that no journal item shows yet, set against what is open.

An online payment that is pending or authorized and a payment without a journal entry
count with their amount: less what is owed, and what is left of a payment is a credit,
as if it had an entry. A bank transaction that nobody has matched counts for nothing:
what it probably pays waits for a person.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .credits import NOISE, add
from .facts import Item

#: The kinds of money, in the order in which they count.
PAYMENT, ONLINE, BANK = "payment", "online", "unmatched"
KINDS = (PAYMENT, ONLINE, BANK)

#: What Odoo says of an invoice for a payment without an entry, of whatever amount.
BY_PAYMENT = frozenset(("paid", "in_payment"))

#: A customer of a unit: the ids of both, say.
Key = tuple[int, int]


class Money(NamedTuple):
    """Money on its way, or on a bank account, that no receivable item shows."""

    kind: str  #: PAYMENT, ONLINE or BANK
    #: Of a payment or transaction; of bank money its journal item on the suspense
    #: account.
    id: int
    amount: float  #: in its own currency; negative: we pay it to the customer
    amount_company: float | None  #: the same in the company's; None: not known
    currency_id: int
    on: dt.date
    move_ids: tuple[int, ...] = ()  #: the invoices that it is for, or names
    #: What bank entries have paid of these since it was made: the same money, perhaps.
    entries: tuple[float, ...] = ()
    final: bool = False  #: a payment that is said to have come
    exact: bool = False  #: bank money that nothing but its amount connects with an item
    entered: tuple[dt.date, ...] = ()  #: the day of each of :attr:`entries`

    @property
    def spare(self) -> float:
        """What of it can be a credit: less what bank entries have paid since."""
        left = max(abs(self.amount) - add(self.entries), 0.0)
        return math.copysign(left, self.amount)

    def in_company(self, amount: float) -> float:
        """A part of it, in the company's currency."""
        return amount * (self.amount_company or 0.0) / self.amount


class _Place(NamedTuple):
    """Where an item is found."""

    due: dt.date
    line_id: int
    key: Key
    rank: int


def count(items: dict[Key, list[Item]], found: Iterable[tuple[Key, Money]]) -> None:
    """Set money against open items: those it is for, the oldest first.

    :param items: of all customers. Items are replaced and credits added in place.
    :param found: all money, with whose it is.
    """
    money = sorted(found, key=lambda each: (KINDS.index(each[1].kind), each[1].id))
    booked: Counter[object] = Counter()
    places = _places(items, {id_ for _key, each in money for id_ in each.move_ids})
    for key, each in money:
        named = sorted(place for id_ in each.move_ids for place in places[id_])
        if each.kind == BANK:
            _let_wait(items, named or _carried(items, key, each), each)
            continue
        amount = 0.0 if _is_booked(key, each, booked) else each.amount
        left = _pay(items, named, each, amount)
        if each.kind == PAYMENT and key in items:
            items[key] += _on_account(each, left)


def _places(
    items: dict[Key, list[Item]], moves: set[int]
) -> defaultdict[int, list[_Place]]:
    """Invoice → its open items, of those that some money is for."""
    places: defaultdict[int, list[_Place]] = defaultdict(list)
    if not moves:
        return places
    for key, mine in items.items():
        for rank, item in enumerate(mine):
            if item.move_id in moves:
                place = _Place(item.due, item.line_id, key, rank)
                places[item.move_id].append(place)
    return places


def _is_booked(key: Key, money: Money, booked: Counter[object]) -> bool:
    """Whether the bank's entry of this payment is in the books: one of its amount.

    Odoo says by itself that a payment of one invoice has come, by the same sign. Of two
    payments that are alike each has an entry of its own.

    :param booked: how many of those that are alike have been found; counted here.
    """
    if money.kind != PAYMENT or not (money.final or len(money.move_ids) > 1):
        return False
    alike = key, money.move_ids, money.currency_id, money.amount
    cents = round(abs(money.amount), 2)
    found = sum(round(amount, 2) == cents for amount in money.entries)
    booked[alike] += 1
    return found >= booked[alike]


def _pay(
    items: dict[Key, list[Item]], places: Sequence[_Place], money: Money, left: float
) -> float:
    """Let the money that is left pay these items; return what is left then."""
    for _due, _line, key, rank in places:
        item = items[key][rank]
        if money.kind == PAYMENT and item.payment_state in BY_PAYMENT:
            item = item._replace(payment_state="partial")  # we know why
        if left * item.residual > NOISE * NOISE:
            item, left = _less(item, left, money)
        items[key][rank] = item
    return left


def _less(item: Item, left: float, money: Money) -> tuple[Item, float]:
    """The item less the money that is left, and what is left of the money then."""
    paid, used = _share(item, left, money)
    company = item.residual_company * paid / item.residual
    item = item._replace(
        residual=add((item.residual, -paid)),
        residual_company=add((item.residual_company, -company)),
        under_way=add((item.under_way, paid)),
        online=item.online or money.kind == ONLINE,
    )
    return item, add((left, -used))


def _share(item: Item, left: float, money: Money) -> tuple[float, float]:
    """What money pays of an item: in the item's currency, and in its own."""
    if item.currency_id == money.currency_id:
        paid = min(item.residual, left, key=abs)
        return paid, paid
    worth = money.in_company(left)
    if not money.amount_company or abs(worth) >= abs(item.residual_company) - NOISE:
        # Without a rate one cannot say: it is for this item, and pays it.
        used = left * item.residual_company / worth if worth else left
        return item.residual, used
    return item.residual * worth / item.residual_company, left


def _on_account(money: Money, left: float) -> Iterator[Item]:
    """What is left of a payment as an item: it has no journal item to name it."""
    left = min(left, money.spare, key=abs)
    if abs(left) >= 0.0005:  # less is no unit of any currency
        company = money.in_company(left)
        yield Item(
            line_id=-money.id,
            move_id=0,
            due=money.on,
            residual=-left,
            residual_company=-company,
            currency_id=money.currency_id,
            booked=money.on,
            is_payment=True,
        )


def _carried(items: dict[Key, list[Item]], key: Key, money: Money) -> list[_Place]:
    """What bank money of a customer may be for: what is exactly of its amount, then
    what is oldest; in other currencies only if nothing is owed in its own."""
    owed = [
        (rank, item)
        for rank, item in enumerate(items.get(key, ()))
        if item.residual > NOISE
    ]
    same = [each for each in owed if each[1].currency_id == money.currency_id]
    exact = [
        (rank, item) for rank, item in same if abs(item.residual - money.amount) < NOISE
    ]
    found = [
        sorted(_Place(item.due, item.line_id, key, rank) for rank, item in group)
        for group in ((exact,) if money.exact else (exact, same or owed))
    ]
    return [place for group in found for place in group]


def _let_wait(
    items: dict[Key, list[Item]], places: Iterable[_Place], money: Money
) -> None:
    """Note on as many items as bank money may pay that it has perhaps come.

    What other bank money pays already is left to that. An item that a person wants
    chased all the same takes its part, or another would wait in its place.
    """
    left = money.amount
    for _due, _line, key, rank in places:
        item = items[key][rank]
        if left <= NOISE:
            return
        if item.residual <= NOISE or item.is_payment or item.came_by:
            continue
        left = add((left, -_worth(item, money)))
        if money.id not in (item.despite or ()):
            items[key][rank] = item._replace(came_on=money.on, came_by=money.id)


def _worth(item: Item, money: Money) -> float:
    """What is open of an item, in the currency of this money; unknown: all of it."""
    if item.currency_id == money.currency_id:
        return item.residual
    if not money.amount_company:
        return money.amount
    return money.amount * item.residual_company / money.amount_company
