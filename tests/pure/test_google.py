"""Sending through Gmail: what reaches the wire, once, and what comes of it."""

import base64
import json
from email import message_from_bytes, policy

import pytest
from account_email_connector.providers.google.mailbox import GoogleMailbox, as_bytes
from account_email_connector.providers.outcomes import (
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
    google_token,
    hard_to_fold,
    headers_as_they_are,
)
from oauth_server import (
    ACCESS_TOKEN,
    ANNA,
    CLIENT_SECRET,
    GOOGLE_SCOPES,
    NEW_REFRESH_TOKEN,
    UPLOAD,
    Reply,
    google_app,
    google_tokens,
    serving,
)

SEND = "/gmail/v1/users/me/messages/send"
READONLY = f"{GOOGLE_SCOPES} https://www.googleapis.com/auth/gmail.readonly"
SENT = Reply(body={"id": "18c0ffee", "threadId": "18aaaaaa", "labelIds": ["SENT"]})


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def saved():
    return []


def mailbox(server, saved=None, token=None, **options):
    on_change = pytest.fail if saved is None else saved.append
    app = google_app(server)
    server.reply(SEND, SENT)
    return GoogleMailbox(app, token or google_token(), ANNA, on_change, **options)


def raw(call):
    return base64.urlsafe_b64decode(call.json["raw"])


def test_the_email_reaches_gmail_as_it_is(server):
    email = an_email(References="<a@x> <b@x>", In_Reply_To="<b@x>", attachment=PDF)
    with mailbox(server) as box:
        receipt = box.send(email)
    [call] = server.calls(SEND)
    assert call.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    sent = message_from_bytes(raw(call), policy=policy.default)
    assert sent["To"] == "Zoë <zoe@customer.example>"
    assert sent["Bcc"] == "archive@bluelake.example"
    assert sent["References"] == "<a@x> <b@x>"
    assert next(sent.iter_attachments()).get_content() == PDF
    assert "threadId" not in call.json
    assert receipt.message_id == "<followup-1@odoo.bluelake.example>"
    assert (receipt.provider_message_id, receipt.thread_id) == ("18c0ffee", "18aaaaaa")
    link = (
        "https://mail.google.com/mail/u/?authuser=anna%40bluelake.example#sent/18c0ffee"
    )
    assert receipt.web_link == link


def test_a_conversation_goes_on(server):
    with mailbox(server) as box:
        box.send(an_email(thread_id="18aaaaaa"))
    assert server.calls(SEND)[0].json["threadId"] == "18aaaaaa"


def test_a_conversation_that_was_deleted_starts_anew(server):
    gone = {"error": {"code": 404, "message": "Requested entity was not found."}}
    gone["error"]["errors"] = [{"reason": "notFound", "domain": "global"}]
    with mailbox(server) as box:
        server.reply(SEND, Reply(404, gone), SENT)
        box.send(an_email(thread_id="18aaaaaa"))
    first, second = server.calls(SEND)
    assert first.json["threadId"] == "18aaaaaa"
    assert "threadId" not in second.json


