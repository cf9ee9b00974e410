"""Gmail's API: send (JSON and upload), and reading with the scopes for it.

developers.google.com/workspace/gmail/api/reference/rest
"""

import base64
import binascii
import email
import json
import re
import secrets
from email import policy
from email.utils import formataddr

from . import delivery, gmail_message, mime
from .google_errors import gmail_fault, refuse
from .google_signin import GMAIL
from .web import Response, Routes, json_answer

FULL = "https://mail.google.com/"
SEND = {FULL, GMAIL + "modify", GMAIL + "compose", GMAIL + "send"}
READ = {FULL, GMAIL + "modify", GMAIL + "readonly", GMAIL + "metadata"}
PROFILE = READ | {GMAIL + "compose"}
LABELS = READ | {GMAIL + "labels"}
SETTINGS = {FULL, GMAIL + "modify", GMAIL + "readonly", GMAIL + "settings.basic"}
MAX_JSON = 5 * 1024 * 1024  # bytes of the request: raw of about 3.5 MB (EmailEngine)
MAX_UPLOAD = 35 * 1024 * 1024  # bytes: discovery document, users.messages.send
MAX_RECIPIENTS = 100  # support.google.com/a/answer/166852

routes = Routes(gmail_fault)


def _signed_in(call, user, allowed):
    """Return (account, scopes) of a request whose token has one of *allowed*.

    :raises Refused: without a valid token, scope or account.
    """
    token = call.token()
    valid = token and not token.dead and token.expires > call.store.clock.now()
    account = call.store.account(token.account) if valid else None
    if account is None or account.provider != "google" or not account.enabled:
        refuse(call, "authError")
    if not set(token.scopes) & allowed:
        refuse(call, "insufficientPermissions")
    if user not in ("me", account.address):
        refuse(call, "notFound")
    if not account.mailbox:
        refuse(call, "failedPrecondition")
    return account, set(token.scopes)


# Sending


@routes("/gmail/v1/users/<user>/messages/send", "gmail.send", methods=["POST"])
def send(call, user):
    """Send the message in the JSON body's ``raw``."""
    account, _scopes = _signed_in(call, user, SEND)
    if len(call.get_data()) > MAX_JSON:
        refuse(call, "413")
    body = call.get_json(silent=True)
    if not isinstance(body, dict):
        refuse(call, "invalidArgument", why="Invalid JSON payload received.")
    text = body.get("raw")
    if not isinstance(text, str) or not text:
        why = (
            "'raw' RFC822 payload message string or uploading message via /upload/*"
            " URL required"
        )
        refuse(call, "invalidArgument", why=why)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        why = "Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed"
        refuse(call, "invalidArgument", why=why)
    return _send(call, account, raw, body.get("threadId", ""))


@routes("/upload/gmail/v1/users/<user>/messages/send", "gmail.send", methods=["POST"])
def upload(call, user):
    """Send an uploaded message: ``media``, ``multipart`` or ``resumable``."""
    account, _scopes = _signed_in(call, user, SEND)
    if len(call.get_data()) > MAX_UPLOAD:
        refuse(call, "413")
    kind = call.args.get("uploadType", "media")
    if kind == "resumable":
        return _start_upload(call, user)
    if kind == "multipart":
        body, raw = _multipart(call)
        return _send(call, account, raw, body.get("threadId", ""))
    return _send(call, account, call.get_data(), "")


def _multipart(call):
    """Return (JSON, message) of a multipart/related body."""
    head = f"Content-Type: {call.content_type}\r\n\r\n".encode()
    whole = email.message_from_bytes(head + call.get_data(), policy=policy.HTTP)
    try:
        first, second = whole.get_payload()
        # the message is the part's bytes, not a parsed and rebuilt message
        boundary = whole.get_boundary().encode()
        part = call.get_data().split(b"--" + boundary)[2]
        raw = part.partition(b"\r\n\r\n")[2] or part.partition(b"\n\n")[2]
        encoding = second.get("Content-Transfer-Encoding", "")
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")  # the boundary's own
        raw = base64.b64decode(raw) if encoding == "base64" else raw
        return json.loads(first.get_payload() or "{}"), raw
    except (ValueError, IndexError, TypeError, AttributeError):
        return refuse(call, "invalidArgument", why="Bad multipart request.")


