"""What is left of a planned follow-up: what it still asks for, and what drops out."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .answers import Standing
from .asking import ask_for, may_ask
from .case import Case
from .facts import BY_INVOICE, Customer, Item, Past
from .reasons import Reason


class Left(NamedTuple):
    """What is left of a planned follow-up."""

    items: tuple[Item, ...]  #: it still asks for these
    credits: tuple[Item, ...]  #: listed with them
    dropped: tuple[Standing, ...]  #: of each planned item that it asks for no more


def what_is_left(past: Past, case: Case) -> Left:
    """It never asks for more than was planned.

    :param case: the customer's by now, without this follow-up.
    """
    moved_on = _moved_on(past, case)
    items, credits = _still_asked(past, case, moved_on)
    kept = {item.line_id for item in items}
    gone = [line for line in past.line_ids if line not in kept]
    return Left(items, credits, tuple(_dropped(gone, case, moved_on)))


def heard_by_others(customer: Customer) -> frozenset[int]:
    """The items of the customer's that another contact hears about."""
    if not customer.whole:
        return frozenset()
    heard_by = customer.whole.heard_by
    return frozenset(
        line for line, who in heard_by.items() if who != customer.addressee
    )


def next_ranks(items: Iterable[Item], case: Case) -> dict[int, int]:
    """Line id → the rank of the step that is next, of those items that have one."""
    rungs = filter(None, map(case.ladder.next_rung, items))
    return {rung.item.line_id: case.plan.ranks[rung.step.id] for rung in rungs}


def _moved_on(past: Past, case: Case) -> frozenset[int]:
    """The items that have had this step otherwise by now, each on its own ladder."""
    if past.by_hand or case.plan.mode != BY_INVOICE:
        return frozenset()
    lines = frozenset(past.line_ids)
    planned = [item for item in case.sorted.chaseable if item.line_id in lines]
    ranks, step = next_ranks(planned, case), case.plan.rank_of(past)
    return frozenset(i.line_id for i in planned if ranks.get(i.line_id) != step)


def _still_asked(
    past: Past, case: Case, moved_on: frozenset[int]
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The planned items that may still be asked for, and the credits listed.

    In an email by hand a promise, say, takes no item out: a person decides.
    """
    if past.by_hand:
        possible = [item for item in case.sorted.items if may_ask(case, item)]
    else:
        possible = case.sorted.chaseable
    planned = frozenset(past.line_ids) - moved_on
    items = [item for item in possible if item.line_id in planned]
    return ask_for(case, items, past.days)


def _dropped(
    lines: Iterable[int], case: Case, moved_on: frozenset[int]
) -> Iterator[Standing]:
    """What is said of each planned item that is not asked for any more."""
    chaseable = {item.line_id for item in case.sorted.chaseable}
    moved = heard_by_others(case.customer)
    for line in lines:
        if line in moved_on:
            yield Standing(line, Reason.STEP_CHANGED)
        elif line in chaseable:
            yield Standing(line, Reason.NOTHING_LEFT)
        elif line in moved:
            yield Standing(line, Reason.READDRESSED)
        elif line in case.customer.elsewhere:
            yield Standing(line, Reason.ELSEWHERE)
        else:
            yield case.sorted.aside.get(line, Standing(line, Reason.SETTLED))
