"""Which company's plan and mailbox serve which company."""

from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from ...rules import DISCONNECTED, IN_SERVICE, Company
from ...rules.segments import first_that_holds
from . import bank_age
from .company_tree import CompanyTree
from .plans import Plans
from .segments import PlanRules
from .supposed import Supposed

ONE_DAY = timedelta(days=1)


class Start(NamedTuple):
    """What was said when a company's follow-ups were started (:mod:`..mailbox.start`).

    As the mailbox has it, or as somebody supposes who has not pressed the button yet.
    """

    on: bool = False  #: they go by themselves
    since: object = None  #: date; what was due before is left alone. None: nothing is
    read_first_until: object = None  #: date; a person reads each email until then
    plan: object = None  #: of whoever supposes: the plan that is to be the company's


class Unit(NamedTuple):
    """A company that chases, with the branches which have no plan or mailbox of
    their own: their customers get one email for all of them."""

    company_id: int
    company_ids: list  #: those that it serves, its own first
    connector: object  #: ``account.email.connector``, perhaps empty
    plan: object  #: ``account.email.followup.plan``, perhaps empty
    facts: Company
    start: Start
    country: str | None
    state: str | None
    tz: str  #: for plans without a time zone of their own
    plan_rules: list  #: ``PlanRule``: which customers have another plan, in order

    @property
    def has_begun(self):
        """Whether it chases by itself: without a mailbox, or before somebody has
        started it, nobody is written to, nor given anything to do."""
        return bool(self.connector and self.start.on)


class Choice(NamedTuple):
    """The plan of one customer, and why it has that one."""

    plan: object  #: ``account.email.followup.plan``, perhaps empty
    own: bool = False  #: it was chosen for this customer
    rule: int | None = None  #: the id of the rule that says so; None: the company's


