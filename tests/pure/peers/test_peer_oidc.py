"""Both sign-ins against oidc-provider, a certified authorization server.

https://github.com/panva/node-oidc-provider
"""

from collections import namedtuple

import pytest
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    SignInRequired,
)
from account_email_connector.providers.reasons import Reason
from oauth_programs import (
    MAILBOXES,
    PERSON,
    REDIRECT,
    SIGN_INS,
    app_at,
    program,
    through_the_pages,
)

AGAIN = (SignInRequired, Reason.SIGN_IN_AGAIN)


@pytest.fixture(scope="module")
def server():
    with program("oidc") as (url, ca_file):
        yield url, ca_file


class Peer(namedtuple("Peer", "signin app")):
    """A provider's sign-in, and the app that one signs in with."""

    def begin(self, **how):
        begun = self.signin.start(self.app, REDIRECT)
        return begun.kept, through_the_pages(begun.url, self.app.ca_file, **how)

    def sign_in(self):
        return self.signin.finish(self.app, *self.begin())

    def mailbox(self, token, saved):
        return MAILBOXES[self.app.provider](self.app, token, PERSON, saved.append)


@pytest.fixture(params=["google", "microsoft"])
def peer(server, request):
    return Peer(SIGN_INS[request.param], app_at(request.param, *server))


def ended(action, *arguments):
    try:
        return action(*arguments)
    except Outcome as outcome:
        return type(outcome), outcome.reason


def test_a_code_works_once(peer):
    """Who uses it twice also loses what it gave: RFC 6749, 4.1.2."""
    kept, params = peer.begin()
    grant = peer.signin.finish(peer.app, kept, params)
    assert grant.address == PERSON
    again = ended(peer.signin.finish, peer.app, kept, params)
    assert again == (SignInRequired, Reason.SIGN_IN_EXPIRED)
    with peer.mailbox(grant.token, []) as mailbox:
        assert ended(mailbox.refresh) == AGAIN


def test_a_verifier_of_another_sign_in(peer):
    kept, params = peer.begin()
    other = kept | {"code_verifier": "x" * 64}
    assert ended(peer.signin.finish, peer.app, other, params)[0] is SignInRequired


def test_each_refresh_is_saved(peer):
    saved = [peer.sign_in().token]
    for _time in range(3):
        with peer.mailbox(saved[-1], saved) as mailbox:
            mailbox.refresh()
    assert len(set(saved)) == len(saved) == 4


def test_a_spent_token_ends_the_whole_family(peer):
    saved = [peer.sign_in().token]
    with peer.mailbox(saved[0], saved) as mailbox:
        mailbox.refresh()
        with peer.mailbox(saved[0], saved) as late:
            with pytest.raises(SignInRequired) as caught:
                late.refresh()
            assert caught.value.reason is Reason.SIGN_IN_AGAIN
            assert "secret-of-the-app" not in str(caught.value)
        assert ended(mailbox.refresh) == AGAIN


def test_declined(peer):
    kept, params = peer.begin(consent=False)
    declined = ended(peer.signin.finish, peer.app, kept, params)
    assert declined == (SignInRequired, Reason.SIGN_IN_CANCELLED)


def test_a_wrong_secret(peer, server):
    app = app_at(peer.app.provider, *server, client_secret="another")
    wrong = Peer(peer.signin, app)
    ending = ended(wrong.sign_in)
    assert ending == (AdminActionRequired, Reason.APP_MISCONFIGURED)
