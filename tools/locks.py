"""Locks that die with their holder.

PostgreSQL's advisory locks of a transaction are let go when its connection ends,
also by ``kill -9``: who gets the lock knows that nobody else is at work.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import time

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
