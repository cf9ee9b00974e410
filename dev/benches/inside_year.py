"""What `dev/bench year` does inside Odoo: a year's follow-ups, and what they cost."""

import statistics
from functools import partial

from odoo.tools import SQL, config

from . import inside_plan, inside_send, ledger
from .inside_plan import measured

#: What one follow-up that was sent leaves behind; what others refer to comes first.
#: Of the ledger's lines, some refer to invoices that are paid by now.
TABLES = (
    "mail_message",
    "mail_mail",
    "mail_notification",
    "account_email_delivery",
    "account_email_followup",
    "account_email_followup_line",
)
#: A follow-up of the year asks for so many invoices, and each is asked for so often.
LINES = 2
#: Days since the year's last one: longer than a plan waits between two to one customer.
BREAK = 15
#: How long ago the follow-ups of the beginning were sent: their next step has come.
DAYS_AGO = 100


def fill(env, customers, followups, port, password):
    """Connect a mailbox, and make customers who owe ten invoices each, and have paid as
    many as the year's follow-ups ask for. Commits."""
    ledger.fill(env, customers, 10 * customers, followups)
    connector = env.company.email_connector_id
    ledger.connect(connector, ledger.MAILBOX, port, password)
    env.cr.execute("UPDATE account_move SET is_move_sent = TRUE")
    env["account.email.followup.step"].search([]).attach_invoices = False  # no PDFs
    env.cr.commit()  # pylint: disable=invalid-commit


def cost(env, emails, runs):
    """What planning everybody, and sending to some, costs now.

    Their follow-ups stay, as sent a while ago; the others' go.

    :return: {"plan": …, "send": …}: the measurements, each of one customer.
    """
    config["account_email_connector_allow_loopback"] = True
    plan = inside_plan.median(inside_plan.ours(env, runs))
    env["account.email.followup"]._plan().retry_at = "2100-01-01"
    env.cr.commit()  # pylint: disable=invalid-commit
    rounds = []
    for _ in range(runs):
        inside_send._release(env, emails)
        rounds.append(measured(env, partial(inside_send._ours, env)))
    env.cr.commit()  # pylint: disable=invalid-commit # what others wrote is to be seen
    env.cr.execute("DELETE FROM account_email_followup WHERE state = 'planned'")
    env.cr.execute(
        """
        UPDATE account_email_followup
           SET done_on = done_on - %(days)s, planned_date = planned_date - %(days)s,
               sent_at = sent_at - %(days)s * INTERVAL '1 day'
         WHERE done_on = CURRENT_DATE
        """,
        {"days": DAYS_AGO},
    )
    env.cr.commit()  # pylint: disable=invalid-commit
    middle = statistics.median_low(each["seconds"] for each in rounds)
    send = next(each for each in rounds if each["seconds"] == middle)
    return {
        "plan": _of_one(plan, plan["customers"]),
        "send": _of_one(send, send["result"]),
    }


def act(env, emails):
    """Let the whole scheduled action run, with so many emails to be sent."""
    config["account_email_connector_allow_loopback"] = True
    followups = env["account.email.followup"]._plan()
    later = followups[emails:].ids
    env.cr.execute(
        "UPDATE account_email_followup SET planned_date = CURRENT_DATE + 30"
        " WHERE id = ANY(%s)",
        [later],
    )
    env.cr.commit()  # pylint: disable=invalid-commit
    env.ref("account_email_connector.ir_cron_followups").method_direct_trigger()


def _of_one(found, number):
    names = ("seconds", "cpu_seconds", "statements")
    return {"number": number} | {name: found[name] / number for name in names}


def a_year(env, followups):
    """Multiply what the engine has written of one follow-up that it sent. Commits."""
    (sent,) = env["account.email.followup"].search(
        [("state", "=", "sent")], order="id desc", limit=1
    )
    with ledger.in_bulk(env.cr, *TABLES):
        _multiply_all(env, sent, followups)
    env.cr.commit()  # pylint: disable=invalid-commit


