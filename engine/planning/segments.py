"""The rules of a database that say which customers have which plan."""

from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from ...rules.segments import PlanRule, Segment, average, overdue
from . import habits
from .supposed import rule_row

#: The rules of a ``company`` and the shared ones, in their order.
RULES = """
    (SELECT jsonb_agg(jsonb_build_array(
                rule.company_id, rule.sequence, rule.id, rule.plan_id,
                ARRAY(SELECT tag_id FROM account_email_followup_plan_rule_tag
                       WHERE rule_id = rule.id),
                ARRAY(SELECT country_id FROM account_email_followup_plan_rule_country
                       WHERE rule_id = rule.id),
                ARRAY(SELECT user_id FROM account_email_followup_plan_rule_user
                       WHERE rule_id = rule.id),
                COALESCE(rule.amount_overdue, 0), COALESCE(rule.days_late, 0))
            ORDER BY rule.sequence, rule.id)
       FROM account_email_followup_plan_rule rule
      WHERE rule.active
        AND (rule.company_id = company.id OR rule.company_id IS NULL))
"""
#: A tag counts as those above it, as in Odoo's own search.
TAGS = """
    (SELECT ARRAY_AGG(DISTINCT above::int)
       FROM res_partner_res_partner_category_rel tagged
       JOIN res_partner_category tag ON tag.id = tagged.category_id,
            unnest(string_to_array(trim(both '/' from tag.parent_path), '/')) above
      WHERE tagged.partner_id = partner.id)
"""
#: {company: [how many instalments, days late]} of what was paid: see :mod:`.habits`.
DAYS_LATE = """
    (SELECT customer, jsonb_object_agg(company, ARRAY[number, days]) AS by_company
       FROM (%s) counted
   GROUP BY customer)
"""


class Noted(NamedTuple):
    """What was noted on a customer that rules ask about, and how it has paid."""

    tags: list | None
    country: int | None
    salesperson: int | None
    paid: dict | None  #: see :data:`DAYS_LATE`


class PlanRules:
    """The rules of all companies, each in their order.

    :param tree: a :class:`.company_tree.CompanyTree`, which has read them.
    """

    def __init__(self, tree):
        self._tree = tree
        self._rules = {
            id_: [(row[0], _rule(*row[2:])) for row in home.plan_rules or ()]
            for id_, home in tree.homes.items()
        }

    def consider(self, rule):
        """Have the facts gathered that an unsaved rule asks for, too. It is nobody's.

        :param rule: a new record, perhaps of a rule that is stored.
        """
        self._rules[None] = [(None, _rule(*rule_row(rule)[2:]))]

    def has_own(self, company_id):
        """Whether a company has rules of its own, not only those that all share."""
        return any(company for company, _rule in self._rules[company_id])

    def of_company(self, company_id):
        """Its own rules, else those of its nearest parent that has any, and the shared
        ones, all in one order."""
        whose = self._tree.nearest(company_id, self.has_own) or company_id
        return [rule for _company, rule in self._rules[whose]]

    def _ask(self, name):
        return any(
            getattr(rule, name)
            for rules in self._rules.values()
            for _company, rule in rules
        )

    @cached_property
    def ask_tags(self):
        """Whether a rule asks for tags."""
        return self._ask("tags")

    @cached_property
    def ask_overdue(self):
        """Whether a rule asks what is overdue."""
        return self._ask("overdue")

    @cached_property
    def ask_days_late(self):
        """Whether a rule asks how late customers pay."""
        return self._ask("days_late")


def _rule(id_, plan_id, tags, countries, users, amount, days):
    lists = map(frozenset, (tags, countries, users))
    return PlanRule(id_, plan_id, *lists, amount, days)


def columns(rules):
    """The columns of a ``partner``, as :class:`Noted` has them; nothing that no rule
    asks for is looked up."""
    return SQL(
        "%s, partner.country_id, partner.user_id, %s",
        SQL(TAGS) if rules.ask_tags else SQL("NULL::int[]"),
        SQL("late.by_company") if rules.ask_days_late else SQL("NULL::jsonb"),
    )


def joined(units, partner_ids):
    """What the columns are read from, besides ``partner``."""
    if not units.plan_rules.ask_days_late:
        return SQL()
    paid = habits.paid_late(partner_ids, units.company_ids(), units.on_date)
    late = SQL(DAYS_LATE, paid)
    return SQL("LEFT JOIN %s late ON late.customer = partner.id", late)


def segment_of(units, unit, noted, items):
    """The :class:`...rules.segments.Segment` of a customer of *unit*.

    :param noted: :class:`Noted`.
    :param items: all that is open of the customer there.
    """
    paid = noted.paid or {}
    its_own = [paid[str(id_)] for id_ in unit.company_ids if str(id_) in paid]
    asked = units.plan_rules.ask_overdue
    return Segment(
        frozenset(noted.tags or ()),
        noted.country,
        noted.salesperson,
        overdue(items, units.today(unit, units.plans.none)) if asked else 0.0,
        average(its_own),
    )
