from datetime import timedelta

from odoo.tests import freeze_time, tagged

from ..engine.followup import retention
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestRetention(ConnectorCommon):
    """The exact copy of an old email goes when all that it asked for is settled."""

    def setUp(self):
        super().setUp()
        self.invoices = self.invoice(20) + self.invoice(10)
        self.plan()
        self.run_action()
        self.followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(self.followup.state, "sent")

    def forget(self, days):
        with freeze_time(self.today + timedelta(days=days)):
            self.env["account.email.followup"]._gc_mails()
        self.env.invalidate_all()
        return not self.followup.sudo().mail_id

    def test_old_and_settled(self):
        followup = self.followup
        message = followup.mail_message_id
        self.pay(self.invoices[0])
        self.assertFalse(self.forget(400), "one is open still")
        self.pay(self.invoices[1])
        self.assertFalse(self.forget(retention.KEPT_DAYS), "it is not old enough")
        subject = followup.email_subject
        self.assertTrue(self.forget(retention.KEPT_DAYS + 1))
        self.assertEqual(followup.state, "sent")
        self.assertEqual(followup.mail_message_id, message)
        self.assertEqual(followup.email_subject, subject)
        for invoice in self.invoices:
            self.assertIn(invoice.name, followup.email_html)
        self.assertTrue(message.notification_ids)
        self.assertEqual(followup.sent_to, "pay@bluelake.example")

    def test_open_again_in_other_items(self):
        """Other terms of payment: what the email has listed is gone."""
        lines = self.followup.sudo().line_ids
        lines.move_line_ref = 2**31 - 1
        self.assertFalse(self.forget(400))
        for invoice in self.invoices:
            self.pay(invoice)
        self.assertTrue(self.forget(400))

    def test_what_was_settled_lately_may_be_open_again(self):
        for days, forgotten in ((1, False), (retention.SETTLED_DAYS + 1, True)):
            with freeze_time(self.today + timedelta(days=400)):
                for invoice in self.invoices.filtered("amount_residual"):
                    self.pay(invoice)
            reconciled = self.invoices.line_ids.full_reconcile_id
            self.assertTrue(reconciled)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_full_reconcile SET create_date = %s WHERE id = ANY(%s)",
                [self.today + timedelta(days=400), reconciled.ids],
            )
            with self.subTest(days):
                self.assertEqual(self.forget(400 + days), forgotten)

    def test_its_copy_is_not_filed_yet(self):
        self.pay(self.invoices[0])
        self.pay(self.invoices[1])
        self.followup.sudo().delivery_id.sent_copy = "owed"
        self.assertFalse(self.forget(400))
