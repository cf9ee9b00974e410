"""What strangers send costs little, raises nothing, and is what it is said to be."""

import tracemalloc
from dataclasses import fields

import pytest
from account_email_connector.providers.incoming import (
    Incoming,
    from_pairs,
    is_automatic,
    may_be_report,
    own_id,
    parse,
    read_headers,
    references,
    sender,
)
from account_email_connector.providers.mail import heads as mail_heads
from account_email_connector.providers.mail.charsets import UNSEEN
from account_email_connector.providers.mail.html_text import text_of
from hostile_grammar import Stranger
from hostile_samples import SAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processor import spent

SECONDS = 0.3  # of processor time, whatever it is
BYTES = 32 * 2**20  # beyond its own
#: Fields that may have several lines.
TEXTS = ("text", "html")


def everything(raw):
    """All that we ever do with an email, from its headers to its words."""
    headers = read_headers(raw)
    author, refers_to = sender(headers), references(headers)
    assert all(map(one_line, (*author, *refers_to, own_id(headers))))
    assert may_be_report(headers) in (True, False)
    assert is_automatic(headers) in (True, False)
    found = parse(raw, "thread")
    return found, text_of(found.html) if found else ""


def seconds(function, *args):
    """What it costs the processor; the less of two, if the first is too much."""
    for _ in range(2):
        _result, taken = spent(lambda: function(*args), SECONDS)
        if taken < SECONDS:
            break
    return taken


def one_line(text):
    return isinstance(text, str) and text.isprintable() and len(text) <= 502


def check(raw):
    """It takes no longer than it may, and comes to what can be stored and shown."""
    came_to = []
    assert seconds(lambda: came_to.append(everything(raw))) < SECONDS
    found, words = came_to[-1]
    assert isinstance(found, Incoming)
    assert UNSEEN.sub("", words) == words
    for each in fields(found):
        value = getattr(found, each.name)
        if each.name in TEXTS:
            assert len(value) <= 100_000
            assert UNSEEN.sub("", value) == value
        elif isinstance(value, tuple):
            assert len(value) <= 200
            assert all(map(one_line, value))
        else:
            assert one_line(value)


@pytest.fixture(autouse=True)
def nothing_was_caught(caplog):
    """The last guard is for what nobody has thought of: nothing may need it."""
    yield
    assert "could not be read" not in caplog.text


@pytest.mark.parametrize("make", SAMPLES.values(), ids=map(ascii, SAMPLES))
def test_each_kind(make):
    check(make())


@pytest.mark.parametrize("make", list(SAMPLES.values())[::15])
def test_what_it_takes_of_memory(make):
    raw = make()
    tracemalloc.start()
    try:
        everything(raw)
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


@settings(
    max_examples=1_000,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**64))
def test_ten_thousand_strangers(seed):
    """Ten a seed: choosing one costs as much as reading what it makes."""
    for number in range(10):
        check(Stranger(f"{seed}.{number}").email())


@pytest.mark.parametrize("broken", [RecursionError, ValueError, OverflowError])
def test_the_last_guard(broken, monkeypatch, caplog):
    def raises(*args):
        raise broken("somebody's words")

    headers = from_pairs([("From", "Zoe <pay@bluelake.example>")])
    monkeypatch.setattr(mail_heads, "getaddresses", raises)
    assert sender(headers) == ("", "")
    assert may_be_report(headers) is False
    assert broken.__name__ in caplog.text
    assert "somebody's words" not in caplog.text
    caplog.clear()


def test_the_last_guard_leaves_the_machines_trouble(monkeypatch):
    def raises(*args):
        raise MemoryError

    monkeypatch.setattr(mail_heads, "getaddresses", raises)
    with pytest.raises(MemoryError):
        sender(from_pairs([("From", "pay@bluelake.example")]))


@pytest.mark.parametrize("value", [None, 7, "\ud800", "a\r\nTo: b", "x" * 10**6, "\0"])
@pytest.mark.parametrize("name", ["Subject", "From", "", None, "a b", "\ud800", "x:"])
def test_what_an_api_says(name, value):
    headers = from_pairs([(name, value)] * 1000)
    assert sender(headers) == ("", "")
    assert not any("\n" in text or "\r" in text for text in headers.values())
    assert len(headers.as_bytes()) < 10**6
