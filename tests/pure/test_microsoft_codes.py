"""Microsoft's errors as they come over the wire; all of them: test_microsoft_tables."""

import json

import pytest
from account_email_connector.providers.microsoft import codes as microsoft_codes
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import an_email, microsoft_token
from oauth_server import ANNA, CLIENT_SECRET, Reply, microsoft_app, serving

AADSTS = [
    ("interaction_required", 50076, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("interaction_required", 50078, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("interaction_required", 50079, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 50055, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 50132, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 50133, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 50144, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 50173, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 54005, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 70008, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 700082, SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", 70043, SignInRequired, Reason.SIGN_IN_FREQUENCY),
    ("access_denied", 65004, SignInRequired, Reason.SIGN_IN_CANCELLED),
    ("consent_required", 65004, SignInRequired, Reason.SIGN_IN_CANCELLED),
    ("invalid_grant", 65001, AdminActionRequired, Reason.CONSENT_MISSING),
    ("invalid_request", 90093, AdminActionRequired, Reason.APPROVAL_REQUIRED),
    ("invalid_request", 90094, AdminActionRequired, Reason.APPROVAL_REQUIRED),
    ("invalid_request", 90095, AdminActionRequired, Reason.APPROVAL_REQUIRED),
    ("invalid_request", 900941, AdminActionRequired, Reason.APPROVAL_REQUIRED),
    ("invalid_request", 900981, AdminActionRequired, Reason.APPROVAL_REQUIRED),
    ("invalid_grant", 50105, AdminActionRequired, Reason.USER_NOT_ASSIGNED),
    ("invalid_grant", 53000, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 53001, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 53003, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 530032, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 530035, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 50131, AdminActionRequired, Reason.POLICY_BLOCKED),
    ("invalid_grant", 50057, AdminActionRequired, Reason.ACCOUNT_DISABLED),
    ("invalid_client", 7000215, AdminActionRequired, Reason.APP_SECRET_WRONG),
    ("invalid_client", 7000222, AdminActionRequired, Reason.APP_SECRET_EXPIRED),
    ("unauthorized_client", 700016, AdminActionRequired, Reason.APP_CLIENT_ID),
    ("unauthorized_client", 7000112, AdminActionRequired, Reason.APP_DISABLED),
    ("invalid_request", 50011, AdminActionRequired, Reason.APP_REDIRECT_URI),
    ("invalid_request", 900971, AdminActionRequired, Reason.APP_REDIRECT_URI),
    ("invalid_request", 50194, AdminActionRequired, Reason.APP_ONE_TENANT),
    ("invalid_request", 90002, AdminActionRequired, Reason.APP_TENANT),
    ("invalid_client", 65005, AdminActionRequired, Reason.APP_PERMISSION),
    ("invalid_resource", 650056, AdminActionRequired, Reason.APP_PERMISSION),
    ("invalid_resource", 650057, AdminActionRequired, Reason.APP_PERMISSION),
    ("server_error", 50033, Unavailable, Reason.PROVIDER_DOWN),
    ("server_error", 90006, Unavailable, Reason.PROVIDER_DOWN),
    ("server_error", 90012, Unavailable, Reason.PROVIDER_DOWN),
    ("server_error", 90024, Unavailable, Reason.PROVIDER_DOWN),
    ("temporarily_unavailable", 90033, Unavailable, Reason.PROVIDER_DOWN),
    ("server_error", 90090, Unavailable, Reason.PROVIDER_DOWN),
    ("invalid_request", 90055, Throttled, Reason.TOO_FAST),
    ("invalid_grant", 50196, Throttled, Reason.TOO_FAST),
]
# without a number, or with one that nobody knows
WITHOUT_NUMBER = [
    ("interaction_required", "basic_action", SignInRequired, Reason.SIGN_IN_AGAIN),
    ("login_required", "", SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", "", SignInRequired, Reason.SIGN_IN_AGAIN),
    ("invalid_grant", "bad_token", SignInRequired, Reason.SIGN_IN_AGAIN),
    ("something_new", "", SignInRequired, Reason.SIGN_IN_AGAIN),
    ("access_denied", "", SignInRequired, Reason.SIGN_IN_CANCELLED),
    ("consent_required", "", AdminActionRequired, Reason.CONSENT_MISSING),
    ("invalid_grant", "consent_required", AdminActionRequired, Reason.CONSENT_MISSING),
    ("invalid_client", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    ("unauthorized_client", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    ("invalid_scope", "", AdminActionRequired, Reason.APP_PERMISSION),
    ("invalid_resource", "", AdminActionRequired, Reason.APP_MISCONFIGURED),
    ("server_error", "", Unavailable, Reason.PROVIDER_DOWN),
    ("temporarily_unavailable", "", Unavailable, Reason.PROVIDER_DOWN),
]
GRAPH = [
    (403, "ErrorAccessDenied", SignInRequired, Reason.PERMISSION_MISSING),
    (403, "ErrorSendAsDenied", AdminActionRequired, Reason.SEND_AS_DENIED),
    (404, "ErrorInvalidUser", AdminActionRequired, Reason.SHARED_ACCESS_DENIED),
    (404, "MailboxNotEnabledForRESTAPI", AdminActionRequired, Reason.NO_MAILBOX),
    (403, "MailboxNotEnabledForRESTAPI", AdminActionRequired, Reason.NO_MAILBOX),
    (507, "ErrorQuotaExceeded", AdminActionRequired, Reason.MAILBOX_FULL),
    (403, "ErrorQuotaExceeded", AdminActionRequired, Reason.MAILBOX_FULL),
    (429, "ErrorExceededMessageLimit", Throttled, Reason.DAILY_LIMIT),
    (403, "ErrorExceededMessageLimit", Throttled, Reason.DAILY_LIMIT),
    (403, "ErrorMessageSubmissionBlocked", AdminActionRequired, Reason.MAILBOX_BLOCKED),
    (400, "ErrorInvalidRecipients", Rejected, Reason.RECIPIENT_REFUSED),
    (400, "ErrorMimeContentInvalid", Rejected, Reason.MESSAGE_REFUSED),
    (400, "ErrorMessageSizeExceeded", Rejected, Reason.MESSAGE_TOO_LARGE),
    (413, "RequestEntityTooLarge", Rejected, Reason.MESSAGE_TOO_LARGE),
    (404, "ErrorItemNotFound", AdminActionRequired, Reason.NO_MAILBOX),
    (401, "InvalidAuthenticationToken", SignInRequired, Reason.SIGN_IN_AGAIN),
    (403, "AccessDeniedByPolicy", AdminActionRequired, Reason.POLICY_BLOCKED),
    (429, "TooManyRequests", Throttled, Reason.TOO_FAST),
    (429, "ApplicationThrottled", Throttled, Reason.TOO_FAST),
    (500, "InternalServerError", OutcomeUnknown, Reason.MAYBE_SENT),
    (502, "BadGateway", OutcomeUnknown, Reason.MAYBE_SENT),
    (503, "ErrorServerBusy", OutcomeUnknown, Reason.MAYBE_SENT),
    (504, "GatewayTimeout", OutcomeUnknown, Reason.MAYBE_SENT),
    (504, "ErrorInvalidRecipients", OutcomeUnknown, Reason.MAYBE_SENT),
    (408, "RequestTimeout", OutcomeUnknown, Reason.MAYBE_SENT),
    (200, "", OutcomeUnknown, Reason.MAYBE_SENT),
    (302, "", OutcomeUnknown, Reason.MAYBE_SENT),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("ca")) as found:
        yield found


def mailbox(server):
    return MicrosoftMailbox(
        microsoft_app(server), microsoft_token(), ANNA, lambda token: None
    )


def identity_error(error, number=None, suberror=""):
    """Return an error of the token endpoint, as Microsoft words it."""
    found = {
        "error": error,
        "error_description": f"AADSTS{number or 1234567}: The words of this error. "
        "Trace ID: 0f2b8a77-aaaa Correlation ID: c0ffee00-1234-4abc-8def-000000000000 "
        "Timestamp: 2026-11-22 10:00:00Z",
        "error_codes": [number or 1234567],
        "timestamp": "2026-11-22 10:00:00Z",
        "trace_id": "0f2b8a77-aaaa",
        "correlation_id": "c0ffee00-1234-4abc-8def-000000000000",
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return found | ({"suberror": suberror} if suberror else {})


def refresh_fails(server, body, status=400, headers=None):
    box = mailbox(server)
    server.reply("/common/oauth2/v2.0/token", Reply(status, body, headers or {}))
    with pytest.raises(Exception) as caught, box:
        box.refresh()
    return caught.value


@pytest.mark.parametrize("error, number, outcome, reason", AADSTS)
def test_aadsts(server, error, number, outcome, reason):
    status = 401 if error == "invalid_client" else 400
    found = refresh_fails(server, identity_error(error, number), status)
    assert (type(found), found.reason) == (outcome, reason)
    assert found.code == f"AADSTS{number}"
    assert found.correlation_id == "c0ffee00-1234-4abc-8def-000000000000"
    assert found.detail == f"AADSTS{number}: The words of this error."
    assert (found.retry_after is not None) == (outcome is Throttled)


@pytest.mark.parametrize("error, suberror, outcome, reason", WITHOUT_NUMBER)
def test_unknown_number(server, error, suberror, outcome, reason):
    found = refresh_fails(server, identity_error(error, suberror=suberror))
    assert (type(found), found.reason) == (outcome, reason)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [{"error": "server_error"}, "<html>oops</html>", ""])
def test_identity_platform_down(server, status, body):
    found = refresh_fails(server, body, status)
    assert (type(found), found.reason) == (Unavailable, Reason.PROVIDER_DOWN)


def test_identity_platform_asks_to_wait(server):
    body = identity_error("temporarily_unavailable", 90055)
    found = refresh_fails(server, body, 429, {"Retry-After": "17"})
    assert (type(found), found.retry_after) == (Throttled, 17)


def test_no_such_tenant(server):
    box = MicrosoftMailbox(
        microsoft_app(server, tenant="nowhere"), microsoft_token(), ANNA, print
    )
    path = "/nowhere/v2.0/.well-known/openid-configuration"
    server.reply(path, Reply(400, identity_error("invalid_tenant", 90002)))
    with pytest.raises(AdminActionRequired) as caught, box:
        box.refresh()
    assert caught.value.reason is Reason.APP_TENANT
    assert caught.value.code == "AADSTS90002"


def test_a_portal_in_between_is_no_misconfiguration(server):
    box = mailbox(server)
    path = "/common/v2.0/.well-known/openid-configuration"
    server.reply(path, Reply(200, "<html>Hotel Wi-Fi: please sign in</html>"))
    with pytest.raises(Unavailable), box:
        box.refresh()


def test_the_secret_is_not_repeated(server):
    body = identity_error("invalid_client", 7000215)
    body["error_description"] = f"AADSTS7000215: Invalid secret {CLIENT_SECRET}."
    found = refresh_fails(server, body, 401)
    assert CLIENT_SECRET not in str(found) + found.detail


def graph_error(code):
    inner = {"date": "2026-11-22T10:00:00", "request-id": "req-inner"}
    return {"error": {"code": code, "message": "Graph's words.", "innerError": inner}}


@pytest.mark.parametrize("status, code, outcome, reason", GRAPH)
def test_graph(server, status, code, outcome, reason):
    box = mailbox(server)
    server.reply("/v1.0/me/sendMail", Reply(status, graph_error(code)))
    with pytest.raises(outcome) as caught, box:
        box.send(an_email())
    assert type(caught.value) is outcome
    assert caught.value.reason is reason
    assert caught.value.code == (code or str(status))
    assert caught.value.correlation_id == "req-inner"
    assert "Graph's words." in str(caught.value)


def test_graph_asks_to_wait(server):
    box = mailbox(server)
    headers = {"Retry-After": "31", "request-id": "req-outer"}
    server.reply("/v1.0/me/sendMail", Reply(429, graph_error("x"), headers))
    with pytest.raises(Throttled) as caught, box:
        box.send(an_email())
    assert caught.value.retry_after == 31
    assert caught.value.correlation_id == "req-outer"


def test_daily_limit_lasts_a_day(server):
    box = mailbox(server)
    body = graph_error("ErrorExceededMessageLimit")
    server.reply("/v1.0/me/sendMail", Reply(429, body))
    with pytest.raises(Throttled) as caught, box:
        box.send(an_email())
    assert caught.value.retry_after == 86400


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", '{"error": "flat"}', '{"error":{}}']
)
def test_graph_without_sensible_words(server, body):
    box = mailbox(server)
    server.reply("/v1.0/me/sendMail", Reply(403, body))
    with pytest.raises(AdminActionRequired) as caught, box:
        box.send(an_email())
    assert caught.value.code == "403"


@pytest.mark.parametrize(
    "status, outcome",
    [
        (400, Unavailable),
        (403, Unavailable),
        (404, Unavailable),
        (429, Throttled),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_asking_who_we_are_leaves_nothing_unknown(server, status, outcome):
    box = mailbox(server)
    server.reply("/v1.0/me", Reply(status, graph_error("Something")))
    with pytest.raises(outcome), box:
        box.check()


@pytest.mark.parametrize("words", ["9" * 5000, "AADSTS" + "9" * 5000, "\n\r\0AADSTS\n"])
def test_hostile_words(words):
    error = {"error": "access_denied", "error_description": words}
    found = microsoft_codes.identity_outcome(error, {})
    assert "\n" not in str(found) and len(found.detail) <= 500
    json.dumps(found.code)
