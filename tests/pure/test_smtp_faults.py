"""Where an attempt fails decides whether it may be repeated.

Before the final dot has left, nothing can have been accepted. After it, only the
server's clear answer tells.
"""

import time

import pytest
from account_email_connector.providers.imap.sent import LONGEST_APPEND
from account_email_connector.providers.outcomes import (
    Outcome,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.body import BODY_SECONDS
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from mail_helpers import ACCOUNT, compose

pytest_plugins = ("mail_support",)

BEFORE = ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "body:0", "body:300"]
AFTER = ["dot", "accepted"]
LOST = ["drop", "reset", "stall"]


@pytest.mark.parametrize("action", LOST)
@pytest.mark.parametrize("point", BEFORE)
def test_lost_before_the_final_dot_is_proven_not_accepted(
    sink, mailbox_of, point, action
):
    sink.faults.set(point, action)
    with pytest.raises(Unavailable) as caught:
        # so large that it cannot wait in a buffer when the line is cut in the middle
        mailbox_of(sink).send(compose(body="y" * 8_000_000 if ":" in point else "y"))
    expected = Reason.SERVER_SILENT if action == "stall" else Reason.CONNECTION_LOST
    assert caught.value.reason == expected
    sink.faults.clear()
    assert sink.accepted() == []


@pytest.mark.parametrize("point", ["body:0", "body:50", "body:1000000"])
@pytest.mark.parametrize("action", ["drop", "reset"])
def test_cut_within_the_body(sink, mailbox_of, point, action):
    sink.faults.set(point, action)
    with pytest.raises(Unavailable):
        mailbox_of(sink).send(compose(body="y" * 8_000_000))
    assert sink.accepted() == []


@pytest.mark.parametrize("action", LOST)
@pytest.mark.parametrize("point", AFTER)
def test_lost_after_the_final_dot_may_have_been_sent(sink, mailbox_of, point, action):
    sink.faults.set(point, action)
    with pytest.raises(OutcomeUnknown) as caught:
        mailbox_of(sink).send(compose())
    assert caught.value.reason == Reason.MAYBE_SENT
    if point == "accepted":
        assert len(sink.accepted()) == 1


def test_a_line_too_slow_for_an_email(sink, mailbox_of, slow_line, monkeypatch):
    """It ends before Odoo kills the process; a smaller email passes."""
    monkeypatch.setattr("account_email_connector.providers.smtp.body.BODY_SECONDS", 1)
    mailbox = mailbox_of(sink, port=slow_line(sink.tls_port, 6_000_000), data_timeout=5)
    with pytest.raises(Unavailable) as caught:
        mailbox.send(compose(body="y" * 15_000_000))
    assert caught.value.reason == Reason.DEFERRED
    assert "bytes went out in 1 seconds" in caught.value.detail
    mailbox.send(compose("A small one"))
    assert [each.message["Subject"] for each in sink.accepted()] == ["A small one"]


def test_a_line_that_stalls_is_not_waited_for_any_longer(sink, mailbox_of, monkeypatch):
    monkeypatch.setattr("account_email_connector.providers.smtp.body.BODY_SECONDS", 1)
    sink.faults.set("body:300", "stall")
    mailbox = mailbox_of(sink, timeout=2, data_timeout=6)
    with pytest.raises(Unavailable) as caught:
        mailbox.send(compose(body="y" * 15_000_000))
    (stalled,) = sink.faults.reached("body:300")
    assert time.time() - stalled["at"] < 4
    assert caught.value.reason == Reason.DEFERRED


def test_all_the_waiting_for_one_email_fits_into_odoo_s_time_limit():
    """A run begins its last email within 10 seconds, and is killed after 120."""
    seconds = BODY_SECONDS + SmtpSettings("", 0, "").data_timeout + LONGEST_APPEND
    assert 10 + seconds < 120


def test_a_small_body_cut_short_is_never_repeated_by_mistake(sink, mailbox_of):
    """All of it may lie in the system's buffers when the server hangs up.

    Then the final dot may have left: whatever the socket says is not proof enough.
    """
    sink.faults.set("body:10", "drop")
    with pytest.raises((Unavailable, OutcomeUnknown)):
        mailbox_of(sink).send(compose())
    assert sink.accepted() == []


@pytest.mark.parametrize(
    ("point", "reply", "kind"),
    [
        ("greeting", "421 4.3.2 Shutting down", Unavailable),
        ("mail", "451 4.3.0 Later", Unavailable),
        ("data", "451 4.3.0 Later", Unavailable),
        ("data", "554 5.5.1 No valid recipients", Rejected),
        ("data", "250 Thank you?", Unavailable),
        ("dot", "451 4.3.0 Later", Unavailable),
        ("dot", "554 5.7.1 Spam", Rejected),
        ("dot", "421 4.4.0 Lost connection to relay server", OutcomeUnknown),
        ("dot", "nonsense", OutcomeUnknown),
        ("dot", "2" * 10_000, OutcomeUnknown),
        ("dot", "354 Go on", OutcomeUnknown),
    ],
)
def test_answers(sink, mailbox_of, point, reply, kind):
    sink.faults.set(point, reply, times=1)
    mailbox = mailbox_of(sink)
    with pytest.raises(kind):
        mailbox.send(compose())
    assert sink.accepted() == []
    mailbox.send(compose("The next one"))  # the session has recovered
    assert [each.message["Subject"] for each in sink.accepted()] == ["The next one"]


def test_repeating_what_may_be_repeated_never_sends_twice(sink, mailbox_of):
    """Every fault in turn, and the caller repeats only what is proven not accepted."""
    mailbox = mailbox_of(sink)
    attempts = unknown = 0
    refusals = [(point, "450 4.2.0 Later") for point in ("mail", "rcpt", "data", "dot")]
    lost = [(point, action) for point in [*BEFORE, *AFTER] for action in LOST]
    for point, action in [*refusals, *lost]:
        sink.faults.set(point, action, times=1)
        outgoing = compose(f"{point} {action}")
        for _attempt in range(3):
            attempts += 1
            try:
                mailbox.send(outgoing)
            except OutcomeUnknown:
                unknown += 1
            except Outcome:
                continue
            break
        sink.faults.clear()
    ids = [accepted.message_id for accepted in sink.accepted()]
    assert len(ids) == len(set(ids)), "something was sent twice"
    # In doubt is only what was cut within the body or after it; the rest went out.
    assert unknown <= 3 * len([*AFTER, "body:0", "body:300"])
    assert len(ids) + unknown >= len(refusals) + len(lost)
    assert attempts > len(ids)


def test_the_relay_behind_the_real_server_accepts_and_dies(server):
    """Dovecot then says 421 although the email was accepted."""
    server.relay.faults.set("accepted", "drop", times=1)
    outgoing = compose("Accepted, then silence")
    mailbox = SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT)))
    with mailbox, pytest.raises(OutcomeUnknown):
        mailbox.send(outgoing)
    assert outgoing.message_id in {a.message_id for a in server.relay.accepted()}
