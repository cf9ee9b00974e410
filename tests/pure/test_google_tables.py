"""All that Google may say, in tables; and of what nobody has listed, what holds."""

import json

import pytest
from account_email_connector.providers.google import codes
from account_email_connector.providers.google.codes import (
    gmail_outcome,
    sign_in_outcome,
)
from account_email_connector.providers.oauth.answer import Answer
from account_email_connector.providers.outcomes import (
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from code_tables import rows
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = [
    (*said.split(maxsplit=3), kind, reason, source)
    for said, kind, reason, source in rows("google_errors.txt")
]


def answer(status, reason, words):
    """An error of the Gmail API; newer reasons, in capitals, stand in its details."""
    entry = [{"reason": reason, "message": words}] if reason != "-" else []
    where = "details" if reason.isupper() else "errors"
    error = {"code": status, "message": words, "status": "STATUS", where: entry}
    return Answer(status, {}, json.dumps({"error": error}).encode())


def outcome(doing, status, code, words):
    if doing != "token":
        return gmail_outcome(answer(status, code, words), sending=doing == "send")
    error, _slash, subtype = code.partition("/")
    said = {"error": error, "error_subtype": subtype, "error_description": words}
    return sign_in_outcome(said, {}, status=status)


@pytest.mark.parametrize(
    ("doing", "status", "code", "words", "kind", "reason", "source"), ROWS, ids=str
)
def test_row(doing, status, code, words, kind, reason, source):
    found = outcome(doing, int(status), code, words)
    assert (type(found).__name__, found.reason) == (kind, Reason[reason])
    assert source.startswith("https://")


@pytest.mark.parametrize("status", [400, 403, 404, 407, 500, 502])
def test_a_page_instead_of_an_answer_breaks_nothing(status):
    assert isinstance(sign_in_outcome({}, {}, status=status), Unavailable)


def test_the_table_is_whole():
    assert len({row[:4] for row in ROWS}) == len(ROWS) >= 60
    told = {name for row in ROWS for name in row[2].split("/")}
    for table in (codes.SIGN_IN_ERRORS, codes.GMAIL_REASONS, codes.GMAIL_DETAILS):
        assert set(table) <= told
    words = " ".join(row[3] for row in ROWS).lower()
    assert all(text in words for text in codes.GMAIL_WORDS)
    assert all(text in words for _error, text in codes.SIGN_IN_WORDS)


@given(st.integers(400, 499), st.text(max_size=30), st.text(max_size=60))
@settings(derandomize=True, deadline=None)
def test_no_unknown_reason_fails_an_email(status, reason, words):
    proof = {*codes.GMAIL_REASONS, *codes.GMAIL_DETAILS, *codes.ABOUT_SENDING}
    if reason not in proof and status != 413:
        found = gmail_outcome(answer(status, reason, words), sending=True)
        assert not isinstance(found, Rejected)
        waits = Unavailable if status != 408 else OutcomeUnknown
        known = status in (401, 403, 429) or any(
            text in words.lower() for text in codes.GMAIL_WORDS
        )
        assert known or isinstance(found, waits)


@given(
    st.sampled_from(["limit", "quota", "rate", "throttled"]),
    st.sampled_from(["some{}Word", "{}Reached", "SOME_{}_WORD", "{}"]),
    st.booleans(),
)
@settings(derandomize=True, deadline=None)
def test_a_403_of_any_limit_is_waited_for(word, around, sending):
    word = word.upper() if around.isupper() else word.title()
    code = around.format(word)
    assert isinstance(gmail_outcome(answer(403, code, ""), sending=sending), Throttled)


@given(st.text("bcdefghijk", min_size=1, max_size=12), st.booleans())
@settings(derandomize=True, deadline=None)
def test_a_403_that_nobody_has_listed_waits(code, sending):
    assert isinstance(
        gmail_outcome(answer(403, code, ""), sending=sending), Unavailable
    )
