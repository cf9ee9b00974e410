"""Sending through Graph: what reaches the wire, once, and what comes of it."""

import base64
import json
import time
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest
from account_email_connector.providers.microsoft.mailbox import (
    MicrosoftMailbox,
    claims_challenge,
)
from account_email_connector.providers.oauth.answer import Answer
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from oauth_samples import (
    HARD_TO_FOLD,
    PDF,
    an_email,
    hard_to_fold,
    headers_as_they_are,
    microsoft_token,
)
from oauth_server import (
    ACCESS_TOKEN,
    ANNA,
    CLIENT_SECRET,
    NEW_REFRESH_TOKEN,
    Reply,
    accepted,
    microsoft_app,
    ms_tokens,
    serving,
)

TOKEN = "/common/oauth2/v2.0/token"
SEND = "/v1.0/me/sendMail"
SHARED = "accounts@bluelake.example"


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def saved():
    return []


def mailbox(server, saved=None, token=None, **options):
    on_change = pytest.fail if saved is None else saved.append
    app = microsoft_app(server)
    return MicrosoftMailbox(app, token or microsoft_token(), ANNA, on_change, **options)


def expired(**answer):
    return microsoft_token(expires_in=10, **answer)


def test_mime_reaches_graph_as_it_is(server):
    email = an_email(References="<a@x> <b@x>", In_Reply_To="<b@x>", attachment=PDF)
    with mailbox(server) as box:
        receipt = box.send(email)
    [call] = server.calls(SEND)
    assert call.headers["Content-Type"] == "text/plain"
    assert call.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    sent = message_from_bytes(base64.b64decode(call.body), policy=policy.default)
    assert sent["To"] == "Zoë <zoe@customer.example>"
    assert sent["Bcc"] == "archive@bluelake.example"
    assert sent["References"] == "<a@x> <b@x>"
    assert next(sent.iter_attachments()).get_content() == PDF
    assert receipt.message_id == "<followup-1@odoo.bluelake.example>"
    assert receipt.provider_message_id == "req-202"
    now = datetime.now(timezone.utc)
    assert now - timedelta(minutes=1) < receipt.accepted_at <= now


def test_a_retry_after_on_success_is_no_reason_to_send_again(server):
    reply = accepted()
    reply.headers["Retry-After"] = "30"
    with mailbox(server) as box:
        server.reply(SEND, reply)
        box.send(an_email())
    assert len(server.calls(SEND)) == 1


def test_too_big_for_mime_goes_as_json(server):
    email = an_email(attachment=b"x" * 2_600_000)
    with mailbox(server) as box:
        box.send(email)
    [call] = server.calls(SEND)
    assert call.headers["Content-Type"] == "application/json"
    assert call.json["saveToSentItems"] is True
    assert call.json["message"]["attachments"][0]["name"] == "Rechnung.pdf"
    assert "from" not in call.json["message"]


def test_the_promised_size_fits(server):
    limit = MicrosoftMailbox.attachment_limit
    with mailbox(server) as box:
        box.send(an_email(attachment=b"x" * limit, html="ü" * 150_000))
    assert len(server.calls(SEND)) == 1


def test_too_big_for_graph_is_not_even_tried(server):
    email = an_email(attachment=b"x" * 3_100_000)
    with mailbox(server) as box, pytest.raises(Rejected) as caught:
        box.send(email)
    assert caught.value.reason is Reason.MESSAGE_TOO_LARGE
    assert server.calls(SEND) == []


@pytest.mark.parametrize(
    "sent_items, path", [("own", SEND), ("shared", f"/v1.0/users/{SHARED}/sendMail")]
)
def test_a_shared_mailbox(server, sent_items, path):
    with mailbox(
        server,
        saved=[],
        token=microsoft_token(scope="Mail.Send Mail.Send.Shared User.Read"),
        send_as=SHARED,
        sent_items=sent_items,
    ) as box:
        server.reply(path, accepted())
        box.send(an_email())
    message = server.calls(path)[0].json["message"]
    assert message["from"]["emailAddress"] == {"address": SHARED, "name": "Anna Lake"}


def test_an_email_that_cannot_be_written_is_refused_before_anything_is_sent(server):
    email = an_email()
    html = next(p for p in email.message.walk() if p.get_content_subtype() == "html")
    html.set_param("charset", "no-such-charset")
    box = mailbox(server, send_as=SHARED)
    with pytest.raises(Rejected) as caught, box:
        box.send(email)
    assert caught.value.code == "LookupError"
    assert server.seen == []


