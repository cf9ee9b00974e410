"""Which company's plan and mailbox serve which company."""

from functools import cached_property
from typing import NamedTuple

from ..rules import (
    DISCONNECTED,
    IN_SERVICE,
    Calendar,
    Company,
    Plan,
    Recap,
    Step,
    public_holidays,
)

#: A bank journal so many days behind the company's others is not in use any more.
GIVEN_UP_DAYS = 100
#: The plan's fields of the days on which it sends, in the calendar's order.
WEEKDAYS = (
    "on_monday",
    "on_tuesday",
    "on_wednesday",
    "on_thursday",
    "on_friday",
    "on_saturday",
    "on_sunday",
)
PLAN_FIELDS = [
    "active",
    "company_id",
    "mode",
    "minimum_gap",
    "minimum_amount",
    "catch_up_days",
    "start_date",
    "tz",
    "not_on_holidays",
    "bank_days",
    "promise_grace",
    "recap_period",
    "recap_days",
    "recap_weekday",
    "recap_monthday",
    "recap_not_due",
    *WEEKDAYS,
]
STEP_FIELDS = ["plan_id", "days", "channel", "review"]


class Home(NamedTuple):
    """A company, its lineage, its country and its time zone."""

    id: int
    lineage: tuple  #: its own id, its parent's, …
    plan_id: int | None
    country: str | None  #: ISO 3166
    state: str | None
    tz: str | None


class Unit(NamedTuple):
    """A company that chases, with the branches which have no plan or mailbox of
    their own: their customers get one email for all of them."""

    company_id: int
    company_ids: list  #: those that it serves, its own first
    connector: object  #: ``account.email.connector``, perhaps empty
    plan: object  #: ``account.email.followup.plan``, perhaps empty
    facts: Company
    country: str | None
    state: str | None
    tz: str  #: for plans without a time zone of their own


