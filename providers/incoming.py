"""What came back: an answer to one of our emails, a bounce of it, or a machine's words.

Anything may stand in an email, so nothing here raises, whatever it is given. Nothing is
decided here either: which of our emails is meant, if any, is the caller's business.
"""

import email
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, HeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import NamedTuple

from .outcomes import one_line

#: Gmail replaces the Message-ID of what it sends: with this header of ours (see
#: :mod:`.google`) what it returns can be recognised all the same.
TRACE_HEADER = "X-Account-Email-Delivery"
#: What is asked for of every new email; the rest only of what may be ours.
HEADERS = (
    *("Message-ID", "In-Reply-To", "References", "From", "Subject", "Date"),
    *("Content-Type", "Return-Path", "Auto-Submitted", "Precedence"),
    *("X-Failed-Recipients", TRACE_HEADER),
)
#: Bytes of an email that are read at most.
LONGEST = 256 * 1024
LONGEST_TEXT = 100_000  # characters
MOST_IDS = 50

MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
NAKED_ID = re.compile(r"[^\s<>@]+@[^\s<>@]+")  # some old programs leave out the < >
DAEMONS = ("mailer-daemon", "postmaster")
# How programs say that no person wrote this, besides Auto-Submitted (RFC 3834):
# https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail
MACHINES = {
    "precedence": re.compile(r"auto_reply|bulk|junk|list", re.I),
    "x-auto-response-suppress": re.compile(r"\ball\b", re.I),
    "x-ms-exchange-inbox-rules-loop": re.compile(r"."),
    "x-autoreply": re.compile(r"^(?!no\b)", re.I),
    "x-auto-reply": re.compile(r"^(?!no\b)", re.I),
    "x-autorespond": re.compile(r"^(?!no\b)", re.I),
    "x-autoresponder": re.compile(r"^(?!no\b)", re.I),
    "x-vacation": re.compile(r"^(?!no\b)", re.I),
    "return-path": re.compile(r"^\s*<\s*>"),
}
# Exchange's own words before the subject, for servers that strip the headers above.
MACHINE_SUBJECTS = re.compile(
    r"(automatic reply|out of office|autoreply|auto-reply|automatische antwort"
    r"|abwesenheitsnotiz|réponse automatique|absence du bureau|respuesta automática"
    r"|risposta automatica|automatisch antwoord|resposta automática|autosvar"
    r"|automatiskt svar|automaattinen vastaus|odpowiedź automatyczna)\s*:",
    re.I,
)
# qmail has a format of its own: https://cr.yp.to/proto/qsbmf.txt
QMAIL = re.compile(r"^Hi\. This is the ", re.M)
QMAIL_FAILED = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:$", re.M)
# Control characters: a NUL cannot be stored, and the others cannot be seen.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
RETURNED_ID = re.compile(rf"^(?:Message-ID|{TRACE_HEADER}):\s*(<\S+>)", re.M | re.I)


class Head(NamedTuple):
    """The headers of an email in the mailbox.

    :param key: the provider's name for it.
    :param headers: an :class:`email.message.Message`, without a body.
    :param thread_id: the provider's id of its conversation, where there is one.
    """

    key: str
    headers: Message
    thread_id: str = ""


class Found(NamedTuple):
    """An email in the mailbox, its first :data:`LONGEST` bytes."""

    raw: bytes
    thread_id: str = ""


class Filed(NamedTuple):
    """Where an email that was sent lies in the mailbox.

    :param thread_id: the provider's id of its conversation.
    :param web_link: opens it in the provider's web mail.
    """

    thread_id: str
    web_link: str = ""


class Fetched(NamedTuple):
    """What a look into the mailbox brought.

    :param found: list of :class:`Found`, the oldest first: those that were chosen.
    :param cursor: from where to look the next time; JSON-serialisable.
    :param more: there is more to look at right now.
    :param skipped: how many emails are passed over, because they cannot be read.
    """

    found: list
    cursor: dict
    more: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Incoming:
    """An email that may belong to one of ours.

    :param message_id: its own, with angle brackets; made up if it has none.
    :param sender: its author's bare address in lower case; may be empty, or a lie.
    :param sender_name: as the author wishes to be called.
    :param text: its plain text; empty if it has none.
    :param html: its HTML, not sanitised; empty if it has none.
    :param refers_to: the Message-IDs that it answers or returns, the closest first.
    :param thread_id: the provider's id of its conversation, where there is one.
    :param attachments: the names of what is attached.
    """

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    html: str
    refers_to: tuple[str, ...]
    thread_id: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply(Incoming):
    """Somebody answers."""


@dataclass(frozen=True)
class Automatic(Incoming):
    """A machine answers: somebody is away, or the email is delayed, or was opened."""


