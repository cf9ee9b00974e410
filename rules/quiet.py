"""On which days nothing can be due, whatever else is known: so nobody need be asked.

Thousands of customers are asked about every hour, and most of them have nothing coming
today. Whoever gathers the facts may leave those out of whom this is certain.
:mod:`.decide` would say the same.
"""

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

from .facts import RECAP
from .plan import Plan


def nothing_before(days: Iterable[int]) -> int:
    """Days after its due date before which nothing comes of an item; never overdue.

    :param days: of every step that there is.
    """
    return min((1, *days))


class Rest(NamedTuple):
    """An item that was asked for once, by a step that is not the last, and was as late
    then as the step says: for so many ``days`` nothing more comes of it.
    """

    days: int
    first: int  #: the step's days, at least: every plan knows one of so many, or fewer
    last: int  #: and they are fewer than these, or it may be a last one
    last_steps: tuple[int, ...]  #: the ids of those that are


def rest(plans: Collection[Plan]) -> Rest:
    """The :class:`Rest` of items whose customer has one of these plans.

    Of a recap nothing is known: it goes by what the customer has heard.
    """
    ladders = [plan.steps for plan in plans if plan.steps and plan.mode != RECAP]
    if not ladders or len(ladders) < len(plans):
        return Rest(0, 0, 0, ())
    apart = [
        later.days - earlier.days
        for steps in ladders
        for earlier, later in pairwise(steps)
    ]
    return Rest(
        min(apart, default=0),
        max(steps[0].days for steps in ladders),
        min(steps[-1].days for steps in ladders),
        tuple(steps[-1].id for steps in ladders),
    )
