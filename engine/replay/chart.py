"""Emails by week: those of each step one above the other, beside what was sent."""

from collections import Counter, defaultdict
from datetime import timedelta
from math import ceil

from babel.dates import format_skeleton

from odoo.tools import babel_locale_parse, format_date
from odoo.tools.misc import get_lang

A_WEEK = timedelta(days=7)
#: So many months can be named below it on a phone.
NAMED = 6


def drawn(env, first, last, found):
    """The values of the template.

    :param found: with ``by_day``, rows of (day, channel, step's number and name,
        number of emails), and ``sent_by_day``, rows of (day, number).
    """
    starts = int(get_lang(env).week_start) - 1

    def week_of(day):
        return day - timedelta(days=(day.weekday() - starts) % 7)

    would, sent, steps = defaultdict(Counter), Counter(), set()
    for day, channel, number, name, count in found["by_day"]:
        if channel == "email":
            would[week_of(day)][number, name] += count
            steps.add((number, name))
    for day, count in found["sent_by_day"]:
        sent[week_of(day)] += count
    weeks = _weeks(week_of(first), last)
    highest = max([1, *(would[week].total() for week in weeks), *sent.values()])
    steps = sorted(steps)
    return {
        "highest": highest,
        "steps": [{"name": name, "shade": n} for n, (_days, name) in enumerate(steps)],
        "weeks": [_week(env, week, would[week], sent[week], steps) for week in weeks],
        "months": _months(env, weeks),
        "percent": lambda count: round(100 * count / highest, 2),
    }


def _weeks(week, last):
    weeks = []
    while week <= last:
        weeks.append(week)
        week += A_WEEK
    return weeks


def _week(env, week, would, sent, steps):
    return {
        "day": format_date(env, week),
        "would": would.total(),
        "sent": sent,
        "parts": [(shade, would[step]) for shade, step in enumerate(steps)][::-1],
    }


def _months(env, weeks):
    """The names below it, each with its place in percent."""
    firsts = [
        (index, week)
        for index, week in enumerate(weeks)
        if index and week.month != weeks[index - 1].month
    ] or [(0, weeks[0])]
    locale = babel_locale_parse(get_lang(env).code)
    return [
        {
            "place": round(100 * index / len(weeks), 2),
            "name": format_skeleton("yMMM", week, locale=locale),
        }
        for index, week in firsts[:: ceil(len(firsts) / NAMED)]
    ]
