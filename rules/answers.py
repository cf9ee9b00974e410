"""What the rules say: of one item, of one customer, of a follow-up about to be sent.

Plain values, as the facts are; all that they compute is their own totals.
"""

import datetime as dt
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
    remarks: tuple[Reason, ...] = ()  #: NO_ADDRESS, PROMISE_BROKEN
    standings: tuple[Standing, ...] = ()  #: one for each open item, oldest first

    @property
    def totals(self) -> dict[int, float]:
        """What is left of its items and credits: currency id → amount."""
        return totals_of(self.items, self.credits)

    @property
    def total_company(self) -> float:
        """The same in company currency, as one amount."""
        return company_total(self.items, self.credits)


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
    addressee: int | None = None  #: who hears about it by now

    @property
    def totals(self) -> dict[int, float]:
        """What is left of its items and credits: currency id → amount."""
        return totals_of(self.items, self.credits)

    @property
    def total_company(self) -> float:
        """The same in company currency, as one amount."""
        return company_total(self.items, self.credits)