@pytest.mark.parametrize(
    "sent_items, code, reason",
    [
        ("own", "ErrorSendAsDenied", Reason.SEND_AS_DENIED),
        ("shared", "ErrorSendAsDenied", Reason.SEND_AS_DENIED),
        ("shared", "ErrorAccessDenied", Reason.SHARED_ACCESS_DENIED),
        ("shared", "ErrorItemNotFound", Reason.SHARED_ACCESS_DENIED),
        ("own", "ErrorItemNotFound", Reason.NO_MAILBOX),
    ],
)
def test_a_shared_mailbox_that_refuses(server, sent_items, code, reason):
    token = microsoft_token(scope="Mail.Send Mail.Send.Shared User.Read")
    options = {"send_as": SHARED, "sent_items": sent_items}
    with mailbox(server, saved=[], token=token, **options) as box:
        for path in (SEND, f"/v1.0/users/{SHARED}/sendMail"):
            server.reply(path, Reply(403, {"error": {"code": code, "message": "No"}}))
        with pytest.raises(AdminActionRequired) as caught:
            box.send(an_email())
    assert (caught.value.reason, caught.value.code) == (reason, code)


def test_a_good_token_is_used_as_it_is(server):
    with mailbox(server) as box:
        box.send(an_email())
        box.send(an_email())
    assert server.calls(TOKEN) == []


def test_an_expired_token_is_refreshed_and_saved_before_anything_is_sent(server, saved):
    def save(token):
        saved.append(token)
        assert server.calls(SEND) == []

    app = microsoft_app(server)
    server.reply(TOKEN, Reply(body=ms_tokens(refresh_token=NEW_REFRESH_TOKEN)))
    with MicrosoftMailbox(app, expired(), ANNA, save) as box:
        box.send(an_email())
        box.send(an_email())
    [token] = saved
    assert NEW_REFRESH_TOKEN in token and CLIENT_SECRET not in token
    assert len(server.calls(TOKEN)) == 1
    assert len(server.calls(SEND)) == 2


def test_what_was_saved_works_later(server, saved):
    with mailbox(server, saved, expired()) as box:
        box.refresh()
    with mailbox(server, token=saved[0]) as box:
        box.send(an_email())
    assert len(server.calls(TOKEN)) == 1


def test_nothing_is_sent_if_the_new_token_cannot_be_saved(server):
    def save(token):
        raise RuntimeError("the database is gone")

    app = microsoft_app(server)
    with (
        pytest.raises(RuntimeError),
        MicrosoftMailbox(app, expired(), ANNA, save) as box,
    ):
        box.send(an_email())
    assert server.calls(SEND) == []


def test_a_refused_token_is_renewed_once_and_the_email_goes_once(server, saved):
    with mailbox(server, saved) as box:
        server.reply(SEND, Reply(401, {"error": {"code": "x"}}), accepted())
        box.send(an_email())
    assert len(server.calls(TOKEN)) == 1
    first, second = server.calls(SEND)
    assert first.body == second.body


def test_a_token_refused_twice_needs_a_person(server, saved):
    with mailbox(server, saved) as box:
        server.reply(
            SEND, Reply(401, {"error": {"code": "InvalidAuthenticationToken"}})
        )
        with pytest.raises(SignInRequired) as caught:
            box.send(an_email())
    assert caught.value.reason is Reason.SIGN_IN_AGAIN
    assert len(server.calls(SEND)) == 2


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_claims_challenge_in_either_alphabet(encode):
    claims = '{"access_token": {"x": "???>>>~~~ÿÿ"}}'
    encoded = encode(claims.encode()).decode().rstrip("=")
    assert set(encoded) & set("+/-_")
    headers = {"WWW-Authenticate": f'Bearer realm="", claims="{encoded}"'}
    assert claims_challenge(Answer(401, headers, b"")) == claims


def test_a_claims_challenge_is_answered(server, saved):
    claims = {"access_token": {"nbf": {"essential": True, "value": "1604106651"}}}
    encoded = base64.b64encode(json.dumps(claims).encode()).decode()
    challenge = f'Bearer realm="", error="insufficient_claims", claims="{encoded}"'
    with mailbox(server, saved) as box:
        refusal = Reply(401, {"error": {"code": "x"}}, {"WWW-Authenticate": challenge})
        server.reply(SEND, refusal, accepted())
        box.send(an_email())
    assert json.loads(server.calls(TOKEN)[0].form["claims"]) == claims


