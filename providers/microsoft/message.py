"""An email as Graph's sendMail wants it: MIME where that goes, JSON where it must.

MIME keeps every header (In-Reply-To, References, Auto-Submitted), but encodes the
attachments twice, and Graph ignores its From. JSON is smaller, knows another sender,
and takes five ``x-`` headers only.
https://learn.microsoft.com/graph/api/user-sendmail
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from typing import Any

from ..base import OutgoingEmail
from ..oauth.answer import Json
from ..wire_format import whole_bytes

# "~4 MB" for a whole request: https://learn.microsoft.com/answers/questions/1824204
REQUEST_LIMIT = 4_000_000
# https://learn.microsoft.com/graph/api/resources/internetmessageheader
MAX_HEADERS = 5
# In place of Auto-Submitted, which Graph takes in MIME only (and Exchange may drop even
# there: https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/2209): no automatic
# answers, but out-of-office notices and bounces, which tell us something.
# https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail/ced68690-498a-4567-9d14-5c01f974d8b1
NO_AUTOMATIC_ANSWERS = ("X-Auto-Response-Suppress", "AutoReply")
# MAPI's names of the headers that internetMessageHeaders refuses
# https://learn.microsoft.com/graph/api/resources/extended-properties-overview
EXTENDED_PROPERTIES = {
    "Message-ID": "String 0x1035",
    "References": "String 0x1039",
    "In-Reply-To": "String 0x1042",
}


def request_body(email: OutgoingEmail, shared_address: str = "") -> tuple[bytes, str]:
    """Return the body of the request and its content type.

    :param shared_address: the shared mailbox to send as.
    """
    if not shared_address:
        mime = b64encode(whole_bytes(email.message))
        if len(mime) <= REQUEST_LIMIT:
            return mime, "text/plain"
    message = as_json(email.message, shared_address)
    body = {"message": message, "saveToSentItems": True}
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def as_json(message: EmailMessage, shared_address: str = "") -> Json:
    """Return a Graph message resource of an :class:`email.message.EmailMessage`."""
    found: Json = {
        "subject": message["Subject"] or "",
        "body": _body(message),
        "attachments": [_attachment(part) for part in _attachments(message)],
        "internetMessageHeaders": _headers(message),
        "singleValueExtendedProperties": _extended_properties(message),
        "toRecipients": _people(message, "To"),
        "ccRecipients": _people(message, "Cc"),
        "bccRecipients": _people(message, "Bcc"),
        "replyTo": _people(message, "Reply-To"),
    }
    if shared_address:
        found["from"] = _shared_sender(message, shared_address)
    return {key: value for key, value in found.items() if value or key == "subject"}


def _body(message: EmailMessage) -> Json:
    part = message.get_body(("html", "plain"))
    if part is None:
        return {"contentType": "text", "content": ""}
    is_html = part.get_content_subtype() == "html"
    return {
        "contentType": "html" if is_html else "text",
        "content": part.get_content(),
    }


def _extended_properties(message: EmailMessage) -> list[Json]:
    return [
        {"id": name, "value": str(message[header])}
        for header, name in EXTENDED_PROPERTIES.items()
        if message[header]
    ]


def _shared_sender(message: EmailMessage, address: str) -> Json:
    """The shared mailbox, called as the email calls its sender."""
    names = [person["emailAddress"]["name"] for person in _people(message, "From")]
    return {"emailAddress": {"address": address, "name": names[0] if names else ""}}


def _people(message: EmailMessage, header: str) -> list[Json]:
    return [
        {"emailAddress": {"address": person.addr_spec, "name": person.display_name}}
        for value in message.get_all(header, ())
        for person in value.addresses
    ]


def _headers(message: EmailMessage) -> list[Json]:
    custom = [(k, v) for k, v in message.items() if k.lower().startswith("x-")]
    if message.get("Auto-Submitted", "no") != "no":
        custom.insert(0, NO_AUTOMATIC_ANSWERS)
    return [{"name": k, "value": str(v)} for k, v in custom[:MAX_HEADERS]]


def _attachments(part: MIMEPart) -> Iterator[MIMEPart]:
    """Yield what is neither a container nor the email's own text."""
    if part.get_content_maintype() == "multipart":
        for inner in part.iter_parts():
            yield from _attachments(inner)
    elif part.get_content_maintype() != "text" or part.get_filename():
        yield part


def _attachment(part: MIMEPart) -> Json:
    whole = part.get_content_maintype() == "message"
    content: Any = part.get_payload(decode=True)
    if whole:
        content = part.get_content().as_bytes()
    found: Json = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": part.get_filename() or "attachment",
        "contentType": part.get_content_type(),
        "contentBytes": b64encode(content).decode(),
    }
    if part["Content-ID"]:
        found |= {
            "contentId": str(part["Content-ID"]).strip("<> "),
            "isInline": part.get_content_disposition() == "inline",
        }
    return found
