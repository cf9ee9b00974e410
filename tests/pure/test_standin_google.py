"""Our stand-in's Google sign-in, with the real google-auth-oauthlib."""

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from oauthlib.oauth2 import OAuth2Error
from standin.person import Stopped
from standin_clients import (
    CLARA,
    GMAIL_SEND,
    GOOGLE,
    GOOGLE_SCOPES,
    INTERNAL,
    TESTING,
    Google,
    query,
    session,
)

DAY = 86400
SAM, BEA = "sam@strict.example", "example.bookkeeper@gmail.com"


@pytest.fixture
def google(standin):
    return Google(standin)


def refresh(google, token):
    """Refresh with google-auth; return the Credentials."""
    credentials = google.credentials(token)
    credentials.refresh(Request(session(google.standin)))
    return credentials


def test_sign_in_gives_tokens_and_a_signed_identity(google, standin):
    credentials = google.sign_in()
    assert set(credentials.granted_scopes) == set(GOOGLE_SCOPES)
    assert credentials.refresh_token
    claims = id_token.verify_token(
        credentials.id_token,
        Request(session(standin)),
        audience=GOOGLE[0],
        certs_url=f"{standin.url}/oauth2/v1/certs",
    )
    assert (claims["email"], claims["hd"]) == (CLARA, "greenfield.example")
    assert claims["iss"] == "https://accounts.google.com"
    for version, key in (("v3", "sub"), ("v2", "id")):
        info = session(standin).get(
            f"{standin.url}/oauth2/{version}/userinfo",
            headers={"Authorization": f"Bearer {credentials.token}"},
            timeout=10,
        )
        assert info.json()["email"] == CLARA
        assert info.json()[key] == claims["sub"]


def test_an_unticked_box_is_not_granted(google):
    _flow, url = google.callback(ticks="none")
    assert GMAIL_SEND not in query(url)["scope"]
    flow, url = google.callback(ticks="none")
    with pytest.raises(Warning, match="Scope has changed"):  # google-auth-oauthlib
        flow.fetch_token(code=query(url)["code"])


def test_cancel_comes_back(google):
    _flow, url = google.callback(decide="cancel")
    assert query(url)["error"] == "access_denied"
    assert query(url)["state"]


@pytest.mark.parametrize(
    ("app", "account", "text"),
    [
        (GOOGLE, SAM, "admin_policy_enforced"),
        (INTERNAL, BEA, "org_internal"),
        (TESTING, BEA, "access_denied"),
        (("unknown", "x"), CLARA, "invalid_client"),
    ],
)
def test_blocks_stay_on_googles_page(standin, app, account, text):
    with pytest.raises(Stopped, match=text) as stopped:
        Google(standin, app).callback(account)
    assert stopped.value.page == "blocked"


def test_the_workspace_administrator_can_trust_the_app(google, standin):
    standin.control.grant("strict.example", GOOGLE[0], [])
    granted = google.sign_in(SAM).refresh_token
    standin.control.tenant("strict.example", trusted=[])
    with pytest.raises(RefreshError, match="admin_policy_enforced"):
        refresh(google, granted)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:8069/elsewhere"},
        {"code_challenge": "", "code_challenge_method": ""},
        {"scope": "https://www.googleapis.com/auth/gmail.sned"},
        {"response_type": "token"},
    ],
)
def test_a_wrong_request_is_never_called_back(google, standin, changes):
    url, _state = google.flow().authorization_url()
    answer = session(standin).get(
        url.partition("?")[0],
        params=query(url) | changes,
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "break_it",
    [
        lambda flow: setattr(flow, "code_verifier", "x" * 60),
        lambda flow: setattr(flow, "redirect_uri", "http://127.0.0.1:8069/other"),
        lambda flow: flow.client_config.update(client_secret="wrong"),
    ],
)
def test_a_code_is_bound_to_its_request(google, break_it):
    flow, url = google.callback()
    break_it(flow)
    with pytest.raises(OAuth2Error):
        flow.fetch_token(code=query(url)["code"])


def test_a_code_works_once(google):
    flow, url = google.callback()
    flow.fetch_token(code=query(url)["code"])
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        flow.fetch_token(code=query(url)["code"])


def test_the_refresh_token_comes_with_the_consent_page_and_stays(google):
    first = google.sign_in()
    again = google.sign_in(options={"prompt": "select_account"})
    assert again.refresh_token is None, "no consent page, no refresh token"
    assert google.sign_in(options={"access_type": "online"}).refresh_token is None
    renewed = refresh(google, first.refresh_token)
    assert renewed.token not in (None, first.token)
    assert renewed.refresh_token == first.refresh_token, "Google's stays the same"


def test_revoking_takes_the_whole_grant_of_account_and_client(google, standin):
    first, second = google.sign_in(), google.sign_in()
    other = google.sign_in("tom@greenfield.example")
    http = session(standin)
    url = f"{standin.url}/revoke"
    answer = http.post(url, data={"token": first.refresh_token}, timeout=10)
    assert answer.status_code == 200
    again = http.post(url, data={"token": first.refresh_token}, timeout=10)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    with pytest.raises(RefreshError) as refused:
        refresh(google, second.refresh_token)
    assert refused.value.args[1]["error"] == "invalid_grant"
    info = http.get(
        f"{standin.url}/oauth2/v3/userinfo",
        headers={"Authorization": f"Bearer {second.token}"},
        timeout=10,
    )
    assert info.status_code == 401
    assert refresh(google, other.refresh_token).token


def test_the_hundred_and_first_grant_drops_the_oldest(google):
    tokens = [google.sign_in().refresh_token for _ in range(101)]
    with pytest.raises(RefreshError):
        refresh(google, tokens[0])
    assert refresh(google, tokens[1]).token


def test_grants_die_of_age(standin):
    google, testing = Google(standin), Google(standin, TESTING)
    lasting = google.sign_in().refresh_token
    short = testing.sign_in().refresh_token
    standin.control.clock(advance=6 * DAY)
    assert refresh(testing, short).token
    standin.control.clock(advance=2 * DAY)
    with pytest.raises(RefreshError, match="invalid_grant"):
        refresh(testing, short)
    standin.control.clock(advance=174 * DAY)
    assert refresh(google, lasting).token, "it was used within six months"
    standin.control.clock(advance=184 * DAY)
    with pytest.raises(RefreshError):
        refresh(google, lasting)


def test_session_control_has_no_answer_to_read(google, standin):
    token = google.sign_in().refresh_token
    standin.control.add_fault("google.token", "invalid_rapt")
    with pytest.raises(RefreshError, match="Reauthentication is needed") as refused:
        refresh(google, token)
    assert len(refused.value.args) == 1


def test_a_deleted_account(google, standin):
    token = google.sign_in().refresh_token
    standin.control.account(CLARA, enabled=False)
    with pytest.raises(RefreshError, match="deleted"):
        refresh(google, token)


def test_prompt_none(google):
    flow = google.flow()
    url, _state = flow.authorization_url(prompt="none")
    assert query(google.person.sign_in(url, CLARA))["error"] == "interaction_required"
    google.sign_in()
    assert "code" in query(google.person.sign_in(url, CLARA))


def test_login_hint_is_filled_in(google, standin):
    url, _state = google.flow().authorization_url(
        prompt="select_account consent", login_hint=CLARA
    )
    http = session(standin)
    page = http.get(url, timeout=10)
    assert f'value="{CLARA}" autocomplete' in page.text
