"""Graph's ``message`` resource: JSON to MIME for sending, MIME to JSON for reading.

learn.microsoft.com/graph/api/resources/message
"""

import base64
import binascii
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from . import mime

WRITABLE = {
    "subject",
    "body",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "from",
    "sender",
    "attachments",
    "internetMessageHeaders",
    "importance",
    "categories",
    "hasAttachments",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "internetMessageId",
    "conversationId",
    "flag",
    "inferenceClassification",
    "singleValueExtendedProperties",
}
FILE = "#microsoft.graph.fileAttachment"
MAX_HEADERS = 5


def read(call, refuse):
    """Read the body of a sendMail request.

    :param refuse: a callable that raises the error with this name.
    :return: (MIME bytes, address in ``from`` or empty, whether to save in Sent Items).
    """
    body = call.get_json(silent=True)
    if not isinstance(body, dict):
        refuse(call, "BadRequest", why="Unable to read JSON request payload.")
    names = {name.lower(): value for name, value in body.items()}
    data = names.get("message")
    unknown = set(names) - {"message", "savetosentitems"}
    if not isinstance(data, dict) or unknown:
        why = "The parameter 'Message' is required."
        if unknown:
            why = f"The parameter '{unknown.pop()}' is not a parameter of 'sendMail'."
        refuse(call, "RequestBodyRead", why=why)
    try:
        _check(call, data, refuse)
        message = _build(call, data)
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        refuse(call, "RequestBodyRead", why=f"Cannot read the message: {error}.")
    author = data.get("from", {}).get("emailAddress", {}).get("address", "").lower()
    return message.as_bytes(), author, names.get("savetosentitems", True) is not False


def _check(call, data, refuse):
    unknown = {name for name in data if not name.startswith("@")} - WRITABLE
    if unknown:
        why = (
            f"The property '{unknown.pop()}' does not exist on type"
            " 'microsoft.graph.message'. Make sure to only use property names that are"
            " defined by the type."
        )
        refuse(call, "RequestBodyRead", why=why)
    headers = data.get("internetMessageHeaders", [])
    if len(headers) > MAX_HEADERS:
        refuse(call, "InvalidInternetMessageHeaderCollection")
    for item in headers:
        if not item["name"].lower().startswith("x-"):
            refuse(call, "InvalidInternetMessageHeader", header=item["name"])


def _build(call, data):
    """Return the EmailMessage of *data*, without From and Message-ID."""
    message = EmailMessage()
    message["Date"] = format_datetime(call.store.clock.datetime())
    message["Subject"] = data.get("subject") or ""
    for name, header in (
        ("toRecipients", "To"),
        ("ccRecipients", "Cc"),
        ("bccRecipients", "Bcc"),
        ("replyTo", "Reply-To"),
    ):
        if data.get(name):
            message[header] = [_address(item) for item in data[name]]
    if data.get("importance", "normal").lower() == "high":
        message["Importance"] = "high"
    for item in data.get("internetMessageHeaders", []):
        message[item["name"]] = item["value"]
    body = data.get("body") or {"contentType": "text", "content": ""}
    kind = {"html": "html", "text": "plain"}[body["contentType"].lower()]
    message.set_content(body["content"], subtype=kind)
    for item in data.get("attachments", []):
        if item["@odata.type"] != FILE:
            raise ValueError(f"attachment type {item['@odata.type']}")
        main, _, sub = item.get("contentType", "application/octet-stream").partition(
            "/"
        )
        content = base64.b64decode(item["contentBytes"], validate=True)
        message.add_attachment(
            content, maintype=main, subtype=sub, filename=item["name"]
        )
    return message


def _address(item):
    """Return a Graph recipient as an Address (which refuses line breaks)."""
    person = item["emailAddress"]
    return Address(person.get("name") or "", addr_spec=person["address"])


# Reading


