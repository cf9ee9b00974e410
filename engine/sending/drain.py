"""Send what is due from one mailbox, in batches of what leaves in a few seconds.

The steps of a batch, each committed before the next:

1. ``planned``: their rows are locked, their customers looked at again, the emails
   written, and they become ``sending`` (:mod:`.prepare`);
2. of each, one after the other, the journal claims the email, the mailbox sends it, the
   journal keeps the answer (:mod:`.attempts`);
3. they become ``sent``, ``failed``, ``unknown``, or ``planned`` again to be retried
   (:mod:`.settle`).

A ``kill -9`` anywhere leaves rows in ``sending``, which :mod:`.recover` resolves by
what the journal says.
"""

import logging
import time
from typing import NamedTuple

from ..mailbox import pace
from . import attempts, copies, due, prepare, settle
from .mail_session import open_session
from .progress import Progress
from .recover import recover

_logger = logging.getLogger(__name__)

#: Seconds for which the mailbox is to be at work for a batch.
BATCH_SECONDS = 5
#: Seconds in which its customers are to be looked at, and its emails written: so long
#: their invoices are locked, and people wait who note a payment.
DESK_SECONDS = 3
#: Follow-ups in a batch, at most.
BATCH_MOST = 40
#: A mailbox that was fast may be slow now: a batch is so many times the last, at most.
GROWTH = 4


def drain(connectors, keep_going):
    """Send what *connectors* (all on one address, all locked by us) have to send.

    :param keep_going: asked before each batch but the first, which is one follow-up: a
        run that does nothing would be run again at once. False ends the run.
    :return: how many follow-ups were looked at.
    """
    done = 0
    for connector in connectors:
        recover(connector)
        copies.file_owed(connector)
        due_ids = due.followups(connector).ids if connector._usable() else []
        if due_ids:
            with open_session(connector) as session:
                done += _send_all(session, due_ids, keep_going, bool(done))
    return done


def _send_all(session, due_ids, keep_going, ask_first):
    """Send these follow-ups of one connector, as long as it may; return how many."""
    followups = session.connector.env["account.email.followup"]
    progress = Progress(session.connector, followups.browse(due_ids))
    done, size = 0, 1
    while done < len(due_ids) and session.usable():
        if (done or ask_first) and not keep_going():
            progress.tell(followups, goes_on=False)
            break
        size = min(size, pace.room(session.connector) or BATCH_MOST)
        batch = followups.browse(due_ids[done : done + size])
        if going := due.not_stopped(batch):
            size = deliver(going, session).next_size()
        done += len(batch)
        progress.tell(batch, goes_on=done < len(due_ids) and session.usable())
    return done


class Took(NamedTuple):
    """What a batch has taken."""

    looked: int  #: follow-ups that were looked at
    tried: int  #: emails of these that the mailbox was given
    at_desk: float  #: seconds in which these were looked at and written
    at_mailbox: float  #: seconds in which it was at work

    def next_size(self):
        """How many are to be in the next batch: as many as both can do in time."""
        tried = self.tried or self.looked  # of those that need not go, it says nothing
        by_desk = self.looked * DESK_SECONDS / max(self.at_desk, 0.001)
        by_mailbox = tried * BATCH_SECONDS / max(self.at_mailbox, 0.001)
        return max(1, int(min(by_desk, by_mailbox, self.looked * GROWTH, BATCH_MOST)))


def deliver(followups, session):
    """Bring a batch to its end, or back to waiting. Commits. Never raises.

    :return: :class:`Took`.
    """
    tried, looked_at = {}, time.monotonic()
    ready = prepare.prepare(followups)
    began = time.monotonic()
    try:
        tried = attempts.make(ready, session, looked_at)
    except Exception:
        ids = [each.followup.id for each in ready]
        _logger.exception("Follow-ups %s were cut off: the journal tells more.", ids)
        followups.env.cr.rollback()
        recover(session.connector)
        ready = []
    end = time.monotonic()
    settle.settle([each.followup for each in ready], tried, session)
    return Took(len(followups), len(tried), began - looked_at, end - began)
