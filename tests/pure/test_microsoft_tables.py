"""All that Microsoft may say, in tables; and of what nobody has listed, what holds."""

import json

import pytest
from account_email_connector.providers.microsoft.aadsts import AADSTS, IDENTITY_ERRORS
from account_email_connector.providers.microsoft.codes import (
    graph_outcome,
    identity_outcome,
)
from account_email_connector.providers.microsoft.graph_codes import (
    ABOUT_SENDING,
    GRAPH_CODES,
)
from account_email_connector.providers.oauth.answer import Answer
from account_email_connector.providers.outcomes import (
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from code_tables import rows
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = [
    (*said.split(maxsplit=2), kind, reason, source)
    for said, kind, reason, source in rows("microsoft_signin_errors.txt")
]
GRAPH = [
    (*said.split(maxsplit=3), kind, reason, source)
    for said, kind, reason, source in rows("graph_errors.txt")
]


def identity_error(error, number, words):
    name, _slash, suberror = error.partition("/")
    said = {"error": name, "error_description": words}
    if number:
        said["error_codes"] = [number]
        said["error_description"] = f"AADSTS{number}: {words}. Trace ID: 1"
    return said | ({"suberror": suberror} if suberror else {})


def meant(outcome):
    return type(outcome).__name__, outcome.reason


@pytest.mark.parametrize(
    ("error", "number", "words", "kind", "reason", "source"), ROWS, ids=str
)
def test_row(error, number, words, kind, reason, source):
    said = identity_error(error, int(number), words)
    assert meant(identity_outcome(said, {})) == (kind, Reason[reason])
    callback = {**said, "error_subcode": said.get("suberror", "")}
    callback = {
        k: v for k, v in callback.items() if k not in ("suberror", "error_codes")
    }
    assert meant(identity_outcome(callback, {})) == (kind, Reason[reason])
    assert source.startswith("https://")


def test_the_table_is_whole():
    numbers = {int(row[1]) for row in ROWS if int(row[1]) not in (0, 1234567)}
    assert len({row[:3] for row in ROWS}) == len(ROWS) and len(numbers) >= 120
    assert set(AADSTS) <= numbers
    names = {name for row in ROWS for name in row[0].split("/")}
    assert set(IDENTITY_ERRORS) - names <= {
        "cancel",
        "unsupported_grant_type",
        "unsupported_response_type",
    }


@given(st.sampled_from(ROWS), st.sampled_from(sorted(IDENTITY_ERRORS)))
@settings(derandomize=True, deadline=None)
def test_a_number_means_the_same_beside_any_error(row, error):
    number = int(row[1])
    if number in AADSTS and "/" not in row[0]:
        found = identity_outcome(identity_error(error, number, row[2]), {})
        assert meant(found) == (row[3], Reason[row[4]])


@given(
    st.integers(1, 9_999_999).filter(lambda number: number not in AADSTS),
    st.sampled_from(["server_error", "temporarily_unavailable"]),
)
@settings(derandomize=True, deadline=None)
def test_what_passes_is_never_taken_for_broken(number, error):
    if not (53000 <= number < 53100 or 530000 <= number < 531000):
        said = identity_error(error, number, "Something new")
        assert isinstance(identity_outcome(said, {}), Unavailable)


@given(st.integers(1, 9_999_999).filter(lambda number: number not in AADSTS))
@settings(derandomize=True, deadline=None)
def test_an_unknown_number_goes_by_its_error(number):
    found = identity_outcome(identity_error("invalid_grant", number, "New"), {})
    policy = 53000 <= number < 53100 or 530000 <= number < 531000
    assert policy or isinstance(found, SignInRequired)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("AADSTS70002: Error. AADSTS50011: The reply address", "APP_REDIRECT_URI"),
        ("AADSTS70002: Error. AADSTS50012: Invalid client secret", "APP_SECRET_WRONG"),
        ("AADSTS70000: Error. AADSTS53003: Blocked", "POLICY_BLOCKED"),
    ],
)
def test_the_number_that_tells_most(words, reason):
    error = {"error": "invalid_client", "error_description": words}
    assert identity_outcome(error, {}).reason == Reason[reason]


def answer(status, code):
    error = {"code": code, "message": "Graph's words."}
    return Answer(status, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("doing", "status", "code", "words", "kind", "reason", "source"), GRAPH, ids=str
)
def test_graph(doing, status, code, words, kind, reason, source):
    said = answer(int(status), "" if code == "-" else code)
    found = graph_outcome(said, sending=doing == "send")
    assert meant(found) == (kind, Reason[reason])
    assert source.startswith("https://")


def test_every_code_of_graph_is_in_the_table():
    assert set(GRAPH_CODES) | set(ABOUT_SENDING) <= {row[2] for row in GRAPH}
    assert len({row[:3] for row in GRAPH}) == len(GRAPH) >= 60


@given(st.integers(400, 499), st.text(max_size=40))
@settings(derandomize=True, deadline=None)
def test_no_unknown_code_of_graph_fails_an_email(status, code):
    if code not in GRAPH_CODES and status != 413:
        found = graph_outcome(answer(status, code), sending=True)
        assert not isinstance(found, Rejected)
        waits = Unavailable if status != 408 else OutcomeUnknown
        assert status in (401, 403, 429) or isinstance(found, waits)


@given(
    st.sampled_from([500, 502, 504, 508, 520, 599]),
    st.sampled_from(sorted(GRAPH_CODES)),
)
@settings(derandomize=True, deadline=None)
def test_a_broken_server_may_have_sent_it_whatever_it_says(status, code):
    assert isinstance(graph_outcome(answer(status, code), sending=True), OutcomeUnknown)


@given(
    st.sampled_from(["limit", "quota", "rate", "throttled"]),
    st.sampled_from(["some{}Word", "{}Reached", "SOME_{}_WORD", "{}"]),
    st.booleans(),
)
@settings(derandomize=True, deadline=None)
def test_a_403_of_any_limit_is_waited_for(word, around, sending):
    word = word.upper() if around.isupper() else word.title()
    code = around.format(word)
    assert isinstance(graph_outcome(answer(403, code), sending=sending), Throttled)


@given(st.text("bcdefghijk", min_size=1, max_size=12), st.booleans())
@settings(derandomize=True, deadline=None)
def test_a_403_that_nobody_has_listed_waits(code, sending):
    assert isinstance(graph_outcome(answer(403, code), sending=sending), Unavailable)
