"""Headers that tell the envelope's truth, valid addresses, and bytes for the wire.

Odoo hands over ``send_message(message, smtp_from, smtp_to_list)``, in which the headers
are not the envelope: it appends people of ``X-Msg-To-Add`` who get nothing (or an email
of their own) to ``To``, and deletes ``Bcc`` (``ir.mail_server._alter_message__``). An
API that has no envelope would write to the wrong people.
"""

import copy
import email
import re
import unicodedata
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, AddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, EmailPolicy
from email.utils import getaddresses, make_msgid

import idna

from .base import OutgoingEmail
from .outcomes import Rejected
from .reasons import Reason

# Odoo's own, and those from which some servers take recipients.
DROPPED = (
    *("Bcc", "Return-Path", "X-Forge-To", "X-Msg-To-Add", "X-Msg-To-Consolidate"),
    *("Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-From", "Resent-Date"),
)
IDENTIFIERS = ("message-id", "in-reply-to", "references")
# As Odoo finds them (``ir_mail_server.address_pattern``), where a parser gives up.
LOOSE_ADDRESS = re.compile(r'([^" ,<@]+@[^>" ,]+)')
# RFC 5322's atext and dots, wherever they stand: Japanese providers have "a..b.@".
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]+|[^\x00-\x7f]")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
MAX_LOCAL_PART, MAX_ADDRESS = 64, 254  # RFC 5321, 4.5.3.1 and its erratum 1690
# A word as long as this cannot be folded within RFC 5322's 78 characters.
LONG_WORD = re.compile(r"\S{60}")


