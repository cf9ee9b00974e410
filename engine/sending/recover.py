"""Resolve what an interrupted run has left."""

import logging
from contextlib import nullcontext, suppress
from functools import partial

from ...providers.outcomes import Outcome
from ...tools.locks import Busy
from ..followup import ledger
from .mail_session import open_session
from .settle import deliveries_of
from .steps import commit, together

_logger = logging.getLogger(__name__)
#: What the journal says of an email that has provably not left.
NOT_LEFT = ("deferred", "rejected")


def recover(connector):
    """Resolve what an interrupted run left in ``sending``. Commits each.

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
            together(followup, partial(_recover_one, session), _stays)


def _stays(followup, _error):
    _logger.warning("Follow-up %s stays interrupted.", followup.id)


def _recover_one(session, followup):
    delivery = deliveries_of(followup).get(followup)
    if not delivery or delivery.state in NOT_LEFT:
        ledger.take_back(followup, retry_at=followup.retry_at)
    elif delivery.state == "accepted":
        if followup.mail_id and not delivery.sent_copy:
            # It is filed apart, by what cannot send: to the journal, an email to an
            # address that was corrected meanwhile is another one.
            delivery.sent_copy = "owed"
        ledger.sent(followup, {followup: delivery})
    else:
        _ask_mailbox(followup, delivery, session)


def _ask_mailbox(followup, delivery, session):
    """The attempt was cut off: perhaps the Sent folder knows more.

    What counts is what the journal says in the end.
    """
    try:
        with suppress(Outcome):
            session.resolve(delivery) if session else delivery._resolve(None)
    except Busy:
        return
    commit(followup.env.cr)  # a new snapshot: it sees what the journal has committed
    if delivery.state == "accepted":
        ledger.sent(followup, {followup: delivery})
    elif delivery.state in NOT_LEFT:
        ledger.take_back(followup, retry_at=followup.retry_at)
    else:
        ledger.unknown(followup, delivery)
