"""The border to the database: each statement, commit and connection may fail there."""

import re
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import current_thread
from unittest.mock import patch

import psycopg2

from odoo.sql_db import ConnectionPool, Cursor, PsycoConnection
from odoo.tools import SQL

from .processes import Process

#: Others are reads that a cache may save: where they are left out depends on what ran
#: before, and a seed has to do the same each time.
MATTERS = re.compile(
    r"advisory|FOR UPDATE|FOR NO KEY|^\s*(INSERT|UPDATE|DELETE)"
    r'|FROM "?(account_email|account_move|mail_mail|mail_message(?!_subtype))',
    re.IGNORECASE,
)


@contextmanager
def watched(scheduler, clock):
    """Let *scheduler* decide what happens at each point."""
    execute, borrow = Cursor.execute, ConnectionPool.borrow
    commit = psycopg2.extensions.connection.commit
    rollback = psycopg2.extensions.connection.rollback

    def watched_execute(cursor, query, params=None, log_exceptions=True):
        text = query.code if isinstance(query, SQL) else str(query)
        place = "statement" if MATTERS.search(text) else None
        act = partial(execute, cursor, query, params, log_exceptions)
        return scheduler.point(place, act, cursor._cnx)

    def watched_commit(connection):
        return scheduler.point("commit", partial(commit, connection), connection)

    def watched_rollback(connection):
        return scheduler.point(None, partial(rollback, connection), connection)

    def watched_borrow(pool, info):
        connection = scheduler.point("connect", partial(borrow, pool, info))
        thread = current_thread()
        connection.process = thread if isinstance(thread, Process) else None
        connection.backend = connection.get_backend_pid()
        return connection

    with ExitStack() as stack:
        for owner, name, watched_one in (
            (Cursor, "execute", watched_execute),
            (PsycoConnection, "commit", watched_commit),
            (PsycoConnection, "rollback", watched_rollback),
            (ConnectionPool, "borrow", watched_borrow),
            (time, "sleep", clock.tick),
        ):
            stack.enter_context(patch.object(owner, name, watched_one))
        yield
