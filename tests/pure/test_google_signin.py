"""Sign in with Google, with the real google-auth-oauthlib on the wire."""

import base64
import hashlib
import json
import warnings
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from account_email_connector.providers.google import signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import an_email, google_token
from oauth_server import (
    ANNA,
    AUTH_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    GMAIL_SEND,
    GOOGLE_SCOPES,
    REDIRECT,
    REFRESH_TOKEN,
    Reply,
    google_app,
    google_tokens,
    jwt,
    serving,
)


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def app(server):
    return google_app(server)


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def finish(server, app, begun, answer=None, **params):
    """Come back from Google, whose token endpoint gives *answer*."""
    server.reply("/token", answer or Reply(body=google_tokens(begun.kept["nonce"])))
    kept = json.loads(json.dumps(begun.kept))
    callback = {"code": AUTH_CODE, "state": begun.state} | params
    callback = {name: value for name, value in callback.items() if value is not None}
    return signin.finish(app, kept, callback)


def refused(server, app, begun, answer=None, **params):
    with pytest.raises((SignInRequired, AdminActionRequired)) as caught:
        finish(server, app, begun, answer, **params)
    return caught.value


def test_the_link(server, app):
    begun = signin.start(app, REDIRECT)
    asked = query(begun.url)
    assert begun.url.startswith(f"{server.url}/auth?")
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "select_account consent"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT
    assert asked["state"] == begun.state == begun.kept["state"]
    assert asked["scope"] == GOOGLE_SCOPES
    assert not {"include_granted_scopes", "login_hint"} & set(asked)
    verifier = begun.kept["code_verifier"].encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest())
    assert asked["code_challenge"] == challenge.decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256"


def test_the_link_gives_nothing_away(app):
    begun = signin.start(app, REDIRECT)
    for secret in (begun.kept["code_verifier"], CLIENT_SECRET):
        assert secret not in begun.url
        assert secret not in repr(begun)


def test_the_real_address(app):
    begun = signin.start(replace(app, endpoints=type(app.endpoints)()), REDIRECT)
    assert begun.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")


def test_reconnecting_and_more_scopes(app):
    more = "https://www.googleapis.com/auth/gmail.readonly"
    begun = signin.start(app, REDIRECT, login_hint=ANNA, extra_scopes=[more])
    assert query(begun.url)["login_hint"] == ANNA
    assert query(begun.url)["scope"] == f"{GOOGLE_SCOPES} {more}"


def test_a_grant(server, app):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grant = finish(server, app, signin.start(app, REDIRECT))
    assert (grant.address, grant.account_id) == (ANNA, "1080")
    assert grant.tenant == "bluelake.example"
    assert GMAIL_SEND in grant.scopes
    assert REFRESH_TOKEN in grant.token and REFRESH_TOKEN not in repr(grant)
    assert CLIENT_SECRET not in grant.token


def test_the_code_is_redeemed_with_the_verifier(server, app):
    begun = signin.start(app, REDIRECT)
    finish(server, app, begun)
    form = server.calls("/token")[0].form
    assert form["code"] == AUTH_CODE
    assert form["code_verifier"] == begun.kept["code_verifier"]
    assert form["client_secret"] == CLIENT_SECRET
    assert form["redirect_uri"] == REDIRECT


def test_a_grant_sends(server, app):
    grant = finish(server, app, signin.start(app, REDIRECT))
    with GoogleMailbox(app, grant.token, grant.address, pytest.fail) as mailbox:
        mailbox.send(an_email())
    assert len(server.calls("/token")) == 1  # the token is still good


@pytest.mark.parametrize(
    "params",
    [{"state": "another"}, {"state": ""}, {"state": None}, {"code": None}],
)
def test_a_callback_that_is_not_ours(server, app, params):
    found = refused(server, app, signin.start(app, REDIRECT), **params)
    assert found.reason is Reason.CALLBACK_INVALID
    assert server.seen == []


@pytest.mark.parametrize("other", [{"client_id": "x"}, {"provider": "microsoft"}])
def test_a_callback_for_another_app(server, app, other):
    found = refused(server, replace(app, **other), signin.start(app, REDIRECT))
    assert found.reason is Reason.CALLBACK_INVALID
    assert server.seen == []


@pytest.mark.parametrize(
    "claims, code",
    [
        ({"aud": CLIENT_ID, "sub": "1", "nonce": "another"}, "nonce"),
        ({"aud": CLIENT_ID, "sub": "1"}, "nonce"),
        ({"aud": "another", "sub": "1"}, "aud"),
        ({"aud": CLIENT_ID}, "aud"),
        (None, "id_token"),
    ],
)
def test_somebody_elses_code(server, app, claims, code):
    tokens = google_tokens(id_token=jwt(claims) if claims else "rubbish")
    found = refused(server, app, signin.start(app, REDIRECT), Reply(body=tokens))
    assert (found.reason, found.code) == (Reason.CALLBACK_INVALID, code)


