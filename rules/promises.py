"""Promises to pay: what they hold back, and whether they were kept."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .calendar import NEVER
from .credits import add, is_credit, is_owed
from .facts import Item, Promise

#: What a promise has come to.
OPEN, KEPT, BROKEN = "open", "kept", "broken"


class Promises(NamedTuple):
    """What a customer's promises mean today."""

    held: Mapping[int, dt.date]  #: line id → first day on which it may be chased again
    resumed: Mapping[
        int, dt.date
    ]  #: line id → the day from which it could be chased again
    broken: frozenset[int]  #: line ids whose promise is broken


NO_PROMISES = Promises(MappingProxyType({}), MappingProxyType({}), frozenset())


def weigh_promises(
    promises: Iterable[Promise], items: Sequence[Item], grace: int, today: dt.date
) -> Promises:
    """Hold what is promised until its day, then say whether the money has come.

    A promise holds its items through its last day and ``grace`` days for the bank.
    From then on they are chased where they had stopped: a broken promise needs
    nobody to notice it, and how late a step is counts from that day.

    :param items: all open items of the customer; what is paid is not among them.
    """
    held: dict[int, dt.date] = {}
    resumed: dict[int, dt.date] = {}
    broken: set[int] = set()
    for promise in promises:
        again = _again(promise, grace)
        lines = promise.line_ids or tuple(item.line_id for item in items)
        where = held if today < again else resumed
        for line in lines:
            where[line] = max(where.get(line, again), again)
        if where is resumed and not is_kept(promise, items):
            broken.update(lines)
    return Promises(held, resumed, frozenset(broken))


def state_of(
    promise: Promise, items: Iterable[Item], grace: int, today: dt.date
) -> str:
    """OPEN, KEPT or BROKEN: the customer is left alone as long as it is open.

    :param items: all open items of the customer.
    """
    if is_kept(promise, items):
        return KEPT
    return OPEN if today < _again(promise, grace) else BROKEN


def is_kept(promise: Promise, items: Iterable[Item]) -> bool:
    """Whether the promised money has come, allocated to its items or not yet.

    What is left must have gone down by the amount, or to nothing if more was promised
    than was owed: in company currency, to the cent.
    """
    expected = 0.0 if promise.amount is None else promise.owed - promise.amount
    return left_of(promise, items) <= max(expected, 0.0) + 0.005


def left_of(promise: Promise, items: Iterable[Item]) -> float:
    """What is left of the promised items, less the credits booked since it was made.

    When it is made, that is what the customer owes (:attr:`~.facts.Promise.owed`).
    """
    return add(
        item.residual_company
        for item in items
        if (is_owed(item) and _is_promised(item, promise))
        or (is_credit(item) and item.booked and item.booked >= promise.made_on)
    )


def promised_until(
    promises: Iterable[Promise], line_id: int | None = None
) -> dt.date | None:
    """The last day by which was promised to pay; None if nobody has.

    :param line_id: this open item; None: any of the customer's.
    """
    days = (
        promise.until
        for promise in promises
        if line_id is None or not promise.line_ids or line_id in promise.line_ids
    )
    return max(days, default=None)


def _again(promise: Promise, grace: int) -> dt.date:
    """The first day on which what was promised may be chased again."""
    return min(promise.until, NEVER) + dt.timedelta(days=grace + 1)


def _is_promised(item: Item, promise: Promise) -> bool:
    """By name; without names, whatever was there when it was made."""
    if promise.line_ids:
        return item.line_id in promise.line_ids
    return item.booked is None or item.booked <= promise.made_on
