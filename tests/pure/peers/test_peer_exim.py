"""A real Exim, which most hosters have: what it refuses, and what it returns.

Its replies have no enhanced codes, its reports say 5.0.0: the words are all there is.
https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html
"""

import pytest
from account_email_connector.providers.incoming import Bounce, Cause, parse
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp import SmtpMailbox, SmtpSettings
from daemon import until
from exim import exim
from mail_helpers import ACCOUNT, CUSTOMER, PASSWORD, compose
from mailserver import SinkServer

pytest_plugins = ("mail_support",)


@pytest.fixture(scope="module")
def next_server(tmp_path_factory):
    """To which it passes on what is for customers."""
    with SinkServer(tmp_path_factory.mktemp("next")) as sink:
        yield sink


@pytest.fixture(scope="module")
def peer(authority, next_server):
    with exim(authority.issue_cert("localhost"), next_server.port) as running:
        yield running


@pytest.fixture
def mailbox_at(peer, ca_file):
    opened = []

    def make(**changes):
        values = {"encryption": "starttls", "user": ACCOUNT, "password": PASSWORD}
        values |= {"ca_file": ca_file} | changes
        opened.append(SmtpMailbox(SmtpSettings("localhost", peer.port, **values)))
        return opened[-1]

    yield make
    for mailbox in opened:
        mailbox.close()


def ended(mailbox, **email):
    """What sending ends with: the kind, and the reason."""
    try:
        mailbox.send(compose(**email))
    except Outcome as outcome:
        return type(outcome), outcome.reason
    return "sent"


@pytest.mark.parametrize(
    ("email", "outcome"),
    [
        ({"to": ["nobody@acme.example"]}, (Rejected, Reason.RECIPIENT_REFUSED)),
        ({"to": ["later@acme.example"]}, (Unavailable, Reason.DEFERRED)),
        ({"to": ["limit@acme.example"]}, (Throttled, Reason.SENDING_LIMIT)),
        ({"subject": "SPAM"}, (Rejected, Reason.MESSAGE_REFUSED)),
        ({"body": "x" * 70 + "\n" * 30_000}, (Rejected, Reason.MESSAGE_TOO_LARGE)),
    ],
)
def test_what_it_refuses(mailbox_at, email, outcome):
    mailbox = mailbox_at()
    assert ended(mailbox, **email) == outcome
    assert ended(mailbox, to=[ACCOUNT]) == "sent"


def test_without_a_sign_in(mailbox_at):
    """It says so of each recipient."""
    mailbox = mailbox_at(user="", password="")
    for number in range(2):
        outcome = ended(mailbox, to=[f"customer{number}@buyer.example"])
        assert outcome == (AdminActionRequired, Reason.RELAY_DENIED)


def test_a_wrong_password(mailbox_at):
    with pytest.raises(SignInRequired) as caught:
        mailbox_at(password="wrong").check()
    assert caught.value.reason is Reason.WRONG_PASSWORD


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("550 5.1.1 User unknown", Cause.ADDRESS),
        ("550 No Such User Here", Cause.ADDRESS),
        ("552 5.2.2 The mailbox is over quota", Cause.FULL),
        ("554 5.7.1 Rejected as spam", Cause.BLOCKED),
        ("552 5.3.4 The message is too big", Cause.TOO_LARGE),
        ("550 5.7.26 The sender is unauthenticated: no SPF, no DKIM", Cause.US),
        ("550 Administrative prohibition", Cause.SOFT),
    ],
)
def test_what_it_returns_of_the_next_server(
    peer, next_server, mailbox_at, reply, cause
):
    next_server.faults.set("rcpt", reply)
    email = compose(to=[CUSTOMER])
    mailbox_at().send(email)
    bounce = returned(peer, email)
    assert (bounce.recipients, bounce.causes) == ((CUSTOMER,), (cause,))


def test_what_it_returns_itself(peer, mailbox_at):
    email = compose(to=["pay@nowhere.example", ACCOUNT])
    mailbox_at().send(email)
    bounce = returned(peer, email)
    assert bounce.by_cause() == {Cause.ADDRESS: ("pay@nowhere.example",)}


def test_what_older_ones_return(peer, next_server, mailbox_at):
    """Up to 4.82 it was plain text; X-Failed-Recipients is the same in both.

    https://github.com/Exim/exim/blob/master/doc/doc-txt/ChangeLog
    """
    next_server.faults.set("rcpt", "550 5.1.1 User unknown")
    email = compose(to=[CUSTOMER])
    mailbox_at().send(email)
    assert isinstance(returned(peer, email), Bounce)
    (raw,) = (each for each in peer.inbox() if email.message_id.encode() in each)
    head, _, body = raw.partition(b"\n\n")
    boundary = head.partition(b"boundary=")[2].partition(b"\n")[0]
    _, said, _, original = body.split(b"--" + boundary)[:4]
    fields = [line for line in head.splitlines() if b"ontent-" not in line]
    older = b"\n".join(
        [
            *fields,
            *(b"", said.partition(b"\n\n")[2]),
            b"------ This is a copy of the message, including all the headers. ------",
            *(b"", original.partition(b"\n\n")[2]),
        ]
    )
    bounce = parse(older)
    assert isinstance(bounce, Bounce)
    assert (bounce.recipients, bounce.cause) == ((CUSTOMER,), Cause.ADDRESS)
    assert email.message_id in bounce.refers_to


def returned(peer, email):
    """What came back of it, once."""

    def found():
        parsed = (parse(raw) for raw in peer.inbox())
        return [
            each
            for each in parsed
            if isinstance(each, Bounce) and email.message_id in each.refers_to
        ]

    (bounce,) = until(found)
    return bounce
