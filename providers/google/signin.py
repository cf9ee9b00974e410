"""Sign in with Google: from the first click to a grant, and back.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import requests
from google.auth import jwt
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from ..oauth.answer import Json, parsed
from ..oauth.app import Grant, OAuthApp, SignIn, check_callback, new_state
from ..oauth.faults import lost, reaching, understanding
from ..oauth.http import TOKEN_TIMEOUT, Wire, bind
from ..outcomes import SignInRequired, Unavailable
from ..reasons import Reason
from . import token as tokens
from .codes import PERMISSION_MISSING, SIGN_IN_AGAIN, sign_in_outcome

AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
REVOKE_URL = "https://oauth2.googleapis.com/revoke"
# Full URLs: "email" would come back under this name, as if it were another scope.
# gmail.send is the least that sends; it is "sensitive", what reads is "restricted".
# https://developers.google.com/workspace/gmail/api/auth/scopes
SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    tokens.GMAIL_SEND,
)


def start(
    app: OAuthApp,
    redirect_uri: str,
    *,
    login_hint: str = "",
    shared: bool = False,
    extra_scopes: Iterable[str] = (),
) -> SignIn:
    """Begin a sign-in.

    The account chooser is always shown; so is the consent screen, because only with it
    comes a refresh token. Nothing that was granted to this app before is included.

    :param redirect_uri: exactly as registered.
    :param login_hint: the address to offer, when reconnecting.
    :param shared: needs no permission of its own: an alias is Gmail's own business.
    :param extra_scopes: more scopes, as URLs.
    :return: a :class:`~..oauth.app.SignIn`.
    """
    state, nonce = new_state(), secrets.token_urlsafe(32)
    flow = _flow(app, redirect_uri, scopes=[*SCOPES, *extra_scopes])
    hint = {"login_hint": login_hint} if login_hint else {}
    url, _state = flow.authorization_url(
        state=state,
        access_type="offline",
        prompt="select_account consent",
        nonce=nonce,
        **hint,
    )
    kept = {
        "provider": "google",
        "client_id": app.client_id,
        "state": state,
        "nonce": nonce,
        "code_verifier": flow.code_verifier,
        "redirect_uri": redirect_uri,
    }
    return SignIn(url, state, kept)


def finish(app: OAuthApp, kept: Json, params: Mapping[str, object]) -> Grant:
    """Make a grant of a callback.

    :param kept: the dict of :func:`start`.
    :param params: the callback's parameters as they came, untrusted.
    :return: a :class:`~..oauth.app.Grant`.
    :raises Outcome: not granted, not ours, or Google is out of reach. If the box of
        gmail.send was left unticked, what was granted is not kept.
    """
    check_callback(app, kept, params)
    if params.get("error"):
        names = ("error", "error_subtype", "error_description")
        error = {name: str(params.get(name, "")) for name in names}
        raise sign_in_outcome(error, {}, hidden=[app.client_secret])
    with understanding():
        return _grant(app, kept, params)


def _grant(app: OAuthApp, kept: Json, params: Mapping[str, object]) -> Grant:
    answer = _redeem(app, kept, str(params["code"]))
    claims = _claims(app, kept, answer)
    scopes = sorted(answer.get("scope") or ())
    if tokens.GMAIL_SEND not in scopes or not claims.get("email"):
        raise PERMISSION_MISSING.raised(code="scope")
    if not answer.get("refresh_token"):
        raise SignInRequired(Reason.SIGN_IN_EXPIRED, code="no_refresh_token")
    # Not told: used until Gmail refuses it.
    expires_at = answer.get("expires_at")
    expiry = expires_at and datetime.fromtimestamp(expires_at, timezone.utc)
    credentials = Credentials(
        answer["access_token"],
        refresh_token=answer["refresh_token"],
        scopes=scopes,
        expiry=expiry and expiry.replace(tzinfo=None),
    )
    return Grant(
        address=claims["email"],
        account_id=str(claims["sub"]),
        tenant=str(claims.get("hd") or ""),
        display_name=str(claims.get("name") or ""),
        scopes=tuple(scopes),
        token=tokens.as_json(credentials),
    )


def _flow(
    app: OAuthApp,
    redirect_uri: str,
    scopes: list[str] | None = None,
    **options: Any,
) -> Any:
    web = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "auth_uri": app.endpoints.google_auth or AUTH_URL,
        "token_uri": tokens.token_url(app),
    }
    return Flow.from_client_config(
        {"web": web}, scopes=scopes, redirect_uri=redirect_uri, **options
    )


def _redeem(app: OAuthApp, kept: Json, code: str) -> Json:
    """Trade the code for tokens; returns oauthlib's dict of them.

    The flow is told no scopes: it would raise a bare Warning where others were
    granted than asked, and the user may tick what they like.
    """
    flow = _flow(app, kept["redirect_uri"], code_verifier=kept["code_verifier"])
    session = flow.oauth2session
    session.max_redirects = 0
    bind(session)
    hidden = [app.client_secret, code, kept["code_verifier"]]
    session.register_compliance_hook("access_token_response", _refuse_nonsense)
    try:
        answer: Json = flow.fetch_token(
            code=code,
            include_client_id=True,
            timeout=TOKEN_TIMEOUT,
            verify=app.ca_file or True,
        )
        return answer
    except requests.RequestException as error:
        raise lost(error, tokens.token_url(app)) from None
    except OAuth2Error as error:
        words = {"error": error.error, "error_description": error.description}
        outcome = sign_in_outcome(words, {}, hidden=hidden)
        if outcome.reason is SIGN_IN_AGAIN.reason:  # the code is too old, or was used
            outcome.reason = Reason.SIGN_IN_EXPIRED
        raise outcome from None
    finally:
        session.close()


def _refuse_nonsense(answer: requests.Response) -> requests.Response:
    """Raise for an answer that oauthlib cannot judge: it sees no status."""
    busy = answer.status_code == 429 or answer.status_code >= 500
    if busy or not isinstance(parsed(answer.content), dict):
        status = answer.status_code if busy else 503
        raise sign_in_outcome({}, answer.headers, status=status)
    return answer


def _claims(app: OAuthApp, kept: Json, answer: Json) -> Json:
    """Return the claims of the id token.

    It came straight from Google over TLS, which stands in for its signature.
    https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation

    :raises SignInRequired: it was made for another app or another sign-in.
    """
    try:
        claims: Json = jwt.decode(answer.get("id_token") or "", verify=False)
    except ValueError:
        raise SignInRequired(Reason.CALLBACK_INVALID, code="id_token") from None
    if claims.get("aud") != app.client_id or not claims.get("sub"):
        raise SignInRequired(Reason.CALLBACK_INVALID, code="aud")
    if claims.get("nonce") != kept["nonce"]:
        raise SignInRequired(Reason.CALLBACK_INVALID, code="nonce")
    return claims


def revoke(app: OAuthApp, token: str) -> bool:
    """Take back the whole grant of this account to this app, at Google.

    :param token: the JSON of the :class:`~..oauth.app.Grant`.
    :return: True: it is gone, now or already before.
    :raises Unavailable: Google could not be asked, or did not do it.
    :raises SignInRequired: *token* is none.
    """
    url = app.endpoints.google_revoke or REVOKE_URL
    secret = tokens.from_json(app, token).refresh_token
    with Wire(app.ca_file) as wire, reaching(url):
        answer = wire.post(url, data={"token": secret})
    if answer.status_code == 200 or _error(answer.content) == "invalid_token":
        return True
    raise Unavailable(Reason.PROVIDER_DOWN, code=str(answer.status_code))


def _error(content: bytes) -> object:
    """The error that Google names in an answer."""
    found = parsed(content)
    return found.get("error") if isinstance(found, dict) else None
