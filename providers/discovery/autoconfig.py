"""The servers that a domain publishes in a file, in Thunderbird's format.

https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html
https://datatracker.ietf.org/doc/draft-ietf-mailmaint-autoconfig/
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from lxml import etree

from ..bounded import NONSENSE
from .lookup import Lookup
from .servers import LONGEST_NAME, Servers, Source, host_name
from .srv import Server

ENCRYPTIONS = {"SSL": "ssl", "STARTTLS": "starttls"}
# What a password can do. The second and the fourth are older names.
BY_PASSWORD = {"password-cleartext", "plain", "password-encrypted", "secure"}
SAFE = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
}


def published(
    lookup: Lookup, address: str, domain: str, seconds: float
) -> Servers | None:
    """The servers of this mailbox. Both places are asked at once."""
    quoted = quote(address, errors="replace")  # half a surrogate is no text
    places = [
        (
            f"autoconfig.{domain}",
            f"/mail/config-v1.1.xml?emailaddress={quoted}",
        ),
        (domain, "/.well-known/autoconfig/mail/config-v1.1.xml"),
    ]
    with ThreadPoolExecutor(len(places)) as pool:
        files = pool.map(lambda place: lookup.file(place[0], place[1], seconds), places)
        found = [
            from_file(file, address, domain, host)
            for file, (host, _path) in zip(files, places, strict=True)
        ]
    return next(filter(None, found), None)


def from_file(content: bytes, address: str, domain: str, at: str) -> Servers | None:
    """The same from the file; None if it makes no sense, or there is nothing for us.

    The first server of a kind is the one that the domain prefers.

    :param at: which host has it.
    """
    root = _root(content)
    if root is None:
        return None
    names = {
        "%EMAILADDRESS%": address,
        "%EMAILLOCALPART%": address.rpartition("@")[0],
        "%EMAILDOMAIN%": domain,
    }
    sending = next(_servers(root, "outgoingServer[@type='smtp']", names), None)
    if sending is None:
        return None
    server, user = sending
    no_server = (Server("", 993, "ssl"), "")
    reading, _user = next(
        _servers(root, "incomingServer[@type='imap']", names), no_server
    )
    user = "" if user == address else user
    return Servers(*server, *reading, user=user, source=Source.PUBLISHED, at=at)


def _root(content: bytes) -> Any:
    """The file's root element; None if it is none.

    Entities are not resolved, so that nothing grows and nothing else is read. A file
    that declares any is nobody's.
    """
    try:
        root = etree.fromstring(content, etree.XMLParser(**SAFE))
        declares = root.getroottree().docinfo.internalDTD is not None
    except (etree.LxmlError, *NONSENSE):
        return None
    return None if declares or root.tag != "clientConfig" else root


def _servers(
    root: Any, kind: str, names: dict[str, str]
) -> Iterator[tuple[Server, str]]:
    """Those of a kind that a password opens, encrypted; and the user's name there."""
    for element in root.iterfind(f"emailProvider/{kind}"):
        host = host_name(_filled(_text(element, "hostname"), names))
        port = _text(element, "port")
        encryption = ENCRYPTIONS.get(_text(element, "socketType").upper(), "")
        ways = {(each.text or "").strip() for each in element.findall("authentication")}
        if host and _is_port(port) and encryption and ways & BY_PASSWORD:
            user = _user(_filled(_text(element, "username"), names))
            yield Server(host, int(port), encryption), user


def _text(element: Any, tag: str) -> str:
    return str(element.findtext(tag) or "").strip()


def _is_port(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,5}", text)) and 0 < int(text) < 65536


def _filled(text: str, names: dict[str, str]) -> str:
    return re.sub("%[A-Z]+%", lambda found: names.get(found[0], found[0]), text)


def _user(name: str) -> str:
    """A name that one can type; empty if it is none, or asks for more than we know."""
    is_one = name.isprintable() and len(name) <= LONGEST_NAME + 64
    return name if is_one and not re.search("%[A-Z]+%", name) else ""
