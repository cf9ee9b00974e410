"""What a customer has open, item by item, each with why it is, or is not, chased."""

from odoo import api
from odoo.tools import format_date

#: More than anybody reads on a page; all of them are behind *Open documents*.
AT_MOST = 80
TEMPLATE = "account_email_connector.open_items"


@api.depends("item_ids")
@api.depends_context("lang", "uid", "allowed_company_ids")
def compute(cases):
    """Set the table of each, as far as the user may see what is in it."""
    for case in cases:
        items, more = case.item_ids[:AT_MOST], len(case.item_ids) - AT_MOST
        today = case.company_id._email_followup_today()
        values = {
            "items": [_row(each, today) for each in items],
            "total": _total(case) if len(case.item_ids) > 1 else "",
            "more": case.env._("And %s more", more) if more > 0 else "",
        }
        case.items_html = case.env["ir.qweb"]._render(TEMPLATE, values)


def _total(case):
    """The ledger's sum of all of them, those not in the table included."""
    total = sum(case.item_ids.mapped("amount_residual"))
    return case.currency_id.format(total)


def _row(item, today):
    """One of them (``account.move.line``), in its company's currency."""
    env, move, due = item.env, item.move_id, item.date_maturity
    late = (today - due).days if due and item.amount_residual > 0 else 0
    return {
        "name": move.name,
        "url": f"/odoo/account.move/{move.id}",
        "is_meant": False,
        "due": format_date(env, due),
        "late": env._("%s days late", late) if late > 0 else "",
        "open": item.company_currency_id.format(item.amount_residual),
        "text": move.email_followup_text or "",
    }
