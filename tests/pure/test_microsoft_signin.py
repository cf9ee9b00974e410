"""Sign in with Microsoft, with the real msal on the wire."""

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import msal
import pytest
from account_email_connector.providers.microsoft import person, signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import OAuthApp
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
    Throttled,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import an_email
from oauth_server import (
    ANNA,
    AUTH_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    OID,
    REDIRECT,
    REFRESH_TOKEN,
    TENANT,
    Reply,
    jwt,
    microsoft_app,
    ms_tokens,
    serving,
)

TOKEN = "/common/oauth2/v2.0/token"


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def app(server):
    return microsoft_app(server)


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def finish(server, app, begun, answer=None, **params):
    """Come back from Microsoft, whose token endpoint gives *answer*."""
    nonce = hashlib.sha256(begun.kept["nonce"].encode()).hexdigest()
    server.reply(TOKEN, answer or Reply(body=ms_tokens(nonce)))
    kept = json.loads(json.dumps(begun.kept))
    callback = {"code": AUTH_CODE, "state": begun.state} | params
    callback = {name: value for name, value in callback.items() if value is not None}
    return signin.finish(app, kept, callback)


def refused(server, app, begun, answer=None, **params):
    with pytest.raises((SignInRequired, AdminActionRequired)) as caught:
        finish(server, app, begun, answer, **params)
    return caught.value


def test_the_link(server, app):
    begun = signin.start(app, REDIRECT)
    asked = query(begun.url)
    assert begun.url.startswith(f"{server.url}/common/oauth2/v2.0/authorize?")
    assert asked["prompt"] == "select_account"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT
    assert asked["state"] == begun.state == begun.kept["state"]
    assert "login_hint" not in asked
    assert set(asked["scope"].split()) == {
        "openid",
        "profile",
        "offline_access",
        "User.Read",
        "Mail.Send",
    }
    verifier = begun.kept["code_verifier"].encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest())
    assert asked["code_challenge"] == challenge.decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256"


def test_the_link_gives_nothing_away(app):
    begun = signin.start(app, REDIRECT)
    for secret in (begun.kept["code_verifier"], begun.kept["nonce"], CLIENT_SECRET):
        assert secret not in begun.url
        assert secret not in repr(begun)


def test_two_sign_ins_share_nothing(app):
    one, two = signin.start(app, REDIRECT), signin.start(app, REDIRECT)
    for name in ("state", "nonce", "code_verifier"):
        assert one.kept[name] != two.kept[name]


def test_reconnecting_offers_the_address(app):
    begun = signin.start(app, REDIRECT, login_hint=ANNA)
    assert query(begun.url)["login_hint"] == ANNA


def test_more_scopes_only_if_asked(app):
    begun = signin.start(app, REDIRECT, shared=True, extra_scopes=["Mail.Read"])
    asked = set(query(begun.url)["scope"].split())
    assert {"Mail.Send", "Mail.Send.Shared", "Mail.Read"} <= asked


@pytest.mark.parametrize(
    "cloud, scope",
    [
        ("us_gov", "https://graph.microsoft.us/Mail.Send"),
        ("china", "https://microsoftgraph.chinacloudapi.cn/Mail.Send"),
    ],
)
def test_other_clouds_name_their_graph(server, app, cloud, scope):
    begun = signin.start(replace(app, cloud=cloud), REDIRECT)
    assert scope in query(begun.url)["scope"].split()


def test_a_grant(server, app):
    grant = finish(server, app, signin.start(app, REDIRECT))
    assert grant.address == ANNA
    assert grant.account_id == f"{OID}.{TENANT}"
    assert grant.tenant == TENANT
    assert grant.display_name == "Anna Lake"
    assert "Mail.Send" in grant.scopes
    assert REFRESH_TOKEN in grant.token and REFRESH_TOKEN not in repr(grant)
    assert CLIENT_SECRET not in grant.token


def test_the_code_is_redeemed_with_the_verifier(server, app):
    begun = signin.start(app, REDIRECT)
    finish(server, app, begun)
    form = server.calls(TOKEN)[-1].form
    assert form["code"] == AUTH_CODE
    assert form["code_verifier"] == begun.kept["code_verifier"]
    assert form["redirect_uri"] == REDIRECT


