import contextlib
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.planning import cases
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(ConnectorCommon):
    """Two records of one customer become one, while both are chased."""

    def setUp(self):
        super().setUp()
        self.twin = self.customer.copy({"name": "Blue Lake Ltd"})
        self.invoice(5)
        self.invoice(6, partner=self.twin)
        self.followups = self.plan()
        self.wizard = self.env["base.partner.merge.automatic.wizard"].create({})

    def merge(self):
        partners = self.customer + self.twin
        self.wizard._merge(partners.ids, self.customer, extra_checks=False)
        self.env.invalidate_all()

    def test_one_followup_stays_on_its_way(self):
        self.assertEqual(len(self.followups), 2)
        self.merge()
        self.assertEqual(sorted(self.followups.mapped("state")), ["planned", "skipped"])
        self.assertEqual(self.followups.partner_id, self.customer)
        skipped = self.followups.filtered(lambda each: each.state == "skipped")
        self.assertIn("merged", skipped.reason_text)
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_who_stands_in_the_worklist_twice(self):
        """Also where one of them owed something once, and paid."""
        rows = self.env["account.email.followup.case"]
        self.invoice(9, partner=self.twin)
        for owes in (True, False):
            cases.look(self.env, self.company)
            both = rows.search([("partner_id", "in", (self.customer + self.twin).ids)])
            self.assertEqual(len(both), 2)
            both[1].sudo().active = owes
            with self.subTest(owes=owes), contextlib.closing(self.env.cr.savepoint()):
                self.merge()
                cases.look(self.env, self.company)
                mine = [("company_id", "=", self.company.id), ("invoices", "=", 3)]
                self.assertEqual(rows.search(mine).partner_id, self.customer)
            self.env.invalidate_all()

    def test_three_of_several_plans(self):
        third = self.customer.copy({"name": "Third"})
        self.invoice(5, partner=third)
        self.followups |= self.plan()
        plan = self.env.ref("account_email_connector.plan_default")
        self.followups[-1].plan_id = plan.copy({"name": "Strict"})
        partners = self.customer + self.twin + third
        self.wizard._merge(partners.ids, self.customer, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(self.followups.mapped("state").count("skipped"), 2)

    def test_skipped_together_of_several_plans(self):
        plan = self.env.ref("account_email_connector.plan_default")
        self.followups[0].plan_id = plan.copy({"name": "Strict"})
        self.followups.action_skip()
        self.assertEqual(set(self.followups.mapped("state")), {"skipped"})
        self.assertEqual(set(self.followups.mapped("done_on")), {self.today})

    def test_the_one_that_is_being_sent_stays(self):
        self.followups[1].state = "sending"
        self.merge()
        self.assertEqual(self.followups.mapped("state"), ["skipped", "sending"])

    def test_not_while_both_are_being_sent(self):
        self.followups.state = "sending"
        with self.assertRaises(UserError):
            self.merge()


@tagged("post_install", "-at_install")
class TestBecomesContact(ConnectorCommon):
    """A person who was chased becomes a contact of a company, with all invoices."""

    def setUp(self):
        super().setUp()
        self.invoice(40)
        self.followup = self.plan()
        self.group = self.env["res.partner"].create(
            {"name": "Lakes", "is_company": True, "email": "pay@lakes.example"}
        )

    def join(self):
        self.customer.parent_id = self.group

    def test_what_was_sent_counts(self):
        self.run_action()
        self.join()
        self.assertFalse(self.plan())
        later = self.plan(self.today + timedelta(days=15))
        self.assertEqual(later.partner_id, self.group)
        self.assertEqual(later.step_id.name, "Firm reminder")
        self.assertEqual(self.group.email_followup_count, 2)
        found = self.env["account.email.followup"].search(
            self.group.action_email_followups()["domain"]
        )
        self.assertEqual(found, self.followup | later)

    def test_what_is_on_its_way_leaves_once(self):
        self.join()
        self.assertFalse(self.plan())
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_another_one_by_hand_takes_its_place(self):
        self.join()
        action = self.group.action_email_followup_compose()
        self.env[action["res_model"]].browse(action["res_id"]).action_send()
        self.assertEqual(self.followup.state, "skipped")
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)