def outgoing_email(message, sender, recipients, thread_id=""):
    """Make an :class:`OutgoingEmail` of what Odoo gives to ``send_message``.

    :raises Rejected: if an address is not valid.
    """
    sender = envelope_address(sender)
    recipients = tuple(dict.fromkeys(envelope_address(each) for each in recipients))
    if not recipients:
        raise Rejected(Reason.ADDRESS_INVALID, detail="nobody to send to")
    rebuilt = address_to_envelope(message, recipients)
    if not rebuilt["Message-ID"]:
        rebuilt["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    return OutgoingEmail(rebuilt, sender, recipients, thread_id)


def address_to_envelope(message, recipients):
    """Return a copy of *message* that is addressed to exactly the *recipients*.

    ``To`` and ``Cc`` keep those of their addresses that are in the envelope, each once,
    with their display names. Whoever is in no header comes into ``Bcc``, which APIs
    need and SMTP never transmits. Odd headers never raise.
    """
    if not isinstance(message, EmailMessage):
        message = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    rebuilt = copy.copy(message)
    for name in (*DROPPED, "To", "Cc"):  # from here on the copy's headers are its own
        del rebuilt[name]
    _clean_headers(rebuilt)
    left = {with_ascii_domain(address): address for address in recipients}
    for name in ("To", "Cc"):
        found = [
            _address(display_name, left.pop(key))
            for display_name, address in _people(message.get_all(name, []))
            if (key := with_ascii_domain(address)) in left
        ]
        if found:
            rebuilt[name] = found
    if left:
        rebuilt["Bcc"] = [_address("", address) for address in left.values()]
    return rebuilt


def envelope_address(address):
    """Return the bare, valid form of *address*: its domain in lower case and punycode.

    Letters other than ASCII before the ``@`` pass: whether they can be sent to depends
    on the server, see :func:`needs_smtputf8`.

    :raises Rejected: with ``ADDRESS_INVALID``.
    """
    local, _at, domain = str(address).strip(" ").rpartition("@")
    try:
        ascii_domain = _ascii_domain(domain)
    except idna.IDNAError:
        ascii_domain = ""
    valid = (
        ascii_domain
        and local
        and local.isprintable()
        and not LOCAL_PART.sub("", local)
        and len(local.encode()) <= MAX_LOCAL_PART
        and len(f"{local}@{ascii_domain}".encode()) <= MAX_ADDRESS
    )
    if not valid:
        raise Rejected(Reason.ADDRESS_INVALID, detail=address)
    return f"{local}@{ascii_domain}"


def written_to(message, recipients):
    """Those of *recipients* who are in ``To``; all, if none of them is."""
    pairs = _people(message.get_all("To", []))
    to = {with_ascii_domain(address) for _name, address in pairs}
    return [each for each in recipients if with_ascii_domain(each) in to] or recipients


def needs_smtputf8(message, *addresses):
    """Whether an address before its ``@``, in envelope or headers, is not ASCII."""
    headers = [
        address
        for value in message.values()
        if isinstance(value, AddressHeader)
        for _name, address in _people([value])
    ]
    return not all(
        address.rpartition("@")[0].isascii() for address in [*addresses, *headers]
    )


def whole_bytes(message):
    """Return *message* with its ``Bcc``, for whoever takes it without an envelope: the
    APIs, and the Sent folder.

    :raises Rejected: see :func:`to_bytes`.
    """
    return to_bytes(message, bcc=True, utf8=needs_smtputf8(message))


def to_bytes(message, *, bcc=False, utf8=False):
    """Return *message* as bytes for the wire: CRLF, 7-bit bodies, folded headers.

    :param bcc: keep ``Bcc``: see :func:`whole_bytes`.
    :param utf8: write addresses as UTF-8, for servers that offer SMTPUTF8.
    :raises Rejected: if the message cannot be written, or would come out with other
        headers than it has.
    """
    message = copy.copy(message)
    del message["Resent-Bcc"]
    if not bcc:
        del message["Bcc"]
    try:
        raw = message.as_bytes(policy=WirePolicy(utf8=utf8))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        # What the standard library raises for odd content is not listed anywhere.
        detail = f"the message cannot be written: {type(error).__name__}"
        raise Rejected(Reason.MESSAGE_REFUSED, detail=detail) from error
    # A bare LF or CR ends a line for some servers only.
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    expected = sorted(name.lower() for name in message)
    written = BytesHeaderParser().parsebytes(head)
    if sorted(name.lower() for name in written) != expected:
        raise Rejected(Reason.MESSAGE_REFUSED, detail="a header contains another one")
    return raw


class WirePolicy(EmailPolicy):
    """Headers as mail programs expect them, where the standard library fails.

    Up to Python 3.13 it breaks long ``References`` into encoded words (bpo-35805), so
    that threads fall apart, encodes international domains as words, and writes line
    breaks hidden in encoded words as line breaks (CVE-2024-6923).
    """

    def __init__(self, **options):
        super().__init__(linesep="\r\n", cte_type="7bit", **options)

    def fold(self, name, value):
        return self._own_fold(name, value) or super().fold(name, value)

    def fold_binary(self, name, value):
        own = self._own_fold(name, value)
        return own.encode() if own else super().fold_binary(name, value)

    def _own_fold(self, name, value):
        if name.lower() in IDENTIFIERS:
            text = f"{self.linesep} ".join(_clean(value).split())
        elif isinstance(value, AddressHeader):
            text = self._fold_people(name, value)
        elif isinstance(value, UnstructuredHeader):
            text = _fold_text(name, value)
        else:
            return None
        return f"{name}: {text}".replace("\r\n", "\n").replace("\n", "\r\n") + "\r\n"

    def _fold_people(self, name, value):
        people = [
            self._fold_person(display_name, address)
            for display_name, address in _people([value])
        ]
        return f",{self.linesep} ".join(people)

    def _fold_person(self, display_name, address):
        local, at, domain = address.rpartition("@")
        if not self.utf8:
            try:
                domain = _ascii_domain(domain)
            except idna.IDNAError:
                domain = Header(domain, "utf-8").encode()
            if not local.isascii():
                local = Header(local, "utf-8").encode()
        if not display_name:
            return f"{local}{at}{domain}"
        return f"{_fold_phrase(display_name)} <{local}{at}{domain}>"


def _fold_text(name, value):
    text = _clean(value).strip()
    plain = text.isascii() and "=?" not in text and not LONG_WORD.search(text)
    return Header(text, None if plain else "utf-8", header_name=name).encode()


def _fold_phrase(text):
    if not text.isascii() or "=?" in text or LONG_WORD.search(text):
        return Header(text, "utf-8").encode()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _clean_headers(message):
    """Take line breaks and control characters, hidden in encoded words, out of text."""
    for name in dict.fromkeys(message.keys()):
        values = message.get_all(name)
        if all(not isinstance(value, UnstructuredHeader) for value in values):
            continue
        if any(_clean(value) != str(value) for value in values):
            del message[name]
            for value in values:
                message[name] = _clean(value)


def _clean(value):
    """*value* on one line: lone surrogates and control characters become spaces.

    Other spaces stay as they are: French sets a narrow one before a colon.
    """
    return "".join(c if c.isprintable() or _is_space(c) else " " for c in str(value))


def _is_space(character):
    """A space of the line, not a separator of lines or paragraphs."""
    return unicodedata.category(character) == "Zs"


def _people(values):
    """The ``(display name, address)`` pairs of header *values*, as they stand there."""
    pairs = []
    for value in values:
        text = _clean(value)
        found = _parse(text)
        known = {with_ascii_domain(address) for _name, address in found}
        pairs += found
        pairs += [
            ("", address)
            for address in LOOSE_ADDRESS.findall(text)
            if with_ascii_domain(address) not in known
            and not _is_part_of(address, found)
        ]
    return pairs


def _parse(text):
    """The pairs that a parser finds, the strict one or the lenient one."""
    try:
        found = SMTP.header_factory("To", text).addresses
        pairs = [(each.display_name, each.addr_spec) for each in found]
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        pairs = getaddresses([text])  # the parser's own bugs with odd input
    return [
        (name, address)
        for name, address in pairs
        if all(address.rpartition("@")) and not re.search(r'[\s"<>]', address)
    ]


def _is_part_of(address, pairs):
    """Whether a loosely found address only stands in somebody's name: "Bike@Home"."""
    return any(address in name for name, _address in pairs)


def _address(display_name, address):
    local, _at, domain = address.rpartition("@")
    return Address(display_name, local, domain)


def with_ascii_domain(address):
    """*address* with its domain in punycode and lower case, if it has a valid one.

    https://www.rfc-editor.org/rfc/rfc5891#section-4
    """
    local, at, domain = str(address).rpartition("@")
    try:
        return f"{local}{at}{_ascii_domain(domain)}"
    except idna.IDNAError:
        return f"{local}{at}{domain.lower()}"


def _ascii_domain(domain):
    """*domain* as DNS knows it.

    :raises idna.IDNAError: if it is none.
    """
    if not domain.isascii():
        domain = idna.encode(domain, uts46=True).decode()
    domain = domain.lower()
    if not all(LABEL.fullmatch(label) for label in domain.split(".")):
        raise idna.IDNAError("not a domain")
    return domain
