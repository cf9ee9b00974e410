"""A plan tried on days that are over: what would have left, to whom, about how much.

Nothing is written. Customers' behaviour stays as it was; the follow-ups are the
replay's own: before the first day the ledger's, as of its morning, and from then on
those that it would have sent itself.
"""

import datetime as dt
from typing import NamedTuple

from ...rules import EMAIL, Case, shares
from ...rules.asof import Moment
from ...rules.credits import NOISE
from ...rules.difference import without_steps
from ...rules.replay import begun, walk
from ...tools.uncollected import uncollected
from ..planning.plans import step_key
from ..planning.units import ONE_DAY
from .books import Books, undisturbed
from .paid import Paid

#: An item paid so many days after its due date was paid late.
LATE = dt.timedelta(days=30)
#: After so many customers one is told of it.
HEARD_EVERY = 20


class Would(NamedTuple):
    """A follow-up that would have left."""

    day: object  #: a date
    company_id: int  #: that would have sent it
    partner_id: int  #: the commercial partner
    contact_id: int  #: the contact that it would have gone to; the customer itself
    step: object  #: ``account.email.followup.step`` of the plan, perhaps unsaved
    channel: str  #: EMAIL or TODO
    amount: float  #: what it asks for less credits, in the company's currency
    lines: tuple  #: ids of the journal items that it asks for
    review: bool  #: a person would have read it first; it is taken as sent that day
    #: The day by which all that it asks for was settled, as the books have it; None:
    #: it is not.
    paid_on: object
    credited: bool  #: an invoice that it asks for was credited in full, not paid


class Unreminded(NamedTuple):
    """An item never reminded of, and paid more than 30 days after its due date."""

    company_id: int
    partner_id: int  #: the commercial partner
    line_id: int
    move_id: int
    due: object  #: a date
    paid_on: object  #: a date of the period
    #: What was open of it 30 days after its due date, or on the first morning if that
    #: was later; in the company's currency.
    amount: float


class Replayed(NamedTuple):
    """What a plan would have done."""

    would: list  #: :class:`Would`, by day
    unreminded: list  #: :class:`Unreminded`
    since: object  #: what was due before this date was left alone; None: nothing was
    left_alone: int  #: items due before it, and paid late on these days
    customers: int  #: how many have the plan, and owed something in the period
    first: object  #: a date
    last: object  #: a date: never today, of which the books are not closed


def replay(units, unit, plan, first, last, partners=None, heard=None):
    """Replay a plan.

    It is as if it had been switched on by the first day: if the company was started
    later, what was due before that day is left alone in place of what was due before
    the start.

    :param units: :class:`..planning.units.Units`, of today, with what is supposed of
        the plan (:meth:`..planning.supposed.Supposed.by_plan`): of their customers,
        those who have it.
    :param unit: the :class:`..planning.units.Unit` that it is tried for, one of them.
    :param plan: ``account.email.followup.plan``: a stored one, or a draft
        (:func:`..planning.draft.draft_of`). Whoever invalidates a draft has the stored
        plan.
    :param first: the first day; *last*: the last, if that is over.
    :param partners: only these commercial partners (``res.partner``); all if None.
    :param heard: called now and then with (done, total) customers.
    :return: :class:`Replayed`.
    """
    last = min(last, units.today(unit, plan) - ONE_DAY)
    with uncollected():
        tried = _tried_by_each(units, plan, first, last)
        books = Books(units, partners, first)
        mine = [key for key in books.keys if tried[key[0]].concerns(books, key)]
        would, late = [], []
        for number, key in enumerate(mine):
            if heard and not number % HEARD_EVERY:
                heard(number, len(mine))
            account = _Account(books, key, tried[key[0]])
            its = account.would()
            would += its
            late += account.unreminded(its)
    if heard:
        heard(len(mine), len(mine))
    would.sort(key=lambda each: (each.day, each.partner_id))
    late.sort(key=lambda each: (each.paid_on, each.line_id))
    customers = len({partner_id for _unit_id, partner_id in mine})
    return Replayed(would, *_left(tried, unit, late), customers, first, last)


def _tried_by_each(units, plan, first, last):
    return {
        id_: _Tried(units, each, plan, first, last) for id_, each in units.units.items()
    }


