"""Gather, decide, write: one pass over all customers of all companies."""

import logging

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tools import SQL

from ..rules import Reason, decide
from ..tools.locks import try_lock
from . import gather
from .units import Units

_logger = logging.getLogger(__name__)


def plan(env, companies=None, on_date=None):
    """Write a ledger row for every follow-up that is due.

    :return: the new ``account.email.followup`` records.
    """
    Followup = env["account.email.followup"].sudo()
    if not try_lock(env.cr, "account_email_connector plan"):
        _logger.info("Another planner is at work: it plans these follow-ups.")
        return Followup
    today = on_date or fields.Date.today()
    units = Units(env, companies)
    due = []
    for customer in gather.customers(units):
        unit = units.units[customer.unit]
        decision = decide(customer, unit.plan, unit.facts, today)
        if decision.reason is Reason.DUE:
            due.append((customer, unit, decision))
    if not due:
        return Followup
    try:
        with env.cr.savepoint(flush=False):
            return Followup.browse(_write(env, due, today))
    except SerializationFailure:
        # Another planner committed after our snapshot began.
        _logger.info("Another planner was faster: it planned these follow-ups.")
        return Followup


def _write(env, due, today):
    """Insert the ledger rows and their lines, all in one statement.

    :return: the ids of the new rows; none for a customer who has got one meanwhile.
    """
    lines = [
        (customer, unit, item, state)
        for customer, unit, decision in due
        for items, state in ((decision.items, "chased"), (decision.credits, "credit"))
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
                SELECT new.*, %s::date, 0, now() at time zone 'utc', %s,
                       now() at time zone 'utc', %s
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                              %s::int[], %s::int[], %s::varchar[], %s::varchar[],
                              %s::numeric[], %s::date[]) AS new
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
            today,
            env.uid,
            env.uid,
            *_columns([_followup_row(*decided) for decided in due]),
            *_columns([_line_row(*line) for line in lines]),
        )
    )
    return [id_ for (id_,) in env.cr.fetchall()]


def _followup_row(customer, unit, decision):
    step = decision.step
    return (
        unit.company.id,
        unit.connector.id,
        customer.id,
        unit.plan_record.id,
        step.id,
        unit.plan.ranks[step.id],
        step.days,
        decision.channel,
        "to_review" if step.review else "planned",
        decision.total_company,
        min(item.due for item in decision.items),
    )


def _line_row(customer, unit, item, state):
    return (
        unit.company.id,
        customer.id,
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
