"""Odoo processes, played by threads of which one runs at a time.

Which one goes on is decided by the seed, at each point where it touches the database or
the provider. Who waits for a lock of another one waits in PostgreSQL, as ever; it has
its turn again when it got the lock.
"""

import threading
import time

import psycopg2

from odoo import sql_db

_sleep = time.sleep
#: Seconds after which a statement that has not returned may be one that waits.
SUSPICIOUS = 0.01


class Killed(BaseException):
    """``kill -9``: nothing of the process may go on, whatever it catches."""


class Monitor:
    """PostgreSQL as its administrator sees it, by a connection of its own."""

    def __init__(self, dsn):
        self._link = psycopg2.connect(dsn)
        self._link.autocommit = True

    def ask(self, query, *values):
        """Execute *query*, and return its rows."""
        with self._link.cursor() as cr:
            cr.execute(query, values or None)
            return cr.fetchall() if cr.description else []

    def waits(self, pid):
        """Whether that backend waits for a lock."""
        return self.ask("SELECT cardinality(pg_blocking_pids(%s)) > 0", pid)[0][0]

    def end(self, connections):
        """End their backends, and wait until they are gone: so are their locks."""
        for connection in connections:
            self.ask("SELECT pg_terminate_backend(%s, 5000)", connection.backend)


class Process(threading.Thread):
    """Does one thing, and ends: a run of an action, or a request.

    :param faults: what is to befall it (:class:`.faults.Fault`), in any order.
    :ivar end: how it ended: ``done``, ``killed``, or the error that it raised.
    :ivar struck: how often it was struck so far.
    """

    def __init__(self, scheduler, name, work, faults):
        super().__init__(name=name, daemon=True)
        self.scheduler, self.work, self.faults = scheduler, work, faults
        self.turn = threading.Semaphore(0)
        self.dead = False
        self.end = None
        self.struck = 0
        self.backend = None  # of the statement that it is in
        self.waits = False  # for a lock, and has lost its turn by that

    def run(self):
        """Work, when it is its turn."""
        self.turn.acquire()
        try:
            self.work()
            self.end = "done"
        except Killed:
            self.end = "killed"
        except Exception as error:  # noqa: BLE001  # the story asks what it was
            self.end = error
        finally:
            self.scheduler.back.release()

    def connections(self):
        """Its connections to the database."""
        return [
            each
            for each in sql_db._Pool._connections
            if each._pool_in_use and getattr(each, "process", None) is self
        ]

    def fault(self, place):
        """The fault that strikes at this *place*, if one does now."""
        for fault in self.faults:
            if fault.is_due(place):
                self.faults.remove(fault)
                return fault
        return None

    def die(self):
        """Be killed here and now."""
        self.dead = True
        mine = self.connections()
        self.scheduler.monitor.end(mine)
        for connection in mine:
            connection.close()
        raise Killed


class Scheduler:
    """Lets processes run in turns.

    :param chance: a seeded ``random.Random``.
    :param restless: how probably another process goes on, at each point.
    """

    def __init__(self, monitor, chance, restless, trace):
        self.monitor, self.chance, self.restless = monitor, chance, restless
        self.trace = trace
        self.back = threading.Semaphore(0)
        self._lock = threading.Lock()
        self.processes = []

    def told(self, process, what):
        """Note that a fault strikes *process*."""
        self.trace(f"{process.name} is struck: {what}", count=what)

    def start(self, name, work, faults=()):
        """Begin a process, which waits for its turn.

        :return: the :class:`Process`.
        """
        process = Process(self, name, work, list(faults))
        self.processes.append(process)
        process.start()
        return process

    def go(self, turns=-1, only=None):
        """Let them run until all have ended, or for so many *turns*.

        :param only: this one and no other, until it has ended or waits for another.
        """
        while self.processes and turns:
            ready = self._ready()
            if only and only not in ready:
                return
            self._give_turn(only or self.chance.choice(ready))
            for process in [each for each in self.processes if each.end]:
                self.processes.remove(process)
                self.trace(f"{process.name} has ended: {process.end!r}")
            turns -= 1

    def _ready(self):
        while True:
            ready = [each for each in self.processes if not self._is_stuck(each)]
            if ready:
                return ready
            _sleep(SUSPICIOUS)  # PostgreSQL finds a deadlock after a second

    def _is_stuck(self, process):
        """Whether it waits for a lock still; who has got it is about to return."""
        while process.waits and process.backend:
            if self.monitor.waits(process.backend):
                return True
            _sleep(0.001)
        return False

    def _give_turn(self, process):
        process.waits = False
        process.turn.release()
        while not self.back.acquire(timeout=SUSPICIOUS):
            with self._lock:
                if process.backend and self.monitor.waits(process.backend):
                    process.waits = True
                    self.trace(
                        f"{process.name} waits for a lock", count="waits for a lock"
                    )
                    return

    def point(self, place, act, connection=None):
        """*act*, at a *place* where a fault may strike or another process go on.

        :param place: see :mod:`.faults`; None: where neither happens.
        :param connection: the database's, if that is what it is about.
        """
        process = threading.current_thread()
        if not isinstance(process, Process):
            return act()
        if process.dead:
            raise Killed
        fault = place and process.fault(place)
        if place and self.chance.random() < self._restless_at(place):
            self._let_others(process)
        if fault and not fault.after:
            fault.strike(process, connection)
            if self.chance.random() < 0.7:  # others find what it has lost
                self._let_others(process)
        done = self._act(process, act, connection)
        if fault and fault.after:
            fault.strike(process, connection)
        return done

    def _restless_at(self, place):
        """A call of the provider takes long: then others are at work."""
        return max(self.restless, 0.5) if place == "provider" else self.restless

    def _let_others(self, process):
        self.back.release()
        process.turn.acquire()

    def _act(self, process, act, connection):
        with self._lock:
            process.backend = connection is not None and connection.backend
        try:
            return act()
        finally:
            with self._lock:
                process.backend, waits = None, process.waits
            if waits:
                process.turn.acquire()
