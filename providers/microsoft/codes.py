"""The errors of Microsoft's identity platform and of Graph, and what each means.

Microsoft may change the AADSTS numbers at any time, so an unknown number falls back to
``suberror`` and ``error``, which it promises to keep.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re
from collections.abc import Iterable, Mapping

from ..oauth.answer import Answer, Json
from ..oauth.meaning import Meaning
from ..oauth.waiting import retry_after
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
SIGN_IN_CANCELLED = Meaning(SignInRequired, Reason.SIGN_IN_CANCELLED)
CONSENT_MISSING = Meaning(AdminActionRequired, Reason.CONSENT_MISSING)
APPROVAL_REQUIRED = Meaning(AdminActionRequired, Reason.APPROVAL_REQUIRED)
POLICY_BLOCKED = Meaning(AdminActionRequired, Reason.POLICY_BLOCKED)
APP_MISCONFIGURED = Meaning(AdminActionRequired, Reason.APP_MISCONFIGURED)
PROVIDER_DOWN = Meaning(Unavailable, Reason.PROVIDER_DOWN)
TOO_FAST = Meaning(Throttled, Reason.TOO_FAST, wait=60, spread=30)
MAYBE_SENT = Meaning(OutcomeUnknown, Reason.MAYBE_SENT)

AADSTS = {
    # a person has to sign in again: password, MFA, expiry, revocation
    50055: SIGN_IN_AGAIN,
    50076: SIGN_IN_AGAIN,
    50078: SIGN_IN_AGAIN,
    50079: SIGN_IN_AGAIN,
    50132: SIGN_IN_AGAIN,
    50133: SIGN_IN_AGAIN,
    50144: SIGN_IN_AGAIN,
    50173: SIGN_IN_AGAIN,
    54005: SIGN_IN_AGAIN,
    70008: SIGN_IN_AGAIN,
    700082: SIGN_IN_AGAIN,
    70043: Meaning(SignInRequired, Reason.SIGN_IN_FREQUENCY),
    # the person went back: perhaps to wait for an approval, so never "you refused"
    65004: SIGN_IN_CANCELLED,
    # consent and approval
    65001: CONSENT_MISSING,
    90093: APPROVAL_REQUIRED,
    90094: APPROVAL_REQUIRED,
    90095: APPROVAL_REQUIRED,
    900941: APPROVAL_REQUIRED,
    900981: APPROVAL_REQUIRED,
    50105: Meaning(AdminActionRequired, Reason.USER_NOT_ASSIGNED),
    # conditional access
    50131: POLICY_BLOCKED,
    53000: POLICY_BLOCKED,
    53001: POLICY_BLOCKED,
    53003: POLICY_BLOCKED,
    530032: POLICY_BLOCKED,
    530035: POLICY_BLOCKED,
    50057: Meaning(AdminActionRequired, Reason.ACCOUNT_DISABLED),
    # the app's registration
    7000215: Meaning(AdminActionRequired, Reason.APP_SECRET_WRONG),
    7000222: Meaning(AdminActionRequired, Reason.APP_SECRET_EXPIRED),
    50011: APP_MISCONFIGURED,
    50194: APP_MISCONFIGURED,
    65005: APP_MISCONFIGURED,
    650056: APP_MISCONFIGURED,
    650057: APP_MISCONFIGURED,
    700016: APP_MISCONFIGURED,
    7000112: APP_MISCONFIGURED,
    90002: APP_MISCONFIGURED,
    900971: APP_MISCONFIGURED,
    # Microsoft's own trouble
    50033: PROVIDER_DOWN,
    90006: PROVIDER_DOWN,
    90012: PROVIDER_DOWN,
    90024: PROVIDER_DOWN,
    90033: PROVIDER_DOWN,
    90090: PROVIDER_DOWN,
    50196: TOO_FAST,
    90055: TOO_FAST,
}

IDENTITY_ERRORS = {
    "access_denied": SIGN_IN_CANCELLED,
    "cancel": SIGN_IN_CANCELLED,
    "consent_required": CONSENT_MISSING,
    "interaction_required": SIGN_IN_AGAIN,
    "invalid_client": APP_MISCONFIGURED,
    "invalid_grant": SIGN_IN_AGAIN,
    "invalid_request": APP_MISCONFIGURED,
    "invalid_resource": APP_MISCONFIGURED,
    "invalid_scope": APP_MISCONFIGURED,
    "login_required": SIGN_IN_AGAIN,
    "server_error": PROVIDER_DOWN,
    "temporarily_unavailable": PROVIDER_DOWN,
    "unauthorized_client": APP_MISCONFIGURED,
    "unsupported_grant_type": APP_MISCONFIGURED,
    "unsupported_response_type": APP_MISCONFIGURED,
}

# https://learn.microsoft.com/graph/errors and, for the mail codes, the notes on the
# sending limits of Exchange Online and Outlook.com
GRAPH_CODES = {
    "ErrorAccessDenied": Meaning(SignInRequired, Reason.PERMISSION_MISSING),
    "ErrorSendAsDenied": Meaning(AdminActionRequired, Reason.SEND_AS_DENIED),
    "ErrorInvalidUser": Meaning(AdminActionRequired, Reason.SHARED_ACCESS_DENIED),
    "MailboxNotEnabledForRESTAPI": Meaning(AdminActionRequired, Reason.NO_MAILBOX),
    "ErrorQuotaExceeded": Meaning(AdminActionRequired, Reason.MAILBOX_FULL),
    "ErrorMessageSubmissionBlocked": Meaning(
        AdminActionRequired, Reason.MAILBOX_BLOCKED
    ),
    "ErrorExceededMessageLimit": Meaning(Throttled, Reason.DAILY_LIMIT, wait=A_DAY),
    "ErrorInvalidRecipients": Meaning(Rejected, Reason.RECIPIENT_REFUSED),
    "ErrorMessageSizeExceeded": Meaning(Rejected, Reason.MESSAGE_TOO_LARGE),
}

GRAPH_STATUSES = {401: SIGN_IN_AGAIN, 403: POLICY_BLOCKED, 429: TOO_FAST}
SENDING_STATUSES = {
    400: Meaning(Rejected, Reason.MESSAGE_REFUSED),
    404: Meaning(Rejected, Reason.MESSAGE_REFUSED),
    413: Meaning(Rejected, Reason.MESSAGE_TOO_LARGE),
}


def identity_outcome(
    error: Json,
    headers: Mapping[str, str],
    *,
    status: int = 0,
    hidden: Iterable[str | None] = (),
) -> Outcome:
    """Return the outcome of an error of the identity platform.

    :param error: the answer or the callback's parameters, a dict with ``error`` and
        perhaps ``error_codes``, ``suberror``, ``error_subcode``, ``error_description``.
    :param headers: of the answer, for ``Retry-After``; empty for a callback.
    :param status: of the answer: it tells what an unknown error is about.
    :param hidden: secrets that must not be repeated.
    """
    words = str(error.get("error_description") or "")
    number = _number(error, words)
    name = str(error.get("error") or "")
    return _identity_meaning(error, number, name, status).raised(
        code=f"AADSTS{number}" if number else name,
        detail=words.split("Trace ID:")[0],
        correlation_id=_correlation(error, words),
        retry_after=retry_after(headers),
        hidden=hidden,
    )


def _identity_meaning(error: Json, number: int, name: str, status: int) -> Meaning:
    """By the number, which says most, else by the words that Microsoft keeps."""
    suberror = str(error.get("suberror") or error.get("error_subcode"))
    return (
        AADSTS.get(number)
        or IDENTITY_ERRORS.get(suberror)
        or IDENTITY_ERRORS.get(name)
        or (TOO_FAST if status == 429 else None)
        or (SIGN_IN_AGAIN if name and status < 500 else PROVIDER_DOWN)
    )


def _number(error: Json, words: str) -> int:
    """Return the first AADSTS number that we know, else the first; 0 without any."""
    numbers = _numbers(error, words)
    known = [number for number in numbers if number in AADSTS]
    return next(iter(known or numbers), 0)


def _numbers(error: Json, words: str) -> list[int]:
    """Return the AADSTS numbers as ints, wherever they stand."""
    listed = error.get("error_codes")
    if isinstance(listed, list) and listed:
        return [number for number in listed if isinstance(number, int)]
    return [int(number) for number in re.findall(r"AADSTS(\d{1,9})\b", words)]


def _correlation(error: Json, words: str) -> str:
    """Return the correlation id, which also stands in the description's last lines."""
    found = re.search(r"Correlation ID: ([\w-]+)", words)
    return str(error.get("correlation_id") or (found[1] if found else ""))


def graph_outcome(answer: Answer, *, sending: bool) -> Outcome:
    """Return the outcome of an answer of Graph that is no success.

    :param sending: True if an email was in the request: a fault of the server may then
        come after the email went out (four 504 made four emails:
        https://learn.microsoft.com/answers/questions/2286986).
    """
    error = answer.json().get("error")
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or "")
    statuses, fallback = GRAPH_STATUSES, PROVIDER_DOWN
    if sending:
        statuses, fallback = GRAPH_STATUSES | SENDING_STATUSES, MAYBE_SENT
    meaning = GRAPH_CODES.get(code) or statuses.get(answer.status, fallback)
    if answer.status in (500, 502, 503, 504):  # whatever it says
        meaning = fallback
    inner = error.get("innerError")
    inner = inner if isinstance(inner, dict) else {}
    return meaning.raised(
        code=code or str(answer.status),
        detail=str(error.get("message") or ""),
        correlation_id=str(
            answer.headers.get("request-id") or inner.get("request-id", "")
        ),
        retry_after=retry_after(answer.headers),
    )
