"""The servers of a mailbox from its address: the list, its MX, SRV records."""

import contextlib
import time
from unittest import mock

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import pytest
from account_email_connector.providers.discovery import (
    Advice,
    Lookup,
    Servers,
    Source,
    discover,
    find,
    listed,
)
from discovery_helpers import Silence
from hypothesis import given, settings
from hypothesis import strategies as st

pytest_plugins = ("discovery_support",)

#: An address, what its domain's DNS says, and what is proposed: SMTP, IMAP.
HOSTED = {
    "Google": ("1 smtp.google.com.", "smtp.gmail.com:465 imap.gmail.com:993"),
    "Google's older hosts": (
        "1 ASPMX.L.GOOGLE.COM. 5 alt1.aspmx.l.google.com. 10 aspmx2.googlemail.com.",
        "smtp.gmail.com:465 imap.gmail.com:993",
    ),
    "Microsoft": (
        "0 firm-test.mail.protection.outlook.com.",
        "smtp.office365.com:587 outlook.office365.com:993",
    ),
    "Microsoft, with DNSSEC": (
        "0 firm-test.o-v1.mx.microsoft.",
        "smtp.office365.com:587 outlook.office365.com:993",
    ),
    "OVH": (
        "1 mx1.mail.ovh.net. 5 mx2.mail.ovh.net. 100 mx3.mail.ovh.net.",
        "ssl0.ovh.net:465 ssl0.ovh.net:993",
    ),
    "IONOS": (
        "10 mx00.kundenserver.de. 10 mx01.kundenserver.de.",
        "smtp.ionos.de:465 imap.ionos.de:993",
    ),
    "IONOS, newer": ("10 mx00.ionos.de.", "smtp.ionos.de:465 imap.ionos.de:993"),
    "IONOS, France": ("10 mx00.ionos.fr.", "smtp.ionos.fr:465 imap.ionos.fr:993"),
    "IONOS, UK": ("10 mx01.ionos.co.uk.", "smtp.ionos.co.uk:465 imap.ionos.co.uk:993"),
    "STRATO": ("5 smtpin.rzone.de.", "smtp.strato.de:465 imap.strato.de:993"),
    "Gandi": (
        "10 spool.mail.gandi.net. 50 fb.mail.gandi.net.",
        "mail.gandi.net:465 mail.gandi.net:993",
    ),
    "Infomaniak": (
        "5 mta-gw.infomaniak.ch.",
        "mail.infomaniak.com:465 mail.infomaniak.com:993",
    ),
    "Aruba": ("10 mx.aruba.it.", "smtps.aruba.it:465 imaps.aruba.it:993"),
    "Aruba PEC": (
        "10 mx.pec.aruba.it.",
        "smtps.pec.aruba.it:465 imaps.pec.aruba.it:993",
    ),
    "Zoho": (
        "10 mx.zoho.eu. 20 mx2.zoho.eu.",
        "smtppro.zoho.eu:465 imappro.zoho.eu:993",
    ),
    "one.com": (
        "10 mx1.pub.mailpod7-cph3.one.com.",
        "send.one.com:465 imap.one.com:993",
    ),
    "Rackspace": (
        "10 mx1.emailsrvr.com. 20 mx2.emailsrvr.com.",
        "secure.emailsrvr.com:465 secure.emailsrvr.com:993",
    ),
    "Hetzner": (
        "10 www123.your-server.de.",
        "mail.your-server.de:465 mail.your-server.de:993",
    ),
    "DomainFactory": ("10 mx0.ispgateway.de.", "sslout.df.eu:465 sslin.df.eu:993"),
    "Fastmail": (
        "10 in1-smtp.messagingengine.com. 20 in2-smtp.messagingengine.com.",
        "smtp.fastmail.com:465 imap.fastmail.com:993",
    ),
    "Migadu": ("10 aspmx1.migadu.com.", "smtp.migadu.com:465 imap.migadu.com:993"),
    "iCloud": (
        "10 mx01.mail.icloud.com.",
        "smtp.mail.me.com:587 imap.mail.me.com:993",
    ),
    "Hostpoint": (
        "10 mx2.mail.hostpoint.ch. 10 mx1.mail.hostpoint.ch.",
        "asmtp.mail.hostpoint.ch:465 imap.mail.hostpoint.ch:993",
    ),
    "Loopia": (
        "10 mailcluster.loopia.se. 20 mail2.loopia.se.",
        "mailcluster.loopia.se:465 mailcluster.loopia.se:993",
    ),
    "TransIP": (
        "10 mx.transip.email.",
        "smtp.transip.email:465 imap.transip.email:993",
    ),
    "united-domains": (
        "10 mx00.udag.de. 20 mx01.udag.de.",
        "smtps.udag.de:465 imaps.udag.de:993",
    ),
    "Combell": (
        "10 mx.mailprotect.be. 50 mx.backup.mailprotect.be.",
        "smtp-auth.mailprotect.be:465 imap.mailprotect.be:993",
    ),
    "Hostinger": (
        "5 mx1.hostinger.com. 10 mx2.hostinger.com.",
        "smtp.hostinger.com:465 imap.hostinger.com:993",
    ),
    "Titan": ("10 mx1.titan.email.", "smtp.titan.email:465 imap.titan.email:993"),
}
LISTED = {
    "a@gmail.com": "smtp.gmail.com:465 imap.gmail.com:993",
    "A.B@GoogleMail.Com": "smtp.gmail.com:465 imap.gmail.com:993",
    " a@orange.fr ": "smtp.orange.fr:465 imap.orange.fr:993",
    "a@hotmail.fr": "smtp-mail.outlook.com:587 outlook.office365.com:993",
    "a@firm.onmicrosoft.com": "smtp.office365.com:587 outlook.office365.com:993",
    "a@gmx.at": "mail.gmx.net:465 imap.gmx.net:993",
    "a@t-online.de": "securesmtp.t-online.de:465 secureimap.t-online.de:993",
    "a@tim.it": "smtp.tim.it:587 imap.tim.it:143",
    "a@charter.net.": "mobile.charter.net:587 mobile.charter.net:993",
    '"a@b"@free.fr': "smtp.free.fr:465 imap.free.fr:993",
}
#: SRV records of firm.test, without what each of the names ends in.
SRV = {
    "all four": (
        {
            "_submissions": "0 1 465 smtp.firm.test.",
            "_submission": "0 1 587 old.firm.test.",
            "_imaps": "0 1 993 imap.firm.test.",
            "_imap": "0 1 143 old.firm.test.",
        },
        "smtp.firm.test:465:ssl imap.firm.test:993:ssl",
    ),
    "only STARTTLS": (
        {"_submission": "0 1 587 mx.firm.test.", "_imap": "0 1 143 mx.firm.test."},
        "mx.firm.test:587:starttls mx.firm.test:143:starttls",
    ),
    "a service that is not offered": (
        {
            "_submissions": "0 0 0 .",
            "_submission": "0 1 587 mx.firm.test.",
            "_imaps": "0 0 0 .",
        },
        "mx.firm.test:587:starttls :993:ssl",
    ),
    "TLS from the start under the older name": (
        {"_submission": "0 1 465 mx.firm.test.", "_imap": "0 1 993 mx.firm.test."},
        "mx.firm.test:465:ssl mx.firm.test:993:ssl",
    ),
    "priority, then weight": (
        {
            "_submissions": "10 99 465 c.firm.test.|0 10 465 b.firm.test."
            "|0 20 2465 a.firm.test.",
        },
        "a.firm.test:2465:ssl :993:ssl",
    ),
    "another's host": (
        {"_submissions": "0 1 465 SMTP.Hoster.Example."},
        "smtp.hoster.example:465:ssl :993:ssl",
    ),
    "nothing to send by": ({"_imaps": "0 1 993 mx.firm.test."}, None),
    "all off": ({"_submissions": "0 0 0 .", "_submission": "0 0 0 ."}, None),
    "no host's name": (
        {"_submissions": r"0 1 465 a\032b.firm.test.", "_submission": "0 1 587 127."},
        None,
    ),
    "no port": ({"_submissions": "0 1 0 mx.firm.test."}, None),
}


