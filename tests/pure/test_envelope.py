"""Headers tell the envelope's truth; addresses are valid; bytes survive the wire."""

import email
import email.policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import parseaddr

import pytest
from account_email_connector.providers.envelope import (
    address_to_envelope,
    envelope_address,
    outgoing_email,
)
from account_email_connector.providers.outcomes import Rejected
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.wire_format import needs_smtputf8, to_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

LONG_ID = f"<{'1234567890.' * 8}openerp-12-account.move@{'long-' * 8}host.example>"


def message(**headers):
    built = EmailMessage(policy=email.policy.SMTP)
    for name, value in headers.items():
        built[name.replace("_", "-")] = value
    built.set_content("Hello\n")
    return built


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_odoo_s_additions_to_the_headers_are_taken_back():
    """What core's ``_alter_message__`` really hands over (facts, section 1)."""
    odoo = message(
        To='"A" <a@x.example>, "Not Addressed" <b2@x.example>',
        Cc="c@x.example",
        Return_Path="bounce@odoo.example",
        X_Msg_To_Add="b2@x.example",
    )
    rebuilt = address_to_envelope(odoo, ["a@x.example"])
    assert rebuilt["To"] == "A <a@x.example>"
    for name in ("Cc", "Bcc", "Return-Path", "X-Msg-To-Add"):
        assert rebuilt[name] is None
    assert odoo["Cc"] == "c@x.example"  # the original is as it was


def test_bcc_that_odoo_deleted_comes_back():
    rebuilt = address_to_envelope(
        message(To="a@x.example", Cc="c@x.example"),
        ["a@x.example", "c@x.example", "hidden@x.example"],
    )
    found = (rebuilt["To"], rebuilt["Cc"], rebuilt["Bcc"])
    assert found == ("a@x.example", "c@x.example", "hidden@x.example")
    assert b"hidden" not in to_bytes(rebuilt)
    assert b"Bcc: hidden@x.example\r\n" in to_bytes(rebuilt, bcc=True)


def test_everybody_once():
    rebuilt = address_to_envelope(
        message(
            To="a@x.example, A <a@X.EXAMPLE>, b@bücher.example",
            Cc="a@x.example, B <b@xn--bcher-kva.example>",
        ),
        ["a@x.example", "b@xn--bcher-kva.example", "a@x.example"],
    )
    assert rebuilt["To"] == "a@x.example, b@xn--bcher-kva.example"
    assert rebuilt["Cc"] is None
    assert rebuilt["Bcc"] is None


def test_lists_as_odoo_sets_them():
    built = message(To=['"Dé, Jean" <a@bücher.example>', "b@x.example"])
    rebuilt = address_to_envelope(built, ["a@xn--bcher-kva.example", "b@x.example"])
    (jean, b) = rebuilt["To"].addresses
    assert (jean.display_name, jean.addr_spec) == (
        "Dé, Jean",
        "a@xn--bcher-kva.example",
    )
    assert b.addr_spec == "b@x.example"
    assert parse(to_bytes(rebuilt))["To"].addresses == (jean, b)


def test_an_address_in_a_name_is_no_recipient():
    built = message(To='"Bike@Home" <c@x.example>')
    rebuilt = address_to_envelope(built, ["c@x.example"])
    assert rebuilt["To"].addresses[0].display_name == "Bike@Home"


