"""Which servers may be asked at all: a name can stand for any address.

Whoever connects a mailbox names a server, and we connect to it from where Odoo stands:
behind the firewall, beside services that trust whoever can reach them.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from .reasons import Reason

AnAddress = IPv4Address | IPv6Address
ANetwork = IPv4Network | IPv6Network


def _networks(*names: str) -> tuple[ANetwork, ...]:
    return tuple(ip_network(name) for name in names)


# https://www.iana.org/assignments/iana-ipv4-special-registry
# https://www.iana.org/assignments/iana-ipv6-special-registry
LOOPBACK = _networks("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128")
PRIVATE = _networks(
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
    *("198.18.0.0/15", "fc00::/7", "fec0::/10"),
)
# Nobody's mail server: one link only, many at once, or what a cloud tells its machines
NOBODYS = _networks(
    *("169.254.0.0/16", "fe80::/10"),
    *("224.0.0.0/4", "240.0.0.0/4", "ff00::/8"),
    *("192.0.0.0/24", "100.100.100.200/32", "168.63.129.16/32"),
    *("fd00:ec2::254/128", "fd20:ce::254/128"),
)
# An IPv4 address at the end of another one: mapped (RFC 4291, 2.5.5.2), compatible
# (2.5.5.1), translated (RFC 2765, 2.1), NAT64 (RFC 6052, RFC 8215)
ENDS_IN_IPV4 = _networks(
    *("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96"), *("64:ff9b::/96", "64:ff9b:1::/48")
)
SIX_TO_FOUR = ip_network("2002::/16")  # RFC 3056
ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: before the address at the end
TEREDO = ip_network("2001::/32")  # RFC 4380: the client's address, all bits turned


@dataclass(frozen=True)
class Reach:
    """How far we go.

    :param loopback: to this machine itself, if a mail server is on it.
    :param private: into the networks of companies, where many mail servers stand.
    """

    loopback: bool = False
    private: bool = True

    def allows(self, address: str) -> bool:
        """Whether a server at this address may be asked.

        :param address: as the resolver writes it, perhaps with its zone.
        """
        return self.obstacle(address) is None

    def obstacle(self, address: str) -> Reason | None:
        """The ``Reason`` why a server at this address is not asked; None if it may be.

        :param address: see :meth:`allows`.
        """
        obstacles = (self._obstacle(each) for each in _meanings(address))
        return next(filter(None, obstacles), None)

    def _obstacle(self, address: AnAddress) -> Reason | None:
        if _within(address, LOOPBACK):
            return None if self.loopback else Reason.THIS_MACHINE_FORBIDDEN
        if _within(address, NOBODYS):
            return Reason.ADDRESS_FORBIDDEN
        if not self.private and _within(address, PRIVATE):
            return Reason.PRIVATE_NETWORK_FORBIDDEN
        return None


#: For developers' tools, and for whoever only uses the providers.
EVERYWHERE = Reach(loopback=True)


class AddressForbidden(OSError):
    """The server's name stands for addresses only that are out of reach.

    :param reason: why; of several addresses, why the first is.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def _within(address: AnAddress, networks: Iterable[ANetwork]) -> bool:
    return any(address in network for network in networks)


def _meanings(address: str) -> list[AnAddress]:
    """The address, and the one that it leads to by way of another network.

    >>> [str(each) for each in _meanings("2002:7f00:1::")]
    ['2002:7f00:1::', '127.0.0.1']
    """
    found = ip_address(address)
    bits = int(found)
    if found.version == 4 or _within(found, LOOPBACK):
        return [found]
    if _within(found, ENDS_IN_IPV4):
        return [found, IPv4Address(bits & 0xFFFFFFFF)]
    if found in SIX_TO_FOUR:
        return [found, IPv4Address(bits >> 80 & 0xFFFFFFFF)]
    if found in TEREDO:
        return [found, IPv4Address(~bits & 0xFFFFFFFF)]
    if bits >> 32 & 0xFFFFFFFF in ISATAP:
        return [found, IPv4Address(bits & 0xFFFFFFFF)]
    return [found]
