"""Gather, decide, write: one pass over all customers of all companies."""

import logging

from odoo.tools import SQL

from ..rules import Reason
from ..tools.locks import try_lock
from .decisions import decisions

_logger = logging.getLogger(__name__)


def plan(env, companies=None, on_date=None):
    """Write a ledger row for every follow-up that is due.

    Two planners at once: the second leaves it to the first. One whose snapshot is
    older than another's commit ends in a serialization failure, and is run again as
    any transaction of Odoo's.

    :return: the new ``account.email.followup`` records.
    """
    Followup = env["account.email.followup"].sudo()
    if not try_lock(env.cr, "account_email_connector plan"):
        _logger.info("Another planner is at work: it plans these follow-ups.")
        return Followup
    due = [
        decided
        for decided in decisions(env, companies, on_date=on_date)
        if decided.decision.reason is Reason.DUE
    ]
    return Followup.browse(_write(env, due)) if due else Followup


def _write(env, due):
    """Insert the ledger rows and their lines, all in one statement.

    :return: the ids of the new rows; none for a customer who has got one meanwhile.
    """
    lines = [
        (decided, item, state)
        for decided in due
        for items, state in (
            (decided.decision.items, "chased"),
            (decided.decision.credits, "credit"),
        )
        for item in items
    ]
    env.cr.execute(
        SQL(
            """
            WITH followup AS (
                INSERT INTO account_email_followup (
                    company_id, connector_id, partner_id, plan_id, step_id,
                    step_position, step_days, channel, state, amount, oldest_due_date,
                    planned_date, attempts,
                    create_date, create_uid, write_date, write_uid)
                SELECT new.*, 0, now() at time zone 'utc', %s,
                       now() at time zone 'utc', %s
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                              %s::int[], %s::int[], %s::varchar[], %s::varchar[],
                              %s::numeric[], %s::date[], %s::date[]) AS new
                ON CONFLICT DO NOTHING
                RETURNING id, company_id, partner_id
            ), line AS (
                INSERT INTO account_email_followup_line (
                    followup_id, move_line_id, move_id, due_date, currency_id,
                    amount, state)
                SELECT followup.id, new.line, new.move, new.due, new.currency,
                       new.amount, new.state
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::date[],
                              %s::int[], %s::numeric[], %s::varchar[])
                       AS new(company, partner, line, move, due, currency,
                              amount, state)
                  JOIN followup ON followup.company_id = new.company
                               AND followup.partner_id = new.partner
            )
            SELECT id FROM followup ORDER BY id
            """,
            env.uid,
            env.uid,
            *_columns([_followup_row(decided) for decided in due]),
            *_columns([_line_row(*line) for line in lines]),
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
        "to_review" if step.review else "planned",
        decision.total_company,
        min(item.due for item in decision.items),
        decided.today,
    )


def _line_row(decided, item, state):
    return (
        decided.unit.company_id,
        decided.customer.id,
        item.line_id,
        item.move_id,
        item.due,
        item.currency_id,
        item.residual,
        state,
    )


def _columns(rows):
    """*rows* of equal length as lists of their columns, for ``unnest``."""
    return [list(column) for column in zip(*rows, strict=True)]
