"""A plan as a picture: its steps on a line in time, and a real invoice along it."""

from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields

from ...texts.days import in_words

#: Of so many paid invoices, the newest, the slowest is shown.
LOOKED_AT = 40
#: None older is looked for: where few are paid, that would be all.
TWO_YEARS = relativedelta(years=2)
ONE_DAY = timedelta(days=1)


class Past(NamedTuple):
    """An invoice that was paid."""

    move: object  #: ``account.move``
    days: int  #: after its due date; negative: before it


@api.depends("mode", "company_id", "step_ids.days", "step_ids.name")
@api.depends_context("lang", "uid", "allowed_company_ids")
def draw(plans):
    """Draw each plan's steps; no recap's, which have no days.

    The invoice is one of the company's that the user sees.
    """
    template = "account_email_connector.plan_picture"
    for plan in plans:
        steps = plan.step_ids.sorted("days")
        if plan.mode == "recap" or not steps:
            plan.picture = False
            continue
        values = _values(plan, steps)
        plan.picture = plan.env["ir.qweb"]._render(template, values)


def _values(plan, steps):
    past = past_invoice(plan.env, plan.company_id or plan.env.company)
    days = [0, *steps.mapped("days"), *([past.days] if past else [])]
    first, last = min(days), max(days)

    def place(day):
        """Where on the line, in percent; a little room is left at both ends."""
        return round(4 + 92 * (day - first) / max(last - first, 1), 1)

    return {
        "due": place(0),
        "paid": past and place(past.days),
        "invoice": past and _told(plan.env, past),
        "steps": [
            {
                "place": place(step.days),
                "name": step.display_name,
                "before": past and step.days < past.days,
            }
            for step in steps
        ],
    }


def _told(env, past):
    """Which invoice it is, and when it was paid."""
    move, due = past.move, past.move.invoice_date_due
    return env._(
        "%(invoice)s to %(customer)s: due on %(due)s, paid on %(paid)s",
        invoice=move.name,
        customer=move.commercial_partner_id.display_name,
        due=in_words(env, due),
        paid=in_words(env, due + past.days * ONE_DAY),
    )


def past_invoice(env, company):
    """The slowest of the newest that are paid (:class:`Past`); None if there is none.

    It is asked for at each change of a step in the form.

    :param env: the user's: invoices that they may see.
    """
    moves = env["account.move"]
    paid = {"paid", moves._get_invoice_in_payment_state()}
    moves = moves.search(
        [
            ("company_id", "=", company.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", list(paid)),
            ("invoice_date", ">=", fields.Date.context_today(moves) - TWO_YEARS),
            ("invoice_date_due", "!=", False),
        ],
        order="invoice_date desc, id desc",
        limit=LOOKED_AT,
    )
    found = [Past(move, days) for move in moves if (days := _late(move)) is not None]
    return max(found, key=lambda past: past.days, default=None)


def _late(move):
    """How many days after its due date the last money for it came."""
    lines = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    days = lines.matched_credit_ids.mapped("max_date")
    return (max(days) - move.invoice_date_due).days if days else None
