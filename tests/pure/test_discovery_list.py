"""Each line of the list of providers is well-formed, and found by what it names."""

import re

import pytest
from account_email_connector.providers.discovery import Advice, Source, listed
from account_email_connector.providers.discovery.listing import by_mx, rows

ROWS = list(rows())
NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# What these ports begin with: https://www.rfc-editor.org/rfc/rfc8314#section-7.3,
# https://www.rfc-editor.org/rfc/rfc6409#section-3.1
PORTS = {("465", "ssl"), ("587", "starttls")}
IMAP_PORTS = {("993", "ssl"), ("143", "starttls")}
#: Charter's port 587 begins with TLS, as both of the row's sources say.
ODD = {"mobile.charter.net"}
#: Hosts as they are: 2026-11
HOSTS = {
    "google.com": "aspmx.l.google.com",
    "mail.protection.outlook.com": "firm-com.mail.protection.outlook.com",
    "mx.microsoft": "firm-com.o-v1.mx.microsoft",
}


def name_of(row):
    return (row["domains"] or row["mx"]).split()[0]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_line(row):
    assert None not in row and None not in row.values()
    assert NAME.fullmatch(row["host"]) and NAME.fullmatch(row["imap_host"])
    if row["host"] not in ODD:
        assert (row["port"], row["encryption"]) in PORTS
    assert (row["imap_port"], row["imap_encryption"]) in IMAP_PORTS
    advice = row["advice"].split()
    assert len(set(advice)) == len(advice) and set(advice) <= set(Advice)
    assert re.search(r"https://[^ /]+\.[a-z]+/|seen in many public", row["source"])
    names = [*row["domains"].split(), *row["mx"].split()]
    assert names and all(NAME.fullmatch(name.removeprefix("*.")) for name in names)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_line_is_found(row):
    for domain in row["domains"].split():
        found = listed(f"Info@{domain.replace('*', 'tenant').upper()}")
        assert (found.host, found.port, found.encryption) == (
            *(row["host"], int(row["port"]), row["encryption"]),
        )
        assert found.source is Source.LISTED
        assert found.at == domain.replace("*", "tenant")
        assert found.advice == tuple(map(Advice, row["advice"].split()))
    for ending in row["mx"].split():
        for host in (ending, f"mx1.{ending}", HOSTS.get(ending, ending)):
            found = by_mx([host])
            assert (found.imap_host, found.at) == (row["imap_host"], host)
            assert found.source is Source.HOSTED


def test_the_list_says_nothing_twice():
    for column in ("domains", "mx"):
        names = [name for row in ROWS for name in row[column].split()]
        assert len(names) == len(set(names))
    assert len(ROWS) >= 75


def test_an_ending_begins_at_a_dot():
    for host in ("notgoogle.com", "google.com.evil.example", "rzone.de.", "com", ""):
        assert by_mx([host]) is None


def test_what_is_not_known():
    known = ("gmail.com.evil.example", "notgmail.com", "sub.gmail.com", "com", "")
    for domain in known:
        assert listed(f"info@{domain}") is None


def test_certified_mail_is_below_its_hoster():
    assert Advice.CERTIFIED in by_mx(["mx.pec.aruba.it"]).advice
    assert by_mx(["mx.aruba.it"]).advice == ()
