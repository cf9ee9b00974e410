"""Everything that can stand in the way to a server has its own, distinct reason."""

import datetime
import socket
import ssl
import threading
import time

import pytest
import trustme
from account_email_connector.providers.outcomes import AdminActionRequired, Unavailable
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp import session
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from account_email_connector.providers.smtp.ports import diagnose_ports, probe_port
from account_email_connector.providers.smtp.session import PATIENCE
from mail_helpers import ACCOUNT
from mailserver import closed_port, filtered_port

pytest_plugins = ("mail_support",)


def reason_of(mailbox, kind):
    with pytest.raises(kind) as caught:
        mailbox.check()
    assert type(caught.value) is kind
    assert caught.value.service == "smtp"
    return caught.value.reason


@pytest.fixture
def talker():
    """A server that says one thing to whoever connects."""
    listeners = []

    def make(words):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            while True:
                try:
                    client, _address = listener.accept()
                    client.sendall(words)
                    client.recv(1000)
                    client.close()
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield make
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "", "a..b", "x" * 300, "a\0b"]
)
def test_the_name_does_not_resolve(sink, mailbox_of, host):
    mailbox = mailbox_of(sink, host=host)
    assert reason_of(mailbox, Unavailable) == Reason.HOST_NOT_FOUND


@pytest.mark.parametrize("service", ["smtp", "imap"])
def test_a_resolver_that_does_not_answer(server, monkeypatch, service):
    """The resolver of the system may take minutes; nobody waits that long."""
    answered = threading.Event()
    ask = socket.getaddrinfo

    def stall(host, *args, **options):
        if host == "slow.example":
            answered.wait(10)
        return ask(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", stall)
    name = {"smtp": "host", "imap": "imap_host"}[service]
    settings = server.settings(ACCOUNT, **{name: "slow.example", "timeout": 0.7})
    started = time.monotonic()
    with (
        SmtpMailbox(SmtpSettings(**settings)) as mailbox,
        pytest.raises(Unavailable) as caught,
    ):
        mailbox.check()
    answered.set()
    assert time.monotonic() - started < 3
    assert caught.value.reason == Reason.DNS_SILENT
    assert caught.value.service == service
    assert caught.value.detail == "no answer from the DNS"


def test_the_port_is_filtered(sink, mailbox_of):
    with filtered_port() as port:
        mailbox = mailbox_of(sink, host="127.0.0.1", port=port)
        assert reason_of(mailbox, Unavailable) == Reason.PORT_FILTERED


def test_a_host_of_many_addresses_is_not_waited_for_longer(
    sink, mailbox_of, monkeypatch
):
    with filtered_port() as port:
        found = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM) * 8
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
        mailbox = mailbox_of(sink, host="many.example", port=port, timeout=1.5)
        started = time.monotonic()
        assert reason_of(mailbox, Unavailable) == Reason.PORT_FILTERED
        assert time.monotonic() - started < 3  # for each of three it would be 4.5


@pytest.mark.parametrize("port", ["closed", 0, 70000])
def test_the_port_is_closed(sink, mailbox_of, port):
    mailbox = mailbox_of(sink, port=closed_port() if port == "closed" else port)
    assert reason_of(mailbox, Unavailable) == Reason.PORT_CLOSED


def test_tls_on_a_plain_port(sink, mailbox_of):
    mailbox = mailbox_of(sink, port=sink.port, encryption="ssl")
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


@pytest.mark.parametrize("encryption", ["starttls", "none"])
def test_no_tls_on_a_tls_port(sink, mailbox_of, encryption):
    mailbox = mailbox_of(sink, port=sink.tls_port, encryption=encryption)
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


def test_starttls_is_not_offered(make_sink, mailbox_of):
    mailbox = mailbox_of(make_sink(tls=False), encryption="starttls")
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


def test_no_sign_in_without_encryption(sink, mailbox_of):
    mailbox = mailbox_of(sink, port=sink.port, encryption="none")
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION
    assert sink.sign_ins == []


def test_the_real_server_wants_encryption_too(server):
    # Dovecot takes clients on its own address for local ones; this is another one.
    settings = server.settings(
        ACCOUNT, host="127.0.0.2", port=server.submission, encryption="none"
    )
    mailbox = SmtpMailbox(SmtpSettings(**settings))
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


