from datetime import timedelta

from odoo.tests import freeze_time, tagged

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
            [("move_line_id.move_id", "=", invoice.id), ("state", "=", "chased")]
        )
        return lines.followup_id
