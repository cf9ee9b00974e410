"""The company, its mailbox and customers; a seed begins with them as they were."""

from contextlib import suppress
from datetime import timedelta

import psycopg2
from psycopg2.sql import SQL, Identifier
from samples import bulk
from samples.begin import begin

from .people import ADDRESS, SETTINGS

CUSTOMERS = 3
#: What a seed changes in place; of all else the new rows go.
KEPT = (
    "account_email_connector",
    "account_email_connector_credential",
    "account_email_followup_plan",
    "account_email_followup_step",
    "account_move",
    "account_move_line",
    "res_partner",
    "ir_cron",
)
CHANGE_BACK = """
    UPDATE {present} present SET ({names}) = ROW (former.*) FROM {former} former
     WHERE former.id = present.id AND present IS DISTINCT FROM former
"""
BRING_BACK = """
    INSERT INTO {present} SELECT * FROM {former} former
     WHERE NOT EXISTS (SELECT FROM {present} WHERE id = former.id)
"""
#: They count what is not the story's.
NOT_OURS = ("orm_signaling", "simulated_clock")
REFERRED_TO = (
    psycopg2.errors.ForeignKeyViolation,
    psycopg2.errors.RestrictViolation,
)
DAY = timedelta(days=1)


class World:
    """What all seeds share.

    :ivar invoices: (id, the customer's address) of each.
    """

    def __init__(self, env, clock, monitor):
        self.registry, self.clock, self.monitor = env.registry, clock, monitor
        self.connector = env["account.email.connector"].search([]).ids[0]
        self.manager = env.ref("base.user_admin").id
        moves = env["account.move"].search([("move_type", "=", "out_invoice")])
        self.invoices = [(m.id, m.partner_id.email) for m in moves.sorted("id")]

    def begin(self, time, overdue, hours):
        """Let it be as it was filled, at *time*.

        :param overdue: for how many days each invoice is overdue.
        :param hours: those of the plan.
        """
        ask = self.monitor.ask
        self._remove_what_is_new()
        for table in KEPT:
            _restore(self.monitor, table)
        self.clock.move_to(time)
        for (move, _address), days in zip(self.invoices, overdue, strict=True):
            due = time.date() - days * DAY
            ask(
                """UPDATE account_move SET invoice_date_due = %s, invoice_date = %s,
                          date = %s WHERE id = %s""",
                *(due, due - 30 * DAY, due - 30 * DAY, move),
            )
            ask(
                """UPDATE account_move_line SET date_maturity = %s
                    WHERE move_id = %s AND display_type = 'payment_term'""",
                *(due, move),
            )
        ask(
            "UPDATE account_email_followup_plan SET from_hour = %s, until_hour = %s",
            *hours,
        )

    def is_connected(self):
        """Whether the mailbox is in service."""
        return self.monitor.ask("SELECT state FROM account_email_connector") == [
            ("connected",)
        ]

    def mailbox_waits(self):
        """For how many seconds it does; 0 if it does not."""
        ((until,),) = self.monitor.ask("SELECT wait_until FROM account_email_connector")
        left = (until - self.clock.now).total_seconds() if until else 0
        return max(int(left), 0)

    def _remove_what_is_new(self):
        """Delete rows until nothing refers to one that has to go."""
        grown = self.monitor.ask(
            """SELECT sequencename, COALESCE(former.last_value, 0)
                 FROM pg_sequences JOIN baseline.sequences former USING (sequencename)
                WHERE schemaname = 'public'
                  AND pg_sequences.last_value IS DISTINCT FROM former.last_value"""
        )
        left = [row for row in grown if not row[0].startswith(NOT_OURS)]
        while left:
            left = [row for row in left if not self._is_removed(*row)]

    def _is_removed(self, sequence, last):
        table = sequence.removesuffix("_id_seq")
        with suppress(*REFERRED_TO):
            removal = SQL("DELETE FROM {} WHERE id > %s").format(Identifier(table))
            self.monitor.ask(removal, last)
            self.monitor.ask(
                "SELECT setval(%s, %s, %s)", sequence, max(last, 1), last > 0
            )
            return True
        return False


def fill(env, monitor):
    """Make the company's mailbox and customers. Commits."""
    env.company.name = "Acme"
    env.company.partner_id.tz = "Europe/Paris"
    bulk.create_bulk(env, CUSTOMERS)
    connector = env["account.email.connector"].create({"company_id": env.company.id})
    connector._connect(ADDRESS, {"password": "planted"}, SETTINGS)
    begin(connector)
    plans = env["account.email.followup.plan"].search([])
    plans.step_ids.attach_invoices = False  # who makes a PDF is another process
    # The words and tables of an email, half of its time, are not what this is about.
    plans.step_ids.template_id.body_html = "<p>Please pay.</p>"
    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()  # pylint: disable=invalid-commit
    monitor.ask("CREATE SCHEMA baseline")
    for table in KEPT:
        monitor.ask(_about(table, "CREATE TABLE {former} AS TABLE {present}"))
    monitor.ask(
        """CREATE TABLE baseline.sequences AS
            SELECT sequencename, last_value FROM pg_sequences
             WHERE schemaname = 'public'"""
    )


def _restore(monitor, table):
    columns = monitor.ask(
        """SELECT column_name FROM information_schema.columns
            WHERE table_schema = 'baseline' AND table_name = %s
         ORDER BY ordinal_position""",
        table,
    )
    names = SQL(", ").join(Identifier(name) for (name,) in columns)
    monitor.ask(_about(table, CHANGE_BACK, names=names))
    monitor.ask(_about(table, BRING_BACK))


def _about(table, query, **parts):
    """*query* about the present rows of *table*, and the former ones."""
    former, present = Identifier("baseline", table), Identifier("public", table)
    return SQL(query).format(former=former, present=present, **parts)
