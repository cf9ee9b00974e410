"""The rows of thousands of follow-ups, written in one statement; their states are the
ledger's."""

from functools import cache

from odoo import fields
from odoo.tools import SQL

from ...rules import IN_SERVICE, Reason
from . import ledger
from .lines import is_unnamed

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
            *_arrays(branches),
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


def insert(env, due):
    """Insert the ledger rows and their lines, all in one statement.

    :return: the ids of the new rows; none for whoever has got one meanwhile.
    """
    env.cr.execute(
        SQL(
            INSERT,
            *_arrays(map(_followup_row, due)),
            env.uid,
            env.uid,
            *_arrays(_line_rows(due)),
        )
    )
    return [id_ for (id_,) in env.cr.fetchall()]


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


def _line_rows(due):
    rows = []
    for number, decided in enumerate(due, 1):
        addressee = decided.customer.addressee
        for items, state in (
            (decided.decision.items, "chased"),
            (decided.decision.credits, "credit"),
        ):
            rows += [
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
                for item in items
            ]
    return rows


def _arrays(rows):
    """The columns of *rows* as array literals, for ``unnest``.

    PostgreSQL reads them several times as fast as the expressions ``ARRAY[…]`` that
    psycopg2 makes of lists. All values are numbers, dates and words of our own, which
    need no quotes: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    columns = zip(*rows, strict=True)
    # Most columns repeat a few values: the text of each is made once.
    return ["{" + ",".join(map(cache(str), values)) + "}" for values in columns]
