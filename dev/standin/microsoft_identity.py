"""Microsoft's identity platform: discovery, authorize, token, logout, adminconsent.

Protocol: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import base64
import json
import secrets
from urllib.parse import unquote_plus

from werkzeug.utils import redirect as http_redirect

from . import client_assertion, microsoft_signin, signin
from . import microsoft_scopes as scopes
from .clock import seconds
from .microsoft_errors import (
    error_callback,
    error_page,
    identity_fault,
    refuse,
    token_error,
)
from .tokens import ACCESS_LIFE, issue_token, s256
from .web import Routes, json_answer, page

REFRESH_LIFE = 90 * 86400  # learn.microsoft.com/entra/identity-platform/refresh-tokens
MANY = ("common", "organizations", "consumers")
ISSUER = "https://login.microsoftonline.com/{tenant}/v2.0"


def who(call):
    """Return the (account, client id) that a token request is about."""
    row = call.store.refresh.get(call.form.get("refresh_token", "")) or (
        call.store.codes.get(call.form.get("code", ""))
    )
    if row:
        return row.account, row.client_id
    return call.values.get("login_hint", ""), call.values.get("client_id", "")


routes = Routes(identity_fault, who)
signin.register("microsoft", microsoft_signin.show, microsoft_signin.act)


@routes("/<tenant>/v2.0/.well-known/openid-configuration", "microsoft.discovery")
def discovery(call, tenant):
    """OpenID Connect Discovery. Browsers are sent to the plain port."""
    known = call.store.tenant(tenant)
    if known is None and tenant not in MANY:
        return token_error(call, "90002", tenant=tenant)
    base = f"{call.host_url}{tenant}"
    browser = f"{call.standin.url}/{tenant}"
    issuer = known.id if known else "{tenantid}"
    return json_answer(
        {
            "issuer": ISSUER.format(tenant=issuer),
            "authorization_endpoint": f"{browser}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "end_session_endpoint": f"{browser}/oauth2/v2.0/logout",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "userinfo_endpoint": f"{call.host_url}oidc/userinfo",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
                "private_key_jwt",
            ],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "scopes_supported": sorted(scopes.OPENID),
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@routes("/<tenant>/discovery/v2.0/keys", "microsoft.keys")
def keys(call, tenant):
    """The public keys that sign ID tokens."""
    return json_answer(call.standin.keys.jwks())


@routes("/<tenant>/oauth2/v2.0/logout", "microsoft.logout", methods=["GET", "POST"])
def logout(call, tenant):
    """Sign out in this browser."""
    signin.sign_out(call, "microsoft")
    back = call.values.get("post_logout_redirect_uri")
    known = [uri for app in call.store.apps.values() for uri in app.redirect_uris]
    return http_redirect(back) if back in known else page("signed_out.html")


@routes("/<tenant>/oauth2/v2.0/authorize", "microsoft.authorize")
def authorize(call, tenant):
    """Check the application's request, then ask the person."""
    params = call.args.to_dict()
    wrong = _wrong_request(call, tenant, params)
    if wrong:
        return wrong
    params["tenant"] = tenant
    if "none" in params.get("prompt", "").split():
        return microsoft_signin.silent(call, params)
    return signin.begin(call, "microsoft", "authorize", params, params["client_id"])


def _wrong_request(call, tenant, params):
    """Return the answer to a request that cannot be right, or None."""
    names = {"tenant": tenant} | params
    app = call.store.apps.get(params.get("client_id", ""))
    wrong = _wrong_app(call, tenant, app)
    if wrong:
        return error_page(call, wrong, **names)
    if not params.get("redirect_uri"):
        return error_page(call, "900971", **names)
    if params["redirect_uri"] not in app.redirect_uris:
        return error_page(call, "50011", **names)
    if params.get("response_type") != "code":
        return error_callback(call, params, "700054", **params)
    if app.require_pkce and params.get("code_challenge_method") != "S256":
        return error_callback(call, params, "9002325")
    if not params.get("scope"):
        return error_callback(call, params, "70011")
    try:
        scopes.requested(params["scope"].split(), app)
    except LookupError as unknown:
        names = {"scope": unknown.args[0], "app": app.name}
        return error_callback(call, params, "650053", **names)
    return None


