"""The Sent folder: found whatever its name, filled once, never in the way."""

import contextlib
import socket
import threading
import time

import pytest
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.network import tls_context
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from imapclient import IMAPClient
from mail_helpers import ACCOUNT, PASSWORD, compose
from mailserver import MailServer, closed_port, filtered_port

pytest_plugins = ("mail_support",)

SMTP_ONLY = {"user": "", "encryption": "none"}


@pytest.fixture
def start_server():
    with contextlib.ExitStack() as stack:

        def start(**options):
            return stack.enter_context(MailServer({ACCOUNT: PASSWORD}, **options))

        yield start


@pytest.fixture(scope="module")
def gmail():
    """A server that says it is Gmail."""
    extra = "imap_capability = +X-GM-EXT-1\n"
    with MailServer({ACCOUNT: PASSWORD}, extra=extra) as running:
        yield running


def mailbox_on(server, **changes):
    return SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT, **changes)))


def signed_in(server):
    client = IMAPClient(
        server.host, server.imaps, ssl_context=tls_context(server.ca_file)
    )
    client.login(ACCOUNT, PASSWORD)
    return client


def file_by_hand(server, outgoing, folder="Sent Items"):
    """What a provider does that keeps what is sent through it."""
    with signed_in(server) as client:
        client.append(folder, outgoing.message.as_bytes())


def reason_of(mailbox, kind):
    with pytest.raises(kind) as caught:
        mailbox.check()
    assert type(caught.value) is kind
    assert caught.value.service == "imap"
    return caught.value.reason


@pytest.mark.parametrize(
    "name",
    ["Sent", "Éléments envoyés", "送信済みアイテム", "My Archive & more/Out 😀"],
)
def test_the_folder_is_found_by_its_use_whatever_its_name(start_server, name):
    server = start_server(sent_folder=name)
    outgoing = compose()
    with mailbox_on(server) as mailbox:
        mailbox.check()
        assert mailbox.file_copy(outgoing).state == "filed"
        assert mailbox.find_sent(outgoing.message_id) is True
    with signed_in(server) as client:
        client.select_folder(name)
        assert len(client.search()) == 1


@pytest.mark.parametrize(
    "name", ["Sent Messages", "Gesendete Elemente", "Отправленные", "INBOX/Envoyés"]
)
def test_or_by_a_usual_name(start_server, name):
    server = start_server(sent_folder=name, special_use=False)
    with signed_in(server) as client:
        client.create_folder("Archive/Sentimental")
        client.create_folder("Unsent")
    outgoing = compose()
    with mailbox_on(server) as mailbox:
        assert mailbox.file_copy(outgoing).state == "filed"
    with signed_in(server) as client:
        client.select_folder(name)
        assert len(client.search()) == 1


@pytest.mark.parametrize("name", ["Sent", "Sent Items", "INBOX/Sent"])
def test_a_folder_of_that_name_further_down_is_another_one(start_server, name):
    server = start_server(sent_folder=name, special_use=False)
    with signed_in(server) as client:
        client.create_folder("Archive/2019/Sent")
        client.create_folder("INBOX/Old/Sent")
        client.create_folder("A colleague/Sent")
    with mailbox_on(server) as mailbox:
        assert mailbox.file_copy(compose()).state == "filed"
    with signed_in(server) as client:
        client.select_folder(name)
        assert len(client.search()) == 1


@pytest.mark.parametrize("special_use", [True, False])
def test_a_folder_with_an_odd_name_is_not_in_the_way(
    start_server, monkeypatch, special_use
):
    """Some servers write an ampersand as it is. Dovecot does not: it is done here."""
    server = start_server(special_use=special_use)
    with signed_in(server) as client:
        client.create_folder("R & Döner")
    understand = IMAPClient._proc_folder_list

    def with_raw_ampersands(client, lines):
        return understand(client, [line.replace(b"&-", b"&") for line in lines])

    monkeypatch.setattr(IMAPClient, "_proc_folder_list", with_raw_ampersands)
    with mailbox_on(server) as mailbox:
        mailbox.check()
        assert mailbox.file_copy(compose()).state == "filed"


def test_how_often_a_copy_is_there(server):
    """A live check says when a server and we file one each."""
    outgoing = compose()
    with mailbox_on(server) as mailbox:
        assert mailbox.count_sent(outgoing.message_id) in (0, None)
        file_by_hand(server, outgoing)
        assert mailbox.count_sent(outgoing.message_id) == 1
        file_by_hand(server, outgoing)
        assert mailbox.count_sent(outgoing.message_id) == 2
    assert mailbox_on(server, imap_host="").count_sent(outgoing.message_id) is None