def _multiply_all(env, sent, count):
    _settled(env)
    year = _Year(env, sent, count)
    year.multiply_emails()
    year.multiply_followups()
    year.multiply_lines()


class _Year:
    """The rows of *count* follow-ups, each the like of *sent*; the n-th of a kind is
    about the n-th of the others."""

    def __init__(self, env, sent, count):
        self.env, self.sent, self.count = env, sent, count
        self.multiply = partial(ledger._multiply, env)
        self.day = f"CURRENT_DATE - {BREAK} - (n * 364 / {count})::int"
        self.moment = f"({self.day})::timestamp + INTERVAL '9 hours'"
        self.dates = {"create_date": self.moment, "write_date": self.moment}
        self.header = "'<year-' || n || '@bench.example>'"
        table = SQL.identifier(sent._table)
        env.cr.execute(SQL("SELECT max(id) + 1 FROM %s", table))
        self.first = env.cr.fetchone()[0]
        self.own = f"{self.first} + n - 1"

    def multiply_emails(self):
        """Their messages, emails, notifications, and rows of the journal."""
        sent, dates = self.sent, self.dates
        about = {"res_id": self.own, "message_id": self.header, "date": self.moment}
        message = sent.mail_message_id
        self.message = self._made(message, **about, **dates)
        mail = {"mail_message_id": self.message, "email_followup_id": self.own}
        self.mail = self._made(sent.mail_id, **mail, **dates)
        notices = self.env["mail.notification"].search(
            [("mail_message_id", "=", message.id)]
        )
        for notice in notices:
            self._made(notice, mail_message_id=self.message, mail_mail_id=self.mail)
        times = {"started_at": self.moment, "accepted_at": self.moment}
        own = {"message_id": self.header, "mail_id": self.mail}
        self.delivery = self._made(sent.delivery_id, **own, **times, **dates)

    def multiply_followups(self):
        """The ledger."""
        made = self.multiply(
            self.sent,
            self.count,
            partner_id="(SELECT partner_id FROM settled WHERE settled.k = n)",
            mail_message_id=self.message,
            mail_id=self.mail,
            delivery_id=self.delivery,
            message_id_header=self.header,
            thread_root=self.header,
            done_on=self.day,
            planned_date=self.day,
            sent_at=self.moment,
            **self.dates,
        )
        if made != self.first:
            raise AssertionError("The ledger's numbers are not those that were told.")

    def multiply_lines(self):
        """What they ask for."""
        count = self.count
        sent = self.env["account.email.followup"].search_count([("state", "=", "sent")])
        for line, skip in zip(self.sent.line_ids[:LINES], (0, sent), strict=True):
            where = f"FROM settled WHERE settled.k = (n + {skip} - 1) % {count} + 1"
            self.multiply(
                line,
                count,
                followup_id=self.own,
                move_line_ref=f"(SELECT line_id {where})",
                move_ref=f"(SELECT move_id {where})",
            )

    def _made(self, record, **values):
        """Multiply it; the SQL for the id of the n-th."""
        return f"{self.multiply(record, self.count, **values)} + n - 1"


def _settled(env):
    """The invoices that were paid, numbered, as a table for this transaction."""
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE settled ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY id) AS k, id AS line_id, move_id, partner_id
          FROM account_move_line
         WHERE reconciled AND display_type = 'payment_term'
        """
    )
    env.cr.execute("CREATE UNIQUE INDEX ON settled (k)")
    env.cr.execute("ANALYZE settled")


def sizes(env):
    """Of each large table: (name, rows, its bytes, of its indexes, dead rows)."""
    env.cr.execute("ANALYZE")
    env.cr.execute(
        """
        SELECT pg_class.relname, reltuples::bigint, pg_table_size(pg_class.oid),
               pg_indexes_size(pg_class.oid), n_dead_tup
          FROM pg_class
          JOIN pg_stat_user_tables ON relid = pg_class.oid
         WHERE reltuples > 10000 OR pg_class.relname LIKE 'account_email_%'
      ORDER BY pg_total_relation_size(pg_class.oid) DESC LIMIT 16
        """
    )
    return env.cr.fetchall()
