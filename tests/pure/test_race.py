"""A host of several addresses is reached if one of them is."""

import errno
import socket

import pytest
from account_email_connector.providers import network, race
from account_email_connector.providers.outcomes import Unavailable
from account_email_connector.providers.reasons import Reason
from hypothesis import given
from hypothesis import strategies as st
from mail_helpers import ACCOUNT
from mailserver import closed_port, filtered_port

pytest_plugins = ("mail_support",)

IPV4, IPV6 = socket.AF_INET, socket.AF_INET6


def at(port, address="127.0.0.1"):
    return (IPV4, socket.SOCK_STREAM, 6, "", (address, port))


def nowhere(port, number):
    """Another address of a kind that nobody has here."""
    return (IPV6, socket.SOCK_STREAM, 6, "", (f"2001:db8::{number}", port, 0, 0))


@pytest.fixture
def resolved(monkeypatch):
    def resolve(*found):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: list(found))

    return resolve


@pytest.fixture
def dead():
    with filtered_port() as port:
        yield port


def test_the_last_of_many_dead_addresses_works(sink, mailbox_of, resolved, dead):
    many = [at(dead, f"127.0.0.{number}") for number in (1, 1)]
    many += [nowhere(sink.port, number) for number in range(1, 6)]
    many += [at(closed_port()), at(dead), at(sink.port)]
    resolved(*many)
    mailbox = mailbox_of(
        sink, port=sink.port, encryption="starttls", timeout=3, host="localhost"
    )
    mailbox.check()
    assert sink.sign_ins == [(ACCOUNT, True)]


def test_a_dead_address_is_waited_for_while_the_next_one_is_tried(sink, resolved, dead):
    resolved(at(dead), at(sink.port))
    network.open_socket("mail.example", 25, 60).close()  # it does not take a minute


def test_nothing_is_left_open(sink, resolved, dead, monkeypatch):
    opened = []

    class Counted(race.Socket):
        def __init__(self, *args):
            super().__init__(*args)
            opened.append(self)

    monkeypatch.setattr(race, "Socket", Counted)
    resolved(at(dead), at(closed_port()), at(sink.port))
    taken = network.open_socket("mail.example", 25, 3)
    assert [each.fileno() != -1 for each in opened] == [
        each is taken for each in opened
    ]
    taken.close()
    resolved(at(dead), at(closed_port()))
    with pytest.raises(ConnectionRefusedError):
        network.open_socket("mail.example", 25, 0.3)
    assert all(each.fileno() == -1 for each in opened)


def test_an_ipv6_that_this_machine_has_not_hides_nothing(
    sink, mailbox_of, resolved, dead
):
    resolved(at(dead), nowhere(dead, 1))
    with pytest.raises(Unavailable) as caught:
        mailbox_of(sink, timeout=0.4).check()
    assert caught.value.reason == Reason.PORT_FILTERED
    closed = closed_port()
    resolved(at(closed), nowhere(closed, 1), at(dead))
    with pytest.raises(Unavailable) as caught:
        mailbox_of(sink, timeout=0.4).check()
    assert caught.value.reason == Reason.PORT_CLOSED


def test_a_family_that_the_system_does_not_know(sink, resolved):
    resolved((250, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 25)), at(sink.port))
    network.open_socket("mail.example", 25, 3).close()


def test_no_address_at_all(resolved):
    resolved()
    with pytest.raises(ConnectionRefusedError) as caught:
        network.open_socket("mail.example", 25, 3)
    assert caught.value.errno == errno.ECONNREFUSED


@given(
    st.lists(st.tuples(st.sampled_from([IPV4, IPV6]), st.integers(1, 6)), min_size=1)
)
def test_the_families_take_turns(asked):
    found = [(family, 1, 6, "", (str(n), 25)) for family, n in asked]
    turns = race.in_turns(found)
    assert turns[0] == found[0]
    assert set(turns) == set(found)
    assert len(turns) == len(set(turns))
    families = [each[0] for each in turns]
    both = 2 * min(families.count(IPV4), families.count(IPV6))
    assert all(a != b for a, b in zip(families[:both], families[1:both], strict=False))
