"""A transaction apart from the one at work: what it commits, no rollback takes back."""

from contextlib import contextmanager
from contextvars import ContextVar

from . import lent, locks

#: The connections that are lent to this thread's :func:`lines`; None: it has its own.
_shelf = ContextVar("account_email_connector_shelf", default=None)


@contextmanager
def apart(env, *names, wait=0, shared=False):
    """Yield *env* in a transaction of its own, which is committed at the end.

    What is done under locks may be committed bit by bit, and sees whatever those who
    had them before have committed.

    :param names: of the locks to hold meanwhile; also for the rest, see
        :func:`.locks.kept`.
    :raises locks.Busy: if one is taken.
    """
    with (
        env.registry.cursor() as cr,
        locks.kept(cr, *names, wait=wait, shared=shared),
    ):
        cr.commit()  # pylint: disable=invalid-commit
        yield env(cr=cr)
        cr.commit()  # pylint: disable=invalid-commit


def pause(env):
    """End the transaction of a request that has only looked so far, before a long wait
    that needs none. It goes on with a new one."""
    env.cr.commit()  # pylint: disable=invalid-commit


@contextmanager
def held(env, *names, wait=0, shared=False):
    """Hold these locks in a transaction apart, which does nothing else.

    :param wait: for how many seconds to wait for each, if it is taken.
    :param shared: hold them along with others who share them.
    :raises locks.Busy: if one is still taken then.
    """
    with env.registry.cursor() as cr:
        for name in names:
            locks.take(cr, name, wait, shared)
        try:
            yield
        finally:
            # Lets go of the locks. In Odoo's tests all cursors are savepoints of one
            # connection: to roll this one back would undo what others have committed.
            cr.commit()  # pylint: disable=invalid-commit


@contextmanager
def lines(env):
    """Yield *env* for single lines apart: a few statements and their commit, at once.

    Nothing else is done between them, least of all over the network: where many work
    side by side, a connection is lent for each line (see :func:`sharing`).
    """
    shelf = _shelf.get()
    if shelf is None:
        with apart(env) as own:
            yield own
        return
    cr = lent.LentCursor(shelf, env.cr.dbname)
    try:
        yield env(cr=cr)
        cr.commit()  # pylint: disable=invalid-commit
    finally:
        cr.rollback()


@contextmanager
def shelf(env, size):
    """Open *size* connections for the :func:`lines` of many threads; yield them.

    :raises psycopg2.Error: there are not so many.
    """
    with lent.Shelf(env.registry.cursor, size) as opened:
        yield opened


@contextmanager
def sharing(shelf):
    """Let the :func:`lines` of this thread be written on connections of *shelf*."""
    token = _shelf.set(shelf)
    try:
        yield
    finally:
        _shelf.reset(token)
