"""Both token sources against oauth2-mock-server, whose answers go wrong.

https://github.com/axa-group/oauth2-mock-server
"""

import json

import pytest
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    SignInRequired,
    Throttled,
    Unavailable,
)
from oauth_programs import MAILBOXES, app_at, program
from oauth_samples import google_token, microsoft_token
from oauth_server import ANNA, CLIENT_ID

REFUSALS = {
    "busy": (Unavailable,),
    "broken": (Unavailable,),
    "too fast": (Throttled, Unavailable),
    "spent": (SignInRequired,),
    "wrong app": (AdminActionRequired,),
}
ODD = [
    *(
        "an old clock",
        "no id token",
        "no life time",
        "no access token",
        "a list",
        "null",
    ),
    *("a life time in words", "a life time of ages", "a life time before", "text"),
    *("a token of numbers", "a token of nothing", "a refresh token of nothing"),
    *("an id token of nothing", "an error with 200"),
]
TOKENS = {"google": google_token, "microsoft": microsoft_token}


@pytest.fixture(scope="module")
def server():
    with program("mock") as (url, ca_file):
        yield url, ca_file


@pytest.fixture(params=["google", "microsoft"])
def refresh(server, request):
    """Refresh with a token: what it ends with, and what is kept then."""
    app = app_at(request.param, *server, client_id=CLIENT_ID, google_at="")

    def do(refresh_token):
        kept = [TOKENS[app.provider](refresh_token=refresh_token)]
        with MAILBOXES[app.provider](app, kept[0], ANNA, kept.append) as mailbox:
            try:
                mailbox.refresh()
            except Outcome as outcome:
                return outcome, kept
        return None, kept

    return do


def refresh_token_in(kept):
    """What the next refresh will be made with."""
    found = json.loads(kept)
    if "RefreshToken" in found:
        (entry,) = found["RefreshToken"].values()
        return entry["secret"]
    return found["refresh_token"]


def test_a_refresh(refresh):
    outcome, (before, after) = refresh("a good one")
    assert outcome is None
    assert refresh_token_in(before) == "a good one" != refresh_token_in(after)


def test_without_a_new_refresh_token_the_old_one_stays(refresh):
    outcome, kept = refresh("no refresh token")
    assert outcome is None
    assert refresh_token_in(kept[-1]) == "no refresh token"


@pytest.mark.parametrize("misdeed", REFUSALS)
def test_it_refuses(refresh, misdeed):
    outcome, kept = refresh(misdeed)
    assert isinstance(outcome, REFUSALS[misdeed])
    assert misdeed not in repr(vars(outcome)) or misdeed == "broken"
    assert len(kept) == 1


@pytest.mark.parametrize("misdeed", ODD)
def test_an_odd_answer_costs_nobody_the_sign_in(refresh, misdeed):
    """No person is asked, and the next refresh has a token."""
    outcome, kept = refresh(misdeed)
    assert outcome is None or isinstance(outcome, Unavailable), outcome
    assert refresh_token_in(kept[-1])