@pytest.mark.parametrize("encryption", ["ssl", "starttls"])
def test_a_certificate_of_an_unknown_authority(sink, mailbox_of, encryption):
    port = sink.tls_port if encryption == "ssl" else sink.port
    mailbox = mailbox_of(sink, port=port, encryption=encryption, ca_file="")
    assert reason_of(mailbox, AdminActionRequired) == Reason.CERTIFICATE_NOT_TRUSTED
    assert sink.sign_ins == []


def test_a_certificate_of_another_host(sink, mailbox_of):
    mailbox = mailbox_of(sink, host="127.0.0.1")
    assert reason_of(mailbox, AdminActionRequired) == Reason.CERTIFICATE_WRONG_HOST
    assert sink.sign_ins == []


def test_an_expired_certificate(make_sink, mailbox_of, authority):
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    cert = authority.issue_cert(
        "localhost", not_before=now - 9 * day, not_after=now - day
    )
    mailbox = mailbox_of(make_sink(cert=cert))
    assert reason_of(mailbox, AdminActionRequired) == Reason.CERTIFICATE_EXPIRED


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_an_encryption_too_old(make_sink, mailbox_of):
    sink = make_sink()
    sink.tls.set_ciphers("ALL:@SECLEVEL=0")
    sink.tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    sink.tls.maximum_version = ssl.TLSVersion.TLSv1_1
    mailbox = mailbox_of(sink)
    assert reason_of(mailbox, AdminActionRequired) == Reason.ENCRYPTION_TOO_OLD


@pytest.mark.parametrize(
    ("alert", "kind", "reason"),
    [
        (40, AdminActionRequired, Reason.ENCRYPTION_TOO_OLD),  # handshake_failure
        (70, AdminActionRequired, Reason.ENCRYPTION_TOO_OLD),  # protocol_version
        (80, Unavailable, Reason.CONNECTION_LOST),  # internal_error
        (112, AdminActionRequired, Reason.CERTIFICATE_WRONG_HOST),  # unrecognized_name
    ],
)
def test_an_alert_of_tls(mailbox_of, sink, talker, alert, kind, reason):
    """A server that is ill has no encryption that is too old: it is asked again."""
    words = bytes([0x15, 3, 3, 0, 2, 2, alert])
    mailbox = mailbox_of(sink, host="127.0.0.1", port=talker(words), encryption="ssl")
    assert reason_of(mailbox, kind) == reason


def test_nothing_is_said(mailbox_of, sink, talker):
    mailbox = mailbox_of(sink, host="127.0.0.1", port=talker(b""), encryption="none")
    assert reason_of(mailbox, Unavailable) == Reason.SERVER_SILENT


@pytest.mark.parametrize(
    "words", [b"HTTP/1.1 400 Bad\r\n\r\n", b"* OK IMAP4 ready\r\n"]
)
def test_something_else_than_a_mail_server(mailbox_of, sink, talker, words):
    mailbox = mailbox_of(sink, host="127.0.0.1", port=talker(words), encryption="none")
    assert reason_of(mailbox, AdminActionRequired) == Reason.NOT_A_MAIL_SERVER


def test_this_machine_is_refused(sink, mailbox_of):
    sink.faults.set("greeting", "554 5.7.1 Your address is on a blocklist")
    mailbox = mailbox_of(sink)
    assert reason_of(mailbox, AdminActionRequired) == Reason.CLIENT_REFUSED


def test_no_sign_in_at_all(make_sink, mailbox_of):
    mailbox = mailbox_of(make_sink(users={}))
    assert reason_of(mailbox, AdminActionRequired) == Reason.AUTH_NOT_OFFERED


def test_no_sign_in_by_password(make_sink, mailbox_of):
    mailbox = mailbox_of(make_sink(mechanisms="XOAUTH2"))
    assert reason_of(mailbox, AdminActionRequired) == Reason.SIGN_IN_DISABLED


