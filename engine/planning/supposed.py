"""What somebody supposes, and has not saved: who would be chased by whom, and how."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

NOTHING: Mapping = MappingProxyType({})
#: The id of a rule that nobody has saved: no other has it, and the newest comes last.
NEW_RULE = 2**31 - 1


class Supposed(NamedTuple):
    """In place of what is stored. Nothing is supposed if all of it is empty."""

    starts: Mapping = NOTHING  #: {company id: :class:`.units.Start`}
    #: An unsaved ``account.email.followup.plan``, in place of the one that it is of.
    plan: object = None
    chosen: Mapping = NOTHING  #: {company id: the plan chosen for it, perhaps empty}
    #: An unsaved ``account.email.followup.plan.rule``, in place of the stored one.
    rule: object = None
    #: {customer id: {company id: the id of its own plan, or None}}
    own: Mapping = NOTHING

    @classmethod
    def by_plan(cls, plan, chaser):
        """With *plan* as its form has it: a new one is tried as if a company took it.

        :param plan: ``account.email.followup.plan``: a draft, or one that is stored.
        :param chaser: the id of the company that would chase by a new one.
        """
        if plan == plan._origin:
            return cls()
        return cls(plan=plan, chosen=NOTHING if plan._origin else {chaser: plan})

    @property
    def gone(self):
        """The ids of the steps that the unsaved plan has no more."""
        if not self.plan:
            return frozenset()
        return frozenset((self.plan._origin.step_ids - self.plan.step_ids._origin).ids)

    def homes(self, homes):
        """Companies (``{id: Home}``, :mod:`.company_tree`), with what is supposed."""
        found = dict(homes)
        for id_ in self.chosen.keys() & homes.keys():
            found[id_] = homes[id_]._replace(plan_id=key_of(self.chosen[id_]))
        if self.rule is not None:
            for id_, home in found.items():
                rules = _rules_of(id_, home.plan_rules or (), self.rule)
                found[id_] = home._replace(plan_rules=rules)
        return found

    def plans(self, plans):
        """All *plans* in their order, with the one that is supposed."""
        if self.plan is None:
            return plans
        found = (plans - self.plan._origin) | self.plan
        return found.sorted(lambda plan: (plan.sequence, plan._origin.id or NEW_RULE))

    def own_plans(self, customer_id, noted):
        """A customer's, as the facts have them: {company id as text: id of its plan}.

        :param noted: those that are stored, or None.
        """
        if customer_id not in self.own:
            return noted
        own = {str(id_): plan for id_, plan in self.own[customer_id].items()}
        return {**(noted or {}), **own}


def key_of(plan):
    """The id by which a plan is known that nobody may have saved; None of no plan."""
    if not plan:
        return None
    return plan._origin.id or plan.id  # which is false, but not None, of a new one


def rule_row(rule):
    """An unsaved rule as :data:`.segments.RULES` has those that are stored."""
    return [
        rule.company_id._origin.id or None,
        rule.sequence,
        rule._origin.id or NEW_RULE,
        rule.plan_id._origin.id,
        rule.tag_ids._origin.ids,
        rule.country_ids._origin.ids,
        rule.salesperson_ids._origin.ids,
        rule.amount_overdue,
        rule.days_late,
    ]


def _rules_of(company_id, rows, rule):
    """The rules of a company and the shared ones, in their order, with an unsaved one.

    :param rule: the record; its row is the one in place of that of the same id.
    """
    row = rule_row(rule)
    found = [each for each in rows if each[2] != row[2]]
    if rule.active and row[0] in (company_id, None):
        found.append(row)
    return sorted(found, key=_in_order)


def _in_order(row):
    """As PostgreSQL sorts by sequence and id, where nothing comes last."""
    _company, sequence, id_, *_asked = row
    return sequence is None, sequence or 0, id_
