"""Many customers who all owe one invoice, made fast, for tests and benchmarks."""

from datetime import timedelta

from odoo import Command, fields


def create_bulk(env, count, company=None, overdue=5, domain="buyers.example", pdf=b""):
    """Create *count* customers with one posted invoice each. Does not commit.

    Customer number N is ``buyer-N@domain``.

    :param overdue: days since the invoices were due.
    :param pdf: stored as each invoice's PDF, if given.
    :return: the invoices.
    """
    company = company or env.company
    due = fields.Date.today() - timedelta(days=overdue)
    partners = env["res.partner"].create(
        [
            {"name": f"Buyer {n}", "email": f"buyer-{n}@{domain}", "lang": "en_US"}
            for n in range(count)
        ]
    )
    line = {"name": "Goods as delivered", "price_unit": 100, "tax_ids": False}
    moves = (
        env["account.move"]
        .with_company(company)
        .create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": due - timedelta(days=30),
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [Command.create(line)],
                }
                for partner in partners
            ]
        )
    )
    moves.action_post()
    moves.is_move_sent = True
    if pdf:
        _store(moves, pdf)
    return moves


def _store(moves, pdf):
    moves.env["ir.attachment"].create(
        [
            {
                "name": f"{move.name.replace('/', '_')}.pdf",
                "res_model": "account.move",
                "res_field": "invoice_pdf_report_file",
                "res_id": move.id,
                "raw": pdf,
                "mimetype": "application/pdf",
            }
            for move in moves
        ]
    )