def test_a_message_id_that_cannot_be_searched_is_a_warning(server):
    outgoing = compose()
    outgoing.message.replace_header("Message-ID", "<1@müller.example>")
    with mailbox_on(server) as mailbox:
        copy = mailbox.file_copy(outgoing)
        assert mailbox.find_sent(outgoing.message_id) is None
        assert mailbox.file_copy(compose()).state == "filed"
    assert copy.state == "owed"
    assert copy.warning


def test_no_such_folder(start_server):
    server = start_server(sent_folder="Stuff", special_use=False)
    assert (
        reason_of(mailbox_on(server), AdminActionRequired)
        == Reason.SENT_FOLDER_NOT_FOUND
    )
    mailbox_on(server, sent_copy="never").check()  # then it is not needed
    copy = mailbox_on(server).file_copy(compose())
    assert copy.state == "owed"
    assert "sent_folder_not_found" in copy.warning


def test_the_copy_is_seen_and_dated(server):
    outgoing = compose("Seen and dated")
    with mailbox_on(server) as mailbox:
        mailbox.file_copy(outgoing)
    with signed_in(server) as client:
        client.select_folder("Sent Items")
        (uid,) = client.search(["SUBJECT", "Seen and dated"])
        found = client.fetch([uid], ["FLAGS", "INTERNALDATE"])[uid]
    assert b"\\Seen" in found[b"FLAGS"]
    assert found[b"INTERNALDATE"].date().isoformat() == "2026-02-02"


@pytest.mark.parametrize("sent_copy", ["auto", "always"])
def test_what_the_server_has_filed_is_not_filed_again(server, sent_copy):
    outgoing = compose()
    file_by_hand(server, outgoing)
    with mailbox_on(server, sent_copy=sent_copy) as mailbox:
        assert mailbox.file_copy(outgoing).state == "by_provider"
        assert mailbox.file_copy(compose()).state == "filed"
    ids = [message["Message-ID"] for message in server.sent(ACCOUNT)]
    assert ids.count(outgoing.message_id) == 1


def test_filing_twice_leaves_one_copy(server):
    outgoing = compose()
    with mailbox_on(server) as mailbox:
        assert mailbox.file_copy(outgoing).state == "filed"
        assert mailbox.file_copy(outgoing).state == "by_provider"


def test_a_provider_that_files_by_itself_is_waited_for(gmail):
    outgoing = compose()
    timer = threading.Timer(0.5, file_by_hand, (gmail, outgoing))
    timer.start()
    with mailbox_on(gmail) as mailbox:
        copy = mailbox.file_copy(outgoing)
    timer.join()
    assert (copy.state, copy.warning) == ("by_provider", "")


def test_but_not_for_long_and_only_once(gmail):
    before = len(gmail.sent(ACCOUNT))
    with mailbox_on(gmail) as mailbox:
        started = time.monotonic()
        first = mailbox.file_copy(compose())
        middle = time.monotonic()
        mailbox.file_copy(compose())
        end = time.monotonic()
    assert (first.state, bool(first.warning)) == ("by_provider", True)
    # It waits three seconds; the rest is for a busy machine.
    assert middle - started < 6
    assert end - middle < 2
    assert len(gmail.sent(ACCOUNT)) == before


def test_always_files_there_too(gmail):
    with mailbox_on(gmail, sent_copy="always") as mailbox:
        assert mailbox.file_copy(compose("Always")).state == "filed"


@pytest.mark.parametrize("changes", [{"sent_copy": "never"}, {"imap_host": ""}])
def test_no_copy_wanted(server, changes):
    before = len(server.sent(ACCOUNT))
    with mailbox_on(server, **changes) as mailbox:
        assert mailbox.file_copy(compose()).state == "off"
    assert len(server.sent(ACCOUNT)) == before


def test_a_failing_copy_is_a_warning(server):
    with mailbox_on(server, imap_port=closed_port()) as mailbox:
        outgoing = compose("Sent all the same")
        mailbox.send(outgoing)
        copy = mailbox.file_copy(outgoing)
        assert mailbox.find_sent(outgoing.message_id) is None
    assert copy.state == "owed"
    assert "port_closed" in copy.warning
    assert outgoing.message_id in {a.message_id for a in server.relay.accepted()}


def test_a_large_copy_over_a_slow_line(server, slow_line):
    outgoing = compose("Large and slow", body="y" * 9_000_000)
    port = slow_line(server.imaps, 4_000_000)
    with mailbox_on(server, imap_port=port, timeout=0.5) as mailbox:
        assert mailbox.file_copy(outgoing).state == "filed"
    assert server.sent(ACCOUNT)[-1]["Subject"] == "Large and slow"


