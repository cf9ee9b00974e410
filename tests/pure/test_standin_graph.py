"""Our stand-in's Graph mail: what it sends, files, refuses and shows."""

import base64
from email.message import EmailMessage

import pytest
from standin_clients import ANNA, PAUL, SEND, SHARED, Microsoft, mail

OUTSIDE = "customer@outside.example"


@pytest.fixture
def microsoft(standin):
    return Microsoft(standin)


@pytest.fixture
def token(microsoft):
    return microsoft.sign_in()["access_token"]


def mime(to=OUTSIDE, **headers):
    """Return a message; *headers* with ``_`` for ``-``."""
    message = EmailMessage()
    message["From"] = "Somebody Else <else@elsewhere.example>"
    message["To"] = to
    message["Subject"] = "Zahlungserinnerung für März"
    message["Message-ID"] = "<reminder-1@odoo.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Bitte zahlen")
    return message


def send_mime(microsoft, token, message, path="/me/sendMail"):
    """Send *message* as Graph wants MIME: base64 as text/plain."""
    body = base64.b64encode(message.as_bytes())
    headers = {"Content-Type": "text/plain"}
    return microsoft.graph("POST", path, token, data=body, headers=headers)


def code(answer):
    """Return Graph's error code; the body names the request."""
    error = answer.json()["error"]
    assert error["innerError"]["request-id"] == answer.headers["request-id"]
    return error["code"]


def test_what_is_sent_lies_in_sent_and_arrives(microsoft, token, standin):
    answer = microsoft.send(token, to=PAUL, subject="Größe")
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["request-id"] and answer.headers["client-request-id"]
    sent = standin.control.mailbox(ANNA)["sent"]
    inbox = standin.control.mailbox(PAUL)["inbox"]
    assert [row["subject"] for row in sent + inbox] == ["Größe", "Größe"]
    assert sent[0]["from"] == "Anna Berg <anna@bluelake.example>"
    assert "PROD.OUTLOOK.COM" in sent[0]["message_id"]
    (entry,) = standin.control.log()
    assert (entry["account"], entry["recipients"]) == (ANNA, [PAUL])


def test_the_callers_correlation_id_comes_back(microsoft, token):
    answer = microsoft.graph(
        "GET", "/me", token, headers={"client-request-id": "from-the-caller"}
    )
    assert answer.headers["client-request-id"] == "from-the-caller"


def test_mime_keeps_its_message_id_but_not_its_from(microsoft, token, standin):
    message = mime(
        In_Reply_To="<first@odoo.example>",
        Auto_Submitted="auto-generated",
        Bcc="hidden@outside.example",
    )
    assert send_mime(microsoft, token, message).status_code == 202
    (sent,) = standin.control.mailbox(ANNA)["sent"]
    (received,) = standin.control.mailbox(OUTSIDE)["inbox"]
    assert sent["message_id"] == "<reminder-1@odoo.example>"
    assert sent["from"] == "Anna Berg <anna@bluelake.example>"
    assert b"hidden@" in base64.b64decode(sent["source"])
    assert b"hidden@" not in base64.b64decode(received["source"])
    assert b"Auto-Submitted: auto-generated" in base64.b64decode(received["source"])
    assert standin.control.mailbox("hidden@outside.example")["inbox"]
    assert standin.control.log(message_id="<reminder-1@odoo.example>")


def test_save_to_sent_items_can_be_declined(microsoft, token, standin):
    body = {"message": mail(), "saveToSentItems": False}
    assert microsoft.graph("POST", "/me/sendMail", token, json=body).status_code == 202
    assert standin.control.mailbox(ANNA)["sent"] == []
    assert standin.control.mailbox(OUTSIDE)["inbox"]