@dataclass(frozen=True)
class Bounce(Incoming):
    """An email could not be delivered.

    :param recipients: the addresses that it did not reach, in lower case.
    :param status: why, an enhanced status code (RFC 3463) such as ``5.1.1``.
    :param diagnostic: the words of the server that refused it.
    """

    recipients: tuple[str, ...] = ()
    status: str = ""
    diagnostic: str = ""


def parse(raw, thread_id=""):
    """Say what an email is.

    :param raw: its bytes, perhaps cut off.
    :param thread_id: the provider's id of its conversation, where there is one.
    :return: a :class:`Reply`, :class:`Bounce` or :class:`Automatic`; None if it refers
        to no other email. Never raises.
    """
    message = _message(raw)
    report = _report(message) if may_be_report(message) else None
    refers_to = dict.fromkeys(report["returned"] if report else ())
    refers_to = tuple(refers_to | dict.fromkeys(references(message)))
    if not (refers_to or thread_id):
        return None
    text, html, attachments = _content(message)
    known = {
        "message_id": own_id(message) or _made_up_id(raw),
        "sender": sender(message)[1],
        "sender_name": sender(message)[0],
        "subject": decoded(message, "Subject"),
        "text": text,
        "html": html,
        "refers_to": refers_to,
        "thread_id": thread_id,
        "attachments": attachments,
    }
    if report and report["recipients"]:
        details = {name: report[name] for name in ("status", "diagnostic")}
        return Bounce(**known, recipients=report["recipients"], **details)
    if report or is_automatic(message):
        return Automatic(**known)
    return Reply(**known)


# -- headers ---------------------------------------------------------------------------


def read_headers(raw):
    """Return the headers in these bytes as an :class:`email.message.Message`."""
    return BytesHeaderParser(policy=compat32).parsebytes(raw)


def from_pairs(pairs):
    """Return these (name, value) pairs, as APIs give them, as a ``Message``."""
    headers = Message()
    for name, value in pairs:
        headers[str(name)] = one_line(value, LONGEST)
    return headers


def own_id(headers):
    """The email's own Message-ID, empty if it has none."""
    return next(iter(_ids(_raw(headers, "Message-ID"))), "")


def references(headers):
    """The Message-IDs that an email answers, the closest first."""
    answered = _ids(_raw(headers, "In-Reply-To"))
    earlier = _ids(_raw(headers, "References"))[::-1]
    ids = list(dict.fromkeys([*answered, *earlier]))
    # The first and the last ones say most; a root stands at the end.
    return ids if len(ids) <= MOST_IDS else ids[: MOST_IDS - 5] + ids[-5:]


def sender(headers):
    """The author's name and bare address, each perhaps empty."""
    pairs = getaddresses([_raw(headers, "From")])
    name, address = next(((n, a) for n, a in pairs if "@" in a), ("", ""))
    return _decode(name), one_line(address, 254).lower()


def decoded(headers, name):
    """A header as a person reads it, on one line."""
    return _decode(_raw(headers, name))


def may_be_report(headers):
    """Whether an email looks as if a mail server had written it.

    Which of our emails it is about may stand in its body only.
    """
    local_part = sender(headers)[1].partition("@")[0]
    return (
        _type(headers) == "multipart/report"
        or bool(_raw(headers, "X-Failed-Recipients"))
        or local_part in DAEMONS
    )


def is_automatic(headers):
    """Whether a machine wrote it: https://www.rfc-editor.org/rfc/rfc3834#section-5"""
    submitted = _raw(headers, "Auto-Submitted").strip().lower()
    if submitted and not re.match(r"no\b", submitted):
        return True
    if any(
        name in headers and rule.search(_raw(headers, name))
        for name, rule in MACHINES.items()
    ):
        return True
    return bool(MACHINE_SUBJECTS.match(decoded(headers, "Subject")))


def _raw(headers, name):
    """A header's value as str, empty if it is missing."""
    values = headers.get_all(name) or [""]
    return one_line(str(values[0]), LONGEST)


def _decode(value):
    """Encoded words (RFC 2047) as text; broken ones as they stand there."""
    with suppress(ValueError, LookupError, MessageError):
        value = str(make_header(decode_header(value)))
    return one_line(value)


def _ids(value):
    found = MESSAGE_ID.findall(value)
    return found or [f"<{naked}>" for naked in NAKED_ID.findall(value)]


def _type(part):
    return part.get_content_type().lower()


def _made_up_id(raw):
    """A name for an email without a Message-ID: the same for the same email."""
    return f"<{hashlib.sha256(raw[:LONGEST]).hexdigest()}@no-message-id.invalid>"


