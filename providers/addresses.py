"""Addresses as they stand in headers, found and written as mail servers know them."""

import re
import unicodedata
from collections.abc import Iterable
from email.errors import MessageError
from email.policy import SMTP
from email.utils import getaddresses

import idna

# As Odoo finds them (``ir_mail_server.address_pattern``), where a parser gives up.
LOOSE_ADDRESS = re.compile(r'([^" ,<@]+@[^>" ,]+)')
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

#: A display name, and an address.
Person = tuple[str, str]


def people(values: Iterable[object]) -> list[Person]:
    """The ``(display name, address)`` pairs of header *values*, as they stand there."""
    pairs: list[Person] = []
    for value in values:
        text = cleaned(value)
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


def _parse(text: str) -> list[Person]:
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


def _is_part_of(address: str, pairs: Iterable[Person]) -> bool:
    """Whether a loosely found address only stands in somebody's name: "Bike@Home"."""
    return any(address in name for name, _address in pairs)


def with_ascii_domain(address: str) -> str:
    """*address* with its domain in punycode and lower case, if it has a valid one.

    https://www.rfc-editor.org/rfc/rfc5891#section-4
    """
    local, at, domain = str(address).rpartition("@")
    try:
        return f"{local}{at}{ascii_domain(domain)}"
    except idna.IDNAError:
        return f"{local}{at}{domain.lower()}"


def ascii_domain(domain: str) -> str:
    """*domain* as DNS knows it.

    :raises idna.IDNAError: if it is none.
    """
    if not domain.isascii():
        domain = idna.encode(domain, uts46=True).decode()
    domain = domain.lower()
    if not all(LABEL.fullmatch(label) for label in domain.split(".")):
        raise idna.IDNAError("not a domain")
    return domain


def cleaned(value: object) -> str:
    """*value* on one line: lone surrogates and control characters become spaces.

    Other spaces stay as they are: French sets a narrow one before a colon.
    """
    return "".join(c if c.isprintable() or _is_space(c) else " " for c in str(value))


def _is_space(character: str) -> bool:
    """A space of the line, not a separator of lines or paragraphs."""
    return unicodedata.category(character) == "Zs"
