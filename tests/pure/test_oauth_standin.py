"""A person signs in at our stand-in, and an email lies in Sent. No browser, no Odoo."""

import os
from urllib.parse import parse_qsl, urlsplit

import pytest
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import Endpoints, OAuthApp
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    SignInRequired,
    Throttled,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import PDF, an_email
from standin import StandIn
from standin.person import Person, Stopped

BASE = "http://127.0.0.1:8069"
MICROSOFT_CALLBACK = f"{BASE}/account_email_connector/microsoft/callback"
GOOGLE_CALLBACK = f"{BASE}/account_email_connector/google/callback"
ADMIN_CALLBACK = f"{BASE}/account_email_connector/microsoft/admin_consent"
ANNA, ADMIN = "anna@bluelake.example", "admin@bluelake.example"
CLARA = "clara@greenfield.example"
SHARED = "accounts@bluelake.example"
STONEBRIDGE = "5a7d0000-0000-4000-8000-00000000000b"


@pytest.fixture(scope="module")
def running():
    with StandIn(redirect_bases=[BASE], state=None) as found:
        yield found


@pytest.fixture
def standin(running):
    running.control.reset()
    return running


def app(standin, provider, **options):
    endpoints = Endpoints(
        login=standin.tls_url,
        graph=standin.tls_url,
        google_auth=f"{standin.tls_url}/o/oauth2/v2/auth",
        google_token=f"{standin.tls_url}/token",
        google_revoke=f"{standin.tls_url}/revoke",
        gmail=f"{standin.tls_url}/",
    )
    known = {
        "microsoft": (
            "5a7d1000-0000-4000-8000-000000000001",
            "standin-microsoft-secret",
        ),
        "google": (
            "standin.apps.googleusercontent.com",
            "GOCSPX-standin-google-secret",
        ),
    }
    return OAuthApp(
        provider,
        *known[provider],
        endpoints=endpoints,
        ca_file=str(standin.ca_file),
        **options,
    )


def params(url):
    return dict(parse_qsl(urlsplit(url).query))


def microsoft(standin, address=ANNA, shared=False, **clicks):
    """Return the app and the grant of a person who signs in with Microsoft."""
    found = app(standin, "microsoft")
    begun = microsoft_signin.start(found, MICROSOFT_CALLBACK, shared=shared)
    callback = Person(standin.url).sign_in(begun.url, address, **clicks)
    return found, microsoft_signin.finish(found, begun.kept, params(callback))


def google(standin, address=CLARA, **clicks):
    """Return the app and the grant of a person who signs in with Google."""
    found = app(standin, "google")
    begun = google_signin.start(found, GOOGLE_CALLBACK)
    url = begun.url.replace(standin.tls_url, standin.url)
    callback = Person(standin.url).sign_in(url, address, **clicks)
    return found, google_signin.finish(found, begun.kept, params(callback))


def sent(standin, address):
    return [mail["subject"] for mail in standin.control.mailbox(address)["sent"]]


def test_microsoft_from_the_first_click_to_sent(standin):
    found, grant = microsoft(standin)
    assert grant.address == ANNA
    with MicrosoftMailbox(found, grant.token, ANNA, lambda token: None) as box:
        box.check()
        box.send(an_email(attachment=PDF))
    assert sent(standin, ANNA) == ["Überfällige Rechnung INV/2026/00001"]
    [accepted] = standin.control.log()
    assert set(accepted["recipients"]) == {
        "zoe@customer.example",
        "boss@customer.example",
        "archive@bluelake.example",
    }


def test_google_from_the_first_click_to_sent(standin):
    found, grant = google(standin)
    assert grant.address == CLARA
    with GoogleMailbox(found, grant.token, CLARA, lambda token: None) as box:
        box.check()
        receipt = box.send(an_email(attachment=PDF))
        root = "<followup-1@odoo.bluelake.example>"
        second = an_email(thread_id=receipt.thread_id, References=root)
        assert box.send(second).thread_id == receipt.thread_id
        box.send(an_email(attachment=os.urandom(3_500_000)))
    assert len(sent(standin, CLARA)) == 3
    assert receipt.provider_message_id in {e["id"] for e in standin.control.log()}


