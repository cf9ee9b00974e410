from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.incoming.heed import answered
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestBranches(ConnectorCommon):
    """A branch that connects a mailbox of its own, or disconnects it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._create_company(name="Branch", parent_id=cls.company.id)

    def connect_branch(self):
        return self.connect(self.branch, "billing@branch.example")

    def plan_all(self, days=0):
        companies = self.company + self.branch
        return self.env["account.email.followup"]._plan(
            companies, self.today + timedelta(days=days)
        )

    def send_all(self, days=0):
        """Let a day in the future come, and the scheduled action run."""
        with freeze_time(f"{self.today + timedelta(days=days)} 12:00:00"):
            self.run_action()

    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id]

    # -- from the branch to the parent -----------------------------------------------

    def test_the_parent_goes_on_where_the_branch_had_stopped(self):
        mailbox = self.connect_branch()
        invoice = self.invoice(20, company=self.branch)
        self.send_all()
        (email,) = self.mailbox.accepted
        self.assertIn("billing@branch.example", str(email.message["From"]))
        mailbox.action_disconnect()
        self.send_all(1)
        self.assertEqual(len(self.mailbox.accepted), 1, "an email a day later")
        followup = self.plan_all(12)
        self.assertEqual(followup.company_id, self.company)
        self.assertEqual(followup.line_ids.move_id, invoice)
        self.assertEqual(followup.step_id.days, 14, "the first step again")

    def test_what_the_branch_had_planned_leaves_from_the_parent(self):
        mailbox = self.connect_branch()
        self.invoice(5, company=self.branch)
        waiting = self.plan_all()
        self.assertEqual(waiting.connector_id, mailbox)
        mailbox.action_disconnect()
        self.send_all()
        (email,) = self.mailbox.accepted
        self.assertIn("accounting@acme.example", str(email.message["From"]))
        self.assertEqual((waiting.state, waiting.reason), ("skipped", "elsewhere"))
        self.assertIn("another mailbox", waiting.reason_text)
        self.connect_branch()
        self.send_all()
        self.assertEqual(len(self.mailbox.accepted), 1, "the same reminder twice")

    def test_with_a_plan_of_its_own_it_goes_on_from_the_parents_mailbox(self):
        self.branch.email_followup_plan_id = self.env.ref(
            "account_email_connector.plan_default"
        )
        mailbox = self.connect_branch()
        self.invoice(5, company=self.branch)
        waiting = self.plan_all()
        mailbox.action_disconnect()
        self.send_all()
        (email,) = self.mailbox.accepted
        self.assertIn("accounting@acme.example", str(email.message["From"]))
        self.assertEqual(waiting.state, "skipped")

    def test_without_any_mailbox_left_it_waits(self):
        mailbox = self.connect_branch()
        self.invoice(5, company=self.branch)
        waiting = self.plan_all()
        self.connector.action_disconnect()
        mailbox.action_disconnect()
        self.send_all()
        self.assertEqual(waiting.state, "planned")
        self.connect_branch()
        self.send_all()
        self.assertEqual(waiting.state, "sent")

    # -- from the parent to the branch -----------------------------------------------

    def test_the_branch_goes_on_where_the_parent_had_stopped(self):
        self.invoice(20)
        invoice = self.invoice(20, company=self.branch)
        self.send_all()
        self.assertEqual(len(self.mailbox.accepted), 1)
        mailbox = self.connect_branch()
        self.send_all(1)
        self.assertEqual(len(self.mailbox.accepted), 1, "an email a day later")
        followups = self.plan_all(12)
        self.assertEqual([each.step_id.days for each in followups], [14, 14])
        its = followups.filtered(lambda followup: followup.connector_id == mailbox)
        self.assertEqual(its.line_ids.move_id, invoice)

    def test_what_the_parent_had_planned_is_the_branchs_by_now(self):
        invoice = self.invoice(5, 70, company=self.branch)
        waiting = self.plan_all()
        self.assertEqual(waiting.company_id, self.company)
        mailbox = self.connect_branch()
        self.assertFalse(self.plan_all(), "two follow-ups for one invoice")
        self.send_all()
        self.assertEqual((waiting.state, waiting.reason), ("skipped", "elsewhere"))
        self.assertNotIn("Paid", waiting.line_ids.reason_text)
        self.assertFalse(self.mailbox.accepted)
        self.send_all()
        (email,) = self.mailbox.accepted
        self.assertIn("billing@branch.example", str(email.message["From"]))
        self.assertEqual(mailbox, self.followup_of(invoice).connector_id)

    def test_the_branch_does_not_wait_for_a_mailbox_that_its_parent_gave_up(self):
        self.invoice(5, 100)
        invoice = self.invoice(5, 70, company=self.branch)
        waiting = self.plan_all()
        self.assertEqual(waiting.amount, 170)
        self.connector.action_disconnect()
        mailbox = self.connect_branch()
        self.send_all()
        its = self.followup_of(invoice) - waiting
        self.assertEqual((its.state, its.amount), ("sent", 70))
        self.assertEqual(its.connector_id, mailbox)
        self.assertEqual(waiting.state, "planned")
        self.connect(self.company, "accounting@acme.example")
        self.send_all(1)
        self.assertEqual((waiting.state, waiting.amount), ("sent", 100))
        self.assertEqual(len(self.mailbox.accepted), 2)

    def check_asked_for_once(self, by_hand, days):
        """The branch has no mailbox any more when the parent has one again."""
        self.invoice(5, 100)
        invoice = self.invoice(5, 70, company=self.branch)
        waiting = self.plan_all()
        waiting.by_hand = by_hand
        pdf = self.stored_pdf(invoice)
        waiting.attachment_ids = pdf
        self.connector.action_disconnect()
        mailbox = self.connect_branch()
        self.send_all()
        self.assertEqual(len(self.mailbox.accepted), 1)
        mailbox.action_disconnect()
        self.connect(self.company, "accounting@acme.example")
        self.send_all(days)
        self.assertEqual((waiting.state, waiting.amount), ("sent", 100))
        self.assertNotIn(invoice, waiting._chased_lines().move_id)
        self.assertNotIn(pdf, waiting.attachment_ids)

    def stored_pdf(self, invoice):
        pdf = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        invoice.invalidate_recordset()
        return pdf

    def test_what_a_branch_has_asked_for_its_parent_does_not_ask_for_again(self):
        plan = self.env.ref("account_email_connector.plan_by_invoice")
        self.customer.email_followup_plan_id = plan
        self.check_asked_for_once(by_hand=False, days=8)

    def test_nor_in_an_email_by_hand(self):
        self.check_asked_for_once(by_hand=True, days=1)

    def test_what_lists_only_a_branchs_invoices_is_given_up(self):
        invoice = self.invoice(5, 70, company=self.branch)
        waiting = self.plan_all()
        self.connector.action_disconnect()
        self.connect_branch()
        self.send_all()
        self.assertEqual((waiting.state, waiting.reason), ("skipped", "elsewhere"))
        self.assertEqual(self.followup_of(invoice).state, "sent")

    def test_the_parent_asks_for_its_own_only_once_the_branch_has_a_mailbox(self):
        own, other = self.invoice(5, 100), self.invoice(5, 70, company=self.branch)
        waiting = self.plan_all()
        self.connect_branch()
        self.send_all()
        self.assertEqual((waiting.state, waiting.amount), ("sent", 100))
        dropped = waiting.line_ids.filtered(lambda line: line.state == "dropped")
        self.assertEqual((dropped.move_id, dropped.reason), (other, "elsewhere"))
        self.assertEqual(waiting._chased_lines().move_id, own)

    def followup_of(self, invoice):
        lines = self.env["account.email.followup.line"].search(
            [("move_ref", "=", invoice.id), ("state", "=", "chased")]
        )
        return lines.followup_id

    # -- what is noted on a customer -------------------------------------------------

    def pause(self, company, choice, days=0):
        self.env["account.email.followup.pause"].with_company(company).create(
            {
                "partner_ids": self.customer.ids,
                "choice": choice,
                "until": self.today + timedelta(days=days),
            }
        ).action_confirm()

    def test_of_two_pauses_the_longer_one_counts(self):
        invoice = self.invoice(5, company=self.branch)
        over = self.today - timedelta(days=30)
        self.customer.email_followup_paused_until = over
        running = self.customer.with_company(self.branch)
        running.email_followup_paused_until = self.today + timedelta(days=9)
        self.assertFalse(self.plan_all())
        self.assertEqual(self.reason(invoice).reason, "paused")

    def test_a_branch_takes_back_its_parents_pause(self):
        self.invoice(5, company=self.branch)
        self.pause(self.company, "until", 9)
        self.assertFalse(self.plan_all())
        self.pause(self.branch, "resume")
        self.assertTrue(self.plan_all())

    def test_a_branch_takes_back_never(self):
        self.invoice(5, company=self.branch)
        self.pause(self.company, "never")
        self.assertFalse(self.plan_all())
        self.pause(self.branch, "resume")
        self.assertTrue(self.plan_all())

    def test_a_pause_is_not_another_companys(self):
        self.connect_branch()
        self.invoice(5, company=self.branch)
        self.pause(self.company, "never")
        self.assertEqual(self.plan_all().company_id, self.branch)

    def test_a_branch_goes_on_after_an_answer_to_the_parents_email(self):
        self.invoice(20, company=self.branch)
        self.send_all()
        answered(self.env["account.email.followup"].search([("state", "=", "sent")]))
        customer = self.customer.with_company(self.branch)
        self.assertTrue(customer.email_followup_answered, "the button is hidden")
        user = new_test_user(
            self.env,
            "branch_billing",
            "account.group_account_invoice",
            company_id=self.branch.id,
            company_ids=[Command.set(self.branch.ids)],
        )
        customer.with_user(user).with_context(
            allowed_company_ids=self.branch.ids
        ).action_email_followup_go_on()
        self.assertFalse(self.customer.email_followup_answered)
        self.assertTrue(self.plan_all(12))