@pytest.mark.parametrize(
    "value", ["", "Bearer", 'claims="!!"', 'claims="eA=="', 'claims="W10="']
)
def test_no_claims_challenge(value):
    assert claims_challenge(Answer(401, {"WWW-Authenticate": value}, b"")) is None


@pytest.mark.parametrize("cut, clean", [(-2, False), (-1, False), (-1, True)])
def test_a_line_that_breaks_while_sending_is_never_tried_again(server, cut, clean):
    with mailbox(server) as box:
        server.reply(SEND, Reply(cut=cut, clean=clean), accepted())
        with pytest.raises(OutcomeUnknown):
            box.send(an_email())
    assert len(server.replies[SEND]) == 1


def test_a_line_that_breaks_while_connecting_is_no_send(server):
    with mailbox(server) as box:
        box.send(an_email())
        server.drop_connections = 1
        with pytest.raises(Unavailable):
            box.send(an_email())
    assert len(server.calls(SEND)) == 1


@pytest.mark.parametrize("cut", [-2, -1, 0, 1, 200])
def test_a_line_that_breaks_while_refreshing_is_no_send(server, cut):
    with mailbox(server, token=expired()) as box:
        server.reply(TOKEN, Reply(body=ms_tokens(), cut=cut))
        with pytest.raises(Unavailable):
            box.send(an_email())
    assert server.calls(SEND) == []


@pytest.mark.parametrize("token", ["", "{}", "null", "no json", '{"AccessToken": {}}'])
def test_a_token_that_was_lost(server, token):
    app = microsoft_app(server)
    box = MicrosoftMailbox(app, token, ANNA, print)
    with pytest.raises(SignInRequired) as caught, box:
        box.send(an_email())
    assert caught.value.reason is Reason.CREDENTIAL_LOST


def test_check_signs_in_for_real(server, saved):
    with mailbox(server, saved) as box:
        box.check()
    assert len(server.calls(TOKEN)) == len(server.calls("/v1.0/me")) == 1
    assert server.calls(SEND) == []


def test_an_unknown_outcome_cannot_be_looked_up_without_permission(server):
    with mailbox(server) as box:
        assert box.find_sent("<followup-1@odoo.bluelake.example>") is None
    assert server.seen == []


@pytest.mark.parametrize("found, answer", [([{"id": "1"}], True), ([], None)])
def test_looking_up_an_unknown_outcome(server, found, answer):
    token = microsoft_token(scope="Mail.Send Mail.Read User.Read")
    path = "/v1.0/me/mailFolders/sentitems/messages"
    with mailbox(server, token=token) as box:
        server.reply(path, Reply(body={"value": found}))
        assert box.find_sent("<o'brien@x>") is answer
    assert (
        server.calls(path)[0].query["$filter"] == "internetMessageId eq '<o''brien@x>'"
    )


def test_a_storm_of_failing_refreshes_stays_with_its_mailbox(server, saved):
    with mailbox(server, token=expired()) as box:
        server.reply(TOKEN, Reply(429, {"error": "busy"}, {"Retry-After": "60"}))
        for _attempt in range(3):
            with pytest.raises(Exception, match="too_fast|sign_in"):
                box.refresh()
    server.reply(TOKEN, Reply(body=ms_tokens()))
    started = time.monotonic()
    with mailbox(server, saved, expired()) as box:
        box.send(an_email())
    assert time.monotonic() - started < 5


def test_what_python_cannot_fold_reaches_graph_unbroken(server):
    with mailbox(server) as box:
        box.send(hard_to_fold())
    [call] = server.calls(SEND)
    assert headers_as_they_are(base64.b64decode(call.body)) == HARD_TO_FOLD


def test_an_address_with_other_letters_is_written_as_it_is(server):
    email = an_email()
    email.message.replace_header("Cc", "jörg@customer.example")
    with mailbox(server) as box:
        box.send(email)
    [call] = server.calls(SEND)
    assert "Cc: jörg@customer.example\r\n".encode() in base64.b64decode(call.body)


def test_a_message_without_any_body_is_refused_before_anything_is_sent(server):
    email = an_email()
    email.message.clear_content()
    box = mailbox(server, send_as=SHARED)
    with pytest.raises(Rejected), box:
        box.send(email)
    assert server.seen == []