def test_a_conversation_of_another_provider_starts_anew(server):
    words = "Invalid thread_id value"
    bad = {"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}
    with mailbox(server) as box:
        server.reply(SEND, Reply(400, bad), SENT)
        box.send(an_email(thread_id="AAQkAGI2"))
    assert "threadId" not in server.calls(SEND)[1].json


def test_another_refusal_in_a_conversation_is_a_refusal(server):
    bad = {"error": {"code": 400, "message": "Invalid To header"}}
    with mailbox(server) as box:
        server.reply(SEND, Reply(400, bad))
        with pytest.raises(Rejected):
            box.send(an_email(thread_id="18aaaaaa"))
    assert len(server.calls(SEND)) == 1


def test_a_big_email_goes_by_upload(server):
    email = an_email(attachment=b"x" * 3_000_000)
    with mailbox(server) as box:
        receipt = box.send(email)
    assert server.calls(SEND) == []
    [call] = server.calls(UPLOAD)
    assert call.query["uploadType"] == "media"
    assert call.headers["Content-Type"] == "message/rfc822"
    sent = message_from_bytes(call.body, policy=policy.default)
    assert next(sent.iter_attachments()).get_content() == b"x" * 3_000_000
    assert receipt.provider_message_id == "18c0ffee"


def test_a_big_email_in_a_conversation_goes_by_multipart_upload(server):
    email = an_email(attachment=b"x" * 3_000_000, thread_id="18aaaaaa")
    email.message.set_boundary("outer")  # not another one each time
    with mailbox(server) as box:
        box.send(email)
    [call] = server.calls(UPLOAD)
    assert call.query["uploadType"] == "multipart"
    head = f"Content-Type: {call.headers['Content-Type']}\r\n\r\n".encode()
    about, media = message_from_bytes(head + call.body).get_payload()
    assert json.loads(about.get_payload()) == {"threadId": "18aaaaaa"}
    assert media.get_content_type() == "message/rfc822"
    assert as_bytes(email) in call.body


def test_the_promised_size_fits(server):
    with mailbox(server) as box:
        limit = GoogleMailbox.attachment_limit
        box.send(an_email(attachment=b"x" * limit, html="ü" * 150_000))
    assert len(server.calls(UPLOAD)) == 1


def test_too_big_for_gmail_is_not_even_tried(server):
    email = an_email(attachment=b"x" * 28_000_000)
    with mailbox(server) as box, pytest.raises(Rejected) as caught:
        box.send(email)
    assert caught.value.reason is Reason.MESSAGE_TOO_LARGE
    assert server.seen == []


def test_an_expired_token_is_refreshed_and_saved_before_anything_is_sent(server, saved):
    def save(token):
        saved.append(token)
        assert server.calls(SEND) == []

    app = google_app(server)
    server.reply("/token", Reply(body=google_tokens(refresh_token=NEW_REFRESH_TOKEN)))
    with GoogleMailbox(app, google_token(expires_in=-5), ANNA, save) as box:
        box.send(an_email())
        box.send(an_email())
    [token] = saved
    assert NEW_REFRESH_TOKEN in token and CLIENT_SECRET not in token
    assert len(server.calls("/token")) == 1
    assert len(server.calls(SEND)) == 2


def test_what_was_saved_works_later(server, saved):
    with mailbox(server, saved, google_token(expires_in=-5)) as box:
        box.refresh()
    with mailbox(server, token=saved[0]) as box:
        box.send(an_email())
    assert len(server.calls("/token")) == 1


def test_nothing_is_sent_if_the_new_token_cannot_be_saved(server):
    def save(token):
        raise RuntimeError("the database is gone")

    app = google_app(server)
    token = google_token(expires_in=-5)
    with pytest.raises(RuntimeError), GoogleMailbox(app, token, ANNA, save) as box:
        box.send(an_email())
    assert server.calls(SEND) == []


def test_a_refused_token_is_renewed_once_and_the_email_goes_once(server, saved):
    with mailbox(server, saved) as box:
        server.reply(SEND, Reply(401, {"error": {"code": 401}}), SENT)
        box.send(an_email())
    assert len(server.calls("/token")) == 1
    first, second = server.calls(SEND)
    assert raw(first) == raw(second)


def test_a_token_refused_twice_needs_a_person(server, saved):
    with mailbox(server, saved) as box:
        server.reply(SEND, Reply(401, {"error": {"code": 401}}))
        with pytest.raises(SignInRequired) as caught:
            box.send(an_email())
    assert caught.value.reason is Reason.SIGN_IN_AGAIN
    assert len(server.calls(SEND)) == 2


def test_the_permission_was_taken_back(server, saved):
    with mailbox(server, saved) as box:
        server.reply("/token", Reply(body=google_tokens(scope="openid")))
        with pytest.raises(SignInRequired) as caught:
            box.refresh()
    assert caught.value.reason is Reason.PERMISSION_MISSING


@pytest.mark.parametrize("cut, clean", [(-2, False), (-1, False), (-1, True)])
def test_a_line_that_breaks_while_sending_is_never_tried_again(server, cut, clean):
    """httplib2 would send it a second time: see :class:`GmailHttp`."""
    with mailbox(server) as box:
        server.reply(SEND, Reply(cut=cut, clean=clean), SENT)
        with pytest.raises(OutcomeUnknown):
            box.send(an_email())
    assert len(server.replies[SEND]) == 1


@pytest.mark.parametrize("cut", [-2, -1])
def test_an_upload_whose_line_breaks_is_never_tried_again(server, cut):
    with mailbox(server) as box:
        server.reply(UPLOAD, Reply(cut=cut), SENT)
        with pytest.raises(OutcomeUnknown):
            box.send(an_email(attachment=b"x" * 3_000_000))
    assert len(server.replies[UPLOAD]) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_never_asked_again(server, status):
    with mailbox(server) as box:
        server.reply(SEND, Reply(status, {"error": {"code": status}}), SENT)
        with pytest.raises(Exception, match="too_fast|maybe_sent"):
            box.send(an_email())
    assert len(server.calls(SEND)) == 1


def test_httplib2_itself_does_send_twice(server):
    """Why googleapiclient gets another transport. If this fails, it may go."""
    import httplib2

    google_app(server)
    server.reply(SEND, Reply(cut=-1, clean=True), SENT)
    http = httplib2.Http(ca_certs=server.ca_file)
    http.request(f"{server.url}{SEND}", "POST", body=b"an email")
    assert len(server.calls(SEND)) == 2


@pytest.mark.parametrize("cut", [0, 1, 20])
def test_accepted_is_accepted_even_if_the_ids_were_cut_off(server, cut):
    with mailbox(server) as box:
        server.reply(SEND, Reply(body=SENT.body, cut=cut))
        receipt = box.send(an_email())
    assert receipt.provider_message_id == receipt.web_link == ""
    assert len(server.calls(SEND)) == 1


def test_a_line_that_breaks_while_connecting_is_no_send(server):
    with mailbox(server) as box:
        box.send(an_email())
        server.drop_connections = 1
        with pytest.raises(Unavailable):
            box.send(an_email())
    assert len(server.calls(SEND)) == 1


@pytest.mark.parametrize("cut", [-2, -1, 0, 1, 200])
def test_a_line_that_breaks_while_refreshing_is_no_send(server, cut):
    with mailbox(server, token=google_token(expires_in=-5)) as box:
        server.reply("/token", Reply(body=google_tokens(), cut=cut))
        with pytest.raises(Unavailable):
            box.send(an_email())
    assert server.calls(SEND) == []


@pytest.mark.parametrize(
    "token",
    ["", "{}", "null", "[]", "no json", google_token(refresh_token=None)],
    # Without the hour in it: each of pytest's processes has to find the same names.
    ids=["nothing", "empty", "null", "a list", "no json", "no refresh token"],
)
def test_a_token_that_was_lost(server, token):
    with GoogleMailbox(google_app(server), token, ANNA, print) as box:
        for action in (box.refresh, box.check, lambda: box.send(an_email())):
            with pytest.raises(SignInRequired) as caught:
                action()
            assert caught.value.reason is Reason.CREDENTIAL_LOST
    assert server.seen == []


def test_check_signs_in_for_real(server, saved):
    with mailbox(server, saved, send_as="billing@bluelake.example") as box:
        box.check()
    assert [call.path for call in server.seen] == ["/token"]


@pytest.mark.parametrize(
    "entry, verified",
    [
        (
            {
                "sendAsEmail": "Billing@bluelake.example",
                "verificationStatus": "accepted",
            },
            1,
        ),
        ({"sendAsEmail": "billing@bluelake.example", "isPrimary": True}, 1),
        (
            {
                "sendAsEmail": "billing@bluelake.example",
                "verificationStatus": "pending",
            },
            0,
        ),
        ({"sendAsEmail": ANNA, "isPrimary": True}, 0),
    ],
)
def test_an_alias_is_verified_where_reading_is_allowed(server, saved, entry, verified):
    token = google_token(scope=READONLY)
    with mailbox(server, saved, token, send_as="billing@bluelake.example") as box:
        path = "/gmail/v1/users/me/settings/sendAs"
        server.reply(path, Reply(body={"sendAs": [entry]}))
        assert box.alias_verified() is bool(verified)


def test_an_alias_cannot_be_verified_without_permission(server):
    with mailbox(server, send_as="billing@bluelake.example") as box:
        assert box.alias_verified() is None
    assert server.seen == []


def test_an_unknown_outcome_cannot_be_looked_up_without_permission(server):
    with mailbox(server) as box:
        assert box.find_sent("<followup-1@odoo.bluelake.example>") is None
    assert server.seen == []


def test_an_unknown_outcome_is_found_under_another_message_id(server):
    with mailbox(server, token=google_token(scope=READONLY)) as box:
        server.reply(SEND, Reply(cut=-1))
        with pytest.raises(OutcomeUnknown):
            box.send(an_email())
        sent = message_from_bytes(raw(server.calls(SEND)[0]), policy=policy.default)
        headers = [
            {"name": k, "value": v} for k, v in sent.items() if k != "Message-ID"
        ]
        headers.append({"name": "Message-ID", "value": "<new@mail.gmail.com>"})
        messages = "/gmail/v1/users/me/messages"
        server.reply(messages, Reply(body={"messages": [{"id": "1"}, {"id": "2"}]}))
        server.reply(f"{messages}/1", Reply(body={"payload": {"headers": []}}))
        server.reply(f"{messages}/2", Reply(body={"payload": {"headers": headers}}))
        assert box.find_sent("<followup-1@odoo.bluelake.example>") is True
        assert box.find_sent("<another@odoo.bluelake.example>") is None
    assert server.calls(messages)[0].query["labelIds"] == "SENT"


def test_what_python_cannot_fold_reaches_gmail_unbroken(server):
    with mailbox(server) as box:
        box.send(hard_to_fold())
    [call] = server.calls(SEND)
    assert headers_as_they_are(raw(call)) == HARD_TO_FOLD


@pytest.mark.parametrize("size, path", [(1, SEND), (3_000_000, UPLOAD)])
def test_an_address_with_other_letters_is_written_as_it_is(server, size, path):
    server.reply(UPLOAD, SENT)
    email = an_email(attachment=b"x" * size, thread_id="18aaaaaa")
    email.message.replace_header("Cc", "jörg@customer.example")
    with mailbox(server) as box:
        box.send(email)
    [call] = server.calls(path)
    sent = raw(call) if path == SEND else call.body
    assert "Cc: jörg@customer.example\r\n".encode() in sent
