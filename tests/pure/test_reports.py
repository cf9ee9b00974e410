"""What servers report of our emails is understood in all their dialects."""

import logging

import pytest
from account_email_connector.providers.incoming import (
    Automatic,
    Bounce,
    Cause,
    Reply,
    may_be_report,
    parse,
    read_headers,
)
from account_email_connector.providers.mail import notices
from bounce_samples import LATE, NAMELESS, NOTICES, WITH_STATUS, notice, report
from incoming_samples import CUSTOMER, OURS

NAMED = {**WITH_STATUS, **NOTICES}


@pytest.mark.parametrize("raw", NAMED.values(), ids=NAMED)
def test_whom_it_did_not_reach_and_which_email_it_was(raw):
    for each in (raw, raw.replace(b"\n", b"\r\n")):
        found = parse(each)
        assert type(found) is Bounce
        assert CUSTOMER in found.recipients
        assert OURS in found.refers_to
        assert may_be_report(read_headers(each))


@pytest.mark.parametrize("raw", NAMELESS.values(), ids=NAMELESS)
def test_a_failure_that_names_nobody(raw):
    found = parse(raw)
    assert (type(found), found.recipients) == (Bounce, ())


@pytest.mark.parametrize("raw", LATE.values(), ids=LATE)
def test_what_is_late_is_not_lost(raw):
    assert type(parse(raw)) is Automatic


def test_an_address_that_is_not_ascii():
    """https://www.rfc-editor.org/rfc/rfc6533#section-3: as it is, or spelt."""
    for spelt in ("zoë@bluelake.example", "zo\\x{EB}@bluelake.example"):
        status = "Reporting-MTA: dns; x\n\nFinal-Recipient: utf-8; " + spelt
        raw = report(f"{status}\nAction: failed\nStatus: 5.1.1\n")
        assert parse(raw).recipients == ("zoë@bluelake.example",)


def test_the_words_of_the_server():
    found = parse(NOTICES["Exim without its header"])
    assert found.status == "5.1.1"
    assert "550 5.1.1 Unknown user" in found.diagnostic
    comment = report(
        "Reporting-MTA: dns; x\n\nAction: failed\nFinal-Recipient: rfc822;a@b.example\n"
        "Status: 5.0.0 (recipient reached disk quota)\n"
    )
    assert parse(comment).status == "5.0.0"
    assert parse(comment).diagnostic == "recipient reached disk quota"


@pytest.mark.parametrize("name", [name for name in NOTICES if "amavisd" in name])
def test_what_a_filter_does_not_want_names_its_recipient_only(name):
    found = parse(NOTICES[name])
    assert found.by_cause() == {Cause.BLOCKED: (CUSTOMER,)}


def test_words_alone_make_no_report():
    """A person may say that something could not be delivered."""
    text = f"Your parcel could not be delivered.\n<{CUSTOMER}>: no.\n"
    for subject in ("Re: Undeliverable: Invoices", "Invoices"):
        assert type(parse(notice(text, CUSTOMER, subject))) is Reply


def test_without_flufl(monkeypatch):
    """There may be a Python which it does not know: somebody looks, then."""
    monkeypatch.setattr(notices, "_all_failures", None)
    found = parse(NOTICES["known to flufl.bounce only: Smail"])
    assert (type(found), found.recipients) == (Bounce, ())


def test_flufl_that_stumbles(monkeypatch, caplog):
    def stumble(_email):
        logging.getLogger("flufl.bounce").error("PRIVATE-WORDS")
        raise IndexError("PRIVATE-WORDS")

    monkeypatch.setattr(notices, "_all_failures", stumble)
    assert type(parse(NAMELESS["nothing but so"])) is Bounce
    assert "PRIVATE-WORDS" not in caplog.text


def test_what_flufl_is_shown_is_bounded(monkeypatch):
    """Its patterns look from each beginning: lines are short, and not many."""
    shown = []

    def look(email):
        shown.append(email.get_payload())
        return set(), set()

    monkeypatch.setattr(notices, "_all_failures", look)
    for text in ("a" * 200_000, "a\n" * 200_000, ("a" * 900 + "\n") * 1000):
        parse(notice(f"rejected\n{text}"))
    assert len(shown) == 3
    for text in shown:
        assert len(text) <= notices.MOST_CHARACTERS
        lines = text.split("\n")
        assert len(lines) <= notices.MOST_LINES
        assert max(map(len, lines)) <= notices.LONGEST_LINE