def resource(call, message, scopes, select=None):
    """Return *message* as Graph shows it to a token with *scopes*."""
    raw = message.raw
    sender = _people(raw, "from")
    at = call.store.clock.iso(message.visible)
    shown = {
        "id": "AAMk" + message.id,
        "createdDateTime": at,
        "lastModifiedDateTime": at,
        "receivedDateTime": at,
        "sentDateTime": at,
        "hasAttachments": bool(mime.attachments(raw)),
        "internetMessageId": mime.header(raw, "message-id"),
        "subject": mime.decoded(raw, "subject"),
        "importance": mime.header(raw, "importance").lower() or "normal",
        "parentFolderId": "sentitems" if message.folder == "sent" else "inbox",
        "conversationId": "AAQk" + message.thread_id,
        "isRead": not message.unread,
        "isDraft": False,
        "webLink": f"{call.standin.url}/mailboxes/message/{message.id}",
        "sender": _first(_people(raw, "sender") or sender),
        "from": _first(sender),
        "toRecipients": _people(raw, "to"),
        "ccRecipients": _people(raw, "cc"),
        "bccRecipients": _people(raw, "bcc"),
        "replyTo": _people(raw, "reply-to"),
    }
    if scopes & {"Mail.Read", "Mail.ReadWrite"}:
        shown |= _bodies(raw)
    if select and "internetMessageHeaders" in select:
        shown["internetMessageHeaders"] = _headers(raw)
    if select:
        shown = {name: shown[name] for name in ["id", *select] if name in shown}
    return shown


def _bodies(raw):
    text, html = mime.bodies(raw)
    kind = "html" if html else "text"
    return {
        "bodyPreview": " ".join((text or html).split())[:255],
        "body": {"contentType": kind, "content": html or text},
    }


def _first(people):
    return people[0] if people else None


def _people(raw, header):
    return [
        {"emailAddress": {"name": name or address, "address": address}}
        for name, address in mime.addresses(raw, header)
    ]


def _headers(raw):
    fields = []
    for _name, data in mime.split(raw)[0]:
        name, _, value = data.decode("utf-8", "replace").partition(":")
        fields.append({"name": name, "value": " ".join(value.split())})
    return fields


def folder(store, address, name):
    """Return a mailFolder."""
    kept = "sent" if name == "sentitems" else name
    found = store.messages(address, kept)
    return {
        "id": name,
        "displayName": {"inbox": "Inbox", "sentitems": "Sent Items"}[name],
        "parentFolderId": "msgfolderroot",
        "childFolderCount": 0,
        "totalItemCount": len(found),
        "unreadItemCount": sum(message.unread for message in found),
        "isHidden": False,
    }


_CONDITION = re.compile(
    r"(internetMessageId|conversationId|subject|isRead|receivedDateTime"
    r"|from/emailAddress/address)\s+(eq|ge|gt|le|lt)\s+('(?:[^']|'')*'|\S+)$"
)


def _condition(text):
    """Return a predicate for one comparison of $filter.

    :raises ValueError: if it is not one of the few that are known here.
    """
    match = _CONDITION.match(text.strip())
    if not match:
        raise ValueError(f"unsupported filter {text!r}")
    name, operator, value = match.groups()
    if value.startswith("'"):
        value = value[1:-1].replace("''", "'")

    def holds(shown):
        found = shown
        for step in name.split("/"):
            found = found[step] if found else ""
        found = str(found).lower() if isinstance(found, bool) else found
        return {
            "eq": found == value,
            "ge": found >= value,
            "gt": found > value,
            "le": found <= value,
            "lt": found < value,
        }[operator]

    return holds


def listing(call, found, scopes):
    """Return a page of *found* as the query's $filter, $select, $top and $skip ask.

    :raises ValueError: if the query cannot be understood.
    """
    top, skip = int(call.args.get("$top", 10)), int(call.args.get("$skip", 0))
    select = [name for name in call.args.get("$select", "").split(",") if name]
    chosen = _filtered(call, found, scopes)
    if call.args.get("$orderby", "").lower() == "receiveddatetime asc":
        chosen.reverse()
    body = {
        "@odata.context": f"{call.host_url}v1.0/$metadata#users('me')/messages",
        "value": [
            resource(call, message, scopes, select)
            for message in chosen[skip : skip + top]
        ],
    }
    if len(chosen) > skip + top:
        body["@odata.nextLink"] = _next_link(call, skip + top, top)
    return body


def _filtered(call, found, scopes):
    asked = call.args.get("$filter", "")
    conditions = [_condition(part) for part in asked.split(" and ")] if asked else []
    return [
        message
        for message in found
        if all(holds(resource(call, message, scopes)) for holds in conditions)
    ]


def _next_link(call, skip, top):
    rest = call.args.to_dict() | {"$skip": skip, "$top": top}
    query = "&".join(f"{name}={value}" for name, value in rest.items())
    return f"{call.base_url}?{query}"
