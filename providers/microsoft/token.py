"""Tokens of Microsoft's identity platform, through msal."""

import json
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from msal.exceptions import MsalServiceError

from ..bounded import NONSENSE
from ..oauth.answer import parsed
from ..oauth.app import OAuthApp, Refreshing, alone, short
from ..oauth.faults import lost
from ..oauth.http import TokenWire
from ..oauth.waiting import retry_after
from ..outcomes import Outcome, SignInRequired
from ..reasons import Reason
from .aadsts import APP_MISCONFIGURED, PROVIDER_DOWN, TOO_FAST
from .codes import identity_outcome

# https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
# https://learn.microsoft.com/graph/deployments
CLOUDS = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "us_gov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "china": (
        "https://login.partner.microsoftonline.cn",
        "https://microsoftgraph.chinacloudapi.cn",
    ),
}

NEARLY_EXPIRED = 300  # seconds: msal refreshes a token that lives no longer

# form_post would come without Odoo's session cookie (SameSite=Lax)
warnings.filterwarnings("ignore", message="response_mode='form_post'", module="msal")


def login_url(app: OAuthApp) -> str:
    """Return the base URL of the identity platform."""
    return (app.endpoints.login or CLOUDS[app.cloud][0]).rstrip("/")


def graph_url(app: OAuthApp) -> str:
    """Return the base URL of Graph, version included."""
    return (app.endpoints.graph or CLOUDS[app.cloud][1]).rstrip("/") + "/v1.0"


def scope_names(*, shared: bool = False, extra: Iterable[str] = ()) -> list[str]:
    """Return the least that is needed to send, by the short names of Graph's scopes.

    Mail.Send needs no administrator's approval under Microsoft's default policy, what
    reads mail does.
    https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies

    :param shared: True to send for a shared mailbox.
    :param extra: more of them.
    """
    names = ["User.Read", "Mail.Send", *(["Mail.Send.Shared"] if shared else [])]
    return names + [name for name in extra if name not in names]


def scopes(
    app: OAuthApp, *, shared: bool = False, extra: Iterable[str] = ()
) -> list[str]:
    """Return :func:`scope_names` as msal wants them in the cloud of *app*.

    msal itself adds openid, profile and offline_access.
    """
    names = scope_names(shared=shared, extra=extra)
    if app.cloud == "global":
        return names
    return [f"{CLOUDS[app.cloud][1]}/{name}" for name in names]


def client(
    app: OAuthApp, wire: TokenWire, cache: msal.SerializableTokenCache | None = None
) -> msal.ConfidentialClientApplication:
    """Return an msal application. It asks the tenant for its endpoints at once.

    :raises Outcome: see :func:`reaching_microsoft`.
    """
    with reaching_microsoft(app, wire):
        return msal.ConfidentialClientApplication(
            app.client_id,
            client_credential=_credential(app),
            authority=f"{login_url(app)}/{app.tenant}",
            # our authorities are constants: nothing to ask login.microsoftonline.com
            instance_discovery=False,
            http_client=wire,
            token_cache=cache,
        )


def _credential(app: OAuthApp) -> str | dict[str, str]:
    """What the app proves itself by. With a certificate msal signs an assertion (PS256,
    named by the certificate's SHA-256), and the key itself never leaves.
    https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    """
    if not app.certificate:
        return app.client_secret
    return {"private_key": app.client_secret, "public_certificate": app.certificate}


@contextmanager
def reaching_microsoft(app: OAuthApp, wire: TokenWire) -> Iterator[None]:
    """Turn what msal raises into outcomes.

    :raises Unavailable: no answer, or Microsoft is down.
    :raises Throttled: Microsoft asks to wait.
    :raises AdminActionRequired: there is no such tenant.
    """
    try:
        yield
    except requests.RequestException as error:
        raise lost(error, login_url(app)) from None
    except (MsalServiceError, RuntimeError, *NONSENSE):
        raise _refused(wire.answer) from None


def _refused(answer: requests.Response | None) -> Outcome:
    """Return the outcome of an answer that msal did not want to read."""
    if answer is None:
        return PROVIDER_DOWN.raised()
    status = answer.status_code
    said = parsed(answer.content)
    if 400 <= status < 429 and isinstance(said, dict) and said.get("error"):
        return identity_outcome(said, answer.headers)  # no such tenant, by its number
    meaning = PROVIDER_DOWN
    if status == 429:
        meaning = TOO_FAST
    elif 400 <= status < 500:
        meaning = APP_MISCONFIGURED
    return meaning.raised(
        code=str(status),
        detail=f"{urlsplit(str(answer.url)).hostname}: HTTP {status}",
        retry_after=retry_after(answer.headers),
    )


