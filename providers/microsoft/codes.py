"""The errors of Microsoft's identity platform and of Graph, and what each means.

Microsoft may change the AADSTS numbers at any time, so an unknown number falls back to
``suberror`` and ``error``, which it promises to keep.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re
from collections.abc import Iterable, Mapping

from ..oauth.answer import Answer, Json
from ..oauth.forbidden import forbidden
from ..oauth.meaning import Meaning, refused
from ..oauth.waiting import retry_after
from ..outcomes import Outcome
from .aadsts import (
    GENERAL,
    IDENTITY_ERRORS,
    IDENTITY_WORDS,
    PROVIDER_DOWN,
    SIGN_IN_AGAIN,
    TOO_FAST,
    meaning_of,
)
from .graph_codes import (
    ABOUT_SENDING,
    DEFERRED,
    GRAPH_CODES,
    GRAPH_STATUSES,
    MAYBE_SENT,
    NEVER_REACHED,
    SENDING_LIMIT,
    SENDING_STATUSES,
)


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
    return _identity_meaning(error, number, words, status).raised(
        code=f"AADSTS{number}" if number else name,
        detail=words.split("Trace ID:")[0],
        correlation_id=_correlation(error, words),
        retry_after=retry_after(headers),
        hidden=hidden,
    )


def _identity_meaning(error: Json, number: int, words: str, status: int) -> Meaning:
    """By the number, which says most, else by the names that Microsoft keeps."""
    name = str(error.get("error") or "")
    suberror = str(error.get("suberror") or error.get("error_subcode"))
    meaning = meaning_of(number)
    by_strength = (
        _by_words(words.lower()),
        meaning if number not in GENERAL else None,
        IDENTITY_ERRORS.get(suberror),
        meaning,
        IDENTITY_ERRORS.get(name),
    )
    return next(filter(None, by_strength), None) or _of_status(status, named=bool(name))


def _by_words(words: str) -> Meaning | None:
    found = (value for text, value in IDENTITY_WORDS.items() if re.search(text, words))
    return next(found, None)


def _of_status(status: int, *, named: bool) -> Meaning:
    """What an error that nobody lists means; *named*: whether it has a name at all."""
    if status == 429:
        return TOO_FAST
    return SIGN_IN_AGAIN if named and status < 500 else PROVIDER_DOWN


def _number(error: Json, words: str) -> int:
    """Return the first AADSTS number that tells most, else the first; 0 without any."""
    numbers = _numbers(error, words)
    known = [number for number in numbers if meaning_of(number)]
    told = [number for number in known if number not in GENERAL]
    return next(iter(told or known or numbers), 0)


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
    inner = error.get("innerError")
    inner = inner if isinstance(inner, dict) else {}
    return _graph_meaning(code, answer.status, sending).raised(
        code=code or str(answer.status),
        detail=str(error.get("message") or ""),
        correlation_id=str(
            answer.headers.get("request-id") or inner.get("request-id", "")
        ),
        retry_after=retry_after(answer.headers),
    )


def _graph_meaning(code: str, status: int, sending: bool) -> Meaning:
    """By the code, else by the status; a broken server's words prove little."""
    if (status, code) in NEVER_REACHED:
        return PROVIDER_DOWN
    unknown = _of_graph_status(status, code, sending)
    if status >= 500 and not refused(status):
        return unknown
    said = GRAPH_CODES.get(code) or (sending and ABOUT_SENDING.get(code))
    return said or unknown


def _of_graph_status(status: int, code: str, sending: bool) -> Meaning:
    """What a *code* that nobody has listed means: what its status says."""
    if status == 403:
        return forbidden(code, SENDING_LIMIT)
    if not sending:
        return GRAPH_STATUSES.get(status, PROVIDER_DOWN)
    # what proves nothing about the email, waits
    fallback = DEFERRED if refused(status) else MAYBE_SENT
    return (GRAPH_STATUSES | SENDING_STATUSES).get(status, fallback)