def test_which_other_ports_answer(make_sink, monkeypatch):
    plain = make_sink(tls=False)
    encrypted = make_sink(cert=trustme.CA().issue_cert("localhost"))
    closed = closed_port()
    monkeypatch.setattr(
        "account_email_connector.providers.smtp.ports.IMPLICIT_TLS",
        (encrypted.tls_port,),
    )
    with filtered_port() as filtered:
        ports = (encrypted.tls_port, encrypted.port, plain.port, filtered, closed)
        found = diagnose_ports("127.0.0.1", closed, 0.5, ports=ports)
    assert [(answer.port, answer.state, answer.encryption) for answer in found] == [
        (encrypted.tls_port, "open", "ssl"),
        (encrypted.port, "open", "starttls"),
        (plain.port, "open", "none"),
        (filtered, "shut", ""),
    ]


def test_why_another_port_is_shut_is_not_told(talker, sink):
    """Whoever asks for it would learn what stands where behind the firewall."""
    shut = [
        probe_port("127.0.0.1", closed_port(), 0.5),
        probe_port("127.0.0.1", talker(b""), 0.3),
        probe_port("127.0.0.1", talker(b"-ERR redis\r\n"), 0.3),
        probe_port("127.0.0.1", talker(b"554 5.7.1 No\r\n"), 0.3),
        probe_port("127.0.0.1", sink.port, 0.5, implicit_tls=True),
        probe_port("no-such-host.invalid", 25, 0.3),
    ]
    assert {(each.state, each.encryption) for each in shut} == {("shut", "")}


@pytest.mark.parametrize("encryption", ["starttls", "none", "ssl"])
def test_a_port_that_takes_the_connection_and_says_nothing(
    make_sink, mailbox_of, encryption
):
    """Nothing is blocked, and no other encryption is what it waits for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        mailbox = mailbox_of(make_sink(), port=port, encryption=encryption, timeout=0.2)
        assert reason_of(mailbox, Unavailable) == Reason.SERVER_SILENT


def test_a_greeting_may_take_longer_than_a_step(sink, mailbox_of):
    sink.faults.set("greeting", "stall")
    threading.Timer(1.5, sink.faults.clear).start()
    mailbox_of(sink, timeout=0.5).check()
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_until_signed_in_it_takes_no_longer_than_the_user_is_told(sink, mailbox_of):
    """However the waiting is spread over the steps."""
    assert PATIENCE * SmtpSettings("", 0, "").timeout <= 60
    for point in ("greeting", "ehlo", "auth"):
        sink.faults.set(point, "stall")
    for after, point in enumerate(("greeting", "ehlo"), start=1):
        threading.Timer(after, sink.faults.clear, [point]).start()
    mailbox = mailbox_of(sink, timeout=0.4)
    assert reason_of(mailbox, Unavailable) == Reason.SERVER_SILENT


@pytest.mark.parametrize(
    "refusal", ["421 Bad HELO", "501 Syntax error", "550 Need a name", "504 Not a host"]
)
def test_who_takes_no_address_is_told_a_name(make_sink, mailbox_of, refusal):
    sink = make_sink()
    sink.faults.set("ehlo", refusal, match="[")
    mailbox_of(sink, port=sink.port, encryption="starttls").check()
    hello = [each for each in sink.faults.read_events() if each["point"] == "ehlo"]
    assert hello[0]["line"] == "[127.0.0.1]"
    assert "." in hello[-1]["line"] and "[" not in hello[-1]["line"]
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_who_takes_no_name_either_has_its_words_told(sink, mailbox_of):
    sink.faults.set("ehlo", "550 5.7.1 Go away")
    with pytest.raises(AdminActionRequired) as caught:
        mailbox_of(sink).check()
    assert caught.value.reason == Reason.CLIENT_REFUSED
    assert len(sink.faults.reached("ehlo")) == 2


@pytest.mark.parametrize(
    ("machine", "user", "name"),
    [
        ("odoo.acme.example", "a@b.example", "odoo.acme.example"),
        ("odoo", "a@b.example", "b.example"),
        ("odoo", "billing", "localhost.localdomain"),
        ("o d.o", "a@bücher.example", "localhost.localdomain"),
    ],
)
def test_what_we_call_ourselves(monkeypatch, machine, user, name):
    monkeypatch.setattr(session, "gethostname", lambda: machine)
    assert session.own_name(user) == name