class Units:
    """The units of a database, made with a fixed number of SQL statements.

    :param env: with the right to read everything.
    :param companies: a ``res.company`` recordset; only the units that serve these.
        All if None.
    :param on_date: decide for this day; for today, at each plan's home, if None.
    :param supposed: :class:`.supposed.Supposed`, in place of what is stored.
    """

    def __init__(self, env, companies=None, on_date=None, supposed=None):
        self.env = env
        self.on_date = on_date
        self.supposed = supposed or Supposed()
        self._facts = {}
        self._rules = {}
        self._todays = {}
        self._opens = {}
        self._terms = {}
        self._tree = CompanyTree(env, self.supposed)
        # Who has stopped stays stopped when the mailbox is disconnected: no parent's
        # mailbox chases instead.
        connectors = env["account.email.connector"].search_fetch(
            ["|", ("state", "in", IN_SERVICE), ("chasing", "=", "off")],
            ["company_id", "state", "chasing", "chase_since", "read_first_until"],
        )
        self._connectors = {c.company_id.id: c for c in connectors}
        self.plans = Plans(env, self._tree, self.supposed)
        self.plan_rules = PlanRules(self._tree)
        self.unit_of = {id_: self._unit_company(id_) for id_ in self._tree.homes}
        wanted = self._tree.homes if companies is None else companies.ids
        self.units = {}
        # Archived companies have no unit.
        for unit_id in {self.unit_of[id_] for id_ in wanted if id_ in self.unit_of}:
            self.units[unit_id] = self._make(unit_id)

    def consider(self, supposed):
        """Have the facts gathered that are asked for by what is *supposed*, too."""
        if supposed.plan is not None:
            self.plans.consider(supposed.plan)
        if supposed.rule is not None:
            self.plan_rules.consider(supposed.rule)

    def company_ids(self):
        """The ids of every company that one of the units serves."""
        return [id_ for unit in self.units.values() for id_ in unit.company_ids]

    def as_rows(self):
        """A subquery: companies (``company_id``), each with the ``id`` of its unit."""
        ids = self.company_ids()
        units = [self.unit_of[id_] for id_ in ids]
        return SQL(
            "SELECT * FROM unnest(%s::int[], %s::int[]) AS unit(company_id, id)",
            ids,
            units,
        )

    def unmatched(self):
        """Whether one of those has bank transactions that nobody has matched."""
        return self._tree.unmatched(self.company_ids())

    def root_of(self, company_id):
        """The company above all others of one's group; None of an archived one."""
        return self._tree.top(company_id) if company_id in self._tree.homes else None

    def kin_ids(self):
        """Those companies and their parents: whoever may have written for them."""
        homes = self._tree.homes
        return list({kin for id_ in self.company_ids() for kin in homes[id_].lineage})

    def serving(self, company_ids):
        """The ids of the units that serve one of these companies."""
        return {self.unit_of.get(id_) for id_ in company_ids} & self.units.keys()

    def branches(self):
        """(company id, unit id, mailbox id) of each branch that is served by a mailbox.

        A follow-up of the branch leaves from there, or not at all.
        """
        return [
            (id_, unit.company_id, unit.connector.id)
            for unit in self.units.values()
            if unit.connector
            for id_ in unit.company_ids
            if len(self._tree.homes[id_].lineage) > 1
        ]

    def on_shared_plan(self, plan):
        """The ids of the companies that have chosen a shared *plan*, and of those that
        get the first shared one, because they have no plan of their own.

        :return: two sets.
        """
        chosen, any_shared = set(), set()
        for unit in self.units.values():
            whose = self.plans.whose(unit.company_id)
            if not whose:
                any_shared.update(unit.company_ids)
            elif self._tree.homes[whose].plan_id == plan.id:
                chosen.update(unit.company_ids)
        return chosen, any_shared

    def unit_for(self, company_id):
        """The unit that serves a company."""
        return self.units[self.unit_of[company_id]]

    def choose(self, unit, own_plan_id, segment):
        """The :class:`Choice` of a plan for a customer of *unit*: its own, else that of
        the first rule that holds, else the unit's.

        :param segment: called without arguments if rules ask: its
            :class:`...rules.segments.Segment`.
        """
        own = self.plans.named(own_plan_id, unit.company_ids)
        if own is not None:
            return Choice(own, own=True)
        rule = unit.plan_rules and first_that_holds(unit.plan_rules, segment())
        if not rule:
            return Choice(unit.plan)
        return Choice(self.plans.named(rule.plan_id, [unit.company_id]), rule=rule.id)

    def terms(self, unit, plan):
        """What all customers of *unit* that have this *plan* are decided about with:
        (:meth:`rules_for`, :meth:`facts_for`, :meth:`today`)."""
        key = unit.company_id, plan.id
        if key not in self._terms:
            asked = self.rules_for, self.facts_for, self.today
            self._terms[key] = tuple(ask(unit, plan) for ask in asked)
        return self._terms[key]

    def plans_in_use(self):
        """The plans of companies and rules, as the rules know them; those that were
        chosen for one customer may be others."""
        found = [
            (unit, plan)
            for unit in self.units.values()
            for plan in (unit.plan, *map(self._plan_of, unit.plan_rules))
            if plan
        ]
        return [self.rules_for(unit, plan) for unit, plan in found]

    def _plan_of(self, rule):
        return self.plans.named(rule.plan_id, self.unit_of)

    def facts_for(self, unit, plan):
        """What holds today for the customers of *unit* that have this *plan*."""
        key = unit.company_id, plan.id
        if key not in self._facts:
            stale = bool(plan.bank_days) and bank_age.is_stale(
                self._newest_transactions,
                unit.company_ids,
                self.today(unit, plan),
                plan.bank_days,
            )
            self._facts[key] = unit.facts._replace(bank_stale=stale)
        return self._facts[key]

    def rules_for(self, unit, plan):
        """*plan* as the rules know it, with the calendar of *unit*'s country, and the
        day since which its company chases; None without a plan."""
        key = plan.id, unit.country, unit.state, unit.tz, unit.start.since
        if plan and key not in self._rules:
            year = self.today(unit, plan).year
            self._rules[key] = self.plans.for_rules(
                plan, unit.country, unit.state, year, unit.start.since
            )
        return self._rules.get(key)

    def today(self, unit, plan):
        """The day to decide for, where *plan* is at home: one for all its customers."""
        key = plan.id, unit.tz
        if key not in self._todays:
            self._todays[key] = self.on_date or plan._today(unit.tz)
        return self._todays[key]

    def opens(self, unit, plan):
        """The first day on which an email by *plan* may leave: :meth:`today`, unless
        its hours are over."""
        key = plan.id, unit.tz
        if key not in self._opens:
            today = self.today(unit, plan)
            over = plan and not self.on_date and plan._is_over(unit.tz)
            self._opens[key] = today + ONE_DAY if over else today
        return self._opens[key]

    @cached_property
    def _newest_transactions(self):
        """Asked for only by plans that want to know."""
        return bank_age.newest_transactions(self.env)

    def _unit_company(self, company_id):
        """The nearest of a company and its parents with a mailbox, a plan or rules."""
        chases = self._tree.nearest(
            company_id,
            lambda id_: (
                id_ in self._connectors
                or self.plans.has_own(id_)
                or self.plan_rules.has_own(id_)
            ),
        )
        return chases or self._tree.top(company_id)

    def _make(self, unit_id):
        home = self._tree.homes[unit_id]
        served = [id_ for id_, unit in self.unit_of.items() if unit == unit_id]
        mailbox = self._tree.nearest(unit_id, self._connectors.get)
        connector = self._connectors.get(mailbox, self.env["account.email.connector"])
        start = self._start_of(connector)
        return Unit(
            unit_id,
            sorted(served, key=lambda id_: id_ != unit_id),
            connector,
            self.plans.of_company(unit_id),
            Company(
                unit_id,
                connector.state if connector.state in IN_SERVICE else DISCONNECTED,
                started=start.on,
                read_first_until=start.read_first_until,
            ),
            start,
            home.country,
            home.state,
            self._tree.tz(unit_id),
            self._plan_rules_of(unit_id),
        )

    def _start_of(self, connector):
        """Whoever sends through a mailbox has begun when that was started."""
        return self.supposed.starts.get(connector.company_id.id) or Start(
            connector.chasing == "on",
            connector.chase_since or None,
            connector.read_first_until or None,
        )

    def _plan_rules_of(self, unit_id):
        """Its rules, without those whose plan is another company's by now."""
        return [
            rule
            for rule in self.plan_rules.of_company(unit_id)
            if self.plans.named(rule.plan_id, [unit_id]) is not None
        ]
