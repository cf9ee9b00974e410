"""The file in which a domain publishes its servers, and what may be wrong with it."""

import socket
import time

import pytest
from account_email_connector.providers.discovery import (
    Lookup,
    Servers,
    Source,
    autoconfig,
    discover,
    find,
)
from account_email_connector.providers.discovery.lookup import LONGEST_FILE
from account_email_connector.providers.reach import EVERYWHERE, Reach
from discovery_helpers import config, server, stand_for
from hostile import drip, flood, serving
from hypothesis import given, settings
from hypothesis import strategies as st

pytest_plugins = ("discovery_support",)

ADDRESS = "Ann.Lee@firm.test"
FIRST = (
    "autoconfig.firm.test",
    "/mail/config-v1.1.xml?emailaddress=Ann.Lee%40firm.test",
)
SECOND = ("firm.test", "/.well-known/autoconfig/mail/config-v1.1.xml")
SMTP = server("smtp", "smtp.firm.test", 465)
IMAP = server("imap", "imap.firm.test", 993)
GOOD = config(IMAP, SMTP)
#: What is in the file: what is proposed.
FILES = {
    "usual": (GOOD, "smtp.firm.test:465:ssl imap.firm.test:993:ssl "),
    "with a declaration": (
        config(IMAP, SMTP, before="<?xml version='1.0' encoding='UTF-8'?>\n"),
        "smtp.firm.test:465:ssl imap.firm.test:993:ssl ",
    ),
    "the first that is encrypted, by a password": (
        config(
            server("pop3", "pop.firm.test", 995),
            server("imap", "a.firm.test", 143, "plain"),
            server("imap", "b.firm.test", 993, "SSL", "OAuth2"),
            server("imap", "c.firm.test", 143, "STARTTLS", "OAuth2", "plain"),
            server("smtp", "a.firm.test", 25, "plain"),
            server("smtp", "b.firm.test", 587, "STARTTLS", "client-IP-address"),
            server("smtp", "c.firm.test", 587, "STARTTLS", "password-encrypted"),
            SMTP,
        ),
        "c.firm.test:587:starttls c.firm.test:143:starttls ",
    ),
    "names to fill in": (
        config(
            server("smtp", "smtp.%EMAILDOMAIN%", 465, user="%EMAILLOCALPART%"),
        ),
        "smtp.firm.test:465:ssl :993:ssl Ann.Lee",
    ),
    "a user's name of another kind": (
        config(server("smtp", "s.firm.test", 465, user="FIRM\\%EMAILLOCALPART%")),
        "s.firm.test:465:ssl :993:ssl FIRM\\Ann.Lee",
    ),
    "a user's name that we cannot know": (
        config(server("smtp", "s.firm.test", 465, user="%REALNAME%")),
        "s.firm.test:465:ssl :993:ssl ",
    ),
    "a private host is only a proposal": (
        config(server("smtp", "localhost.localdomain", 465)),
        "localhost.localdomain:465:ssl :993:ssl ",
    ),
    "no SMTP": (config(IMAP), None),
    "nothing encrypted": (config(server("smtp", "s.firm.test", 25, "plain")), None),
    "only OAuth": (config(server("smtp", "s.test", 465, "SSL", "OAuth2")), None),
    "no authentication": (config(SMTP.replace("authentication", "nothing")), None),
    "no host": (config(server("smtp", "", 465)), None),
    "an address of numbers": (config(server("smtp", "169.254.169.254", 465)), None),
    "one label": (config(server("smtp", "localhost", 465)), None),
    "no host's name": (config(server("smtp", "a b.test", 465)), None),
    "a name to fill in that is none": (config(server("smtp", "%X%.test", 465)), None),
    "no port": (config(server("smtp", "s.firm.test", "")), None),
    "a port too high": (config(server("smtp", "s.firm.test", 65536)), None),
    "a port of letters": (config(server("smtp", "s.firm.test", "٤٦٥")), None),
    "empty": (b"", None),
    "HTML": (b"<!DOCTYPE html><html><body>Welcome</body></html>", None),
    "HTML without a type": (b"<html><body><br>Welcome</body></html>", None),
    "cut": (GOOD[:-20], None),
    "another encoding than it says": (GOOD.decode().encode("utf-16-le"), None),
    "another root": (GOOD.replace(b"clientConfig", b"config"), None),
    "zeros": (b"\0" * 1000, None),
}
LAUGHS = "".join(
    f"<!ENTITY l{number} '{f'&l{number - 1};' * 10}'>" for number in range(1, 10)
)
HOSTILE = {
    "billion laughs": config(
        SMTP.replace("smtp.firm.test", "&l9;"),
        before=f"<!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]>",
    ),
    "billion laughs in an attribute": config(
        SMTP,
        before=f"<!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]>",
        domain="&l9;",
    ),
    "a large entity, often": config(
        *("&a;" * 10_000, SMTP),
        before=f"<!DOCTYPE x [<!ENTITY a '{'a' * 20_000}'>]>",
    ),
    "a file of ours": config(
        server("smtp", "s.firm.test", 465, user="&file;"),
        before="<!DOCTYPE x [<!ENTITY file SYSTEM 'file:///etc/hostname'>]>",
    ),
    "a parameter entity": config(
        SMTP,
        before="<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>",
    ),
    "itself": config(SMTP, before="<!DOCTYPE x [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>"),
    "deep": b"<clientConfig>" + b"<a>" * 15_000,
    "wide": b"<clientConfig" + b" a=''" * 10_000 + b"/>",
}


