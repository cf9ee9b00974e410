"""The table of an email: what is open, what it costs to be late, and how to pay."""

from odoo import api

from ..paying import asked_of, online, transfers
from ..rights import for_reader

#: Odoo puts it after a minus sign. Our cells do not break, and what is copied from an
#: email, or read as plain text, is a number without it.
NO_BREAK = "\ufeff"


@api.depends("line_ids.state", "line_ids.amount")
def fill(followups):
    """Set their table, for email templates."""
    for followup, known in zip(followups, for_reader(followups), strict=True):
        followup.items_html = render(known)


@api.depends("line_ids.state", "line_ids.amount")
def compute(followups):
    """Set the table of each."""
    for followup in followups:
        followup.items_html = render(followup)


def render(followup):
    """The table as HTML, in the email's language, below it how to pay.

    :param followup: with the right to see the company's accounts, and how it is paid.
    """
    table = followup.env["ir.qweb"]._render(
        "account_email_connector.followup_items",
        values(followup, followup.with_context(lang=followup.lang)),
        lang=followup.lang,
    )
    return table.replace(NO_BREAK, "")


def values(followup, in_its_language):
    """What it shows, by currency, oldest first."""
    shows, company = followup.step_id.show_payment, followup.company_id
    return {
        "followup": in_its_language,
        "groups": [
            {
                "asked": asked,
                "rows": [(line, *_references(line)) for line in asked.lines],
                "currency": asked.currency.with_env(in_its_language.env),
                "transfers": transfers(company, asked) if shows else [],
                "pay_url": shows and online.link(asked),
            }
            for asked in asked_of(followup)
        ],
    }


def _references(line):
    """The payment reference and the customer's order number, as on the invoice; "" for
    each that says no more than the invoice's number, which is shown already."""
    move = line.move_id
    if line.state != "chased" or not move.is_sale_document(include_receipts=True):
        return "", ""
    found = [move.payment_reference or "", _order_number(move)]
    return tuple(text if text != line.label else "" for text in found)


def _order_number(move):
    """The customer's own: without one, Odoo's orders and tills put in their number. Of
    an invoice for several orders it has all, joined so:
    https://github.com/odoo/odoo/blob/19.0/addons/sale/models/sale_order.py"""
    ours = (move.invoice_origin or "").split(", ")
    if "pos_order_ids" in move._fields:  # point_of_sale
        ours += move.pos_order_ids.mapped("name")
    numbers = (move.ref or "").split(", ")
    return ", ".join(number for number in numbers if number not in ours)
