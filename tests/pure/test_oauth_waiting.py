"""How long a provider asks to wait."""

import pytest
from account_email_connector.providers.oauth.meaning import without
from account_email_connector.providers.oauth.waiting import retry_after, retry_time
from requests.structures import CaseInsensitiveDict

SERVER_NOW = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    "value, seconds",
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 0),
        ("999999", 86400),
        ("Sun, 22 Nov 2026 10:02:00 GMT", 120),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("Mon, 23 Nov 2028 10:00:00 GMT", 86400),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 5000, 86400),
        ("", None),
    ],
)
def test_retry_after(value, seconds):
    headers = CaseInsensitiveDict({"retry-after": value, "date": SERVER_NOW})
    assert retry_after(headers) == seconds


def test_retry_after_missing():
    assert retry_after({}) is None


@pytest.mark.parametrize("our_clock", ["2026-11-22 07:00:00", "2026-11-23 10:00:00"])
def test_a_wrong_clock_of_ours_changes_nothing(our_clock):
    from freezegun import freeze_time

    headers = {"Retry-After": "Sun, 22 Nov 2026 10:02:00 GMT", "Date": SERVER_NOW}
    words = "User-rate limit exceeded.  Retry after 2026-11-22T10:05:00.000Z"
    with freeze_time(our_clock):
        assert retry_after(headers) == 120
        assert retry_time(words, headers) == 300


def test_without_a_date_our_own_clock_has_to_do():
    from freezegun import freeze_time

    with freeze_time("2026-11-22 10:00:00"):
        assert retry_after({"Retry-After": "Sun, 22 Nov 2026 10:02:00 GMT"}) == 120


@pytest.mark.parametrize(
    "words",
    ["", "Retry after lunch", "Retry after 2026-99-22T10:05:00.000Z", "Retry after "],
)
def test_no_time_in_the_words(words):
    assert retry_time(words, {}) is None


def test_secrets_are_blotted_out():
    assert without("bad secret s3cret!", ["s3cret!", "", None]) == "bad secret •••"
