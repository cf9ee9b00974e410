"""Whether servers are reached, before anybody signs in, and what they say of us."""

import contextlib
from datetime import timedelta

import pytest
from account_email_connector.providers import probe
from account_email_connector.providers.deadline import Deadline
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings
from mail_helpers import ACCOUNT
from mailserver import closed_port, filtered_port
from oauth_server import Reply, serving

pytest_plugins = ("mail_support",)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        # Gmail, Exchange Online, Exim, Exchange on premises with IPv6
        ("smtp.gmail.com at your service, [203.0.113.7]\nSIZE 35882577", "203.0.113.7"),
        (
            "FR3P281CA0032.outlook.office365.com Hello [198.51.100.9]\nSIZE",
            "198.51.100.9",
        ),
        ("mail.acme.example Hello odoo.acme.example [192.0.2.1]", "192.0.2.1"),
        ("mx.acme.example Hello [IPv6:2001:db8::7], pleased", "2001:db8::7"),
        ("mx.acme.example Hello [2001:DB8::7]", "2001:db8::7"),
        # Postfix says its own name only; numbers in it are not us
        ("mail.acme.example\nPIPELINING", ""),
        ("ip-203-0-113-7.acme.example", ""),
        ("mx1.2.3.4.acme.example", ""),
        ("mail.acme.example, version 4.98.2.1.7", ""),
        ("", ""),
        ("mail.acme.example\nHello [203.0.113.7]", ""),
    ],
)
def test_the_address_in_a_hello(words, address):
    assert probe.address_in(words) == address


def test_a_mail_server_is_reached_without_signing_in(server):
    settings = SmtpSettings(**server.settings(ACCOUNT, password="wrong"))
    assert probe.ask_smtp(settings, Deadline(10)).obstacle is None
    assert probe.ask_imap(settings, Deadline(10)).obstacle is None


@pytest.mark.parametrize("service", ["smtp", "imap"])
@pytest.mark.parametrize(
    ("make", "reason"),
    [(closed_port, Reason.PORT_CLOSED), (filtered_port, Reason.PORT_FILTERED)],
)
def test_what_stands_in_the_way(server, service, make, reason):
    name = {"smtp": "port", "imap": "imap_port"}[service]
    ask = {"smtp": probe.ask_smtp, "imap": probe.ask_imap}[service]
    with contextlib.ExitStack() as stack:
        port = make() if make is closed_port else stack.enter_context(make())
        known = server.settings(ACCOUNT, timeout=0.5, **{name: port})
        settings = SmtpSettings(**known)
        answered = ask(settings, Deadline(5))
    assert answered.obstacle.reason == reason


def test_a_web_server_tells_its_time(tmp_path):
    with serving(tmp_path) as server:
        server.reply("/", Reply(404))
        answered = probe.ask_web(f"{server.url}/", server.ca_file, Deadline(10))
    assert answered.obstacle is None
    assert abs(answered.ahead) < timedelta(minutes=1)


def test_a_web_server_that_is_not_trusted(tmp_path):
    with serving(tmp_path) as server:
        answered = probe.ask_web(f"{server.url}/", "", Deadline(10))
    assert answered.obstacle.reason == Reason.CERTIFICATE_NOT_TRUSTED


def test_a_web_server_that_is_not_there():
    url = f"https://127.0.0.1:{closed_port()}"
    answered = probe.ask_web(url, "", Deadline(10))
    assert answered.obstacle.reason == Reason.CONNECTION_LOST
