"""Sending through a real mail server, and reusing its connection."""

import base64
import email
import email.policy

import pytest
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from mail_helpers import ACCOUNT, CUSTOMER, compose

pytest_plugins = ("mail_support",)


@pytest.mark.parametrize("encryption", ["ssl", "starttls"])
def test_an_email_reaches_the_customer_and_the_sent_folder(server, encryption):
    port = {"ssl": server.submissions, "starttls": server.submission}[encryption]
    settings = server.settings(ACCOUNT, port=port, encryption=encryption)
    outgoing = compose(
        f"Rappel {encryption} — 100 € 😀", body="Chère cliente,\n.\n..\n"
    )
    with SmtpMailbox(SmtpSettings(**settings)) as mailbox:
        mailbox.check()
        receipt = mailbox.send(outgoing)
        copy = mailbox.file_copy(outgoing)
    assert receipt.message_id == outgoing.message_id
    assert receipt.accepted_at.utcoffset().total_seconds() == 0
    assert receipt.refused is None
    assert copy.state == "filed"
    received, sent = server.inbox(CUSTOMER)[-1], server.sent(ACCOUNT)[-1]
    for message in (received, sent):
        assert message["Message-ID"] == outgoing.message_id
        assert message["Subject"] == outgoing.message["Subject"]
        assert message["To"] == CUSTOMER
        assert message.get_content() == "Chère cliente,\n.\n..\n"


def test_the_system_s_authorities_can_be_extended_by_ssl_cert_file(server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", server.ca_file)
    with SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT, ca_file=""))) as mailbox:
        mailbox.check()


def test_bcc_gets_the_email_and_nobody_else_sees_it(server):
    hidden = "auditor@hidden.example"
    outgoing = compose("With a blind copy", bcc=[hidden])
    with SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT))) as mailbox:
        mailbox.send(outgoing)
        mailbox.file_copy(outgoing)
    received = [server.inbox(CUSTOMER)[-1], server.inbox(hidden)[-1]]
    assert [message["Subject"] for message in received] == ["With a blind copy"] * 2
    assert hidden not in received[0].as_string()
    assert not any(message["Bcc"] for message in received)
    assert server.sent(ACCOUNT)[-1]["Bcc"] == hidden


def test_a_wrong_password_is_tried_once_only(sink, mailbox_of):
    mailbox = mailbox_of(sink, password="wrong")
    for _attempt in range(3):
        with pytest.raises(SignInRequired) as caught:
            mailbox.send(compose())
        assert caught.value.reason == Reason.WRONG_PASSWORD
        assert caught.value.code == "535 5.7.8"
    assert sink.sign_ins == [(ACCOUNT, False)]


def test_the_real_server_s_wrong_password(server):
    settings = server.settings(ACCOUNT, password="wrong")
    mailbox = SmtpMailbox(SmtpSettings(**settings))
    with mailbox, pytest.raises(SignInRequired) as caught:
        mailbox.check()
    assert (caught.value.service, caught.value.code) == ("smtp", "535 5.7.8")


def test_checking_again_tries_again(sink, mailbox_of):
    mailbox = mailbox_of(sink, password="wrong")
    for _attempt in range(2):
        with pytest.raises(SignInRequired):
            mailbox.check()
    assert len(sink.sign_ins) == 2


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_passwords_of_any_letters(make_sink, mailbox_of, mechanisms):
    password = 'pässwörd "日本" \\'
    sink = make_sink(users={ACCOUNT: password}, mechanisms=mechanisms)
    mailbox_of(sink, password=password).check()
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_cram_md5_where_nothing_else_is_offered(make_sink, mailbox_of):
    sink = make_sink(mechanisms="CRAM-MD5")
    challenge = base64.b64encode(b"<1@sink.example>").decode()
    sink.faults.set("auth", f"334 {challenge}")
    for password in ("secret", "pässwörd"):  # the sink cannot check it
        mailbox = mailbox_of(sink, password=password)
        with pytest.raises(Outcome) as caught:
            mailbox.check()
        assert password not in f"{caught.value!r}"


def test_no_secret_in_settings_or_errors(sink, mailbox_of):
    secret = "s3cret-Pa55"
    sink.faults.set("auth", f"535 5.7.8 you said {secret}")
    mailbox = mailbox_of(sink, password=secret)
    with pytest.raises(SignInRequired) as caught:
        mailbox.check()
    shown = f"{mailbox._settings!r} {caught.value!r} {caught.value.detail}"
    assert secret not in shown
    assert "you said ***" in shown