def _start_upload(call, user):
    """Answer with the URL that takes the bytes of a resumable upload."""
    upload_id = secrets.token_urlsafe(16)
    body = call.get_json(silent=True) or {}
    call.store.uploads[upload_id] = body.get("threadId", "")
    url = f"{call.base_url}?uploadType=resumable&upload_id={upload_id}"
    return Response(status=200, headers={"Location": url})


@routes("/upload/gmail/v1/users/<user>/messages/send", "gmail.send", methods=["PUT"])
def finish_upload(call, user):
    """Take the bytes of a resumable upload, in one piece."""
    account, _scopes = _signed_in(call, user, SEND)
    thread_id = call.store.uploads.pop(call.args.get("upload_id", ""), None)
    if thread_id is None:
        refuse(call, "notFound")
    if len(call.get_data()) > MAX_UPLOAD:
        refuse(call, "413")
    return _send(call, account, call.get_data(), thread_id)


def _send(call, account, original, thread_id):
    """Accept *original* and answer with its id, thread and labels."""
    to = mime.recipients(original)
    if not to:
        refuse(call, "invalidArgument", why="Recipient address required")
    if len(to) > MAX_RECIPIENTS:
        refuse(call, "invalidArgument", why="Too many recipients.")
    if thread_id and not re.fullmatch("[0-9a-f]{1,16}", thread_id):
        refuse(call, "invalidArgument", why="Invalid thread_id value")
    store = call.store
    first = store.by_id.get(thread_id)  # a conversation has its first message's id
    if thread_id and (first is None or first.mailbox != account.address):
        refuse(call, "notFound")
    sender, raw = _stamp(call, account, original)
    # a thread id alone is not enough, see delivery.thread_of
    thread = delivery.thread_of(store, account.address, raw, thread_id)
    try:
        entry = delivery.accept(
            store,
            account,
            call.token().client_id,
            raw,
            original=original,
            sender=sender,
            mailbox=account.address,
            thread_id=thread,
        )
    except delivery.LimitReached as limit:
        _refuse_limit(call, limit)
    return json_answer(gmail_message.summary(store.by_id[entry.id]))


