"""Our sign-in and sending against `emulate`: a Google and a Microsoft of somebody else.

It proves what it enforces: redirect URI, secret, PKCE, nonce, one use of a code,
revoked grants. It has no consent pages, no scopes and no sendMail of Graph.
"""

import base64
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox, as_bytes
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import Endpoints, OAuthApp
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
)
from account_email_connector.providers.reasons import Reason
from oauth_emulate import CLIENT_ID, CLIENT_SECRET, PERSON, REDIRECT, click, emulating
from oauth_samples import PDF, an_email


@pytest.fixture(scope="module")
def google(tmp_path_factory):
    with emulating("google", tmp_path_factory.mktemp("google")) as (url, ca_file):
        endpoints = Endpoints(
            google_auth=f"{url}/o/oauth2/v2/auth",
            google_token=f"{url}/oauth2/token",
            google_revoke=f"{url}/oauth2/revoke",
            gmail=f"{url}/",
        )
        yield OAuthApp(
            "google", CLIENT_ID, CLIENT_SECRET, endpoints=endpoints, ca_file=ca_file
        )


@pytest.fixture(scope="module")
def microsoft(tmp_path_factory):
    with emulating("microsoft", tmp_path_factory.mktemp("ms")) as (url, ca_file):
        yield OAuthApp(
            "microsoft",
            CLIENT_ID,
            CLIENT_SECRET,
            endpoints=Endpoints(login=url, graph=url),
            ca_file=ca_file,
        )


@pytest.fixture(params=["google", "microsoft"])
def provider(request):
    signin = {"google": google_signin, "microsoft": microsoft_signin}[request.param]
    return signin, request.getfixturevalue(request.param)


def begin(signin, app):
    """Return a sign-in and the callback's parameters after the click."""
    begun = signin.start(app, REDIRECT)
    callback = click(begun.url, app.ca_file)
    assert callback.startswith(REDIRECT)
    return begun, dict(parse_qsl(urlsplit(callback).query))


def sign_in(signin, app):
    begun, params = begin(signin, app)
    return signin.finish(app, begun.kept, params)


def test_sign_in(provider):
    signin, app = provider
    grant = sign_in(signin, app)
    assert grant.address == PERSON
    assert grant.account_id


def test_a_code_works_once(provider):
    signin, app = provider
    begun, params = begin(signin, app)
    signin.finish(app, begun.kept, params)
    with pytest.raises(SignInRequired) as caught:
        signin.finish(app, begun.kept, params)
    assert caught.value.reason is Reason.SIGN_IN_EXPIRED


def test_a_code_needs_its_own_verifier(provider):
    signin, app = provider
    begun, params = begin(signin, app)
    kept = begun.kept | {"code_verifier": "x" * 64}
    with pytest.raises(SignInRequired):
        signin.finish(app, kept, params)


def test_a_code_of_another_sign_in(provider):
    """Somebody gets another person's code: the verifier or the nonce does not fit."""
    signin, app = provider
    begun, params = begin(signin, app)
    _other, stolen = begin(signin, app)
    with pytest.raises(SignInRequired):
        signin.finish(app, begun.kept, params | {"code": stolen["code"]})


def test_a_wrong_secret(provider):
    signin, app = provider
    begun, params = begin(signin, app)
    with pytest.raises(AdminActionRequired) as caught:
        signin.finish(replace(app, client_secret="wrong"), begun.kept, params)
    told = {"google": Reason.APP_SECRET_WRONG, "microsoft": Reason.APP_MISCONFIGURED}
    assert caught.value.reason is told[app.provider]


def test_a_refreshed_token(provider):
    signin, app = provider
    grant = sign_in(signin, app)
    saved = []
    box = {"google": GoogleMailbox, "microsoft": MicrosoftMailbox}[app.provider]
    with box(app, grant.token, grant.address, saved.append) as mailbox:
        mailbox.check()
    assert saved and saved[-1] != grant.token


def test_gmail_files_the_email_byte_for_byte(google):
    grant = sign_in(google_signin, google)
    email = an_email(attachment=PDF)
    email.message.set_boundary("outer")  # not another one each time
    with GoogleMailbox(google, grant.token, PERSON, print) as mailbox:
        receipt = mailbox.send(email)
        answer = requests.get(
            f"{google.endpoints.gmail}gmail/v1/users/me/messages/"
            f"{receipt.provider_message_id}?format=raw",
            headers={"Authorization": f"Bearer {mailbox._tokens.token()}"},
            verify=google.ca_file,
            timeout=10,
        ).json()
    assert "SENT" in answer["labelIds"]
    assert base64.urlsafe_b64decode(answer["raw"] + "==") == as_bytes(email)


def test_a_big_email(google):
    grant = sign_in(google_signin, google)
    with GoogleMailbox(google, grant.token, PERSON, print) as mailbox:
        assert mailbox.send(an_email(attachment=b"x" * 3_000_000)).provider_message_id


def test_disconnecting(google):
    grant = sign_in(google_signin, google)
    assert google_signin.revoke(google, grant.token) is True
    mailbox = GoogleMailbox(google, grant.token, PERSON, print)
    with pytest.raises(SignInRequired) as caught, mailbox:
        mailbox.refresh()
    assert caught.value.reason is Reason.SIGN_IN_AGAIN
