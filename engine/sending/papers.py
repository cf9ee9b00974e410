"""Make the statements and letters that are due, before what they go with is sent.

Apart from the sending, each in a transaction of its own: a PDF takes seconds, and what
makes it may fail or be killed. What has no true paper waits, with a reason, and is
tried again a few times; then a person lets the email go without, and a to-do goes by
itself.
"""

import logging
import time

from ...tools.apart import apart
from ...tools.locks import Busy
from ..followup import ledger, papers
from ..followup.ledger_reasons import LedgerReason
from . import due

_logger = logging.getLogger(__name__)

#: Seconds of one run; what is left over comes with the next, which is soon.
AT_MOST = 15


def make(connectors, seconds=AT_MOST):
    """Make the papers of what *connectors* may send now. Commits; never raises.

    :param connectors: with the right to see everything.
    """
    connectors.env["ir.cron"]._commit_progress()  # what was planned is seen by others
    usable = connectors.filtered(lambda connector: connector._usable())
    deadline = time.monotonic() + seconds
    for followup in due.followups(usable):
        if papers.kind(followup) and not papers.is_given_up(followup):
            _make_one(followup)
            if time.monotonic() > deadline:
                break


def _make_one(followup):
    try:
        with apart(followup.env, f"paper {followup.id}") as own:
            _try(followup.with_env(own))
    except Busy:
        _logger.info("Another worker makes the paper of follow-up %s.", followup.id)
    except Exception:
        _logger.exception("The paper of follow-up %s was not made.", followup.id)


def _try(followup):
    if followup.state != ledger.PLANNED or not followup.company_id.active:
        return
    found = papers.content(followup) if followup.paper_id else None
    if found and papers.is_true(followup, found):
        return
    # Counted before: it may be that the try is what kills the process.
    followup.paper_tries += 1
    _commit(followup.env.cr)
    try:
        papers.make(followup, found)
    except Exception:
        followup.env.cr.rollback()
        _logger.exception("The paper of follow-up %s was not made.", followup.id)
        _put_off(followup)


def _put_off(followup):
    """Try again later; in the end a person says whether the email goes without."""
    why = LedgerReason.STATEMENT_MISSING
    if followup.paper_tries < papers.TRIES:
        ledger.wait(followup, why)
    elif not papers.is_given_up(followup):
        ledger.ask_review(followup, why)


def is_ready(followup, looked=None):
    """Whether *followup* may go: with a true paper, or without one.

    What has changed since its paper was made waits until it is made anew; what nobody
    has come to yet is left as it is.

    :param looked: its customer, as it was looked at (:class:`..followup.looked.Looked`)
        just now.
    """
    if not papers.kind(followup) or papers.is_given_up(followup):
        return True
    if not followup.paper_id:
        return False
    if papers.is_true(followup, papers.content(followup, looked)):
        return True
    ledger.wait(followup, LedgerReason.STATEMENT_MISSING)
    return False


def _commit(cr):
    """The cursor is ours alone."""
    cr.commit()  # pylint: disable=invalid-commit
