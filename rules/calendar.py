"""The days on which a follow-up may go."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

import holidays as holidays_library

ONE_DAY = dt.timedelta(days=1)

#: Somebody types 9999 for "never". From here on days are all the same: no arithmetic
#: on them may overflow and stop everybody's follow-ups.
NEVER = dt.date(9000, 1, 1)


class Calendar:
    """Sending days: some weekdays, and never a public holiday.

    :param weekdays: 0 Monday … 6 Sunday; none given means every day.
    :param holidays: dates on which nothing goes.
    """

    __slots__ = ("weekdays", "holidays", "_next")

    def __init__(
        self, weekdays: Iterable[int] = (), holidays: Iterable[dt.date] = ()
    ) -> None:
        self.weekdays = frozenset(weekdays) or frozenset(range(7))
        self.holidays = frozenset(holidays)
        self._next: dict[dt.date, dt.date] = {}

    def allows(self, day: dt.date) -> bool:
        """Whether a follow-up may go on this day."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def next(self, day: dt.date) -> dt.date:
        """This day if it allows sending, else the first one after it that does."""
        if day >= NEVER:
            return NEVER
        found = self._next.get(day)
        if found is None:
            found = day
            while not self.allows(found):
                found += ONE_DAY
            self._next[day] = found
        return found


@lru_cache(maxsize=256)
def public_holidays(
    country: str | None, subdivision: str | None = None, years: tuple[int, ...] = ()
) -> frozenset[dt.date]:
    """Public holidays of a country (ISO 3166 codes) as a frozenset of dates.

    A country or subdivision that the library does not know has none, or those of
    the whole country: a missing calendar must not stop anybody's follow-ups.

    https://holidays.readthedocs.io/en/latest/
    """
    if not country:
        return frozenset()
    for region in dict.fromkeys((subdivision, None)):
        try:
            found = holidays_library.country_holidays(
                country, subdiv=region, years=years
            )
        except NotImplementedError:
            continue
        return frozenset(found)
    return frozenset()