def test_json_with_everything(microsoft, token, standin):
    person = {"emailAddress": {"name": "Kunde, GmbH", "address": OUTSIDE}}
    message = {
        "subject": "All",
        "importance": "high",
        "body": {"contentType": "HTML", "content": "<p>Hi</p>"},
        "toRecipients": [person],
        "ccRecipients": [{"emailAddress": {"address": "cc@outside.example"}}],
        "replyTo": [{"emailAddress": {"address": "team@bluelake.example"}}],
        "internetMessageHeaders": [{"name": "X-Odoo", "value": "1"}],
        "attachments": [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": "INV.pdf",
                "contentType": "application/pdf",
                "contentBytes": base64.b64encode(b"%PDF").decode(),
            }
        ],
    }
    body = {"message": message}
    assert microsoft.graph("POST", "/me/sendMail", token, json=body).status_code == 202
    source = base64.b64decode(standin.control.mailbox(ANNA)["sent"][0]["source"])
    for part in (b"X-Odoo: 1", b"Reply-To: team@", b"Importance: high", b"INV.pdf"):
        assert part in source


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"toRecipients": []}, 400, "ErrorInvalidRecipients"),
        ({"subjct": "typo"}, 400, "RequestBodyRead"),
        ({"toRecipients": [{"address": "x@y.example"}]}, 400, "RequestBodyRead"),
        (
            {"internetMessageHeaders": [{"name": "In-Reply-To", "value": "<a@b>"}]},
            400,
            "InvalidInternetMessageHeader",
        ),
        (
            {
                "internetMessageHeaders": [
                    {"name": f"x-{n}", "value": "1"} for n in range(6)
                ]
            },
            400,
            "InvalidInternetMessageHeaderCollection",
        ),
        (
            {
                "toRecipients": [
                    {"emailAddress": {"address": "a@b.example\r\nBcc: evil@x.example"}}
                ]
            },
            400,
            "RequestBodyRead",
        ),
    ],
)
def test_a_wrong_message_is_refused(microsoft, token, standin, change, status, error):
    body = {"message": mail() | change}
    answer = microsoft.graph("POST", "/me/sendMail", token, json=body)
    assert (answer.status_code, code(answer)) == (status, error)
    assert standin.control.log() == []


@pytest.mark.parametrize(
    "body", [b"not base64!", b"", base64.b64encode(b"\0no header")]
)
def test_garbage_mime_is_refused(microsoft, token, standin, body):
    answer = microsoft.graph(
        "POST",
        "/me/sendMail",
        token,
        data=body,
        headers={"Content-Type": "text/plain"},
    )
    assert answer.status_code == 400
    assert code(answer) == "ErrorMimeContentInvalidBase64String"
    assert standin.control.log() == []


def test_four_megabytes_are_the_end(microsoft, token, standin):
    message = mime()
    message.add_attachment(
        b"x" * 2_400_000, maintype="application", subtype="pdf", filename="big.pdf"
    )
    answer = send_mime(microsoft, token, message)
    assert (answer.status_code, code(answer)) == (413, "RequestEntityTooLarge")


def test_every_call_needs_its_scope(microsoft, standin):
    only_profile = microsoft.sign_in(scopes=["User.Read"])["access_token"]
    refused = microsoft.send(only_profile)
    assert (refused.status_code, code(refused)) == (403, "ErrorAccessDenied")
    standin.control.reset()
    token = Microsoft(standin).sign_in(scopes=["Mail.Send"])["access_token"]
    refused = microsoft.graph("GET", "/me", token)
    assert code(refused) == "Authorization_RequestDenied"
    for path in ("/me/messages", "/me/mailFolders/sentitems/messages"):
        assert code(microsoft.graph("GET", path, token)) == "ErrorAccessDenied"
    assert (
        code(microsoft.graph("GET", "/me", "made-up")) == "InvalidAuthenticationToken"
    )
    assert microsoft.http.get(f"{standin.url}/v1.0/me", timeout=10).status_code == 401


