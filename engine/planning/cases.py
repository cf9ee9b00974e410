"""What the rules say of each customer, written down: the worklist reads it.

There is one row for each customer and company with something open. Two steps keep it:
:func:`count` writes the figures, and what the decision rests on as one number (the
*signature*); :func:`decide_some` decides about those of whom that number, or the day,
is another one than when they were decided about. Nobody else writes these rows: a row
in doubt is found by looking at the facts, not by whoever has changed them.
"""

from collections import defaultdict
from datetime import timedelta
from operator import attrgetter

from odoo import fields
from odoo.tools import SQL

from ...rules import worklist
from ...rules.coming import KEPT
from ...tools.locks import Busy, take
from ..followup import todo
from . import case_figures, habits
from .decisions import decide_all
from .units import Units

LOCK = "account_email_connector cases"
#: So many customers are decided about in one go.
PORTION = 2_000
#: So many, while somebody waits for the page.
WHILE_WAITING = 200
#: Longer than a day is anywhere.
TWO_DAYS = timedelta(days=2)

#: Of whom it is not known what holds now; first of whom anything has changed. What was
#: to go today, and has not, goes by its plan on the next day that has hours.
STALE = """
    SELECT known.partner_id
      FROM account_email_followup_case known
      JOIN unnest(%s::int[], %s::date[]) AS unit(company_id, today)
           ON unit.company_id = known.company_id
 LEFT JOIN unnest(%s::int[], %s::int[], %s::date[]) AS plan(company_id, id, opens)
           ON plan.company_id = known.company_id AND plan.id = known.plan_id
     WHERE known.active
       AND (known.decided_for IS DISTINCT FROM known.signature
            OR known.decided_on < unit.today
            OR known.next_date < plan.opens)
  GROUP BY known.partner_id
  ORDER BY BOOL_OR(known.decided_for IS DISTINCT FROM known.signature) DESC,
           MIN(known.decided_on) NULLS FIRST, SUM(known.overdue) DESC,
           known.partner_id
     LIMIT %s
"""
#: To whom something may go after today, and up to a day: not certain of it are those
#: who are to be decided about again, who have several shares, or of whom something was
#: said that more money may change.
NEAR = """
    SELECT DISTINCT known.partner_id
      FROM account_email_followup_case known
      JOIN unnest(%s::int[], %s::date[]) AS unit(company_id, today)
           ON unit.company_id = known.company_id
     WHERE known.active
       AND (known.decided_for IS DISTINCT FROM known.signature
            OR known.decided_on < unit.today
            OR known.contact_id IS NOT NULL
            OR known.next_date <= %s AND known.reason <> 'due'
            OR known.reason <> ALL(%s))
"""
WRITE = """
    UPDATE account_email_followup_case known
       SET todo = said.todo, reason = said.reason, remarks = said.remarks,
           reason_day = said.reason_day, contact_id = said.contact_id,
           plan_id = said.plan_id, step_id = said.step_id,
           next_date = said.next_date, next_channel = said.next_channel,
           next_amount = said.next_amount, counts_from = said.counts_from,
           user_id = said.user_id, decided_on = said.decided_on,
           decided_for = known.signature,
           write_date = now() AT TIME ZONE 'utc'
      FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::varchar[], %s::varchar[],
                  %s::date[], %s::int[], %s::int[], %s::int[], %s::date[],
                  %s::varchar[], %s::numeric[], %s::date[], %s::int[], %s::date[])
        AS said(company_id, partner_id, todo, reason, remarks, reason_day, contact_id,
                plan_id, step_id, next_date, next_channel, next_amount, counts_from,
                user_id, decided_on)
     WHERE known.company_id = said.company_id AND known.partner_id = said.partner_id
       AND known.active
"""


def look(env, companies, partners=None):
    """Bring up to date what somebody is about to read.

    :param env: with the right to see everything.
    :param companies: ``res.company``.
    :param partners: only these commercial partners; if None, all are counted, and
        decided about is whoever has to be, but not more than can while somebody waits:
        the others are soon after.
    """
    if not _is_mine(env):
        return
    units = Units(env, companies)
    count(units, partners)
    if partners is None:
        partners = _stale(units, WHILE_WAITING)
        if len(partners) == WHILE_WAITING:
            env.ref("account_email_connector.ir_cron_cases")._trigger()
    _decide(units, partners)


def look_at_all(env):
    """Bring all rows up to date, in committed portions, while the scheduled action has
    time: one portion at least. Odoo runs it again soon if something is left.

    :param env: a superuser's.
    """
    cron, seconds, left = env["ir.cron"], 1, True
    if _is_mine(env):
        count(Units(env))
    cron._commit_progress(remaining=1)
    while left and seconds > 0 and _is_mine(env):  # else Odoo comes back soon
        left = decide_some(env)
        seconds = cron._commit_progress(1, remaining=int(left))


def refresh(env, companies, partners):
    """The same at the end of an act, of those that it was about: as many as are decided
    about without a wait that anybody notices. The others are when they are read.

    :param partners: commercial partners (``res.partner``).
    """
    look(env, companies, partners[:WHILE_WAITING])


def forget(env, partner_ids):
    """Drop the rows of customers who become one: who is left has one row a company, and
    is decided about anew with all that is open then.

    :param env: with the right to delete everything.
    """
    rows = env["account.email.followup.case"].with_context(active_test=False)
    rows.search([("partner_id", "in", partner_ids)]).unlink()


