"""With Odoo's own modules that the addon has to do with, but does not need: payments
online, QR codes, e-invoices, sales orders; the till: ``test_point_of_sale.py``, letters
by post: ``process/test_statement.py``.

``dev/test neighbours`` has all of them; elsewhere these tests are not run.
"""

from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user, tagged

from .test_how_to_pay import IBAN, STRUCTURED
from .test_money import MoneyCommon

NEIGHBOUR = ("post_install", "-at_install", "-standard", "neighbours")


class NeighbourCommon(MoneyCommon):
    def text(self):
        """The plain text of the one email, with ordinary spaces."""
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.message = email.message
        text = self.message.get_body(("plain",)).get_content()
        return text.replace("\xa0", " ")

    def images(self):
        return [
            part
            for part in self.message.walk()
            if part.get_content_maintype() == "image"
        ]


@tagged(*NEIGHBOUR)
class TestPaidByCard(NeighbourCommon):
    """account_payment, with a provider whose payments go through without a network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        card = cls.env.ref("payment.payment_provider_demo").sudo()
        cls.card = card.copy({"company_id": cls.company.id})
        cls.card.write({"state": "test", "is_published": True})
        cls.card.journal_id = cls.bank
        parameters = cls.env["ir.config_parameter"]
        parameters.set_param("account_payment.enable_portal_payment", "True")

    def pays(self, invoice, state, provider=None):
        provider = provider or self.card
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "amount": invoice.amount_residual,
                "currency_id": invoice.currency_id.id,
                "partner_id": invoice.partner_id.id,
                "operation": "online_direct",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        self.becomes(transaction, state)
        return transaction

    def becomes(self, transaction, state):
        told = {"reference": transaction.reference, "simulated_state": state}
        transaction._process("demo", told)

    def test_pending_holds_and_done_settles(self):
        invoice = self.invoice(20, 300)
        transaction = self.pays(invoice, "pending")
        self.assertEqual(self.reason(invoice), "under_way")
        self.assertFalse(self.plan())
        self.becomes(transaction, "done")
        self.assertEqual(self.reason(invoice), "under_way")
        transaction._post_process()
        self.assertTrue(transaction.payment_id)
        self.assertEqual(self.reason(invoice), "settled")

    def test_a_payment_that_failed_is_none(self):
        invoice = self.invoice(20, 300)
        transaction = self.pays(invoice, "pending")
        self.becomes(transaction, "cancel")
        self.assertEqual(self.reason(invoice), "due")

    def test_the_email_leads_to_the_page_to_pay_on(self):
        self.invoice(20, 300)
        self.assertIn("/account_email_connector/pay?access_token=", self.text())

    def test_what_is_under_way_is_not_asked_for_by_the_button(self):
        paid, _left = self.invoice(20, 300), self.invoice(5, 40)
        self.pays(paid, "pending")
        self.assertIn("Pay $ 40.00 online", self.text())

    def test_without_a_published_provider_there_is_no_button(self):
        self.card.is_published = False
        self.invoice(20, 300)
        self.assertNotIn("/account_email_connector/pay", self.text())


@tagged(*NEIGHBOUR)
class TestQrCode(NeighbourCommon):
    """account_qr_code_sepa."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        partner = cls.company.partner_id
        accounts = cls.env["res.partner.bank"]
        cls.iban = accounts.create({"acc_number": IBAN, "partner_id": partner.id})
        cls.other = accounts.create({"acc_number": "12-345", "partner_id": partner.id})

    def test_euro_to_an_iban_has_one(self):
        values = {"currency_id": self.euro.id, "payment_reference": STRUCTURED}
        self.invoice(5, 100.5, partner_bank_id=self.iban.id, **values)
        self.assertIn("BE71 0961 2345 6769", self.text())
        (image,) = self.images()
        self.assertTrue(image.get_content().startswith(b"\x89PNG"))

    def test_dollars_have_none(self):
        self.invoice(5, partner_bank_id=self.iban.id)
        self.assertIn("BE71 0961 2345 6769", self.text())
        self.assertFalse(self.images())

    def test_an_account_without_iban_has_none(self):
        values = {"currency_id": self.euro.id}
        self.invoice(5, partner_bank_id=self.other.id, **values)
        self.assertIn("12-345", self.text())
        self.assertFalse(self.images())


@tagged(*NEIGHBOUR)
class TestElectronicInvoices(NeighbourCommon):
    """account_peppol, l10n_it_edi."""

    def test_refused_by_the_network(self):
        for field, refused, arrived in (
            ("peppol_move_state", "error", "done"),
            ("l10n_it_edi_state", "rejected", "forwarded"),
            ("l10n_it_edi_state", "rejected_by_pa_partner", "accepted_by_pa_partner"),
        ):
            with self.subTest(field, state=refused):
                customer = self.customer.copy({"email": "e@many.example"})
                invoice = self.invoice(10, partner=customer)
                invoice[field] = refused
                self.assertEqual(self.reason(invoice), "never_sent")
                self.assertTrue(invoice.email_followup_unsent)
                self.assertEqual(
                    invoice.email_followup_text,
                    "The e-invoicing network refused it: send it again.",
                )
                invoice[field] = arrived
                self.assertEqual(self.reason(invoice), "due")

    def test_on_its_way_by_the_network(self):
        invoice = self.invoice(10)
        invoice.peppol_move_state = "processing"
        self.assertEqual(self.reason(invoice), "due")

    def test_refused_after_it_was_planned(self):
        invoice = self.invoice(10)
        followup = self.plan()
        invoice.peppol_move_state = "error"
        self.run_action()
        self.assertEqual((followup.state, followup.reason), ("skipped", "never_sent"))
        self.assertFalse(self.mailbox.accepted)


@tagged(*NEIGHBOUR)
class TestSalesOrder(NeighbourCommon):
    """sale: invoices that an order made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.seller = new_test_user(
            cls.env,
            "seller",
            "sales_team.group_sale_salesman",
            name="Sally Seller",
            email="sally@acme.example",
            company_id=cls.company.id,
        )

    def order(self, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.seller.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        order.order_line.qty_delivered = 1
        return order

    def owe_for(self, *orders):
        """The invoice of these orders, ten days overdue, and sent."""
        invoice = self.env["sale.order"].union(*orders)._create_invoices()
        due = self.today - timedelta(days=10)
        invoice.write({"invoice_date": due, "invoice_payment_term_id": False})
        invoice.invoice_date_due = due
        invoice.action_post()
        invoice.is_move_sent = True
        return invoice

    def test_the_customers_order_number(self):
        self.owe_for(self.order(client_order_ref="PO-4711"))
        self.assertIn("Your reference: PO-4711", self.text())

    def test_the_number_of_our_order_is_not_the_customers(self):
        order = self.order()
        self.assertEqual(self.owe_for(order).ref, order.name, "Odoo does it so")
        self.assertNotIn("Your reference", self.text())

    def test_one_invoice_of_several_orders(self):
        invoice = self.owe_for(self.order(client_order_ref="PO-4711"), self.order())
        self.assertEqual(len(invoice), 1)
        self.assertIn("Your reference: PO-4711\n", self.text())

    def test_the_salesperson_gets_a_copy_and_signs(self):
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"signed_by": "salesperson", "copy_salesperson": True})
        invoice = self.owe_for(self.order())
        self.assertEqual(invoice.invoice_user_id, self.seller)
        self.assertIn("Sally Seller", self.text())
        self.assertIn("sally@acme.example", self.message["Cc"])
