"""The day, and the time of day at which a plan sends, where it is at home."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz


def day_in(tz):
    """The day in a time zone."""
    return _now_in(tz).date()


class Hours(NamedTuple):
    """From when until when emails go, as the widget has it: 8.5 is half past eight."""

    begin: float
    end: float
    tz: str = "UTC"

    def are_now(self):
        """Whether emails go at this moment."""
        now = _now_in(self.tz)
        minute = 60 * now.hour + now.minute
        return _minutes(self.begin) <= minute < _minutes(self.end)

    def are_over(self):
        """Whether they have ended for today."""
        now = _now_in(self.tz)
        return 60 * now.hour + now.minute >= _minutes(self.end)

    def opening(self, day):
        """When they begin on *day* (naive, UTC)."""
        begins = timedelta(minutes=_minutes(self.begin))
        zone = pytz.timezone(self.tz)
        there = zone.localize(datetime.combine(day, time()) + begins)
        return there.astimezone(pytz.utc).replace(tzinfo=None)

    def next_opening(self):
        """When they begin next (naive, UTC)."""
        today = day_in(self.tz)
        opening = self.opening(today)
        if opening > datetime.now(pytz.utc).replace(tzinfo=None):
            return opening
        return self.opening(today + timedelta(days=1))


def _now_in(tz):
    return datetime.now(pytz.timezone(tz))


def _minutes(hours):
    """The widget's hours are fractions: 8:20 is 8.333…"""
    return round(60 * hours)
