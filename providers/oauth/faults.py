"""What goes wrong on the way to an API, as outcomes."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

from ..bounded import NONSENSE, TooMuch
from ..network import certificate_reason, unresolved
from ..outcomes import Outcome, OutcomeUnknown, Rejected, Unavailable
from ..reasons import Reason


@contextmanager
def writing() -> Iterator[None]:
    """Turn an email that cannot be written down into an outcome: nothing was sent."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Rejected(Reason.MESSAGE_REFUSED, code=type(error).__name__) from None


@contextmanager
def understanding() -> Iterator[None]:
    """Turn an answer that makes no sense to us or to a library into an outcome."""
    try:
        yield
    except NONSENSE as error:
        detail = type(error).__name__
        raise Unavailable(Reason.PROVIDER_DOWN, detail=detail) from None


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn faults of the network into an outcome; for requests that may be repeated."""
    try:
        yield
    except requests.RequestException as error:
        raise lost(error, url) from None


def lost(error: Exception, url: str, *, started: bool = False) -> Outcome:
    """Return the outcome of a request that got no answer.

    :param error: what :mod:`requests` raised. Its text is not passed on.
    :param started: True if some of the request's body was handed over.
    """
    detail = f"{urlsplit(url).hostname}: {type(error).__name__}"
    if started:
        return OutcomeUnknown(Reason.MAYBE_SENT, detail=detail)
    return Unavailable(_reason(error), detail=detail)


def _reason(error: Exception) -> Reason:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return unresolved(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificate_reason(cause.verify_code)
    if any(isinstance(cause, TooMuch) for cause in causes):
        return Reason.ANSWER_TOO_LONG
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Reason.PROVIDER_DOWN
    return Reason.CONNECTION_LOST


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and whatever it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
