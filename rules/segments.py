"""Which plan a customer has: its own, else that of the first rule that holds.

A customer whose segment changes has another plan from that day on. What it has heard
counts as far as it went, as after any change of plan (:meth:`~.plan.Plan.rank_of`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .credits import company_total
from .facts import Customer, Item
from .items import SortedItems
from .plan import NO_PLAN


class Segment(NamedTuple):
    """What the rules ask of a customer."""

    tags: frozenset[int] = frozenset()  #: its tags, and those above them
    country: int | None = None
    salesperson: int | None = None
    overdue: float = 0.0  #: :func:`overdue`, in company currency
    #: How many days after the due date it pays, on average; None: it never has.
    days_late: float | None = None


class PlanRule(NamedTuple):
    """Customers of whom all of this is true have this plan; empty is not asked."""

    id: int
    plan_id: int
    tags: frozenset[int] = frozenset()  #: any of them
    countries: frozenset[int] = frozenset()
    salespersons: frozenset[int] = frozenset()
    overdue: float = 0.0  #: at least, in company currency
    days_late: int = 0  #: at least, on average

    def holds(self, segment: Segment) -> bool:
        """Whether it is true of this customer. A rule that asks nothing is of nobody:
        what it asked for is gone, and everybody else's plan is the company's."""
        if not any(self[2:]):
            return False
        return (
            (not self.tags or not self.tags.isdisjoint(segment.tags))
            and (not self.countries or segment.country in self.countries)
            and (not self.salespersons or segment.salesperson in self.salespersons)
            and (not self.overdue or segment.overdue >= self.overdue)
            and (not self.days_late or _is_late(segment, self.days_late))
        )


def first_that_holds(rules: Iterable[PlanRule], segment: Segment) -> PlanRule | None:
    """The first of *rules*, in their order, that holds; None: the company's plan."""
    return next((rule for rule in rules if rule.holds(segment)), None)


def overdue(items: Sequence[Item], today: dt.date) -> float:
    """What an email that lists everything overdue would ask for, in company currency.

    Disputed and blocked items are left out, credits are subtracted; never less than 0.
    It is the same by every plan, and whatever the customer has promised: a promise is
    no reason for another plan.
    """
    found = SortedItems(Customer(0, 0, items), NO_PLAN, today)
    due = [item for item in found.chaseable if item.due < today]
    return max(company_total(due, found.credits), 0.0) if due else 0.0


def average(paid: Iterable[tuple[int, int]]) -> float | None:
    """Days late on average, of (how many were paid, their days late together)."""
    count = days = 0
    for number, late in paid:
        count, days = count + number, days + late
    return days / count if count else None


def _is_late(segment: Segment, days: int) -> bool:
    return segment.days_late is not None and segment.days_late >= days
