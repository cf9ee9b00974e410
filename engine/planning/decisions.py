"""Gather and decide: the one place where Odoo's facts meet the rules."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import NamedTuple

from ...rules import Case, Company, Customer, Decision, Plan, decide, shares
from ...rules.about import day_of
from ...rules.coming import Coming, coming
from ...rules.worklist import todo_of
from . import candidates, gather, money
from .units import Unit, Units


class Decided(NamedTuple):
    """What the rules say of one customer of one unit, or of one addressee's share."""

    unit: Unit
    plan: object  #: ``account.email.followup.plan``, perhaps empty
    rules: Plan | None  #: the same for the rules
    facts: Company
    today: date  #: where the plan is at home
    customer: Customer
    decision: Decision
    #: Says the first day on which an email may leave, by the plan's hours.
    opens: Callable[[], date]

    @property
    def key(self):
        """The ids of the company that sends, of the customer, and of the contact that
        hears about it by itself (False: the customer's own)."""
        return self.unit.company_id, self.customer.id, self.customer.addressee or False

    @property
    def case(self) -> Case:
        """To ask the rules more. What a case works out is not kept of everybody."""
        return Case(self.customer, self.rules, self.facts, self.today)

    @property
    def comes(self) -> Coming | None:
        """What goes next by itself, as far as it is known today."""
        return coming(self.case, self.decision, self.opens())

    @property
    def todo(self):
        """What there is to do about them: :class:`...rules.worklist.Todo`."""
        return todo_of(self.decision, self.customer, self.facts, self.today, self.comes)

    def day_of(self, reason, line_id=None):
        """As :func:`...rules.about.day_of`."""
        return day_of(self.customer, self.rules, self.decision, reason, line_id)


def decisions(env, companies=None, partners=None, on_date=None):
    """Decide for every customer with open items.

    :param env: with the right to see everything; so are the records that are returned.
    :param companies: ``res.company``; all if None.
    :param partners: commercial partners (``res.partner``); all if None.
    :param on_date: the day to decide for; today if None.
    :return: list of :class:`Decided`, one for each addressee of a customer. The number
        of SQL statements does not depend on the number of customers or invoices.
    """
    return decide_all(Units(env, companies, on_date), partners)


def decide_all(units, partners=None, brief=False):
    """The same for the customers of *units* (:class:`.units.Units`).

    :param brief: without the standings of what may be chased.
    """
    found = gather.customers(units, partners)
    return [each for row in found for each in _decided(units, *row, brief=brief)]


def decide_each(units):
    """Yield the same, in bounded memory, of whom there may be anything to do for today.

    Without the standings of what may be chased, as of a brief :class:`...rules.Case`.
    """
    underway = money.Underway(units)
    found = candidates.find(units, underway)
    if found.partner_ids:
        for row in gather.stream(units, found, underway):
            yield from _decided(units, *row, brief=True)


def _decided(units, unit, plan, customer, brief=False):
    terms, opens = units.terms(unit, plan), partial(units.opens, unit, plan)
    for share in shares(customer):
        decision = decide(Case(share, *terms, brief))
        yield Decided(unit, plan, *terms, share, decision, opens)
