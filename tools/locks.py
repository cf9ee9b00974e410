"""Locks that die with their holder.

PostgreSQL's advisory locks are let go when its connection ends, also by ``kill -9``:
who gets the lock knows that nobody else is at work.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import logging
import time
from contextlib import ExitStack, contextmanager

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class Busy(Exception):
    """Somebody else is at work on this."""


def take(cr, name, wait=0, shared=False):
    """Lock *name* (str) until the transaction of *cr* ends.

    :param wait: for how many seconds, if it is taken.
    :param shared: hold it along with others who share it.
    :raises Busy: if it is still taken then.
    """
    _take(cr, f"pg_try_advisory_xact_lock{_kind(shared)}", name, wait)


@contextmanager
def kept(cr, *names, wait=0, shared=False):
    """Hold these locks on the connection of *cr*, whatever it commits or rolls back.

    So they need no connection of their own, and a pooler between Odoo and PostgreSQL
    has to give *cr* one for all its transactions ("session pooling").

    :param wait: for how many seconds to wait for each, if it is taken.
    :param shared: hold them along with others who share them.
    :raises Busy: if one is still taken then.
    """
    with ExitStack() as stack:
        for name in names:
            _take(cr, f"pg_try_advisory_lock{_kind(shared)}", name, wait)
            stack.callback(_let_go, cr, f"pg_advisory_unlock{_kind(shared)}", name)
        yield


def _kind(shared):
    return "_shared" if shared else ""


def _take(cr, function, name, wait):
    """It asks again and again: a statement that waits, and is cut off, would spoil the
    transaction."""
    deadline = time.monotonic() + wait
    while not _ask(cr, function, name):
        if time.monotonic() >= deadline:
            raise Busy(name)
        time.sleep(0.1)


def take_free(cr, names):
    """Lock those of *names* that nobody has, until the transaction of *cr* ends.

    :return: the set of these names.
    """
    cr.execute(
        SQL(
            """SELECT name FROM unnest(%s) AS name
                WHERE pg_try_advisory_xact_lock(hashtextextended(name, 0))""",
            list(names),
        )
    )
    return {name for (name,) in cr.fetchall()}


def _let_go(cr, function, name):
    try:
        if cr.connection.info.transaction_status == TRANSACTION_STATUS_INERROR:
            cr.rollback()  # that is all that can be done with it
        _ask(cr, function, name)
    except psycopg2.Error as error:  # it is let go of with a lost connection, too
        _logger.warning("The lock %r was lost: %s", name, type(error).__name__)


def _ask(cr, function, name):
    cr.execute(SQL("SELECT %s(hashtextextended(%s, 0))", SQL(function), name))
    return cr.fetchone()[0]
