"""What came back is told apart, whatever it looks like."""

import incoming_samples as samples
import pytest
from account_email_connector.providers.incoming import (
    LONGEST,
    Automatic,
    Bounce,
    Reply,
    is_automatic,
    may_be_report,
    parse,
    read_headers,
    references,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from incoming_samples import CUSTOMER, OURS, ROOT

TABLE = {
    "reply": (samples.reply(), Reply),
    "outlook": (samples.outlook(), Reply),
    "out of office": (samples.out_of_office(), Automatic),
    "vacation": (samples.vacation(), Automatic),
    "read receipt": (samples.read_receipt(), Automatic),
    "exchange bounce": (samples.exchange_bounce(), Bounce),
    "postfix bounce": (samples.postfix_bounce(), Bounce),
    "postfix delayed": (samples.postfix_bounce(action="delayed"), Automatic),
    "postfix relayed": (samples.postfix_bounce(action="relayed"), Automatic),
    "gmail bounce": (samples.gmail_bounce(), Bounce),
    "exim bounce": (samples.exim_bounce(), Bounce),
    "qmail bounce": (samples.qmail_bounce(), Bounce),
    "huge": (samples.huge(), Reply),
    "broken": (samples.broken(), Reply),
}


@pytest.mark.parametrize("raw, kind", TABLE.values(), ids=TABLE)
def test_what_it_is_and_which_email_it_is_about(raw, kind):
    found = parse(raw)
    assert type(found) is kind
    assert OURS in found.refers_to


@pytest.mark.parametrize("raw, kind", TABLE.values(), ids=TABLE)
def test_the_headers_alone_lead_to_it(raw, kind):
    """Only of what passes here the body is read."""
    headers = read_headers(raw.partition(b"\r\n\r\n")[0])
    assert OURS in references(headers) or may_be_report(headers)
    if kind is Reply:
        assert not may_be_report(headers)
        assert not is_automatic(headers)


BOUNCES = {name: raw for name, (raw, kind) in TABLE.items() if kind is Bounce}


@pytest.mark.parametrize("raw", BOUNCES.values(), ids=BOUNCES)
def test_whom_it_did_not_reach(raw):
    assert parse(raw).recipients == (CUSTOMER,)


def test_why_it_did_not_reach_them():
    found = parse(samples.postfix_bounce())
    assert found.status == "5.1.1"
    assert found.diagnostic == "550 5.1.1 User unknown"
    assert "This is the mail system" in found.text


def test_a_reply_as_a_person_reads_it():
    found = parse(samples.reply())
    assert (found.sender_name, found.sender) == ("Zoë Lake", CUSTOMER)
    assert found.subject == "Re: Your open invoices – Acme"
    assert found.text.startswith("We paid on Friday. Grüße, Zoë\n")
    assert found.message_id == "<answer-1@bluelake.example>"
    assert found.refers_to == (OURS, ROOT)


def test_html_only_and_an_attachment():
    found = parse(samples.outlook())
    assert not found.text
    assert "Please send invoice 1 again…" in found.html
    assert found.attachments == ("order.docm",)


def test_only_the_provider_knows_the_thread():
    assert parse(samples.gmail()) is None
    found = parse(samples.gmail(), "19a0")
    assert (type(found), found.refers_to, found.thread_id) == (Reply, (), "19a0")


def test_a_stranger_refers_to_something_else():
    assert OURS not in parse(samples.unrelated()).refers_to


def test_the_rest_of_a_huge_one_is_not_read():
    found = parse(samples.huge()[:LONGEST])
    assert found.text.strip() == "See the film."
    assert found.attachments == ("film.mp4",)


def test_a_broken_one_keeps_its_words():
    assert "paid" in parse(samples.broken()).text
    assert "\0" not in parse(samples.broken()).text


def test_parts_in_parts_in_parts():
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )
    raw = b"In-Reply-To: " + OURS.encode() + b"\r\n" + parts
    assert parse(raw).refers_to == (OURS,)


def test_thousands_of_references():
    many = " ".join(f"<{n}@elsewhere.example>" for n in range(5000))
    raw = f"From: a@b.example\r\nReferences: {ROOT} {many} {OURS}\r\n\r\nHi".encode()
    found = parse(raw)
    assert found.refers_to[0] == OURS
    assert found.refers_to[-1] == ROOT
    assert len(found.refers_to) <= 50


def test_without_a_message_id_it_has_the_same_made_up_one():
    assert (
        parse(samples.qmail_bounce()).message_id
        == parse(samples.qmail_bounce()).message_id
    )
    assert parse(samples.qmail_bounce()).message_id.endswith("invalid>")


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Precedence: first-class",
        # It asks others not to answer by themselves; ticket systems add it to people's.
        "X-Auto-Response-Suppress: All",
    ],
)
def test_a_person_whose_program_says_so(header):
    raw = samples.reply().replace(b"MIME-Version: 1.0", header.encode(), 1)
    assert type(parse(raw)) is Reply


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Return-Path: <>",
    ],
)
def test_a_machine(header):
    raw = samples.reply().replace(b"MIME-Version: 1.0", header.encode(), 1)
    assert type(parse(raw)) is Automatic


def test_a_charset_with_a_name_that_is_none():
    subject = b"Subject: =?\x80-8?B?UmU6?="
    raw = samples.reply().replace(b"MIME-Version: 1.0", subject, 1)
    assert type(parse(raw)) is Reply


def test_a_postmaster_who_answers_is_a_person():
    assert type(parse(samples.reply(sender="postmaster@bluelake.example"))) is Reply


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([raw for raw, _kind in TABLE.values()]), st.data())
def test_nothing_makes_it_raise(raw, data):
    """Cut off anywhere, and with anything written over it."""
    raw = bytearray(raw[:4000])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + 3] = data.draw(st.binary(max_size=6))
    parse(bytes(raw[: data.draw(st.integers(0, len(raw)))]), "thread")