@pytest.mark.parametrize(
    ("refusal", "kind", "reason"),
    [
        (
            "534 5.7.9 Application-specific password",
            SignInRequired,
            "APP_PASSWORD_NEEDED",
        ),
        ("535 5.7.139 Basic is disabled", AdminActionRequired, "SIGN_IN_DISABLED"),
        ("454 4.7.0 Try later", Unavailable, "PROVIDER_DOWN"),
    ],
)
def test_refused_sign_ins(sink, mailbox_of, refusal, kind, reason):
    sink.faults.set("auth", refusal)
    with pytest.raises(kind) as caught:
        mailbox_of(sink).check()
    assert caught.value.reason == Reason[reason]


def test_several_emails_share_a_connection(sink, mailbox_of):
    mailbox = mailbox_of(sink)
    for number in range(3):
        mailbox.send(compose(f"Number {number}"))
    assert len(sink.accepted()) == 3
    assert len(sink.sign_ins) == 1


def test_a_dropped_idle_connection_is_opened_again(sink, mailbox_of):
    mailbox = mailbox_of(sink)
    mailbox.send(compose("Before"))
    sink.drop_connections()
    mailbox.send(compose("After"))
    assert [each.message["Subject"] for each in sink.accepted()] == ["Before", "After"]
    assert len(sink.sign_ins) == 2


@pytest.mark.parametrize("point", ["rset", "mail"])
@pytest.mark.parametrize("action", ["drop", "reset", "421 4.7.0 Too many messages"])
def test_a_server_that_ends_long_sessions_is_connected_again(
    sink, mailbox_of, point, action
):
    mailbox = mailbox_of(sink)
    mailbox.send(compose("Before"))
    sink.faults.set(point, action, times=1)
    mailbox.send(compose("After"))
    assert len(sink.accepted()) == 2


@pytest.mark.parametrize(
    "reply",
    [
        "500 Expected MAIL FROM:<addr> or QUIT",
        "502 5.5.1 Command not implemented",
        "503 5.5.0 not available",
        "421 4.4.2 No more",
        "450 4.7.1 Too many resets",
        "354 Go on",
    ],
)
def test_a_server_without_rset_gets_a_connection_for_each(sink, mailbox_of, reply):
    sink.faults.set("rset", reply)
    mailbox = mailbox_of(sink)
    for number in range(3):
        mailbox.send(compose(f"Number {number}"))
    assert len(sink.accepted()) == len(sink.sign_ins) == 3


@pytest.mark.parametrize(
    "reply",
    ["503 5.5.1 Nested MAIL", "530 5.7.0 Sign in again", "550 5.7.1 Sender refused"],
)
def test_what_a_used_connection_refuses_is_tried_on_a_new_one(sink, mailbox_of, reply):
    mailbox = mailbox_of(sink)
    mailbox.send(compose("Before"))
    sink.faults.set("mail", reply, times=1)
    mailbox.send(compose("After"))
    assert len(sink.accepted()) == len(sink.sign_ins) == 2
    sink.faults.set("mail", reply)
    with pytest.raises(AdminActionRequired):  # the new one says the same
        mailbox.send(compose("Never"))


def test_a_refused_email_does_not_stop_the_next(sink, mailbox_of):
    mailbox = mailbox_of(sink)
    sink.faults.set("rcpt", "550 5.1.1 No such user", match="nobody@")
    with pytest.raises(Rejected) as caught:
        mailbox.send(compose(to=["nobody@buyer.example"]))
    assert caught.value.reason == Reason.RECIPIENT_REFUSED
    assert caught.value.code == "550 5.1.1"
    mailbox.send(compose("To somebody"))
    assert [each.recipients for each in sink.accepted()] == [(CUSTOMER,)]
    assert len(sink.sign_ins) == 1


def test_some_refused_recipients_are_named(sink, mailbox_of):
    sink.faults.set("rcpt", "550 5.1.1 No such user", match="nobody@")
    receipt = mailbox_of(sink).send(compose(to=[CUSTOMER, "nobody@buyer.example"]))
    assert receipt.refused == {"nobody@buyer.example": "550 5.1.1 No such user"}
    assert sink.accepted()[0].recipients == (CUSTOMER,)


