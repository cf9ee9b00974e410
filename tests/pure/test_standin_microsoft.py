"""Our stand-in's Microsoft sign-in, with the real msal over TLS."""

import time
from urllib.parse import urlencode

import jwt
import pytest
from standin.person import Stopped
from standin_clients import (
    ANNA,
    BASE,
    BLUELAKE,
    ERIK,
    MICROSOFT,
    ONE_TENANT,
    SEND,
    STONEBRIDGE,
    Microsoft,
    query,
)

HOUR, DAY = 3600, 86400


@pytest.fixture
def microsoft(standin):
    return Microsoft(standin)


def redeem(microsoft, code, app=MICROSOFT, **changes):
    """Redeem a code without msal's checks; return the response."""
    data = {
        "grant_type": "authorization_code",
        "client_id": app[0],
        "client_secret": app[1],
        "code": code,
        "redirect_uri": f"{BASE}/microsoft/callback",
        "scope": "Mail.Send",
    } | changes
    data = {name: value for name, value in data.items() if value is not None}
    url = f"{microsoft.standin.url}/common/oauth2/v2.0/token"
    return microsoft.http.post(url, data=data, timeout=10)


def error_number(answer):
    """Return the AADSTS number that all three places of an error agree on."""
    body = answer if isinstance(answer, dict) else answer.json()
    (number,) = body["error_codes"]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["trace_id"] in body["error_description"]
    assert body["correlation_id"] in body["error_description"]
    return number


def test_sign_in_gives_tokens_and_a_signed_identity(microsoft, standin):
    answer = microsoft.sign_in()
    claims = answer["id_token_claims"]
    assert claims["preferred_username"] == ANNA
    assert claims["tid"] == BLUELAKE
    assert {"Mail.Send", "User.Read"} <= set(answer["scope"].split())
    assert "offline_access" not in answer["scope"]
    assert answer["refresh_token"]
    me = microsoft.graph("GET", "/me", answer["access_token"]).json()
    assert me["mail"] == ANNA and me["id"] == claims["oid"]
    keys = jwt.PyJWKClient(f"{standin.url}/common/discovery/v2.0/keys")
    token = answer["id_token"]
    key = keys.get_signing_key_from_jwt(token)
    read = jwt.decode(token, key, ["RS256"], audience=MICROSOFT[0])
    assert read["iss"] == f"https://login.microsoftonline.com/{BLUELAKE}/v2.0"


def test_without_offline_access_there_is_no_refresh_token(microsoft):
    flow, params = microsoft.callback()
    url = flow["auth_uri"].replace("offline_access", "")
    params = query(microsoft.person.sign_in(url, ANNA))
    answer = redeem(microsoft, params["code"], code_verifier=flow["code_verifier"])
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "status", "number"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_secret": None}, 401, 7000218),
        ({"client_id": "5a7d1000-0000-4000-8000-00000000dead"}, 400, 700016),
        ({"redirect_uri": f"{BASE}/google/callback"}, 400, 500112),
        ({"code_verifier": "x" * 50}, 400, 501481),
        ({"code_verifier": None}, 400, 501481),
        ({"code": "made-up"}, 400, 9002313),
        ({"grant_type": "password"}, 400, 70003),
    ],
)
def test_a_code_is_bound_to_its_request(microsoft, changes, status, number):
    flow, params = microsoft.callback()
    right = {"code": params["code"], "code_verifier": flow["code_verifier"]}
    answer = redeem(microsoft, **(right | changes))
    assert (answer.status_code, error_number(answer)) == (status, number)
    assert redeem(microsoft, **right).status_code == 200


def test_a_code_works_once_and_for_ten_minutes(microsoft, standin):
    flow, params = microsoft.callback()
    right = {"code": params["code"], "code_verifier": flow["code_verifier"]}
    assert redeem(microsoft, **right).status_code == 200
    assert error_number(redeem(microsoft, **right)) == 54005
    flow, params = microsoft.callback()
    standin.control.clock(advance=601)
    late = redeem(microsoft, params["code"], code_verifier=flow["code_verifier"])
    assert error_number(late) == 70008


def test_an_expired_secret_is_told_from_a_wrong_one(microsoft, standin):
    answer = microsoft.sign_in()
    standin.control.app(MICROSOFT[0], secret_expires="2020-01-01T00:00:00Z")
    refused = microsoft.refresh(answer["refresh_token"])
    assert refused["error"] == "invalid_client"
    assert error_number(refused) == 7000222


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"redirect_uri": "http://127.0.0.1:8069/elsewhere"}, "50011"),
        ({"redirect_uri": f"{BASE}/microsoft/callback/"}, "50011"),
        ({"redirect_uri": ""}, "900971"),
        ({"client_id": "unknown"}, "700016"),
    ],
)
def test_a_wrong_request_is_never_called_back(microsoft, changes, number):
    url = microsoft.start()["auth_uri"]
    answer = microsoft.http.get(
        url.partition("?")[0],
        params=query(url) | changes,
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert f"AADSTS{number}" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "Mail.Sned"}, "invalid_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_other_wrong_requests_are(microsoft, changes, error):
    url = microsoft.start()["auth_uri"]
    answer = microsoft.http.get(
        url.partition("?")[0],
        params=query(url) | changes,
        allow_redirects=False,
        timeout=10,
    )
    params = query(answer.headers["Location"])
    assert params["error"] == error
    assert params["state"] == query(url)["state"]


