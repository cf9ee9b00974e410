"""A sign-in ends within a minute, whatever SMTP and IMAP do, and says what it does."""

import contextlib
import socket

import pytest
from account_email_connector.providers.deadline import Deadline
from account_email_connector.providers.outcomes import Outcome
from account_email_connector.providers.progress import Step
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings
from account_email_connector.providers.smtp.mailbox import SmtpMailbox
from account_email_connector.providers.smtp.ports import diagnose_ports
from fake_time import IMAP, SMTP, fake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_helpers import ACCOUNT, PASSWORD, compose
from mailserver import filtered_port

pytest_plugins = ("mail_support",)

MINUTE = 60
GREETING, EHLO = b"220 mail\r\n", b"250-mail\r\n250 AUTH PLAIN\r\n"
SIGNED_IN = b"235 2.7.0 OK\r\n"
HELLO = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n"


@pytest.fixture
def world(monkeypatch):
    return fake(monkeypatch)


def quick(*said):
    return [(0, each) for each in said]


def dripping(text, seconds):
    return [(seconds, text[n : n + 1]) for n in range(len(text))]


def sign_in(world, smtp, imap, **changes):
    """Sign in; return the outcome if there is one, and how long it took in all."""
    world.scripts = {SMTP: [list(smtp)], IMAP: [list(imap)]}
    values = {
        "host": "smtp.example.com",
        "port": SMTP,
        "encryption": "none",
        "user": ACCOUNT,
        "password": PASSWORD,
        "imap_host": "imap.example.com",
        "imap_port": IMAP,
        "imap_encryption": "none",
    }
    began, outcome = world.clock.now, None
    with SmtpMailbox(SmtpSettings(**values | changes)) as mailbox:
        try:
            mailbox.check()
        except Outcome as error:
            outcome = error
            if error.reason == Reason.SENT_FOLDER_NOT_FOUND:
                with contextlib.suppress(Outcome):
                    mailbox.sent_folders()
    return outcome, world.clock.now - began


def test_a_slow_greeting_and_an_imap_that_is_silent(world):
    slow = [(43, GREETING), (0, EHLO), (0, SIGNED_IN)]
    outcome, seconds = sign_in(world, slow, [])
    assert (outcome.reason, outcome.service) == (Reason.SERVER_SILENT, "imap")
    assert 43 < seconds <= MINUTE


def test_a_slow_smtp_leaves_time_for_imap(world):
    slow = [(30, GREETING), (9, EHLO), (9, SIGNED_IN)]
    outcome, seconds = sign_in(world, slow, [])
    assert outcome.service == "smtp", "IMAP is not even reached in vain"
    assert seconds <= MINUTE


def test_without_imap_smtp_may_take_it_all(world):
    slow = [(50, GREETING), (0, EHLO), (0, SIGNED_IN)]
    outcome, seconds = sign_in(world, slow, [], imap_host="")
    assert outcome is None
    assert seconds <= MINUTE


def test_a_way_that_takes_long_to_both(world):
    world.resolving = world.connecting = 9.9
    slow = [(20, GREETING), (0, EHLO), (0, SIGNED_IN)]
    outcome, seconds = sign_in(world, slow, [])
    assert outcome.service == "imap"
    assert seconds <= MINUTE


def test_who_hangs_up_on_our_name_is_asked_once_more_within_the_time(world):
    world.resolving = world.connecting = 9.9
    refuses = [(9, GREETING), (9, b"421 no such host\r\n")]
    _outcome, seconds = sign_in(world, refuses, [])
    assert seconds <= MINUTE


def test_what_drips(world):
    smtp = quick(GREETING, EHLO, SIGNED_IN)
    for imap in (
        dripping(HELLO, 9),
        quick(HELLO) + dripping(b"* " + b"x" * 300, 9),
        quick(HELLO, b"AAAA1 OK in\r\n") + dripping(b"* LIST () x\r\n" * 40, 5),
    ):
        _outcome, seconds = sign_in(world, smtp, imap)
        assert seconds <= MINUTE
    _outcome, seconds = sign_in(world, dripping(GREETING + EHLO, 8), [])
    assert seconds <= MINUTE