def may_hear(units, until):
    """The commercial partners (``res.partner``) to whom something may go up to a day,
    and does not go today already.

    :return: None if that is not known, because somebody else writes the rows just now.
    """
    env, todays = units.env, _todays(units)
    if not _is_mine(env):
        return None
    count(units)
    env.cr.execute(
        SQL(NEAR, list(todays), list(todays.values()), until, list(map(str, KEPT)))
    )
    return env["res.partner"].browse(id_ for (id_,) in env.cr.fetchall())


def _is_mine(env):
    """Whether nobody else writes these rows until this transaction ends. It is not
    waited for: what they write then, this transaction would not see.
    """
    try:
        take(env.cr, LOCK)
    except Busy:
        return False
    return True


def count(units, partners=None):
    """Write down the figures of customers with something open, and their signature.

    In one statement; rows that stay as they are are not touched.

    :param partners: only these commercial partners; all if None.
    """
    env, todays = units.env, _todays(units)
    if not todays:
        return
    env.flush_all()
    lately = fields.Date.today() - TWO_DAYS
    env.cr.execute(case_figures.query(env, todays, lately, partners))
    env["account.email.followup.case"].invalidate_model()


def decide_some(env):
    """Decide about a portion of those of whom it is not known what holds today.

    :return: whether there may be others.
    """
    units = Units(env)
    partners = _stale(units, PORTION)
    if partners:
        count(units, partners)  # since all were counted, some may have paid
        _decide(units, partners)
    return len(partners) == PORTION


def _todays(units):
    """{company id: its today}, by the plan of the company that chases for it."""
    return {
        id_: units.today(unit, unit.plan)
        for unit in units.units.values()
        for id_ in unit.company_ids
    }


def _stale(units, at_most):
    """Commercial partners (``res.partner``): those never decided about come first."""
    env, todays = units.env, _todays(units)
    plans = [
        (id_, plan.id, units.opens(unit, plan))
        for unit in units.units.values()
        for plan in units.plans.active
        for id_ in unit.company_ids
    ]
    opens = list(map(list, zip(*plans, strict=True))) or [[], [], []]
    env.cr.execute(SQL(STALE, list(todays), list(todays.values()), *opens, at_most))
    return env["res.partner"].browse(id_ for (id_,) in env.cr.fetchall())


def _decide(units, partners):
    """Decide about these customers, and write it down."""
    if not partners:
        return
    todays = _todays(units)
    habits.learn(units.env, todays, partners)
    found = defaultdict(list)
    for decided in decide_all(units, partners, brief=True):
        found[decided.unit.company_id, decided.customer.id].append(decided)
    said = Said(units)
    rows = [
        (company_id, customer_id, *values, todays[company_id])
        for (unit_id, customer_id), shares in found.items()
        for values in [said.of(shares)]
        for company_id in units.units[unit_id].company_ids
    ]
    if rows:
        units.env.cr.execute(SQL(WRITE, *map(list, zip(*rows, strict=True))))
        units.env["account.email.followup.case"].invalidate_model()


class Said:
    """What is written down of customers.

    :param units: :class:`.units.Units`.
    """

    def __init__(self, units):
        self._env = units.env
        self._users = {}

    def of(self, shares):
        """The values for :data:`WRITE`, between the customer and the day.

        :param shares: list of :class:`.decisions.Decided`, one for each addressee; the
            one that is most urgent is told of, and what comes first.
        """
        coming = [each.comes for each in shares]
        todos = [
            worklist.todo_of(each.decision, each.customer, each.facts, each.today, then)
            for each, then in zip(shares, coming, strict=True)
        ]
        dates = [then and then.day for then in coming]
        which = worklist.first(zip(todos, dates, strict=True))
        decided, decision = shares[which], shares[which].decision
        comes = min(filter(None, coming), key=attrgetter("day"), default=None)
        return (
            str(todos[which]),
            str(decision.reason),
            ",".join(map(str, decision.remarks)) or None,
            decided.day_of(decision.reason),
            decided.customer.contact if len(shares) > 1 else None,
            decided.plan.id or None,
            *_next(comes, decided),
            _counts_from(comes if comes is coming[which] else None),
            self._responsible(decided, comes),
        )

    def _responsible(self, decided, comes):
        """The id of whoever gets the to-dos about it; None without a mailbox."""
        connector, plan = decided.unit.connector, decided.plan
        by_hand = decided.decision.step
        step_id = comes.step_id if comes else by_hand and by_hand.id
        key = decided.unit.company_id, plan.id, step_id
        if key not in self._users:
            company = self._env["res.company"].browse(decided.unit.company_id)
            steps = self._env["account.email.followup.step"]
            asked = steps.browse(step_id or ()).user_id, plan.responsible_id
            user = connector and todo.somebody(connector, company, *asked)
            self._users[key] = user.id if user else None
        return self._users[key]


def _next(comes, decided):
    """Step, day, channel and amount of what comes next (None: nothing does)."""
    if not comes:
        return None, None, None, None
    # What a branch owes is not for those to read who have another one only.
    seen = len(decided.unit.company_ids) == 1
    amount = comes.total_company if seen else None
    return comes.step_id, comes.day, comes.channel, amount


def _counts_from(comes):
    """The oldest due date of what comes next; None if nothing does."""
    return min((item.due for item in comes.items), default=None) if comes else None
