"""The plans of a database: whose each is, and what it says in the rules' own words."""

from ...rules import Calendar, Plan, Recap, Step, public_holidays
from ...rules.quiet import nothing_before
from .supposed import key_of

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
    "waiting_days",
    "start_date",
    "tz",
    "not_on_holidays",
    "bank_days",
    "bank_line_days",
    "promise_grace",
    "recap_period",
    "recap_days",
    "recap_weekday",
    "recap_monthday",
    "recap_not_due",
    "only_sent",
    *WEEKDAYS,
    "last_every",
    "last_times",
]
STEP_FIELDS = ["plan_id", "days", "channel", "review"]


class Plans:
    """All plans with their steps, by two SQL statements.

    :param env: with the right to read all plans.
    :param tree: a :class:`.company_tree.CompanyTree`.
    :param supposed: :class:`.supposed.Supposed`, in place of what is stored.
    :ivar active: those that are not archived.
    :ivar none: no plan.
    """

    def __init__(self, env, tree, supposed):
        self._tree = tree
        plans = env["account.email.followup.plan"].with_context(active_test=False)
        plans = supposed.plans(plans.search_fetch([], PLAN_FIELDS))
        self.active = plans.filtered("active")
        self.none = plans.browse()
        # Whoever archives a plan wants nobody chased by it, and by no other either.
        self._by_id = {
            key_of(plan): plan if plan.active else self.none for plan in plans
        }
        self._shared = self.active.filtered(lambda plan: not plan.company_id)[:1]
        steps = env["account.email.followup.step"].search_fetch(
            [("plan_id", "in", self.active.ids)], STEP_FIELDS
        )
        self._steps = steps.grouped("plan_id")
        if supposed.plan is not None:
            self.consider(supposed.plan)

    def consider(self, draft):
        """Have the facts gathered that an unsaved plan asks for, too. It is nobody's,
        unless it is supposed to be.

        :param draft: a new record, perhaps of a plan that is stored.
        """
        self.active |= draft
        self._steps[draft] = draft.step_ids

    def has_own(self, company_id):
        """Whether a plan was chosen for a company. One that only belongs to it is for
        those customers for whom it was chosen."""
        return self._tree.homes[company_id].plan_id is not None

    def whose(self, company_id):
        """Of a company and its parents the nearest with a chosen plan; or None."""
        return self._tree.nearest(company_id, self.has_own)

    def of_company(self, company_id):
        """The plan chosen for a company, else for its nearest parent; else the first
        shared one. None if the chosen one is archived.
        """
        whose = self.whose(company_id)
        if whose:
            return self._by_id[self._tree.homes[whose].plan_id]
        return self._shared

    def named(self, plan_id, company_ids):
        """The plan of this id, empty if it is archived.

        :return: None if there is none, or it belongs to another company than these and
            their parents.
        """
        plan = self._by_id.get(plan_id)
        if not plan or not plan.company_id:
            return plan
        homes, whose = self._tree.homes, plan.company_id.id
        is_theirs = any(whose in homes[id_].lineage for id_ in company_ids)
        return plan if is_theirs else None

    def nothing_before(self):
        """As :func:`...rules.quiet.nothing_before`, of all plans that are active."""
        return nothing_before(
            step.days for steps in self._steps.values() for step in steps
        )

    def for_rules(self, plan, country, state, year, since=None):
        """*plan* as the rules know it, with the holidays of the years around *year*.

        :param country: of the company that chases, and its *state*.
        :param since: the day since which that company chases; the plan's may be later.
        """
        starts = [day for day in (plan.start_date, since) if day]
        holidays = ()
        if plan.not_on_holidays:
            years = (year - 1, year, year + 1)
            holidays = public_holidays(country, state, years)
        return Plan(
            plan.id,
            plan.mode,
            [
                Step(step_key(step), step.days, step.channel, step.review)
                for step in self._steps.get(plan, ())
            ],
            min_amount=plan.minimum_amount,
            min_gap=plan.minimum_gap,
            catch_up=plan.catch_up_days or None,
            start=max(starts, default=None),
            calendar=Calendar(plan._weekdays(), holidays),
            recap=_recap(plan),
            grace=plan.promise_grace,
            patience=plan.waiting_days or None,
            only_sent=plan.only_sent,
            last_every=plan.last_every,
            last_times=plan.last_times,
            bank_line_days=plan.bank_line_days,
        )


def step_key(step):
    """The id by which the rules know *step*, which may be one that nobody has saved."""
    return step._origin.id or step.id


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
