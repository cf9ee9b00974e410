"""What the DNS says of who may send for a domain, by a real server on loopback."""

import pytest
from account_email_connector.providers.discovery import Lookup, sender
from account_email_connector.providers.discovery.sender import HOSTS, State, look
from discovery_helpers import Dns, Silence
from hypothesis import given, settings
from hypothesis import strategies as st

MICROSOFT, GOOGLE = HOSTS["microsoft"], HOSTS["google"]
KEY = '"v=DKIM1; k=rsa; p=MIIBIjAN" "Bgkq"'
#: What stands in the DNS of firm.com, by whom it sends, and what is found.
SPF = {
    "none": ([], MICROSOFT, State.MISSING),
    "other texts": (['"google-site-verification=x"'], MICROSOFT, State.MISSING),
    "another version": (['"v=spf10 -all"'], MICROSOFT, State.MISSING),
    "Microsoft's": (
        ['"v=spf1 include:spf.protection.outlook.com -all"'],
        MICROSOFT,
        State.NAMED,
    ),
    "in capital letters, and in two parts": (
        ['"V=SPF1 Include:SPF.protection" ".outlook.com ~all"'],
        MICROSOFT,
        State.NAMED,
    ),
    "the other one's": (
        ['"v=spf1 include:spf.protection.outlook.com -all"'],
        GOOGLE,
        State.NOT_NAMED,
    ),
    "Google's, of a record that is included": (
        ['"v=spf1 ip4:192.0.2.1 include:spf.firm.com ~all"'],
        GOOGLE,
        State.NAMED,
    ),
    "Google's, of a record that it leads to": (
        ['"v=spf1 redirect=spf.firm.com"'],
        GOOGLE,
        State.NAMED,
    ),
    "asked of each email": (
        ['"v=spf1 include:%{ir}.%{v}.%{d}.spf.has.pphosted.com -all"'],
        GOOGLE,
        State.PRESENT,
    ),
    "asked by exists": (
        ['"v=spf1 exists:%{i}._spf.acme.com -all"'],
        GOOGLE,
        State.PRESENT,
    ),
    "refused": (['"v=spf1 -include:_spf.google.com ~all"'], GOOGLE, State.NOT_NAMED),
    "one that includes itself": (
        ['"v=spf1 include:firm.com -all"'],
        GOOGLE,
        State.NOT_NAMED,
    ),
    "two": (
        ['"v=spf1 include:_spf.google.com ~all"', '"v=spf1 mx -all"'],
        GOOGLE,
        State.SEVERAL,
    ),
    "of another host": (['"v=spf1 mx -all"'], None, State.PRESENT),
    "of no host": ([], None, State.MISSING),
}
DMARC = {
    "none": ({}, "firm.com", State.MISSING),
    "it is watched": ({"firm.com": "v=DMARC1; p=none"}, "firm.com", State.WATCHING),
    "refuse": ({"firm.com": "v=DMARC1;p=reject"}, "firm.com", State.ENFORCED),
    "of the domain above": (
        {"firm.com": "v=DMARC1; p=quarantine; rua=mailto:x@y.z"},
        "mail.firm.com",
        State.ENFORCED,
    ),
    "which says something else of those below": (
        {"firm.com": "v=DMARC1; p=reject; sp=none"},
        "mail.firm.com",
        State.WATCHING,
    ),
    "its own goes first": (
        {"firm.com": "v=DMARC1; p=reject", "mail.firm.com": "v=DMARC1; p=none"},
        "mail.firm.com",
        State.WATCHING,
    ),
    "nonsense": ({"firm.com": "DMARC is good"}, "firm.com", State.MISSING),
}


@pytest.fixture
def world():
    with Dns() as server:
        yield server


@pytest.fixture
def ask(world):
    """Look up a domain; returns what was found by subject."""
    lookup = Lookup(resolver=world.resolver())

    def ask(domain="firm.com", host=MICROSOFT):
        return {each.subject: each for each in look(domain, host, lookup)}

    return ask


@pytest.mark.parametrize("case", SPF)
def test_spf(world, ask, case):
    records, host, state = SPF[case]
    world.zone["firm.com", "TXT"] = records
    world.zone["spf.firm.com", "TXT"] = ['"v=spf1 include:_spf.google.com ~all"']
    assert ask(host=host)["spf"].state == state


@pytest.mark.parametrize("case", DMARC)
def test_dmarc(world, ask, case):
    policies, domain, state = DMARC[case]
    for name, text in policies.items():
        world.zone[f"_dmarc.{name}", "TXT"] = [f'"{text}"']
    assert ask(domain)["dmarc"].state == state


def test_microsofts_key_stands_at_an_alias(world, ask):
    assert ask()["dkim"].state == State.MISSING
    target = "selector2-firm-com._domainkey.firm.onmicrosoft.com"
    world.zone["selector2._domainkey.firm.com", "CNAME"] = f"{target}."
    assert ask()["dkim"].state == State.MISSING, "it leads nowhere"
    world.zone[target, "TXT"] = [KEY]
    found = ask()["dkim"]
    assert (found.state, found.at) == (State.KEY, "selector2._domainkey.firm.com")
    assert found.record.endswith("p=MIIBIjANBgkq")


def test_googles_key_and_one_that_was_taken_back(world, ask):
    world.zone["google._domainkey.firm.com", "TXT"] = ['"v=DKIM1; p="']
    assert ask(host=GOOGLE)["dkim"].state == State.MISSING
    world.zone["google._domainkey.firm.com", "TXT"] = [KEY]
    assert ask(host=GOOGLE)["dkim"].state == State.KEY


def test_of_another_host_no_key_is_looked_for(world, ask):
    assert ask(host=None)["dkim"].state == State.UNKNOWN
    assert not [each for each in world.asked if "domainkey" in each]


def test_a_record_without_end_is_not_followed_for_ever(world, ask):
    for number in range(30):
        name = "firm.com" if not number else f"n{number}.firm.com"
        record = f'"v=spf1 include:n{number + 1}.firm.com -all"'
        world.zone[name, "TXT"] = [record]
    assert ask()["spf"].state == State.NOT_NAMED
    assert len(world.asked) < 20


def test_no_answer_is_no_missing_record(world, ask, monkeypatch):
    def silence(_request, _is_tcp):
        raise Silence

    monkeypatch.setattr(sender, "SECONDS", 0.5)
    world.mood = silence
    assert {each.state for each in ask().values()} == {State.NO_ANSWER}


def test_a_long_record_of_a_stranger_is_shown_in_part(world, ask):
    world.zone["firm.com", "TXT"] = [
        '"v=spf1 \\007\\233 ' + '" "'.join(["x" * 200] * 5) + '"'
    ]
    shown = ask()["spf"].record
    assert shown.isprintable()
    assert len(shown) == sender.LONGEST_RECORD + 1


@settings(derandomize=True, deadline=None, max_examples=60)
@given(texts=st.lists(st.text(max_size=80), max_size=4))
def test_whatever_stands_there_is_told(texts):
    class Says:
        def txt(self, _name, _seconds):
            return [f"v=spf1 {text}" for text in texts] + [
                "v=DMARC1; " + "".join(texts)
            ]

    assert len(look("firm.com", GOOGLE, Says())) == 3