def test_a_google_token_is_no_microsoft_token(microsoft, standin, token):
    answer = microsoft.http.get(
        f"{standin.url}/gmail/v1/users/me/profile",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_no_mailbox(microsoft):
    token = microsoft.sign_in("nomailbox@bluelake.example")["access_token"]
    answer = microsoft.send(token)
    assert (answer.status_code, code(answer)) == (404, "MailboxNotEnabledForRESTAPI")


class TestSharedMailbox:
    """learn.microsoft.com/graph/outlook-send-mail-from-other-user"""

    SCOPES = (*SEND, "Mail.Send.Shared")

    def test_from_files_in_the_senders_sent_items(self, microsoft, standin):
        token = microsoft.sign_in(PAUL, self.SCOPES)["access_token"]
        assert microsoft.send(token, sender=SHARED).status_code == 202
        (sent,) = standin.control.mailbox(PAUL)["sent"]
        assert sent["from"] == f"Blue Lake Accounts <{SHARED}>"
        assert standin.control.mailbox(SHARED)["sent"] == []
        assert standin.control.log()[0]["sender"] == SHARED

    def test_users_files_in_the_shared_one(self, microsoft, standin):
        token = microsoft.sign_in(ANNA, self.SCOPES)["access_token"]
        answer = send_mime(microsoft, token, mime(), f"/users/{SHARED}/sendMail")
        assert answer.status_code == 202
        (sent,) = standin.control.mailbox(SHARED)["sent"]
        assert sent["from"] == f"Blue Lake Accounts <{SHARED}>"
        assert standin.control.mailbox(ANNA)["sent"] == []

    def test_users_needs_full_access_as_well(self, microsoft):
        token = microsoft.sign_in(PAUL, self.SCOPES)["access_token"]
        answer = microsoft.send(token, f"/users/{SHARED}/sendMail")
        assert code(answer) == "ErrorAccessDenied"

    def test_without_the_right(self, microsoft, standin):
        standin.control.account(PAUL, rights={})
        token = microsoft.sign_in(PAUL, self.SCOPES)["access_token"]
        refused = microsoft.send(token, sender=SHARED)
        assert (refused.status_code, code(refused)) == (403, "ErrorSendAsDenied")
        standin.control.account(PAUL, rights={SHARED: ["full_access"]})
        refused = microsoft.send(token, f"/users/{SHARED}/sendMail")
        assert code(refused) == "ErrorSendAsDenied"

    def test_without_the_scope(self, microsoft, token):
        assert code(microsoft.send(token, sender=SHARED)) == "ErrorAccessDenied"
        refused = microsoft.send(token, f"/users/{SHARED}/sendMail")
        assert code(refused) == "ErrorAccessDenied"

    def test_on_behalf_names_the_sender(self, microsoft, standin):
        standin.control.account(PAUL, rights={SHARED: ["send_on_behalf"]})
        token = microsoft.sign_in(PAUL, self.SCOPES)["access_token"]
        assert microsoft.send(token, sender=SHARED).status_code == 202
        source = base64.b64decode(standin.control.mailbox(PAUL)["sent"][0]["source"])
        assert b"Sender: Paul Lind <paul@bluelake.example>" in source

    def test_somebody_who_is_not_there(self, microsoft):
        token = microsoft.sign_in(ANNA, self.SCOPES)["access_token"]
        answer = microsoft.send(token, "/users/nobody@bluelake.example/sendMail")
        assert (answer.status_code, code(answer)) == (404, "ErrorInvalidUser")


class TestReading:
    """Replies and bounces, with an administrator's consent to Mail.Read."""

    @pytest.fixture
    def reader(self, microsoft, standin):
        scopes = [*SEND, "Mail.Read"]
        standin.control.grant("bluelake.example", microsoft.client.client_id, scopes)
        return microsoft.sign_in(ANNA, scopes)["access_token"]

    def test_a_reply_joins_the_conversation(self, microsoft, standin, reader):
        send_mime(microsoft, reader, mime())
        standin.control.reply(ANNA, text="On Friday")
        found = microsoft.graph("GET", "/me/messages", reader).json()["value"]
        reply, sent = found
        assert sent["internetMessageId"] == "<reminder-1@odoo.example>"
        assert reply["conversationId"] == sent["conversationId"]
        assert reply["bodyPreview"] == "On Friday"
        assert reply["from"]["emailAddress"]["address"] == OUTSIDE
        query = f"?$filter=conversationId eq '{sent['conversationId']}'&$top=1"
        page = microsoft.graph("GET", f"/me/messages{query}", reader).json()
        assert len(page["value"]) == 1
        rest = microsoft.http.get(
            page["@odata.nextLink"],
            headers={"Authorization": f"Bearer {reader}"},
            timeout=10,
        ).json()
        assert [row["id"] for row in rest["value"]] == [sent["id"]]

    def test_a_bounce_is_a_report_about_the_message(self, microsoft, standin, reader):
        send_mime(microsoft, reader, mime())
        standin.control.bounce(ANNA, status="5.1.1")
        inbox = "/me/mailFolders/inbox/messages"
        (row,) = microsoft.graph("GET", inbox, reader).json()["value"]
        source = microsoft.graph("GET", f"/me/messages/{row['id']}/$value", reader)
        assert b'report-type="delivery-status"' in source.content
        assert b"Status: 5.1.1" in source.content
        assert b"In-Reply-To: <reminder-1@odoo.example>" in source.content

    def test_headers_come_only_when_selected(self, microsoft, reader):
        send_mime(microsoft, reader, mime(References="<root@odoo.example>"))
        path = "/me/mailFolders/sentitems/messages?$select=internetMessageHeaders"
        (row,) = microsoft.graph("GET", path, reader).json()["value"]
        headers = {h["name"]: h["value"] for h in row["internetMessageHeaders"]}
        assert headers["References"] == "<root@odoo.example>"
        assert set(row) == {"id", "internetMessageHeaders"}

    def test_lookup_by_message_id(self, microsoft, reader):
        send_mime(microsoft, reader, mime())
        for value, count in (("<reminder-1@odoo.example>", 1), ("<other@x>", 0)):
            params = {"$filter": f"internetMessageId eq '{value}'"}
            path = "/me/mailFolders/sentitems/messages"
            found = microsoft.graph("GET", path, reader, params=params).json()
            assert len(found["value"]) == count
        params = {"$filter": "bogus eq 1"}
        answer = microsoft.graph("GET", "/me/messages", reader, params=params)
        assert answer.status_code == 400

    def test_mail_of_others_is_not_there(self, microsoft, standin, reader):
        paul = Microsoft(standin).sign_in(PAUL)["access_token"]
        microsoft.send(paul)
        foreign = standin.control.mailbox(PAUL)["sent"][0]["id"]
        answer = microsoft.graph("GET", f"/me/messages/AAMk{foreign}", reader)
        assert code(answer) == "ErrorItemNotFound"


class TestLimits:
    def test_thirty_a_minute_then_429(self, microsoft, standin, token):
        standin.control.account(ANNA, per_minute=30)
        codes = [microsoft.send(token).status_code for _ in range(31)]
        assert codes == [202] * 30 + [429]
        refused = microsoft.send(token)
        wait = int(refused.headers["Retry-After"])
        assert 0 < wait <= 61
        standin.control.clock(advance=wait)
        assert microsoft.send(token).status_code == 202
        assert len(standin.control.log()) == 31

    def test_or_the_excess_waits_in_the_mailbox(self, microsoft, standin, token):
        standin.control.account(ANNA, per_minute=2, over_limit="queue")
        assert [microsoft.send(token).status_code for _ in range(5)] == [202] * 5
        seen = []
        for _ in range(3):
            seen.append(len(standin.control.mailbox(ANNA)["sent"]))
            standin.control.clock(advance=61)
        assert seen == [2, 4, 5]

    def test_a_day_has_its_limit(self, microsoft, standin, token):
        standin.control.account(ANNA, per_day=2)
        answers = [microsoft.send(token) for _ in range(3)]
        assert code(answers[2]) == "ErrorExceededMessageLimit"
        standin.control.clock(advance=86400)
        refreshed = Microsoft(standin).sign_in()["access_token"]
        assert microsoft.send(refreshed).status_code == 202
