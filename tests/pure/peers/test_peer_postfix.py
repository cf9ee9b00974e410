"""A real Postfix: what it refuses, and what it returns.

https://www.postfix.org/SMTPD_ACCESS_README.html
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
from daemon import free_ports, until
from mail_helpers import ACCOUNT, PASSWORD, compose
from mailserver import MailServer
from postfix import postfix

pytest_plugins = ("mail_support",)

DOVECOT = """
service auth {
  inet_listener {
    address = 127.0.0.1
    port = %d
  }
}
"""


@pytest.fixture(scope="module")
def peer(authority):
    """Postfix; Dovecot says whose password is right."""
    (auth,) = free_ports(1)
    with (
        MailServer({ACCOUNT: PASSWORD}, extra=DOVECOT % auth),
        postfix(authority.issue_cert("localhost"), auth) as running,
    ):
        yield running


@pytest.fixture
def mailbox_at(peer, ca_file):
    opened = []

    def make(face, **changes):
        values = {"host": "localhost", "port": peer.ports[face], "encryption": "none"}
        if face in ("tls", "owner"):
            values |= {"encryption": "starttls", "user": ACCOUNT, "password": PASSWORD}
        mailbox = SmtpMailbox(SmtpSettings(**values | {"ca_file": ca_file} | changes))
        opened.append(mailbox)
        return mailbox

    yield make
    for mailbox in opened:
        mailbox.close()


def ended(mailbox, *, to=ACCOUNT, **changes):
    """What sending ends with: the kind, and the reason."""
    try:
        mailbox.send(compose(to=[to], **changes))
    except Outcome as outcome:
        return type(outcome), outcome.reason
    return "sent"


CLIENT = (AdminActionRequired, Reason.CLIENT_REFUSED)
SENDER = (AdminActionRequired, Reason.SENDER_REFUSED)


@pytest.mark.parametrize(
    ("face", "outcome"),
    [
        ("tls", "sent"),
        ("no_relay", (AdminActionRequired, Reason.RELAY_DENIED)),
        ("hello", "sent"),  # with a name
        ("hello_late", CLIENT),
        ("client", CLIENT),
        ("sender", SENDER),
        ("owner", (AdminActionRequired, Reason.SEND_AS_DENIED)),
    ],
)
def test_what_it_says_about_us_is_said_for_each_recipient(mailbox_at, face, outcome):
    mailbox = mailbox_at(face)
    for number in range(2):
        assert ended(mailbox, to=f"customer{number}@gone.example") == outcome


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ("nobody@acme.example", (Rejected, Reason.RECIPIENT_REFUSED)),
        ("quota@acme.example", (Rejected, Reason.RECIPIENT_REFUSED)),
        ("later@acme.example", (Unavailable, Reason.DEFERRED)),
        ("limit@acme.example", (Throttled, Reason.SENDING_LIMIT)),
    ],
)
def test_what_it_says_about_a_recipient(mailbox_at, to, outcome):
    mailbox = mailbox_at("rcpt")
    assert ended(mailbox, to=to) == outcome
    assert ended(mailbox) == "sent"


def test_a_recipient_that_is_refused_beside_one_that_is_not(mailbox_at):
    receipt = mailbox_at("rcpt").send(compose(to=[ACCOUNT, "nobody@acme.example"]))
    assert list(receipt.refused) == ["nobody@acme.example"]


def test_its_size(mailbox_at):
    mailbox = mailbox_at("small")
    large = ended(mailbox, body="x" * 70 + "\n" * 4000)
    assert large == (Rejected, Reason.MESSAGE_TOO_LARGE)
    assert ended(mailbox) == "sent"


@pytest.mark.parametrize("face", ["many", "many_rcpt"])
def test_its_rate_is_waited_for(mailbox_at, face):
    """Each recipient is refused, but none for his own sake."""
    mailbox = mailbox_at(face)
    mails = (ended(mailbox, to=f"c{number}@gone.example") for number in range(6))
    first, second, *rest = mails
    assert (first, second) == ("sent", "sent")
    assert {each[0] for each in rest} <= {Throttled, Unavailable}


def test_so_many_connections_are_too_many(mailbox_at):
    ends = [ended(mailbox_at("calls")) for _number in range(4)]
    assert ends[0] == "sent"
    assert ends[-1] == (Throttled, Reason.TOO_FAST)


def test_a_wrong_password(mailbox_at):
    with pytest.raises(SignInRequired) as caught:
        mailbox_at("tls", password="wrong").check()
    assert caught.value.reason is Reason.WRONG_PASSWORD


def returned(peer, email):
    """What came back of it, once."""

    def found():
        parsed = filter(None, map(parse, peer.inbox()))
        return [each for each in parsed if email.message_id in each.refers_to]

    (bounce,) = until(found)
    return bounce


@pytest.mark.parametrize(
    ("to", "cause"),
    [
        ("pay@gone.example", Cause.ADDRESS),
        ("zoë@gone.example", Cause.ADDRESS),
        ("pay@full.example", Cause.FULL),
        ("zoë@full.example", Cause.FULL),
        ("pay@spam.example", Cause.BLOCKED),
        ("pay@blocked.example", Cause.BLOCKED),
        ("pay@dmarc.example", Cause.US),
        ("pay@large.example", Cause.TOO_LARGE),
        ("pay@away.example", Cause.EXPIRED),
    ],
)
def test_what_it_returns(peer, mailbox_at, to, cause):
    email = compose(to=[to])
    mailbox_at("open").send(email)

    bounce = returned(peer, email)
    assert isinstance(bounce, Bounce), bounce
    assert (bounce.recipients, bounce.causes) == ((to,), (cause,))


def test_one_of_several_is_returned(peer, mailbox_at):
    """Who got it is not taken for one who did not."""
    email = compose(to=[ACCOUNT, "a@gone.example", "b@full.example"])
    mailbox_at("open").send(email)

    bounce = returned(peer, email)
    assert bounce.by_cause() == {
        Cause.ADDRESS: ("a@gone.example",),
        Cause.FULL: ("b@full.example",),
    }
