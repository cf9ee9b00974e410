"""Which servers may be asked, judged by their addresses at each connection."""

import socket
import threading

import pytest
from account_email_connector.providers import network
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.network import open_socket, speaks_tls
from account_email_connector.providers.outcomes import AdminActionRequired
from account_email_connector.providers.reach import (
    EVERYWHERE,
    AddressForbidden,
    Reach,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from account_email_connector.providers.smtp.ports import diagnose_ports, probe_port
from hostile import serving
from mailserver import closed_port

STRICT = Reach()
PUBLIC_ONLY = Reach(private=False)

LOOPBACK = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "::1", "::"),  # nosec B104
    *("::ffff:127.0.0.1", "::ffff:0.0.0.0", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"),
    "2001:0:1:2:3:4:80ff:fffe",  # Teredo's form of 127.0.0.1
    *("2001:db8::5efe:7f00:1", "2001:db8::200:5efe:7f00:1"),  # ISATAP's
]
NOBODYS = [
    *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%lo", "100.100.100.200"),
    *("fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "192.0.0.192"),
    *("224.0.0.1", "239.1.2.3", "ff02::1", "255.255.255.255", "240.0.0.1"),
    *("::ffff:169.254.169.254", "2002:a9fe:a9fe::1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::6464:64c8", "::ffff:224.0.0.1"),
]
PRIVATE = [
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("fc00::1", "fd12:3456::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"),
]
PUBLIC = [
    *("8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450:4001::1", "192.0.2.1"),
    *("::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"),
]


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine(address):
    assert not STRICT.allows(address)
    assert not PUBLIC_ONLY.allows(address)
    assert EVERYWHERE.allows(address)


def test_this_machine_by_an_address_of_its_network(asked):
    """Which addresses are its own is known once it is connected."""

    class AnyAddress(Reach):
        def allows(self, address):
            return True

    port, seen = asked
    for number in (port, closed_port()):  # whether it is open is not told
        with pytest.raises(AddressForbidden) as caught:
            open_socket("127.0.0.1", number, 3, AnyAddress())
        assert caught.value.reason is Reason.THIS_MACHINE_FORBIDDEN
    assert seen == []
    open_socket("127.0.0.1", port, 3, AnyAddress(loopback=True)).close()


@pytest.mark.parametrize(
    "addresses, reason",
    [
        (LOOPBACK, Reason.THIS_MACHINE_FORBIDDEN),
        (PRIVATE, Reason.PRIVATE_NETWORK_FORBIDDEN),
        (NOBODYS, Reason.ADDRESS_FORBIDDEN),
        (PUBLIC, None),
    ],
)
def test_each_obstacle_has_its_own_reason(addresses, reason):
    """Each is told what opens it: an option in odoo.conf, or another name."""
    assert {PUBLIC_ONLY.obstacle(address) for address in addresses} == {reason}


@pytest.mark.parametrize("address", NOBODYS)
def test_nobodys_mail_server(address):
    assert not any(r.allows(address) for r in (STRICT, PUBLIC_ONLY, EVERYWHERE))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network(address):
    assert STRICT.allows(address) and EVERYWHERE.allows(address)
    assert not PUBLIC_ONLY.allows(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_everybodys(address):
    assert all(r.allows(address) for r in (STRICT, PUBLIC_ONLY, EVERYWHERE))


@pytest.fixture
def asked():
    """A server that counts who connects; yields its port and the list."""
    seen = []

    def talk(sock):
        seen.append(sock)
        sock.sendall(b"220 hello\r\n")
        sock.recv(1)

    with serving(talk) as port:
        yield port, seen


def refusal(action):
    with pytest.raises(AdminActionRequired) as caught:
        action()
    assert caught.value.reason is Reason.THIS_MACHINE_FORBIDDEN
    assert (caught.value.code, caught.value.detail) == ("", "")
    return caught.value.service


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0"],  # nosec B104
)
def test_nothing_reaches_this_machine(asked, host):
    """Whatever it is called, in whatever way it is asked."""
    port, seen = asked
    for encryption in ("none", "starttls", "ssl"):
        settings = SmtpSettings(host, port, encryption, reach=STRICT)
        assert refusal(SmtpMailbox(settings).check) == "smtp"
        settings = SmtpSettings(
            *("mail.example", 25, "none"),
            imap_host=host,
            imap_port=port,
            imap_encryption=encryption,
            reach=STRICT,
        )
        assert refusal(SentFolder(settings).open) == "imap"
    assert probe_port(host, port, 1, reach=STRICT).state == "shut"
    [answer] = diagnose_ports(host, 1, 1, ports=(port,), reach=STRICT)
    assert answer.state == "shut"
    assert not speaks_tls(host, port, 1, network.tls_context(), STRICT)
    assert seen == []
    assert probe_port("127.0.0.1", port, 1).state == "open"


def resolves_to(monkeypatch, *turns):
    """Let each look-up give the next of these lists of addresses; the last one stays.

    :return: how often it was asked, as a list.
    """
    real, asked, turns = socket.getaddrinfo, [], list(turns)

    def resolve(host, port, *args, **options):
        if host != "mail.example":
            return real(host, port, *args, **options)
        asked.append(host)
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_of_several_addresses_only_those_that_are_allowed(asked, monkeypatch):
    port, seen = asked
    resolves_to(monkeypatch, ["169.254.169.254"] * 5 + ["127.0.0.1"])
    open_socket("mail.example", port, 2).close()
    resolves_to(monkeypatch, ["127.0.0.1", "169.254.169.254"])
    with pytest.raises(AddressForbidden):
        open_socket("mail.example", port, 2, STRICT)


@pytest.mark.parametrize("service", ["smtp", "imap"])
def test_a_name_is_resolved_once_for_a_connection(monkeypatch, service):
    """Else the second look-up would lead elsewhere than the one that was judged."""
    heard = threading.Event()

    def talk(sock):
        sock.sendall(b"220 hello\r\n" if service == "smtp" else b"* OK hello\r\n")
        while sock.recv(1000):
            heard.set()
            return

    with serving(talk) as port:
        look_ups = resolves_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
        settings = SmtpSettings(
            *("mail.example", port, "none"),
            imap_host="mail.example",
            imap_port=port,
            imap_encryption="none",
            timeout=2,
        )
        if service == "smtp":
            connect = SmtpMailbox(settings).check
        else:
            connect = SentFolder(settings).open
        with pytest.raises(Exception, match="connection_lost"):
            connect()
    assert heard.is_set() and look_ups == ["mail.example"]
