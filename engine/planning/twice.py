"""What the rules say of today's customers: as it is, and as somebody supposes."""

from collections import defaultdict
from itertools import zip_longest
from typing import NamedTuple

from ...rules import Case, Customer, Decision, decide, shares
from ...rules.about import day_of
from ...rules.coming import Coming, coming
from ...rules.difference import without_steps
from . import gather
from .alike import decides_alike
from .units import Units


class Said(NamedTuple):
    """What the rules say of one customer, or one addressee's share, by one plan."""

    unit: object  #: :class:`.units.Unit`
    plan: object  #: ``account.email.followup.plan``, perhaps empty, or an unsaved one
    customer: Customer
    case: Case  #: of today
    decision: Decision
    comes: Coming | None

    @property
    def tells(self):
        """The same, with the decision that says why: where nothing comes, that of the
        day on which one would look again. What holds today is over by then."""
        day = self.decision.date
        if self.comes or not day or day <= self.case.today:
            return self
        decision = decide(self.case.on(day, brief=True))
        return self._replace(decision=decision._replace(remarks=()))

    def day_of(self, reason):
        """As :func:`...rules.about.day_of`."""
        return day_of(self.customer, self.case.plan, self.decision, reason)


def said(env, companies, supposed):
    """Yield what is said of each whose plan is changed, or another: (before, after).

    Of a customer to whom other companies would write, one of them may be None.

    :param env: with the right to see everything.
    :param companies: whose customers; all that one email is about, too.
    :param supposed: :class:`.supposed.Supposed`.
    """
    units, then = _units(env, companies, supposed)
    gone, is_same = supposed.gone, _is_same(supposed)
    for before, after in _rows(units, then, supposed):
        if after and gone:
            after = *after[:2], without_steps(after[2], gone)
        if not _is_another(before, after):
            continue
        befores = _said(units, before)
        if is_same:
            plan = supposed.plan
            yield from ((one, one._replace(plan=plan)) for one in befores.values())
            continue
        afters = _said(then, after)
        for addressee in dict.fromkeys([*befores, *afters]):
            yield befores.get(addressee), afters.get(addressee)


def _units(env, companies, supposed):
    """Those of today, and those that are supposed. Where others would chase, those of
    the whole groups: what one company asks for, another one did before."""
    units, then = Units(env, companies), Units(env, companies, supposed=supposed)
    if units.unit_of != then.unit_of:
        tops = {units.root_of(id_) for id_ in companies.ids} - {None}
        companies = env["res.company"].search([("id", "child_of", [*tops])])
        units, then = Units(env, companies), Units(env, companies, supposed=supposed)
    return units, then


def _rows(units, then, supposed):
    """Yield two rows of each customer, as :func:`.gather.customers` has them."""
    if units.unit_of == then.unit_of:
        units.consider(supposed)
        yield from gather.customers_twice(units, then)
        return
    rows = defaultdict(lambda: ({}, {}))
    for number, each in enumerate((units, then)):
        for row in gather.customers(each):
            rows[row[2].id][number][row[0].company_id] = row
    for befores, afters in rows.values():
        for unit_id in befores.keys() & afters.keys():
            yield befores.pop(unit_id), afters.pop(unit_id)
        yield from zip_longest(befores.values(), afters.values())


def _is_another(before, after):
    """Whether the customer is chased by another company or plan than before, for
    another reason, or has another past."""
    if not (before and after):
        return True
    (unit, *known), (other, *new) = before, after
    return unit.company_id != other.company_id or known != new


def _is_same(supposed):
    """Whether all that is supposed is other words of a plan."""
    draft = supposed.plan
    stored = draft and draft._origin
    return bool(stored and not supposed.chosen and decides_alike(stored, draft))


def _said(units, row):
    """What is said of each addressee of one row of *units*: {id, or None: Said}."""
    if not row:
        return {}
    unit, plan, customer = row
    rules, facts, today = units.terms(unit, plan)
    opens, found = units.opens(unit, plan), {}
    for share in shares(customer):
        case = Case(share, rules, facts, today, brief=True)
        decision = decide(case)
        comes = coming(case, decision, opens)
        found[share.addressee] = Said(unit, plan, share, case, decision, comes)
    return found
