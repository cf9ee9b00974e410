"""Steps that are committed: for a batch together or, if that cannot be, each alone."""

import logging

import psycopg2
from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import TransactionRollbackError

#: Another transaction was in the way.
OTHERS = (TransactionRollbackError, LockNotAvailable)

_logger = logging.getLogger(__name__)


def commit(cr):
    """What was done cannot be taken back: an email has left, or is about to.

    The cursor is the drain's own, so nobody else's work is committed with it.
    """
    cr.commit()  # pylint: disable=invalid-commit


def together(followups, work, give_up):
    """Do *work* for all *followups* in one transaction; what one of them cannot bear,
    it shall not spoil for the others: then each has its own. Never raises.

    :param work: called with follow-ups; returns a list.
    :param give_up: called with one for which it raised, and the error; what it does is
        committed.
    :return: what *work* has returned.
    """
    cr = followups.env.cr
    try:
        found = work(followups)
        commit(cr)
        return found
    except Exception as error:
        cr.rollback()
        if len(followups) == 1:
            _alone(followups, give_up, error)
            return []
        _logger.info("Follow-ups %s: one by one.", followups.ids, exc_info=True)
    return [each for one in followups for each in together(one, work, give_up)]


def _alone(followup, give_up, error):
    if isinstance(error, OTHERS):
        # Somebody changed the same rows: as it was, in the next run.
        _logger.info("Follow-up %s waits for another transaction.", followup.id)
        return
    if isinstance(error, psycopg2.OperationalError):
        # The database is away, full, or took too long: no fault of this follow-up.
        _logger.error(
            "Follow-up %s waits for the next run.", followup.id, exc_info=error
        )
        return
    _logger.error("Follow-up %s failed.", followup.id, exc_info=error)
    try:
        give_up(followup, error)
        commit(followup.env.cr)
    except Exception:
        _logger.exception("Follow-up %s could not be given up either.", followup.id)
        followup.env.cr.rollback()