@pytest.mark.parametrize(
    "value",
    [
        "undisclosed-recipients:;",
        "A, B <a@x.example>",
        '"unclosed <a@x.example>',
        "<<a@x.example>>",
        "a@x.example;b@x.example",
        "A <a@x.example> trailing words",
        "group: a@x.example, b@x.example;",
        "=?utf-8?q?broken",
        "@",
        "",
    ],
)
def test_odd_headers_never_raise_and_lose_nobody(value):
    recipients = ["a@x.example", "b@x.example"]
    rebuilt = address_to_envelope(message(To=value), recipients)
    raw = to_bytes(rebuilt, bcc=True).decode()
    assert raw.count("<a@x.example>") + raw.count(" a@x.example") == 1
    assert raw.count("b@x.example") == 1


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_header_text_raises(to, subject):
    built = EmailMessage(policy=email.policy.SMTP)
    try:
        built["To"], built["Subject"] = to, subject
    except (ValueError, IndexError, AttributeError):
        return  # Odoo would not have got that far either
    raw = to_bytes(address_to_envelope(built, ["a@x.example"]), bcc=True)
    found = parse(raw)
    people = [*(found["To"] or "").split(","), *(found["Bcc"] or "").split(",")]
    assert sum("a@x.example" in person for person in people) == 1
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_old_style_messages():
    old = Message()
    old["To"] = "a@x.example"
    old["Subject"] = "Hello"
    old.set_payload("Hello\n")
    rebuilt = address_to_envelope(old, ["a@x.example", "b@x.example"])
    assert (rebuilt["To"], rebuilt["Bcc"]) == ("a@x.example", "b@x.example")


@pytest.mark.parametrize(
    ("given_address", "expected"),
    [
        ("a@x.example", "a@x.example"),
        (" Bob@X.Example ", "Bob@x.example"),
        ("info@Bücher.example", "info@xn--bcher-kva.example"),
        ("jérôme@x.example", "jérôme@x.example"),
        ("o'neil+tag=x@x.example", "o'neil+tag=x@x.example"),
        ("a..b.@docomo.example", "a..b.@docomo.example"),
        ("root@localhost", "root@localhost"),
        ("a@under_score.example", "a@under_score.example"),
    ],
)
def test_valid_addresses(given_address, expected):
    assert envelope_address(given_address) == expected


@pytest.mark.parametrize(
    "address",
    [
        *("", "a", "@x.example", "a@", "a b@x.example", "a@x..example", "a@-x.example"),
        *(
            "a@x.example\n",
            "a\r\nRCPT TO:<b@x.example>",
            "\ta@x.example",
            "a@x\n.example",
        ),
        *(
            "a@b@x.example",
            "<a@x.example>",
            "a,b@x.example",
            '"a b"@x.example',
            "a;b@x.de",
        ),
        *("a\u200bb@x.example", "a\u2028b@x.example", "a@i❤.example", "a\0@x.example"),
        *(
            "x" * 65 + "@x.example",
            "a@" + "x" * 64 + ".example",
            "é" * 33 + "@x.example",
        ),
        *("a@" + ".".join(["x" * 60] * 5), None, False),
    ],
)
def test_invalid_addresses(address):
    with pytest.raises(Rejected) as caught:
        envelope_address(address)
    assert caught.value.reason == Reason.ADDRESS_INVALID
    assert "\n" not in str(caught.value)
    with pytest.raises(Rejected):
        outgoing_email(message(To="a@x.example"), "a@x.example", [address])
    with pytest.raises(Rejected):
        outgoing_email(message(To="a@x.example"), address, ["a@x.example"])


def test_nobody_to_send_to():
    with pytest.raises(Rejected):
        outgoing_email(message(To="a@x.example"), "a@x.example", [])


def test_an_email_always_has_a_message_id():
    outgoing = outgoing_email(message(), "me@x.example", ["a@x.example"])
    assert outgoing.message_id.endswith("@x.example>")


def test_which_addresses_need_smtputf8():
    assert needs_smtputf8(message(), "jérôme@x.example")
    assert needs_smtputf8(message(Reply_To="jérôme@x.example"), "a@x.example")
    assert not needs_smtputf8(message(To="Jérôme <a@bücher.example>"), "a@x.example")


