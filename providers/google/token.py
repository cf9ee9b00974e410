"""Tokens of Google, through google-auth."""

import functools
import json
from collections.abc import Callable
from datetime import datetime

from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from ..bounded import NONSENSE
from ..oauth.app import OAuthApp, Refreshing, alone
from ..oauth.http import TOKEN_TIMEOUT, TokenWire
from ..outcomes import Outcome, SignInRequired
from ..reasons import Reason
from .codes import PERMISSION_MISSING, PROVIDER_DOWN, sign_in_outcome

TOKEN_URL = "https://oauth2.googleapis.com/token"  # nosec B105 # an address
GMAIL_URL = "https://gmail.googleapis.com/"
GMAIL_SEND = "https://www.googleapis.com/auth/gmail.send"


def token_url(app: OAuthApp) -> str:
    """Return the URL of the token endpoint."""
    return app.endpoints.google_token or TOKEN_URL


def gmail_url(app: OAuthApp) -> str:
    """Return the URL of the Gmail API."""
    return app.endpoints.gmail or GMAIL_URL


def as_json(credentials: Credentials) -> str:
    """Return what is kept of google-auth's credentials: nothing of the app."""
    return json.dumps(
        {
            "token": credentials.token,
            "refresh_token": credentials.refresh_token,
            "expiry": credentials.expiry.isoformat() if credentials.expiry else None,
            "scopes": sorted(credentials.granted_scopes or credentials.scopes or ()),
        }
    )


def from_json(app: OAuthApp, token: str) -> Credentials:
    """Return google-auth's credentials.

    :raises SignInRequired: *token* is none, or has no refresh token.
    """
    try:
        kept = json.loads(token)
        expiry = datetime.fromisoformat(kept["expiry"]) if kept["expiry"] else None
        return Credentials(
            kept["token"],
            refresh_token=str(kept["refresh_token"] or _lost()),
            token_uri=token_url(app),
            client_id=app.client_id,
            client_secret=app.client_secret,
            scopes=kept["scopes"],
            expiry=expiry,
        )
    except (KeyError, TypeError, ValueError):
        raise SignInRequired(Reason.CREDENTIAL_LOST) from None


def _lost() -> str:
    raise ValueError("no refresh token")


class TokenSource:
    """The access tokens of one mailbox, refreshed when needed.

    :param app: the :class:`~..oauth.app.OAuthApp`.
    :param token: the JSON of a :class:`~..oauth.app.Grant`.
    :param on_change: called with the new JSON as soon as there is one.
    :param refreshing: see :func:`~..oauth.app.alone`.
    """

    def __init__(
        self,
        app: OAuthApp,
        token: str,
        on_change: Callable[[str], object],
        refreshing: Refreshing = alone,
    ) -> None:
        self._app = app
        self._kept = token
        self._on_change = on_change
        self._refreshing = refreshing
        self._read: Credentials | None = None
        self._wire = TokenWire(app.ca_file)

    def token(self, *, refresh: bool = False) -> str:
        """Return an access token.

        :param refresh: True to get a new one even if there is a good one.
        :raises Outcome: a person or an administrator is needed, or no answer came.
        """
        credentials = self._credentials()
        if refresh or not credentials.valid:
            with self._refreshing() as latest:
                if not self._take(latest):
                    self._refresh()
        return str(self._credentials().token)

    def granted(self) -> set[str]:
        """Return the scopes that were granted."""
        credentials = self._credentials()
        return set(credentials.granted_scopes or credentials.scopes or ())

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _credentials(self) -> Credentials:
        """google-auth's, read when they are needed."""
        if self._read is None:
            self._read = from_json(self._app, self._kept)
        return self._read

    def _take(self, latest: str | None) -> bool:
        """Use what another worker has got meanwhile; returns whether it is good."""
        if latest is None or latest == self._kept:
            return False
        self._kept = latest
        self._read = from_json(self._app, latest)
        return bool(self._read.valid)

    def _refresh(self) -> None:
        # google-auth would wait for 120 seconds, and lets nobody choose
        request = functools.partial(Request(self._wire), timeout=max(TOKEN_TIMEOUT))
        credentials = self._credentials()
        try:
            credentials.refresh(request)
        except exceptions.TransportError:
            raise PROVIDER_DOWN.raised(detail="TransportError") from None
        except exceptions.RefreshError as error:
            raise self._refusal(error) from None
        except NONSENSE as error:
            raise PROVIDER_DOWN.raised(detail=type(error).__name__) from None
        self._kept = as_json(credentials)
        self._on_change(self._kept)
        if GMAIL_SEND not in self.granted():
            raise PERMISSION_MISSING.raised(code="scope")

    def _refusal(self, error: exceptions.RefreshError) -> Outcome:
        answer = self._wire.answer
        words = error.args[1] if len(error.args) > 1 else {}
        if "Reauthentication is needed" in str(error):  # google-auth drops the rest
            words = {"error": "invalid_grant", "error_subtype": "invalid_rapt"}
        return sign_in_outcome(
            words if isinstance(words, dict) else {},
            answer.headers if answer is not None else {},
            status=answer.status_code if answer is not None else 0,
            hidden=[self._app.client_secret, self._credentials().refresh_token],
        )
