"""Which way an email has come, by what its headers tell of that."""

import re
from email.message import Message
from ipaddress import IPv4Address, IPv6Address, ip_address

from .fields import value

ADDRESS = re.compile(
    r"\[(?:IPv6:)?([0-9a-f.:]+)\]|\((?:\S+ )?([0-9a-f.:]+)\)", re.IGNORECASE
)
# https://www.rfc-editor.org/rfc/rfc8601#section-2.7
VERDICT = re.compile(r"\b(spf|dkim|dmarc)=(\w{1,20})", re.IGNORECASE)
MOST_HOPS, LONGEST_HOP = 50, 2000


def sent_from(headers: Message) -> str:
    """The address that the first server saw: a public one if any server saw one.

    Each server writes on top of those before it; what stands behind "by" is itself.
    https://www.rfc-editor.org/rfc/rfc5321#section-4.4

    :return: empty if none tells an address.
    """
    seen: list[IPv4Address | IPv6Address] = []
    for hop in reversed(headers.get_all("Received", [])[:MOST_HOPS]):
        words = re.split(r"\sby\s", str(hop)[:LONGEST_HOP], maxsplit=1)[0]
        for found in ADDRESS.findall(words):
            try:
                seen.append(ip_address("".join(found)))
            except ValueError:
                continue
    public = [address for address in seen if address.is_global]
    return str(next(iter(public or seen), ""))


def verdicts(headers: Message) -> str:
    """What the recipient's server says of the sender: ``spf=pass dkim=pass``."""
    found = VERDICT.findall(value(headers, "Authentication-Results"))
    return " ".join(dict.fromkeys(f"{name}={said}".lower() for name, said in found))