def short(found):
    return f"{found.host}:{found.port} {found.imap_host}:{found.imap_port}"


def long(found):
    return (
        f"{found.host}:{found.port}:{found.encryption} "
        f"{found.imap_host}:{found.imap_port}:{found.imap_encryption}"
    )


def records(words):
    """ "1 a. 5 b." as two of them."""
    parts = words.split()
    return [" ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


@pytest.mark.parametrize("address, expected", LISTED.items())
def test_a_domain_of_the_list(address, expected):
    class Nobody(Lookup):
        def mx(self, *_args):
            raise AssertionError("the network is asked")

    found = discover(address, Nobody())
    assert short(found) == expected
    assert found == listed(address)
    assert (found.source, found.user) == (Source.LISTED, "")


@pytest.mark.parametrize("name", HOSTED)
def test_a_company_at_a_hoster(world, lookup, name):
    answer, expected = HOSTED[name]
    world.zone["firm.test", "MX"] = records(answer)
    found = discover("Accounts@Firm.TEST", lookup)
    assert short(found) == expected
    assert found.source is Source.HOSTED
    assert f"{found.at}." in answer.lower()


def test_what_to_know_of_a_company_s_mailbox(world, lookup):
    world.zone["firm.test", "MX"] = ["0 firm.mail.protection.outlook.com."]
    assert discover("a@firm.test", lookup).advice == (Advice.MICROSOFT,)
    world.zone["firm.test", "MX"] = ["1 smtp.google.com."]
    assert discover("a@firm.test", lookup).advice == (Advice.GOOGLE,)
    assert Advice.NO_PASSWORD in listed("a@outlook.com").advice


def test_only_where_its_mail_goes_first(world, lookup):
    """A second host may be somebody's who keeps emails while the first is away."""
    world.zone["firm.test", "MX"] = ["10 mail.firm.test.", "20 mx1.mail.ovh.net."]
    assert discover("a@firm.test", lookup) is None
    world.zone["firm.test", "MX"] = ["10 mail.firm.test.", "10 mx1.mail.ovh.net."]
    assert discover("a@firm.test", lookup).host == "ssl0.ovh.net"


def test_a_domain_that_takes_no_mail(world, lookup):
    world.zone["firm.test", "MX"] = ["0 ."]  # RFC 7505
    assert discover("a@firm.test", lookup) is None


def test_an_alias_and_another_script(world, lookup):
    world.zone["xn--bcher-kva.test", "CNAME"] = "firm.test."
    world.zone["firm.test", "MX"] = ["5 smtpin.rzone.de."]
    assert discover("Bürö@BÜCHER.test", lookup).host == "smtp.strato.de"


@pytest.mark.parametrize("name", SRV)
def test_what_the_domain_publishes(world, lookup, name):
    services, expected = SRV[name]
    for service, offers in services.items():
        world.zone[f"{service}._tcp.firm.test", "SRV"] = offers.split("|")
    found = discover("a@firm.test", lookup)
    if expected is None:
        assert found is None
    else:
        assert long(found) == expected
        assert (found.source, found.at) == (Source.PUBLISHED, "firm.test")
        assert (found.user, found.advice) == ("", ())


@pytest.mark.parametrize(
    "address",
    [
        *("", "@", "a", "a@", "@firm.test", "a@localhost", "a@[127.0.0.1]"),
        *("a@127.0.0.1", "a@0x7f.1", "a@firm..test", "a@-.test", "a@\ud800.test"),
        *("a@firm.test\r\nx", "a@b c.test", "a@" + "b" * 64 + ".test"),
        *("a@" + "b." * 500 + "test", "a@" + "ü" * 10**5 + ".test", "a@\x00.test"),
    ],
)
def test_what_is_no_address(world, lookup, address):
    assert discover(address, lookup) is None
    assert world.asked == []


def answered(**flags):
    def mood(request, is_tcp):
        response = dns.message.make_response(request)
        if "rcode" in flags:
            response.set_rcode(flags["rcode"])
        if flags.get("id"):
            response.id = request.id ^ 1
        if flags.get("cut"):
            response.flags |= dns.flags.TC
        return response.to_wire()

    return mood


def silent(request, is_tcp):
    raise Silence


def cut_and_silent(request, is_tcp):
    return silent(request, is_tcp) if is_tcp else answered(cut=True)(request, is_tcp)


def cut_and_slow(request, is_tcp):
    if is_tcp:
        time.sleep(1)
    return cut_and_silent(request, is_tcp)


@pytest.mark.parametrize(
    "mood",
    [
        answered(rcode=dns.rcode.SERVFAIL),
        answered(rcode=dns.rcode.REFUSED),
        answered(rcode=dns.rcode.NOTIMP),
        answered(),
        answered(id=True),
        answered(cut=True),
        cut_and_silent,
        cut_and_slow,
        silent,
        lambda request, is_tcp: b"",
        lambda request, is_tcp: b"\xff" * 12,
        lambda request, is_tcp: request.to_wire(),
        lambda request, is_tcp: request.to_wire()[:2] + b"\x80\x00" + b"\xff" * 60,
    ],
)
def test_a_bad_name_server_is_as_good_as_none(world, lookup, monkeypatch, mood):
    monkeypatch.setattr(find, "DNS_SECONDS", 0.2)
    world.zone["firm.test", "MX"] = ["1 smtp.google.com."]
    world.mood = mood
    assert discover("a@firm.test", lookup) is None
    assert world.asked


def test_an_answer_that_is_too_long_for_a_datagram(world, lookup, monkeypatch):
    for limit in ("DNS_SECONDS", "DISCOVERY_SECONDS"):
        monkeypatch.setattr(find, limit, 60)  # a busy machine takes its time
    others = [f"10 mx{number}.firm.test." for number in range(2000)]
    world.zone["firm.test", "MX"] = ["1 smtp.google.com.", *others]
    assert discover("a@firm.test", lookup).host == "smtp.gmail.com"


def test_no_name_server_at_all(monkeypatch, lookup, world):
    monkeypatch.setattr(find, "DNS_SECONDS", 0.2)
    resolver = dns.resolver.Resolver(configure=False)
    for nameservers in ([], ["127.0.0.1"]):
        resolver.nameservers = nameservers
        resolver.port = 9
        assert discover("a@firm.test", Lookup(resolver, ca_file=lookup.ca_file)) is None


def test_a_system_without_name_servers(monkeypatch, lookup):
    def none(*_args, **_options):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", none)
    assert discover("a@firm.test", Lookup(port=lookup.port)) is None


def test_it_ends(world, lookup, monkeypatch):
    """Everything is silent: the limits add up to what the user is told."""
    waited = []
    monkeypatch.setattr(Lookup, "mx", lambda *args: waited.append(args[-1]) or [])
    monkeypatch.setattr(Lookup, "srv", lambda *args: waited.append(args[-1]) or [])
    monkeypatch.setattr(Lookup, "file", lambda *args: waited.append(args[-1]) or b"")
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    assert discover("a@firm.test", lookup) is None
    assert waited[0] + waited[1] == 2 * find.DNS_SECONDS < find.DISCOVERY_SECONDS == 5
    assert waited[-1] <= find.DISCOVERY_SECONDS


@contextlib.contextmanager
def saying(change):
    """A resolver that is told what the wire says, whatever was asked."""

    def query(request, *_args, **_options):
        return dns.message.from_wire(change(request))

    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    # Before dnspython 2.4 nonsense is no reason to give up: it waits, and asks again.
    error = dns.query.BadResponse
    no_wait = mock.patch.object(dns.resolver.time, "sleep", side_effect=error)
    with mock.patch.multiple(dns.query, udp=query, tcp=query), no_wait:
        yield resolver


@st.composite
def damages(draw):
    """A function from a request to a response, a true one with damage, or nonsense."""
    edits = draw(st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=9))))
    nonsense = draw(st.none() | st.binary(max_size=400))
    names = draw(st.lists(st.sampled_from(["smtp.google.com.", "a.test.", "."])))

    def change(request):
        if nonsense is not None:
            return nonsense
        response = dns.message.make_response(request)
        question = request.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        start = "1" if kind == "MX" else "0 1 465"
        if names:
            texts = [f"{start} {name}" for name in names]
            found = dns.rrset.from_text_list(question.name, 60, "IN", kind, texts)
            response.answer.append(found)
        wire = response.to_wire()
        for place, piece in edits:
            place %= len(wire) + 1
            wire = wire[:place] + piece + wire[place + len(piece) :]
        return wire

    return change


class Deaf(Lookup):
    """Asks no web server."""

    def file(self, *_args):
        return b""


@settings(derandomize=True, deadline=None, max_examples=200)
@given(damages())
def test_whatever_the_dns_says(change):
    with saying(change) as resolver:
        found = discover("a@firm.test", Deaf(resolver))
    assert found is None or isinstance(found, Servers)
    assert found is None or (found.host and found.encryption in ("ssl", "starttls"))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text() | st.builds("{}@{}".format, st.text(), st.text(max_size=80)))
def test_whatever_is_an_address(address):
    with saying(lambda request: b"") as resolver:
        found = discover(address, Deaf(resolver))
    assert found is None or isinstance(found, Servers)
