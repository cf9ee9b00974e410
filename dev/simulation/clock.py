"""One clock for Python and PostgreSQL, which goes on only when it is told to.

PostgreSQL finds our ``now()`` before its own: Odoo sets the search path for that, with
the variable ``ODOO_FAKETIME_TEST_MODE``. It reads a sequence, which no transaction
holds back.
"""

from contextlib import contextmanager
from datetime import timezone

from freezegun import freeze_time

FUNCTIONS = """
    CREATE SEQUENCE IF NOT EXISTS public.simulated_clock MINVALUE 0;
    CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS
        'SELECT to_timestamp(last_value / 1e6) FROM public.simulated_clock';
    CREATE OR REPLACE FUNCTION public.clock_timestamp()
        RETURNS timestamptz LANGUAGE sql AS 'SELECT public.now()';
"""


class Clock:
    """Stands still but for :meth:`move_to` and :meth:`tick`.

    :param frozen: what ``freeze_time`` gives.
    :param monitor: see :class:`.processes.Monitor`.
    """

    def __init__(self, frozen, monitor):
        self._frozen = frozen
        self._monitor = monitor

    @property
    def now(self):
        """The time, a naive datetime in UTC."""
        return self._frozen.time_to_freeze

    def move_to(self, time):
        """Let it be *time* (a naive datetime in UTC)."""
        self._frozen.move_to(time)
        self._tell()

    def tick(self, seconds):
        """Let *seconds* pass."""
        self._frozen.tick(seconds)
        self._tell()

    def _tell(self):
        seconds = self.now.replace(tzinfo=timezone.utc).timestamp()
        move = "SELECT setval('public.simulated_clock', %s)"
        self._monitor.ask(move, round(seconds * 1e6))


@contextmanager
def simulated(monitor):
    """Give a :class:`Clock`; time goes on as ever afterwards."""
    monitor.ask(FUNCTIONS)
    with freeze_time("2026-01-05 08:00:00") as frozen:
        yield Clock(frozen, monitor)
