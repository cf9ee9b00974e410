"""A few connections to the database, lent to many threads for a moment each."""

import queue
import selectors
from contextlib import suppress

import psycopg2
from psycopg2.pool import PoolError

from odoo.sql_db import BaseCursor

#: Far above what a line takes, in seconds.
LONGEST_WAIT = 60


class Shelf:
    """Connections, opened up front: whoever writes a line later lacks none.

    :param open_one: called for a cursor on a connection of its own.
    :param size: how many there are.
    """

    def __init__(self, open_one, size):
        self._open_one = open_one
        self._size = size
        self._free = queue.LifoQueue()

    def __enter__(self):
        try:
            for _each in range(self._size):
                self._free.put(self._open_one())
        except psycopg2.Error:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        while not self._free.empty():
            _close(self._free.get())

    def take(self):
        """Return a cursor without a transaction, for :meth:`give_back`. One whose
        connection is lost is replaced.

        :raises psycopg2.Error: the database is away, or all are lent for too long.
        """
        try:
            cr = self._free.get(timeout=LONGEST_WAIT)
        except queue.Empty:
            raise PoolError("All connections are lent") from None
        if cr and _lives(cr):
            return cr
        _close(cr)
        try:
            return self._open_one()
        except BaseException:
            self._free.put(None)
            raise

    def give_back(self, cr):
        """Take back what was taken, its transaction ended."""
        self._free.put(cr)


def _lives(cr):
    """Whether PostgreSQL has not ended this idle connection: it would have said so."""
    if cr.closed:
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(cr.connection, selectors.EVENT_READ)
        return not selector.select(timeout=0)


def _close(cr):
    with suppress(psycopg2.Error):
        if cr:
            cr.close()


class LentCursor(BaseCursor):
    """A cursor that has a connection from its first statement to its commit only.

    A statement that fails ends the transaction: it gives the connection back.
    """

    closed = readonly = False

    def __init__(self, shelf, dbname):
        super().__init__()
        self.dbname = dbname
        self._shelf = shelf
        self._lent = None

    def execute(self, query, params=None, log_exceptions=True):
        """See :meth:`odoo.sql_db.Cursor.execute`."""
        if self._lent is None:
            self._lent = self._shelf.take()
        try:
            self._lent.execute(query, params, log_exceptions)
        except psycopg2.Error:
            self.rollback()
            raise

    def commit(self):
        """Make it last, and give the connection back."""
        self.flush()
        self._end("commit")
        self.clear()
        self._now = None
        self.prerollback.clear()
        self.postrollback.clear()
        self.postcommit.run()

    def rollback(self):
        """Undo it, and give the connection back."""
        self.clear()
        self.postcommit.clear()
        self.prerollback.run()
        with suppress(psycopg2.Error):  # it is undone with a lost connection, too
            self._end("rollback")
        self._now = None
        self.postrollback.run()

    def dictfetchone(self):
        """See :meth:`odoo.sql_db.Cursor.dictfetchone`."""
        return self._lent.dictfetchone()

    def __getattr__(self, name):
        if self._lent is None:
            raise psycopg2.InterfaceError("No statement was executed")
        return getattr(self._lent, name)

    def _end(self, how):
        cr, self._lent = self._lent, None
        if cr:
            try:
                getattr(cr, how)()
            finally:
                self._shelf.give_back(cr)
