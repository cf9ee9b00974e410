"""Microsoft Graph, as far as mail goes: /me, sendMail and reading with Mail.Read.

learn.microsoft.com/graph/api/user-sendmail and /graph/api/resources/message
"""

import base64
import binascii
import secrets
from email.utils import formataddr

from . import delivery, graph_message, mime
from .fault_table import GRAPH
from .microsoft_errors import fill
from .web import Refused, Response, Routes, json_answer, literal_answer, retry_headers

MAX_REQUEST = 4 * 1024 * 1024  # bytes: Microsoft Q&A 1824204
READ = {"Mail.Read", "Mail.ReadWrite", "Mail.ReadBasic"}
READ_SHARED = {"Mail.Read.Shared", "Mail.ReadWrite.Shared"}
SEND_SCOPES = {"Mail.Send", "Mail.Send.Shared"}


def ids(call):
    """Return the headers by which Microsoft's support finds a request."""
    return {
        "request-id": call.request_id,
        "client-request-id": call.client_request_id,
    }


def graph_error(call, name, headers=None, **names):
    """Return Graph's error body (learn.microsoft.com/graph/errors)."""
    row = GRAPH[name]
    body = {
        "code": row.code,
        "message": fill(row.text, names),
        "innerError": {
            "date": call.store.clock.iso().rstrip("Z"),
            "request-id": call.request_id,
            "client-request-id": call.client_request_id,
        },
    }
    headers = ids(call) | (headers or {})
    if row.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="", error="invalid_token"'
    return json_answer({"error": body}, row.status, headers)


def refuse(call, name, headers=None, **names):
    """Refuse a Graph request.

    :raises Refused: always.
    """
    raise Refused(graph_error(call, name, headers, **names))


def graph_fault(call, fault, args):
    """Answer a Graph endpoint as *fault* says."""
    if fault.status:
        return literal_answer(call, fault)
    recipient = "someone@nowhere.invalid"
    headers = retry_headers(call, fault)
    return graph_error(call, fault.fault, headers, recipient=recipient)


routes = Routes(graph_fault)


def _signed_in(call, allowed, denied="ErrorAccessDenied"):
    """Return (account, scopes) of a request whose token has one of *allowed*.

    :raises Refused: without a valid token, scope or account.
    """
    token = call.token()
    valid = token and not token.dead and token.expires > call.store.clock.now()
    account = call.store.account(token.account) if valid else None
    if account is None or account.provider != "microsoft" or not account.enabled:
        refuse(call, "InvalidAuthenticationToken")
    if not set(token.scopes) & set(allowed):
        refuse(call, denied)
    return account, set(token.scopes)


def _need_mailbox(call, account):
    if not account.mailbox:
        refuse(call, "MailboxNotEnabledForRESTAPI")


@routes("/v1.0/me", "graph.me")
def me(call):
    """Who is signed in."""
    account, _scopes = _signed_in(
        call, {"User.Read", "User.ReadWrite"}, "Authorization_RequestDenied"
    )
    given, _, surname = account.name.partition(" ")
    body = {
        "@odata.context": f"{call.host_url}v1.0/$metadata#users/$entity",
        "businessPhones": [],
        "displayName": account.name,
        "givenName": given,
        "jobTitle": None,
        "mail": account.address if account.mailbox or account.home else None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": surname,
        "userPrincipalName": _principal_name(call, account),
        "id": account.id,
    }
    return json_answer(body, headers=ids(call))


def _principal_name(call, account):
    """The sign-in name; a guest's is made of the address at home.

    learn.microsoft.com/entra/external-id/user-properties
    """
    if not account.home:
        return account.address
    domain = call.store.tenant_of(account).domain
    return f"{account.address.replace('@', '_')}#EXT#@{domain}"


@routes("/v1.0/me/sendMail", "graph.sendMail", methods=["POST"])
def send_as_me(call):
    """Send from the own mailbox; ``from`` in JSON may name a shared one."""
    account, scopes = _signed_in(call, {"Mail.Send"})
    return _send(call, account, scopes, account)


