"""Our stand-in's Gmail, with the real google-api-python-client."""

import base64
import io
import json
from email.message import EmailMessage

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload
from standin_clients import (
    CLARA,
    GMAIL_READ,
    GMAIL_SEND,
    GOOGLE_SCOPES,
    Google,
)

OUTSIDE = "customer@outside.example"


@pytest.fixture
def google(standin):
    return Google(standin)


@pytest.fixture
def gmail(google):
    return google.gmail(google.sign_in())


@pytest.fixture
def reader(google):
    return google.gmail(google.sign_in(scopes=[*GOOGLE_SCOPES, GMAIL_READ]))


def mime(to=OUTSIDE, sender=CLARA, subject="Reminder", **headers):
    """Return a message; *headers* with ``_`` for ``-``."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 05 Jan 2026 09:00:00 +0000"
    message["Message-ID"] = "<reminder-1@odoo.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please pay")
    return message


def send(gmail, message, **body):
    """Send *message* as JSON's raw; return the answer."""
    body["raw"] = base64.urlsafe_b64encode(message.as_bytes()).decode()
    return gmail.users().messages().send(userId="me", body=body).execute()


def reason(error):
    """Return (status, reason) of a googleapiclient error."""
    (detail,) = json.loads(error.value.content)["error"]["errors"]
    return error.value.resp.status, detail["reason"]


def test_what_is_sent_lies_in_sent_with_a_new_message_id(gmail, standin):
    answer = send(gmail, mime(to="tom@greenfield.example"))
    assert answer["labelIds"] == ["SENT"]
    assert answer["id"] == answer["threadId"]
    (sent,) = standin.control.mailbox(CLARA)["sent"]
    (received,) = standin.control.mailbox("tom@greenfield.example")["inbox"]
    assert sent["id"] == answer["id"]
    assert sent["message_id"].endswith("@mail.gmail.com>")
    assert received["message_id"] == sent["message_id"]
    (entry,) = standin.control.log(message_id="<reminder-1@odoo.example>")
    assert entry["filed_message_id"] == sent["message_id"]


@pytest.mark.parametrize("resumable", [False, True])
@pytest.mark.parametrize("body", [None, {}])
def test_uploads_arrive_byte_for_byte(gmail, standin, resumable, body):
    raw = mime(subject="Übergröße").as_bytes()
    media = MediaIoBaseUpload(
        io.BytesIO(raw), mimetype="message/rfc822", resumable=resumable
    )
    messages = gmail.users().messages()
    answer = messages.send(userId="me", body=body, media_body=media).execute()
    assert answer["id"]
    source = base64.b64decode(standin.control.mailbox(OUTSIDE)["inbox"][0]["source"])
    own, rest = source.split(b"\n", 1)
    assert own.endswith(b"@mail.gmail.com>")
    assert rest == raw.replace(b"Message-ID: <reminder-1@odoo.example>\n", b"")


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("billing@greenfield.example", "billing@greenfield.example"),
        ("sales@greenfield.example", f"Clara Field <{CLARA}>"),  # not verified
        ("boss@elsewhere.example", f"Clara Field <{CLARA}>"),
    ],
)
def test_only_verified_addresses_are_sent_from(gmail, standin, sender, shown):
    send(gmail, mime(sender=sender))
    assert standin.control.mailbox(OUTSIDE)["inbox"][0]["from"] == shown


def test_a_thread_needs_its_id_references_and_subject(gmail, standin):
    first = send(gmail, mime(References="<root@odoo.example>"))
    thread = first["threadId"]
    root = {"References": "<root@odoo.example>", "In_Reply_To": "<root@odoo.example>"}
    second = send(gmail, mime(subject="Re: Reminder", **root), threadId=thread)
    assert second["threadId"] == thread
    other = send(gmail, mime(subject="Other", **root), threadId=thread)
    assert other["threadId"] != thread
    alone = send(gmail, mime(subject="Reminder"), threadId=thread)
    assert alone["threadId"] != thread
    with pytest.raises(HttpError) as error:
        send(gmail, mime(), threadId="19ffffffffffffff")
    with pytest.raises(HttpError, match="400.*Invalid thread_id value"):
        send(gmail, mime(), threadId="AAQkAGI2")
    assert reason(error) == (404, "notFound")
    rows = standin.control.mailbox(OUTSIDE)["inbox"]
    assert len({row["thread_id"] for row in rows}) == 3, "the customer sees it too"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'raw' RFC822 payload"),
        ({"raw": "*not base64*"}, "Base64 decoding failed"),
        ({"raw": base64.urlsafe_b64encode(b"\0\1garbage").decode()}, "Recipient"),
    ],
)
def test_garbage_is_refused(gmail, standin, body, words):
    with pytest.raises(HttpError, match=words) as error:
        gmail.users().messages().send(userId="me", body=body).execute()
    assert reason(error) == (400, "invalidArgument")
    assert standin.control.log() == []


def test_too_many_recipients_and_too_large(gmail):
    many = ", ".join(f"p{n}@outside.example" for n in range(101))
    with pytest.raises(HttpError, match="Too many recipients"):
        send(gmail, mime(to=many))
    message = mime()
    message.add_attachment(
        b"x" * 3_000_000, maintype="application", subtype="pdf", filename="big.pdf"
    )
    with pytest.raises(HttpError) as error:
        send(gmail, message)
    assert error.value.resp.status == 413
    media = MediaIoBaseUpload(io.BytesIO(message.as_bytes()), "message/rfc822")
    answer = gmail.users().messages().send(userId="me", media_body=media).execute()
    assert answer["id"], "the upload takes 35 MB"


