"""Only one worker refreshes a token; the others take what it got."""

from contextlib import contextmanager

import pytest
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from oauth_samples import an_email, google_token, microsoft_token
from oauth_server import ANNA, google_app, microsoft_app, serving

MICROSOFT = (MicrosoftMailbox, microsoft_app, "/common/oauth2/v2.0/token")
GOOGLE = (GoogleMailbox, google_app, "/token")
GOOD = {MicrosoftMailbox: microsoft_token, GoogleMailbox: google_token}


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


class Lock:
    """A lock on the kept token, as the connector's row is one."""

    def __init__(self, kept):
        self.kept = kept
        self.taken = 0
        self.held = False
        self.saved_while_held = []

    @contextmanager
    def refreshing(self):
        self.taken += 1
        self.held = True
        yield self.kept
        self.held = False

    def save(self, token):
        self.saved_while_held.append(self.held)
        self.kept = token


@pytest.fixture(params=[MICROSOFT, GOOGLE], ids=["microsoft", "google"])
def provider(request, server):
    kind, make_app, token_path = request.param
    app = make_app(server)

    def mailbox(token, lock):
        return kind(app, token, ANNA, lock.save, refreshing=lock.refreshing)

    return mailbox, GOOD[kind], lambda: len(server.calls(token_path))


def test_a_good_token_needs_no_lock(provider):
    mailbox, token, asked = provider
    lock = Lock(token())
    with mailbox(lock.kept, lock) as box:
        box.send(an_email())
    assert (lock.taken, asked()) == (0, 0)


def test_a_token_is_refreshed_and_saved_under_the_lock(provider):
    mailbox, token, asked = provider
    lock = Lock(token(expires_in=10))
    with mailbox(lock.kept, lock) as box:
        box.send(an_email())
    assert (lock.taken, asked()) == (1, 1)
    assert lock.saved_while_held == [True]
    assert not lock.held


def test_what_another_worker_got_is_used(provider):
    mailbox, token, asked = provider
    lock = Lock(token())
    with mailbox(token(expires_in=10), lock) as box:
        box.send(an_email())
        box.send(an_email())
    assert (lock.taken, asked()) == (1, 0)


def test_what_another_worker_got_has_expired_as_well(provider):
    mailbox, token, asked = provider
    lock = Lock(token(expires_in=20))
    with mailbox(token(expires_in=10), lock) as box:
        box.send(an_email())
    assert asked() == 1
