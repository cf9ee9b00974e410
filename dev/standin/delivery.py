"""What happens to an accepted message: Sent, Inbox, answers, bounces."""

import secrets
from collections import deque
from email.message import EmailMessage
from email.utils import format_datetime

from . import mime
from .model import Accepted, Message

MINUTE = 60
DAY = 86400


class LimitReached(Exception):
    """The mailbox sends too much. *wait* is in seconds."""

    def __init__(self, wait, daily=False):
        self.wait, self.daily = wait, daily
        super().__init__(wait)


def release_time(store, account):
    """Return when the next message of *account* leaves (seconds since the epoch).

    :raises LimitReached: if it must wait and the mailbox does not queue.
    """
    now = store.clock.now()
    sent_today = account.per_day and store.submitted_since(account.address, now - DAY)
    if account.per_day and sent_today >= account.per_day:
        raise LimitReached(DAY, daily=True)
    if not account.per_minute:
        return now
    released = store.releases.setdefault(account.address, deque())
    while len(released) > account.per_minute:
        released.popleft()
    if len(released) < account.per_minute:
        return now
    free = released[0] + MINUTE
    if free > now and account.over_limit != "queue":
        raise LimitReached(int(free - now) + 1)
    return max(now, free)


def thread_of(store, mailbox, raw, wanted=""):
    """Return the conversation that *raw* belongs to in *mailbox*, or an empty string.

    Both a reference to the conversation and the same subject are needed:
    developers.google.com/workspace/gmail/api/guides/threads
    """
    known = store.threads.get(mailbox, {})
    for reference in mime.references(raw):
        thread = known.get(reference, wanted)
        if thread and wanted in ("", thread):
            first = store.by_id.get(thread)
            if first and mime.topic(first.raw) == mime.topic(raw):
                return thread
    return ""


def put(store, mailbox, folder, raw, visible=None, thread_id="", unread=False):
    """File *raw*; return the :class:`.model.Message`."""
    new_id = store.new_id()
    now = store.clock.now()
    thread_id = thread_id or thread_of(store, mailbox, raw) or new_id
    visible = now if visible is None else visible
    message = Message(new_id, mailbox, folder, thread_id, now, visible, raw, unread)
    store.file(message)
    return message


def accept(store, account, client_id, raw, *, original, sender, mailbox, thread_id=""):
    """Accept a message: log it, file it in Sent and deliver it.

    :param account: who submits it.
    :param raw: the message as the provider sends it; *original* as it was submitted.
    :param sender: the address it is from.
    :param mailbox: whose Sent folder gets it; empty: nobody's.
    :return: the :class:`.model.Accepted`.
    :raises LimitReached: before anything is done.
    """
    visible = release_time(store, account)
    to = mime.recipients(raw)
    new_id, filed = store.new_id(), []
    if mailbox:
        sent = put(store, mailbox, "sent", raw, visible, thread_id)
        new_id, thread_id = sent.id, sent.thread_id
        filed.append(sent)
    delivered = mime.with_headers(raw, {"Bcc": None})
    for address in to:
        filed.append(put(store, address, "inbox", delivered, visible, unread=True))
    entry = Accepted(
        n=len(store.log) + 1,
        at=store.clock.now(),
        provider=account.provider,
        account=account.address,
        client_id=client_id,
        sender=sender,
        recipients=to,
        message_id=mime.header(original, "message-id"),
        filed_message_id=mime.header(raw, "message-id"),
        subject=mime.decoded(raw, "subject"),
        id=new_id,
        thread_id=thread_id or new_id,
        size=len(original),
    )
    store.log.append(entry)
    if account.per_minute:
        store.releases[account.address].append(visible)
    _write(store, filed, entry)
    return entry


def _write(store, filed, entry=None):
    if store.snapshot:
        store.snapshot.append(filed, entry)


def _new_message(store, sender, recipient, subject):
    message = EmailMessage()
    message["Message-ID"] = f"<{secrets.token_hex(12)}@standin.example>"
    message["Date"] = format_datetime(store.clock.datetime())
    message["From"], message["To"] = sender, recipient
    message["Subject"] = subject
    return message


def notify(store, address, subject, text):
    """Put a message of the provider itself into the Inbox of *address*."""
    sender = "Stand-in <no-reply@standin.example>"
    message = _new_message(store, sender, address, subject)
    message.set_content(text)
    filed = put(store, address, "inbox", message.as_bytes(), unread=True)
    _write(store, [filed])
    return filed


def find_sent(store, address, message_id=None):
    """Return a message that *address* sent: by its id, or the newest.

    :raises LookupError: if there is none.
    """
    for message in store.messages(address, "sent"):
        if message_id in (None, "", message.id):
            return message
    raise LookupError(f"{address} has not sent such a message")


def _answer_headers(message, sent):
    own = mime.header(sent.raw, "message-id")
    message["In-Reply-To"] = own
    message["References"] = " ".join([*mime.references(sent.raw), own])


def reply(store, address, message_id=None, text="Thank you.", sender=None):
    """Let a recipient answer what *address* sent; return the Message in its Inbox.

    :param message_id: the stand-in's id of the sent message, None: the newest.
    :param sender: who answers, None: the first recipient.
    """
    sent = find_sent(store, address, message_id)
    sender = sender or mime.recipients(sent.raw)[0]
    back = mime.addresses(sent.raw, "reply-to") or mime.addresses(sent.raw, "from")
    subject = mime.decoded(sent.raw, "subject")
    message = _new_message(store, sender, back[0][1], f"Re: {subject}")
    _answer_headers(message, sent)
    message.set_content(text)
    filed = put(store, address, "inbox", message.as_bytes(), unread=True)
    _write(store, [filed, put(store, sender, "sent", message.as_bytes())])
    return filed


def bounce(store, address, message_id=None, status="5.1.1", recipient=None):
    """Put a delivery status notification (RFC 3464) into the Inbox; return it.

    :param status: an enhanced status code (RFC 3463).
    :param recipient: who could not be reached, None: the first recipient.
    """
    sent = find_sent(store, address, message_id)
    recipient = recipient or mime.recipients(sent.raw)[0]
    host = "gmail.com" if _is_google(store, address) else "outlook.com"
    daemon = f"Mail Delivery Subsystem <mailer-daemon@{host}>"
    subject = "Undeliverable: " + mime.decoded(sent.raw, "subject")
    message = _new_message(store, daemon, address, subject)
    _answer_headers(message, sent)
    message["Auto-Submitted"] = "auto-replied"
    message["X-Failed-Recipients"] = recipient
    message.set_content(f"Your message could not be delivered to {recipient}.\n")
    message.make_mixed()
    message.replace_header(
        "Content-Type", 'multipart/report; report-type="delivery-status"'
    )
    message.attach(_status_part(host, recipient, status))
    head = b"".join(field for _name, field in mime.split(sent.raw)[0])
    message.add_attachment(
        head.decode("utf-8", "replace"), subtype="rfc822-headers", disposition="inline"
    )
    filed = put(store, address, "inbox", message.as_bytes(), unread=True)
    _write(store, [filed])
    return filed


def _status_part(host, recipient, status):
    action = "delayed" if status.startswith("4") else "failed"
    text = (
        "Content-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; {host}\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; 550 {status} not delivered\n"
    )
    return mime.parse(text.encode())


def _is_google(store, address):
    account = store.account(address)
    return bool(account and account.provider == "google")