@routes("/v1.0/users/<user>/sendMail", "graph.sendMail", methods=["POST"])
def send_as_user(call, user):
    """Send from the mailbox of *user* (address or id): one's own or a shared one."""
    account, scopes = _signed_in(call, SEND_SCOPES)
    owner = _user(call, user)
    if owner is not account:
        # learn.microsoft.com/graph/outlook-send-mail-from-other-user
        rights = account.rights.get(owner.address, ())
        if "Mail.Send.Shared" not in scopes or "full_access" not in rights:
            refuse(call, "ErrorAccessDenied")
        _may_send_as(call, account, owner.address)
    elif "Mail.Send" not in scopes:
        refuse(call, "ErrorAccessDenied")
    return _send(call, account, scopes, owner)


def _user(call, user):
    for account in call.store.accounts.values():
        if account.provider == "microsoft" and user.lower() in (
            account.address,
            account.id,
        ):
            return account
    return refuse(call, "ErrorInvalidUser", user=user)


def _may_send_as(call, account, address):
    rights = set(account.rights.get(address, ()))
    if not rights & {"send_as", "send_on_behalf"}:
        refuse(call, "ErrorSendAsDenied")


def _send(call, account, scopes, owner):
    """Accept the message in the body, from *owner*'s mailbox."""
    _need_mailbox(call, owner)
    if len(call.get_data()) > MAX_REQUEST:
        refuse(call, "RequestEntityTooLarge")
    save = True
    if call.mimetype == "text/plain":
        original = _mime_body(call)
        raw, sender = original, owner  # Graph ignores From in MIME
    elif call.mimetype == "application/json":
        original, author, save = graph_message.read(call, refuse)
        raw, sender = original, owner
        if author and author != owner.address:
            sender = _other_author(call, account, scopes, author)
    else:
        refuse(call, "BadRequest", why=f"Unsupported content type {call.mimetype}.")
    if not mime.recipients(raw):
        refuse(call, "ErrorInvalidRecipients")
    raw = _stamp(call, raw, account, sender)
    mailbox = owner.address if save else ""
    try:
        delivery.accept(
            call.store,
            account,
            call.token().client_id,
            raw,
            original=original,
            sender=sender.address,
            mailbox=mailbox,
        )
    except delivery.LimitReached as limit:
        name = "ErrorExceededMessageLimit" if limit.daily else "429"
        refuse(call, name, {"Retry-After": str(limit.wait)})
    return Response(status=202, headers=ids(call))


def _other_author(call, account, scopes, author):
    if "Mail.Send.Shared" not in scopes:
        refuse(call, "ErrorAccessDenied")
    _may_send_as(call, account, author)
    return _user(call, author)


def _mime_body(call):
    text = b"".join(call.get_data().split())
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not mime.split(raw)[0]:
        refuse(call, "ErrorMimeContentInvalidBase64String")
    return raw


def _stamp(call, raw, account, sender):
    """Return *raw* as Exchange sends it: its own From, and a Message-ID if missing."""
    clock = call.store.clock
    values = {"From": formataddr((sender.name, sender.address)), "Sender": None}
    if sender is not account and "send_as" not in account.rights[sender.address]:
        values["Sender"] = formataddr((account.name, account.address))
    if not mime.header(raw, "message-id"):
        unique = secrets.token_hex(16).upper()
        values["Message-ID"] = f"<{unique}@STANDIN.PROD.OUTLOOK.COM>"
    if not mime.header(raw, "date"):
        values["Date"] = clock.datetime().strftime("%a, %d %b %Y %H:%M:%S +0000")
    return mime.with_headers(raw, values)


# Reading, for replies and bounces: needs Mail.Read

FOLDERS = {"inbox": "inbox", "sentitems": "sent"}


