"""HTTP that never says the same thing twice.

A repeated request is a repeated email. So: no retries, no redirects, a time limit on
everything, and a new connection for each request: an old one may be closed by the
server just when an email is on its way, and nobody could tell if it arrived.

Nor is anything read for ever: see :mod:`.bounded`.
"""

import io
import json
import logging
import socket
import ssl
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from ..bounded import NONSENSE, TlsSocket, TooMuch
from ..outcomes import OutcomeUnknown, Rejected, Unavailable
from ..reasons import Reason

CONNECT_TIMEOUT = 10
TOKEN_TIMEOUT = (CONNECT_TIMEOUT, 20)
SEND_TIMEOUT = (CONNECT_TIMEOUT, 90)
# Each of these in JSON may begin an object, which takes 70 bytes where "[]," is three;
# not those in a text, of which anybody's email may be full.
PARTS = (b"[", b"{", b":", b",")
MOST_PARTS = 100_000

# At level DEBUG these write the app's secret, the code, its verifier and the tokens, or
# a provider's words that may repeat them.
TALKATIVE = ("requests_oauthlib.oauth2_session", "msal.token_cache", "msal.application")
for _name in TALKATIVE:
    logging.getLogger(_name).addFilter(lambda record: record.levelno > logging.DEBUG)


class BoundedAdapter(HTTPAdapter):
    """Reads no answer for ever, and none that has to be unpacked: a megabyte of gzip
    may be a gigabyte. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
    """

    def init_poolmanager(self, *args, **options):
        return super().init_poolmanager(*args, ssl_context=_context(), **options)

    def proxy_manager_for(self, proxy, **options):
        return super().proxy_manager_for(proxy, ssl_context=_context(), **options)

    def send(self, request, **options):
        request.headers["Accept-Encoding"] = "identity"
        return super().send(request, **options)

    def build_response(self, request, answer):
        found = super().build_response(request, answer)  # which keeps the header
        answer.headers.discard("Content-Encoding")  # by which it would be unpacked
        found.encoding = "utf-8"  # else it is guessed, for many seconds
        return found


def _context():
    context = create_urllib3_context()  # requests adds whom to trust
    context.sslsocket_class = TlsSocket
    return context


def bind(session):
    """Let a :class:`requests.Session` of ours or of a library speak HTTPS only, and
    within bounds."""
    session.adapters.clear()
    session.mount("https://", BoundedAdapter())


class Wire(requests.Session):
    """The session that the providers' libraries and we ourselves use.

    :param ca_file: certificates to trust instead of the system's.

    ``answer`` is the last answer: some libraries hide its status and its headers.
    """

    def __init__(self, ca_file=""):
        super().__init__()
        bind(self)
        self.ca_file = ca_file
        self.headers["Connection"] = "close"
        self.answer = None

    def request(self, method, url, **options):
        """As :meth:`requests.Session.request`, but never patient and never moved."""
        if not options.get("timeout"):
            options["timeout"] = TOKEN_TIMEOUT
        options["allow_redirects"] = False
        if self.ca_file:  # said here, $REQUESTS_CA_BUNDLE does not override it
            options["verify"] = self.ca_file
        self.answer = None
        self.close()  # not every server heeds "Connection: close": forget idle ones
        self.answer = super().request(method, url, **options)
        return self.answer

    def call(self, method, url, *, token, data=None, headers=None, longest=None):
        """Make one request to an API, once.

        :param token: the bearer token.
        :param data: the body as bytes.
        :param longest: how many bytes of the answer to read at most; all if None.
        :return: an :class:`Answer`, whatever its status.
        :raises Unavailable: the body has provably not been sent, or there was none and
            the answer could not be read, or is packed.
        :raises OutcomeUnknown: it was on its way, and no answer came.
        """
        body = Body(data) if data is not None else None
        try:
            answer = self.request(
                method,
                url,
                data=body,
                headers=headers,
                auth=Bearer(token),
                timeout=SEND_TIMEOUT,
                stream=True,
            )
        except requests.RequestException as error:
            raise lost(error, url, started=bool(body and body.started)) from None
        with answer:
            content, fault = _content(answer, longest)
        if fault and body is None and answer.status_code == 200:
            raise lost(fault, url)
        return Answer(answer.status_code, answer.headers, content, bool(fault))


class TokenWire(Wire):
    """A wire for msal and google-auth.

    The one logs an answer that is no JSON, with the tokens in it; the other stumbles.
    """

    def request(self, method, url, **options):
        """As :meth:`Wire.request`.

        :raises requests.RequestException: also for an answer that makes no sense.
        """
        answer = super().request(method, url, **options)
        if _is_plain(parsed(answer.content)):
            return answer
        if answer.status_code < 500:
            raise requests.exceptions.InvalidJSONError("no JSON object")
        answer._content = b"{}"  # the status says it all
        return answer


