"""What the form of a plan says, and asks."""

from odoo.tests import Form, tagged

from ..engine.planning import sharing
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestPlanForm(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default = cls.env.ref("account_email_connector.plan_default")

    # -- a number of which 0 would mean the opposite ----------------------------------

    def test_a_switch_opens_a_number(self):
        self.default.catch_up_days = 0
        with Form(self.default) as form:
            self.assertFalse(form.limits_lateness)
            form.limits_lateness = True
            self.assertEqual(form.catch_up_days, 10, "the usual number, to be changed")
            form.catch_up_days = 5
        self.assertEqual(self.default.catch_up_days, 5)
        with Form(self.default) as form:
            self.assertTrue(form.limits_lateness)
            form.limits_lateness = False
        self.assertEqual(self.default.catch_up_days, 0)

    def test_a_number_of_0_switches_it_off(self):
        self.default.waiting_days = 14
        with Form(self.default) as form:
            form.waiting_days = 0
            self.assertFalse(form.limits_waiting)

    def test_switches_leave_each_others_numbers_alone(self):
        self.default.write({"bank_line_days": 9, "last_times": 0, "bank_days": 4})
        self.default.write({"repeats_last": True, "holds_for_bank": False})
        found = self.default.read(["bank_line_days", "last_times", "bank_days"])[0]
        self.assertEqual(
            [found[name] for name in ("bank_line_days", "last_times", "bank_days")],
            [9, 1, 0],
        )

    def test_a_new_plan_begins_as_before(self):
        form = Form(self.env["account.email.followup.plan"])
        self.assertTrue(form.limits_waiting)
        self.assertTrue(form.awaits_matching)
        self.assertFalse(form.limits_lateness)
        form.name = "Ours"
        plan = form.save()
        self.assertEqual((plan.waiting_days, plan.catch_up_days), (14, 0))

    # -- which plan is in effect -------------------------------------------------------

    def test_the_mailbox_says_which_plan_is_in_effect_and_why(self):
        text = self.connector.followup_plan_text
        self.assertIn(f"“{self.default.name}”, the first shared one · ", text)
        self.assertIn("Friendly reminder (3 days) → Firm reminder (14 days)", text)
        self.assertEqual(self.connector.followup_plan_name, self.default.name)
        own = self.default.copy({"name": "Ours"})
        with Form(self.connector) as form:
            form.followup_plan_id = own
            self.assertIn("“Ours”, chosen for this company", form.followup_plan_text)
        self.assertIn("“Ours”, chosen", self.connector.followup_plan_text)
        own.active = False
        self.env.invalidate_all()
        self.assertIn("nobody is chased", self.connector.followup_plan_text)

    def test_a_branch_tells_of_its_parents_plan_as_the_planner_has_it(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        mailbox = self.connect(branch, "billing@branch.example")
        strict = self.default.copy({"name": "Strict"})
        for chosen, said in ((strict, "its parent company's"), (False, "first shared")):
            self.company.email_followup_plan_id = chosen
            self.env.invalidate_all()
            in_use = sharing.plan_in_use(branch.sudo())
            self.assertIn(in_use.name, mailbox.followup_plan_text)
            self.assertIn(said, mailbox.followup_plan_text)

    def test_who_owes_nothing_has_a_plan_too(self):
        self.assertIn("the company's · Friendly reminder", self.plan_of(self.customer))
        self.customer.email_followup_plan_id = self.default.copy({"name": "Gentle"})
        self.assertIn("“Gentle”, chosen for this", self.plan_of(self.customer))
        self.customer.email_followup_plan_id = False
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        self.customer.category_id = vip
        self.env["account.email.followup.plan.rule"].create(
            {"plan_id": self.default.id, "name": "Tag VIP", "tag_ids": vip.ids}
        )
        self.assertIn("by the rule “Tag VIP”", self.plan_of(self.customer))

    def plan_of(self, customer):
        self.env.invalidate_all()
        return customer.email_followup_plan_text
