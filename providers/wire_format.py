"""An email as bytes for the wire, where the standard library would write it wrong."""

import copy
import re
from email.errors import MessageError
from email.header import Header
from email.headerregistry import AddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from typing import Any

import idna

from .addresses import ascii_domain, cleaned, people
from .outcomes import Rejected
from .reasons import Reason

IDENTIFIERS = ("message-id", "in-reply-to", "references")
# A word as long as this cannot be folded within RFC 5322's 78 characters.
LONG_WORD = re.compile(r"\S{60}")


def needs_smtputf8(message: EmailMessage, *addresses: str) -> bool:
    """Whether an address before its ``@``, in envelope or headers, is not ASCII."""
    headers = [
        address
        for value in message.values()
        if isinstance(value, AddressHeader)
        for _name, address in people([value])
    ]
    return not all(
        address.rpartition("@")[0].isascii() for address in [*addresses, *headers]
    )


def whole_bytes(message: EmailMessage) -> bytes:
    """Return *message* with its ``Bcc``, for whoever takes it without an envelope: the
    APIs, and the Sent folder.

    :raises Rejected: see :func:`to_bytes`.
    """
    return to_bytes(message, bcc=True, utf8=needs_smtputf8(message))


def to_bytes(message: EmailMessage, *, bcc: bool = False, utf8: bool = False) -> bytes:
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

    def __init__(self, **options: Any) -> None:
        super().__init__(linesep="\r\n", cte_type="7bit", **options)

    def fold(self, name: str, value: str) -> str:
        return self._own_fold(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        own = self._own_fold(name, value)
        return own.encode() if own else super().fold_binary(name, value)

    def _own_fold(self, name: str, value: str) -> str | None:
        if name.lower() in IDENTIFIERS:
            text = f"{self.linesep} ".join(cleaned(value).split())
        elif isinstance(value, AddressHeader):
            text = self._fold_people(value)
        elif isinstance(value, UnstructuredHeader):
            text = _fold_text(name, value)
        else:
            return None
        return f"{name}: {text}".replace("\r\n", "\n").replace("\n", "\r\n") + "\r\n"

    def _fold_people(self, value: AddressHeader) -> str:
        folded = [
            self._fold_person(display_name, address)
            for display_name, address in people([value])
        ]
        return f",{self.linesep} ".join(folded)

    def _fold_person(self, display_name: str, address: str) -> str:
        local, at, domain = address.rpartition("@")
        if not self.utf8:
            try:
                domain = ascii_domain(domain)
            except idna.IDNAError:
                domain = Header(domain, "utf-8").encode()
            if not local.isascii():
                local = Header(local, "utf-8").encode()
        if not display_name:
            return f"{local}{at}{domain}"
        return f"{_fold_phrase(display_name)} <{local}{at}{domain}>"


def _fold_text(name: str, value: UnstructuredHeader) -> str:
    text = cleaned(value).strip()
    plain = text.isascii() and "=?" not in text and not LONG_WORD.search(text)
    return Header(text, None if plain else "utf-8", header_name=name).encode()


def _fold_phrase(text: str) -> str:
    if not text.isascii() or "=?" in text or LONG_WORD.search(text):
        return Header(text, "utf-8").encode()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
