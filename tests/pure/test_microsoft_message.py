"""An email as a Graph message resource."""

import base64
from email.message import EmailMessage
from email.policy import SMTP

from account_email_connector.providers.microsoft.message import as_json
from oauth_samples import PDF, an_email


def person(address, name=""):
    return {"emailAddress": {"address": address, "name": name}}


def test_the_whole_email():
    email = an_email(
        attachment=PDF,
        Reply_To="Books <books@bluelake.example>",
        References="<a@x> <b@x>",
        In_Reply_To="<b@x>",
        X_One="1",
        Auto_Submitted="auto-generated",
    )
    found = as_json(email.message)
    assert found == {
        "subject": "Überfällige Rechnung INV/2026/00001",
        "body": {"contentType": "html", "content": "<p>Grüße</p>\n"},
        "toRecipients": [person("zoe@customer.example", "Zoë")],
        "ccRecipients": [person("boss@customer.example")],
        "bccRecipients": [person("archive@bluelake.example")],
        "replyTo": [person("books@bluelake.example", "Books")],
        "internetMessageHeaders": [
            {"name": "X-Auto-Response-Suppress", "value": "AutoReply"},
            {"name": "X-One", "value": "1"},
        ],
        "singleValueExtendedProperties": [
            {"id": "String 0x1035", "value": "<followup-1@odoo.bluelake.example>"},
            {"id": "String 0x1039", "value": "<a@x> <b@x>"},
            {"id": "String 0x1042", "value": "<b@x>"},
        ],
        "attachments": [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": "Rechnung.pdf",
                "contentType": "application/pdf",
                "contentBytes": base64.b64encode(PDF).decode(),
            }
        ],
    }


def test_plain_text_only():
    found = as_json(an_email(html="").message)
    assert found["body"] == {"contentType": "text", "content": "Grüße\n"}


def test_no_more_than_five_headers_of_our_own():
    headers = {f"X_Number_{n}": str(n) for n in range(7)}
    found = as_json(an_email(**headers).message)
    names = [header["name"] for header in found["internetMessageHeaders"]]
    assert names == [f"X-Number-{n}" for n in range(5)]


def test_what_a_person_wrote_may_be_answered_automatically():
    for headers in ({}, {"Auto_Submitted": "no"}):
        assert "internetMessageHeaders" not in as_json(an_email(**headers).message)


def test_automatic_answers_are_unwanted_whatever_else_there_is():
    headers = {f"X_Number_{n}": str(n) for n in range(7)}
    headers["Auto_Submitted"] = "auto-generated"
    found = as_json(an_email(**headers).message)
    assert found["internetMessageHeaders"][0]["name"] == "X-Auto-Response-Suppress"
    assert len(found["internetMessageHeaders"]) == 5


def test_pictures_in_the_text_stay_in_the_text():
    email = an_email(attachment=PDF)
    html = next(p for p in email.message.walk() if p.get_content_subtype() == "html")
    html.add_related(b"\x89PNG", "image", "png", cid="<logo@x>", disposition="inline")
    by_name = {a["contentType"]: a for a in as_json(email.message)["attachments"]}
    assert by_name["image/png"]["contentId"] == "logo@x"
    assert by_name["image/png"]["isInline"] is True
    assert "contentId" not in by_name["application/pdf"]


def test_an_email_and_a_text_as_attachments():
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = "Inner"
    inner.set_content("inner text")
    email = an_email()
    email.message.add_attachment(inner)
    email.message.add_attachment("a;b\n", subtype="csv", filename="lines.csv")
    found = as_json(email.message)
    contents = {
        a["contentType"]: base64.b64decode(a["contentBytes"])
        for a in found["attachments"]
    }
    assert b"Subject: Inner" in contents["message/rfc822"]
    assert contents["text/csv"].splitlines() == [b"a;b"]
    assert found["body"]["content"] == "<p>Grüße</p>\n"


def test_an_empty_email():
    message = EmailMessage(policy=SMTP)
    message["To"] = "zoe@customer.example"
    message.set_content("")
    found = as_json(message)
    assert found["subject"] == ""
    assert found["body"] == {"contentType": "text", "content": "\n"}
