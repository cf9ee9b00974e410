"""With point_of_sale: what is bought at the till, and paid there or later.

``dev/test neighbours`` has it; elsewhere these tests are not run.
"""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import freeze_time, tagged

from .test_neighbours import NEIGHBOUR, NeighbourCommon

DAYS = 10


class TillCommon(NeighbourCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("point_of_sale.group_pos_manager")
        cls.env["pos.payment.method"].search([]).active = False
        cls.card, cls.credit = cls.env["pos.payment.method"].create(
            [
                {
                    "name": "Card",
                    "journal_id": cls.bank.id,
                    "split_transactions": True,
                },
                {"name": "On account", "split_transactions": True},
            ]
        )
        cls.till = cls.env["pos.config"].create(
            {
                "name": "Shop",
                "journal_id": cls.company_data["default_journal_sale"].id,
                "invoice_journal_id": cls.company_data["default_journal_sale"].id,
                "payment_method_ids": [Command.set((cls.card | cls.credit).ids)],
            }
        )
        cls.product_a.write({"available_in_pos": True, "taxes_id": [Command.clear()]})

    def buys(self, method, amount=100.0, invoiced=False, **context):
        """The customer buys something ten days ago; the till is closed then."""
        with freeze_time(fields.Datetime.now() - timedelta(days=DAYS)):
            self.till.open_ui()
            session = self.till.current_session_id
            session.set_opening_control(0, "")
            order = self.env["pos.order"].create(
                {
                    "session_id": session.id,
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "to_invoice": invoiced,
                    "amount_total": amount,
                    "amount_tax": 0,
                    "amount_paid": 0,
                    "amount_return": 0,
                    "lines": [
                        Command.create(
                            {
                                "product_id": self.product_a.id,
                                "price_unit": amount,
                                "qty": 1,
                                "tax_ids": [Command.clear()],
                                "price_subtotal": amount,
                                "price_subtotal_incl": amount,
                            }
                        )
                    ],
                }
            )
            pay = self.env["pos.make.payment"].with_context(
                active_ids=order.ids, active_id=order.id, **context
            )
            pay.create({"amount": amount, "payment_method_id": method.id}).check()
            session.action_pos_session_closing_control()
            self.assertEqual(session.state, "closed")
        self.env.flush_all()
        return order


@tagged(*NEIGHBOUR)
class TestPointOfSale(TillCommon):
    def test_invoiced_and_paid_at_the_till(self):
        invoice = self.buys(self.card, invoiced=True).account_move
        self.assertEqual(self.reason(invoice), "settled")
        self.assertFalse(self.plan())

    def test_invoiced_and_paid_later(self):
        """The customer has taken the invoice along."""
        order = self.buys(self.credit, invoiced=True)
        invoice = order.account_move
        self.assertTrue(invoice.is_move_sent)
        self.assertEqual(self.reason(invoice), "due")
        text = self.text()
        self.assertIn(invoice.name, text)
        self.assertNotIn("Your reference", text)

    def test_paid_later_without_an_invoice(self):
        order = self.buys(self.credit)
        self.assertFalse(order.account_move)
        followup = self.plan()
        self.assertEqual(followup.amount, 100)
        self.assertEqual(followup.line_ids.move_id, order.session_id.move_id)

    def test_bought_and_paid_at_the_till_is_no_credit(self):
        self.invoice(20, 300)
        self.buys(self.card, 40)
        self.assertEqual(self.plan().amount, 300)

    def test_nor_without_an_entry(self):
        invoice = self.invoice(20, 300)
        with self.accounting_app():
            order = self.buys(self.card, 40)
        payment = order.session_id.bank_payment_ids
        self.assertEqual(
            (payment.partner_id, payment.state), (self.customer, "in_process")
        )
        self.assertFalse(payment.move_id)
        self.assertEqual(self.plan().amount, 300)
        self.assertEqual(self.reason(invoice), "followup_open")
