"""What is owed, what we owe, and what is left when one is set against the other.

Each currency is settled on its own: a credit in euro does not pay an invoice in
dollars, and is shown in euro. Only the minimum amount looks at all of it together,
in company currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import fsum
from operator import attrgetter

from .facts import Item

#: Every other state is settled, also if a residual is open. Payments without a journal
#: entry are known, and say how much of it is paid (:mod:`.underway`).
PAYABLE = frozenset(("not_paid", "partial"))

#: A credit note in one of these has been paid out, or used, already.
SPENT = frozenset(("paid", "in_payment", "reversed"))

oldest_first = attrgetter("due", "line_id")

#: Residuals are rounded to their currency; less than this is the noise of floats.
NOISE = 1e-6


def is_owed(item: Item) -> bool:
    """The customer owes this item: its residual and its state both say so."""
    owed = item.residual > NOISE and item.payment_state in PAYABLE
    return owed and not item.is_payment


def is_paid_out(item: Item) -> bool:
    """We have paid it to the customer: a refund that is not allocated yet."""
    return item.residual > NOISE and item.is_payment


def is_credit(item: Item) -> bool:
    """We owe this item: a credit note or a payment that is not allocated yet."""
    return item.residual < -NOISE and item.payment_state not in SPENT


def add(amounts: Iterable[float]) -> float:
    """The exact sum, whatever the order, without the noise of floats."""
    return round(fsum(amounts), 6) + 0.0


def totals_of(items: Iterable[Item], credits: Iterable[Item]) -> dict[int, float]:
    """What is left of these items and credits: currency id → amount."""
    amounts: defaultdict[int, list[float]] = defaultdict(list)
    for item in (*items, *credits):
        amounts[item.currency_id].append(item.residual)
    return {currency: add(found) for currency, found in amounts.items()}


def company_total(items: Iterable[Item], credits: Iterable[Item]) -> float:
    """The same in company currency, as one amount."""
    return add([item.residual_company for item in (*items, *credits)])


def less_paid_out(credits: Sequence[Item], paid_out: Sequence[Item]) -> list[Item]:
    """The credits that are left after what was paid out, the oldest first.

    Whatever was paid out beyond them is nothing that an email could ask back.

    :param paid_out: items as of :func:`is_paid_out`.
    """
    return _less(credits, totals_of(paid_out, ()))


def beyond(credits: Sequence[Item], paid_out: Sequence[Item]) -> list[Item]:
    """Those of the items that were paid out for which there is no credit.

    A direct debit or check that came back, say, while its invoice stays paid.

    :param paid_out: the same, oldest first.
    """
    pool = {currency: -left for currency, left in totals_of((), credits).items()}
    found = []
    for item in paid_out:
        left = add((pool.get(item.currency_id, 0.0), -item.residual))
        pool[item.currency_id] = left
        if left < -NOISE:
            found.append(item)
    return found


def _less(credits: Sequence[Item], spent: dict[int, float]) -> list[Item]:
    """The credits without what is spent of each currency, the oldest first."""
    left = [credit for credit in credits if credit.currency_id not in spent]
    for currency, amount in spent.items():
        left += _after(amount, credits, currency)
    return sorted(left, key=oldest_first)


def less_older(
    credits: Sequence[Item], chased: Sequence[Item], others: Sequence[Item]
) -> list[Item]:
    """The credits less what they pay of debts that are not chased.

    Money is for the oldest debt, whether anybody is reminded of it or not.

    :param chased: the chaseable items.
    :param others: what is owed as well, and not chased.
    """
    pool = {currency: -left for currency, left in totals_of((), credits).items()}
    spent: dict[int, float] = {}
    alone = {item.line_id for item in others}
    for item in sorted((*chased, *others), key=oldest_first):
        currency = item.currency_id
        part = min(item.residual, pool.get(currency, 0.0))
        if part <= NOISE:
            continue
        pool[currency] = add((pool[currency], -part))
        if item.line_id in alone:
            spent[currency] = add((spent.get(currency, 0.0), part))
    return _less(credits, spent)


def other_money(unused: list[Item], items: Iterable[Item]) -> list[Item]:
    """The unused credits in other currencies than these items."""
    if not unused:
        return []
    owed = {item.currency_id for item in items}
    return [each for each in unused if each.currency_id not in owed]


class Net:
    """A customer's items after the credits have paid the oldest of them.

    Nobody has allocated these credits yet, so it is a manner of speaking: they are
    taken to pay the oldest items first, as an accountant would allocate them. What
    they pay in full is not a reason to chase anybody.

    :param items: the chaseable items, oldest first.
    :param credits: the credits, oldest first.
    :ivar covered: line ids of the items that credits pay in full.
    """

    __slots__ = ("items", "credits", "covered", "_used", "_paid")

    def __init__(self, items: list[Item], credits: Sequence[Item]) -> None:
        self.items, self.credits = items, credits
        self.covered: frozenset[int] = frozenset()
        #: currency id → the item that credits pay in part, and what older ones used
        self._used: dict[int, tuple[int, float]] = {}
        #: line id → what the credits pay of that item
        self._paid: dict[int, float] = {}
        if credits:
            self._cover()

    def _cover(self) -> None:
        covered = set()
        pool = {
            currency: -owed for currency, owed in totals_of((), self.credits).items()
        }
        used = dict.fromkeys(pool, 0.0)
        for item in self.items:
            currency = item.currency_id
            if used.get(currency) is None:
                continue
            needed = add((used[currency], item.residual))
            if needed <= pool[currency]:
                covered.add(item.line_id)
                used[currency] = needed
            else:
                self._paid[item.line_id] = add((pool[currency], -used[currency]))
                self._used[currency] = (item.line_id, used.pop(currency))
        self.covered = frozenset(covered)

    @property
    def unused(self) -> list[Item]:
        """The credits of the currencies in which they pay everything, and more."""
        if not self.credits:
            return []
        owed = totals_of(self.items, self.credits)
        return [credit for credit in self.credits if owed[credit.currency_id] < -NOISE]

    def covers(self, items: Iterable[Item]) -> bool:
        """Whether credits pay all of these in full."""
        covered = self.covered
        return all(item.line_id in covered for item in items)

    def left(self) -> list[Item]:
        """The items that are not covered, with what the credits leave of each."""
        return [
            item._replace(
                residual=add((item.residual, -self._paid.get(item.line_id, 0.0)))
            )
            for item in self.items
            if item.line_id not in self.covered
        ]

    def owing(self, items: list[Item]) -> list[Item]:
        """Those of the items in whose currency something is left to ask for."""
        if not self.covered:
            return items
        open_currencies = {
            item.currency_id for item in items if item.line_id not in self.covered
        }
        return [item for item in items if item.currency_id in open_currencies]

    def all_credits(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """The credits in the currencies of these items, whole."""
        if not self.credits:
            return ()
        currencies = {item.currency_id for item in items}
        return tuple(c for c in self.credits if c.currency_id in currencies)

    def credits_left(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """What older items have left of the credits, for an email that lists only some.

        At most one item of a currency is paid in part: the follow-up that asks for
        it lists, and subtracts, that part.
        """
        listed = {item.line_id for item in items}
        left: list[Item] = []
        for currency, (line_id, used) in self._used.items():
            if line_id in listed:
                left += _after(used, self.credits, currency)
        return tuple(left)


def _after(used: float, credits: Iterable[Item], currency: int) -> Iterator[Item]:
    """The credits of a currency without the first ``used``, the one between split."""
    for credit in credits:
        if credit.currency_id != currency:
            continue
        amount = -credit.residual
        if used >= amount - NOISE:
            used = add((used, -amount))
            continue
        rest = add((amount, -used))
        used = 0.0
        company = add((credit.residual_company * rest / amount,))
        yield credit._replace(residual=-rest, residual_company=company)