def test_a_grant_sends(server, app):
    grant = finish(server, app, signin.start(app, REDIRECT))
    redeemed = len(server.calls(TOKEN))
    with MicrosoftMailbox(app, grant.token, grant.address, pytest.fail) as mailbox:
        mailbox.send(an_email())
    assert len(server.calls("/v1.0/me/sendMail")) == 1
    assert len(server.calls(TOKEN)) == redeemed  # the token is still good


@pytest.mark.parametrize(
    "params",
    [
        {"state": "another"},
        {"state": ""},
        {"state": None},
        {"state": "ö"},
        {"code": None},
        {"code": ""},
    ],
)
def test_a_callback_that_is_not_ours(server, app, params):
    found = refused(server, app, signin.start(app, REDIRECT), **params)
    assert found.reason is Reason.CALLBACK_INVALID
    assert server.calls(TOKEN) == []


def test_a_callback_without_a_beginning(app):
    with pytest.raises(SignInRequired):
        signin.finish(app, {}, {"code": AUTH_CODE, "state": ""})


@pytest.mark.parametrize("other", [{"client_id": "other"}, {"provider": "google"}])
def test_a_callback_for_another_app(server, app, other):
    found = refused(server, replace(app, **other), signin.start(app, REDIRECT))
    assert found.reason is Reason.CALLBACK_INVALID
    assert server.calls(TOKEN) == []


def test_somebody_elses_code(server, app):
    answer = Reply(body=ms_tokens(hashlib.sha256(b"another nonce").hexdigest()))
    found = refused(server, app, signin.start(app, REDIRECT), answer)
    assert (found.reason, found.code) == (Reason.CALLBACK_INVALID, "nonce")