def _wrong_app(call, tenant, app):
    """Return the AADSTS number of what is wrong with *app* at *tenant*, or None."""
    if app is None or app.provider != "microsoft":
        return "700016"
    if not app.enabled:
        return "7000112"
    known = call.store.tenant(tenant)
    if known is None and tenant not in MANY:
        return "90002"
    if app.tenant and known is None:
        return "50194"
    if app.tenant and known.id != app.tenant:
        return "700016"
    return None


@routes("/<tenant>/v2.0/adminconsent", "microsoft.adminconsent")
def adminconsent(call, tenant):
    """Ask an administrator to consent for the whole organisation.

    learn.microsoft.com/entra/identity-platform/v2-admin-consent: not at ``common``.
    """
    params = call.args.to_dict()
    names = {"tenant": tenant} | params
    app = call.store.apps.get(params.get("client_id", ""))
    wrong = "900023" if tenant == "common" else _wrong_app(call, tenant, app)
    if not wrong and params.get("redirect_uri") not in app.redirect_uris:
        wrong = "50011"
    if wrong:
        return error_page(call, wrong, **names)
    params.setdefault("scope", scopes.GRAPH + ".default")
    try:
        scopes.requested(params["scope"].split(), app)
    except LookupError as unknown:
        return error_page(call, "650053", **(names | {"scope": unknown.args[0]}))
    params |= {"tenant": tenant, "prompt": "select_account"}
    return signin.begin(call, "microsoft", "adminconsent", params, app.client_id)


@routes("/<tenant>/oauth2/v2.0/token", "microsoft.token", methods=["POST"])
def token(call, tenant):
    """Redeem a code or a refresh token."""
    app = _authenticate(call, tenant)
    grant_type = call.form.get("grant_type")
    if grant_type == "authorization_code":
        return _redeem_code(call, app)
    if grant_type == "refresh_token":
        return _refresh(call, app)
    return token_error(call, "70003")


def _authenticate(call, tenant):
    """Return the app that asks, after checking its secret or certificate.

    :raises Refused: if it is not the app, or may not use this tenant.
    """
    client_id, secret = call.form.get("client_id", ""), call.form.get("client_secret")
    if call.authorization and call.authorization.type == "basic":
        # RFC 6749, 2.3.1: both are form-encoded before they are joined
        client_id = unquote_plus(call.authorization.username)
        secret = unquote_plus(call.authorization.password)
    app = call.store.apps.get(client_id)
    wrong = _wrong_app(call, tenant, app)
    names = {"client_id": client_id, "tenant": tenant, "app": app.name if app else ""}
    if wrong:
        refuse(call, wrong, **names)
    if call.form.get("client_assertion_type") == client_assertion.TYPE:
        client_assertion.check(call, app, tenant, names)
        return app
    if not secret:
        refuse(call, "7000218", **names)
    if not secrets.compare_digest(secret.encode(), app.secret.encode()):
        refuse(call, "7000215", **names)
    if app.secret_expires and seconds(app.secret_expires) < call.store.clock.now():
        refuse(call, "7000222", **names)
    return app


def _redeem_code(call, app):
    code = call.store.codes.get(call.form.get("code", ""))
    if code is None or code.client_id != app.client_id:
        refuse(call, "9002313")
    if code.redeemed:
        refuse(call, "54005")
    if code.expires < call.store.clock.now():
        refuse(call, "70008")
    redirect_uri = call.form.get("redirect_uri", "")
    if redirect_uri != code.redirect_uri:
        refuse(call, "500112", redirect_uri=redirect_uri)
    if code.challenge and s256(call.form.get("code_verifier", "")) != code.challenge:
        refuse(call, "501481")
    code.redeemed = True
    return _issue(call, app, code.account, set(code.scopes), code.nonce)


