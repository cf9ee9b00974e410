from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.planning import ends
from ..rules import Reason
from .common import ConnectorCommon

KIND = "account_email_connector.activity_type_all_steps_done"


@tagged("post_install", "-at_install")
class TestLadderEnd(ConnectorCommon):
    """Every step was sent, and money is still owed: a person is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_plan = cls.env.ref("account_email_connector.plan_default")
        cls.default_plan.responsible_id = new_test_user(
            cls.env,
            "rita",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.last = cls.default_plan.step_ids.sorted("days")[-1]

    def sent(self, invoices, days_ago=10, step=None):
        """The follow-up with the last step, sent so many days ago."""
        step = step or self.last
        values = {
            "company_id": self.company.id,
            "connector_id": self.connector.id,
            "partner_id": invoices.partner_id.commercial_partner_id.id,
            "plan_id": self.default_plan.id,
            "step_id": step.id,
            "step_days": step.days,
            "step_position": 2,
            "by_hand": True,  # it may jump
            "state": "sent",
            "planned_date": self.today - timedelta(days=days_ago),
            "done_on": self.today - timedelta(days=days_ago),
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "move_line_ref": line.id,
                        "move_ref": line.move_id.id,
                        "currency_ref": line.currency_id.id,
                        "due_date": line.date_maturity,
                        "amount": line.amount_residual,
                    },
                )
                for line in invoices._receivable_lines()
            ],
        }
        return self.env["account.email.followup"].sudo().create(values)

    def todos(self, customer=None):
        return (customer or self.customer).activity_ids.filtered(
            lambda each: each.activity_type_id == self.env.ref(KIND)
        )

    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id].reason

    def test_the_responsible_is_told_once(self):
        followup = self.sent(self.invoice(45))
        self.assertFalse(self.plan())
        todo = self.todos()
        self.assertEqual(todo.user_id, self.default_plan.responsible_id)
        self.assertIn(f'data-oe-id="{followup.id}"', todo.note)
        self.plan()
        self.plan(self.today + timedelta(days=1))
        self.assertEqual(self.todos(), todo)
        todo.action_feedback(feedback="I have called")
        self.plan(self.today + timedelta(days=2))
        self.assertFalse(self.todos(), "not one a day")

    def test_cancelled_it_does_not_come_back(self):
        self.sent(self.invoice(45))
        self.plan()
        self.todos().unlink()
        self.plan(self.today + timedelta(days=1))
        self.assertFalse(self.todos())

    def test_the_customer_has_time_to_pay(self):
        self.sent(self.invoice(45), days_ago=2)
        self.plan()
        self.assertFalse(self.todos())
        self.plan(self.today + timedelta(days=5))
        self.assertTrue(self.todos())

    def test_it_ends_when_paid(self):
        invoice = self.invoice(45)
        self.sent(invoice)
        self.plan()
        self.pay(invoice)
        self.run_action()
        self.assertFalse(self.todos())

    def test_it_stays_while_something_is_owed(self):
        invoice = self.invoice(45)
        self.sent(invoice)
        self.plan()
        todo = self.todos()
        self.pay(invoice, 30)
        self.run_action()
        self.assertEqual(self.todos(), todo)

    def test_it_comes_again_after_a_broken_promise(self):
        self.sent(self.invoice(45))
        self.plan()
        self.env["account.email.promise"].create(
            {"partner_id": self.customer.id, "until": self.today + timedelta(days=2)}
        )
        self.run_action()
        self.assertFalse(self.todos())
        with freeze_time(f"{self.today + timedelta(days=20)} 10:00:00"):
            self.run_action()
            self.assertTrue(self.todos())

    def test_another_invoice_comes_to_the_end(self):
        self.sent(self.invoice(45))
        self.plan()
        self.todos().action_feedback()
        self.sent(self.invoice(40))
        self.plan()
        self.assertTrue(self.todos())

    def test_a_contact_has_what_was_sent(self):
        """A person who was chased has become a contact of a company."""
        self.sent(self.invoice(45))
        company = self.env["res.partner"].create(
            {"name": "Lake Group", "is_company": True}
        )
        self.customer.parent_id = company
        self.plan()
        self.assertTrue(self.todos(company))
        self.assertFalse(self.todos())

    def test_who_wants_no_such_todos(self):
        self.env.ref(KIND).sudo().unlink()
        self.sent(self.invoice(45))
        self.plan()
        ends.take_back(self.env(su=True))
        self.assertFalse(self.customer.activity_ids)

    def test_many_take_no_more_statements_than_one(self):
        def statements(number):
            for each in range(number):
                customer = self.customer.copy(
                    {"email": f"c{each}{number}@many.example"}
                )
                self.sent(self.invoice(45, partner=customer))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements(1)
        few, many = statements(2), statements(20)
        self.assertLess(many - few, 20, "less than one for each")
        self.assertLessEqual(statements(0), 12, "none when nobody comes to the end")

    # -- filters ---------------------------------------------------------------------

    def test_filters(self):
        ended, young = self.invoice(45), self.invoice(4)
        self.sent(ended)
        other = self.customer.copy({"email": "o@other.example"})
        fresh = self.invoice(45, partner=other)
        moves, partners = self.env["account.move"], self.env["res.partner"]
        done = [("email_followup_ended", "=", True)]
        self.assertEqual(moves.search(done), ended)
        self.assertIn(self.customer, partners.search(done))
        self.assertNotIn(other, partners.search(done))
        mine = [("id", "in", (ended + young + fresh).ids)]
        self.assertEqual(
            moves.search([("email_followup_ended", "=", False), *mine]), young + fresh
        )
        self.assertEqual((ended + young).mapped("email_followup_ended"), [True, False])
        self.assertTrue(self.customer.email_followup_ended)
        self.pay(ended)
        self.assertFalse(moves.search(done))
        self.assertNotIn(self.customer, partners.search(done))

    def test_filters_are_of_the_companies_in_use(self):
        self.sent(self.invoice(45))
        other = self._create_company(name="Other")
        moves = self.env["account.move"].with_context(allowed_company_ids=other.ids)
        self.assertFalse(moves.search([("email_followup_ended", "=", True)]))

    def test_filters_are_for_accounting(self):
        seller = new_test_user(self.env, "seller", "base.group_user")
        partners = self.env["res.partner"].with_user(seller)
        with self.assertRaises(AccessError):
            partners.search([("email_followup_ended", "=", True)])

    # -- the last step again -----------------------------------------------------------

    def test_off_by_default(self):
        self.assertFalse(self.default_plan.last_times)
        self.assertFalse(self.env["account.email.followup.plan"].new().last_times)

    def test_the_last_step_again(self):
        self.default_plan.write({"last_every": 10, "last_times": 1})
        invoice = self.invoice(45)
        self.sent(invoice, days_ago=9)
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.NOT_YET)
        tomorrow = self.today + timedelta(days=1)
        with freeze_time(f"{tomorrow} 10:00:00"):
            followup = self.plan()
            self.assertEqual(followup.step_id, self.last)
            self.assertEqual(followup.step_position, 2, "it keeps its rank")
            if followup.state == "to_review":
                followup.action_approve()
            self.run_action()
            self.assertEqual(followup.state, "sent")
        later = self.today + timedelta(days=30)
        with freeze_time(f"{later} 10:00:00"):
            self.assertFalse(self.plan())
            self.assertEqual(self.reason(invoice), Reason.ALL_STEPS_DONE)
            self.assertTrue(self.todos())