def _cache(token: str) -> msal.SerializableTokenCache:
    """Return msal's cache of this JSON, an empty one if it is none."""
    cache = msal.SerializableTokenCache()
    try:
        if isinstance(json.loads(token), dict):
            cache.deserialize(token)
    except ValueError:
        cache.deserialize(None)
    return cache


class TokenSource:
    """The access tokens of one mailbox, refreshed when needed.

    :param app: the :class:`~..oauth.app.OAuthApp`.
    :param token: the JSON of a :class:`~..oauth.app.Grant`: msal's token cache.
    :param on_change: called with the new JSON as soon as there is one. Microsoft
        replaces the refresh token at each use: whoever loses it has to sign in again.
    :param refreshing: see :func:`~..oauth.app.alone`.
    """

    def __init__(
        self,
        app: OAuthApp,
        token: str,
        on_change: Callable[[str], object],
        wanted: list[str],
        refreshing: Refreshing = alone,
    ) -> None:
        self._app = app
        self._kept = token
        self._on_change = on_change
        self._refreshing = refreshing
        self._wanted = wanted
        self._wire = TokenWire(app.ca_file)
        self._cache = _cache(token)
        self._client: Any = None

    def token(self, *, refresh: bool = False, claims: str | None = None) -> str:
        """Return an access token.

        :param refresh: True to get a new one even if there is a good one.
        :param claims: the JSON of a claims challenge that came with a 401.
        :raises Outcome: a person or an administrator is needed, or no answer came.
        """
        if not refresh and self._fresh():
            return self._acquire()
        with self._refreshing() as latest:
            if self._take(latest) and not claims:
                return self._acquire()
            return self._acquire(refresh, claims)

    def _acquire(self, refresh: bool = False, claims: str | None = None) -> str:
        """Let msal look into its cache, and ask Microsoft if need be."""
        if self._client is None:
            self._client = client(self._app, self._wire, self._cache)
        accounts = self._client.get_accounts()
        with reaching_microsoft(self._app, self._wire):
            result = self._client.acquire_token_silent_with_error(
                self._wanted,
                accounts[0] if accounts else None,
                force_refresh=refresh,
                claims_challenge=claims,
            )
        self._save()
        if result is None:
            raise SignInRequired(Reason.CREDENTIAL_LOST)
        if "access_token" not in result:
            answer = self._wire.answer
            raise identity_outcome(
                result,
                answer.headers if answer is not None else {},
                status=answer.status_code if answer is not None else 0,
                hidden=self._secrets(),
            )
        return str(result["access_token"])

    def want(self, scopes: list[str]) -> None:
        """From now on, return only tokens that are good for these scopes."""
        self._wanted = scopes

    def granted(self) -> set[str]:
        """Return the short names of what was granted, in lower case."""
        return {
            short(scope)
            for entry in self._cache.search(msal.TokenCache.CredentialType.ACCESS_TOKEN)
            for scope in entry["target"].split()
        }

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _secrets(self) -> list[str]:
        kept = self._cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)
        return [self._app.client_secret, *(entry["secret"] for entry in kept)]

    def _fresh(self) -> bool:
        """Return whether msal will find a good access token in its cache.

        By the measure of msal itself, which hides it.
        """
        now = time.time()
        wanted = {short(scope) for scope in self._wanted}
        return any(
            wanted <= {short(scope) for scope in entry["target"].split()}
            and int(entry["expires_on"]) - now > NEARLY_EXPIRED
            and int(entry.get("refresh_on") or now + 1) > now
            for entry in self._cache.search(msal.TokenCache.CredentialType.ACCESS_TOKEN)
        )

    def _take(self, latest: str | None) -> bool:
        """Use what another worker has got meanwhile; returns whether it is good."""
        if latest is None or latest == self._kept:
            return False
        self._kept = latest
        self._cache.deserialize(latest)
        return self._fresh()

    def _save(self) -> None:
        if self._cache.has_state_changed:
            self._kept = self._cache.serialize()
            self._on_change(self._kept)
