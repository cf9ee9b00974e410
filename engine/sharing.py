"""Which companies a shared plan concerns."""

import json

from odoo.tools import SQL

from .units import Units


def companies_of(plan):
    """The ids of the active companies whose customers may be chased by a shared *plan*.

    :param plan: an ``account.email.followup.plan`` that belongs to no company.
    """
    env = plan.env(su=True)
    units = Units(env)
    found = (
        units.on_shared_plan(plan) | _of_customers(env, plan) | _of_ledger(env, plan)
    )
    return found & units.homes.keys()


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
