"""Google's errors as they come over the wire; all of them: test_google_tables."""

import pytest
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import an_email, google_token
from oauth_server import ANNA, CLIENT_SECRET, Reply, google_app, serving

SEND = "/gmail/v1/users/me/messages/send"
SERVER_NOW = "Sun, 22 Nov 2026 10:00:00 GMT"

TOKEN = [
    (400, "invalid_grant", "", SignInRequired, Reason.SIGN_IN_AGAIN),
    (400, "invalid_grant", "invalid_rapt", SignInRequired, Reason.SIGN_IN_FREQUENCY),
    (400, "invalid_grant", "rapt_required", SignInRequired, Reason.SIGN_IN_FREQUENCY),
    (400, "invalid_rapt", "", SignInRequired, Reason.SIGN_IN_FREQUENCY),
    (400, "rapt_required", "", SignInRequired, Reason.SIGN_IN_FREQUENCY),
    (403, "access_denied", "", SignInRequired, Reason.SIGN_IN_CANCELLED),
    (400, "something_new", "", SignInRequired, Reason.SIGN_IN_AGAIN),
    (400, "admin_policy_enforced", "", AdminActionRequired, Reason.WORKSPACE_BLOCKED),
    (403, "org_internal", "", AdminActionRequired, Reason.ORG_INTERNAL),
    (401, "invalid_client", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    (401, "deleted_client", "", AdminActionRequired, Reason.APP_DELETED),
    (401, "disabled_client", "", AdminActionRequired, Reason.APP_DISABLED),
    (401, "unauthorized_client", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    (400, "invalid_request", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    (400, "invalid_scope", "", AdminActionRequired, Reason.APP_PERMISSION),
    (400, "redirect_uri_mismatch", "", AdminActionRequired, Reason.APP_REDIRECT_URI),
    (429, "rate_limit_exceeded", "", Throttled, Reason.TOO_FAST),
    (400, "missing_token", "", Unavailable, Reason.PROVIDER_DOWN),
]
PASSING = ["server_error", "temporarily_unavailable", "internal_failure"]

GMAIL = [
    (401, "authError", "Invalid Credentials", SignInRequired, Reason.SIGN_IN_AGAIN),
    (
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        SignInRequired,
        Reason.PERMISSION_MISSING,
    ),
    (
        403,
        "domainPolicy",
        "The domain administrators have disabled Gmail apps.",
        AdminActionRequired,
        Reason.WORKSPACE_BLOCKED,
    ),
    (
        403,
        "accessNotConfigured",
        "Gmail API has not been used in project 1 before or it is disabled.",
        AdminActionRequired,
        Reason.API_NOT_ENABLED,
    ),
    (
        400,
        "failedPrecondition",
        "Mail service not enabled",
        AdminActionRequired,
        Reason.NO_MAILBOX,
    ),
    (403, "forbidden", "Forbidden", AdminActionRequired, Reason.POLICY_BLOCKED),
    (403, "rateLimitExceeded", "Rate Limit Exceeded", Throttled, Reason.TOO_FAST),
    (429, "rateLimitExceeded", "Rate Limit Exceeded", Throttled, Reason.TOO_FAST),
    (403, "userRateLimitExceeded", "User Rate Limit", Throttled, Reason.TOO_FAST),
    (429, "userRateLimitExceeded", "User Rate Limit", Throttled, Reason.TOO_FAST),
    (429, "", "Too many requests", Throttled, Reason.TOO_FAST),
    (
        429,
        "rateLimitExceeded",
        "User-rate limit exceeded.  Retry after 2026-11-22T16:00:00Z (Mail sending)",
        Throttled,
        Reason.DAILY_LIMIT,
    ),
    (403, "dailyLimitExceeded", "Daily Limit Exceeded", Throttled, Reason.APP_QUOTA),
    (403, "quotaExceeded", "Quota exceeded", Throttled, Reason.APP_QUOTA),
    (400, "invalidArgument", "Invalid To header", Rejected, Reason.RECIPIENT_REFUSED),
    (400, "invalidArgument", "Invalid Cc header", Rejected, Reason.RECIPIENT_REFUSED),
    (400, "invalidArgument", "Invalid Bcc header", Rejected, Reason.RECIPIENT_REFUSED),
    (
        400,
        "invalidArgument",
        "Recipient address required",
        Rejected,
        Reason.RECIPIENT_REFUSED,
    ),
    (400, "invalidArgument", "Invalid value", Rejected, Reason.MESSAGE_REFUSED),
    (404, "notFound", "Not Found", Unavailable, Reason.DEFERRED),
    (413, "uploadTooLarge", "Too large", Rejected, Reason.MESSAGE_TOO_LARGE),
    (413, "", "Request Entity Too Large", Rejected, Reason.MESSAGE_TOO_LARGE),
    (500, "backendError", "Backend Error", OutcomeUnknown, Reason.MAYBE_SENT),
    (502, "", "Bad Gateway", OutcomeUnknown, Reason.MAYBE_SENT),
    (503, "backendError", "Service Unavailable", OutcomeUnknown, Reason.MAYBE_SENT),
    (503, "rateLimitExceeded", "odd", OutcomeUnknown, Reason.MAYBE_SENT),
    (504, "", "Gateway Timeout", OutcomeUnknown, Reason.MAYBE_SENT),
    (408, "", "Request Timeout", OutcomeUnknown, Reason.MAYBE_SENT),
    (302, "", "Found", OutcomeUnknown, Reason.MAYBE_SENT),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("ca")) as found:
        yield found


def mailbox(server):
    return GoogleMailbox(google_app(server), google_token(), ANNA, lambda token: None)


def refresh_fails(server, reply, outcome):
    box = mailbox(server)
    server.reply("/token", reply)
    with pytest.raises(outcome) as caught, box:
        box.refresh()
    assert type(caught.value) is outcome
    return caught.value


@pytest.mark.parametrize("status, error, subtype, outcome, reason", TOKEN)
def test_token(server, status, error, subtype, outcome, reason):
    body = {"error": error, "error_description": "Google's words."}
    body |= {"error_subtype": subtype} if subtype else {}
    found = refresh_fails(server, Reply(status, body), outcome)
    assert found.reason is reason
    assert found.code in (error, subtype, "invalid_rapt")


@pytest.mark.parametrize("error", PASSING)
def test_google_is_down(server, error, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    reply = Reply(503, {"error": error, "error_description": "Google's words."})
    assert refresh_fails(server, reply, Unavailable).reason is Reason.PROVIDER_DOWN


def test_google_is_down_without_words(server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    reply = Reply(502, "<html>That's an error.</html>")
    assert refresh_fails(server, reply, Unavailable).code == "502"


def test_google_asks_to_wait_for_a_token(server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    reply = Reply(429, {"error": "rate_limit_exceeded"}, {"Retry-After": "44"})
    assert refresh_fails(server, reply, Throttled).retry_after == 44


def test_the_secret_is_not_repeated(server):
    words = f"The secret {CLIENT_SECRET} is wrong"
    reply = Reply(401, {"error": "invalid_client", "error_description": words})
    assert CLIENT_SECRET not in str(refresh_fails(server, reply, AdminActionRequired))


def gmail_error(status, reason, words):
    """Return an error of the Gmail API, as Google words it."""
    entry = {"message": words, "domain": "global", "reason": reason}
    error = {"code": status, "message": words, "status": "STATUS"}
    return {"error": error | ({"errors": [entry]} if reason else {})}


def send_fails(server, reply, outcome):
    box = mailbox(server)
    server.reply(SEND, reply)
    with pytest.raises(outcome) as caught, box:
        box.send(an_email())
    assert type(caught.value) is outcome
    return caught.value


@pytest.mark.parametrize("status, code, words, outcome, reason", GMAIL)
def test_gmail(server, status, code, words, outcome, reason):
    found = send_fails(server, Reply(status, gmail_error(status, code, words)), outcome)
    assert found.reason is reason
    assert found.code == (code or "STATUS")
    assert " ".join(words.split()) in found.detail
    assert (found.retry_after is not None) == (outcome is Throttled)


@pytest.mark.parametrize(
    "reason, expected",
    [
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", Reason.PERMISSION_MISSING),
        ("SERVICE_DISABLED", Reason.API_NOT_ENABLED),
    ],
)
def test_reasons_in_the_details(server, reason, expected):
    info = "type.googleapis.com/google.rpc.ErrorInfo"
    error = {
        "code": 403,
        "message": "No.",
        "status": "PERMISSION_DENIED",
        "details": [{"@type": info, "reason": reason, "domain": "googleapis.com"}],
    }
    outcome = SignInRequired if reason.startswith("ACCESS") else AdminActionRequired
    assert send_fails(server, Reply(403, {"error": error}), outcome).reason is expected


@pytest.mark.parametrize(
    "words, headers, seconds",
    [
        ("Retry after 2026-11-22T16:00:00.000Z (Mail sending)", {}, 6 * 3600),
        ("limit exceeded (Mail sending)", {}, 86400),
        ("User-rate limit exceeded.  Retry after 2026-11-22T10:00:20Z", {}, 20),
        ("Too many concurrent requests for user", {"Retry-After": "5"}, 5),
    ],
)
def test_how_long_gmail_asks_to_wait(server, words, headers, seconds):
    from oauth_server import _Handler

    body = gmail_error(429, "rateLimitExceeded", words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Handler, "date_time_string", lambda self: SERVER_NOW)
        found = send_fails(server, Reply(429, body, headers), Throttled)
    assert found.retry_after == seconds


def test_if_gmail_names_no_time_not_all_come_back_at_once(server):
    body = gmail_error(429, "rateLimitExceeded", "Rate Limit Exceeded")
    waits = {
        send_fails(server, Reply(429, body), Throttled).retry_after for _ in range(9)
    }
    assert len(waits) > 1
    assert all(60 <= wait <= 90 for wait in waits)


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", '{"error": "flat"}', '{"error": {"errors": "no list"}}'],
)
def test_gmail_without_sensible_words(server, body):
    assert send_fails(server, Reply(403, body), AdminActionRequired).code == "403"


@pytest.mark.parametrize("body", ["<html>Hotel Wi-Fi</html>", "[]", ""])
def test_a_200_that_is_not_gmails_proves_nothing(server, body):
    send_fails(server, Reply(200, body), OutcomeUnknown)