def _is_plain(found):
    """Whether this is a token endpoint's answer, or another JSON object, in which
    nothing stands in the place of a text that is none."""
    names = ("access_token", "refresh_token", "id_token", "scope", "error")
    return isinstance(found, dict) and all(
        isinstance(found.get(name) or "", str) for name in names
    )


class Answer(NamedTuple):
    """What an API answered.

    :param headers: not case-sensitive.
    :param content: the body, as bytes.
    :param cut: the line broke after status and headers had come, or the rest was too
        long, or packed; ``content`` is empty: the status alone tells what became of the
        request.
    """

    status: int
    headers: Any
    content: bytes
    cut: bool = False

    def json(self):
        """Return the content as a dict, an empty one if it is not one."""
        found = parsed(self.content)
        return found if isinstance(found, dict) else {}

    def success(self):
        """Return the content of what was asked for, as a dict.

        :raises Unavailable: it is no JSON object, or there is too much in it. That is
            never taken for "nothing there".
        """
        if _has_too_much(self.content):
            raise Unavailable(Reason.ANSWER_TOO_LONG, code=str(self.status))
        found = parsed(self.content)
        if not isinstance(found, dict):
            raise Unavailable(Reason.PROVIDER_DOWN, code=str(self.status))
        return found


class Body(io.BytesIO):
    """A request's body that knows whether any of it has been asked for."""

    started = False

    def read(self, size=-1):
        """Note that the request is on its way from here on."""
        self.started = True
        return super().read(size)


class Bearer(requests.auth.AuthBase):
    """Sets the token; as an ``auth`` it cannot be overridden by a ``.netrc`` file."""

    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def dicts(rows):
    """Return those of *rows* that are dicts, whatever *rows* are."""
    rows = rows if isinstance(rows, list) else ()
    return [row for row in rows if isinstance(row, dict)]


def parsed(content):
    """Return what this JSON says, None if it is none, or too much of it."""
    if _has_too_much(content):
        return None
    try:
        return json.loads(content.decode())  # UTF-8, says RFC 8259 in 8.1
    except (ValueError, RecursionError):
        return None


def _has_too_much(content):
    """Whether JSON would take much more room once it is understood.

    What stands in a text takes none: its commas are not counted. Outside of texts
    there is no backslash (https://www.rfc-editor.org/rfc/rfc8259#section-7).
    """
    if sum(map(content.count, PARTS)) <= MOST_PARTS:
        return False
    plain = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > 2 * MOST_PARTS + 2:  # between two texts there is a part
        return True
    between = b"".join(plain.split(b'"')[::2])
    return sum(map(between.count, PARTS)) > MOST_PARTS


def _content(response, longest):
    """Return the body; and what went wrong, if it could not be read to its end."""
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity"):
        return b"", requests.exceptions.ContentDecodingError("packed")
    try:
        if longest is None:
            return response.content, None
        content = b""
        for piece in response.iter_content(2**16):
            content += piece
            if len(content) >= longest:
                break
        return content[:longest], None
    except requests.RequestException as error:
        return b"", error


@contextmanager
def writing():
    """Turn an email that cannot be written down into an outcome: nothing was sent."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Rejected(Reason.MESSAGE_REFUSED, code=type(error).__name__) from None


@contextmanager
def understanding():
    """Turn an answer that makes no sense to us or to a library into an outcome."""
    try:
        yield
    except NONSENSE as error:
        detail = type(error).__name__
        raise Unavailable(Reason.PROVIDER_DOWN, detail=detail) from None


@contextmanager
def reaching(url):
    """Turn faults of the network into an outcome; for requests that may be repeated."""
    try:
        yield
    except requests.RequestException as error:
        raise lost(error, url) from None


def lost(error, url, *, started=False):
    """Return the outcome of a request that got no answer.

    :param error: what :mod:`requests` raised. Its text is not passed on.
    :param started: True if some of the request's body was handed over.
    """
    detail = f"{urlsplit(url).hostname}: {type(error).__name__}"
    if started:
        return OutcomeUnknown(Reason.MAYBE_SENT, detail=detail)
    return Unavailable(_reason(error), detail=detail)


def _reason(error):
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Reason.HOST_NOT_FOUND
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Reason.CERTIFICATE_NOT_TRUSTED
    if any(isinstance(cause, TooMuch) for cause in causes):
        return Reason.ANSWER_TOO_LONG
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Reason.PROVIDER_DOWN
    return Reason.CONNECTION_LOST


def _causes(error):
    """Yield *error* and whatever it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
