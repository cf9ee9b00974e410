"""Headers that tell the envelope's truth, and addresses that are valid.

Odoo hands over ``send_message(message, smtp_from, smtp_to_list)``, in which the headers
are not the envelope: it appends people of ``X-Msg-To-Add`` who get nothing (or an email
of their own) to ``To``, and deletes ``Bcc`` (``ir.mail_server._alter_message__``). An
API that has no envelope would write to the wrong people.
"""

import copy
import email
import re
from collections.abc import Iterable
from email.headerregistry import Address, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import make_msgid
from typing import cast

import idna

from .addresses import ascii_domain, cleaned, people, with_ascii_domain
from .base import OutgoingEmail
from .inline import embed_images
from .outcomes import Rejected
from .reasons import Reason

# Odoo's own, and those from which some servers take recipients.
DROPPED = (
    *("Bcc", "Return-Path", "X-Forge-To", "X-Msg-To-Add", "X-Msg-To-Consolidate"),
    *("Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-From", "Resent-Date"),
)
# RFC 5322's atext and dots, wherever they stand: Japanese providers have "a..b.@".
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]+|[^\x00-\x7f]")
MAX_LOCAL_PART, MAX_ADDRESS = 64, 254  # RFC 5321, 4.5.3.1 and its erratum 1690


def outgoing_email(
    message: Message, sender: str, recipients: Iterable[str], thread_id: str = ""
) -> OutgoingEmail:
    """Make an :class:`OutgoingEmail` of what Odoo gives to ``send_message``.

    :raises Rejected: if an address is not valid.
    """
    sender = envelope_address(sender)
    valid = tuple(dict.fromkeys(envelope_address(each) for each in recipients))
    if not valid:
        raise Rejected(Reason.ADDRESS_INVALID, detail="nobody to send to")
    rebuilt = address_to_envelope(message, valid)
    if not rebuilt["Message-ID"]:
        rebuilt["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    embed_images(rebuilt, sender.rpartition("@")[2])
    return OutgoingEmail(rebuilt, sender, valid, thread_id)


def address_to_envelope(message: Message, recipients: Iterable[str]) -> EmailMessage:
    """Return a copy of *message* that is addressed to exactly the *recipients*.

    ``To`` and ``Cc`` keep those of their addresses that are in the envelope, each once,
    with their display names. Whoever is in no header comes into ``Bcc``, which APIs
    need and SMTP never transmits. Odd headers never raise.
    """
    if not isinstance(message, EmailMessage):
        message = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    rebuilt = cast(EmailMessage, copy.copy(message))
    for name in (*DROPPED, "To", "Cc"):  # from here on the copy's headers are its own
        del rebuilt[name]
    _clean_headers(rebuilt)
    left = {with_ascii_domain(address): address for address in recipients}
    for name in ("To", "Cc"):
        found = [
            _address(display_name, left.pop(key))
            for display_name, address in people(message.get_all(name, []))
            if (key := with_ascii_domain(address)) in left
        ]
        if found:
            rebuilt[name] = found
    if left:
        rebuilt["Bcc"] = [_address("", address) for address in left.values()]
    return rebuilt


def envelope_address(address: str) -> str:
    """Return the bare, valid form of *address*: its domain in lower case and punycode.

    Letters other than ASCII before the ``@`` pass: whether they can be sent to depends
    on the server, see
    :func:`~.wire_format.needs_smtputf8`.

    :raises Rejected: with ``ADDRESS_INVALID``.
    """
    local, _at, domain = str(address).strip(" ").rpartition("@")
    try:
        domain = ascii_domain(domain)
    except idna.IDNAError:
        domain = ""
    valid = (
        domain
        and local
        and local.isprintable()
        and not LOCAL_PART.sub("", local)
        and len(local.encode()) <= MAX_LOCAL_PART
        and len(f"{local}@{domain}".encode()) <= MAX_ADDRESS
    )
    if not valid:
        raise Rejected(Reason.ADDRESS_INVALID, detail=address)
    return f"{local}@{domain}"


def written_to(message: EmailMessage, recipients: list[str]) -> list[str]:
    """Those of *recipients* who are in ``To``; all, if none of them is."""
    pairs = people(message.get_all("To", []))
    to = {with_ascii_domain(address) for _name, address in pairs}
    return [each for each in recipients if with_ascii_domain(each) in to] or recipients


def _clean_headers(message: EmailMessage) -> None:
    """Take line breaks and control characters, hidden in encoded words, out of text."""
    for name in dict.fromkeys(message.keys()):
        values = message.get_all(name, [])
        if all(not isinstance(value, UnstructuredHeader) for value in values):
            continue
        if any(cleaned(value) != str(value) for value in values):
            del message[name]
            for value in values:
                message[name] = cleaned(value)


def _address(display_name: str, address: str) -> Address:
    local, _at, domain = address.rpartition("@")
    return Address(display_name, local, domain)