def test_a_single_tenant_app_needs_its_tenant(standin):
    common = Microsoft(standin, ONE_TENANT)
    with pytest.raises(Stopped, match="AADSTS50194"):
        common.callback()
    own = Microsoft(standin, ONE_TENANT, BLUELAKE)
    assert own.sign_in()["access_token"]
    with pytest.raises(Stopped, match="AADSTS50020"):
        Microsoft(standin, ONE_TENANT, BLUELAKE).callback(ERIK)


@pytest.mark.parametrize(
    ("account", "number"),
    [("blocked@bluelake.example", "53003"), ("left@bluelake.example", "50057")],
)
def test_blocked_people_stay_on_microsofts_page(microsoft, account, number):
    with pytest.raises(Stopped, match=f"AADSTS{number}"):
        microsoft.callback(account)


def test_refresh_tokens_are_replaced(microsoft, standin):
    first = microsoft.sign_in()["refresh_token"]
    second = microsoft.refresh(first)["refresh_token"]
    assert second != first
    assert "access_token" in microsoft.refresh(first), "Microsoft keeps the old one"
    standin.control.tenant(BLUELAKE, strict_rotation=True)
    strict = Microsoft(standin)
    assert error_number(strict.refresh(first)) == 50173
    assert "access_token" in strict.refresh(second)


def test_tokens_age(microsoft, standin):
    answer = microsoft.sign_in()
    access, refresh = answer["access_token"], answer["refresh_token"]
    standin.control.clock(advance=HOUR + 1)
    expired = microsoft.graph("GET", "/me", access)
    assert expired.status_code == 401
    assert expired.json()["error"]["code"] == "InvalidAuthenticationToken"
    refresh = microsoft.refresh(refresh)["refresh_token"]
    standin.control.clock(advance=89 * DAY)
    refresh = microsoft.refresh(refresh)["refresh_token"]
    standin.control.clock(advance=91 * DAY)
    assert error_number(microsoft.refresh(refresh)) == 700082


def test_a_revoked_grant_and_a_blocked_person_cannot_refresh(microsoft, standin):
    answer = microsoft.sign_in()
    standin.control.revoke(ANNA)
    refused = microsoft.refresh(answer["refresh_token"])
    assert refused["error"] == "invalid_grant"
    assert error_number(refused) == 50173
    answer = Microsoft(standin).sign_in()
    standin.control.account(ANNA, block="50076")
    refused = Microsoft(standin).refresh(answer["refresh_token"])
    assert (refused["suberror"], error_number(refused)) == ("basic_action", 50076)


def test_a_decline_comes_back_with_its_number(microsoft, standin):
    _flow, params = microsoft.callback(decide="cancel")
    assert params["error"] == "access_denied"
    assert "AADSTS65004" in params["error_description"]
    standin.control.tenant(BLUELAKE, decline_error="consent_required")
    _flow, params = microsoft.callback(decide="cancel")
    assert params["error"] == "consent_required"


def test_returning_without_consent_looks_like_a_cancel(microsoft):
    for account in (ERIK, "nils@closedgate.example"):
        _flow, params = microsoft.callback(account, decide="return")
        assert params["error"] == "access_denied"
        assert params["error_subcode"] == "cancel"
        assert "code" not in params


def test_approval_from_request_to_sign_in(microsoft, standin):
    control = standin.control
    _flow, params = microsoft.callback(ERIK, decide="request", justification="Dunning")
    assert params["error_subcode"] == "cancel"
    (request,) = control.requests()
    assert request["justification"] == "Dunning"
    assert request["scopes"] == sorted(SEND)
    (mail,) = control.mailbox("admin@stonebridge.example")["inbox"]
    assert "Dunning" in mail["text"]
    control.decide(request["id"], "approve")
    (mail,) = control.mailbox(ERIK)["inbox"]
    assert "approved" in mail["subject"]
    assert microsoft.sign_in(ERIK)["access_token"], "nobody is asked any more"


def test_a_denied_request_leaves_the_door_closed(microsoft, standin):
    microsoft.callback(ERIK, decide="request")
    standin.control.decide(standin.control.requests()[0]["id"], "deny")
    with pytest.raises(Stopped) as stopped:
        microsoft.callback(ERIK)
    assert stopped.value.page == "microsoft_approval"