# -- bodies ----------------------------------------------------------------------------


def _message(raw):
    """The email, or only its headers if its parts cannot be told apart."""
    try:
        return email.message_from_bytes(raw[:LONGEST], policy=compat32)
    except Exception:  # noqa: BLE001  # hostile parts in parts in parts …
        return read_headers(raw[:LONGEST])


def _parts(message):
    """The parts that are no containers, those of an attached email left out."""
    if _type(message).startswith("message/") or not message.is_multipart():
        return [message]
    found = []
    waiting = list(message.get_payload())[::-1]
    while waiting:
        part = waiting.pop()
        if part.is_multipart() and not _type(part).startswith("message/"):
            waiting += list(part.get_payload())[::-1]
        else:
            found.append(part)
    return found


def _content(message):
    """Its plain text, its HTML, and the names of its attachments."""
    texts, attachments = {}, []
    for part in _parts(message):
        kind, name = _type(part), _file_name(part)
        if kind in ("text/plain", "text/html") and not name and kind not in texts:
            texts[kind] = _text(part)
        elif name:
            attachments.append(name)
    return texts.get("text/plain", ""), texts.get("text/html", ""), tuple(attachments)


def _file_name(part):
    """What an attachment is called; empty for what is none."""
    try:
        name = _decode(part.get_filename() or "")
        attached = (part.get_content_disposition() or "") == "attachment"
    except (ValueError, LookupError, TypeError):
        name, attached = "", False
    return name or ("?" if attached else "")


def _text(part):
    """The text of a part, whatever its charset says."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        data = None
    if not isinstance(data, bytes):
        return ""
    try:
        text = data.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError, TypeError):
        text = data.decode("utf-8", "replace")
    return UNSEEN.sub("", text)[:LONGEST_TEXT]


# -- reports ---------------------------------------------------------------------------


def _report(message):
    """What a mail server reports about an email of ours, as a dict; perhaps None.

    RFC 3464 (``multipart/report``), Exim's ``X-Failed-Recipients``, and qmail's own.
    """
    report = {"recipients": (), "status": "", "diagnostic": "", "returned": ()}
    parts = _parts(message)
    statuses = [part for part in parts if _type(part).endswith("delivery-status")]
    for part in statuses:
        report |= _failures(part)
    text = "\n".join(_text(part) for part in parts if _type(part) == "text/plain")
    if not statuses:
        report["recipients"] = _failed_recipients(message, text)
    report["returned"] = tuple(
        dict.fromkeys(id_ for part in parts for id_ in _returned(part))
    ) or tuple(RETURNED_ID.findall(text)[:MOST_IDS])
    is_report = _type(message) == "multipart/report" or report["recipients"]
    return report if is_report else None


def _failures(part):
    """The recipients that a ``message/delivery-status`` gives up on.

    One that is only delayed, or was relayed, has not failed.
    https://www.rfc-editor.org/rfc/rfc3464#section-2.3
    """
    blocks = part.get_payload()
    blocks = [block for block in blocks if isinstance(block, Message)]
    failed = [b for b in blocks if _raw(b, "Action").strip().lower() == "failed"]
    recipients = []
    for block in failed:
        for name in ("Original-Recipient", "Final-Recipient"):
            address = _raw(block, name).rpartition(";")[2].strip(" <>").lower()
            if "@" in address:
                recipients.append(address)
    first = failed[0] if failed else Message()
    words = _raw(first, "Diagnostic-Code")
    return {
        "recipients": tuple(dict.fromkeys(recipients)),
        "status": one_line(_raw(first, "Status"), 20),
        "diagnostic": one_line(words.partition(";")[2] or words),
    }


def _failed_recipients(message, text):
    """The recipients that failed by a report of an older kind."""
    pairs = getaddresses([_raw(message, "X-Failed-Recipients")])
    named = [address for _name, address in pairs if address]
    if not named and QMAIL.search(text):
        named = QMAIL_FAILED.findall(text)
    return tuple(dict.fromkeys(address.lower() for address in named if "@" in address))


def _returned(part):
    """The ids of the email that came back, if *part* holds it or its headers."""
    kind = _type(part)
    if kind.endswith("rfc822-headers") or kind == "message/global-headers":
        payload = part.get_payload()
        if isinstance(payload, list):
            original = payload[0] if payload else Message()
        else:
            original = HeaderParser(policy=compat32).parsestr(_text(part))
    elif kind in ("message/rfc822", "message/global") and part.is_multipart():
        original = part.get_payload(0)
    else:
        return ()
    own = [own_id(original), next(iter(_ids(_raw(original, TRACE_HEADER))), "")]
    return [id_ for id_ in [*own, *references(original)] if id_]
