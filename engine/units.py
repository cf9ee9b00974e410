"""Which company's plan and mailbox serve which company."""

from typing import NamedTuple

from ..rules import Calendar, Company, Plan, Step

MAILBOX_STATES = {
    "connected": "connected",
    "error": "error",
    "pending_approval": "disconnected",
    "disconnected": "disconnected",
}
PLAN_FIELDS = ["company_id", "mode", "minimum_gap", "minimum_amount"]


class Unit(NamedTuple):
    """A company that chases, with the branches which have no plan or mailbox of
    their own: their customers get one email for all of them."""

    company: object  #: ``res.company``
    connector: object  #: ``account.email.connector``, perhaps empty
    plan_record: object  #: ``account.email.followup.plan``, perhaps empty
    plan: Plan | None  #: the same for the rules
    facts: Company


class Units:
    """The units of a database, made with a fixed number of SQL statements."""

    def __init__(self, env, companies=None):
        """:param companies: only the units that serve these; all if None."""
        self.env = env = env(su=True)
        every = env["res.company"].search_fetch(
            [], ["parent_path", "email_followup_plan_id"]
        )
        connectors = env["account.email.connector"].search_fetch(
            [("state", "!=", "disconnected")], ["company_id", "state"]
        )
        self.connectors = {connector.company_id: connector for connector in connectors}
        self.plans = env["account.email.followup.plan"].search_fetch([], PLAN_FIELDS)
        steps = env["account.email.followup.step"].search_fetch(
            [("plan_id", "in", self.plans.ids)], ["plan_id", "days", "review"]
        )
        self.steps = steps.grouped("plan_id")
        self._rules = {}
        self.by_company = {company.id: self._unit_company(company) for company in every}
        wanted = every if companies is None else companies
        used = {self.by_company[company.id] for company in wanted}
        self.units = {company.id: self._make(company) for company in used}

    def company_ids(self):
        """The ids of every company that one of the units serves."""
        return [c for c, unit in self.by_company.items() if unit.id in self.units]

    def unit_of(self, company):
        """The :class:`Unit` that serves *company*, if it is among the wanted ones."""
        return self.units.get(self.by_company[company.id].id)

    def _unit_company(self, company):
        """The nearest of *company* and its parents with a plan or a mailbox."""
        lineage = self._lineage(company)
        for candidate in lineage:
            if candidate in self.connectors or candidate.email_followup_plan_id:
                return candidate
        return lineage[-1]

    def _lineage(self, company):
        """*company*, its parent, its parent's parent …"""
        ids = [int(id_) for id_ in company.parent_path.split("/") if id_]
        return [self.env["res.company"].browse(id_) for id_ in reversed(ids)]

    def _make(self, company):
        connector = self._nearest(company, self.connectors.get)
        connector = connector or self.env["account.email.connector"]
        plan = self._nearest(company, lambda c: c.email_followup_plan_id)
        plan = plan or self._shared_plan()
        mailbox = MAILBOX_STATES[connector.state or "disconnected"]
        return Unit(
            company, connector, plan, self._rule(plan), Company(company.id, mailbox)
        )

    def _nearest(self, company, getter):
        found = (getter(candidate) for candidate in self._lineage(company))
        return next(filter(None, found), None)

    def _shared_plan(self):
        return self.plans.filtered(lambda plan: not plan.company_id)[:1]

    def _rule(self, plan):
        if plan and plan not in self._rules:
            self._rules[plan] = rules_plan(plan, self.steps.get(plan, ()))
        return self._rules.get(plan)


def rules_plan(plan, steps):
    """*plan* (``account.email.followup.plan``) as the rules know it."""
    return Plan(
        plan.id,
        plan.mode,
        [Step(step.id, step.days, review=step.review) for step in steps],
        min_amount=plan.minimum_amount,
        min_gap=plan.minimum_gap,
        calendar=Calendar(),
    )
