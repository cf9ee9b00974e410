"""Which companies a shared plan concerns."""

import json

from odoo.tools import SQL

from .units import Units


def companies_of(plan):
    """The ids of the companies whose customers may be chased by a shared *plan*.

    Those that get the first shared plan count from the day on which they have a
    mailbox, for good: it may be disconnected just now, or they may be archived.

    :param plan: an ``account.email.followup.plan`` that belongs to no company, with the
        right to see all companies.
    """
    env = plan.env
    chosen, any_shared = Units(env).on_shared_plan(plan)
    begun = _with_mailbox(env)
    archived = env["res.company"].search([("active", "=", False)])
    return (
        chosen
        | any_shared & begun
        | set(archived.ids) & begun
        | _of_customers(env, plan)
        | _of_ledger(env, plan)
    )


def _with_mailbox(env):
    """The companies that have a mailbox, or had one and have chased by it, and those
    branches of theirs that it serves."""
    connectors = env["account.email.connector"].search(
        [("state", "!=", "disconnected")]
    )
    groups = env["account.email.followup"]._read_group([], ["company_id"])
    companies = connectors.company_id.union(*(company for (company,) in groups))
    return set(
        env["res.company"]
        .with_context(active_test=False)
        .search([("id", "child_of", companies.ids)])
        .ids
    )


def _of_customers(env, plan):
    """The companies in which a customer has this plan as its own."""
    field = env["res.partner"]._fields["email_followup_plan_id"]
    env["res.partner"].flush_model([field.name])
    env.cr.execute(
        SQL(
            """SELECT DISTINCT entry.key::int
                 FROM res_partner, jsonb_each_text(%s) AS entry
                WHERE entry.value = %s""",
            SQL.identifier("res_partner", field.name),
            str(plan.id),
        )
    )
    found = {id_ for (id_,) in env.cr.fetchall()}
    defaults = env["ir.default"].search(
        [
            ("field_id.model", "=", "res.partner"),
            ("field_id.name", "=", field.name),
            ("json_value", "=", json.dumps(plan.id)),
        ]
    )
    for default in defaults:
        companies = default.company_id or env["res.company"].search([])
        found.update(companies.ids)
    return found


def _of_ledger(env, plan):
    """The companies that have ever chased by this plan, and may go on with it."""
    groups = env["account.email.followup"]._read_group(
        [("plan_id", "=", plan.id)], ["company_id"]
    )
    return {company.id for (company,) in groups}