def test_a_token_for_another_app(server, app):
    begun = signin.start(app, REDIRECT)
    other = OAuthApp("microsoft", "other", "s")
    tokens = ms_tokens(hashlib.sha256(begun.kept["nonce"].encode()).hexdigest())
    head, body, tail = tokens["id_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["aud"] = other.client_id
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    tokens["id_token"] = f"{head}.{body}.{tail}"
    found = refused(server, app, begun, Reply(body=tokens))
    assert (found.reason, found.code) == (Reason.APP_MISCONFIGURED, "aud")


def test_msal_before_1_38_looks_at_the_audience_itself(server, app, monkeypatch):
    class IdTokenAudienceError(RuntimeError):
        """As in ``msal.oauth2cli.oidc``."""

    def refuse(*_args, **_kwargs):
        raise IdTokenAudienceError("3. The aud (audience) claim must contain …")

    client = msal.ConfidentialClientApplication
    monkeypatch.setattr(client, "acquire_token_by_auth_code_flow", refuse)
    found = refused(server, app, signin.start(app, REDIRECT))
    assert (found.reason, found.code) == (Reason.APP_MISCONFIGURED, "aud")


CANCELLED = {"error": "access_denied", "error_subcode": "cancel"}
DECLINED = {
    "error_description": "AADSTS65004: User declined to consent to access the app.\r\n"
    "Trace ID: 0f2b\r\nCorrelation ID: c0ffee-1\r\nTimestamp: 2026-11-22 10:00:00Z"
}
APPROVAL = {
    "error": "access_denied",
    "error_description": "AADSTS90094: An administrator of Blue Lake has set a policy "
    "that prevents you from granting the app the permissions it is requesting.",
}


@pytest.mark.parametrize(
    "params, outcome, reason, code",
    [
        (CANCELLED, SignInRequired, Reason.SIGN_IN_CANCELLED, "access_denied"),
        (
            {"error": "access_denied"} | DECLINED,
            SignInRequired,
            Reason.SIGN_IN_CANCELLED,
            "AADSTS65004",
        ),
        (
            {"error": "consent_required"} | DECLINED,
            SignInRequired,
            Reason.SIGN_IN_CANCELLED,
            "AADSTS65004",
        ),
        (APPROVAL, AdminActionRequired, Reason.APPROVAL_REQUIRED, "AADSTS90094"),
        (
            {"error": "unauthorized_client"},
            AdminActionRequired,
            Reason.APP_MISCONFIGURED,
            "unauthorized_client",
        ),
    ],
)
def test_not_granted(server, app, params, outcome, reason, code):
    found = refused(server, app, signin.start(app, REDIRECT), code=None, **params)
    assert (type(found), found.reason, found.code) == (outcome, reason, code)
    assert "\r" not in found.detail and "Trace ID" not in found.detail
    assert server.calls(TOKEN) == []


def test_microsoft_is_down_during_the_callback(server, app):
    begun = signin.start(app, REDIRECT)
    with pytest.raises(Unavailable):
        finish(server, app, begun, code=None, error="server_error")


@pytest.mark.parametrize("numbers", [[54005], [70008], []])
def test_a_code_that_is_too_old_or_used(server, app, numbers):
    body = {"error": "invalid_grant", "error_codes": numbers}
    found = refused(server, app, signin.start(app, REDIRECT), Reply(400, body))
    assert found.reason is Reason.SIGN_IN_EXPIRED


@pytest.mark.parametrize("number", [50076, 50173, 70000])
def test_what_has_not_taken_too_long(server, app, number):
    """Another factor is wanted, or the password was changed meanwhile."""
    body = {"error": "invalid_grant", "error_codes": [number]}
    found = refused(server, app, signin.start(app, REDIRECT), Reply(400, body))
    assert (found.reason, found.code) == (Reason.SIGN_IN_AGAIN, f"AADSTS{number}")


def test_an_expired_secret(server, app):
    body = {"error": "invalid_client", "error_codes": [7000222]}
    found = refused(server, app, signin.start(app, REDIRECT), Reply(401, body))
    assert (found.reason, found.code) == (Reason.APP_SECRET_EXPIRED, "AADSTS7000222")


@pytest.mark.parametrize("shared, scope", [(False, "User.Read"), (True, "Mail.Send")])
def test_less_granted_than_needed(server, app, shared, scope):
    begun = signin.start(app, REDIRECT, shared=shared)
    nonce = hashlib.sha256(begun.kept["nonce"].encode()).hexdigest()
    found = refused(server, app, begun, Reply(body=ms_tokens(nonce, scope)))
    assert found.reason is Reason.PERMISSION_MISSING
    assert "mail.send" in found.detail


@pytest.mark.parametrize(
    "person, address",
    [
        ({"mail": ANNA, "userPrincipalName": "anna.lake@bluelake.example"}, ANNA),
        (
            {"mail": None, "userPrincipalName": "me@outlook.example"},
            "me@outlook.example",
        ),
    ],
)
def test_the_address_is_the_mailboxs_not_the_sign_in_name(server, app, person, address):
    server.reply("/v1.0/me", Reply(body={"id": OID} | person))
    assert finish(server, app, signin.start(app, REDIRECT)).address == address


@pytest.mark.parametrize(
    "name", ["eve_else.example#EXT#@bluelake.example", "none", None]
)
def test_nobody_without_a_mailbox(server, app, name):
    server.reply("/v1.0/me", Reply(body={"id": OID, "userPrincipalName": name}))
    found = refused(server, app, signin.start(app, REDIRECT))
    assert (type(found), found.reason) == (AdminActionRequired, Reason.NO_MAILBOX)


HOME = "5a7d0000-0000-4000-8000-0000000000ff"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


@pytest.mark.parametrize(
    "name, home, idp",
    [
        ("gina_partner.example#EXT#@bluelake.example", TENANT, None),
        ("gina_partner.example#ext#@bluelake.example", HOME, None),
        # an administrator may have given the guest another name
        ("gina@bluelake.example", HOME, None),
        ("gina@bluelake.example", PERSONAL, "live.com"),
        ("gina@bluelake.example", None, f"https://sts.windows.net/{HOME}/"),
        ("gina@bluelake.example", None, "live.com"),
    ],
)
def test_a_guest_has_the_mailbox_elsewhere(server, app, name, home, idp):
    """With an address that looks like any other."""
    words = {"id": OID, "mail": "gina@partner.example", "userPrincipalName": name}
    server.reply("/v1.0/me", Reply(body=words))
    found = refused(server, app, *signed_in(app, home=home, idp=idp))
    assert (type(found), found.reason) == (AdminActionRequired, Reason.NO_MAILBOX)
    assert (found.code, found.detail) == ("guest", name)


@pytest.mark.parametrize(
    "tenant, home, idp",
    [
        (TENANT, TENANT, None),
        (TENANT, TENANT.upper(), f"https://sts.windows.net/{TENANT}/"),
        (TENANT, TENANT, "https://adfs.bluelake.example/adfs/services/trust"),
        (TENANT, None, None),
        (PERSONAL, PERSONAL, "live.com"),
    ],
)
def test_who_is_at_home_is_no_guest(server, app, tenant, home, idp):
    server.reply("/v1.0/me", Reply(body={"id": OID, "mail": ANNA}))
    begun, answer = signed_in(app, tenant, home, idp)
    grant = finish(server, app, begun, answer)
    assert (grant.address, grant.mailbox_known) == (ANNA, True)


@pytest.mark.parametrize("tenant, known", [(TENANT, False), (PERSONAL, True)])
def test_without_mail_an_organizations_account_may_have_no_mailbox(
    server, app, tenant, known
):
    words = {"id": OID, "mail": None, "userPrincipalName": "me@outlook.example"}
    server.reply("/v1.0/me", Reply(body=words))
    grant = finish(server, app, *signed_in(app, tenant, tenant))
    assert grant.mailbox_known is known


@pytest.mark.parametrize("info", ["", "!", "bnVsbA", "W10"])
def test_client_info_that_is_none(info):
    assert not person._client_info({"client_info": info})


def signed_in(app, tenant=TENANT, home=TENANT, idp=None):
    """A sign-in that has begun, and what the token endpoint answers to its end."""
    begun = signin.start(app, REDIRECT)
    nonce = hashlib.sha256(begun.kept["nonce"].encode()).hexdigest()
    claims = {"aud": CLIENT_ID, "oid": OID, "tid": tenant, "sub": "pairwise"}
    claims |= {"nonce": nonce} | ({"idp": idp} if idp else {})
    body = ms_tokens(nonce, id_token=jwt(claims))
    del body["client_info"]
    if home:
        info = json.dumps({"uid": OID, "utid": home}).encode()
        body["client_info"] = base64.urlsafe_b64encode(info).decode().rstrip("=")
    return begun, Reply(body=body)


def test_graph_is_down(server, app):
    server.reply("/v1.0/me", Reply(503))
    with pytest.raises(Unavailable):
        finish(server, app, signin.start(app, REDIRECT))


def test_the_tenant_is_unknown_before_anybody_leaves(server, app):
    path = "/common/v2.0/.well-known/openid-configuration"
    server.reply(path, Reply(400, {"error": "invalid_tenant"}))
    with pytest.raises(AdminActionRequired) as caught:
        signin.start(app, REDIRECT)
    assert caught.value.reason is Reason.APP_TENANT


def test_discovery_asks_to_wait(server, app):
    path = "/common/v2.0/.well-known/openid-configuration"
    server.reply(path, Reply(429, {"error": "busy"}, {"Retry-After": "9"}))
    with pytest.raises(Throttled) as caught:
        signin.start(app, REDIRECT)
    assert caught.value.retry_after == 9


@pytest.mark.parametrize(
    "tenant, asked, expected",
    [
        ("common", "", "organizations"),
        ("organizations", "", "organizations"),
        (TENANT, "", TENANT),
        ("common", TENANT, TENANT),
    ],
)
def test_the_link_for_the_administrator(tenant, asked, expected):
    app = OAuthApp("microsoft", CLIENT_ID, CLIENT_SECRET, tenant=tenant)
    url = signin.admin_consent_url(app, REDIRECT, "st", tenant=asked, shared=True)
    base = "https://login.microsoftonline.com"
    assert url.startswith(f"{base}/{expected}/v2.0/adminconsent?")
    assert query(url) == {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "state": "st",
        "scope": "https://graph.microsoft.com/User.Read "
        "https://graph.microsoft.com/Mail.Send "
        "https://graph.microsoft.com/Mail.Send.Shared",
    }


def test_the_administrator_consented():
    params = {"admin_consent": "True", "tenant": TENANT, "state": "st", "scope": "x"}
    assert signin.read_admin_consent("st", params) == TENANT


@pytest.mark.parametrize(
    "params, outcome, reason",
    [
        (
            {"admin_consent": "True", "error": "access_denied", "state": "st"}
            | DECLINED,
            SignInRequired,
            Reason.SIGN_IN_CANCELLED,
        ),
        (
            {"admin_consent": "True", "tenant": TENANT, "state": "other"},
            SignInRequired,
            Reason.CALLBACK_INVALID,
        ),
        ({"admin_consent": "True"}, SignInRequired, Reason.CALLBACK_INVALID),
        ({"state": "st"}, SignInRequired, Reason.CALLBACK_INVALID),
    ],
)
def test_the_administrator_did_not_consent(params, outcome, reason):
    with pytest.raises(outcome) as caught:
        signin.read_admin_consent("st", params)
    assert caught.value.reason is reason
