"""Recap: a statement of what is open, every so many days, weekly or monthly.

It goes only if something is overdue. On a weekday or a day of the month, one that is
missed is not made up for, unless the plan says how late it may go: the next one says
the same. Every so many days, the first goes at once.
"""

import datetime as dt
from calendar import monthrange

from .answers import Standing
from .calendar import NEVER, ONE_DAY
from .case import Case
from .facts import Item, Recap
from .reasons import Reason
from .turns import Turn


def turn_recap(case: Case) -> Turn:
    """A statement of everything overdue, or of everything open."""
    net, plan, today = case.net, case.plan, case.today
    overdue = [item for item in net.items if item.due < today]
    if net.covers(overdue):
        return _nothing_overdue(case, bool(overdue))
    items = net.owing(net.items if plan.recap.not_due else overdue)
    date, reason = _settle(case, items[0].due + ONE_DAY)
    date, step = today if reason is Reason.DUE else date, plan.steps[0]
    listed = {item.line_id for item in items}
    standings = {
        item.line_id: Standing(item.line_id, reason, step, date)
        if item.line_id in listed
        else _not_listed(item, case)
        for item in net.items
    }
    return Turn(reason, date, step, items, net.all_credits(items), standings)


def _nothing_overdue(case: Case, covered: bool) -> Turn:
    standings = {item.line_id: _not_listed(item, case) for item in case.net.items}
    coming = [standing.date for standing in standings.values() if standing.date]
    everything = covered or not coming
    reason = Reason.NOTHING_LEFT if everything else Reason.NOT_OVERDUE
    step = case.plan.steps[0] if coming else None
    return Turn(reason, min(coming, default=None), step, [], (), standings)


def _not_listed(item: Item, case: Case) -> Standing:
    """What credits pay, or what is not overdue: the day of its own first recap."""
    if item.line_id in case.net.covered:
        return Standing(item.line_id, Reason.NOTHING_LEFT)
    date, _reason = _settle(case, min(item.due, NEVER) + ONE_DAY)
    return Standing(item.line_id, Reason.NOT_OVERDUE, case.plan.steps[0], date)


def _settle(case: Case, overdue_since: dt.date) -> tuple[dt.date, Reason]:
    """The day of the next recap for something overdue since a day, and the reason."""
    ladder, recap, step = case.ladder, case.plan.recap, case.plan.steps[0]
    last = ladder.memory.last
    since = max(overdue_since, last + ONE_DAY) if last else overdue_since
    if recap.every and last:
        since = max(since, last + dt.timedelta(days=recap.every))
    # The rhythm is the gap between recaps, or a weekly one would drift after a holiday.
    gap = last != ladder.memory.last_email
    day = _occurrence(recap, since)
    date, reason = ladder.settle(step, day, gap=gap)
    while reason is Reason.MISSED:
        day = case.today if recap.every else _following(case, day)
        date, reason = ladder.settle(step, day, gap=gap)
    return date, reason


def _following(case: Case, day: dt.date) -> dt.date:
    """The occurrence after a missed one, without counting through those of years."""
    lately = case.today - dt.timedelta(days=(case.plan.catch_up or 0) + 31)
    return _occurrence(case.plan.recap, max(day + ONE_DAY, lately))


def _occurrence(recap: Recap, day: dt.date) -> dt.date:
    """The first day of the recap's rhythm, this one or after it."""
    if recap.weekday is not None:
        return day + dt.timedelta(days=(recap.weekday - day.weekday()) % 7)
    if recap.monthday:
        this_month = _in_month(day, recap.monthday)
        if this_month >= day:
            return this_month
        return _in_month(day.replace(day=1) + dt.timedelta(days=31), recap.monthday)
    return day


def _in_month(day: dt.date, monthday: int) -> dt.date:
    last = monthrange(day.year, day.month)[1]
    return day.replace(day=min(monthday, last))
