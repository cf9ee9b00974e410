"""Gmail's ``Message`` resource: MIME to JSON.

developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages
"""

import base64

from . import mime

LABELS = {"inbox": ["INBOX", "CATEGORY_PERSONAL"], "sent": ["SENT"]}


def encode(data):
    """Return *data* as base64url text (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).decode()


def labels(message):
    """Return the label ids of *message*."""
    return LABELS[message.folder] + (["UNREAD"] if message.unread else [])


def summary(message):
    """Return the id, thread and labels: what send answers."""
    return {
        "id": message.id,
        "threadId": message.thread_id,
        "labelIds": labels(message),
    }


def resource(message, form="full", headers=()):
    """Return *message* in one of Gmail's formats.

    :param headers: with ``metadata``, only these.
    """
    raw = message.raw
    text, html = mime.bodies(raw)
    shown = summary(message) | {
        "snippet": " ".join((text or html).split())[:200],
        "sizeEstimate": len(raw),
        "historyId": str(int(message.at)),
        "internalDate": str(int(message.at * 1000)),
    }
    if form == "raw":
        shown["raw"] = encode(raw)
    elif form == "full":
        shown["payload"] = _part(mime.parse(raw), "")
    elif form == "metadata":
        payload = _part(mime.parse(raw), "", with_body=False)
        wanted = {name.lower() for name in headers}
        payload["headers"] = [
            item
            for item in payload["headers"]
            if not wanted or item["name"].lower() in wanted
        ]
        shown["payload"] = payload
    return shown


def _part(part, part_id, with_body=True):
    shown = {
        "partId": part_id,
        "mimeType": part.get_content_type(),
        "filename": part.get_filename() or "",
        "headers": [
            {"name": name, "value": str(value)} for name, value in part.items()
        ],
    }
    if not with_body:
        return shown
    if part.is_multipart():
        prefix = f"{part_id}." if part_id else ""
        shown["body"] = {"size": 0}
        shown["parts"] = [
            _part(inner, f"{prefix}{index}")
            for index, inner in enumerate(part.iter_parts())
        ]
        return shown
    content = part.get_payload(decode=True) or b""
    shown["body"] = {"size": len(content)}
    if part.get_filename():
        shown["body"]["attachmentId"] = f"attachment-{part_id or 0}"
    else:
        shown["body"]["data"] = encode(content)
    return shown
