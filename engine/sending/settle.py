"""The last step of a batch: write down what became of it. The journal knows."""

from datetime import timedelta

from odoo import fields

from ...providers.outcomes import Rejected
from ...texts import failure_text
from ...tools.waits import RETRY_AFTER
from ..followup import ledger
from ..followup.ledger_reasons import LedgerReason
from .steps import together

#: ``RETRY_AFTER`` is doubled by each attempt, up to so many seconds.
RETRY_AT_MOST = 4 * 60 * 60
#: With these waits two days, as mail servers do (RFC 5321, 4.5.4.1): a mistyped domain
#: can be "not found for now" forever.
ATTEMPTS = 15


def settle(followups, tried, session):
    """Write down what became of *followups*, which are ``sending``. Commits. Never
    raises: what cannot be settled stays so, see :mod:`.recover`.

    :param followups: a list.
    :param tried: {follow-up: :class:`.attempts.Tried`}; the others have not left.
    """
    decided = [each for each in followups if not _is_undecided(tried.get(each))]
    if decided:
        together(
            decided[0].union(*decided),
            lambda some: _settle(some, tried, session),
            lambda followup, error: None,
        )


def _is_undecided(attempt):
    return attempt and attempt.undecided


def _settle(followups, tried, session):
    known = deliveries_of(followups)
    accepted = followups.filtered(
        lambda followup: followup in known and known[followup].state == "accepted"
    )
    ledger.sent(accepted, known)
    for followup in followups - accepted:
        delivery = known.get(followup)
        if followup not in tried:
            _untried(followup)
        elif delivery and delivery.state in ("sending", "unknown"):
            ledger.unknown(followup, delivery)
        else:
            _not_sent(followup, tried[followup], session.connector)
    return []


def deliveries_of(followups):
    """{follow-up: the journal's row of its email}, if it ever came to a mailbox."""
    found = followups.env["account.email.delivery"].search(
        [("message_id", "in", followups.mapped("message_id_header"))]
    )
    by_message = {delivery.message_id: delivery for delivery in found}
    return {
        followup: by_message[followup.message_id_header]
        for followup in followups
        if followup.message_id_header in by_message
    }


def _untried(followup):
    """Its turn did not come: it was no attempt, and goes as soon as it may. What had
    held it before, still counts (:func:`..followup.facts.instruction_of`)."""
    followup.attempts -= 1
    ledger.take_back(followup, retry_at=followup.retry_at)


def _not_sent(followup, attempt, connector):
    outcome = attempt.outcome
    if outcome is None:
        why = followup.mail_id.failure_reason
        ledger.fail(followup, LedgerReason.NOT_COMPOSED, why or "")
    elif isinstance(outcome, Rejected):
        ledger.fail(followup, outcome.reason, outcome.detail)
    elif _tried_enough(followup, attempt):
        text = failure_text(followup.env, outcome, given_up=True)
        followup.mail_id.failure_reason = text  # it said that it is tried again
        ledger.fail(followup, outcome.reason, outcome.detail)
    else:
        _put_off(followup, attempt, connector)


def _put_off(followup, attempt, connector):
    """Try it again later: it was put off itself, or its mailbox waits for all."""
    outcome, now = attempt.outcome, fields.Datetime.now()
    reason = outcome.reason
    wait = min(RETRY_AFTER * 2 ** (followup.attempts - 1), RETRY_AT_MOST)
    retry_at = now + timedelta(seconds=max(outcome.retry_after or 0, wait))
    if attempt.is_mailbox:
        # It was no attempt of its own. But if it is what the server dislikes, another
        # one has to be the first next time.
        followup.attempts -= 1
        waits = connector.wait_until
        retry_at = waits + timedelta(minutes=1) if waits else now
        # By this it is found when the mailbox is at work again.
        reason = connector.error_reason or connector.wait_reason or reason
    ledger.take_back(followup, reason, retry_at)


def _tried_enough(followup, attempt):
    """Whether this one email is put off again and again, while others leave."""
    return followup.attempts >= ATTEMPTS and not attempt.is_mailbox
