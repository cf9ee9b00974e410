"""Locks that die with their holder.

PostgreSQL's advisory locks of a transaction are let go when its connection ends,
also by ``kill -9``: who gets the lock knows that nobody else is at work.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import time
from contextlib import contextmanager

from psycopg2.errors import LockNotAvailable

from odoo.tools import SQL


class Busy(Exception):
    """Somebody else is at work on this."""


def take(cr, name, wait=0, shared=False):
    """Lock *name* (str) until the transaction of *cr* ends.

    It asks again and again: a statement that waits, and is cut off, would spoil the
    transaction.

    :param wait: for how many seconds, if it is taken.
    :param shared: hold it along with others who share it.
    :raises Busy: if it is still taken then.
    """
    lock = SQL(
        "pg_try_advisory_xact_lock_shared" if shared else "pg_try_advisory_xact_lock"
    )
    deadline = time.monotonic() + wait
    while True:
        cr.execute(SQL("SELECT %s(hashtextextended(%s, 0))", lock, name))
        if cr.fetchone()[0]:
            return
        if time.monotonic() >= deadline:
            raise Busy(name)
        time.sleep(0.1)


def try_lock(cr, name):
    """Lock *name* (str) until the transaction of *cr* ends; False if it is taken."""
    cr.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    return cr.fetchone()[0]


def wait_lock(cr, name, seconds):
    """Lock *name* as :func:`try_lock` does, but wait up to *seconds* for it.

    It asks again and again: a statement that waits, and is cut off, would spoil the
    transaction.

    :raises Busy: if it is still taken then.
    """
    deadline = time.monotonic() + seconds
    while not try_lock(cr, name):
        if time.monotonic() > deadline:
            raise Busy(name)
        time.sleep(0.1)


@contextmanager
def held(registry, name):
    """Hold the lock *name* in a transaction apart, which does nothing else.

    :raises Busy: if it is taken.
    """
    with registry.cursor() as cr:
        if not try_lock(cr, name):
            raise Busy(name)
        try:
            yield
        finally:
            # Lets go of the lock. In Odoo's tests all cursors are savepoints of one
            # connection: to roll this one back would undo what others have committed.
            cr.commit()  # pylint: disable=invalid-commit


@contextmanager
def awaited(registry, name, seconds, shared=False):
    """Hold the lock *name* as :func:`held` does, but wait up to *seconds* for it.

    :param shared: hold it along with others who share it.
    :raises Busy: if it is still taken then.
    """
    lock = SQL("pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock")
    with registry.cursor() as cr:
        cr.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])
        try:
            cr.execute(
                SQL("SELECT %s(hashtextextended(%s, 0))", lock, name),
                log_exceptions=False,
            )
        except LockNotAvailable:
            raise Busy(name) from None
        try:
            yield
        finally:
            cr.commit()  # pylint: disable=invalid-commit  # as above
