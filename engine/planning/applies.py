"""To which customers a plan, or a rule, applies: the planner's own answer."""

from typing import NamedTuple

from ...tools.actions import listing
from . import gather
from .units import Units


class Applied(NamedTuple):
    """Customers with something open: {plan or rule id: ids of ``res.partner``}."""

    plans: dict
    rules: dict

    def by_plan(self, plan_id):
        """The ids of those who have this plan, whatever the reason."""
        return self.plans.get(plan_id, ())

    def by_rule(self, rule_id):
        """The ids of those who have a plan by this rule."""
        return self.rules.get(rule_id, ())


def customers(reader, env):
    """Who has which plan, in the companies that *reader* (an environment) works with.

    Only those are told of who owe these companies something, for a parent's plan is
    also for others'.

    :param env: the same, with the right to see everything.
    """
    found = gather.customers(Units(env, reader.companies))
    seen = visible(reader, {customer.id for _unit, _plan, customer in found})
    plans, rules = {}, {}
    for _unit, plan, customer in found:
        if customer.id in seen:
            plans.setdefault(plan.id, set()).add(customer.id)
            rules.setdefault(customer.plan_rule, set()).add(customer.id)
    return Applied(plans, rules)


def visible(reader, partner_ids):
    """Those among the customers whom the reader may see, with what they owe."""
    known = reader["res.partner"].with_context(active_test=False)
    known = known.search([("id", "in", list(partner_ids))], order="id")
    groups = reader["account.move.line"]._read_group(
        [
            ("partner_id.commercial_partner_id", "in", known.ids),
            ("company_id", "in", reader.companies.ids),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ],
        ["partner_id"],
    )
    owing = reader["res.partner"].union(*(partner for (partner,) in groups))
    return set(owing.commercial_partner_id.ids)


def listing_of(record, partner_ids):
    """Show these customers, under the name of the plan or rule."""
    domain = [("id", "in", sorted(partner_ids))]
    return listing(
        record.display_name, "res.partner", domain, res_partner_search_mode="customer"
    )
