"""A company with many customers who owe it something, in an Odoo of several workers."""

import contextlib
import os
import signal
import time
from pathlib import Path

import oauth_world
import psycopg2
import requests
from lib.cache import CHECKOUT
from oauth_user import User

FILL = """
import sys
sys.path.append({dev!r})
from odoo import Command
from benches import ledger
parameters = env["ir.config_parameter"]
parameters.set_param("web.base.url", {url!r})
parameters.set_param("web.base.url.freeze", "True")
ledger.fill(env, {customers}, {customers})
env["account.move"].search([]).is_move_sent = True
env["account.email.followup.step"].search([]).attach_invoices = False
connector = env["account.email.connector"].search([])
env["account.email.followup"]._plan()
connector.action_disconnect()
groups = env.ref("base.group_user") | env.ref("account.group_account_manager")
env["res.users"].create({{
    "name": "Both", "login": "both", "password": {password!r},
    "email": "both@bench.example", "group_ids": [Command.set(groups.ids)],
}})
for provider, (client, secret) in {apps!r}.items():
    env["account.email.oauth.app"].create({{
        "name": provider, "provider": provider, "audience": "common",
        "client_id": client, "client_secret": secret}})
followups = env.ref("account_email_connector.ir_cron_followups")
queue = env.ref("mail.ir_cron_mail_scheduler_action")
env["ir.cron"].search([]).nextcall = "2100-01-01"
(env["ir.cron"].search([]) - followups - queue).active = False
# Odoo runs one action in one worker: with more of them, several workers run it.
(followups.copy() | followups.copy()).write({{"active": True}})
env.cr.commit()
print(connector.id, env.company.id)
"""
#: An hour passes: what waits for it may go on. What has to do with no email on its way.
AN_HOUR = (
    """UPDATE account_email_followup SET retry_at = NULL WHERE id IN (
           SELECT id FROM account_email_followup
            WHERE state = 'planned' AND retry_at IS NOT NULL FOR UPDATE SKIP LOCKED)""",
    """UPDATE account_email_connector SET wait_until = NULL WHERE id IN (
           SELECT id FROM account_email_connector
            WHERE wait_until IS NOT NULL FOR UPDATE SKIP LOCKED)""",
    """UPDATE account_email_delivery SET accepted_at = accepted_at - interval '1 hour'
        WHERE state = 'accepted' AND accepted_at > (now() - interval '61 s')
              AT TIME ZONE 'utc'
          AND id IN (SELECT delivery_id FROM account_email_followup
                      WHERE state = 'sent')""",
)
TRIGGER = """
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT id, now() AT TIME ZONE 'utc' FROM ir_cron
     WHERE active
       AND NOT EXISTS (SELECT FROM ir_cron_trigger WHERE cron_id = ir_cron.id)
"""
#: What is not there for a moment: the database, or Odoo.
AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Office:
    """The company's Odoo.

    :param port: where it listens.
    :param provider: see :mod:`.providers`.
    :ivar kills: how many processes were killed.
    """

    def __init__(self, box, port, customers, provider, workers):
        self.box, self.port, self.standin = box, port, provider.standin
        self.seen = []  # as `User` wants it
        self.kills = 0
        self.url = f"http://127.0.0.1:{port}"
        self.database = box.database()
        self._variables = provider.variables
        self._options = ["--workers=2", f"--max-cron-threads={workers}"]
        code = FILL.format(
            dev=str(CHECKOUT / "dev"),
            url=self.url,
            customers=customers,
            password=oauth_world.PASSWORD,
            apps={"microsoft": oauth_world.MICROSOFT, "google": oauth_world.GOOGLE},
        )
        said = box.shell(self.database, code, env=provider.variables, timeout=3600)
        self.connector, self.company = map(int, said.split()[-2:])
        box.cluster.sql("VACUUM ANALYZE", self.database)
        self._user = None

    def start(self):
        """Start Odoo, and wait until it answers."""
        self.server = self.box.serve(
            self.database,
            *self._options,
            env=self._variables,
            port=self.port,
            timeout=300,
        )

    @property
    def user(self):
        """A person who has signed in to Odoo."""
        if not self._user:
            self._user = User(self, "both")
        return self._user

    # -- time ------------------------------------------------------------------------

    def sql(self, query, *values):
        """Execute *query*, and return its rows; nothing while PostgreSQL is away."""
        try:
            with contextlib.closing(
                psycopg2.connect(self.box.dsn(self.database))
            ) as link:
                link.autocommit = True
                cr = link.cursor()
                cr.execute("SET lock_timeout = '1s'")
                cr.execute(query, values or None)
                return cr.fetchall() if cr.description else []
        except (*AWAY, psycopg2.errors.LockNotAvailable):
            return []

    def read(self, query, patience=60):
        """The rows of *query*, of which there are some, when PostgreSQL is back."""
        deadline = time.monotonic() + patience
        while not (rows := self.sql(query)) and time.monotonic() < deadline:
            time.sleep(0.5)
        return rows

    def pass_an_hour(self):
        """Let what waits wait no more, and the actions run."""
        for query in AN_HOUR:
            self.sql(query)
        self.sql(TRIGGER)
        with (
            contextlib.suppress(*AWAY),
            contextlib.closing(psycopg2.connect(self.box.dsn("postgres"))) as link,
        ):
            link.autocommit = True
            notify = "SELECT pg_notify('cron_trigger', %s)"
            link.cursor().execute(notify, [self.database])

    # -- fire ------------------------------------------------------------------------

    def kill_a_worker(self, chance):
        """``kill -9`` of the worker that is busiest, mostly."""
        workers = self._workers()
        if workers:
            busiest = max(workers, key=_busy)
            victim = busiest if chance.random() < 0.8 else chance.choice(workers)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.kills += 1

    def kill_all(self):
        """``kill -9`` of everything, and start it again."""
        self.kills += 1
        self.server.kill()
        self.server.close()
        self.start()

    def _workers(self):
        pid = self.server.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return [int(child) for child in children]
        return []

    def restart_postgres(self):
        """Stop it, which ends every transaction, and start it again."""
        self.box.cluster.stop()
        time.sleep(0.5)
        self.box.cluster.start()

    # -- people ----------------------------------------------------------------------

    def press(self, method, ids, model="account.email.followup", **more):
        """Call *method* as the web client does.

        :return: its answer; None if Odoo was killed meanwhile, or is just starting.
        """
        try:
            return self.user.call(method, ids, self.company, model=model, **more)
        except (requests.RequestException, ValueError, AssertionError):
            self._user = None
            return None

    def state(self):
        """The mailbox's; empty while PostgreSQL is away."""
        rows = self.sql("SELECT state FROM account_email_connector")
        return rows[0][0] if rows else ""

    def followups(self, *states):
        """The ids of the follow-ups in these *states*."""
        query = "SELECT id FROM account_email_followup WHERE state IN %s ORDER BY id"
        return [id_ for (id_,) in self.sql(query, states)]


def _busy(pid):
    """How much processor time it has had lately, which a new one has not."""
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return -1
