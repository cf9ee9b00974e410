"""Ask the DNS, and a web server of the domain, within bounds."""

import http.client
import struct
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.SRV import SRV

from ..bounded import NONSENSE
from ..network import encrypt, open_socket, tls_context
from ..reach import Reach
from .servers import host_name

# The usual file has 3 kB.
LONGEST_FILE = 64 * 1024
# The longest that arrives whole everywhere: https://www.dnsflagday.net/2020/
DATAGRAM = 1232
# How long one of the system's name servers is waited for, before the next is asked
NAME_SERVER_SECONDS = 1
# dnspython understands most of what is wrong, and lets some of Python's errors through
FAILURES = (
    *(dns.exception.DNSException, http.client.HTTPException, OSError, struct.error),
    *NONSENSE,
)

Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Offer:
    """An SRV record: https://www.rfc-editor.org/rfc/rfc2782

    :param host: empty where the service is not offered ("." in the DNS), or nonsense.
    """

    priority: int
    weight: int
    host: str
    port: int


@dataclass(frozen=True)
class Lookup:
    """Who is asked; whatever goes wrong is as if nothing was found.

    :param resolver: of the DNS; by default, the system's (``/etc/resolv.conf``).
    :param reach: where the domain's web server may be: nowhere but on the public
        Internet, as long as nobody says that the user may look further.
    :param ca_file: trust only the authorities in this file, not the system's.
    :param port: of the web server; another one for tests.
    """

    resolver: dns.resolver.Resolver | None = None
    reach: Reach = Reach(private=False)
    ca_file: str = ""
    port: int = 443

    def mx(self, domain: str, seconds: float) -> list[str]:
        """Where mail for the domain goes first: the hosts that it prefers."""
        records = self._ask(domain, dns.rdatatype.MX, seconds)
        found = [each for each in records if isinstance(each, MX)]
        best = min((each.preference for each in found), default=0)
        names = {_name(each.exchange) for each in found if each.preference == best}
        return sorted(names - {""})

    def srv(self, name: str, seconds: float) -> list[Offer]:
        """The SRV records of a service, the one to take first in front.

        Of those of the same priority, it is the one with the most weight: a mailbox is
        set up once, so there is no load to be distributed by chance.
        """
        records = self._ask(name, dns.rdatatype.SRV, seconds)
        found = [
            Offer(each.priority, each.weight, _name(each.target), each.port)
            for each in records
            if isinstance(each, SRV)
        ]
        return sorted(found, key=lambda each: (each.priority, -each.weight, each.host))

    def txt(self, name: str, seconds: float) -> list[str] | None:
        """The texts that stand at a name.

        :return: empty if the DNS says that there are none; None if it does not say.
        """

        def ask() -> list[str] | None:
            try:
                records = self._resolve(name, dns.rdatatype.TXT, seconds)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                return []
            found = [each.strings for each in records if isinstance(each, TXT)]
            return [b"".join(each).decode("ascii", "replace") for each in found]

        return _quietly(ask, None)

    def file(self, host: str, path: str, seconds: float) -> bytes:
        """What the web server of *host* has there; of a long file the beginning.

        Over HTTPS only, and from that very host: no redirect is followed, so nobody
        sends us elsewhere. Neither are proxies of the environment asked.
        """
        return _quietly(lambda: self._get(host, path, time.monotonic() + seconds), b"")

    def _ask(
        self, name: str, kind: dns.rdatatype.RdataType, seconds: float
    ) -> list[object]:
        return _quietly(lambda: self._resolve(name, kind, seconds), [])

    def _resolve(
        self, name: str, kind: dns.rdatatype.RdataType, seconds: float
    ) -> list[object]:
        resolver = self.resolver or _system_resolver()
        answer = resolver.resolve(name, kind, lifetime=seconds, search=False)
        return list(answer)

    def _get(self, host: str, path: str, until: float) -> bytes:
        # Finding the host's addresses takes as long at most as connecting to one.
        sock = open_socket(host, self.port, _left(until) / 2, self.reach)
        sock.settimeout(_left(until))
        line = encrypt(sock, host, tls_context(self.ca_file))
        line.settimeout(_left(until))  # for all of the answer, see bounded.py
        headers = {"Host": host, "Accept-Encoding": "identity", "Connection": "close"}
        with closing(http.client.HTTPConnection(host)) as connection:
            connection.sock = line
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.read(LONGEST_FILE) if answer.status == 200 else b""


def _quietly(ask: Callable[[], Asked], nothing: Asked) -> Asked:
    """What is answered; *nothing* if that fails in any way."""
    try:
        return ask()
    except FAILURES:
        return nothing


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.1)


def _name(name: dns.name.Name) -> str:
    return host_name(name.to_text())


def _system_resolver() -> dns.resolver.Resolver:
    """Read each time, as it may change: ``/etc/resolv.conf``.

    :raises DNSException: there is none.
    """
    resolver = dns.resolver.Resolver()
    resolver.timeout = NAME_SERVER_SECONDS
    resolver.use_edns(0, 0, DATAGRAM)
    return resolver
