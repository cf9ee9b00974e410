"""Google's identity: auth, token, revoke, userinfo, certs.

developers.google.com/identity/protocols/oauth2/web-server
"""

import base64
import hashlib
import secrets
from urllib.parse import unquote_plus

from . import google_signin, signin
from .clock import seconds
from .google_errors import blocked_page, identity_fault, refuse_token, token_error
from .google_signin import USERINFO
from .tokens import ACCESS_LIFE, KEY_ID, issue_token, s256
from .web import Routes, json_answer

ISSUER = "https://accounts.google.com"
HALF_YEAR = 183 * 86400  # a refresh token that is not used for six months dies
TESTING_LIFE = 7 * 86400  # External + Testing
MAX_GRANTS = 100  # of one account and client; the oldest is dropped silently


def who(call):
    """Return the (account, client id) that a request is about."""
    store = call.store
    value = call.values.get("refresh_token") or call.values.get("token", "")
    row = store.refresh.get(value) or store.access.get(value)
    row = row or store.codes.get(call.values.get("code", "")) or call.token()
    if row:
        return row.account, row.client_id
    return call.values.get("login_hint", ""), call.values.get("client_id", "")


routes = Routes(identity_fault, who)
signin.register("google", google_signin.show, google_signin.act)


@routes("/.well-known/openid-configuration", "google.discovery")
def discovery(call):
    """OpenID Connect Discovery. Browsers are sent to the plain port."""
    base = call.host_url.rstrip("/")
    return json_answer(
        {
            "issuer": ISSUER,
            "authorization_endpoint": f"{call.standin.url}/o/oauth2/v2/auth",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "userinfo_endpoint": f"{base}/oauth2/v3/userinfo",
            "jwks_uri": f"{base}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@routes("/oauth2/v3/certs", "google.certs")
def jwks(call):
    """The public keys as a JSON Web Key Set."""
    return json_answer(call.standin.keys.jwks())


@routes("/oauth2/v1/certs", "google.certs")
def certificates(call):
    """The public keys as certificates, which google-auth reads."""
    return json_answer({KEY_ID: call.standin.keys.certificate()})


@routes("/o/oauth2/v2/auth", "google.authorize")
@routes("/o/oauth2/auth", "google.authorize")
def authorize(call):
    """Check the application's request, then ask the person."""
    params = call.args.to_dict()
    wrong = _wrong_request(call, params)
    if wrong:
        return blocked_page(call, wrong[0], why=wrong[1], **params)
    if "none" in params.get("prompt", "").split():
        return google_signin.silent(call, params)
    return signin.begin(call, "google", "authorize", params, params["client_id"])


def _wrong_request(call, params):
    """Return (error, why) of a request that cannot be right, or None."""
    app = call.store.apps.get(params.get("client_id", ""))
    if app is None or app.provider != "google":
        return "client_not_found", ""
    if not app.enabled:
        return "disabled_client", ""
    if params.get("redirect_uri") not in app.redirect_uris:
        return "redirect_uri_mismatch", ""
    if params.get("response_type") != "code":
        return "invalid_request", "Required parameter is missing: response_type"
    if app.require_pkce and params.get("code_challenge_method") != "S256":
        return "invalid_request", "Missing required parameter: code_challenge"
    if not params.get("scope"):
        return "invalid_request", "Missing required parameter: scope"
    try:
        google_signin.requested(params["scope"].split())
    except LookupError as unknown:
        return "invalid_scope", unknown.args[0]
    return None


@routes("/token", "google.token", methods=["POST"])
@routes("/oauth2/token", "google.token", methods=["POST"])
def token(call):
    """Redeem a code or a refresh token."""
    app = _authenticate(call)
    grant_type = call.form.get("grant_type", "")
    if grant_type == "authorization_code":
        return _redeem_code(call, app)
    if grant_type == "refresh_token":
        return _refresh(call, app)
    return token_error(call, "unsupported_grant_type", why=grant_type)


def _authenticate(call):
    """Return the app that asks.

    :raises Refused: if its secret is wrong.
    """
    client_id, secret = call.form.get("client_id", ""), call.form.get("client_secret")
    if call.authorization and call.authorization.type == "basic":
        client_id = unquote_plus(call.authorization.username)
        secret = unquote_plus(call.authorization.password)
    app = call.store.apps.get(client_id)
    if app is None or app.provider != "google":
        refuse_token(call, "client_not_found")
    if not app.enabled:
        refuse_token(call, "disabled_client")
    if not secrets.compare_digest((secret or "").encode(), app.secret.encode()):
        refuse_token(call, "invalid_client")
    if app.secret_expires and seconds(app.secret_expires) < call.store.clock.now():
        refuse_token(call, "invalid_client")
    return app


def _redeem_code(call, app):
    code = call.store.codes.get(call.form.get("code", ""))
    now = call.store.clock.now()
    if code is None or code.client_id != app.client_id:
        refuse_token(call, "invalid_grant")
    if code.redeemed or code.expires < now:
        refuse_token(call, "invalid_grant")
    if call.form.get("redirect_uri") != code.redirect_uri:
        refuse_token(call, "redirect_uri_mismatch")
    if code.challenge and s256(call.form.get("code_verifier", "")) != code.challenge:
        refuse_token(call, "invalid_grant")
    code.redeemed = True
    answer = _access(call, app, code.account, code.scopes)
    if code.offline:
        answer["refresh_token"] = _new_grant(call.store, app, code).value
    if "openid" in code.scopes:
        answer["id_token"] = _id_token(call, app, code, answer["access_token"])
    call.store.save()
    return json_answer(answer)


def _new_grant(store, app, code):
    """Issue a refresh token; the oldest of more than 100 dies without a word."""
    life = TESTING_LIFE if app.publishing == "testing" else HALF_YEAR
    owner = (store, app.client_id, code.account)
    new = issue_token(store.refresh, *owner, code.scopes, "1//standin", 72, life)
    alive = [
        grant
        for grant in store.refresh.values()
        if grant.account == code.account
        and grant.client_id == app.client_id
        and not grant.dead
    ]
    for grant in alive[:-MAX_GRANTS]:
        grant.dead = "too many"
    return new


def _refresh(call, app):
    store = call.store
    grant = store.refresh.get(call.form.get("refresh_token", ""))
    now = store.clock.now()
    if grant is None or grant.client_id != app.client_id:
        refuse_token(call, "invalid_grant")
    if grant.dead or grant.expires < now:
        refuse_token(call, "invalid_grant")
    stopped = google_signin.block(store, app, store.account(grant.account))
    if stopped:
        refuse_token(call, stopped)
    grant.used = now
    if app.publishing != "testing":
        grant.expires = now + HALF_YEAR
    asked = set(call.form.get("scope", "").split()) or set(grant.scopes)
    if not asked <= set(grant.scopes):
        refuse_token(call, "invalid_scope")
    answer = _access(call, app, grant.account, asked)
    store.save()
    return json_answer(answer)


def _access(call, app, account, scopes):
    owner = (call.store, app.client_id, account)
    access = issue_token(
        call.store.access, *owner, scopes, "ya29.standin", 160, ACCESS_LIFE
    )
    return {
        "access_token": access.value,
        "expires_in": ACCESS_LIFE,
        "scope": " ".join(access.scopes),
        "token_type": "Bearer",
    }


def _id_token(call, app, code, access_token):
    """developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload"""
    account = call.store.account(code.account)
    now = int(call.store.clock.now())
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims = {
        "iss": ISSUER,
        "azp": app.client_id,
        "aud": app.client_id,
        "sub": account.sub,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "iat": now,
        "exp": now + ACCESS_LIFE + 1,
    }
    if code.nonce:
        claims["nonce"] = code.nonce
    return call.standin.keys.sign(claims | _about(account, code.scopes))


def _about(account, scopes):
    """Return the claims about *account* that *scopes* allow."""
    claims = {}
    if USERINFO + "email" in scopes:
        claims |= {"email": account.address, "email_verified": True}
    if account.tenant:
        claims["hd"] = account.tenant
    if USERINFO + "profile" in scopes:
        given, _, family = account.name.partition(" ")
        claims |= {"name": account.name, "given_name": given, "family_name": family}
    return claims


@routes("/revoke", "google.revoke", methods=["GET", "POST"])
@routes("/oauth2/revoke", "google.revoke", methods=["GET", "POST"])
def revoke(call):
    """Revoke: any token takes the whole grant of its account and client with it."""
    value = call.values.get("token", "")
    row = call.store.refresh.get(value) or call.store.access.get(value)
    app = row and call.store.apps[row.client_id]
    if row is None or row.dead or app.provider != "google":
        return token_error(call, "invalid_token")
    call.store.kill_tokens(row.account, row.client_id)
    call.store.consents.pop(f"{row.client_id} {row.account}", None)
    call.store.save()
    return json_answer({})


def _userinfo(call, version):
    token = call.token()
    now = call.store.clock.now()
    if token is None or token.dead or token.expires < now:
        body = {"error": "invalid_request", "error_description": "Invalid Credentials"}
        return json_answer(body, 401, {"WWW-Authenticate": "Bearer"})
    account = call.store.account(token.account)
    if account.provider != "google" or not set(token.scopes) & google_signin.IDENTITY:
        body = {"error": "insufficient_scope"}
        return json_answer(body, 403)
    name = {"v2": "id", "v3": "sub"}[version]
    claims = {name: account.sub} | _about(account, token.scopes)
    if version == "v2" and "email_verified" in claims:
        claims["verified_email"] = claims.pop("email_verified")
    return json_answer(claims)


@routes("/oauth2/v3/userinfo", "google.userinfo", methods=["GET", "POST"])
@routes("/v1/userinfo", "google.userinfo", methods=["GET", "POST"])
def userinfo(call):
    """OpenID Connect's UserInfo."""
    return _userinfo(call, "v3")


@routes("/oauth2/v2/userinfo", "google.userinfo")
def userinfo_v2(call):
    """The older UserInfo, with ``id`` and ``verified_email``."""
    return _userinfo(call, "v2")


@routes("/tokeninfo", "google.tokeninfo", methods=["GET", "POST"])
def tokeninfo(call):
    """What an access token is good for."""
    token = call.store.access.get(call.values.get("access_token", ""))
    now = call.store.clock.now()
    if token is None or token.dead or token.expires < now:
        return token_error(call, "invalid_token")
    account = call.store.account(token.account)
    return json_answer(
        {
            "azp": token.client_id,
            "aud": token.client_id,
            "sub": account.sub,
            "scope": " ".join(token.scopes),
            "exp": str(int(token.expires)),
            "expires_in": str(int(token.expires - now)),
            **_about(account, token.scopes),
        }
    )
