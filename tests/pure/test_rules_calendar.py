"""Sending days and public holidays."""

import datetime as dt

import pytest
from account_email_connector.rules import Calendar, public_holidays

BASTILLE_DAY = dt.date(2026, 7, 14)  # a Tuesday


def test_holidays_of_a_country():
    assert BASTILLE_DAY in public_holidays("FR", None, (2026,))
    assert BASTILLE_DAY not in public_holidays("BE", None, (2026,))


def test_holidays_of_a_region():
    st_stephen = dt.date(2026, 12, 26)
    assert st_stephen not in public_holidays("FR", None, (2026,))
    assert st_stephen in public_holidays("FR", "57", (2026,))


@pytest.mark.parametrize("country", ["XX", "", None])
def test_an_unknown_country_has_no_holidays(country):
    assert public_holidays(country, None, (2026,)) == frozenset()


def test_an_unknown_region_has_those_of_the_country():
    assert BASTILLE_DAY in public_holidays("FR", "no such region", (2026,))


def test_the_next_sending_day():
    french = Calendar(range(5), public_holidays("FR", None, (2026,)))
    assert french.next(BASTILLE_DAY) == dt.date(2026, 7, 15)
    assert french.next(dt.date(2026, 7, 11)) == dt.date(2026, 7, 13)
    assert french.next(dt.date(2026, 7, 13)) == dt.date(2026, 7, 13)


def test_no_weekdays_given_means_every_day():
    assert Calendar().next(dt.date(2026, 7, 12)) == dt.date(2026, 7, 12)
