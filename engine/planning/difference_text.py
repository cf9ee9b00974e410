"""What an unsaved change would do, for the person who is about to save it."""

from collections import Counter

from odoo.tools import format_list

from ...rules import EMAIL, RECAP
from ...rules.difference import Change
from ...texts.changes import title
from ...texts.days import with_weekday
from ...texts.plan_rules import plan_text
from .difference import difference
from .explain import verdict
from .plans import step_key
from .supposed import NEW_RULE, key_of

#: So many rows are shown, the highest amounts of each change; the totals are of all.
SHOWN = 200


def tell(reader, env, supposed):
    """Return what :func:`.difference.difference` finds, as HTML.

    :param reader: the user's environment: in whose language, and as who.
    :param env: the same, with the right to see everything.
    :param supposed: :class:`.supposed.Supposed`, with that right.
    """
    found = difference(reader, env, supposed)
    words = _Words(reader, env, supposed)
    at_most = SHOWN // max(len(found.rows), 1)
    changes = [words.change(what, its, at_most) for what, its in found.rows.items()]
    values = {
        "lead": _lead(reader, env, supposed),
        "headline": _headline(reader, supposed, found),
        "changes": changes,
        "companies": _companies(reader),
    }
    return reader["ir.qweb"]._render("account_email_connector.plan_difference", values)


def _lead(reader, env, supposed):
    """What is supposed of a new plan, besides that it is saved."""
    if not supposed.plan or supposed.plan._origin:
        return ""
    (company,) = env["res.company"].browse(supposed.chosen)
    return reader._(
        "Nobody has a new plan before it is chosen for them. This is what would change "
        "if %(company)s chased everybody by it who has no other plan.",
        company=company.name,
    )


def _headline(env, supposed, found):
    changed = found.customers - found.same
    if not found.customers and supposed.plan:
        return env._("Nobody who owes something has this plan: nothing changes today.")
    if not found.customers:
        return env._("Nobody who owes something gets another plan.")
    if not changed:
        return env._("Nothing changes in what your customers get next.")
    return env._(
        "Customers for whom something changes: %(changed)s of %(all)s",
        changed=changed,
        all=found.customers,
    )


def _companies(env):
    """Of which companies it is told, if the user has others."""
    return env.user.company_ids - env.companies and env._(
        "Customers of: %(companies)s",
        companies=format_list(env, env.companies.mapped("name")),
    )


class _Words:
    """What is said of one change.

    :param env: with the right to see everything. What is told is as *reader* speaks.
    """

    def __init__(self, reader, env, supposed):
        self._reader, self._env = reader, env
        plan, rule = supposed.plan, supposed.rule
        self._steps = {step_key(step): step for step in plan.step_ids} if plan else {}
        self._rules = {rule._origin.id or NEW_RULE: rule} if rule else {}

    def change(self, what, rows, at_most):
        """The values of the template for all *rows* of one change."""
        totals = Counter()
        for row in rows:
            totals[self._currency(row.told)] += row.amount
        amounts = [money.format(amount) for money, amount in totals.items()]
        customers = len({row.told.customer.id for row in rows})
        shown = rows[:at_most]
        contacts = self._env["res.partner"].browse(
            [row.told.customer.contact for row in shown]  # read together
        )
        return {
            "title": title(self._reader, what),
            "totals": " · ".join([str(customers), ", ".join(amounts)]),
            "rows": list(map(self._row, shown, contacts)),
            "others": max(len(rows) - at_most, 0),
        }

    def _row(self, row, contact):
        new = self._steps, self._rules
        sides = (row.before, {}, {}), (row.after, *new)
        before, after = (
            self._side(*side, amount)
            for side, amount in zip(sides, row.amounts, strict=True)
        )
        return {
            "customer": contact.display_name,
            "amount": self._currency(row.told).format(row.amount),
            "short": self._short(row.change, before, after),
            "sides": [before, after],
            "plans": _has_another_plan(row),
            "senders": _has_another_sender(row),
        }

    def _short(self, what, before, after):
        """What is different, in a few words."""
        told = {Change.STEP: "step", Change.ITEMS: "amount"}.get(what, "day")
        first, then = before[told], after[told]
        return (
            then or first
            if not (first and then) or first == then
            else (f"{first} → {then}")
        )

    def _side(self, said, steps, rules, amount):
        """What is said of a customer, or what if nothing is."""
        if not said:
            return dict.fromkeys(("day", "step", "amount", "reason", "plan", "sender"))
        comes, env = said.comes, self._reader
        step = comes and self._step(steps, comes.step_id)
        is_recap = said.plan.mode == RECAP  # a new step knows no plan yet
        return {
            "day": comes and with_weekday(env, comes.day),
            "step": step and (step.name if is_recap else step.display_name),
            "is_email": comes and comes.channel == EMAIL,
            "is_read_first": comes and comes.is_read_first,
            "amount": amount is not None and self._currency(said).format(amount),
            "reason": verdict(env, said.tells, comes, step),
            "plan": self._plan(said, rules),
            "sender": self._company(said).name,
        }

    def _plan(self, said, rules):
        """Which plan it is, and why."""
        rule_id, stored = said.customer.plan_rule, "account.email.followup.plan.rule"
        rule = rules.get(rule_id) or self._env[stored].browse(rule_id or ())
        return plan_text(self._reader, said.plan, said.customer.own_plan, rule)

    def _step(self, steps, step_id):
        """The step as the form has it, or as it is stored."""
        stored = self._env["account.email.followup.step"]
        return steps.get(step_id) or stored.browse(step_id or ())

    def _company(self, said):
        return self._env["res.company"].browse(said.unit.company_id)

    def _currency(self, said):
        return self._company(said).currency_id


def _has_another_plan(row):
    """Whether the customer gets another plan, or the same for another reason."""
    plans = {
        (key_of(said.plan), said.customer.own_plan, said.customer.plan_rule)
        for said in (row.before, row.after)
        if said
    }
    return len(plans) > 1


def _has_another_sender(row):
    """Whether another company would write to the customer."""
    both = row.before, row.after
    return len({said and said.unit.company_id for said in both}) > 1