class Units:
    """The units of a database, made with a fixed number of SQL statements.

    :param companies: a ``res.company`` recordset; only the units that serve these.
        All if None.
    :param on_date: decide for this day; for today, at each plan's home, if None.
    """

    def __init__(self, env, companies=None, on_date=None):
        self.env = env = env(su=True)
        self.on_date = on_date
        self._facts = {}
        self._rules = {}
        self._todays = {}
        self.homes = _homes(env)
        connectors = env["account.email.connector"].search_fetch(
            [("state", "in", IN_SERVICE)], ["company_id", "state"]
        )
        self.connectors = {c.company_id.id: c for c in connectors}
        plans = env["account.email.followup.plan"].with_context(active_test=False)
        plans = plans.search_fetch([], PLAN_FIELDS)
        self.plans = plans.filtered("active")
        # Whoever archives a plan wants nobody chased by it, and by no other either.
        no_plan = plans.browse()
        self._plan_of_id = {plan.id: plan if plan.active else no_plan for plan in plans}
        self._plans_of = self.plans.grouped(lambda plan: plan.company_id.id)
        steps = env["account.email.followup.step"].search_fetch(
            [("plan_id", "in", self.plans.ids)], STEP_FIELDS
        )
        self.steps = steps.grouped("plan_id")
        self.unit_of = {
            id_: self._unit_company(home) for id_, home in self.homes.items()
        }
        wanted = self.homes if companies is None else companies.ids
        self.units = {}
        # Archived companies have no unit: they chase nobody.
        for unit_id in {self.unit_of[id_] for id_ in wanted if id_ in self.unit_of}:
            self.units[unit_id] = self._make(unit_id)

    def company_ids(self):
        """The ids of every company that one of the units serves."""
        return [id_ for unit in self.units.values() for id_ in unit.company_ids]

    def kin_ids(self):
        """Those companies and their parents: whoever may have written for them."""
        served = self.company_ids()
        return list({kin for id_ in served for kin in self.homes[id_].lineage})

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
            if len(self.homes[id_].lineage) > 1
        ]

    def on_shared_plan(self, plan):
        """The ids of the companies that have chosen a shared *plan*, and of those that
        get the first shared one, because they have no plan of their own.

        :return: two sets.
        """
        chosen, any_shared = set(), set()
        for unit in self.units.values():
            lineage = self.homes[unit.company_id].lineage
            of_whom = next(filter(self._has_plan, lineage), None)
            if not of_whom:
                any_shared.update(unit.company_ids)
            elif self.homes[of_whom].plan_id == plan.id:
                chosen.update(unit.company_ids)
        return chosen, any_shared

    def unit_for(self, company_id):
        """The unit that serves a company."""
        return self.units[self.unit_of[company_id]]

    def plan_for(self, unit, own_plan_id=None):
        """The plan (record) of a customer of *unit*: its own, or the unit's.

        One that belongs to another company is none.
        """
        plan = self._plan_of_id.get(own_plan_id, unit.plan)
        lineage = self.homes[unit.company_id].lineage
        foreign = plan.company_id and plan.company_id.id not in lineage
        return unit.plan if foreign else plan

    def facts_for(self, unit, plan):
        """What holds today for the customers of *unit* that have this *plan*."""
        key = unit.company_id, plan.id
        if key not in self._facts:
            stale = self._bank_is_stale(unit, plan)
            self._facts[key] = unit.facts._replace(bank_stale=stale)
        return self._facts[key]

    def rules_for(self, unit, plan):
        """*plan* as the rules know it, with the calendar of *unit*'s country; None
        without a plan."""
        key = plan.id, unit.country, unit.state, unit.tz
        if plan and key not in self._rules:
            self._rules[key] = self._rules_plan(unit, plan)
        return self._rules.get(key)

    def today(self, unit, plan):
        """The day to decide for, where *plan* is at home: one for all its customers."""
        key = plan.id, unit.tz
        if key not in self._todays:
            self._todays[key] = self.on_date or plan._today(unit.tz)
        return self._todays[key]

    def _unit_company(self, home):
        """The nearest of a company and its parents with a plan or a mailbox."""
        for candidate in home.lineage:
            if candidate in self.connectors or self._has_plan(candidate):
                return candidate
        return home.lineage[-1]

    def _has_plan(self, company_id):
        """Whether one was chosen for a company, or belongs to it."""
        return bool(self.homes[company_id].plan_id) or company_id in self._plans_of

    def _make(self, unit_id):
        home = self.homes[unit_id]
        served = [id_ for id_, unit in self.unit_of.items() if unit == unit_id]
        connector = next(filter(None, map(self.connectors.get, home.lineage)), None)
        connector = connector or self.env["account.email.connector"]
        plan = self._plan(home)
        mailbox = connector.state or DISCONNECTED
        return Unit(
            unit_id,
            sorted(served, key=lambda id_: id_ != unit_id),
            connector,
            plan,
            Company(unit_id, mailbox),
            home.country,
            home.state,
            self._tz(home),
        )

    def _plan(self, home):
        """The plan chosen for a company, else the first that belongs to it; else those
        of its nearest parent; else the first shared one. None if the chosen one is
        archived.
        """
        of_whom = next(filter(self._has_plan, home.lineage), False)
        chosen = of_whom and self.homes[of_whom].plan_id
        if chosen:
            return self._plan_of_id[chosen]
        return self._plans_of.get(of_whom, self.plans.browse())[:1]

    def _tz(self, home):
        zones = (self.homes[id_].tz for id_ in home.lineage)
        return next(filter(None, zones), "UTC")

    def _bank_is_stale(self, unit, plan):
        """Whether a bank journal in use is further behind than *plan* allows."""
        if not plan.bank_days:
            return False
        found = map(self._bank_dates.get, unit.company_ids)
        oldest = min(filter(None, found), default=None)
        return bool(oldest) and (self.today(unit, plan) - oldest).days > plan.bank_days

    @cached_property
    def _bank_dates(self):
        """{company id: date of the newest transaction in its oldest bank journal}.

        Not in use, and behind with nothing: a journal without any transaction, and one
        of an account that was given up, for which nobody has archived the journal.

        Of hundreds of thousands of transactions only the latest are looked at, by an
        index of Odoo's; their internal index begins with their date.
        """
        self.env.cr.execute(
            """
            SELECT company_id, MIN(newest)
              FROM (SELECT journal.company_id, MAX(latest.date) AS newest,
                           MAX(MAX(latest.date)) OVER company AS newest_of_all
                      FROM account_journal journal
                      JOIN res_company owner ON owner.id = journal.company_id
                      JOIN res_company branch
                           ON branch.parent_path LIKE owner.parent_path || '%%'
                      JOIN LATERAL (
                           SELECT move.date
                             FROM account_bank_statement_line line
                             JOIN account_move move ON move.id = line.move_id
                            WHERE line.journal_id = journal.id
                              AND line.company_id = branch.id
                         ORDER BY line.internal_index DESC
                            LIMIT 1) latest ON TRUE
                     WHERE journal.type = 'bank' AND journal.active
                  GROUP BY journal.id
                    WINDOW company AS (PARTITION BY journal.company_id)) journals
             WHERE newest >= newest_of_all - %s
          GROUP BY company_id
            """,
            [GIVEN_UP_DAYS],
        )
        return dict(self.env.cr.fetchall())

    def _rules_plan(self, unit, plan):
        year = self.today(unit, plan).year
        holidays = ()
        if plan.not_on_holidays:
            years = (year - 1, year, year + 1)
            holidays = public_holidays(unit.country, unit.state, years)
        return Plan(
            plan.id,
            plan.mode,
            [
                Step(step.id, step.days, step.channel, step.review)
                for step in self.steps.get(plan, ())
            ],
            min_amount=plan.minimum_amount,
            min_gap=plan.minimum_gap,
            catch_up=plan.catch_up_days or None,
            start=plan.start_date or None,
            calendar=Calendar(plan._weekdays(), holidays),
            recap=_recap(plan),
            grace=plan.promise_grace,
        )


def _recap(plan):
    if plan.mode != "recap":
        return None
    period = plan.recap_period
    return Recap(
        every=plan.recap_days if period == "days" else None,
        weekday=int(plan.recap_weekday) if period == "weekly" else None,
        monthday=plan.recap_monthday if period == "monthly" else None,
        not_due=plan.recap_not_due,
    )


def _homes(env):
    """Return {company id: :class:`Home`} for every active company."""
    env.flush_all()
    env.cr.execute(
        """
        SELECT company.id, company.parent_path, company.email_followup_plan_id,
               country.code, state.code, COALESCE(partner.tz, person.tz)
          FROM res_company company
          JOIN res_partner partner ON partner.id = company.partner_id
     LEFT JOIN res_country country ON country.id = partner.country_id
     LEFT JOIN res_country_state state ON state.id = partner.state_id
     LEFT JOIN account_email_connector mailbox ON mailbox.company_id = company.id
     LEFT JOIN res_users ON res_users.id = mailbox.connected_by_id
     LEFT JOIN res_partner person ON person.id = res_users.partner_id
         WHERE company.active
        """
    )
    homes = {}
    for id_, path, plan_id, country, state, tz in env.cr.fetchall():
        lineage = tuple(int(part) for part in path.split("/")[::-1] if part)
        homes[id_] = Home(id_, lineage, plan_id, country, state, tz)
    return {
        id_: home._replace(lineage=tuple(c for c in home.lineage if c in homes))
        for id_, home in homes.items()
    }
