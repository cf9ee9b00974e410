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
    today = on_date or fields.Date.context_today(Followup)
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
    """Insert ledger rows and their lines, one statement each; return the rows' ids."""
    ids = _insert_followups(env, due, today)
    lines = []
    for customer, unit, decision in due:
        followup_id = ids.get((unit.company.id, customer.id))
        if followup_id:  # not if the customer has got an open one meanwhile
            lines += [(followup_id, item, "chased") for item in decision.items]
            lines += [(followup_id, item, "credit") for item in decision.credits]
    insert_lines(env, lines)
    return sorted(ids.values())


def _insert_followups(env, due, today):
    rows = [
        (
            unit.company.id,
            unit.connector.id,
            customer.id,
            unit.plan_record.id,
            decision.step.id,
            unit.plan.ranks[decision.step.id],
            decision.step.days,
            decision.channel,
            "to_review" if decision.step.review else "planned",
            decision.total_company,
            min(item.due for item in decision.items),
        )
        for customer, unit, decision in due
    ]
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_email_followup (
                company_id, connector_id, partner_id, plan_id, step_id, step_position,
                step_days, channel, state, amount, oldest_due_date, planned_date,
                attempts, create_date, create_uid, write_date, write_uid)
            SELECT new.*, %s::date, 0, now() at time zone 'utc', %s,
                   now() at time zone 'utc', %s
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                          %s::int[], %s::int[], %s::varchar[], %s::varchar[],
                          %s::numeric[], %s::date[]) AS new
            ON CONFLICT DO NOTHING
            RETURNING company_id, partner_id, id
            """,
            today,
            env.uid,
            env.uid,
            *(list(column) for column in zip(*rows, strict=True)),
        )
    )
    return {(company, partner): id_ for company, partner, id_ in env.cr.fetchall()}


def insert_lines(env, lines):
    """Insert the *lines* of follow-ups: (follow-up id, rules' Item, state)."""
    rows = [
        (id_, item.line_id, item.move_id, item.due, item.currency_id, item.residual, state)
        for id_, item, state in lines
    ]
    if not rows:
        return
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_email_followup_line (
                followup_id, move_line_id, move_id, due_date, currency_id, amount, state)
            SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::int[],
                                 %s::numeric[], %s::varchar[])
            """,
            *(list(column) for column in zip(*rows, strict=True)),
        )
    )
