"""The table of an email: what is open, and what it costs to be late."""

from odoo import api

from ...rules import interest_and_fee
from ...rules.credits import Net


@api.depends("line_ids.state", "line_ids.amount")
def compute(followups):
    """Set the table of each."""
    for followup in followups:
        followup.items_html = render(followup)


def render(followup):
    """The table as HTML, in the email's language."""
    return followup.env["ir.qweb"]._render(
        "account_email_connector.followup_items", _values(followup), lang=followup.lang
    )


def _values(followup):
    """What it shows, by currency, oldest first."""
    listed = followup.line_ids.filtered(
        lambda line: line.state != "dropped" and line.move_line_id
    )
    interest = _interest(followup, listed)
    groups = listed.grouped("currency_id")
    fee_currency = followup.plan_id.fee_currency_id
    if fee_currency.id in interest:  # perhaps another than those of the invoices
        groups.setdefault(fee_currency, listed.browse())
    return {
        "followup": followup.with_context(lang=followup.lang),
        "rate": followup.plan_id.interest_rate,
        "groups": [
            (currency, lines.sorted("due_date"), interest.get(currency.id, 0))
            for currency, lines in groups.items()
        ],
    }


def _interest(followup, lines):
    """Late-payment interest and fees by currency id, if the step mentions them."""
    if not followup.step_id.show_interest:
        return {}
    plan = followup.plan_id
    listed = [(line.state, line._as_item()) for line in lines.sorted("due_date")]
    items = [item for state, item in listed if state == "chased"]
    credits = [item for state, item in listed if state == "credit"]
    currencies = lines.currency_id | plan.fee_currency_id
    _by_item, totals = interest_and_fee(
        Net(items, credits).left(),
        followup._today(),
        plan.interest_rate,
        plan.fixed_fee,
        plan.fee_currency_id.id,
        {currency.id: currency.decimal_places for currency in currencies},
    )
    return {currency_id: float(total) for currency_id, total in totals.items()}
