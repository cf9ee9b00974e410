"""Send what is due from one mailbox, one follow-up and one transaction at a time.

The steps of one follow-up, each committed before the next:

1. ``planned``: its row is locked, the customer is looked at again, the email is
   written, and it becomes ``sending``;
2. the journal claims the email, the mailbox sends it, the journal keeps the answer;
3. it becomes ``sent``, ``failed``, ``unknown``, or ``planned`` again to be retried.

A ``kill -9`` anywhere leaves a row in ``sending``, which :func:`recover` resolves by
what the journal says.
"""

import logging
from contextlib import nullcontext
from datetime import timedelta

import psycopg2

from odoo import fields

from ...providers.outcomes import OutcomeUnknown, Rejected, Unavailable
from ...rules import TODO
from ...tools.locks import Busy
from ...tools.waits import RETRY_AFTER
from .. import compose
from ..fees.late import to_keep
from ..followup import ledger
from ..followup.ledger_reasons import LedgerReason
from ..followup.thread import Thread
from . import copies, due, papers, recheck
from .mail_session import open_session

_logger = logging.getLogger(__name__)

#: ``RETRY_AFTER`` is doubled by each attempt, up to so many seconds.
RETRY_AT_MOST = 4 * 60 * 60
#: With these waits two days, as mail servers do (RFC 5321, 4.5.4.1): a mistyped domain
#: can be "not found for now" forever.
ATTEMPTS = 15


def drain(connectors, keep_going):
    """Send what *connectors* (all on one address, all locked by us) have to send.

    :param keep_going: asked before each follow-up; False ends the run.
    :return: how many follow-ups were looked at.
    """
    done = 0
    for connector in connectors:
        recover(connector)
        copies.file_owed(connector)
        due_ids = due.followups(connector).ids if connector._usable() else []
        if not due_ids:
            continue
        with open_session(connector) as session:
            for followup_id in due_ids:
                # One at least: a run that does nothing would be run again at once.
                if (done and not keep_going()) or not session.usable():
                    break
                deliver(
                    connector.env["account.email.followup"].browse(followup_id), session
                )
                done += 1
    return done


def deliver(followup, session):
    """Bring one follow-up to its end, or back to waiting. Commits. Never raises."""
    cr = followup.env.cr
    try:
        mail = _prepare(followup)
        _commit(cr)
        if mail:
            mail._send_one(session, Thread(followup).provider_id())
            _commit(cr)  # a new snapshot: it sees what the journal has committed
            _settle(followup, session)
            _commit(cr)
    except psycopg2.OperationalError:
        # Somebody changed the same rows: as it was, in the next run.
        _logger.info("Follow-up %s waits for another transaction.", followup.id)
        cr.rollback()
    except Exception as error:
        _logger.exception("Follow-up %s failed.", followup.id)
        cr.rollback()
        _give_up(followup, error)


def recover(connector):
    """Resolve what an interrupted run left in ``sending``.

    We hold the connector's lock: whoever was sending is dead.
    """
    orphans = connector.env["account.email.followup"].search(
        [("connector_id", "=", connector.id), ("state", "=", ledger.SENDING)]
    )
    if not orphans:
        return
    usable = connector._usable()
    with open_session(connector) if usable else nullcontext() as session:
        for followup in orphans:
            _logger.warning("Follow-up %s was interrupted.", followup.id)
            try:
                _recover_one(followup, session)
                _commit(followup.env.cr)
            except Exception:
                _logger.exception("Follow-up %s stays interrupted.", followup.id)
                followup.env.cr.rollback()


def _recover_one(followup, session):
    delivery = delivery_of(followup)
    if not delivery or delivery.state in ("deferred", "rejected"):
        ledger.take_back(followup)  # it has never left
    elif delivery.state == "accepted":
        if session and followup.mail_id and not delivery.sent_copy:
            # Files the copy; the journal does not let it send again.
            followup.mail_id._send_one(session)
        ledger.sent(followup, delivery)
    else:
        _ask_mailbox(followup, delivery, session)