def test_sending_does_not_allow_reading(gmail, standin):
    users = gmail.users()
    for request in (
        users.messages().list(userId="me"),
        users.threads().list(userId="me"),
        users.getProfile(userId="me"),
        users.settings().sendAs().list(userId="me"),
    ):
        with pytest.raises(HttpError) as error:
            request.execute()
        assert reason(error) == (403, "insufficientPermissions")


def test_reading_does_not_allow_sending(google):
    scopes = ["openid", GMAIL_READ]
    gmail = google.gmail(google.sign_in(scopes=scopes))
    with pytest.raises(HttpError) as error:
        send(gmail, mime())
    assert reason(error) == (403, "insufficientPermissions")


def test_reading(reader, standin):
    answer = send(reader, mime())
    standin.control.reply(CLARA, text="On Friday")
    standin.control.bounce(CLARA)
    users = reader.users()
    listed = users.messages().list(userId="me", labelIds=["INBOX"]).execute()
    assert len(listed["messages"]) == 2
    thread = users.threads().get(userId="me", id=answer["threadId"]).execute()
    subjects = [
        header["value"]
        for message in thread["messages"]
        for header in message["payload"]["headers"]
        if header["name"] == "Subject"
    ]
    assert subjects == ["Reminder", "Re: Reminder"]
    (sent,) = standin.control.mailbox(CLARA)["sent"]
    for query, count in (
        (f"rfc822msgid:{sent['message_id']}", 1),
        ("rfc822msgid:<reminder-1@odoo.example>", 0),
        ("in:sent subject:reminder", 1),
    ):
        found = users.messages().list(userId="me", q=query).execute()
        assert found["resultSizeEstimate"] == count, query
    raw = users.messages().get(userId="me", id=answer["id"], format="raw").execute()
    assert base64.urlsafe_b64decode(raw["raw"]) == base64.b64decode(sent["source"])
    listed = users.settings().sendAs().list(userId="me").execute()
    verified = {
        row["sendAsEmail"]: row.get("verificationStatus") for row in listed["sendAs"]
    }
    assert verified == {
        CLARA: None,
        "billing@greenfield.example": "accepted",
        "sales@greenfield.example": "pending",
    }


def test_pages_of_a_list(reader):
    ids = [send(reader, mime(subject=f"n{n}"))["id"] for n in range(5)]
    messages, found = reader.users().messages(), []
    request = messages.list(userId="me", maxResults=2)
    while request is not None:
        answer = request.execute()
        found += [row["id"] for row in answer["messages"]]
        request = messages.list_next(request, answer)
    assert found == ids[::-1]


def test_metadata_cannot_search(google):
    scopes = ["openid", "https://www.googleapis.com/auth/gmail.metadata"]
    messages = google.gmail(google.sign_in(scopes=scopes)).users().messages()
    assert messages.list(userId="me").execute()["resultSizeEstimate"] == 0
    with pytest.raises(HttpError) as error:
        messages.list(userId="me", q="in:sent").execute()
    assert reason(error) == (403, "insufficientPermissions")


def test_an_expired_token_is_refreshed_by_the_library(google, standin):
    credentials = google.sign_in()
    gmail = google.gmail(credentials)
    standin.control.expire_tokens(CLARA)
    first = credentials.token
    assert send(gmail, mime())["id"]
    assert credentials.token != first
    calls = [row["status"] for row in standin.control.calls("gmail.send")]
    assert calls == [401, 200]


def test_the_daily_limit_names_its_end(gmail, standin):
    standin.control.account(CLARA, per_day=1)
    send(gmail, mime())
    with pytest.raises(HttpError, match=r"Retry after .*Z \(Mail sending\)") as error:
        send(gmail, mime())
    assert reason(error) == (429, "rateLimitExceeded")
    assert len(standin.control.log()) == 1


def test_no_gmail(google, standin):
    standin.control.account(CLARA, mailbox=False)
    gmail = google.gmail(google.sign_in())
    with pytest.raises(HttpError, match="Mail service not enabled") as error:
        send(gmail, mime())
    assert reason(error) == (400, "failedPrecondition")


def test_scopes_are_those_of_the_discovery_document(gmail):
    from standin import google_mail as ours

    document = gmail._rootDesc["resources"]["users"]

    def scopes(*path):
        found = document
        for step in path[:-1]:
            found = found["resources"][step]
        known = set(found["methods"][path[-1]]["scopes"])
        addons = "https://www.googleapis.com/auth/gmail.addons."
        return {name for name in known if not name.startswith(addons)}

    assert scopes("messages", "send") == ours.SEND
    assert scopes("messages", "list") == ours.READ
    assert scopes("messages", "get") == ours.READ
    assert scopes("threads", "get") == ours.READ
    assert scopes("getProfile") == ours.PROFILE
    assert scopes("labels", "list") == ours.LABELS
    assert scopes("settings", "sendAs", "list") == ours.SETTINGS
    assert GMAIL_SEND in ours.SEND
