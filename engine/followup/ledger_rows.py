"""The rows of thousands of follow-ups, written in a statement or two; their states are
the ledger's."""

from functools import cache

from odoo import fields
from odoo.tools import SQL

from ...rules import IN_SERVICE, Reason
from . import ledger
from .lines import is_unnamed

#: Of so many journal items that are asked for the rows are written by one statement.
LINES_AT_ONCE = 500_000
#: So many rows are kept as they are, the others as text.
ROWS_AS_OBJECTS = 20_000

GIVE_WAY = """
    WITH branch AS (
        SELECT * FROM unnest(%s::int[], %s::int[], %s::int[])
                   AS branch(company_id, unit_id, connector_id)
    ), skipped AS (
        UPDATE account_email_followup followup
           SET state = %s, reason = %s, done_on = %s
          FROM branch
         WHERE followup.company_id = branch.company_id
           AND followup.state = ANY(%s)
           AND (followup.company_id <> branch.unit_id
                OR followup.connector_id <> branch.connector_id)
    )
    SELECT line.id
      FROM account_email_followup followup
      JOIN account_email_connector mailbox ON mailbox.id = followup.connector_id
      JOIN account_email_followup_line line ON line.followup_id = followup.id
      JOIN account_move move ON move.id = line.move_ref
      JOIN branch ON branch.company_id = move.company_id
     WHERE followup.state = ANY(%s)
       AND followup.company_id NOT IN (branch.company_id, branch.unit_id)
       AND mailbox.state <> ALL(%s)
       AND line.state = 'chased'
"""
#: Each line says of which of the new follow-ups it is, by its number among them.
INSERT = """
    WITH new AS MATERIALIZED (
        SELECT nextval('account_email_followup_id_seq')::int AS id, *
          FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                      %s::int[], %s::int[], %s::varchar[], %s::varchar[],
                      %s::numeric[], %s::date[], %s::date[], %s::int[])
               WITH ORDINALITY AS new(
                   company_id, connector_id, partner_id, plan_id, step_id,
                   step_position, step_days, channel, state, amount, oldest_due_date,
                   planned_date, addressee_id, number)
    ), followup AS (
        INSERT INTO account_email_followup (
            id, company_id, connector_id, partner_id, plan_id, step_id,
            step_position, step_days, channel, state, amount, oldest_due_date,
            planned_date, addressee_id, attempts,
            create_date, create_uid, write_date, write_uid)
        SELECT id, company_id, connector_id, partner_id, plan_id, step_id,
               step_position, step_days, channel, state, amount, oldest_due_date,
               planned_date, addressee_id, 0,
               now() at time zone 'utc', %s, now() at time zone 'utc', %s
          FROM new
        ON CONFLICT DO NOTHING
        RETURNING id
    ), line AS (
        INSERT INTO account_email_followup_line (
            followup_id, move_line_ref, move_ref, currency_ref, due_date,
            amount, state, unnamed)
        SELECT followup.id, listed.line, listed.move, listed.currency, listed.due,
               listed.amount, listed.state, listed.unnamed
          FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::date[],
                      %s::numeric[], %s::varchar[], %s::bool[])
               AS listed(number, line, move, currency, due, amount, state, unnamed)
          JOIN new ON new.number = listed.number
          JOIN followup ON followup.id = new.id
    )
    SELECT id FROM followup ORDER BY id
"""


def skip_misplaced(env, units, branches):
    """Skip what a branch has planned for another mailbox than the one it has by now.

    It would wait for a mailbox that is gone, and keep the other one silent meanwhile.

    :return: the lines about a branch's invoices that wait in the same way with another
        company, whose mailbox was disconnected.
    """
    Followup, Line = env["account.email.followup"], env["account.email.followup.line"]
    Followup.flush_model()
    waiting = list(ledger.TRANSITIONS[ledger.give_way].sources)
    env.cr.execute(
        SQL(
            GIVE_WAY,
            *_Columns(branches).literals(),
            ledger.TRANSITIONS[ledger.give_way].target,
            Reason.ELSEWHERE.value,
            units.on_date or fields.Date.today(),
            waiting,
            waiting,
            list(IN_SERVICE),
        )
    )
    lines = Line.browse(id_ for (id_,) in env.cr.fetchall())
    Followup.invalidate_model(["state", "reason", "done_on"])
    return lines


class NewRows:
    """The rows of new follow-ups and their lines, written very many at a time.

    :param env: with the right to write follow-ups.
    """

    def __init__(self, env):
        self._env, self._ids = env, []
        self._begin()

    def _begin(self):
        self._followups, self._lines = _Columns(), _Columns()

    def add(self, decided):
        """Have a row written for one that is due."""
        self._followups.add([_followup_row(decided)])
        self._lines.add(_line_rows(decided, self._followups.count))
        if self._lines.count >= LINES_AT_ONCE:
            self._insert()

    def ids(self):
        """Write what is not written yet, and return the ids of all new follow-ups; none
        for whoever has got one meanwhile."""
        if self._followups.count:
            self._insert()
        return self._ids

    def _insert(self):
        cr, uid = self._env.cr, self._env.uid
        followups, lines = self._followups.literals(), self._lines.literals()
        cr.execute(SQL(INSERT, *followups, uid, uid, *lines))
        self._ids += [id_ for (id_,) in cr.fetchall()]
        self._begin()


def _followup_row(decided):
    decision = decided.decision
    step = decision.step
    return (
        decided.unit.company_id,
        decided.unit.connector.id,
        decided.customer.id,
        decided.plan.id,
        step.id,
        decided.rules.ranks[step.id],
        step.days,
        decision.channel,
        ledger.first_state(step.review),
        decision.total_company,
        decision.items[0].due,
        decided.today,
        decided.customer.addressee or "NULL",
    )


def _line_rows(decided, number):
    decision, addressee = decided.decision, decided.customer.addressee
    return [
        (
            number,
            item.line_id,
            item.move_id,
            item.currency_id,
            item.due,
            item.residual,
            state,
            is_unnamed(item, addressee),
        )
        for items, state in ((decision.items, "chased"), (decision.credits, "credit"))
        for item in items
    ]


class _Columns:
    """The columns of rows as array literals, for ``unnest``.

    PostgreSQL reads them several times as fast as the expressions ``ARRAY[…]`` that
    psycopg2 makes of lists. All values are numbers, dates and words of our own, which
    need no quotes: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO

    :ivar count: how many rows there are.
    """

    def __init__(self, rows=()):
        self.count, self._rows, self._texts = 0, [], []
        self.add(rows)

    def add(self, rows):
        self._rows += rows
        self.count += len(rows)
        if len(self._rows) >= ROWS_AS_OBJECTS:
            self._write()

    def literals(self):
        self._write()
        return ["{" + ",".join(texts) + "}" for texts in zip(*self._texts, strict=True)]

    def _write(self):
        """As text they take a quarter of the memory."""
        if self._rows:
            columns = zip(*self._rows, strict=True)
            # Most columns repeat a few values: the text of each is made once.
            self._texts.append([",".join(map(cache(str), each)) for each in columns])
            self._rows = []