def _refuse_limit(call, limit):
    if not limit.daily:
        refuse(call, "userRateLimitExceeded")
    at = call.store.clock.datetime(call.store.clock.now() + limit.wait)
    refuse(call, "mailSending", retry_time=at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


def _stamp(call, account, raw):
    """Return (sender, *raw* as Gmail sends it): a From it knows, its own Message-ID."""
    unique = secrets.token_urlsafe(30)
    values = {"Message-ID": f"<CA{unique}@mail.gmail.com>"}
    named = mime.addresses(raw, "from")
    sender = named[0][1] if named else ""
    if sender != account.address and not account.aliases.get(sender):
        values["From"] = formataddr((account.name, account.address))
        if sender:
            values["X-Google-Original-From"] = mime.header(raw, "from")
        sender = account.address
    if not mime.header(raw, "date"):
        now = call.store.clock.datetime()
        values["Date"] = now.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return sender, mime.with_headers(raw, values)


# Reading


@routes("/gmail/v1/users/<user>/profile", "gmail.profile")
def profile(call, user):
    """The address and how much there is."""
    account, _scopes = _signed_in(call, user, PROFILE)
    found = call.store.messages(account.address)
    body = {
        "emailAddress": account.address,
        "messagesTotal": len(found),
        "threadsTotal": len({message.thread_id for message in found}),
        "historyId": str(len(found)),
    }
    return json_answer(body)


@routes("/gmail/v1/users/<user>/labels", "gmail.labels")
def list_labels(call, user):
    """The labels that exist here."""
    _signed_in(call, user, LABELS)
    names = ("INBOX", "SENT", "UNREAD")
    rows = [{"id": name, "name": name, "type": "system"} for name in names]
    return json_answer({"labels": rows})


@routes("/gmail/v1/users/<user>/settings/sendAs", "gmail.sendAs")
def send_as(call, user):
    """The addresses that the account may send from."""
    account, _scopes = _signed_in(call, user, SETTINGS)
    rows = [
        {
            "sendAsEmail": account.address,
            "displayName": account.name,
            "isPrimary": True,
            "isDefault": True,
        }
    ]
    rows += [
        {
            "sendAsEmail": alias,
            "displayName": account.name,
            "isDefault": False,
            "treatAsAlias": True,
            "verificationStatus": "accepted" if verified else "pending",
        }
        for alias, verified in account.aliases.items()
    ]
    return json_answer({"sendAs": rows})


def _matches(message, term):
    """Return whether *message* matches one term of ``q``."""
    name, _, value = term.partition(":")
    value = value.strip('"').lower()
    raw = message.raw
    if name == "in":
        return value == "anywhere" or message.folder == value
    if name == "after" and value.isdigit():  # seconds since 1970
        return message.visible > int(value)
    if name == "rfc822msgid":
        return mime.header(raw, "message-id").strip("<>").lower() == value.strip("<>")
    if name == "subject":
        return value in mime.decoded(raw, "subject").lower()
    if name in ("from", "to"):
        return any(value in address for _name, address in mime.addresses(raw, name))
    return term.strip('"').lower() in raw.decode("utf-8", "replace").lower()


def _found(call, account, scopes):
    """Return the messages that the query asks for, newest first."""
    wanted = set(call.args.getlist("labelIds"))
    query = call.args.get("q", "")
    if query and not scopes & (READ - {GMAIL + "metadata"}):
        refuse(call, "insufficientPermissions")
    return [
        message
        for message in call.store.messages(account.address)
        if wanted <= set(gmail_message.labels(message))
        and all(_matches(message, term) for term in query.split())
    ]


def _paged(call, rows, name):
    size, start = int(call.args.get("maxResults", 100)), call.args.get("pageToken", "0")
    start = int(start) if start.isdigit() else 0
    body = {"resultSizeEstimate": len(rows)}
    if rows:
        body[name] = rows[start : start + size]
    if len(rows) > start + size:
        body["nextPageToken"] = str(start + size)
    return json_answer(body)


@routes("/gmail/v1/users/<user>/messages", "gmail.messages")
def list_messages(call, user):
    """List ids, newest first."""
    account, scopes = _signed_in(call, user, READ)
    rows = [
        {"id": message.id, "threadId": message.thread_id}
        for message in _found(call, account, scopes)
    ]
    return _paged(call, rows, "messages")


@routes("/gmail/v1/users/<user>/messages/<message_id>", "gmail.messages")
def get_message(call, user, message_id):
    """Show one message."""
    account, scopes = _signed_in(call, user, READ)
    message = call.store.by_id.get(message_id)
    if message is None or message.mailbox != account.address:
        refuse(call, "notFound")
    return json_answer(_resource(call, message, scopes))


def _resource(call, message, scopes):
    form = call.args.get("format", "full").lower()
    if form in ("full", "raw") and not scopes & (READ - {GMAIL + "metadata"}):
        refuse(call, "insufficientPermissions")
    headers = call.args.getlist("metadataHeaders")
    return gmail_message.resource(message, form, headers)


def _thread(call, account, thread_id):
    """Return the messages of a conversation, oldest first; None if there are none."""
    found = [
        message
        for message in reversed(call.store.messages(account.address))
        if message.thread_id == thread_id
    ]
    return found or None


@routes("/gmail/v1/users/<user>/threads", "gmail.threads")
def list_threads(call, user):
    """List the conversations, newest first."""
    account, scopes = _signed_in(call, user, READ)
    threads = {}
    for message in _found(call, account, scopes):
        row = gmail_message.resource(message, "minimal")
        threads.setdefault(
            message.thread_id,
            {
                "id": message.thread_id,
                "snippet": row["snippet"],
                "historyId": row["historyId"],
            },
        )
    return _paged(call, list(threads.values()), "threads")


@routes("/gmail/v1/users/<user>/threads/<thread_id>", "gmail.threads")
def get_thread(call, user, thread_id):
    """Show one conversation."""
    account, scopes = _signed_in(call, user, READ)
    found = _thread(call, account, thread_id)
    if found is None:
        refuse(call, "notFound")
    body = {
        "id": thread_id,
        "historyId": str(len(found)),
        "messages": [_resource(call, message, scopes) for message in found],
    }
    return json_answer(body)
