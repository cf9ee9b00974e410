"""An email says when it leaves: whoever is killed before has provably sent nothing."""

from dataclasses import replace

import pytest
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.outcomes import Outcome
from mail_helpers import compose
from oauth_samples import an_email, google_token, microsoft_token
from oauth_server import (
    ANNA,
    Reply,
    accepted,
    google_app,
    microsoft_app,
    serving,
)

pytest_plugins = ("mail_support",)

GRAPH = "/v1.0/me/sendMail"
GMAIL = "/gmail/v1/users/me/messages/send"
BEFORE = ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "body:0", "body:300"]


class Cut(Exception):
    """In place of a kill, or of a database that is gone."""


def watched(email, at):
    """*email*, and the list of what *at* gave each time it said that it leaves."""
    seen = []
    return replace(email, leaving=lambda: seen.append(at())), seen


def cut(email):
    def leaving():
        raise Cut

    return replace(email, leaving=leaving)


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


def microsoft(server):
    server.reply(GRAPH, accepted())
    app = microsoft_app(server)
    return MicrosoftMailbox(app, microsoft_token(), ANNA, pytest.fail), GRAPH


def google(server):
    server.reply(GMAIL, Reply(body={"id": "18c0ffee"}))
    app = google_app(server)
    return GoogleMailbox(app, google_token(), ANNA, pytest.fail), GMAIL


def test_smtp_says_it_once_when_all_but_the_final_dot_is_out(sink, mailbox_of):
    email, seen = watched(compose(), lambda: len(sink.accepted()))
    mailbox_of(sink).send(email)
    assert seen == [0]
    assert len(sink.accepted()) == 1


@pytest.mark.parametrize("point", BEFORE)
def test_smtp_does_not_say_it_before(sink, mailbox_of, point):
    sink.faults.set(point, "drop")
    body = "y" * 8_000_000 if ":" in point else "y"
    email, seen = watched(compose(body=body), int)
    with pytest.raises(Outcome):
        mailbox_of(sink).send(email)
    assert (seen, sink.accepted()) == ([], [])


def test_smtp_sends_nothing_if_it_cannot_be_written_down(sink, mailbox_of):
    mailbox = mailbox_of(sink)
    with pytest.raises(Cut):
        mailbox.send(cut(compose()))
    assert sink.accepted() == []
    mailbox.send(following := compose())
    assert [each.message_id for each in sink.accepted()] == [following.message_id]


@pytest.mark.parametrize("provider", [microsoft, google])
def test_a_provider_says_it_once_before_it_is_asked(server, provider):
    mailbox, path = provider(server)
    email, seen = watched(an_email(), lambda: len(server.calls(path)))
    mailbox.send(email)
    assert seen == [0]
    assert len(server.calls(path)) == 1


@pytest.mark.parametrize("provider", [microsoft, google])
def test_a_provider_is_not_asked_if_it_cannot_be_written_down(server, provider):
    mailbox, path = provider(server)
    with pytest.raises(Cut):
        mailbox.send(cut(an_email()))
    assert server.calls(path) == []