@routes("/v1.0/me/mailFolders", "graph.mailFolders")
def mail_folders(call):
    """List the folders."""
    account, _scopes = _signed_in(call, READ)
    _need_mailbox(call, account)
    value = [
        graph_message.folder(call.store, account.address, name) for name in FOLDERS
    ]
    return json_answer({"value": value}, headers=ids(call))


@routes("/v1.0/me/mailFolders/<folder>", "graph.mailFolders")
def mail_folder(call, folder):
    """Show one folder."""
    account, _scopes = _signed_in(call, READ)
    if folder.lower() not in FOLDERS:
        refuse(call, "ErrorItemNotFound")
    body = graph_message.folder(call.store, account.address, folder.lower())
    return json_answer(body, headers=ids(call))


@routes("/v1.0/me/messages", "graph.messages")
def messages(call):
    """List all messages, newest first."""
    account, scopes = _signed_in(call, READ)
    _need_mailbox(call, account)
    return _list(call, call.store.messages(account.address), scopes)


@routes("/v1.0/me/mailFolders/<folder>/messages", "graph.messages")
def folder_messages(call, folder):
    """List the messages of a folder, newest first."""
    account, scopes = _signed_in(call, READ)
    _need_mailbox(call, account)
    if folder.lower() not in FOLDERS:
        refuse(call, "ErrorItemNotFound")
    found = call.store.messages(account.address, FOLDERS[folder.lower()])
    return _list(call, found, scopes)


def _shared(call, user):
    """Return (owner, scopes) of a mailbox that the account may open.

    :raises Refused: without Full Access and the permission for it.
    """
    account, scopes = _signed_in(call, READ | READ_SHARED)
    owner = _user(call, user)
    rights = account.rights.get(owner.address, ())
    if owner is not account and not (scopes & READ_SHARED and "full_access" in rights):
        refuse(call, "ErrorAccessDenied")
    return owner, scopes | {"Mail.Read"}


@routes("/v1.0/users/<user>/mailFolders/<folder>/messages", "graph.messages")
def shared_folder_messages(call, user, folder):
    """List the messages of a folder of a shared mailbox."""
    owner, scopes = _shared(call, user)
    if folder.lower() not in FOLDERS:
        refuse(call, "ErrorItemNotFound")
    found = call.store.messages(owner.address, FOLDERS[folder.lower()])
    return _list(call, found, scopes)


@routes("/v1.0/users/<user>/messages/<message_id>/$value", "graph.messages")
def shared_message_mime(call, user, message_id):
    """Return the MIME of a message in a shared mailbox."""
    owner, _scopes = _shared(call, user)
    message = call.store.by_id.get(message_id.removeprefix("AAMk"))
    if message is None or message.mailbox != owner.address:
        refuse(call, "ErrorItemNotFound")
    return Response(message.raw, content_type="text/plain", headers=ids(call))


def _list(call, found, scopes):
    try:
        body = graph_message.listing(call, found, scopes)
    except ValueError as why:
        refuse(call, "BadRequest", why=f"Invalid query: {why}")
    return json_answer(body, headers=ids(call))


def _message(call, message_id):
    account, scopes = _signed_in(call, READ)
    message = call.store.by_id.get(message_id.removeprefix("AAMk"))
    if message is None or message.mailbox != account.address:
        refuse(call, "ErrorItemNotFound")
    return message, scopes


@routes("/v1.0/me/messages/<message_id>", "graph.messages")
def message(call, message_id):
    """Show one message."""
    found, scopes = _message(call, message_id)
    body = graph_message.resource(call, found, scopes)
    return json_answer(body, headers=ids(call))


@routes("/v1.0/me/messages/<message_id>/$value", "graph.messages")
def message_mime(call, message_id):
    """Return one message's MIME."""
    found, scopes = _message(call, message_id)
    if scopes & READ == {"Mail.ReadBasic"}:
        refuse(call, "ErrorAccessDenied")
    return Response(found.raw, content_type="text/plain", headers=ids(call))
