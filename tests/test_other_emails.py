"""Emails of Odoo's own modules that are no follow-ups, made as people make them: each
leaves by the way it should, with the mailbox's switch on and off.

``dev/test neighbours`` has these modules; elsewhere the tests are not run. Those of
modules that take long to install: ``test_other_emails_large.py``.
"""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.base.tests.common import MockSmtplibCase

from .test_neighbours import NEIGHBOUR
from .test_point_of_sale import TillCommon
from .test_transport import TransportCommon

CUSTOMER, ANNA = "pay@bluelake.example", "anna@acme.example"
PIXEL = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


class OtherEmailsCommon(MockSmtplibCase, TransportCommon, TillCommon):
    """Emails leave: the mailbox's into memory, Odoo's own to a server that is none."""

    on = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connector.sends_accounting_emails = cls.on
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.env["mail.mail"].sudo().search([]).unlink()

    def leaves(self, act, mailbox=(), odoo=()):
        """Check who hears by which way of what *act* does, now or by Odoo's queue."""
        if not self.on:
            mailbox, odoo = (), (*mailbox, *odoo)
        with self.mock_smtplib_connection(), self.mail_leaves():
            with self.enter_registry_test_mode():
                act()
            self.run_queue()
        ours = [to for each in self.mailbox.accepted for to in each.recipients]
        theirs = [to for each in self.emails for to in each["smtp_to_list"]]
        self.assertEqual(sorted(ours), sorted(mailbox), "by the mailbox")
        self.assertEqual(sorted(theirs), sorted(odoo), "by Odoo's own server")
        left = self.env["mail.mail"].sudo().search([("state", "!=", "sent")])
        self.assertFalse(left, left.mapped("failure_reason"))

    def compose(self, context):
        """Send what a composer shows that a button opens with this context."""
        composers = self.env["mail.compose.message"].with_context(**context)
        composers.create({})._action_send_mail()

    def order(self):
        line = {
            "product_id": self.product_a.id,
            "price_unit": 100,
            "tax_ids": [Command.clear()],
        }
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [Command.create(line)]}
        )
        order.message_unsubscribe(order.message_partner_ids.ids)
        return order


@tagged(*NEIGHBOUR)
class TestOtherEmails(OtherEmailsCommon):
    def test_send_and_print(self):
        send = self.document._generate_and_send
        self.leaves(lambda: send(sending_methods=["email"]), mailbox=[CUSTOMER])

    def test_01_a_credit_note(self):
        send = self.credit_note(10)._generate_and_send
        self.leaves(lambda: send(sending_methods=["email"]), mailbox=[CUSTOMER])

    def test_02_a_receipt_of_a_payment(self):
        template = self.env.ref("account.mail_template_data_payment_receipt")
        context = {
            "default_model": "account.payment",
            "default_res_ids": self.pay(self.document).ids,
            "default_template_id": template.id,
            "default_composition_mode": "comment",
        }
        self.leaves(lambda: self.compose(context), mailbox=[CUSTOMER])

    def test_03_an_invoice_that_is_shared(self):
        share = self.env["portal.share"].create(
            {
                "res_model": "account.move",
                "res_id": self.document.id,
                "partner_ids": [Command.set(self.customer.ids)],
            }
        )
        self.leaves(share.action_send_mail, mailbox=[CUSTOMER])

    def test_04_a_note_to_a_colleague(self):
        note = {"body": "Please look", "partner_ids": self.anna.partner_id.ids}
        self.leaves(lambda: self.document.message_post(**note), odoo=[ANNA])

    def test_05_a_to_do_of_a_colleague(self):
        def act():
            self.document.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.anna.id
            )

        self.leaves(act, odoo=[ANNA])

    def test_06_what_a_customer_answers_on_the_portal(self):
        visitor = self.person("visitor", "Visitor", "base.group_portal")
        self.document.message_subscribe(self.anna.partner_id.ids)

        def act():
            self.document.with_user(visitor).sudo().message_post(
                body="I have paid",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=visitor.partner_id.id,
            )

        self.leaves(act, odoo=[ANNA])

    def test_07_to_a_vendor(self):
        bill = self._post("in_invoice", self.today, 10, self.supplier)
        note = {"body": "When?", "partner_ids": self.supplier.ids}
        self.leaves(lambda: bill.message_post(**note), odoo=[self.supplier.email])

    def test_08_a_quotation(self):
        context = self.order().action_quotation_send()["context"]
        both = [CUSTOMER, self.env.user.email]  # Odoo writes to the salesperson, too
        self.leaves(lambda: self.compose(context), odoo=both)

    def test_09_an_order_that_is_confirmed(self):
        order = self.order().with_context(send_email=True)
        self.leaves(order.action_confirm, odoo=[CUSTOMER])

    def test_10_a_receipt_of_the_till(self):
        receipt = CUSTOMER, PIXEL, None
        order = self.buys(self.card)
        self.leaves(lambda: order.action_send_receipt(*receipt), odoo=[CUSTOMER])

    def test_11_a_password_that_is_reset(self):
        self.leaves(self.anna.sudo().action_reset_password, odoo=[ANNA])

    def test_12_somebody_is_invited(self):
        people = self.env["res.users"].sudo().with_context(no_reset_password=False)
        values = {
            "name": "Zoe",
            "login": CUSTOMER,
            "partner_id": self.customer.id,
            "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
        }
        self.leaves(lambda: people.create(values), odoo=[CUSTOMER])

    def test_13_a_digest(self):
        digest = self.env["digest.digest"].create(
            {"name": "Ours", "user_ids": [Command.set(self.anna.ids)]}
        )
        self.leaves(digest.sudo().action_send_manual, odoo=[ANNA])

    def test_14_to_a_customer_about_something_else(self):
        note = {"body": "Merry Christmas", "partner_ids": self.customer.ids}
        self.leaves(lambda: self.customer.message_post(**note), odoo=[CUSTOMER])


@tagged(*NEIGHBOUR)
class TestOtherEmailsSwitchedOff(TestOtherEmails):
    allow_inherited_tests_method = True
    on = False
