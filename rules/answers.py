"""What the rules say: of one item, of one customer, of a follow-up about to be sent.

Plain values, as the facts are; all that they compute is their own totals.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from .credits import company_total, totals_of
from .facts import Item, Step
from .reasons import Reason


class Standing(NamedTuple):
    """What is said of one item."""

    line_id: int
    reason: Reason
    step: Step | None = None  #: the next step for it, if there is one
    date: dt.date | None = None  #: when, at the earliest; None: not by itself
    broken: bool = False  #: it was promised, and the money has not come
    #: Odoo never sent it: the plan supposes that it goes otherwise
    unsent: bool = False
    came_on: dt.date | None = None  #: PROBABLY_PAID: when, and
    came_by: int | None = None  #: by which journal item


class Decision(NamedTuple):
    """What is said of one customer on one day.

    A follow-up is to be made if, and only if, ``reason`` is ``Reason.DUE``. In every
    other case ``step``, ``items`` and the totals are those of the follow-up that a
    person could send by hand today, and ``reason`` says why it does not go by itself.
    """

    reason: Reason
    date: dt.date | None = None  #: when, at the earliest; None: not by itself
    step: Step | None = None
    channel: str | None = None  #: EMAIL or TODO; not always the step's own
    items: tuple[Item, ...] = ()  #: asked for, oldest first
    credits: tuple[Item, ...] = ()  #: the credits and payments listed with them
    remarks: tuple[Reason, ...] = ()  #: NO_ADDRESS, PROMISE_BROKEN, UNSENT
    standings: tuple[Standing, ...] = ()  #: one for each open item, oldest first
    #: Line ids, oldest first: overdue, and every step was sent (:mod:`.ends`).
    ended: tuple[int, ...] = ()
    untold: tuple[int, ...] = ()  #: those of them of which a person is to be told

    @property
    def totals(self) -> dict[int, float]:
        """What is left of its items and credits: currency id → amount."""
        return totals_of(self.items, self.credits)

    @property
    def total_company(self) -> float:
        """The same in company currency, as one amount."""
        return company_total(self.items, self.credits)

    @property
    def came_on(self) -> dt.date | None:
        """When the money came, if that is the reason."""
        return came_on(self.reason, self.standings)


def came_on(reason: Reason, standings: Iterable[Standing]) -> dt.date | None:
    """When the money came for which one of these waits, if that is the reason."""
    if reason is not Reason.PROBABLY_PAID:
        return None
    return next((each.came_on for each in standings if each.came_on), None)


class Recheck(NamedTuple):
    """What is said of a follow-up just before it is sent."""

    #: "send", "wait" (ask again on ``date``), "skip" or "review" (ask a person)
    action: str
    reason: Reason
    date: dt.date | None = None
    items: tuple[Item, ...] = ()  #: what is left to ask for
    dropped: tuple[Standing, ...] = ()  #: planned, and why no longer
    credits: tuple[Item, ...] = ()
    channel: str | None = None  #: the address may have gone since
    came_on: dt.date | None = None  #: when the money came, if that is the reason
    addressee: int | None = None  #: who hears about it by now

    @property
    def totals(self) -> dict[int, float]:
        """What is left of its items and credits: currency id → amount."""
        return totals_of(self.items, self.credits)

    @property
    def total_company(self) -> float:
        """The same in company currency, as one amount."""
        return company_total(self.items, self.credits)
