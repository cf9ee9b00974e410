"""What befalls a process, and when. All of it is real: PostgreSQL itself does it."""

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INTRANS

from odoo import sql_db

#: Where → what may happen there. "after": when it has taken effect.
KINDS = {
    "statement": ("kill", "serialization", "deadlock", "lose", "restart"),
    "commit": (
        "kill",
        "kill after",
        "lose",
        "lose after",
        "restart",
        "restart after",
    ),
    "connect": ("kill", "refuse"),
    "provider": (
        "kill",
        "lose one",
        "lose what is idle",
        "lose what is idle",
        "restart",
    ),
}
#: Where → how often.
OFTEN = {"statement": 2, "commit": 3, "connect": 1, "provider": 6}
#: Where → before how many others at most.
DEEP = {"statement": 400, "commit": 40, "connect": 12, "provider": 9}


class Fault:
    """Strikes at the *countdown*-th point of its kind.

    :ivar after: whether what it strikes at has taken effect, and only the answer is
        missing.
    """

    def __init__(self, place, kind, countdown, chance):
        self.place, self.countdown, self._chance = place, countdown, chance
        self.name = f"{kind}: {place}"
        self.after = kind.endswith(" after")
        self._how = kind.removesuffix(" after").replace(" ", "_")

    def __str__(self):
        return f"{self.name} ({self.countdown})"

    def is_due(self, place):
        """Whether it strikes here, at a *place*. Counts."""
        if place == self.place:
            self.countdown -= 1
        return place == self.place and self.countdown < 0

    def strike(self, process, connection):
        """Do it.

        :raises Killed: the process is no more.
        :raises psycopg2.Error: the database fails.
        """
        process.struck += 1
        process.scheduler.told(process, self.name)
        getattr(self, f"_{self._how}")(process, connection)

    def _kill(self, process, _connection):
        process.die()

    def _serialization(self, _process, connection):
        _raise(connection, "serialization_failure")

    def _deadlock(self, _process, connection):
        _raise(connection, "deadlock_detected")

    def _refuse(self, _process, _connection):
        raise psycopg2.OperationalError("the database system is starting up")

    def _lose(self, process, connection):
        process.scheduler.monitor.end([connection])
        if self.after:
            raise psycopg2.OperationalError("server closed the connection unexpectedly")

    def _lose_one(self, process, _connection):
        mine = process.connections()
        process.scheduler.monitor.end(mine and [self._chance.choice(mine)])

    def _lose_what_is_idle(self, process, _connection):
        """As PostgreSQL ends a transaction that is idle for too long."""
        idle = [
            each
            for each in process.connections()
            if each.info.transaction_status == TRANSACTION_STATUS_INTRANS
        ]
        process.scheduler.monitor.end(idle)

    def _restart(self, process, _connection):
        everybody = sql_db._Pool._connections
        theirs = [each for each in everybody if getattr(each, "process", None)]
        for one in {each.process for each in theirs} - {process}:
            one.struck += 1
        process.scheduler.monitor.end(theirs)
        if self.after:
            raise psycopg2.OperationalError("terminating connection: administrator")


def _raise(connection, condition):
    """Let PostgreSQL say so: its transaction is really broken then."""
    with connection.cursor() as cr:
        cr.execute(f"DO $$ BEGIN RAISE {condition}; END $$")


def _early(place, chance):
    """After how many others: sooner few than many, for many a run is short."""
    return int(DEEP[place] * chance.random() ** 2)


def at_the_provider(chance):
    """What befalls a process while its provider is at work, if something does."""
    if chance.random() < 0.4:
        return []
    kind = chance.choice(KINDS["provider"])
    return [Fault("provider", kind, _early("provider", chance), chance)]


def lost_locks(chance):
    """A process loses its transaction, and the locks with it, while the first email is
    at the provider: before it may leave, or after."""
    return Fault("provider", "lose what is idle", chance.choice((0, 0, 1)), chance)


def drawn(chance):
    """The faults of one process: mostly none or one."""
    faults = []
    while chance.random() < 0.5 and len(faults) < 3:
        place = chance.choices(list(OFTEN), OFTEN.values())[0]
        countdown = _early(place, chance)
        kind = chance.choice(KINDS[place])
        faults.append(Fault(place, kind, countdown, chance))
    return faults
