"""What signing in at Microsoft and at Google share: the app, a sign-in, its result."""

import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from ..outcomes import SignInRequired
from ..reasons import Reason
from .answer import Json


@dataclass(frozen=True)
class Endpoints:
    """Where the providers are, if not at their real addresses (tests, the stand-in).

    :param login: Microsoft's identity platform, ``https://host[:port]``.
    :param consent: the same for the pages that administrators open in a browser, which
        may not trust the certificate of ``login``.
    :param graph: Microsoft Graph, ``https://host[:port]``, without the version.
    :param google_auth: Google's consent page, a full URL.
    :param google_token: Google's token endpoint, a full URL.
    :param google_revoke: Google's revocation endpoint, a full URL.
    :param gmail: the Gmail API, ``https://host[:port]/``.
    """

    login: str = ""
    consent: str = ""
    graph: str = ""
    google_auth: str = ""
    google_token: str = ""
    google_revoke: str = ""
    gmail: str = ""


@dataclass(frozen=True)
class OAuthApp:
    """The registration of this Odoo at Microsoft or Google.

    :param provider: ``microsoft`` or ``google``.
    :param client_secret: what it proves itself by; with a *certificate* (Microsoft
        only, in PEM) the private key of that, in PEM.
    :param tenant: Microsoft only: ``common``, ``organizations`` or a tenant's id.
    :param cloud: Microsoft only: ``global``, ``us_gov`` or ``china``.
    :param ca_file: a file of certificates to trust instead of the system's.
    """

    provider: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant: str = "common"
    cloud: str = "global"
    endpoints: Endpoints = Endpoints()
    ca_file: str = ""
    certificate: str = ""


@dataclass(frozen=True)
class SignIn:
    """A sign-in that has begun.

    :param url: where to send the user's browser.
    :param state: what the callback must bring back.
    :param kept: what :func:`finish` needs, as JSON-serialisable values. It holds the
        PKCE verifier: keep it on the server, for one use.
    """

    url: str
    state: str
    kept: Json = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """A mailbox that its owner has let us use.

    :param address: the mailbox's address, as the provider writes it.
    :param account_id: who it is, for good: addresses change, this does not.
    :param tenant: the organisation's id; for Google its domain, empty for consumers.
    :param scopes: what was granted, which may be less than what was asked.
    :param token: JSON to hand to the mailbox later; secret, without the app's secret.
    :param mailbox_known: False: the account may have no mailbox; only an email tells.
    """

    address: str
    account_id: str
    tenant: str
    display_name: str
    scopes: tuple[str, ...]
    token: str = field(repr=False)
    mailbox_known: bool = True

    def covers(self, scopes: Iterable[str]) -> bool:
        """Whether all of *scopes* were granted."""
        granted = {short(scope) for scope in self.scopes}
        return {short(scope) for scope in scopes} <= granted


class SignInModule(Protocol):
    """What a provider's ``signin`` has."""

    def start(
        self,
        app: OAuthApp,
        redirect_uri: str,
        *,
        login_hint: str = "",
        shared: bool = False,
        extra_scopes: Iterable[str] = (),
    ) -> SignIn:
        """Begin a sign-in.

        :param redirect_uri: exactly as registered.
        :param login_hint: the address to offer, when reconnecting.
        :param shared: True to ask for sending as a shared mailbox, where that is a
            permission of its own.
        :param extra_scopes: what to ask for besides sending.
        :raises Outcome: the provider is out of reach.
        """

    def finish(self, app: OAuthApp, kept: Json, params: Mapping[str, object]) -> Grant:
        """Make a grant of a callback.

        :param kept: the dict of :class:`SignIn`.
        :param params: the callback's parameters as they came, untrusted.
        :raises Outcome: not granted, not ours, or the provider is out of reach.
        """


class Refreshing(Protocol):
    """Is held while a token is refreshed; see :func:`alone`."""

    def __call__(self) -> AbstractContextManager[str | None]:
        """Hold it."""


@contextmanager
def alone() -> Iterator[str | None]:
    """The ``refreshing`` of a mailbox that nobody else uses.

    ``refreshing()`` is held while a token is refreshed, so that only one worker does
    it: where refresh tokens rotate, the second would present one that is spent. It
    yields the token's JSON as it is by then, perhaps refreshed by another worker, or
    None if there is nothing newer.
    """
    yield None


def short(scope: str) -> str:
    """The name of a scope, in lower case: answers differ in both."""
    return scope.rsplit("/", 1)[-1].lower()


def new_state() -> str:
    """Return a state that nobody can guess."""
    return secrets.token_urlsafe(32)


def check_state(state: object, params: Mapping[str, object]) -> None:
    """Refuse a callback with another state, in the same time whatever it is.

    :raises SignInRequired: it is not *state*, or there was none.
    """
    ours, theirs = (
        str(value or "").encode("utf-8", "surrogatepass")
        for value in (state, params.get("state"))
    )
    if not ours or not hmac.compare_digest(ours, theirs):
        raise SignInRequired(Reason.CALLBACK_INVALID, code="state")


def check_callback(app: OAuthApp, kept: Json, params: Mapping[str, object]) -> None:
    """Refuse a callback that does not belong to the sign-in that was begun.

    :param kept: the dict of :class:`SignIn`.
    :param params: the callback's parameters, untrusted.
    :raises SignInRequired: another state, another app, or nothing to go on with.
    """
    check_state(kept.get("state"), params)
    ours = (kept.get("provider"), kept.get("client_id"))
    if ours != (app.provider, app.client_id):
        raise SignInRequired(Reason.CALLBACK_INVALID, code="app")
    if not (params.get("error") or params.get("code")):
        raise SignInRequired(Reason.CALLBACK_INVALID, code="no_code")
