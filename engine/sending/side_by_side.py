"""Mailboxes that are drained side by side, each turn in a thread of its own.

A mailbox at work has one connection to the database, which holds its locks, too; what
has to be committed at once is written on a few connections that all of them share.
"""

import logging
import threading
import time
from collections import deque
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, suppress

import psycopg2

from odoo.tools import config

from ...tools.apart import apart, sharing, shelf
from ...tools.locks import Busy
from . import due
from .drain import drain

_logger = logging.getLogger(__name__)

#: With the two of Odoo's scheduler, these are 24 connections.
MAILBOXES_AT_ONCE = 20
FOR_LINES = 2
#: Seconds for which the others go on, at most, while one that hangs is waited for: Odoo
#: kills a scheduled action after two minutes, in the middle of whatever it does.
OVERTIME = 40


class SideBySide:
    """One run over mailboxes: this thread hands them out to others.

    :param env: with all rights; each turn has a transaction of its own.
    :param deadline: when to come to an end, by ``time.monotonic()``.
    """

    def __init__(self, env, deadline):
        self._env = env
        self._deadline = deadline
        self._waiting = deque()
        self._running = {}  # what is to come of a turn -> its mailbox
        self._late = set()  # the turns to wait for: not come back since the deadline

    def drain(self, mailboxes):
        """Drain *mailboxes*, lists of connector ids, in this order.

        One that hangs holds up no other: they go on while it is waited for. At least
        one, and as many as go at once, have a turn, however late it is.

        :return: yields of each mailbox how many follow-ups could still be sent now; at
            the end, 1 of each that had no turn.
        """
        self._waiting.extend(mailboxes)
        # Half of what the process may open is for people.
        at_once = min(len(mailboxes), MAILBOXES_AT_ONCE, config["db_maxconn"] // 2)
        with ExitStack() as stack:
            yield from self._hand_out(*self._open(stack, at_once))
        if self._waiting:
            _logger.info("%s mailboxes wait for the next run.", len(self._waiting))
        yield from (1 for _mailbox in self._waiting)

    def _open(self, stack, at_once):
        """Return an executor, the connections that its threads share (or None), and how
        many turns go at once; one, if there are no connections for more."""
        if at_once > 1:
            with suppress(psycopg2.Error):
                shared = stack.enter_context(shelf(self._env, FOR_LINES))
                threads = stack.enter_context(ThreadPoolExecutor(at_once))
                return threads, shared, at_once
        return _Here(), None, 1

    def _hand_out(self, executor, shared, at_once):
        begun = 0
        while True:
            while len(self._running) < at_once and self._may_begin(begun < at_once):
                mailbox = self._waiting.popleft()
                self._running[executor.submit(self._turn, mailbox, shared)] = mailbox
                begun += 1
            if not self._running:
                return
            for turn in wait(self._running, return_when=FIRST_COMPLETED).done:
                mailbox = self._running.pop(turn)
                left = turn.result()
                if left is None:
                    self._waiting.appendleft(mailbox)
                    at_once = len(self._running)  # there are no connections for more
                else:
                    yield left

    def _may_begin(self, first):
        """Whether the next mailbox may have its turn; one that is waited for, if it is
        one of the first or has begun in time."""
        if not self._waiting:
            return False
        if first or time.monotonic() < self._deadline:
            self._late.add(self._waiting[0][0])
            return True
        return self._is_overtime()

    def _keep_going(self, connector_ids):
        """Whether this mailbox may send one more: in time, or while another is waited
        for all the same."""
        if time.monotonic() < self._deadline:
            return True
        self._late.discard(connector_ids[0])
        return self._is_overtime()

    def _is_overtime(self):
        """Whether one is waited for all the same, and not for too long yet."""
        overtime = time.monotonic() < self._deadline + OVERTIME
        return bool(self._late) and overtime

    def _turn(self, connector_ids, shared):
        """Drain one mailbox; a fault ends here.

        :return: how many follow-ups could still be sent now; None if there was no
            connection to the database for it.
        """
        threading.current_thread().dbname = self._env.registry.db_name
        names = [f"connector {id_}" for id_ in connector_ids]
        try:
            with ExitStack() as stack:
                stack.enter_context(sharing(shared))
                try:
                    own = stack.enter_context(apart(self._env, *names))
                except psycopg2.Error as error:
                    _logger.warning("No connection for a mailbox: %s", error)
                    return None
                return self._drain(own["account.email.connector"].browse(connector_ids))
        except Busy:
            return 0  # another worker is at it
        except Exception:
            _logger.exception("A mailbox could not be drained; the others go on.")
            return 0
        finally:
            self._late.discard(connector_ids[0])

    def _drain(self, connectors):
        """Drain them; how many could still be sent now. What nothing has become of, as
        while the database refuses it, is left to a later run: this one would go on and
        on for it."""
        before = _due(connectors)
        drain(connectors, lambda: self._keep_going(connectors.ids))
        left = _due(connectors)
        return len(left) if left != before else 0


def _due(connectors):
    """The follow-ups that can be sent now."""
    return due.followups(connectors.filtered(lambda connector: connector._usable()))


class _Here(Executor):
    """Has the work done at once, by whoever asks for it."""

    def submit(self, work, /, *args):
        future = Future()
        future.set_result(work(*args))
        return future
