"""No secret in any log line, exception, representation or traceback."""

import hashlib
import io
import logging
import traceback

import pytest
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.outcomes import Outcome
from oauth_samples import an_email, google_token, microsoft_token
from oauth_server import (
    ANNA,
    AUTH_CODE,
    NEW_REFRESH_TOKEN,
    REDIRECT,
    SECRETS,
    Reply,
    google_app,
    google_tokens,
    microsoft_app,
    ms_tokens,
    serving,
)

LOGGERS = (
    "msal",
    "google",
    "google_auth_oauthlib",
    "google_auth_httplib2",
    "googleapiclient",
    "requests_oauthlib",
    "oauthlib",
    "urllib3",
    "httplib2",
    "requests",
    "http.client",
    "account_email_connector",
)
GOOD, REFUSED, DOWN = "good", "refused", "down"
NO_JSON, LIST, EMPTY, CUT, ECHO = "no json", "list", "empty", "cut", "echo"


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def log():
    """Everything that any logger says at level DEBUG."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("", *LOGGERS)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    yield text
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def reply(kind, tokens):
    """Return what a token endpoint answers."""
    return {
        GOOD: Reply(body=tokens),
        REFUSED: Reply(400, {"error": "invalid_grant", "error_description": "No."}),
        DOWN: Reply(503, "down"),
        NO_JSON: Reply(body=f"<html>{tokens}</html>"),
        CUT: Reply(body=tokens, cut=300),
        LIST: Reply(body="[]"),
        EMPTY: Reply(body="{}"),
        ECHO: Reply(400, {"error": "invalid_client"}, echo=True),
    }[kind]


def told(action):
    """Return all that an outcome of *action* tells whoever logs it."""
    try:
        return repr(action())
    except Outcome as outcome:
        formatted = "".join(traceback.format_exception(outcome))
        return f"{outcome!r} {outcome} {vars(outcome)} {formatted}"


def assert_clean(text, *more):
    for secret in [*SECRETS, *more]:
        assert secret not in text


ANSWERS = [GOOD, REFUSED, DOWN, NO_JSON, LIST, EMPTY, CUT, ECHO]


@pytest.mark.parametrize("kind", ANSWERS)
def test_sign_in_with_microsoft(server, log, kind):
    app = microsoft_app(server)
    begun = microsoft_signin.start(app, REDIRECT)
    nonce = hashlib.sha256(begun.kept["nonce"].encode()).hexdigest()
    server.reply("/common/oauth2/v2.0/token", reply(kind, ms_tokens(nonce)))
    params = {"code": AUTH_CODE, "state": begun.state}
    text = told(lambda: microsoft_signin.finish(app, begun.kept, params))
    assert_clean(f"{text} {app!r} {begun!r}", begun.kept["code_verifier"])
    assert_clean(log.getvalue(), begun.kept["code_verifier"])
    assert "urllib3" in log.getvalue()


@pytest.mark.parametrize("kind", ANSWERS)
def test_sign_in_with_google(server, log, kind, monkeypatch):
    app = google_app(server)
    begun = google_signin.start(app, REDIRECT)
    server.reply("/token", reply(kind, google_tokens(begun.kept["nonce"])))
    params = {"code": AUTH_CODE, "state": begun.state}
    text = told(lambda: google_signin.finish(app, begun.kept, params))
    assert_clean(f"{text} {app!r} {begun!r}", begun.kept["code_verifier"])
    assert_clean(log.getvalue(), begun.kept["code_verifier"])
    assert "urllib3" in log.getvalue()


@pytest.mark.parametrize("kind", ANSWERS)
def test_send_through_microsoft(server, log, kind):
    app = microsoft_app(server)
    tokens = ms_tokens(refresh_token=NEW_REFRESH_TOKEN)
    server.reply("/common/oauth2/v2.0/token", reply(kind, tokens))
    token = microsoft_token(expires_in=10)
    with MicrosoftMailbox(app, token, ANNA, lambda token: None) as box:
        text = told(lambda: box.send(an_email())) + repr(box) + repr(vars(box))
    assert_clean(text)
    assert_clean(log.getvalue())


@pytest.mark.parametrize("kind", ANSWERS)
def test_send_through_google(server, log, kind, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    app = google_app(server)
    tokens = google_tokens(refresh_token=NEW_REFRESH_TOKEN)
    server.reply("/token", reply(kind, tokens))
    token = google_token(expires_in=-5)
    with GoogleMailbox(app, token, ANNA, lambda token: None) as box:
        text = told(lambda: box.send(an_email())) + repr(box) + repr(vars(box))
    assert_clean(text)
    assert_clean(log.getvalue())


def test_the_error_of_a_callback_repeats_nothing(server, log):
    app = microsoft_app(server)
    begun = microsoft_signin.start(app, REDIRECT)
    params = {"state": begun.state, "error": "x", "error_description": SECRETS[0]}
    assert_clean(told(lambda: microsoft_signin.finish(app, begun.kept, params)))
    assert_clean(log.getvalue())


def test_revoking_says_nothing(server, log):
    assert_clean(told(lambda: google_signin.revoke(google_app(server), google_token())))
    assert_clean(log.getvalue())