@pytest.mark.parametrize("whose, folder", [("own", ANNA), ("shared", SHARED)])
def test_a_shared_mailbox(standin, whose, folder):
    found, grant = microsoft(standin, shared=True)
    options = {"send_as": SHARED, "sent_items": whose}
    with MicrosoftMailbox(found, grant.token, ANNA, print, **options) as box:
        box.send(an_email(In_Reply_To="<b@x>"))
    assert len(sent(standin, folder)) == 1
    assert standin.control.log()[0]["sender"] == SHARED


def test_a_shared_mailbox_without_full_access(standin):
    paul = "paul@bluelake.example"
    found, grant = microsoft(standin, paul, shared=True)
    options = {"send_as": SHARED, "sent_items": "shared"}
    with (
        MicrosoftMailbox(found, grant.token, paul, print, **options) as box,
        pytest.raises(AdminActionRequired) as caught,
    ):
        box.send(an_email())
    assert caught.value.reason is Reason.SHARED_ACCESS_DENIED
    assert standin.control.log() == []


def test_somebody_who_may_not_send_as_the_shared_mailbox(standin):
    erik = "erik@stonebridge.example"
    standin.control.tenant(STONEBRIDGE, consent="user")
    found, grant = microsoft(standin, erik, shared=True)
    with (
        MicrosoftMailbox(found, grant.token, erik, print, send_as=SHARED) as box,
        pytest.raises(AdminActionRequired) as caught,
    ):
        box.send(an_email())
    assert caught.value.reason is Reason.SEND_AS_DENIED


def test_cancelled_at_microsoft(standin):
    with pytest.raises(SignInRequired) as caught:
        microsoft(standin, decide="cancel")
    assert caught.value.reason is Reason.SIGN_IN_CANCELLED


def test_the_approval_story(standin):
    erik, admin = "erik@stonebridge.example", "admin@stonebridge.example"
    with pytest.raises(SignInRequired) as caught:
        microsoft(standin, erik, decide="return")
    assert caught.value.reason is Reason.SIGN_IN_CANCELLED
    url = microsoft_signin.admin_consent_url(
        app(standin, "microsoft"), ADMIN_CALLBACK, "state-1"
    )
    url = url.replace(standin.tls_url, standin.url)
    callback = Person(standin.url).sign_in(url, admin)
    tenant = microsoft_signin.read_admin_consent("state-1", params(callback))
    assert tenant == STONEBRIDGE
    _app, grant = microsoft(standin, erik)
    assert grant.address == erik


def test_the_unticked_permission(standin):
    with pytest.raises(SignInRequired) as caught:
        google(standin, ticks="none")
    assert caught.value.reason is Reason.PERMISSION_MISSING


def test_cancelled_at_google(standin):
    with pytest.raises(SignInRequired) as caught:
        google(standin, decide="cancel")
    assert caught.value.reason is Reason.SIGN_IN_CANCELLED


def test_a_workspace_that_blocks_the_app(standin):
    with pytest.raises((Stopped, AdminActionRequired)) as caught:
        google(standin, "sam@strict.example")
    assert "admin_policy_enforced" in str(caught.value)


def test_a_guest_is_refused_at_the_sign_in(standin):
    with pytest.raises(AdminActionRequired) as caught:
        microsoft(standin, "gina@partner.example")
    assert (caught.value.reason, caught.value.code) == (Reason.NO_MAILBOX, "guest")
    assert not standin.control.calls(endpoint="graph.sendMail")


def test_an_account_without_a_license_is_in_doubt(standin):
    assert not microsoft(standin, "nomailbox@bluelake.example")[1].mailbox_known
    assert microsoft(standin)[1].mailbox_known