pieces = st.lists(
    st.tuples(
        st.sampled_from([0, 0.5, 3, 9.5, 25, 50]),
        st.sampled_from(
            [GREETING, EHLO, SIGNED_IN, b"250-x\r\n", b"421 no\r\n", b"* OK hi\r\n"]
            + [HELLO, b"* LIST () NIL x\r\n", b"AAAA1 OK\r\n", b"535 no\r\n", b"2"]
        ),
    ),
    max_size=12,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(smtp=pieces, imap=pieces, way=st.sampled_from([0, 4, 9.9, 30]))
def test_whatever_both_do(world, smtp, imap, way):
    world.resolving = world.connecting = way
    begun = quick(GREETING, EHLO, SIGNED_IN)
    for said in (smtp, begun + smtp):
        _outcome, seconds = sign_in(world, said, imap)
        assert seconds <= MINUTE


OK, LOGGED_IN = b"250 2.0.0 OK\r\n", quick(GREETING, EHLO, SIGNED_IN)


@pytest.mark.parametrize(
    "smtp",
    [
        [(20, GREETING), (9, EHLO), (9, SIGNED_IN)],
        [*LOGGED_IN, (35, OK)],
        [*LOGGED_IN, (15, OK), (14, OK), (9, OK)],
        [*LOGGED_IN, *dripping(OK * 10, 3)],
        [],
    ],
)
def test_an_email_that_somebody_waits_for_ends_in_time(world, smtp):
    world.scripts = {SMTP: [list(smtp)]}
    account = {"user": ACCOUNT, "password": PASSWORD}
    began = world.clock.now
    with SmtpMailbox(
        SmtpSettings("smtp.example.com", SMTP, "none", **account)
    ) as mailbox:
        mailbox.end_by(Deadline(30))
        with pytest.raises(Outcome) as caught:
            mailbox.send(compose())
    assert caught.value.reason == Reason.SERVER_SILENT
    assert world.clock.now - began <= 34


@pytest.mark.parametrize(
    "imap",
    [
        [],
        dripping(HELLO, 9),
        quick(HELLO, b"AAAA1 OK in\r\n") + dripping(b"* LIST () x\r\n" * 40, 5),
    ],
)
def test_its_copy_ends_in_time(world, imap):
    world.scripts = {IMAP: [list(imap)]}
    values = {"user": ACCOUNT, "password": PASSWORD}
    values |= {"imap_host": "imap.example.com", "imap_port": IMAP}
    began = world.clock.now
    with SmtpMailbox(
        SmtpSettings("smtp.example.com", SMTP, "none", imap_encryption="none", **values)
    ) as mailbox:
        mailbox.end_by(Deadline(15))
        assert mailbox.file_copy(compose()).state == "owed"
    assert world.clock.now - began <= 19


def test_the_other_ports_are_asked_within_what_is_left(world):
    world.resolving = world.connecting = 9
    world.scripts = {465: [], 587: [], 25: []}
    began = world.clock.now
    # One after the other here: this clock knows no side by side.
    diagnose_ports("smtp.example.com", 465, ports=(587,), deadline=Deadline(20))
    assert world.clock.now - began <= 21


# -- what it says ----------------------------------------------------------------------


def steps(mailbox_of, sink, **changes):
    told = []
    mailbox_of(sink, tell=told.append, **changes).check()
    return [(each.step, each.number) for each in told if each.host == "localhost"]


def test_the_steps_of_smtp(sink, mailbox_of):
    assert steps(mailbox_of, sink) == [
        (Step.REACHING, 1),
        (Step.GREETING, 1),
        (Step.SIGNING_IN, 1),
    ]


def test_the_steps_of_imap(server):
    told = []
    SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT), tell=told.append)).check()
    assert [each.step for each in told[3:]] == [
        Step.REACHING,
        Step.SIGNING_IN_IMAP,
        Step.LOOKING_FOR_SENT,
    ]


def test_the_next_address(sink, mailbox_of, monkeypatch):
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", sink.tls_port))
    with filtered_port() as port:
        dead = (*here[:4], ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [dead, here])
        assert (Step.NEXT_ADDRESS, 2) in steps(mailbox_of, sink, timeout=3)


def test_another_way_and_another_name(make_sink, mailbox_of):
    sink = make_sink()
    sink.faults.set("ehlo", "421 Bad HELO", match="[")
    sink.faults.set("auth", "504 Unrecognized authentication type", match="PLAIN")
    told = [step for step, _number in steps(mailbox_of, sink)]
    assert told == [
        Step.REACHING,
        Step.GREETING,
        Step.OTHER_NAME,
        Step.GREETING,
        Step.SIGNING_IN,
        Step.OTHER_WAY,
    ]


def test_no_secret_in_what_is_told(sink, mailbox_of):
    told = []
    mailbox = mailbox_of(sink, tell=told.append)
    mailbox.check()
    assert PASSWORD not in repr(told) and ACCOUNT not in repr(told)
    assert "tell" not in repr(mailbox._settings)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_check_begins_anew(world, number):
    """Each press of the button has its own minute."""
    for _press in range(number):
        outcome, seconds = sign_in(world, quick(GREETING, EHLO, SIGNED_IN), [])
        assert outcome.service == "imap"
        assert seconds <= MINUTE
