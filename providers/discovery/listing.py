"""The list of usual providers: ``servers.csv``, a line each.

Its columns, between semicolons:

- ``domains``: of the addresses; ``*.`` before one: those below it
- ``mx``: names that the hosts end in to which mail for such mailboxes goes
- the servers, and ``advice``: keys of :class:`Advice`
- ``source``: where each of these was seen
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from .servers import Advice, Servers, Source, domain_of

FILE = Path(__file__).with_name("servers.csv")

Rows = dict[str, Servers]


def listed(address: str) -> Servers | None:
    """The servers of a mailbox whose domain is known. Asks nobody."""
    return by_domain(domain_of(address))


def by_domain(domain: str) -> Servers | None:
    """The same by the domain, as :func:`.servers.domain_of` writes it."""
    domains, _mx = _rows()
    below = (f"*{name}" for name in _parents(f".{domain}"))
    name = next((name for name in (domain, *below) if name in domains), "")
    return replace(domains[name], at=domain) if name else None


def by_mx(hosts: Iterable[str]) -> Servers | None:
    """The servers of the hoster to whom one of these hosts belongs.

    :param hosts: where the domain's mail goes. The longest ending decides:
        certified mail has hosts below its hoster's.
    """
    _domains, mx = _rows()
    for host in hosts:
        for name in _parents(f".{host}"):
            if name[1:] in mx:
                return replace(mx[name[1:]], source=Source.HOSTED, at=host)
    return None


def rows() -> Iterator[dict[str, str]]:
    """The lines of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";", strict=True)


@cache
def _rows() -> tuple[Rows, Rows]:
    """By domain, and by the names that the hosts for their mail end in."""
    domains: Rows = {}
    mx: Rows = {}
    for row in rows():
        servers = _servers(row)
        domains |= dict.fromkeys(row["domains"].split(), servers)
        mx |= dict.fromkeys(row["mx"].split(), servers)
    return domains, mx


def _servers(row: dict[str, str]) -> Servers:
    return Servers(
        host=row["host"],
        port=int(row["port"]),
        encryption=row["encryption"],
        imap_host=row["imap_host"],
        imap_port=int(row["imap_port"]),
        imap_encryption=row["imap_encryption"],
        advice=tuple(map(Advice, row["advice"].split())),
    )


def _parents(name: str) -> Iterator[str]:
    """A name that begins with a dot, and what is left from each next dot on.

    >>> list(_parents(".mx1.ovh.net"))
    ['.mx1.ovh.net', '.ovh.net', '.net']
    """
    while name:
        yield name
        _first, dot, rest = name[1:].partition(".")
        name = dot + rest