def short(found):
    return found and (
        f"{found.host}:{found.port}:{found.encryption} "
        f"{found.imap_host}:{found.imap_port}:{found.imap_encryption} {found.user}"
    )


@pytest.fixture
def quick(monkeypatch):
    """What does not answer is not waited for long."""
    monkeypatch.setattr(find, "DISCOVERY_SECONDS", 1)
    monkeypatch.setattr(find, "DNS_SECONDS", 0.2)


@pytest.mark.parametrize("name", FILES)
def test_a_file(web, lookup, name):
    content, expected = FILES[name]
    web.files[FIRST] = (200, {"Content-Length": len(content)}, content)
    found = discover(ADDRESS, lookup)
    assert short(found) == expected
    if found:
        assert (found.source, found.at) == (Source.PUBLISHED, FIRST[0])
        assert found.advice == ()
    assert set(web.asked) == {FIRST, SECOND}


def test_the_other_place(web, lookup):
    web.files[SECOND] = (200, {}, GOOD)
    assert discover(ADDRESS, lookup).at == "firm.test"
    web.files[FIRST] = (200, {}, b"<html/>")
    assert discover(ADDRESS, lookup).at == "firm.test"
    web.files[FIRST] = (200, {}, config(server("smtp", "first.firm.test", 465)))
    assert discover(ADDRESS, lookup).host == "first.firm.test"


def test_the_dns_comes_first(web, world, lookup):
    web.files[FIRST] = (200, {}, GOOD)
    world.zone["_submissions._tcp.firm.test", "SRV"] = ["0 1 465 srv.firm.test."]
    assert discover(ADDRESS, lookup).host == "srv.firm.test"
    assert web.asked == []


def test_an_odd_address_is_quoted(web, lookup):
    place = (
        FIRST[0],
        "/mail/config-v1.1.xml?emailaddress=a%26b%20%C3%BC%3F%40firm.test",
    )
    web.files[place] = (200, {}, GOOD)
    assert discover("a&b ü?@firm.test", lookup).host == "smtp.firm.test"
    assert discover("\ud800@firm.test", lookup) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file(web, lookup, name):
    content = HOSTILE[name]
    assert len(content) <= LONGEST_FILE
    web.files[FIRST] = (200, {}, content)
    assert discover(ADDRESS, lookup) is None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_sends_us_elsewhere(web, lookup, status):
    elsewhere = ("other.test", "/config.xml")
    web.files[elsewhere] = (200, {}, GOOD)
    to = f"https://other.test:{web.port}/config.xml"
    web.files[FIRST] = (status, {"Location": to}, GOOD)
    assert discover(ADDRESS, lookup) is None
    assert elsewhere not in web.asked


