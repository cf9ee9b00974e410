"""Odoo's own invoices and payments."""

from .kinds import INVOICE


def of_move(move, _mail):
    """Of customers' documents; a vendor's bill and an entry are none."""
    if move.is_sale_document(include_receipts=True):
        return move.company_id, INVOICE
    return None


def of_payment(payment, _mail):
    """Of what a customer has paid."""
    if payment.payment_type == "inbound" and payment.partner_type == "customer":
        return payment.company_id, INVOICE
    return None