@pytest.mark.parametrize(
    "scope", ["openid https://www.googleapis.com/auth/userinfo.email", ""]
)
def test_the_box_was_not_ticked(server, app, scope):
    begun = signin.start(app, REDIRECT)
    tokens = google_tokens(begun.kept["nonce"], scope)
    found = refused(server, app, begun, Reply(body=tokens))
    assert (type(found), found.reason) == (SignInRequired, Reason.PERMISSION_MISSING)


@pytest.mark.parametrize(
    "params, outcome, reason",
    [
        ({"error": "access_denied"}, SignInRequired, Reason.SIGN_IN_CANCELLED),
        (
            {"error": "admin_policy_enforced"},
            AdminActionRequired,
            Reason.WORKSPACE_BLOCKED,
        ),
        ({"error": "org_internal"}, AdminActionRequired, Reason.ORG_INTERNAL),
        (
            {"error": "redirect_uri_mismatch"},
            AdminActionRequired,
            Reason.APP_REDIRECT_URI,
        ),
    ],
)
def test_not_granted(server, app, params, outcome, reason):
    words = {"error_description": "one\r\nWARNING forged line"}
    found = refused(server, app, signin.start(app, REDIRECT), None, **params, **words)
    assert (type(found), found.reason) == (outcome, reason)
    assert "\n" not in str(found)
    assert server.seen == []


def test_a_code_that_is_too_old_or_used(server, app):
    body = {"error": "invalid_grant", "error_description": "Bad Request"}
    found = refused(server, app, signin.start(app, REDIRECT), Reply(400, body))
    assert found.reason is Reason.SIGN_IN_EXPIRED


def test_a_wrong_secret(server, app):
    words = f"The secret {CLIENT_SECRET} is wrong"
    body = {"error": "invalid_client", "error_description": words}
    found = refused(server, app, signin.start(app, REDIRECT), Reply(401, body))
    assert found.reason is Reason.APP_SECRET_WRONG
    assert CLIENT_SECRET not in str(found)


def test_how_long_the_token_lives_is_not_told(server, app):
    begun = signin.start(app, REDIRECT)
    answer = google_tokens(begun.kept["nonce"])
    del answer["expires_in"]  # RFC 6749, 5.1: it may be missing
    assert finish(server, app, begun, Reply(body=answer)).address == ANNA


def test_no_refresh_token(server, app):
    begun = signin.start(app, REDIRECT)
    tokens = google_tokens(begun.kept["nonce"])
    del tokens["refresh_token"]
    found = refused(server, app, begun, Reply(body=tokens))
    assert found.code == "no_refresh_token"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, "<html>"),
        Reply(500, {"error": "internal_failure"}),
        Reply(200, "<html>Hotel Wi-Fi</html>"),
        Reply(cut=-1),
        Reply(body={"access_token": "x" * 99}, cut=20),
        Reply(302, "", {"Location": "/elsewhere"}),
    ],
)
def test_google_is_out_of_reach(server, app, reply):
    with pytest.raises(Unavailable):
        finish(server, app, signin.start(app, REDIRECT), reply)
    assert server.calls("/elsewhere") == []


def test_google_asks_to_wait(server, app):
    reply = Reply(429, {"error": "rate_limit_exceeded"}, {"Retry-After": "8"})
    with pytest.raises(Throttled) as caught:
        finish(server, app, signin.start(app, REDIRECT), reply)
    assert caught.value.retry_after == 8


@pytest.mark.parametrize(
    "reply", [Reply(), Reply(400, {"error": "invalid_token"})], ids=["now", "before"]
)
def test_revoke(server, app, reply):
    server.reply("/revoke", reply)
    assert signin.revoke(app, google_token()) is True
    [call] = server.calls("/revoke")
    assert call.form == {"token": REFRESH_TOKEN}


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(503), Reply(429), Reply(cut=-1)),
        # It says no, or somebody between us and Google does: the grant is still there.
        Reply(400, {"error": "invalid_request"}),
        Reply(400, ["invalid_token"]),
        Reply(403, "Blocked by the proxy"),
        Reply(404),
        Reply(302, "", {"Location": "/login"}),
    ],
)
def test_revoke_was_not_done(server, app, reply):
    server.reply("/revoke", reply)
    with pytest.raises(Unavailable):
        signin.revoke(app, google_token())