def delivery_of(followup):
    """The journal's row of its email, if it was ever handed to a mailbox."""
    return followup.env["account.email.delivery"].search(
        [("message_id", "=", followup.message_id_header)], limit=1
    )


def _ask_mailbox(followup, delivery, session):
    """The attempt was cut off: perhaps the Sent folder knows more."""
    try:
        session.resolve(delivery) if session else delivery._resolve(None)
    except Busy:
        return
    except Unavailable:
        return ledger.take_back(followup)
    except OutcomeUnknown:
        settle = ledger.unknown
    else:
        settle = ledger.sent
    _commit(followup.env.cr)  # a new snapshot: it sees what the journal has committed
    settle(followup, delivery)


def _prepare(followup):
    """Lock, look again, write the email.

    :return: the ``mail.mail``; None if there is nothing to send now.
    """
    if not followup.try_lock_for_update() or followup.state != ledger.PLANNED:
        return None
    looked = recheck.look_again(followup)
    if not looked or not papers.is_ready(followup, looked):
        return None
    if followup.channel == TODO:
        _hand_to_person(followup)
        return None
    try:
        mail = compose.compose(followup)
    except compose.NoAddress:
        _hand_to_person(followup)
        return None
    ledger.begin(followup)
    return mail


def _hand_to_person(followup):
    """It is no email. A step that is meant so counts as taken; one that lacks an
    address does not."""
    if followup.step_id.channel == TODO:
        if followup.step_id.letter:
            today = followup._today()
            followup.write(to_keep(followup.step_id, followup.plan_id, today))
        ledger.hand_over(followup)
    else:
        ledger.unreachable(followup)


def _settle(followup, session):
    """Write down what became of the email: the journal knows, nobody else."""
    if session.undecided:
        return  # see recover
    delivery = delivery_of(followup)
    outcome = session.outcome
    if delivery.state == "accepted":
        ledger.sent(followup, delivery)
    elif delivery.state in ("sending", "unknown"):
        ledger.unknown(followup, delivery)
    elif outcome is None:
        why = followup.mail_id.failure_reason
        ledger.fail(followup, LedgerReason.NOT_COMPOSED, why or "")
    elif isinstance(outcome, Rejected) or _tried_enough(followup, session):
        ledger.fail(followup, outcome.reason, outcome.detail)
    else:
        _put_off(followup, session, outcome)


def _put_off(followup, session, outcome):
    """Try it again later: it was put off itself, or its mailbox waits for all."""
    connector, now = session.connector, fields.Datetime.now()
    wait = min(RETRY_AFTER * 2 ** (followup.attempts - 1), RETRY_AT_MOST)
    retry_at = now + timedelta(seconds=max(outcome.retry_after or 0, wait))
    if not connector._usable():
        # It was no attempt of its own. But if it is what the server dislikes, another
        # one has to be the first next time.
        followup.attempts -= 1
        waits = connector.wait_until
        retry_at = waits + timedelta(minutes=1) if waits else now
    ledger.take_back(followup, outcome.reason, retry_at)


def _tried_enough(followup, session):
    """Whether this one email is put off again and again, while others leave."""
    return followup.attempts >= ATTEMPTS and session.connector._usable()


def _give_up(followup, error):
    """An error of ours, or of a template: fail this follow-up, not the run."""
    cr = followup.env.cr
    try:
        if followup.state == ledger.PLANNED:
            why = f"{type(error).__name__}: {error}"
            ledger.fail(followup, LedgerReason.NOT_COMPOSED, why)
        _commit(cr)
    except Exception:
        _logger.exception("Follow-up %s could not be given up either.", followup.id)
        cr.rollback()


def _commit(cr):
    """What was done cannot be taken back: an email has left, or is about to.

    The cursor is the drain's own, so nobody else's work is committed with it.
    """
    cr.commit()  # pylint: disable=invalid-commit
