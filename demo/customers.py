"""Customers who owe a company money, each for another thing to do.

Nothing is sent: the mailbox is not connected, and the addresses are of a domain that
nobody has (https://www.rfc-editor.org/rfc/rfc2606#section-3).
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import Command, fields


class Customer(NamedTuple):
    """One of them.

    :param invoices: (days since the due date, amount) of each.
    :param email: the address's first part; empty: they have none.
    :param sent: whether the invoices were sent to them.
    :param dispute: why they do not pay.
    :param promised: in how many days they will pay, if they have said so.
    """

    name: str
    invoices: tuple
    email: str = "accounts"
    sent: bool = True
    dispute: str = ""
    promised: int | None = None


CUSTOMERS = (
    Customer("Bluewater Bakery", ((8, 240.0), (-12, 310.0))),
    Customer("Cedar & Sons", ((21, 1890.0),)),
    Customer("Drift Bookshop", ((35, 96.5), (5, 410.0)), email=""),
    Customer("Elm Street Clinic", ((16, 2450.0),), sent=False),
    Customer(
        "Foxglove Florist",
        ((27, 680.0),),
        dispute="Two of the ten boxes did not arrive.",
    ),
    Customer("Granite Works", ((44, 5200.0),), promised=7),
    Customer("Hollow Oak Inn", ((-9, 730.0),)),
)


def create(company):
    """Create them, and a mailbox that nobody has connected. A company that cannot
    invoice yet gets none. Whoever is there is not made again, should Odoo load its demo
    data another time, or the addon be installed again.

    :param company: as a superuser's.
    """
    journal = company.env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
    )
    if not (company.chart_template and journal.default_account_id):
        return
    plan = company.env.ref("account_email_connector.plan_default")
    company.email_followup_plan_id = plan
    if not company.email_connector_ids:
        company.env["account.email.connector"].create({"company_id": company.id})
    for customer in CUSTOMERS:
        name = f"account_email_connector.demo_{company.id}_{_slug(customer)}"
        if not company.env.ref(name, raise_if_not_found=False):
            partner = _kept(company, customer) or _create(company, journal, customer)
            known = {"xml_id": name, "record": partner, "noupdate": True}
            company.env["ir.model.data"]._update_xmlids([known])


def _kept(company, customer):
    """The one whom an earlier installation has left with the company's invoices."""
    owing = company.env["account.move"].search(
        [
            ("company_id", "=", company.id),
            ("move_type", "=", "out_invoice"),
            ("partner_id.name", "=", customer.name),
            ("partner_id.email", "=", customer.email and _address(customer) or False),
        ],
        limit=1,
    )
    return owing.partner_id


def _create(company, journal, customer):
    partner = company.env["res.partner"].create(
        {
            "name": customer.name,
            "is_company": True,
            "email": customer.email and _address(customer),
            "country_id": company.country_id.id,
        }
    )
    moves = company.env["account.move"].browse(
        _invoice(company, journal, partner, *each).id for each in customer.invoices
    )
    moves.is_move_sent = customer.sent
    if customer.dispute:
        moves._email_followup_dispute(customer.dispute)
    if customer.promised:
        until = fields.Date.today() + timedelta(days=customer.promised)
        company.env["account.email.promise"].create(
            {"company_id": company.id, "partner_id": partner.id, "until": until}
        )
    return partner


def _address(customer):
    return f"{customer.email}@{_slug(customer)}.example"


def _slug(customer):
    """The name as a part of other names."""
    parts = "".join(c if c.isalnum() else " " for c in customer.name.lower())
    return "-".join(parts.split())


def _invoice(company, journal, partner, days_overdue, amount):
    due = fields.Date.today() - timedelta(days=days_overdue)
    moves = company.env["account.move"].with_company(company)
    move = moves.create(
        {
            "move_type": "out_invoice",
            "journal_id": journal.id,
            "partner_id": partner.id,
            "invoice_date": due - timedelta(days=30),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Delivery",
                        "price_unit": amount,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
    move.action_post()
    return move