def test_a_folder_that_refuses_is_a_warning(start_server):
    server = start_server()
    with mailbox_on(server) as mailbox:
        assert mailbox.file_copy(compose()).state == "filed"
        folder = server.directory / "dovecot/mail" / ACCOUNT / "Maildir/.Sent Items"
        (folder / "tmp").chmod(0)
        copy = mailbox.file_copy(compose())
        (folder / "tmp").chmod(0o700)
    assert copy.state == "owed"
    assert "Permission denied" in copy.warning or "provider_down" in copy.warning


def test_an_idle_connection_is_opened_again(server):
    with mailbox_on(server) as mailbox:
        mailbox.file_copy(compose())
        mailbox._sent_folder._client.socket().shutdown(socket.SHUT_RDWR)
        assert mailbox.file_copy(compose()).state == "filed"


def test_a_wrong_password_is_tried_once_only(start_server):
    server = start_server()
    with mailbox_on(server, password="wrong", user="", imap_user=ACCOUNT) as mailbox:
        for _attempt in range(3):
            copy = mailbox.file_copy(compose())
            assert copy.state == "held"
            assert "wrong_password" in copy.warning
    assert len(refused_sign_ins(server)) == 1


def refused_sign_ins(server, timeout=5):
    """Lines of Dovecot's log, which another process writes, a moment later."""
    deadline = time.monotonic() + timeout
    refused = []
    while not refused and time.monotonic() < deadline:
        lines = server.dovecot.log().splitlines()
        refused = [x for x in lines if "imap-login" in x and "auth failed" in x]
        time.sleep(0.05)
    return refused


def imap_only(server, **changes):
    """SMTP of the sink, which needs no sign-in, so that only IMAP can fail."""
    values = {"port": server.relay.port, **SMTP_ONLY, "imap_user": ACCOUNT}
    return mailbox_on(server, **values | {"timeout": 0.7} | changes)


def test_wrong_password(server):
    mailbox = imap_only(server, password="wrong")
    assert reason_of(mailbox, SignInRequired) == Reason.WRONG_PASSWORD


def test_passwords_of_any_letters(start_server):
    account, password = "other@acme.example", 'pässwörd "日本" \\'
    with MailServer({account: password}) as server:
        settings = server.settings(account, port=server.relay.port, **SMTP_ONLY)
        folder = SentFolder(SmtpSettings(**settings | {"imap_user": account}))
        folder.open()
        folder.close()


def test_sign_in_only_encrypted(server):
    mailbox = imap_only(
        server, imap_host="127.0.0.2", imap_port=server.imap, imap_encryption="none"
    )
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


def test_starttls(server):
    imap_only(server, imap_port=server.imap, imap_encryption="starttls").check()


def test_tls_on_a_plain_port(server):
    mailbox = imap_only(server, imap_port=server.imap)
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


@pytest.mark.parametrize("encryption", ["starttls", "none"])
def test_no_tls_on_a_tls_port(server, encryption):
    mailbox = imap_only(server, imap_encryption=encryption)
    assert reason_of(mailbox, AdminActionRequired) == Reason.WRONG_ENCRYPTION


def test_certificates(server):
    mailbox = imap_only(server, ca_file="")
    assert reason_of(mailbox, AdminActionRequired) == Reason.CERTIFICATE_NOT_TRUSTED
    mailbox = imap_only(server, imap_host="127.0.0.2")
    assert reason_of(mailbox, AdminActionRequired) == Reason.CERTIFICATE_WRONG_HOST


def test_the_way_to_the_server(server):
    mailbox = imap_only(server, imap_host="no-such-host.invalid")
    assert reason_of(mailbox, Unavailable) == Reason.HOST_NOT_FOUND
    mailbox = imap_only(server, imap_port=closed_port())
    assert reason_of(mailbox, Unavailable) == Reason.PORT_CLOSED
    with filtered_port() as port:
        mailbox = imap_only(server, imap_host="127.0.0.1", imap_port=port)
        assert reason_of(mailbox, Unavailable) == Reason.PORT_FILTERED


def test_smtp_where_imap_should_be(server):
    mailbox = imap_only(server, imap_port=server.relay.port, imap_encryption="none")
    assert reason_of(mailbox, AdminActionRequired) == Reason.NOT_A_MAIL_SERVER


def test_a_silent_server(server):
    server.relay.faults.set("greeting", "stall")
    try:
        folder = SentFolder(
            SmtpSettings(
                **server.settings(
                    ACCOUNT,
                    imap_port=server.relay.port,
                    imap_encryption="none",
                    timeout=0.5,
                )
            )
        )
        with pytest.raises(Unavailable) as caught:
            folder.open()
        assert caught.value.reason == Reason.SERVER_SILENT
    finally:
        server.relay.faults.clear()
