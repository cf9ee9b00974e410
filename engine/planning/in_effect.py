"""Which plan is in effect where no follow-up says so: of a company, and of customers
who owe nothing."""

from odoo.tools import SQL

from ...texts.plan_rules import company_plan_text, plan_text
from .segments import Noted, columns, joined, segment_of
from .units import Units

CUSTOMERS = """
    SELECT partner.id, %s FROM res_partner partner %s WHERE partner.id = ANY(%s)
"""


def of_customers(env, partners):
    """Return ``{partner id: its plan, and why}`` of *partners* with nothing open, in
    the company in use.

    :param env: with the right to see everything. What is told is in *partners*' own.
    """
    company = env.company
    units = Units(env, company)
    unit = units.unit_for(company.id)
    told = {}
    for partner, noted in _noted(units, partners.with_env(env)):
        own = _own_plan(partner, unit)
        choice = units.choose(
            unit, own.id, lambda noted=noted: segment_of(units, unit, noted, [])
        )
        rule = env["account.email.followup.plan.rule"].browse(choice.rule or ())
        told[partner.id] = plan_text(partners.env, choice.plan, choice.own, rule)
    return told


def _noted(units, partners):
    """Yield each of *partners*, and what rules ask about it."""
    env, ids = units.env, partners.ids
    env.flush_all()
    found = SQL(CUSTOMERS, columns(units.plan_rules), joined(units, ids), ids)
    notes = {id_: Noted(*noted) for id_, *noted in env.execute_query(found)}
    for partner in partners.filtered(lambda each: each.id in notes):
        yield partner, notes[partner.id]


def _own_plan(partner, unit):
    """The plan that the unit's company, or else a branch of it, has noted."""
    plans = (
        partner.with_company(id_).email_followup_plan_id for id_ in unit.company_ids
    )
    return next(filter(None, plans), unit.plan.browse())


def company_plan(reader, company, chosen):
    """By which plan *company* chases: its name, and a sentence with its steps, and why.

    As :meth:`.plans.Plans.of_company`, but of a choice that is not saved yet.

    :param reader: the env of whoever reads it.
    :param company: as a superuser's.
    :param chosen: the plan chosen for it, perhaps empty.
    """
    plan, why = _plan_of(company, chosen)
    name = plan.with_context(lang=reader.lang).name
    return name, company_plan_text(reader, plan, why)


def _plan_of(company, chosen):
    parents = company.parent_ids.filtered("active") - company
    parents = parents.sorted("parent_path", reverse=True)
    inherited = parents.email_followup_plan_id[:1]
    if chosen or inherited:
        plan = chosen or inherited
        why = "chosen" if chosen else "parent"
        return plan.filtered("active"), why
    plan = company.env["account.email.followup.plan"]
    return plan.search([("company_id", "=", False)], limit=1), "shared"