SUBJECTS = [
    "Reminder",
    "x" * 300,
    "Votre facture n° 12 — relance 😀 " * 10,
    "😀" * 300,
    "Two  spaces, a\ttab; and = signs? 100%",
    "日本語の件名" * 50,
    "x" * 70 + " é",
    "word " * 60,
    "a =?utf-8 lookalike",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_survive(subject):
    raw = to_bytes(message(Subject=subject))
    assert parse(raw)["Subject"] == subject.replace("\t", " ").strip()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_subject_survives(subject):
    if "=?" in subject:
        return  # taken for an encoded word already when Odoo sets it
    built = message(Subject=subject)
    assert parse(to_bytes(built))["Subject"].strip() == subject.strip()


@pytest.mark.parametrize(
    "name", ["ACME 😀 GmbH", "É" * 300, "x" * 300, 'Quote " and \\', "A, B; C"]
)
def test_names_survive(name):
    raw = to_bytes(message(From=[Address(name, "a", "x.example")]))
    # The older parser: the newer one leaves spaces between encoded words in names.
    written = email.message_from_bytes(raw)["From"].replace("\r\n", "")
    display_name, address = parseaddr(written)
    assert str(make_header(decode_header(display_name))) == name
    assert address == "a@x.example"
    assert max(map(len, raw.split(b"\r\n"))) <= 100


def test_threads_hold():
    """Python up to 3.13 breaks long ids into encoded words, which nobody reads."""
    raw = to_bytes(
        message(
            Message_Id=LONG_ID, In_Reply_To=LONG_ID, references=f"{LONG_ID} {LONG_ID}"
        )
    )
    assert raw.count(LONG_ID.encode()) == 4
    assert b"=?" not in raw


INJECTION = "=?utf-8?q?foo=0D=0ABcc:_evil@x.example?= bar"


@pytest.mark.parametrize("name", ["Subject", "X-Own", "Comments"])
def test_a_hidden_line_break_makes_no_header(name):
    built = message(To="a@x.example", **{name.replace("-", "_"): INJECTION})
    rebuilt = address_to_envelope(built, ["a@x.example"])
    found = parse(to_bytes(rebuilt, bcc=True))
    assert found["Bcc"] is None
    assert found[name] == "foo  Bcc: evil@x.example bar"
    assert "\n" not in rebuilt[name]  # APIs that take JSON read it from here


@pytest.mark.parametrize("name", ["X-A\r\nBcc", "X A", "X-A:", "Bcc: b@x.example\r\nX"])
def test_a_header_s_name_makes_no_other_header(name):
    built = message(To="a@x.example")
    built[name] = "evil@x.example"
    with pytest.raises(Rejected) as caught:
        to_bytes(address_to_envelope(built, ["a@x.example"]), bcc=True)
    assert caught.value.reason == Reason.MESSAGE_REFUSED


def test_bodies_are_seven_bit_and_all_lines_end_alike():
    built = message()
    built.set_content("Grüße\nzweite\rdritte\r\nvierte", charset="utf-8")
    built.add_attachment(bytes(range(256)), maintype="application", subtype="pdf")
    raw = to_bytes(built)
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    body, attachment = parse(raw).iter_parts()
    assert body.get_content().startswith("Grüße")
    assert attachment.get_content() == bytes(range(256))


def test_what_cannot_be_written_is_refused():
    built = message()
    part = Message()
    part.set_payload("\udcff")
    built.set_type("multipart/mixed")
    built.set_payload([part, object()])
    with pytest.raises(Rejected) as caught:
        to_bytes(built)
    assert caught.value.reason == Reason.MESSAGE_REFUSED


def test_french_keeps_its_narrow_space():
    message = EmailMessage()
    message["Subject"] = "Acme\u202f: rappel"
    message["To"] = "pay@bluelake.example"
    message.set_content("x")
    written = to_bytes(address_to_envelope(message, ["pay@bluelake.example"]))
    read = email.message_from_bytes(written, policy=email.policy.default)
    assert read["Subject"] == "Acme\u202f: rappel"