def _refresh(call, app):
    old = call.store.refresh.get(call.form.get("refresh_token", ""))
    if old is None or old.client_id != app.client_id:
        refuse(call, "9002313")
    account = call.store.account(old.account)
    _check_alive(call, old, account)
    granted = microsoft_signin.consented(call.store, app, account)
    names = {"client_id": app.client_id, "app": app.name}
    try:
        asked = scopes.requested(call.form.get("scope", "").split(), app)
    except LookupError as unknown:
        refuse(call, "650053", scope=unknown.args[0], app=app.name)
    if not scopes.permissions(asked or old.scopes) <= granted:
        refuse(call, "65001", **names)
    old.dead, old.used = "replaced", call.store.clock.now()
    return _issue(call, app, old.account, asked | set(old.scopes))


def _check_alive(call, old, account):
    """:raises Refused: the account may not sign in, or its token is dead."""
    if not account.enabled:
        refuse(call, "50057")
    if account.block:
        refuse(call, account.block)
    if old.dead == "replaced" and not call.store.tenant_of(account).strict_rotation:
        pass  # Microsoft leaves a replaced token alive (refresh-tokens, "revocation")
    elif old.dead:
        refuse(call, "50173")
    if old.expires < call.store.clock.now():
        refuse(call, "700082")


def _issue(call, app, address, names, nonce=""):
    """Answer with new tokens for *names*: short names of scopes."""
    store = call.store
    account = store.account(address)
    permissions = scopes.permissions(names)
    answer = {
        "token_type": "Bearer",
        "scope": " ".join(sorted(names - {"offline_access"})),
        "expires_in": ACCESS_LIFE,
        "ext_expires_in": ACCESS_LIFE,
    }
    owner = (store, app.client_id, address)
    access = issue_token(
        store.access, *owner, permissions, "standin-ms-at-", 900, ACCESS_LIFE
    )
    answer["access_token"] = access.value
    if "offline_access" in names:
        refresh = issue_token(
            store.refresh, *owner, names, "standin-ms-rt-", 700, REFRESH_LIFE
        )
        answer["refresh_token"] = refresh.value
    if "openid" in names:
        answer["id_token"] = _id_token(call, app, account, names, nonce)
    if call.form.get("client_info") == "1":
        home = account.home or account.tenant
        info = json.dumps({"uid": account.id, "utid": home}).encode()
        answer["client_info"] = base64.urlsafe_b64encode(info).rstrip(b"=").decode()
    store.save()
    return json_answer(answer, headers={"x-ms-request-id": call.request_id})


def _id_token(call, app, account, names, nonce):
    """learn.microsoft.com/entra/identity-platform/id-token-claims-reference"""
    now = int(call.store.clock.now())
    claims = {
        "aud": app.client_id,
        "iss": ISSUER.format(tenant=account.tenant),
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_LIFE,
        "sub": f"{app.client_id[-4:]}-{account.id}",
        "tid": account.tenant,
        "ver": "2.0",
    }
    if account.home:
        claims["idp"] = f"https://sts.windows.net/{account.home}/"
    if nonce:
        claims["nonce"] = nonce
    if "profile" in names:
        claims["oid"] = account.id
        claims["name"] = account.name
        claims["preferred_username"] = account.address
    if "email" in names:
        claims["email"] = account.address
    return call.standin.keys.sign(claims)


@routes("/oidc/userinfo", "microsoft.userinfo", methods=["GET", "POST"])
def userinfo(call):
    """OpenID Connect's UserInfo, which lives at Graph."""
    token = call.token()
    if token is None or token.dead or token.expires < call.store.clock.now():
        return json_answer({"error": {"code": "InvalidAuthenticationToken"}}, 401)
    account = call.store.account(token.account)
    return json_answer(
        {"sub": account.id, "name": account.name, "email": account.address}
    )
