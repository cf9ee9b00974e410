"""Whose turn it is: what the modes of a plan have in common."""

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from .answers import Standing
from .case import Case
from .facts import Item, Step
from .ladder import Rung
from .reasons import Reason

when_it_goes = attrgetter("when")


class Turn(NamedTuple):
    """What a mode proposes for a customer today, before anything can hold it."""

    reason: Reason
    date: dt.date | None
    step: Step | None
    items: list[Item]  #: to be listed, oldest first
    credits: tuple[Item, ...]  #: to be listed with them
    standings: dict[int, Standing]  #: by line id, of every chaseable item


class Choice(NamedTuple):
    """Which step is next among those of several items."""

    reason: Reason
    date: dt.date | None
    step: Step | None


def choose(rungs: Sequence[Rung], case: Case) -> Choice:
    """What the next follow-up is, from the next rungs of the items (oldest first).

    The oldest item that is due goes first. When none is, the missed one needs a
    person, and otherwise the customer waits for whatever comes first. An item that
    is not overdue is no answer to why an overdue one is not chased.
    """
    if due := _first(rungs, Reason.DUE):
        return Choice(Reason.DUE, case.today, due.step)
    waiting = [rung for rung in rungs if rung.reason is not Reason.MISSED]
    coming = min(waiting, key=when_it_goes, default=None)
    date, step = (coming.when, coming.step) if coming else (None, None)
    if missed := _first(rungs, Reason.MISSED):
        return Choice(Reason.MISSED, date, missed.step)
    if coming and coming.reason is not Reason.NOT_OVERDUE:
        return Choice(coming.reason, date, step)
    return Choice(_why_silent(waiting, case), date, step)


def _first(rungs: Sequence[Rung], reason: Reason) -> Rung | None:
    for rung in rungs:
        if rung.reason is reason:
            return rung
    return None


def _why_silent(waiting: Sequence[Rung], case: Case) -> Reason:
    """Why nothing goes when only items that are not overdue are to come, or none."""
    today, items = case.today, case.net.items
    for rung in waiting:
        if rung.item.due < today:
            return rung.reason
    overdue = [item for item in items if item.due < today]
    if waiting and not overdue:
        return Reason.NOT_OVERDUE
    covered = case.net.covers(overdue or items)
    return Reason.NOTHING_LEFT if covered else Reason.ALL_STEPS_DONE


def own_standing(rung: Rung) -> Standing:
    """What its own next step says of an item."""
    return Standing(rung.item.line_id, rung.reason, rung.step, rung.when)


def waits_for_next_email(rung: Rung, case: Case) -> Standing:
    """Due as well, but another goes first: at most one email a day, and the gap."""
    plan = case.plan
    day = plan.calendar.next(case.today + dt.timedelta(days=plan.min_gap))
    return Standing(rung.item.line_id, Reason.TOO_SOON, rung.step, day)
