"""Recap: a statement of what is open, every so many days, weekly or monthly.

It goes only if something is overdue. On a weekday or a day of the month, one that is
missed is not made up for, unless the plan says how late it may go: the next one says
the same. Every so many days, the first goes at once.
"""

import datetime as dt
from calendar import monthrange

from .calendar import NEVER, ONE_DAY
from .facts import Standing
from .reasons import Reason
from .turns import Turn


def turn_recap(net, ladder):
    """The :class:`~.turns.Turn` of a customer, from the :class:`~.credits.Net`."""
    plan, today = ladder.plan, ladder.today
    step = plan.steps[0]
    overdue = [item for item in net.items if item.due < today]
    if all(item.line_id in net.covered for item in overdue):
        return _nothing_overdue(net, ladder, bool(overdue))
    items = net.owing(net.items if plan.recap.not_due else overdue)
    date, reason = _settle(ladder, items[0].due + ONE_DAY)
    date = today if reason is Reason.DUE else date
    standings = {}
    listed = {item.line_id for item in items}
    for item in net.items:
        line = item.line_id
        if line in listed:
            standings[line] = Standing(line, reason, step, date)
        elif line in net.covered:
            standings[line] = Standing(line, Reason.NOTHING_LEFT)
        else:
            standings[line] = _not_overdue(item, ladder)
    return Turn(reason, date, step, items, net.all_credits(items), standings)


def _nothing_overdue(net, ladder, covered):
    standings = {}
    for item in net.items:
        if item.line_id in net.covered:
            standings[item.line_id] = Standing(item.line_id, Reason.NOTHING_LEFT)
        else:
            standings[item.line_id] = _not_overdue(item, ladder)
    coming = [standing.date for standing in standings.values() if standing.date]
    everything = covered or not coming
    reason = Reason.NOTHING_LEFT if everything else Reason.NOT_OVERDUE
    step = ladder.plan.steps[0] if coming else None
    return Turn(reason, min(coming, default=None), step, [], (), standings)


def _not_overdue(item, ladder):
    step = ladder.plan.steps[0]
    date, _reason = _settle(ladder, min(item.due, NEVER) + ONE_DAY)
    return Standing(item.line_id, Reason.NOT_OVERDUE, step, date)


def _settle(ladder, overdue_since):
    """The day of the next recap for something overdue since a day, and the reason."""
    recap, last = ladder.plan.recap, ladder.memory.last
    since = max(overdue_since, last + ONE_DAY) if last else overdue_since
    step = ladder.plan.steps[0]
    if recap.every and last:
        since = max(since, last + dt.timedelta(days=recap.every))
    # The rhythm is the gap between recaps, or a weekly one would drift after a holiday.
    gap = last != ladder.memory.last_email
    day = _occurrence(recap, since)
    date, reason = ladder.settle(step, day, gap=gap)
    while reason is Reason.MISSED:
        day = ladder.today if recap.every else _following(ladder, day)
        date, reason = ladder.settle(step, day, gap=gap)
    return date, reason


def _following(ladder, day):
    """The occurrence after a missed one, without counting through those of years."""
    lately = ladder.today - dt.timedelta(days=ladder.plan.catch_up + 31)
    return _occurrence(ladder.plan.recap, max(day + ONE_DAY, lately))


def _occurrence(recap, day):
    """The first day of the recap's rhythm, this one or after it."""
    if recap.weekday is not None:
        return day + dt.timedelta(days=(recap.weekday - day.weekday()) % 7)
    if recap.monthday:
        this_month = _in_month(day, recap.monthday)
        if this_month >= day:
            return this_month
        return _in_month(day.replace(day=1) + dt.timedelta(days=31), recap.monthday)
    return day


def _in_month(day, monthday):
    last = monthrange(day.year, day.month)[1]
    return day.replace(day=min(monthday, last))