def test_nobody_without_a_mailbox(standin):
    person = "nomailbox@bluelake.example"
    with pytest.raises(AdminActionRequired) as caught:
        found, grant = microsoft(standin, person)
        with MicrosoftMailbox(found, grant.token, person, print) as box:
            box.send(an_email())
    assert caught.value.reason is Reason.NO_MAILBOX


@pytest.mark.parametrize(
    "sign_in, box", [(microsoft, MicrosoftMailbox), (google, GoogleMailbox)]
)
def test_an_expired_token_and_a_revoked_grant(standin, sign_in, box):
    saved = []
    found, grant = sign_in(standin)
    standin.control.clock(advance=4000)
    with box(found, grant.token, grant.address, saved.append) as mailbox:
        mailbox.send(an_email())
    assert len(saved) == 1
    standin.control.revoke(grant.address)
    standin.control.expire_tokens()
    with (
        box(found, saved[0], grant.address, saved.append) as mailbox,
        pytest.raises(SignInRequired) as caught,
    ):
        mailbox.send(an_email())
    assert caught.value.reason is Reason.SIGN_IN_AGAIN
    assert len(standin.control.log()) == 1


@pytest.mark.parametrize(
    "sign_in, box, endpoint",
    [
        (microsoft, MicrosoftMailbox, "graph.sendMail"),
        (google, GoogleMailbox, "gmail.send"),
    ],
)
def test_accepted_and_then_a_fault_is_unknown_and_never_sent_again(
    standin, sign_in, box, endpoint
):
    found, grant = sign_in(standin)
    standin.control.add_fault(endpoint, "503", when="after")
    standin.control.add_fault(endpoint, when="after", cut=0)
    with box(found, grant.token, grant.address, lambda token: None) as mailbox:
        for count in (1, 2):
            with pytest.raises(OutcomeUnknown):
                mailbox.send(an_email())
            assert len(standin.control.log()) == count


@pytest.mark.parametrize("cut", [0, 8, 40, 100, 200, 250, 300, 350])
def test_an_answer_of_gmails_that_is_cut_anywhere(standin, cut):
    """In doubt, as long as its status has not come; then it is sent, in one piece."""
    found, grant = google(standin)
    standin.control.add_fault("gmail.send", when="after", cut=cut)
    with GoogleMailbox(found, grant.token, CLARA, lambda token: None) as box:
        try:
            receipt = box.send(email := an_email())
        except OutcomeUnknown as doubt:
            assert doubt.reason is Reason.MAYBE_SENT
        else:
            assert receipt.message_id == email.message_id
    assert len(sent(standin, CLARA)) == 1


@pytest.mark.parametrize(
    "sign_in, box, endpoint",
    [
        (microsoft, MicrosoftMailbox, "graph.sendMail"),
        (google, GoogleMailbox, "gmail.send"),
    ],
)
@pytest.mark.parametrize("as_date", [False, True])
def test_a_provider_that_asks_to_wait(standin, sign_in, box, endpoint, as_date):
    found, grant = sign_in(standin)
    fault = "429" if endpoint.startswith("graph") else "rateLimitExceeded"
    standin.control.add_fault(endpoint, fault, retry_after=30, retry_after_date=as_date)
    with (
        box(found, grant.token, grant.address, lambda token: None) as mailbox,
        pytest.raises(Throttled) as caught,
    ):
        mailbox.send(an_email())
    assert 28 <= caught.value.retry_after <= 31
    assert standin.control.log() == []


def test_disconnecting_from_google(standin):
    found, grant = google(standin)
    assert google_signin.revoke(found, grant.token)
    with (
        GoogleMailbox(found, grant.token, CLARA, print) as box,
        pytest.raises(SignInRequired),
    ):
        box.refresh()
    assert google_signin.revoke(found, grant.token)
