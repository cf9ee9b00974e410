"""Sign in with Microsoft: from the first click to a grant.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import msal

from ..oauth.answer import Json
from ..oauth.app import (
    Grant,
    OAuthApp,
    SignIn,
    check_callback,
    check_state,
    new_state,
    short,
)
from ..oauth.faults import understanding
from ..oauth.http import TokenWire, Wire
from ..outcomes import Outcome, SignInRequired, one_line
from ..reasons import Reason
from . import token as tokens
from .aadsts import APP_MISCONFIGURED
from .codes import graph_outcome, identity_outcome
from .person import is_mailbox_known, mailbox_address

#: The code is too old, or was used: the sign-in took too long, or came back twice.
#: Without a number it is what OAuth itself says (RFC 6749, 5.2).
CODE_IS_SPENT = ("AADSTS70008", "AADSTS54005", "invalid_grant")


def start(
    app: OAuthApp,
    redirect_uri: str,
    *,
    login_hint: str = "",
    shared: bool = False,
    extra_scopes: Iterable[str] = (),
) -> SignIn:
    """Begin a sign-in.

    The account chooser is always shown, the consent screen never forced: who is no
    administrator would be refused even where an administrator has consented.
    https://learn.microsoft.com/answers/questions/5847660

    :param redirect_uri: exactly as registered.
    :param login_hint: the address to offer, when reconnecting.
    :param shared: True to ask for sending as a shared mailbox.
    :param extra_scopes: more of Graph's scopes, by their short names.
    :return: a :class:`~..oauth.app.SignIn`.
    :raises Outcome: Microsoft is out of reach, or knows no such tenant.
    """
    with TokenWire(app.ca_file) as wire:
        flow = tokens.client(app, wire).initiate_auth_code_flow(
            tokens.scopes(app, shared=shared, extra=extra_scopes),
            redirect_uri=redirect_uri,
            state=new_state(),
            prompt="select_account",
            login_hint=login_hint or None,
        )
    url = flow.pop("auth_uri")
    ours = {"provider": "microsoft", "client_id": app.client_id, "shared": shared}
    return SignIn(url, flow["state"], flow | ours)


def finish(app: OAuthApp, kept: Json, params: Mapping[str, object]) -> Grant:
    """Make a grant of a callback.

    :param kept: the dict of :func:`start`.
    :param params: the callback's parameters as they came, untrusted.
    :return: its address is the mailbox's primary address: ``preferred_username`` in
        the token is a sign-in name and may be another one.
    :raises Outcome: not granted, not ours, a guest's, or Microsoft is out of reach.
    """
    check_callback(app, kept, params)
    if params.get("error"):
        raise _refusal(app, params)
    with understanding():
        return _grant(app, kept, params)


def _grant(app: OAuthApp, kept: Json, params: Mapping[str, object]) -> Grant:
    cache = msal.SerializableTokenCache()
    with TokenWire(app.ca_file) as wire:
        result = _redeem(app, wire, cache, kept, params)
    claims = result.get("id_token_claims") or {}
    if claims.get("aud") != app.client_id:
        raise APP_MISCONFIGURED.raised(code="aud")
    granted = result.get("scope", "").split()
    _check_scopes(granted, kept)
    person = _who(app, result["access_token"])
    return Grant(
        address=mailbox_address(person, result),
        account_id=f"{claims.get('oid')}.{claims.get('tid')}",
        tenant=str(claims.get("tid") or ""),
        display_name=person.get("displayName") or "",
        scopes=tuple(granted),
        token=cache.serialize(),
        mailbox_known=is_mailbox_known(person, result),
    )


def _refusal(app: OAuthApp, params: Mapping[str, object]) -> Outcome:
    """Return the outcome of a callback with an error.

    msal would drop ``error_subcode``. "Return without granting" on the page that asks
    for an approval looks exactly like a cancelled sign-in: nobody is to blame.
    """
    names = ("error", "error_subcode", "error_description")
    error = {name: str(params[name]) for name in names if params.get(name)}
    return identity_outcome(error, {}, hidden=[app.client_secret])


def _redeem(
    app: OAuthApp,
    wire: TokenWire,
    cache: msal.SerializableTokenCache,
    kept: Json,
    params: Mapping[str, object],
) -> Json:
    """Trade the code for tokens."""
    client = tokens.client(app, wire, cache)
    answer = {"code": str(params["code"]), "state": kept["state"]}
    with tokens.reaching_microsoft(app, wire):
        try:
            result: Json = client.acquire_token_by_auth_code_flow(dict(kept), answer)
        except RuntimeError as error:
            if type(error).__name__ == "IdTokenAudienceError":  # msal before 1.38
                raise APP_MISCONFIGURED.raised(code="aud") from None
            # the nonce is not ours: somebody else's code
            raise SignInRequired(Reason.CALLBACK_INVALID, code="nonce") from None
    if "access_token" in result:
        return result
    outcome = identity_outcome(
        result,
        wire.answer.headers if wire.answer is not None else {},
        hidden=[app.client_secret, answer["code"], kept["code_verifier"]],
    )
    if outcome.code in CODE_IS_SPENT:
        outcome.reason = Reason.SIGN_IN_EXPIRED
    raise outcome


def _check_scopes(granted: Iterable[str], kept: Json) -> None:
    names = {short(scope) for scope in granted}
    needed = {"mail.send"} | ({"mail.send.shared"} if kept.get("shared") else set())
    if needed - names:
        missing = ", ".join(sorted(needed - names))
        raise SignInRequired(Reason.PERMISSION_MISSING, code="scope", detail=missing)


def _who(app: OAuthApp, token: str) -> Json:
    """Return Graph's words about the person: id, displayName, mail, …"""
    with Wire(app.ca_file) as wire:
        answer = wire.call("GET", f"{tokens.graph_url(app)}/me", token=token)
    if answer.status != 200 or not answer.json():
        raise graph_outcome(answer, sending=False)
    return answer.json()


def admin_consent_url(
    app: OAuthApp,
    redirect_uri: str,
    state: str,
    *,
    tenant: str = "",
    shared: bool = False,
    extra_scopes: Iterable[str] = (),
) -> str:
    """Return the link with which an administrator consents for the whole tenant.

    https://learn.microsoft.com/entra/identity-platform/v2-admin-consent

    :param tenant: the tenant's id where it is known. ``common`` is not allowed here.
    """
    tenant = tenant or ("organizations" if app.tenant == "common" else app.tenant)
    resource = tokens.CLOUDS[app.cloud][1]
    names = tokens.scopes(app, shared=shared, extra=extra_scopes)
    full = [name if "://" in name else f"{resource}/{name}" for name in names]
    query = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(full),
    }
    place = app.endpoints.consent or tokens.login_url(app)
    return f"{place}/{tenant}/v2.0/adminconsent?{urlencode(query)}"


def read_admin_consent(state: str, params: Mapping[str, object]) -> str:
    """Read the callback of an administrator's consent.

    :param state: the state that was given to :func:`admin_consent_url`.
    :return: the tenant's id as the callback claims: to show, never to trust.
    :raises Outcome: it was refused. Refusals come with ``admin_consent=True`` as well.
    """
    check_state(state, params)
    if params.get("error"):
        names = ("error", "error_subcode", "error_description")
        raise identity_outcome({name: str(params.get(name, "")) for name in names}, {})
    if str(params.get("admin_consent", "")).lower() != "true":
        raise SignInRequired(Reason.CALLBACK_INVALID, code="admin_consent")
    return one_line(params.get("tenant", ""), 80)
