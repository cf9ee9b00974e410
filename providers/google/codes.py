"""The errors of Google's sign-in and of the Gmail API, and what each means.

https://developers.google.com/identity/protocols/oauth2/web-server#errors
https://developers.google.com/workspace/gmail/api/guides/handle-errors
"""

from collections.abc import Iterable, Mapping

from ..oauth.answer import Answer, Json, dicts
from ..oauth.meaning import Meaning
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

SIGN_IN_AGAIN = Meaning(SignInRequired, Reason.SIGN_IN_AGAIN)
SIGN_IN_FREQUENCY = Meaning(SignInRequired, Reason.SIGN_IN_FREQUENCY)
PERMISSION_MISSING = Meaning(SignInRequired, Reason.PERMISSION_MISSING)
WORKSPACE_BLOCKED = Meaning(AdminActionRequired, Reason.WORKSPACE_BLOCKED)
APP_MISCONFIGURED = Meaning(AdminActionRequired, Reason.APP_MISCONFIGURED)
API_NOT_ENABLED = Meaning(AdminActionRequired, Reason.API_NOT_ENABLED)
NO_MAILBOX = Meaning(AdminActionRequired, Reason.NO_MAILBOX)
PROVIDER_DOWN = Meaning(Unavailable, Reason.PROVIDER_DOWN)
TOO_FAST = Meaning(Throttled, Reason.TOO_FAST, wait=60, spread=30)
DAILY_LIMIT = Meaning(Throttled, Reason.DAILY_LIMIT, wait=A_DAY)
# the app's: each of its mailboxes finds out by itself, with one call that is refused
APP_QUOTA = Meaning(Throttled, Reason.APP_QUOTA, wait=3600, spread=600)
MESSAGE_REFUSED = Meaning(Rejected, Reason.MESSAGE_REFUSED)
MESSAGE_TOO_LARGE = Meaning(Rejected, Reason.MESSAGE_TOO_LARGE)
RECIPIENT_REFUSED = Meaning(Rejected, Reason.RECIPIENT_REFUSED)
MAYBE_SENT = Meaning(OutcomeUnknown, Reason.MAYBE_SENT)

SIGN_IN_ERRORS = {
    "access_denied": Meaning(SignInRequired, Reason.SIGN_IN_CANCELLED),
    "admin_policy_enforced": WORKSPACE_BLOCKED,
    "deleted_client": APP_MISCONFIGURED,
    "disabled_client": APP_MISCONFIGURED,
    "internal_failure": PROVIDER_DOWN,
    "invalid_client": APP_MISCONFIGURED,
    "invalid_grant": SIGN_IN_AGAIN,
    "invalid_rapt": SIGN_IN_FREQUENCY,
    "invalid_request": APP_MISCONFIGURED,
    "invalid_scope": APP_MISCONFIGURED,
    "missing_token": PROVIDER_DOWN,  # oauthlib's word for an answer without sense
    "org_internal": Meaning(AdminActionRequired, Reason.ORG_INTERNAL),
    "rapt_required": SIGN_IN_FREQUENCY,
    "redirect_uri_mismatch": APP_MISCONFIGURED,
    "server_error": PROVIDER_DOWN,
    "temporarily_unavailable": PROVIDER_DOWN,
    "unauthorized_client": APP_MISCONFIGURED,
}

# the `reason` of the error's first entry
GMAIL_REASONS = {
    "accessNotConfigured": API_NOT_ENABLED,
    "authError": SIGN_IN_AGAIN,
    "dailyLimitExceeded": APP_QUOTA,
    "domainPolicy": WORKSPACE_BLOCKED,
    "failedPrecondition": NO_MAILBOX,
    "insufficientPermissions": PERMISSION_MISSING,
    "quotaExceeded": APP_QUOTA,
    "rateLimitExceeded": TOO_FAST,
    "uploadTooLarge": MESSAGE_TOO_LARGE,
    "userRateLimitExceeded": TOO_FAST,
}
# newer errors name it in `details` instead
GMAIL_DETAILS = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": PERMISSION_MISSING,
    "SERVICE_DISABLED": API_NOT_ENABLED,
}
# words that say more than the reason beside them, strongest first
GMAIL_WORDS = {
    "(mail sending)": DAILY_LIMIT,
    "mail service not enabled": NO_MAILBOX,
    "recipient address required": RECIPIENT_REFUSED,
    "invalid to header": RECIPIENT_REFUSED,
    "invalid cc header": RECIPIENT_REFUSED,
    "invalid bcc header": RECIPIENT_REFUSED,
}

GMAIL_STATUSES = {
    401: SIGN_IN_AGAIN,
    403: Meaning(AdminActionRequired, Reason.POLICY_BLOCKED),
    429: TOO_FAST,
}
SENDING_STATUSES = {
    400: MESSAGE_REFUSED,
    404: MESSAGE_REFUSED,
    413: MESSAGE_TOO_LARGE,
}


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
    meaning = SIGN_IN_ERRORS.get(subtype) or SIGN_IN_ERRORS.get(name)
    if meaning is None:
        meaning = SIGN_IN_AGAIN if 400 <= status < 500 else PROVIDER_DOWN
    if status == 429:
        meaning = TOO_FAST
    return meaning.raised(
        code=subtype or name or str(status),
        detail=str(error.get("error_description") or ""),
        retry_after=retry_after(headers),
        hidden=hidden,
    )


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
    said = _by_words(words) or GMAIL_DETAILS.get(detailed) or GMAIL_REASONS.get(reason)
    return _with_status(said, answer.status, sending).raised(
        code=reason or detailed or str(error.get("status") or answer.status),
        detail=words,
        retry_after=retry_time(words, answer.headers) or retry_after(answer.headers),
    )


def _with_status(said: Meaning | None, status: int, sending: bool) -> Meaning:
    """What is meant by what was *said*, or by the status if that said nothing."""
    statuses, fallback = GMAIL_STATUSES, PROVIDER_DOWN
    if sending:
        statuses, fallback = GMAIL_STATUSES | SENDING_STATUSES, MAYBE_SENT
    if status >= 500:  # whatever it says: it may have been sent
        return fallback
    return said or statuses.get(status, fallback)


def _first(entries: object) -> str:
    """Return the first ``reason`` in a list of errors or details."""
    found = [str(entry["reason"]) for entry in dicts(entries) if entry.get("reason")]
    return found[0] if found else ""


def _by_words(words: str) -> Meaning | None:
    lowered = words.lower()
    return next((v for text, v in GMAIL_WORDS.items() if text in lowered), None)
