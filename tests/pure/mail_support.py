"""Fixtures: a real mail server, sinks that misbehave, and mailboxes on them."""

import contextlib
import socket
import threading
import time

import pytest
import trustme
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from mail_helpers import ACCOUNT, PASSWORD
from mailserver import MailServer, SinkServer
from mailserver_sink import server_context


@pytest.fixture(scope="session")
def server():
    with MailServer({ACCOUNT: PASSWORD}) as running:
        yield running


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def make_sink(authority, tmp_path):
    """Start sinks with any options; those with TLS are called localhost."""
    started = []

    def make(*, tls=True, cert=None, users=None, **options):
        context = None
        if tls:
            context = server_context(cert or authority.issue_cert("localhost"))
        users = {ACCOUNT: PASSWORD} if users is None else users
        directory = tmp_path / f"sink{len(started)}"
        sink = SinkServer(directory, tls=context, users=users, **options).start()
        started.append(sink)
        return sink

    yield make
    for sink in started:
        sink.stop()


@pytest.fixture
def sink(make_sink):
    return make_sink()


@pytest.fixture
def slow_line():
    """Ports that pass on to another port no more than so many bytes a second."""
    listeners = []

    def pass_on(source, target, bytes_a_second):
        with contextlib.suppress(OSError):
            while data := source.recv(64 * 1024):
                time.sleep(len(data) / bytes_a_second)
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(listener, port, bytes_a_second):
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.create_connection(("127.0.0.1", port))
                for ends in ((client, server), (server, client)):
                    args = (*ends, bytes_a_second)
                    threading.Thread(target=pass_on, args=args, daemon=True).start()

    def make(port, bytes_a_second):
        listener = socket.socket()
        listeners.append(listener)
        # so that no buffer of the system takes the whole email at once
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        args = (listener, port, bytes_a_second)
        threading.Thread(target=serve, args=args, daemon=True).start()
        return listener.getsockname()[1]

    yield make
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def mailbox_of(ca_file):
    """Mailboxes on a sink, with short timeouts."""
    opened = []

    def make(sink, **changes):
        values = {
            "host": "localhost",
            "port": sink.tls_port or sink.port,
            "encryption": "ssl" if sink.tls_port else "none",
            "user": ACCOUNT,
            "password": PASSWORD,
            "ca_file": ca_file,
            "timeout": 0.5,
            "data_timeout": 0.5,
        }
        mailbox = SmtpMailbox(SmtpSettings(**values | changes))
        opened.append(mailbox)
        return mailbox

    yield make
    for mailbox in opened:
        mailbox.close()
