"""What an unsaved plan would change: today's customers, decided about twice.

From one gathering of facts: with the plan as it is stored, and as it stands in the
form. Nothing is written.
"""

from typing import NamedTuple

from ...rules import TODO, Case, Customer, Decision, decide, shares
from ...rules.coming import Coming, coming
from ...rules.credits import company_total
from ...rules.difference import Change, change, without_steps
from ...tools.uncollected import uncollected
from ..followup.byhand import foreign_lines
from ..rights import check_company
from . import applies, gather
from .plans import PLAN_FIELDS, STEP_FIELDS, step_key
from .units import Units

#: What decides besides :data:`.plans.PLAN_FIELDS`: from when on an email may leave.
HOURS = ("from_hour", "until_hour")
#: What a step sends, and with what. Of its template: which one.
TEXT_FIELDS = (
    "template_id",
    "cc",
    "copy_salesperson",
    "copy_responsible",
    "signed_by",
    "attach_invoices",
    "attach_statement",
    "letter",
    "show_interest",
    "show_payment",
    "activity_type_id",
    "user_id",
)
#: What a step that mentions interest says of it.
INTEREST_FIELDS = ("interest_rate", "fixed_fee", "fee_currency_id")


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
        """The decision that says why: where nothing comes, that of the day on which one
        would look again. What holds today is over by then."""
        day = self.decision.date
        if self.comes or not day or day <= self.case.today:
            return self.decision
        return decide(self.case.on(day, brief=True))


class Row(NamedTuple):
    """One customer, or one addressee, for whom something changes."""

    change: Change
    before: Said
    after: Said
    #: What each asks for, in the company's currency; None: nothing goes, or nothing of
    #: it is the user's to see.
    amounts: tuple

    @property
    def amount(self):
        """What is asked for by now."""
        before, after = self.amounts
        return before if after is None else after


class Difference(NamedTuple):
    """What a draft changes."""

    company: object  #: ``res.company`` that chases those who would have a new plan
    rows: dict  #: {:class:`...rules.difference.Change`: its rows, highest first}
    customers: int  #: how many have the plan, and owe something
    same: int  #: of them those for whom nothing changes


def difference(reader, env, draft):
    """Decide about all who have the plan, by it and by the *draft*.

    Of a new plan: about all who have its company's, or the reader's of a shared one, as
    if whoever chases for that company took the new one.

    :param reader: the user's environment: told are customers of its companies.
    :param env: the same, with the right to see everything.
    :param draft: as :func:`.draft.draft_of` has it.
    :raises AccessError: if the company of a new plan is not one of the reader's.
    """
    draft = draft.with_env(env)
    units = Units(env, reader.companies)
    mine = units.unit_for(_company(reader, draft).id)
    with uncollected():
        found, ids = _changed(units, mine, draft)
    visible = applies.visible(reader, ids)
    found = [each for each in found if each[1].customer.id in visible]
    foreign = foreign_lines(reader, [before for _what, before, _after in found])
    rows = {what: [] for what in Change}
    for what, before, after in found:
        if row := _row(what, before, after, foreign):
            rows[what].append(row)
    for its in rows.values():
        its.sort(key=lambda row: -row.amount)
    changed = {row.before.customer.id for its in rows.values() for row in its}
    return Difference(
        env["res.company"].browse(mine.company_id),
        {what: its for what, its in rows.items() if its},
        len(visible),
        len(visible - changed),
    )


def _company(reader, draft):
    """For which company a new plan is tried."""
    company = not draft._origin and draft.company_id.with_env(reader)
    if company:
        company.check_access("read")
        check_company(reader, company)
    return company or reader.company


def _changed(units, mine, draft):
    """(change, before, after) of each for whom something changes; the ids of all."""
    others, found, ids = other_texts(draft), [], set()
    for before, after in _pairs(units, mine, draft):
        ids.add(before.customer.id)
        same = not before.comes or before.comes.step_id not in others
        if what := change(before.comes, after.comes, same):
            found.append((what, before, after))
    return found, ids


def _pairs(units, mine, draft):
    """Yield what is said of each: before and after.

    :param mine: the unit that would take a new plan.
    """
    units.plans.consider(draft)
    stored = draft._origin
    gone = frozenset((stored.step_ids - draft.step_ids._origin).ids)
    is_same = stored and decides_alike(stored, draft)
    for unit, plan, customer in gather.customers(units):
        if not concerns(stored, mine, unit, plan, customer):
            continue
        then = without_steps(customer, gone) if gone else customer
        befores = _said(units, unit, plan, customer)
        if is_same:
            yield from ((said, said._replace(plan=draft)) for said in befores)
        else:
            afters = _said(units, unit, draft, then)
            yield from zip(befores, afters, strict=True)


def concerns(stored, mine, unit, plan, customer):
    """Whether the customer has this plan; of a new one, whether it might have it."""
    if stored:
        return plan == stored
    return unit is mine and not (customer.own_plan or customer.plan_rule)


def _said(units, unit, plan, customer):
    rules, facts, today = units.terms(unit, plan)
    opens = units.opens(unit, plan)
    for share in shares(customer):
        case = Case(share, rules, facts, today, brief=True)
        decision = decide(case)
        comes = coming(case, decision, opens)
        yield Said(unit, plan, share, case, decision, comes)


def decides_alike(stored, draft):
    """Whether the draft changes nothing that the rules ask about: only texts."""
    before, after = (
        {
            (step_key(step), *(step[name] for name in STEP_FIELDS if name != "plan_id"))
            for step in plan.step_ids
        }
        for plan in (stored, draft)
    )
    return before == after and all(
        stored[name] == draft[name] for name in (*PLAN_FIELDS, *HOURS)
    )


def other_texts(draft):
    """The ids of the steps that say something else than those stored."""
    stored = draft._origin
    interest = any(stored[name] != draft[name] for name in INTEREST_FIELDS)
    responsible = stored.responsible_id != draft.responsible_id
    return {
        step._origin.id
        for step in draft.step_ids
        if step._origin
        and (
            any(step[name] != step._origin[name] for name in TEXT_FIELDS)
            or (interest and step.show_interest)
            or (responsible and _is_responsibles(step))
        )
    }


def _is_responsibles(step):
    """Whether the plan's responsible signs the step, gets a copy, or is to do it."""
    if step.channel == TODO:
        return not step.user_id
    return step.copy_responsible or step.signed_by == "responsible"


def _row(what, before, after, foreign):
    """The :class:`Row`; None if it is about other companies' items only."""
    amounts = tuple(_amount(said.comes, foreign) for said in (before, after))
    return None if amounts == (None, None) else Row(what, before, after, amounts)


def _amount(comes, foreign):
    items = (
        [item for item in comes.items if item.line_id not in foreign] if comes else []
    )
    if not items:
        return None
    credits = [each for each in comes.credits if each.line_id not in foreign]
    return company_total(items, credits)