@pytest.mark.parametrize("copies", [{"Cc": "boss@acme.example"}, {}])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.1.1 No such user", Rejected),
        ("450 4.1.2 Domain not found", Unavailable),
    ],
)
def test_a_copy_does_not_leave_where_the_customer_is_refused(
    sink, mailbox_of, copies, reply, kind
):
    sink.faults.set("rcpt", reply, match=CUSTOMER)
    mailbox = mailbox_of(sink)
    outgoing = compose(bcc=["boss@acme.example"], **copies)
    with pytest.raises(kind) as caught:
        mailbox.send(outgoing)
    assert caught.value.detail == reply[10:]
    assert not sink.accepted()
    mailbox.send(compose(to=["boss@acme.example"]))
    assert [each.recipients for each in sink.accepted()] == [("boss@acme.example",)]


def test_a_refused_copy_does_not_hold_up_the_customer(sink, mailbox_of):
    sink.faults.set("rcpt", "550 5.1.1 No such user", match="boss@")
    outgoing = compose(bcc=["boss@acme.example"], Cc="boss@acme.example")
    receipt = mailbox_of(sink).send(outgoing)
    assert receipt.refused == {"boss@acme.example": "550 5.1.1 No such user"}
    assert sink.accepted()[0].recipients == (CUSTOMER,)


def test_all_refused_and_one_only_for_now_is_for_now(sink, mailbox_of):
    sink.faults.set("rcpt", "550 5.1.1 No such user")
    mailbox = mailbox_of(sink)
    with pytest.raises(Rejected):
        mailbox.send(compose(to=["a@buyer.example", "b@buyer.example"]))
    sink.faults.set("rcpt", "450 4.2.0 Greylisted")
    with pytest.raises(Unavailable):
        mailbox.send(compose(to=["a@buyer.example", "b@buyer.example"]))
    assert not sink.accepted()


def test_a_limit_said_about_a_recipient_concerns_the_mailbox(sink, mailbox_of):
    sink.faults.set("rcpt", "550 5.4.5 Daily sending quota exceeded", match="b@")
    with pytest.raises(Throttled):
        mailbox_of(sink).send(compose(to=["a@buyer.example", "b@buyer.example"]))
    assert not sink.accepted()


def test_what_is_too_large_is_not_even_begun(make_sink, mailbox_of):
    sink = make_sink(extensions=("SIZE 1000",))
    with pytest.raises(Rejected) as caught:
        mailbox_of(sink).send(compose(body="x" * 70 + "\n" + "y" * 2000))
    assert caught.value.reason == Reason.MESSAGE_TOO_LARGE
    assert "1000" in caught.value.detail
    assert "mail" not in [event["point"] for event in sink.faults.read_events()]


def test_the_real_server_s_size(server):
    mailbox = SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT)))
    with mailbox, pytest.raises(Rejected) as caught:
        mailbox.send(compose(body="x" * 76 * 480_000))
    assert caught.value.reason == Reason.MESSAGE_TOO_LARGE


def test_other_letters_before_the_at_need_smtputf8(make_sink, mailbox_of):
    address = "jérôme@buyer.example"
    mailbox_of(new := make_sink()).send(compose(to=[address]))
    assert new.accepted()[0].recipients == (address,)
    assert b"jer" not in new.accepted()[0].path.with_suffix(".eml").read_bytes()
    old = make_sink(extensions=("SIZE 1000000",))
    with pytest.raises(Rejected) as caught:
        mailbox_of(old).send(compose(to=[address]))
    assert caught.value.reason == Reason.ADDRESS_NOT_SUPPORTED
    assert not old.accepted()


def test_nothing_is_asked_of_a_server_that_it_does_not_offer(make_sink, mailbox_of):
    sink = make_sink(extensions=())
    mailbox_of(sink).send(compose("Größe", body="Grüße\n"))
    said = [e["line"] for e in sink.faults.read_events() if e["point"] == "mail"]
    assert [line.lower() for line in said] == [f"from:<{ACCOUNT}>"]
    raw = sink.accepted()[0].path.with_suffix(".eml").read_bytes()
    assert raw.isascii()
    assert sink.accepted()[0].message.get_content() == "Grüße\n"


