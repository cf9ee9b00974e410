"""Odoo's scheduler as in production: a master process, and a worker that runs actions.

After a ``kill -9`` of the worker (by the kernel out of memory, or by Odoo itself at a
time limit) the master starts the next one at once.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

import office
import psycopg2

ACTIONS = (
    "account_email_connector.ir_cron_followups",
    "mail.ir_cron_mail_scheduler_action",  # core's queue must not resend anything
)


class Scheduler:
    """Runs until :meth:`close`; also a context manager.

    :ivar log: the path of its log.
    """

    def __init__(self, box, database, mail, *options):
        self.box = box
        self.database = database
        self.log = box.directory / f"scheduler-{database}.log"
        self._variables = office.trust(mail)
        self._options = options
        self._config = contextlib.ExitStack()
        self._start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def run(self, until, timeout=180, hurried=False):
        """Run the action, again and again if need be, until *until* returns True.

        :param hurried: what was put off is not waited for, see `office.hurry`.
        """
        deadline = time.monotonic() + timeout
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(self._tail())
            # Odoo skips an action once that was killed three times.
            if not self._is_due():
                if hurried:
                    office.hurry(self.box, self.database)
                self.trigger()
            self.wake()
            time.sleep(0.05)

    def run_once(self, timeout=180):
        """Run the action to its end."""
        self.trigger()
        deadline = time.monotonic() + timeout
        while self._is_due():
            if time.monotonic() > deadline:
                raise TimeoutError(self._tail())
            self.wake()
            time.sleep(0.05)

    def trigger(self):
        """Make the actions due now, as ``ir.cron._trigger`` does."""
        with office.connection(self.box, self.database) as cr:
            cr.execute(
                """INSERT INTO ir_cron_trigger (cron_id, call_at)
                   SELECT res_id, now() at time zone 'utc' FROM ir_model_data
                    WHERE model = 'ir.cron' AND module || '.' || name = ANY(%s)""",
                [list(ACTIONS)],
            )
        self.wake()

    def wake(self):
        """Tell the worker that something is due; a new one may have missed it."""
        with contextlib.closing(psycopg2.connect(self.box.dsn("postgres"))) as link:
            link.autocommit = True
            link.cursor().execute(
                "SELECT pg_notify('cron_trigger', %s)", [self.database]
            )

    def kill_worker(self):
        """``kill -9`` of the process that runs the action."""
        worker = self._worker()
        os.kill(worker, signal.SIGKILL)
        # Its parent reaps it, and starts the next one.
        while self._worker() == worker:
            time.sleep(0.01)

    def kill(self):
        """``kill -9`` of everything: master and worker."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self):
        self.kill()
        self._start()

    def close(self):
        self.kill()
        self._config.close()

    def _is_due(self):
        """Whether an action waits, or is being run: its trigger goes at its end."""
        with office.connection(self.box, self.database) as cr:
            cr.execute(
                "SELECT count(*) FROM ir_cron_trigger"
                " WHERE call_at <= now() at time zone 'utc'"
            )
            return cr.fetchone()[0] > 0

    def _tail(self):
        return self.log.read_text(errors="replace")[-4000:]

    def errors(self):
        """The lines of the log that tell of a defect."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if " ERROR " in line or " CRITICAL " in line]

    def _start(self):
        config = self._config.enter_context(
            self.box.prepared.config(
                self.box.cluster,
                db_name=self.database,
                http_enable=False,
                workers=1,
                max_cron_threads=1,
            )
        )
        with open(self.log, "ab") as log, open(os.devnull) as nothing:
            variables = {**self.box.variables(config), **self._variables}
            self.process = self.box.popen(self._options, variables, nothing, log, log)
        deadline = time.monotonic() + 120
        while not self._worker():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Odoo did not start.\n{self._tail()}")
            time.sleep(0.05)

    def _worker(self):
        """The process id of the worker; 0 while there is none."""
        pid = self.process.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return int(children[0]) if children else 0
        return 0