def admin_consent(microsoft, account, tenant="organizations", **decision):
    params = {
        "client_id": MICROSOFT[0],
        "redirect_uri": f"{BASE}/microsoft/admin_consent",
        "scope": " ".join(f"https://graph.microsoft.com/{name}" for name in SEND),
        "state": "kept",
    }
    url = f"{microsoft.standin.url}/{tenant}/v2.0/adminconsent?{urlencode(params)}"
    return microsoft.person.sign_in(url, account, **decision)


def test_an_administrator_consents_for_everybody(microsoft):
    admin = "admin@stonebridge.example"
    params = query(admin_consent(microsoft, admin))
    assert params["admin_consent"] == "True"
    assert (params["tenant"], params["state"]) == (STONEBRIDGE, "kept")
    assert microsoft.sign_in(ERIK)["access_token"]
    # and prompt=consent would undo it for people who may not consent
    with pytest.raises(Stopped):
        microsoft.callback(ERIK, prompt="consent")


def test_admin_consent_can_be_declined_and_is_not_for_everybody(microsoft):
    params = query(
        admin_consent(microsoft, "admin@stonebridge.example", decide="cancel")
    )
    assert (params["error"], params["admin_consent"]) == ("access_denied", "True")
    with pytest.raises(Stopped) as stopped:
        admin_consent(Microsoft(microsoft.standin), ERIK)
    assert stopped.value.page == "microsoft_need_admin"
    with pytest.raises(Stopped, match="AADSTS900023"):
        admin_consent(microsoft, "admin@stonebridge.example", "common")


def test_an_administrator_signing_in_can_consent_for_all(microsoft):
    microsoft.sign_in("admin@stonebridge.example", organisation=True)
    assert Microsoft(microsoft.standin).sign_in(ERIK)["access_token"]


def test_reading_mail_needs_an_administrator_even_where_people_may_consent(microsoft):
    with pytest.raises(Stopped) as stopped:
        microsoft.sign_in(ANNA, ["Mail.Read"])
    assert stopped.value.page == "microsoft_need_admin"


def test_new_permissions_need_new_consent(microsoft):
    token = microsoft.sign_in()["refresh_token"]
    refused = microsoft.refresh(token, ["Mail.Send.Shared"])
    assert (refused["error"], refused["suberror"]) == (
        "invalid_grant",
        "consent_required",
    )
    assert error_number(refused) == 65001


def test_the_chooser_is_shown_only_when_asked_for(microsoft):
    http = microsoft.person.http
    microsoft.sign_in()
    asked = http.get(microsoft.start()["auth_uri"], timeout=10)
    assert 'data-page="chooser"' in asked.text
    silent = http.get(
        microsoft.start(prompt=None)["auth_uri"], allow_redirects=False, timeout=10
    )
    page = http.get(
        microsoft.standin.url + silent.headers["Location"],
        allow_redirects=False,
        timeout=10,
    )
    assert page.headers["Location"].startswith(BASE), "the last account, silently"
    flow = microsoft.start(login_hint=ANNA)
    hinted = http.get(flow["auth_uri"], timeout=10)
    assert '<li class="hint">' in hinted.text


def test_prompt_none_never_shows_a_page(microsoft):
    assert (
        query(
            microsoft.person.sign_in(microsoft.start(prompt="none")["auth_uri"], ANNA)
        )
    )["error"] == "login_required"
    microsoft.sign_in()
    _flow, params = microsoft.callback(prompt="none")
    assert params["code"]
    _flow, params = microsoft.callback(
        scopes=[*SEND, "Mail.Send.Shared"], prompt="none"
    )
    assert params["error"] == "consent_required"


def test_a_form_post_callback_is_a_page_that_posts_itself(microsoft):
    microsoft.sign_in()
    flow = microsoft.start(prompt=None, response_mode="form_post")
    page = microsoft.person.http.get(flow["auth_uri"], timeout=10)
    assert f'action="{BASE}/microsoft/callback"' in page.text
    assert 'name="code"' in page.text


def test_a_sign_in_belongs_to_one_browser_and_ends(microsoft, standin):
    http = microsoft.person.http
    start = http.get(
        microsoft.start()["auth_uri"], allow_redirects=False, timeout=10
    ).headers["Location"]
    foreign = microsoft.http.post(
        standin.url + start, data={"action": "choose", "account": ANNA}, timeout=10
    )
    assert foreign.status_code == 410


def test_skewed_clock_shows_in_headers_and_identity(microsoft, standin):
    standin.control.clock(skew=-2 * HOUR)
    flow, params = microsoft.callback()
    answer = redeem(microsoft, params["code"], code_verifier=flow["code_verifier"])
    token = answer.json()["id_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert abs(claims["iat"] - (time.time() - 2 * HOUR)) < 60
