"""Emails of modules that take long to install: each leaves by the way it should.

``dev/test neighbours --large`` has them, and many of OCA's; elsewhere these tests are
not run.
"""

from odoo import Command, fields
from odoo.tests import tagged

from .test_other_emails import CUSTOMER, OtherEmailsCommon

LARGE = ("post_install", "-at_install", "-standard", "large")


@tagged(*LARGE)
class TestOtherEmailsLarge(OtherEmailsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "purchase.group_purchase_manager",
            "stock.group_stock_manager",
            "survey.group_survey_manager",
            "mass_mailing.group_mass_mailing_user",
        ):
            cls.env.user.group_ids |= cls.env.ref(group)

    def test_an_order_to_a_vendor(self):
        line = {"product_id": self.product_a.id, "product_qty": 1}
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "order_line": [Command.create(line)]}
        )
        context = order.with_context(send_rfq=True).action_rfq_send()["context"]
        both = [self.supplier.email, self.env.user.email]  # to the buyer, too
        self.leaves(lambda: self.compose(context), odoo=both)

    def test_a_survey(self):
        survey = self.env["survey.survey"].create(
            {
                "title": "How was it?",
                "access_mode": "token",
                "question_and_page_ids": [
                    Command.create({"title": "Well?", "question_type": "char_box"})
                ],
            }
        )
        context = survey.action_send_survey()["context"]
        invite = self.env["survey.invite"].with_context(**context)
        invite = invite.create({"partner_ids": [Command.set(self.customer.ids)]})
        self.leaves(invite.action_invite, odoo=[CUSTOMER])

    def test_a_mailing(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "A sale",
                "body_html": "<p>Cheap</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": repr([("id", "=", self.customer.id)]),
            }
        )
        self.leaves(mailing.action_send_mail, odoo=[CUSTOMER])

    def test_a_meeting(self):
        start = fields.Datetime.add(fields.Datetime.now(), days=1)
        meeting = {
            "name": "About what is open",
            "start": start,
            "stop": fields.Datetime.add(start, hours=1),
            "partner_ids": [Command.set(self.customer.ids)],
        }
        self.leaves(lambda: self.env["calendar.event"].create(meeting), odoo=[CUSTOMER])

    def test_goods_that_were_shipped(self):
        self.company.stock_move_email_validation = True
        order = self.order()
        order.action_confirm()
        shipped = order.picking_ids
        shipped.move_ids.quantity = 1
        shipped.move_ids.picked = True
        self.leaves(shipped.button_validate, odoo=[CUSTOMER])

    def test_what_is_deferred(self):
        """OCA's mail_post_defer: who has written it can take it back for 30 seconds."""

        def act():
            deferring = self.document.with_context(test_mail_post_defer=True)
            deferring.message_post(body="Hello", partner_ids=self.customer.ids)
            self.assertFalse(self.env["mail.mail"].sudo().search([]), "not yet")
            with self.later(minutes=1):
                self.env["mail.message.schedule"].sudo()._send_notifications_cron()

        self.leaves(act, mailbox=[CUSTOMER])


@tagged(*LARGE)
class TestOtherEmailsLargeSwitchedOff(TestOtherEmailsLarge):
    allow_inherited_tests_method = True
    on = False
