"""What happens in one seed: it is drawn, lived through, and looked at in the end."""

import logging
import random
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api

from odoo.addons.account_email_connector.engine.secrets import mailboxes

from . import faults
from .checks import Ledger
from .database import watched
from .people import People
from .processes import Scheduler
from .provider import Provider
from .trace import Trace

OURS = "odoo.addons.account_email_connector"
#: When a seed may begin (UTC): an ordinary day, before both nights on which the clocks
#: change, at the end of a year, just before midnight in Paris.
BEGINNINGS = (
    datetime(2026, 2, 3, 8, 0),
    datetime(2026, 3, 28, 23, 30),
    datetime(2026, 10, 24, 22, 30),
    datetime(2026, 12, 31, 21, 15),
    datetime(2026, 5, 6, 21, 58),
)
JUMPS = (60, 1000, 4000, 4000, 6 * 3600, 6 * 3600, 24 * 3600, 8 * 24 * 3600)
ACTIONS = ("_cron_followups",) * 3 + ("_cron_send",) * 3 + ("_cron_health",)
AT_ONCE = 3
RUNS = 4  #: Odoo runs an action again while it leaves something: IrCron._run_job.


class Story:
    """One seed.

    :ivar ended: the processes that were.
    :ivar errors: what was logged as an error, and is none of the faults'.
    """

    def __init__(self, world, seed):
        self.world, self.clock = world, world.clock
        self.chance = chance = random.Random(seed)  # nosec B311 # no secret
        self.trace = Trace(world.clock)
        restless = chance.choice([0, 0.01, 0.03, 0.1, 0.3])
        self.scheduler = Scheduler(world.monitor, chance, restless, self.trace)
        self.provider = Provider(world.clock, self.scheduler, chance, self.trace)
        self.people = self.provider.people = People(world, chance, self.trace)
        self.ended, self.errors = [], []
        self.names = 0
        random.seed(seed)

    def live(self):
        """Live through it.

        :return: the sentences of :mod:`.checks`.
        """
        overdue = [self.chance.choice([3, 5, 9, 16]) for _ in self.world.invoices]
        hours = self.chance.choice([(0, 24)] * 4 + [(9, 22)])
        self.world.begin(self.chance.choice(BEGINNINGS), overdue, hours)
        with self._in_place():
            self._begin()
            for _number in range(self.chance.randint(4, 10)):
                self._something()
                self.scheduler.go(self.chance.choice((-1, -1, -1, 0, 1, 2, 4, 8)))
            self._end_quietly()
            return Ledger(self).faults()

    @contextmanager
    def _in_place(self):
        """Watch the borders, and what is logged."""
        log, handler = logging.getLogger(OURS), _Errors(self.errors)
        with ExitStack() as stack:
            stack.enter_context(watched(self.scheduler, self.clock))
            opened = patch.object(mailboxes, "open_mailbox", self.provider.mailbox)
            stack.enter_context(opened)
            log.addHandler(handler)
            stack.callback(log.removeHandler, handler)
            yield

    def _begin(self):
        """Plan; or let a run do so, which may be killed."""
        if self.chance.random() < 0.8:
            planning = self._action("account.email.followup", "_plan")
            self._start("planning", planning, drawn=())
            self.scheduler.go()
            self.chance.choice(
                (self._hold_a_worker, self._hold_a_worker, self._lose_a_worker, int)
            )()

    def _hold_a_worker(self):
        """Let one come to the provider: what happens next happens meanwhile."""
        self.trace.counts["a worker is held"] += 1
        work = self._action("account.email.connector", "_cron_send")
        self._start("_cron_send", work, faults.at_the_provider(self.chance))
        self.scheduler.go(self.chance.randint(1, 3))
        meanwhile = self.chance.choice((self._work, self._work, self._leave, self._ask))
        meanwhile()
        self.scheduler.go(self.chance.choice((-1, 1, 2, 4)))

    def _lose_a_worker(self):
        """One is taken for dead while its email is about to leave, or leaves: another
        does its work, and then the first one goes on."""
        self.trace.counts["a worker is taken for dead"] += 1
        work = self._action("account.email.connector", "_cron_send")
        fault = faults.lost_locks(self.chance)
        slow = self._start("_cron_send", work, [fault])
        while not (slow.struck or slow.end):
            self.scheduler.go(1, only=slow)
        self.scheduler.go(only=self._work())

    def _work(self):
        """Another worker takes up what the first one has lost, if it has.

        :return: its process.
        """
        method = self.chance.choice(ACTIONS)
        return self._start(method, self._action("account.email.connector", method))

    def _leave(self):
        self._start(*self.people.disconnect())

    def _ask(self):
        what, work = self.people.something()
        if work:
            self._start(what, work)

    def _something(self):
        waits = self.world.mailbox_waits()
        if waits and self.chance.random() < 0.6:
            self._pass(waits + 1)
            return
        draw = self.chance.random()
        if draw < 0.45:
            self._work()
        elif draw < 0.7:
            self._ask()
        elif draw < 0.74:
            self._start(
                "core's queue", self._action("mail.mail", "process_email_queue")
            )
        else:
            self._pass(self.chance.choice(JUMPS))

    def _pass(self, seconds):
        """Let time pass: nobody is at work for so long."""
        self.scheduler.go()
        self.clock.tick(seconds)
        self.trace(f"{timedelta(seconds=seconds)} later", count="time passes")

    def _action(self, model, method):
        """As Odoo runs a scheduled action."""

        def work():
            with self.world.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                getattr(env[model], method)()

        return work

    def _start(self, what, work, drawn=None):
        """Begin a process.

        :param drawn: what is to befall it; by chance, if that is not said.
        :return: it.
        """
        if len(self.scheduler.processes) >= AT_ONCE:
            self.scheduler.go()
        self.names += 1
        drawn = faults.drawn(self.chance) if drawn is None else drawn
        told = ", ".join(map(str, drawn)) or "no fault"
        name = f"{self.names} ({what})"
        self.trace(f"{name} begins, with {told}", count=what.split(" ")[0])
        process = self.scheduler.start(name, work, drawn)
        process.began = self.trace.moment
        self.ended.append(process)
        return process

    def _end_quietly(self):
        """No fault any more; who has to sign in does, and what waits may go."""
        self.scheduler.go()
        self.trace("From here on all is well")
        self.provider.is_calm = True
        self.world.monitor.ask(
            "UPDATE account_email_followup_plan SET from_hour = 0, until_hour = 24"
        )
        for _day in range(2):
            if not self.world.is_connected():
                self._start("reconnect", self.people.reconnecting(), drawn=())
                self.scheduler.go()
            work = self._action("account.email.connector", "_cron_followups")
            for _run in range(RUNS):
                self._start("_cron_followups", work, drawn=())
                self.scheduler.go()
            self.clock.tick(24 * 3600)
            self.trace("a day later")


class _Errors(logging.Handler):
    """Keeps what is logged as an error, but for what the faults explain."""

    def __init__(self, errors):
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record):
        error = record.exc_info and record.exc_info[1]
        text = record.getMessage()
        if (
            not isinstance(error, psycopg2.Error)
            and "Defect" not in f"{text} {error!r}"
        ):
            self._errors.append(f"{text.splitlines()[0]} {error!r}")