def _left(tried, unit, late):
    """Of what was paid *late*: what nobody reminded of; from when the company of *unit*
    chases, and how much of it was due before. What a branch leaves alone by a day of
    its own is not told."""
    unreminded = [
        each for each in late if not tried[each.company_id].leaves_alone(each)
    ]
    its = tried[unit.company_id]
    alone = sum(
        each.company_id == unit.company_id and its.leaves_alone(each) for each in late
    )
    return unreminded, its.since, alone


class _Tried:
    """The plan that one company tries, and on which days."""

    def __init__(self, units, unit, plan, first, last):
        self.unit, self.first, self.last = unit, first, last
        self.company = undisturbed(unit)
        self._units, self._plan, self._rules = units, plan, {}
        self.gone = units.supposed.gone
        self.steps = {step_key(step): step for step in plan.step_ids}

    def concerns(self, books, key):
        """Whether a customer has the plan today, or would have it, and owed anything in
        these days."""
        if not any(map(self._is_booked, books.every_item(key))):
            return False
        today = self._units.today(self.unit, self._plan)
        _unit, plan, _customer = books.customer(key, Moment.now(today))
        return plan == self._plan

    def _is_booked(self, item):
        return item.booked is None or item.booked <= self.last

    @property
    def since(self):
        """What was due before this day is left alone; None: nothing is."""
        return self.rules(self.first.year).start

    def leaves_alone(self, item):
        """Whether an item (:class:`Unreminded`) was due before that day."""
        return bool(self.since) and item.due < self.since

    def rules(self, year):
        """The plan as the rules know it, with the holidays around a year."""
        if year not in self._rules:
            since = self.unit.start.since
            self._rules[year] = self._units.plans.for_rules(
                self._plan,
                self.unit.country,
                self.unit.state,
                year,
                since and min(since, self.first),
            )
        return self._rules[year]


class _Account:
    """One customer's account in the books."""

    def __init__(self, books, key, tried):
        self._books, self._key, self._tried = books, key, tried
        self._paid = Paid(books, key)
        _unit, _plan, customer = books.customer(key, Moment.morning(tried.first))
        if tried.gone:
            customer = without_steps(customer, tried.gone)
        self._begun = begun(customer.history)

    def would(self):
        """What would have left to it."""
        tried = self._tried
        days = {tried.first, *self._books.mornings(self._key), *self._new_years()}
        left = walk(tried.first, tried.last, days, self._begun, self._cases)
        return [self._told(each) for each in left]

    def _new_years(self):
        years = range(self._tried.first.year + 1, self._tried.last.year + 1)
        return [dt.date(year, 1, 1) for year in years]

    def _cases(self, day, history):
        _unit, _plan, customer = self._books.customer(self._key, Moment.morning(day))
        if not customer.items:
            return []
        rules, company = self._tried.rules(day.year), self._tried.company
        return [
            Case(share, rules, company, day, brief=True)
            for share in shares(customer._replace(history=history))
        ]

    def _told(self, left):
        step, channel = left.decision.step, left.decision.channel
        lines = tuple(item.line_id for item in left.decision.items)
        paid = [self._paid.on(line) for line in lines]
        return Would(
            left.day,
            *self._key,
            left.case.customer.contact,
            self._tried.steps[step.id],
            channel,
            left.decision.total_company,
            lines,
            step.review and channel == EMAIL,
            max(paid) if all(paid) else None,
            any(map(self._paid.is_credited, lines)),
        )

    def unreminded(self, would):
        """What was paid late, and asked for neither by *would* nor by earlier ones."""
        asked = {line for each in would for line in each.lines}
        asked.update(
            line
            for past in self._begun
            if past.state == "sent"
            for line in past.line_ids
        )
        rest = [
            item
            for item in self._books.every_item(self._key)
            if item.line_id not in asked and not item.is_payment
        ]
        found = map(self._late, rest)
        return [each for each in found if each]

    def _late(self, item):
        """What is told of an item if it was paid late in these days."""
        first, last = self._tried.first, self._tried.last
        paid_on = self._paid.on(item.line_id)
        if not paid_on or not first <= paid_on <= last or paid_on <= item.due + LATE:
            return None
        if self._paid.is_credited(item.line_id):
            return None
        then = max(item.due + LATE, first - ONE_DAY)
        amount = self._paid.left_of(item.line_id, then)
        if amount <= NOISE:  # a credit
            return None
        told = item.line_id, item.move_id, item.due, paid_on, amount
        return Unreminded(*self._key, *told)
