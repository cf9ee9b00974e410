from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import ConnectorCommon

ACTIVITY = "account_email_connector.activity_type_unsent"


@tagged("post_install", "-at_install", "coexist")
class TestNeverSent(ConnectorCommon):
    def explained(self, invoice):
        self.env.invalidate_all()
        return self.env["account.email.followup"]._explain(invoice)[invoice.id]

    def reason(self, invoice):
        return self.explained(invoice).reason

    def test_never_sent_never_chased(self):
        sent, never = self.invoice(20, 50), self.never_sent(10)
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, sent)
        self.assertEqual(self.reason(never), "never_sent")
        self.assertTrue(never.email_followup_unsent)
        self.assertFalse(sent.email_followup_unsent)

    def test_a_company_that_never_sends_by_odoo_sends_otherwise(self):
        never = self.never_sent(10)
        self.assertEqual(self.plan().line_ids.move_id, never)
        self.assertFalse(never.email_followup_unsent)
        self.assertIn("Odoo has never sent it", self.explained(never).text)

    def test_what_is_older_than_the_first_that_was_sent_came_from_elsewhere(self):
        old, new = self.never_sent(60), self.never_sent(10)
        self.invoice(30, partner=self.customer.copy())
        self.assertEqual(self.plan().line_ids.move_id - self._others(), old)
        self.assertEqual(self.reason(new), "never_sent")
        self.assertIn("never sent", self.explained(old).text)

    def _others(self):
        return self.env["account.move"].search([("is_move_sent", "=", True)])

    def test_each_company_has_its_own_habit(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(20)
        never = self.never_sent(10, company=other)
        planned = self.env["account.email.followup"]._plan(other)
        self.assertEqual(planned.line_ids.move_id, never)

    def test_a_plan_for_those_who_send_otherwise(self):
        self.env.ref("account_email_connector.plan_default").only_sent = False
        sent, never = self.invoice(20, 50), self.never_sent(10)
        self.assertEqual(self.plan().line_ids.move_id, sent + never)
        self.assertNotIn("never", self.explained(never).text)

    def test_new_plans_ask_only_for_what_was_sent(self):
        plan = self.env["account.email.followup.plan"].create({"name": "Ours"})
        self.assertTrue(plan.only_sent)

    def test_reset_to_draft_and_posted_again(self):
        invoice = self.invoice(10)
        self.assertEqual(self.reason(invoice), "due")
        invoice.button_draft()
        invoice.action_post()
        self.assertTrue(invoice.is_move_sent, "Odoo says it for good")
        self.assertEqual(self.reason(invoice), "never_sent")
        self.assertFalse(self.plan())
        invoice.is_move_sent = True
        self.assertEqual(self.reason(invoice), "due")

    def test_nothing_warns_before_it_is_due(self):
        """Every invoice is unsent at the moment when it is confirmed."""
        self.invoice(60, 50, partner=self.customer.copy())
        young, late = self.never_sent(-30), self.never_sent(10)
        self.assertEqual(self.reason(young), "never_sent", "its form says it, below")
        self.assertFalse(young.email_followup_waits)
        self.assertTrue(late.email_followup_waits)
        late.is_move_sent = True
        self.env.invalidate_all()
        self.assertFalse(late.email_followup_waits)

    def test_of_three_reasons_the_one_that_is_true(self):
        self.invoice(60, 50, partner=self.customer.copy())
        never, reset = self.never_sent(10), self.invoice(10)
        self.assertEqual(
            self.explained(never).text,
            "It was never sent to the customer: send it first.",
        )
        reset.button_draft()
        reset.action_post()
        self.assertEqual(
            self.explained(reset).text,
            "It was reset to draft since it was sent: send it again.",
        )

    def test_reset_after_it_was_planned(self):
        invoice = self.invoice(10)
        followup = self.plan()
        invoice.button_draft()
        invoice.action_post()
        self.run_action()
        self.assertEqual((followup.state, followup.reason), ("skipped", "never_sent"))
        self.assertFalse(self.mailbox.accepted)

    def test_credits_and_entries_are_never_unsent(self):
        self.invoice(60, 500)
        entry = self._opening(self.today - timedelta(days=20), 300)
        self.credit_note(100)
        followup = self.plan()
        self.assertIn(entry, followup.line_ids.move_id)
        self.assertEqual(followup.amount, 700)

    def _opening(self, day, amount):
        receivable = self.company_data["default_account_receivable"]
        other = self.company_data["default_account_revenue"]
        values = {"partner_id": self.customer.id, "date_maturity": day}
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    (0, 0, {"account_id": receivable.id, "debit": amount, **values}),
                    (0, 0, {"account_id": other.id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        entry.line_ids.no_followup = False
        return entry

    def test_send_and_print_begins_the_plan(self):
        self.invoice(60, 50, partner=self.customer.copy())
        never = self.never_sent(40)
        self.assertEqual(self.reason(never), "never_sent")
        wizard = self.env[never.action_send_and_print()["res_model"]]
        wizard = wizard.with_context(
            active_model="account.move", active_ids=never.ids
        ).create({})
        wizard.action_send_and_print()
        self.assertTrue(never.is_move_sent)
        found = self.explained(never)
        self.assertEqual((found.reason, found.step.days), ("not_yet", 3))
        self.assertEqual(found.date, self.today + timedelta(days=3))

    def test_said_to_be_sent_otherwise(self):
        self.invoice(60, 50, partner=self.customer.copy())
        never = self.never_sent(40)
        never.action_email_followup_sent()
        self.assertEqual(self.reason(never), "due")
        self.assertIn("Marked as sent", never.message_ids[0].body)

    def test_an_auditor_does_not_say_it(self):
        never = self.never_sent(40)
        auditor = new_test_user(self.env, "auditor", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            never.with_user(auditor).action_email_followup_sent()

    def test_found_by_a_filter(self):
        self.invoice(60)
        never, paid = self.never_sent(40), self.never_sent(30)
        self.pay(paid)
        found = self.env["account.move"].search([("email_followup_unsent", "=", True)])
        self.assertEqual(found, never)
        rest = self.env["account.move"].search([("email_followup_unsent", "=", False)])
        self.assertNotIn(never, rest)
        self.assertIn(paid, rest)

    # -- the to-do -----------------------------------------------------------------

    def todos(self):
        self.run_action()
        kind = self.env.ref(ACTIVITY)
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])

    def test_one_todo_however_many(self):
        self.invoice(60, 50, partner=self.customer.copy())
        for days in (5, 10, 20):
            self.never_sent(days, partner=self.customer.copy())
        self.never_sent(-5)
        todo = self.todos()
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.res_id, self.connector.id)
        self.assertIn("because of it: 3.", todo.note)
        self.assertIn("action_unsent_invoices", todo.note)
        self.assertEqual(self.todos(), todo)

    def test_the_todo_is_over_when_all_were_sent(self):
        self.invoice(60, 50, partner=self.customer.copy())
        never, other = self.never_sent(5), self.never_sent(6)
        self.assertTrue(self.todos())
        never.is_move_sent = True
        self.assertIn("because of it: 1.", self.todos().note)
        other.is_move_sent = True
        self.assertFalse(self.todos())

    def test_who_has_done_with_it_is_asked_when_another_falls_due(self):
        self.invoice(60, 50, partner=self.customer.copy())
        self.never_sent(5)
        self.todos().action_done()
        self.assertFalse(self.todos())
        self.never_sent(-1, partner=self.customer.copy())
        with freeze_time(self.today + timedelta(days=3)):
            self.assertTrue(self.todos())

    def test_nobody_is_asked_if_the_plan_does_not_care(self):
        self.env.ref("account_email_connector.plan_default").only_sent = False
        self.invoice(60, 50, partner=self.customer.copy())
        self.never_sent(5)
        self.assertFalse(self.todos())
