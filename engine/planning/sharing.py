"""Which companies a shared plan concerns, and who may change it, or leave it."""

import json
from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .units import Units


def companies_of(plan):
    """The ids of the companies whose customers may be chased by a shared *plan*.

    Those that get the first shared plan count from the day on which they have a
    mailbox, for good: it may be disconnected just now, or they may be archived.

    :param plan: an ``account.email.followup.plan`` that belongs to no company, with the
        right to see all companies; perhaps not saved as such yet.
    """
    env, plan = plan.env, plan._origin
    chosen, any_shared = Units(env).on_shared_plan(plan)
    begun = _with_mailbox(env)
    archived = env["res.company"].search([("active", "=", False)])
    return (
        chosen
        | any_shared & begun
        | set(archived.ids) & begun
        | _of_customers(env, plan)
        | _of_rules(env, plan)
        | _of_ledger(env, plan)
    )


def _of_rules(env, plan):
    """The companies in which a rule gives this plan to customers."""
    rules = env["account.email.followup.plan.rule"].search([("plan_id", "=", plan.id)])
    companies = env["res.company"].with_context(active_test=False)
    found = companies.search([("id", "child_of", rules.company_id.ids)])
    shared = any(not rule.company_id for rule in rules)
    return {*found.ids, *(_with_mailbox(env) if shared else ())}


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


def shared_with_others(records, companies=companies_of):
    """The shared ones among *records* that are also for companies the user has not.

    :param records: plans or rules, as a superuser's; their environment has the user.
    :param companies: called with one; the ids of the companies that it is for.
    """
    mine = set(records.env.user.company_ids.ids)
    shared = records.filtered(lambda record: not record.company_id)
    everybody = records.env["res.company"].with_context(active_test=False)
    if not shared or not everybody.search_count([("id", "not in", [*mine])], limit=1):
        return shared.browse()
    return shared.filtered(lambda record: companies(record) - mine)


def forbidden(foreign, records=None):
    """What ``_check_access`` returns of plans, or their steps, that others share.

    :param foreign: of :func:`shared_with_others`.
    :param records: what is not to be changed; the plans themselves if None.
    """
    records = foreign if records is None else records
    return (records, partial(_why_not, foreign)) if records else None


def forbidden_rules(rules):
    """The same of rules: a shared one is asked in every company that has begun.

    :param rules: ``account.email.followup.plan.rule``, as a superuser's.
    """
    foreign = shared_with_others(rules, lambda rule: _with_mailbox(rule.env))
    return (foreign, partial(_why_no_rule, foreign)) if foreign else None


def _why_no_rule(rules):
    return AccessError(
        rules.env._(
            "The rule “%s” is for other companies too, to which you have no access. "
            "Make one for your own company, or ask somebody who has all.",
            rules[:1].display_name,
        )
    )


def _why_not(plans):
    return AccessError(
        plans.env._(
            "The plan “%s” is for other companies too, to which you have no "
            "access. Make a plan of your own from it, or ask somebody who has all.",
            plans[:1].name,
        )
    )


def plan_in_use(company):
    """The plan by which *company* (as a superuser's) chases; perhaps none."""
    return Units(company.env, company).unit_for(company.id).plan


def make_own(plan, company):
    """Make a plan of *company* from the shared one by which it chases: now by that.

    :param plan: as the user's, who has to be allowed to make one.
    :param company: as a superuser's.
    :raises UserError: if it chases by another: there would be two.
    """
    _refuse_second(plan, company)
    name = plan.env._("%(plan)s of %(company)s", plan=plan.name, company=company.name)
    responsible = plan.with_env(company.env).responsible_id
    has_it = company in responsible.company_ids
    own = plan.copy(
        {
            "name": name,
            "company_id": company.id,
            "responsible_id": has_it and responsible.id,
        }
    )
    company.email_followup_plan_id = own
    return own


def use(plan, company):
    """Let *company* chase by *plan* all who have no other.

    :param plan: as the user's, who may read it.
    :param company: as a superuser's.
    :raises UserError: if it is archived, or another company's.
    """
    check_usable(plan, company)
    company.email_followup_plan_id = plan


def check_usable(plan, company):
    """
    :param plan: as the user's, who may read it; perhaps none.
    :param company: as a superuser's.
    :raises UserError: if it is archived, or another company's.
    """
    foreign = plan.company_id and plan.company_id.id not in company.parent_ids.ids
    if foreign or (plan and not plan.active):
        raise UserError(
            plan.env._(
                "%(company)s cannot use “%(plan)s”: it is archived, or another "
                "company's.",
                company=company.name,
                plan=plan.name,
            )
        )


def _refuse_second(plan, company):
    in_use = plan_in_use(company)
    if in_use.id != plan.id:
        raise UserError(
            plan.env._(
                "%(company)s does not use this plan: it has “%(plan)s”.",
                company=company.name,
                plan=in_use.name or "",
            )
        )