def test_a_server_without_sign_in(make_sink, mailbox_of):
    sink = make_sink(tls=False, users={})
    mailbox_of(sink, user="", password="").send(compose())
    assert len(sink.accepted()) == 1


def test_exchange_s_own_message_id(make_sink, mailbox_of):
    own = "<AM0PR04MB1@AM0PR04MB1.eurprd04.prod.outlook.com>"
    words = f"250 2.0.0 OK {own} [Hostname=AM0PR04MB1.eurprd04.prod.outlook.com]"
    sink = make_sink(replies={"accepted": words})
    assert mailbox_of(sink).send(compose()).message_id == own


def test_odd_but_real_addresses(sink, mailbox_of):
    to = ["a..b.@docomo.example", "o'neil+x=y@buyer.example", "info@bücher.example"]
    receipt = mailbox_of(sink).send(compose(to=to))
    assert receipt.refused is None
    assert sink.accepted()[0].recipients == (*to[:2], "info@xn--bcher-kva.example")
    assert (
        sink.accepted()[0].message["To"].addresses[2].domain == "xn--bcher-kva.example"
    )


def test_what_is_sent_is_what_was_composed_byte_for_byte(sink, mailbox_of):
    body = ".\n..\n...dots\n\n" + "é" * 500 + "\nlone end without a line break"
    outgoing = compose(body=body)
    mailbox_of(sink).send(outgoing)
    raw = sink.accepted()[0].path.with_suffix(".eml").read_bytes()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message.get_content().splitlines() == body.splitlines()


@pytest.mark.parametrize(
    "refusal",
    [
        "504 5.5.4 Unrecognized authentication type",
        "535 5.7.3 Unsupported authentication mechanism",
        "538 5.7.11 Mechanism not supported",
        "501 5.5.4 Syntax error",
    ],
)
def test_a_mechanism_that_is_offered_only_is_passed_over(sink, mailbox_of, refusal):
    sink.faults.set("auth", refusal, match="PLAIN")
    mailbox_of(sink).check()
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_a_refused_password_is_not_tried_with_another_mechanism(sink, mailbox_of):
    sink.faults.set("auth", "535 5.7.8 Authentication failed", match="PLAIN")
    with pytest.raises(SignInRequired):
        mailbox_of(sink).check()
    assert len(sink.faults.reached("auth")) == 1


def test_where_no_mechanism_is_known_the_last_words_are_told(sink, mailbox_of):
    sink.faults.set("auth", "504 5.5.4 Unrecognized authentication type")
    with pytest.raises(AdminActionRequired) as caught:
        mailbox_of(sink).check()
    assert caught.value.reason == Reason.AUTH_NOT_OFFERED
    assert "Unrecognized" in caught.value.detail
    assert len(sink.faults.reached("auth")) == 2


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("abcd\u00a0efgh\u00a0ijkl", "abcd efgh ijkl"),
        ("abcd\u202fefgh\r\n", "abcd efgh"),
        ("\u00a0abcd\u00a0\r\n", "abcd"),
        ("\ufeffabcd\u200b\t\n", "abcd"),
        (" spaces may be meant ", " spaces may be meant "),
        ("a\tb", "a\tb"),
        ("日本 ü", "日本 ü"),
    ],
)
def test_what_is_pasted_along_with_a_password_is_taken_away(
    make_sink, mailbox_of, pasted, meant
):
    sink = make_sink(users={ACCOUNT: meant})
    mailbox_of(sink, password=pasted).check()
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_what_is_said_of_nobody_before_anything_is_sent(sink, mailbox_of):
    """A live check asks. The next email goes, as if nothing had been."""
    mailbox = mailbox_of(sink)
    assert mailbox.refusal_of(ACCOUNT, "nobody@live-check.invalid") is None
    sink.faults.set("rcpt", "550 5.1.1 No such user", match="nobody@")
    refusal = mailbox.refusal_of(ACCOUNT, "nobody@live-check.invalid")
    assert (refusal.code, refusal.detail) == ("550 5.1.1", "No such user")
    sink.faults.set("rcpt", "drop", match="nobody@")
    with pytest.raises(Unavailable):
        mailbox.refusal_of(ACCOUNT, "nobody@live-check.invalid")
    assert sink.accepted() == []
    mailbox.send(compose())
    assert len(sink.accepted()) == 1