@pytest.mark.parametrize("status", [204, 206, 401, 404, 500])
def test_only_what_is_there(web, lookup, status):
    web.files[FIRST] = (status, {}, GOOD)
    assert discover(ADDRESS, lookup) is None


def test_what_is_packed_stays_so(web, lookup):
    web.files[FIRST] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"\0" * 100)
    assert discover(ADDRESS, lookup) is None


def test_a_long_file_is_not_read(web, lookup):
    padding = "<!--" + "x" * LONGEST_FILE + "-->"
    web.files[FIRST] = (200, {}, config(padding, SMTP))
    assert discover(ADDRESS, lookup) is None
    fits = "<!--" + "x" * (LONGEST_FILE - len(config("<!---->", SMTP))) + "-->"
    web.files[FIRST] = (200, {}, config(fits, SMTP))
    assert discover(ADDRESS, lookup).host == "smtp.firm.test"


@pytest.mark.parametrize(
    "talk",
    [
        flood(b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"),
        flood(b"x", b"HTTP/1.1 200 OK\r\n\r\n"),
        flood(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"),
        flood(b"x", b"HTTP/1.1 "),
        flood(b"1\r\nx\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        flood(b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"x", b"HTTP/1.1 200 OK\r\n\r\n"),
        drip(b"x", b"HTTP/1.1 200 OK\r\nX: "),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda sock: sock.sendall(b"SSH-2.0-OpenSSH\r\n"),
        lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        lambda sock: sock.sendall(b"\xff\x00" * 100),
        lambda sock: None,
        lambda sock: time.sleep(2),
    ],
)
def test_a_web_server_that_does_not_end(lookup, tls, talk, quick):
    with serving(talk, tls) as port:
        asked = Lookup(lookup.resolver, EVERYWHERE, lookup.ca_file, port)
        assert discover(ADDRESS, asked) is None


@pytest.mark.parametrize("talk", [drip(b"\x16\x03\x03\x00"), lambda sock: sock.recv(1)])
def test_one_that_speaks_no_tls(lookup, talk, quick):
    with serving(talk) as port:
        asked = Lookup(lookup.resolver, EVERYWHERE, lookup.ca_file, port)
        assert discover(ADDRESS, asked) is None


def test_one_that_cannot_prove_who_it_is(web, lookup):
    web.files[FIRST] = web.files[SECOND] = (200, {}, GOOD)
    assert discover(ADDRESS, Lookup(lookup.resolver, EVERYWHERE, "", web.port)) is None
    assert discover("a@other.sub.test", lookup) is None
    assert web.asked == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]
)
def test_nothing_of_our_own_is_asked(web, lookup, monkeypatch, address, quick):
    stand_for(monkeypatch, address)
    seen = []
    real = socket.socket.connect_ex
    monkeypatch.setattr(
        *(socket.socket, "connect_ex"),
        lambda sock, to: seen.append(to) or real(sock, to),
    )
    assert Lookup().reach == Reach(private=False)
    assert not Lookup().reach.allows(address)
    asked = Lookup(lookup.resolver, ca_file=lookup.ca_file, port=web.port)
    assert discover(ADDRESS, asked) is None
    assert (web.asked, seen) == ([], [])


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.binary()
    | st.builds(
        lambda place, piece: GOOD[:place] + piece + GOOD[place + len(piece) :],
        st.integers(0, len(GOOD)),
        st.binary(max_size=12),
    )
)
def test_whatever_the_file_says(content):
    found = autoconfig.from_file(content, ADDRESS, "firm.test", "firm.test")
    assert found is None or isinstance(found, Servers)
    if found:
        assert found.host and 0 < found.port < 65536
        assert {found.encryption, found.imap_encryption} <= {"ssl", "starttls"}
