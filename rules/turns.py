"""Whose turn it is: what the modes of a plan have in common."""

import datetime as dt
from operator import attrgetter
from typing import NamedTuple

from .facts import Standing, Step
from .reasons import Reason

when_it_goes = attrgetter("when")


class Turn(NamedTuple):
    """What a mode proposes for a customer today, before anything can hold it."""

    reason: Reason
    date: dt.date | None
    step: Step | None
    items: list  #: to be listed, oldest first
    credits: tuple  #: to be listed with them
    standings: dict  #: line id → standing, of every chaseable item


class Choice(NamedTuple):
    """Which step is next among those of several items."""

    reason: Reason
    date: dt.date | None
    step: Step | None


def choose(rungs, net, today):
    """What the next follow-up is, from the next rungs of the items (oldest first).

    The oldest item that is due goes first. When none is, the missed one needs a
    person, and otherwise the customer waits for whatever comes first. An item that
    is not overdue is no answer to why an overdue one is not chased.
    """
    for rung in rungs:
        if rung.reason is Reason.DUE:
            return Choice(Reason.DUE, today, rung.step)
    missed = next((rung for rung in rungs if rung.reason is Reason.MISSED), None)
    waiting = [rung for rung in rungs if rung.reason is not Reason.MISSED]
    coming = min(waiting, key=when_it_goes, default=None)
    date = coming and coming.when
    if missed:
        return Choice(Reason.MISSED, date, missed.step)
    if coming and coming.reason is not Reason.NOT_OVERDUE:
        return Choice(coming.reason, date, coming.step)
    return Choice(_why_silent(waiting, net, today), date, coming and coming.step)


def _why_silent(waiting, net, today):
    """Why nothing goes when only items that are not overdue are to come, or none."""
    for rung in waiting:
        if rung.item.due < today:
            return rung.reason
    overdue = [item for item in net.items if item.due < today]
    if waiting and not overdue:
        return Reason.NOT_OVERDUE
    covered = all(item.line_id in net.covered for item in overdue or net.items)
    return Reason.NOTHING_LEFT if covered else Reason.ALL_STEPS_DONE


def own_standing(rung):
    """What its own next step says of an item."""
    return Standing(rung.item.line_id, rung.reason, rung.step, rung.when)


def waits_for_next_email(rung, plan, today):
    """Due as well, but another goes first: at most one email a day, and the gap."""
    day = plan.calendar.next(today + dt.timedelta(days=plan.min_gap))
    return Standing(rung.item.line_id, Reason.TOO_SOON, rung.step, day)
