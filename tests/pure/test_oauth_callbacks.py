"""Whatever a callback brings: an outcome, nothing else, and nobody is asked."""

import pytest
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.oauth.app import OAuthApp
from account_email_connector.providers.outcomes import Outcome, SignInRequired
from account_email_connector.providers.reasons import Reason
from hypothesis import given, settings
from hypothesis import strategies as st

STATE = "the-only-state-there-is"
NAMES = st.sampled_from(
    [
        "state",
        "code",
        "error",
        "error_subcode",
        "error_subtype",
        "error_description",
        "error_uri",
        "error_codes",
        "suberror",
        "admin_consent",
        "tenant",
        "scope",
        "iss",
        "client_info",
        "session_state",
        "correlation_id",
    ]
)
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            "access_denied",
            "cancel",
            "True",
            "AADSTS65004: x\r\nINFO forged line",
            "AADSTS" + "9" * 400,
            "https://evil.example/",
            "<script>alert(1)</script>",
            STATE + " ",
            STATE.upper(),
            "\0",
            "\ud800",
        ]
    ),
)
PARAMS = st.dictionaries(NAMES, VALUES, max_size=8)
SIGN_INS = [(microsoft_signin, "microsoft"), (google_signin, "google")]


def refuse(signin, provider, params, state=STATE):
    """Finish a sign-in at a provider that nobody can reach; return the outcome."""
    app = OAuthApp(provider, "client", "s3cret-planted", ca_file="/nowhere")
    kept = {"provider": provider, "client_id": "client", "state": state}
    kept |= {
        "nonce": "n",
        "code_verifier": "v" * 43,
        "redirect_uri": "https://x.example",
    }
    with pytest.raises(Outcome) as caught:
        signin.finish(app, kept, params)
    found = caught.value
    words = f"{found} {found.detail} {found.code} {found.correlation_id}"
    assert "s3cret-planted" not in words
    assert not any(c in words for c in "\r\n\0")
    return found


@pytest.mark.parametrize("signin, provider", SIGN_INS)
@settings(max_examples=500, deadline=None)
@given(params=PARAMS)
def test_a_wrong_state(signin, provider, params):
    params = {name: value for name, value in params.items() if value != STATE}
    found = refuse(signin, provider, params)
    assert isinstance(found, SignInRequired)
    assert found.reason is Reason.CALLBACK_INVALID


@pytest.mark.parametrize("signin, provider", SIGN_INS)
@settings(max_examples=500, deadline=None)
@given(params=PARAMS)
def test_an_error_with_the_right_state(signin, provider, params):
    params = {name: value for name, value in params.items() if name != "code"}
    refuse(signin, provider, params | {"state": STATE})


@settings(max_examples=500, deadline=None)
@given(params=PARAMS)
def test_an_administrators_callback(params):
    for state in (STATE, params.get("state")):
        try:
            tenant = microsoft_signin.read_admin_consent(state, params)
        except Outcome as outcome:
            assert not any(c in str(outcome) for c in "\r\n\0")
        else:
            assert params["admin_consent"].lower() == "true"
            assert not params.get("error")
            assert tenant.isprintable()


@pytest.mark.parametrize("signin, provider", SIGN_INS)
def test_a_sign_in_that_was_never_begun(signin, provider):
    for state in ("", None):
        found = refuse(signin, provider, {"state": "", "code": "x"}, state)
        assert found.reason is Reason.CALLBACK_INVALID
