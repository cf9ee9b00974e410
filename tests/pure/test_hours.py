"""When a plan's hours begin, in summer and in winter, and whether they are now."""

import datetime as dt

import pytest
from account_email_connector.engine.planning.hours import Hours, day_in
from freezegun import freeze_time

PARIS = Hours(8 + 20 / 60, 17.0, "Europe/Paris")


@pytest.mark.parametrize(
    "day, opening",
    [
        (dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, 7, 20)),
        (dt.date(2026, 7, 6), dt.datetime(2026, 7, 6, 6, 20)),
    ],
)
def test_they_begin_at_the_clocks_there(day, opening):
    assert PARIS.opening(day) == opening


@pytest.mark.parametrize(
    "now, are_now, opening",
    [
        ("2026-01-05 07:19:59", False, dt.datetime(2026, 1, 5, 7, 20)),
        ("2026-01-05 07:20:00", True, dt.datetime(2026, 1, 6, 7, 20)),
        ("2026-01-05 15:59:59", True, dt.datetime(2026, 1, 6, 7, 20)),
        ("2026-01-05 16:00:00", False, dt.datetime(2026, 1, 6, 7, 20)),
    ],
)
def test_they_begin_and_end_to_the_minute(now, are_now, opening):
    with freeze_time(now):
        assert PARIS.are_now() is are_now
        assert PARIS.next_opening() == opening


def test_the_day_is_the_one_there():
    with freeze_time("2026-01-05 23:30:00"):
        assert day_in(PARIS.tz) == dt.date(2026, 1, 6)
        assert day_in("UTC") == dt.date(2026, 1, 5)


def test_a_plan_without_hours_never_sends():
    """There is none: it has no hours at all."""
    assert Hours(0.0, 0.0).are_now() is False
