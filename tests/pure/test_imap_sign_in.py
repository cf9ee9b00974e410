"""A sign-in by IMAP that is refused: not each refusal is a wrong password."""

import socket
import threading

import pytest
from account_email_connector.providers.imap.session import ImapSession
from account_email_connector.providers.outcomes import Outcome
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings

# What the server says, and the reason that the user is told
TABLE = """
WRONG_PASSWORD
    [AUTHENTICATIONFAILED] Authentication failed.
    Login failed
APP_PASSWORD_NEEDED
    [ALERT] Application-specific password required
    [WEBALERT https://accounts.example/signin] Web login required.
SIGN_IN_DISABLED
    [CONTACTADMIN] IMAP is disabled for your account
    [NOPERM] not enabled
PROVIDER_DOWN
    [UNAVAILABLE] Temporary authentication failure.
    [SERVERBUG] Internal error occurred. Refer to server log for more information.
    [LIMIT] Too many connections
    Internal server error
    authentication server unavailable
    Connection lost to authentication server
    generic failure
"""


def _rows():
    reason = ""
    for line in TABLE.strip().splitlines():
        if line.startswith(" "):
            yield line.strip(), reason
        else:
            reason = line


@pytest.fixture
def refusing():
    """A server that refuses each sign-in with some words; returns its port."""
    listeners = []

    def make(words):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            client, _address = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")
                for line in lines:
                    tag, _space, command = line.strip().partition(b" ")
                    if command.upper().startswith(b"CAPABILITY"):
                        client.sendall(b"* CAPABILITY IMAP4rev1\r\n")
                        client.sendall(tag + b" OK done\r\n")
                    else:
                        client.sendall(tag + b" NO " + words.encode() + b"\r\n")

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield make
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(("words", "reason"), _rows())
def test_a_refused_sign_in(refusing, words, reason):
    settings = SmtpSettings(
        **{"host": "127.0.0.1", "port": 1, "encryption": "none"},
        **{"user": "u", "password": "planted", "timeout": 5},
        **{"imap_host": "127.0.0.1", "imap_port": refusing(words)},
        imap_encryption="none",
    )
    with pytest.raises(Outcome) as caught:
        ImapSession(settings).open()
    assert caught.value.reason is Reason[reason]
