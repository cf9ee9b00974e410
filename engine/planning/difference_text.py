"""What an unsaved plan would change, for the person who is about to save it."""

from collections import Counter

from odoo.tools import format_list

from ...rules import EMAIL, RECAP
from ...rules.about import day_of
from ...rules.difference import Change
from ...texts import standing_text
from ...texts.changes import title
from ...texts.days import with_weekday
from ...texts.standings import Comes
from .difference import difference
from .plans import step_key

#: So many rows are shown, the highest amounts of each change; the totals are of all.
SHOWN = 200


def tell(reader, env, draft):
    """Return what :func:`.difference.difference` finds, as HTML.

    :param reader: the user's environment: in whose language, and as who.
    :param env: the same, with the right to see everything.
    :param draft: as :func:`.draft.draft_of` has it.
    """
    found = difference(reader, env, draft)
    words = _Words(reader, env, draft)
    at_most = SHOWN // max(len(found.rows), 1)
    changes = [words.change(what, its, at_most) for what, its in found.rows.items()]
    values = {
        "lead": _lead(reader, draft, found),
        "headline": _headline(reader, found),
        "changes": changes,
        "companies": _companies(reader),
    }
    return reader["ir.qweb"]._render("account_email_connector.plan_difference", values)


def _lead(env, draft, found):
    """What is compared, where that is not the plan as it is saved."""
    return not draft._origin and env._(
        "Nobody has a new plan before it is chosen for them. This is what would change "
        "if %(company)s chased everybody by it who has no other plan.",
        company=found.company.name,
    )


def _headline(env, found):
    if not found.customers:
        return env._("Nobody who owes something has this plan: nothing changes today.")
    changed = found.customers - found.same
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
    """What is said of one draft.

    :param env: with the right to see everything. What is told is as *reader* speaks.
    """

    def __init__(self, reader, env, draft):
        self._reader, self._env = reader, env
        self._new = {step_key(step): step for step in draft.with_env(env).step_ids}

    def change(self, what, rows, at_most):
        """The values of the template for all *rows* of one change."""
        totals = Counter()
        for row in rows:
            totals[self._currency(row.before)] += row.amount
        amounts = [money.format(amount) for money, amount in totals.items()]
        customers = len({row.before.customer.id for row in rows})
        return {
            "title": title(self._reader, what),
            "totals": " · ".join([str(customers), ", ".join(amounts)]),
            "rows": [self._row(row) for row in rows[:at_most]],
            "others": max(len(rows) - at_most, 0),
        }

    def _row(self, row):
        contact = self._env["res.partner"].browse(row.before.customer.contact)
        sides = (row.before, {}), (row.after, self._new)
        before, after = (
            self._side(said, steps, amount)
            for (said, steps), amount in zip(sides, row.amounts, strict=True)
        )
        return {
            "customer": contact.display_name,
            "amount": self._currency(row.before).format(row.amount),
            "short": self._short(row.change, before, after),
            "before": before,
            "after": after,
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

    def _side(self, said, steps, amount):
        """What is said of a customer by one of the plans."""
        comes, env = said.comes, self._reader
        step = comes and self._step(steps, comes.step_id)
        is_recap = said.plan.mode == RECAP  # a new step knows no plan yet
        return {
            "day": comes and with_weekday(env, comes.day),
            "step": step and (step.name if is_recap else step.display_name),
            "is_email": comes and comes.channel == EMAIL,
            "is_read_first": comes and comes.is_read_first,
            "amount": amount is not None and self._currency(said).format(amount),
            "reason": self._reason(said, step),
        }

    def _reason(self, said, step):
        decision, comes = said.tells, said.comes
        remarks = decision.remarks if decision is said.decision else ()  # of today only
        oldest = (
            min((item.due for item in comes.items), default=None) if comes else None
        )
        then = Comes(comes.day, step.days, oldest) if step else None
        reason = decision.reason
        day = day_of(said.customer, said.case.plan, decision, reason)
        return standing_text(self._reader, reason.value, remarks, day, then)

    def _step(self, steps, step_id):
        """The step as the form has it, or as it is stored."""
        stored = self._env["account.email.followup.step"]
        return steps.get(step_id) or stored.browse(step_id or ())

    def _currency(self, said):
        return self._env["res.company"].browse(said.unit.company_id).currency_id
