"""Only what a server said is told as what it said, not our words for its silence."""

import smtplib
import socket
import ssl

import pytest
from account_email_connector.providers.bounded import TooMuch
from account_email_connector.providers.imap.line import NotImap
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.imap.session import imap_errors
from account_email_connector.providers.network import outcome_of
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings
from account_email_connector.providers.smtp.codes import classify
from account_email_connector.providers.smtp.dialogue import Dialogue
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from mail_helpers import ACCOUNT
from mailserver import closed_port

pytest_plugins = ("mail_support",)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "Connection refused"),
        TimeoutError("timed out"),
        OSError(113, "No route to host"),
        socket.gaierror(-2, "Name or service not known"),
        ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
        TooMuch("too many lines"),
    ],
)
@pytest.mark.parametrize("service", ["smtp", "imap"])
def test_the_systems_words_are_none_of_the_servers(error, service):
    outcome = outcome_of(error, service)
    assert outcome.detail
    assert not outcome.quoted


@pytest.mark.parametrize("error", [TimeoutError(), TooMuch(), OSError("cut")])
def test_a_dialogue_that_broke_off(error):
    class Line:
        sock = None

        def close(self):
            pass

    with pytest.raises(Unavailable) as caught, Dialogue(Line(), True).step("mail"):
        raise smtplib.SMTPServerDisconnected("x") from error
    assert caught.value.detail
    assert not caught.value.quoted


@pytest.mark.parametrize(
    "error, quoted",
    [
        (IMAPClientError("select failed: [LIMIT] Too many connections"), True),
        (IMAPClient.AbortError("Server is going down"), True),
        (IMAPClient.AbortError("socket error: EOF"), False),
        (IMAPClient.AbortError("command: NOOP => timed out"), False),
        (IMAPClient.AbortError("unexpected response: b'SSH-2.0'"), False),
        (ConnectionResetError(104, "Connection reset by peer"), False),
        (TimeoutError("timed out"), False),
        (TooMuch("too many lines"), False),
        (ValueError("nonsense"), False),
        (NotImap("x"), False),
    ],
)
def test_imap(error, quoted):
    with pytest.raises(Outcome) as caught, imap_errors():
        raise error
    assert caught.value.quoted is quoted


def test_a_reply_is_what_it_said():
    assert classify(421, "4.7.0 Slow down", "mail").quoted
    assert classify(535, b"5.7.8 No", "auth").quoted
    assert not classify(-1, "", "greeting").quoted


def test_imap_that_refuses_a_sign_in(server):
    known = server.settings(ACCOUNT)
    for changes, quoted in (
        ({"password": "wrong"}, True),
        ({"imap_port": closed_port()}, False),
    ):
        mailbox = SentFolder(SmtpSettings(**known | changes))
        with pytest.raises(Outcome) as caught:
            mailbox.open()
        assert caught.value.service == "imap"
        assert caught.value.detail
        assert caught.value.quoted is quoted


def test_what_is_not_offered(sink, mailbox_of):
    with pytest.raises(AdminActionRequired) as caught:
        mailbox_of(sink, encryption="starttls").check()
    assert caught.value.reason == Reason.WRONG_ENCRYPTION
    assert caught.value.detail
    assert not caught.value.quoted
