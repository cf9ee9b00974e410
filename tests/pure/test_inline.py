"""A picture that is written out in the HTML is a part of the email when it leaves."""

from base64 import b64decode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from account_email_connector.providers.envelope import outgoing_email
from account_email_connector.providers.google.mailbox import as_bytes
from account_email_connector.providers.inline import without_images
from account_email_connector.providers.microsoft.message import as_json, request_body
from account_email_connector.providers.wire_format import whole_bytes

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
PICTURE = f'<img width="9" src="data:image/png;base64,{PIXEL}" alt="QR code: 5 €">'


def email(html, attachment=False, alternative=True):
    """An email as Odoo's ``_build_email__`` makes it, on its way to a provider."""
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["From"], message["To"] = (
        "S",
        "a@x.example",
        "b@y.example",
    )
    message["Message-ID"] = "<1@x.example>"
    if alternative:
        message.add_alternative("plain", subtype="plain", charset="utf-8")
        message.add_alternative(html, subtype="html", charset="utf-8")
    else:
        message.set_content(html, subtype="html", charset="utf-8")
    if attachment:
        message.add_attachment(b"%PDF", "application", "pdf", filename="invoice.pdf")
    return outgoing_email(message, "a@x.example", ["b@y.example"])


def picture_of(message):
    """The one picture of *message*, to which its HTML points."""
    text = message.get_body(("html",)).get_content()
    assert "data:" not in text
    assert "QR code: 5 €" in text
    (part,) = (p for p in message.walk() if p.get_content_maintype() == "image")
    cid = part["Content-ID"].strip("<>")
    assert text.count(f'src="cid:{cid}"') == 1
    assert cid.endswith("@x.example")
    assert part.get_content_disposition() == "inline"
    return part


@pytest.mark.parametrize("attachment", [False, True])
@pytest.mark.parametrize("alternative", [False, True])
def test_on_the_wire_it_is_related_to_the_html(attachment, alternative):
    sent = email(f"<p>{PICTURE}</p>", attachment, alternative)
    for raw in (whole_bytes(sent.message), as_bytes(sent)):
        message = message_from_bytes(raw, policy=SMTP)
        assert picture_of(message).get_content() == b64decode(PIXEL)
        related = [
            p for p in message.walk() if p.get_content_type() == "multipart/related"
        ]
        assert len(related) == 1
        kinds = [part.get_content_type() for part in related[0].iter_parts()]
        assert kinds == ["text/html", "image/png"]
        if alternative:
            assert message.get_body(("plain",)).get_content().strip() == "plain"
        files = (
            [p.get_filename() for p in message.iter_attachments()] if attachment else []
        )
        assert not attachment or files == ["invoice.pdf"]


def test_graph_gets_it_in_mime_and_in_json():
    sent = email(PICTURE, attachment=True)
    body, kind = request_body(sent)
    assert kind == "text/plain"
    picture_of(message_from_bytes(b64decode(body), policy=SMTP))
    found = as_json(sent.message, "shared@x.example")
    image, pdf = found["attachments"]
    assert f'src="cid:{image["contentId"]}"' in found["body"]["content"]
    assert image["isInline"] is True
    assert image["contentBytes"] == PIXEL
    assert "contentId" not in pdf


def test_the_same_picture_is_one_part_with_one_name():
    first, second = (email(PICTURE + PICTURE) for _ in range(2))
    parts = [p for p in first.message.walk() if p["Content-ID"]]
    assert len(parts) == 1
    names = [picture_names(sent.message) for sent in (first, second)]
    assert names[0] == names[1] and len(set(names[0])) == 1


def picture_names(message):
    text = message.get_body(("html",)).get_content()
    return [each.split('"')[0] for each in text.split("cid:")[1:]]


def test_what_has_no_picture_stays_as_it_is():
    message = email('<img src="https://x.example/logo.png">').message
    assert not [p for p in message.walk() if p["Content-ID"]]
    assert message.get_content_type() == "multipart/alternative"


def test_a_plain_email_stays_plain():
    message = EmailMessage(policy=SMTP)
    message.set_content("data:image/png;base64,AAAA")
    sent = outgoing_email(message, "a@x.example", ["b@y.example"])
    assert sent.message.get_content_type() == "text/plain"


def test_without_images_nothing_of_them_is_left():
    assert without_images(f"<p>a{PICTURE}b</p>") == "<p>ab</p>"
