"""The errors of Google's sign-in and of the Gmail API, and what each means.

https://developers.google.com/identity/protocols/oauth2/web-server#errors
https://developers.google.com/workspace/gmail/api/guides/handle-errors
"""

from collections.abc import Iterable, Mapping

from ..oauth.answer import Answer, Json, dicts
from ..oauth.forbidden import DENIED as POLICY_BLOCKED
from ..oauth.forbidden import TOO_FAST, forbidden
from ..oauth.meaning import Meaning, refused
from ..oauth.waiting import retry_after, retry_time
from ..outcomes import (
    AdminActionRequired,
    Outcome,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..reasons import Reason

A_DAY = 24 * 3600


def _administrator(reason: Reason) -> Meaning:
    return Meaning(AdminActionRequired, reason)


SIGN_IN_AGAIN = Meaning(SignInRequired, Reason.SIGN_IN_AGAIN)
SIGN_IN_FREQUENCY = Meaning(SignInRequired, Reason.SIGN_IN_FREQUENCY)
PERMISSION_MISSING = Meaning(SignInRequired, Reason.PERMISSION_MISSING)
WORKSPACE_BLOCKED = _administrator(Reason.WORKSPACE_BLOCKED)
APP_MISCONFIGURED = _administrator(Reason.APP_MISCONFIGURED)
APP_PERMISSION = _administrator(Reason.APP_PERMISSION)
APP_REDIRECT_URI = _administrator(Reason.APP_REDIRECT_URI)
APP_TESTERS = _administrator(Reason.APP_TESTERS)
ACCOUNT_UNKNOWN = _administrator(Reason.ACCOUNT_UNKNOWN)
API_NOT_ENABLED = _administrator(Reason.API_NOT_ENABLED)
NO_MAILBOX = _administrator(Reason.NO_MAILBOX)
PROVIDER_DOWN = Meaning(Unavailable, Reason.PROVIDER_DOWN)
DAILY_LIMIT = Meaning(Throttled, Reason.DAILY_LIMIT, wait=A_DAY)
# the app's: each of its mailboxes finds out by itself, with one call that is refused
APP_QUOTA = Meaning(Throttled, Reason.APP_QUOTA, wait=3600, spread=600)
MESSAGE_REFUSED = Meaning(Rejected, Reason.MESSAGE_REFUSED)
MESSAGE_TOO_LARGE = Meaning(Rejected, Reason.MESSAGE_TOO_LARGE)
RECIPIENT_REFUSED = Meaning(Rejected, Reason.RECIPIENT_REFUSED)
DEFERRED = Meaning(Unavailable, Reason.DEFERRED)
MAYBE_SENT = Meaning(OutcomeUnknown, Reason.MAYBE_SENT)

# Many of them Google shows on its own page only, and leads nobody back.
SIGN_IN_ERRORS = {
    "access_denied": Meaning(SignInRequired, Reason.SIGN_IN_CANCELLED),
    "admin_policy_enforced": WORKSPACE_BLOCKED,
    "deleted_client": _administrator(Reason.APP_DELETED),
    "disabled_client": _administrator(Reason.APP_DISABLED),
    "internal_failure": PROVIDER_DOWN,
    "invalid_client": APP_MISCONFIGURED,
    "invalid_grant": SIGN_IN_AGAIN,
    "invalid_rapt": SIGN_IN_FREQUENCY,
    "invalid_request": APP_MISCONFIGURED,
    "invalid_scope": APP_PERMISSION,
    "missing_token": PROVIDER_DOWN,  # oauthlib's word for an answer without sense
    "org_internal": _administrator(Reason.ORG_INTERNAL),
    "origin_mismatch": APP_REDIRECT_URI,
    "policy_enforced": POLICY_BLOCKED,  # Google's Advanced Protection
    "rapt_required": SIGN_IN_FREQUENCY,
    "redirect_uri_mismatch": APP_REDIRECT_URI,
    "restricted_client": APP_PERMISSION,
    "server_error": PROVIDER_DOWN,
    "temporarily_unavailable": PROVIDER_DOWN,
    "unauthorized_client": APP_MISCONFIGURED,
}
# (error, words) that say more than the error alone
SIGN_IN_WORDS = {
    # https://github.com/GAM-team/GAM/pull/1171
    ("invalid_grant", "account has been deleted"): ACCOUNT_UNKNOWN,
    ("invalid_grant", "account has been disabled"): _administrator(
        Reason.ACCOUNT_DISABLED
    ),
    # https://github.com/simonrob/email-oauth2-proxy/issues/362
    ("invalid_client", "client was not found"): _administrator(Reason.APP_CLIENT_ID),
    # Google's whole word for a secret that is none of this client's
    ("invalid_client", "unauthorized"): _administrator(Reason.APP_CREDENTIALS),
    ("invalid_client", "secret"): _administrator(Reason.APP_SECRET_WRONG),
    # https://developer.nylas.com/docs/cookbook/use-cases/build/fix-google-access-denied/
    ("access_denied", "being tested"): APP_TESTERS,
    ("access_denied", "verification process"): APP_TESTERS,
    ("invalid_request", "redirect"): APP_REDIRECT_URI,
}

# the `reason` of the error's first entry
GMAIL_REASONS = {
    "accessNotConfigured": API_NOT_ENABLED,
    "authError": SIGN_IN_AGAIN,
    "backendError": PROVIDER_DOWN,
    "concurrentLimitExceeded": TOO_FAST,
    "dailyLimitExceeded": APP_QUOTA,
    "domainPolicy": WORKSPACE_BLOCKED,
    # The state of the mailbox, not the email; mostly over at the next try:
    # https://github.com/googleapis/google-api-php-client/issues/2558
    "failedPrecondition": PROVIDER_DOWN,
    "insufficientPermissions": PERMISSION_MISSING,
    "internalError": PROVIDER_DOWN,
    "quotaExceeded": APP_QUOTA,
    "rateLimitExceeded": TOO_FAST,
    "transientError": PROVIDER_DOWN,
    "uploadTooLarge": MESSAGE_TOO_LARGE,
    "userRateLimitExceeded": TOO_FAST,
}
# newer errors name it in `details` instead:
# https://cloud.google.com/dotnet/docs/reference/Google.Api.CommonProtos/latest/Google.Api.ErrorReason
GMAIL_DETAILS = {
    "ACCESS_TOKEN_EXPIRED": SIGN_IN_AGAIN,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": PERMISSION_MISSING,
    "ACCOUNT_STATE_INVALID": _administrator(Reason.ACCOUNT_DISABLED),
    "CONSUMER_SUSPENDED": _administrator(Reason.APP_DISABLED),
    "SERVICE_DISABLED": API_NOT_ENABLED,
}
# "Problematic regardless of the state of the system": what we give it is the email.
# https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
ABOUT_SENDING = {"invalidArgument": MESSAGE_REFUSED}
# words that say more than the reason beside them, strongest first
GMAIL_WORDS = {
    "(mail sending)": DAILY_LIMIT,
    "mail service not enabled": NO_MAILBOX,
    "delegation denied": _administrator(Reason.SEND_AS_DENIED),
    "invalid from header": _administrator(Reason.SENDER_REFUSED),
    "recipient address required": RECIPIENT_REFUSED,
    "invalid to header": RECIPIENT_REFUSED,
    "invalid cc header": RECIPIENT_REFUSED,
    "invalid bcc header": RECIPIENT_REFUSED,
}

GMAIL_STATUSES = {401: SIGN_IN_AGAIN, 429: TOO_FAST}
SENDING_STATUSES = {413: MESSAGE_TOO_LARGE}


def sign_in_outcome(
    error: Json,
    headers: Mapping[str, str],
    *,
    status: int = 400,
    hidden: Iterable[str | None] = (),
) -> Outcome:
    """Return the outcome of an error of the consent page or the token endpoint.

    :param error: a dict with ``error`` and perhaps ``error_subtype`` and
        ``error_description``.
    :param headers: of the answer, for ``Retry-After``.
    :param status: of the answer; a busy or broken server may have no words at all.
    :param hidden: secrets that must not be repeated.
    """
    name = str(error.get("error") or "")
    subtype = str(error.get("error_subtype") or "")
    words = str(error.get("error_description") or "")
    return _sign_in_meaning(subtype, name, words, status).raised(
        code=subtype or name or str(status),
        detail=words,
        retry_after=retry_after(headers),
        hidden=hidden,
    )


def _sign_in_meaning(subtype: str, name: str, words: str, status: int) -> Meaning:
    if status == 429:
        return TOO_FAST
    said = SIGN_IN_ERRORS.get(subtype) or _by_error_and_words(name, words)
    # without a name it is a page, of whoever stands between
    unknown = SIGN_IN_AGAIN if name and 400 <= status < 500 else PROVIDER_DOWN
    return said or SIGN_IN_ERRORS.get(name, unknown)


def gmail_outcome(answer: Answer, *, sending: bool) -> Outcome:
    """Return the outcome of an answer of Gmail that is no success.

    :param sending: True if an email was in the request: a fault of the server may then
        come after the email went out.
    """
    error = answer.json().get("error")
    error = error if isinstance(error, dict) else {}
    words = str(error.get("message") or "")
    reason = _first(error.get("errors"))
    detailed = _first(error.get("details"))
    said = _said(words, reason, detailed, sending)
    unknown = _of_status(answer.status, f"{detailed} {reason}", sending)
    if answer.status >= 500:  # whatever it says: it may have been sent
        said = None
    return (said or unknown).raised(
        code=reason or detailed or str(error.get("status") or answer.status),
        detail=words,
        retry_after=retry_time(words, answer.headers) or retry_after(answer.headers),
    )


def _said(words: str, reason: str, detailed: str, sending: bool) -> Meaning | None:
    """What is listed of an error, by what says most."""
    reasons = {**ABOUT_SENDING, **GMAIL_REASONS} if sending else GMAIL_REASONS
    return _by_words(words) or GMAIL_DETAILS.get(detailed) or reasons.get(reason)


def _of_status(status: int, codes: str, sending: bool) -> Meaning:
    """What is meant by *codes* that nobody has listed: what the status says."""
    if status == 403:
        return forbidden(codes, APP_QUOTA)
    if not sending:
        return GMAIL_STATUSES.get(status, PROVIDER_DOWN)
    # what proves nothing about the email, waits
    fallback = DEFERRED if refused(status) else MAYBE_SENT
    return (GMAIL_STATUSES | SENDING_STATUSES).get(status, fallback)


def _first(entries: object) -> str:
    """Return the first ``reason`` in a list of errors or details."""
    found = [str(entry["reason"]) for entry in dicts(entries) if entry.get("reason")]
    return found[0] if found else ""


def _by_error_and_words(name: str, words: str) -> Meaning | None:
    lowered = words.lower()
    found = (
        v for (of, text), v in SIGN_IN_WORDS.items() if of == name if text in lowered
    )
    return next(found, None)


def _by_words(words: str) -> Meaning | None:
    lowered = words.lower()
    return next((v for text, v in GMAIL_WORDS.items() if text in lowered), None)
