"""HTTP that never says the same thing twice.

A repeated request is a repeated email. So: no retries, no redirects, a time limit on
everything, and a new connection for each request: an old one may be closed by the
server just when an email is on its way, and nobody could tell if it arrived.

Nor is anything read for ever: see :mod:`..bounded`.
"""

import io
import json
import logging
import ssl
from collections.abc import Mapping
from typing import Any, TypeGuard

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from ..bounded import TlsSocket
from .answer import Answer, Json, parsed
from .faults import lost

CONNECT_TIMEOUT = 10
TOKEN_TIMEOUT = (CONNECT_TIMEOUT, 20)
SEND_TIMEOUT = (CONNECT_TIMEOUT, 90)
# At level DEBUG these write the app's secret, the code, its verifier and the tokens, or
# a provider's words that may repeat them.
TALKATIVE = ("requests_oauthlib.oauth2_session", "msal.token_cache", "msal.application")
for _name in TALKATIVE:
    logging.getLogger(_name).addFilter(lambda record: record.levelno > logging.DEBUG)


class BoundedAdapter(HTTPAdapter):
    """Reads no answer for ever, and none that has to be unpacked: a megabyte of gzip
    may be a gigabyte. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
    """

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        return super().init_poolmanager(*args, ssl_context=_context(), **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=_context(), **options)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        request.headers["Accept-Encoding"] = "identity"
        return super().send(request, *args, **options)

    def build_response(
        self, request: requests.PreparedRequest, resp: Any
    ) -> requests.Response:
        found = super().build_response(request, resp)  # which keeps the header
        resp.headers.discard("Content-Encoding")  # by which it would be unpacked
        resp.enforce_content_length = True  # as of urllib3 2: a cut answer is none
        found.encoding = "utf-8"  # else it is guessed, for many seconds
        return found


def _context() -> ssl.SSLContext:
    context = create_urllib3_context()  # requests adds whom to trust
    context.sslsocket_class = TlsSocket
    return context


def bind(session: requests.Session) -> None:
    """Let a :class:`requests.Session` of ours or of a library speak HTTPS only, and
    within bounds."""
    session.adapters.clear()
    session.mount("https://", BoundedAdapter())


class Wire(requests.Session):
    """The session that the providers' libraries and we ourselves use.

    :param ca_file: certificates to trust instead of the system's.

    ``answer`` is the last answer: some libraries hide its status and its headers.
    """

    def __init__(self, ca_file: str = "") -> None:
        super().__init__()
        bind(self)
        self.ca_file = ca_file
        self.headers["Connection"] = "close"
        self.answer: requests.Response | None = None

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **options: Any
    ) -> requests.Response:
        """As :meth:`requests.Session.request`, but never patient and never moved."""
        if not options.get("timeout"):
            options["timeout"] = TOKEN_TIMEOUT
        options["allow_redirects"] = False
        if self.ca_file:  # said here, $REQUESTS_CA_BUNDLE does not override it
            options["verify"] = self.ca_file
        self.answer = None
        self.close()  # not every server heeds "Connection: close": forget idle ones
        self.answer = super().request(method, url, *args, **options)
        return self.answer

    def call(
        self,
        method: str,
        url: str,
        *,
        token: str,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        longest: int | None = None,
    ) -> Answer:
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


class NoJsonObject(requests.RequestException):
    """An answer that makes no sense. requests has no such error before 2.26."""


class TokenWire(Wire):
    """A wire for msal and google-auth.

    The one logs an answer that is no JSON, with the tokens in it; the other stumbles.
    """

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **options: Any
    ) -> requests.Response:
        """As :meth:`Wire.request`.

        :raises requests.RequestException: also for an answer that makes no sense.
        """
        answer = super().request(method, url, *args, **options)
        found = parsed(answer.content)
        if _is_plain(found):
            return _without_nothing(answer, found)
        if answer.status_code < 500:
            raise NoJsonObject
        answer._content = b"{}"  # the status says it all
        return answer


def _without_nothing(answer: requests.Response, found: Json) -> requests.Response:
    """A refresh token of ``null`` is none: both would keep it in place of the old one,
    which stays good (https://www.rfc-editor.org/rfc/rfc6749#section-6)."""
    if "refresh_token" in found and not found["refresh_token"]:
        del found["refresh_token"]
        answer._content = json.dumps(found).encode()
    return answer


def _is_plain(found: object) -> TypeGuard[Json]:
    """Whether this is a token endpoint's answer, or another JSON object, in which
    nothing stands in the place of a text that is none."""
    names = ("access_token", "refresh_token", "id_token", "scope", "error")
    return isinstance(found, dict) and all(
        isinstance(found.get(name) or "", str) for name in names
    )


class Body(io.BytesIO):
    """A request's body that knows whether any of it has been asked for."""

    started = False

    def read(self, size: int | None = -1) -> bytes:
        """Note that the request is on its way from here on."""
        self.started = True
        return super().read(size)


class Bearer(requests.auth.AuthBase):
    """Sets the token; as an ``auth`` it cannot be overridden by a ``.netrc`` file."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self.token}"
        return r


def _content(
    response: requests.Response, longest: int | None
) -> tuple[bytes, requests.RequestException | None]:
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
