"""What goes in the next days, and by whom: in the worklist."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..engine.planning import forewarning
from .common import ConnectorCommon

MONDAY = "2026-03-09 12:00:00"


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestComing(ConnectorCommon):
    def coming(self):
        """Who is listed, as the menu, the mailbox and the email of the day before open
        the page."""
        action = self.env["account.email.followup.case"].action_open_coming()
        self.assertIn("search_default_next_14_days", action["context"])
        soon = [("next_date", "<=", "today +14d")]
        here = [("company_id", "=", self.company.id)]
        return self.env[action["res_model"]].search(soon + here)

    def time_passes(self):
        """All of a test is one moment, for Odoo."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01'")
        self.cases()

    def test_when_what_and_how_much(self):
        self.invoice(-4)
        self.invoice(-5, 30)  # fallen due by then, too
        self.invoice(-30, partner=self.customer.copy())
        row = self.coming()
        step = self.env.ref("account_email_connector.step_friendly")
        self.assertEqual(row.partner_id, self.customer)
        self.assertEqual(row.next_date, self.today + timedelta(days=7))
        self.assertEqual((row.step_id, row.next_channel), (step, "email"))
        self.assertEqual(row.next_amount, 130)
        followup = self.plan(row.next_date)
        self.assertEqual((followup.partner_id, followup.amount), (self.customer, 130))
        self.assertEqual(followup.step_id, step)

    def test_only_what_will_go(self):
        small = self.customer.copy({"email": "small@goes.example"})
        self.invoice(-5, 3, partner=small)
        self.env.ref("account_email_connector.plan_default").minimum_amount = 10
        self.invoice(-5)
        self.assertEqual(self.coming().partner_id, self.customer)
        self.connector.action_disconnect()
        self.assertFalse(self.coming())

    def test_what_comes_back_is_said_to_go_on_that_day(self):
        invoice = self.invoice(40)
        invoice.email_followup_resume_on = self.today + timedelta(days=3)
        row = self.coming()
        self.assertEqual(row.next_date, self.today + timedelta(days=3))
        self.assertTrue(self.plan(row.next_date))

    def test_a_call_is_somebodys_to_do(self):
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"channel": "todo", "name": "Call them"})
        self.invoice(2)
        row = self.coming()
        self.assertEqual((row.todo, row.next_channel), ("yours", "todo"))
        self.assertEqual(row.next_date, self.today + timedelta(days=1))

    def test_skipped_it_comes_later(self):
        self.invoice(-4)
        row = self.coming()
        day = row.next_date
        row.action_skip()
        self.assertGreater(row.next_date, day, "it is known at once")
        self.assertFalse(self.plan(day))

    def test_of_whom_nothing_comes(self):
        self.invoice(-4)
        self.customer.email_followup_excluded = True
        row = self.case()
        for act in (row.action_skip, row.action_preview):
            with self.assertRaisesRegex(UserError, "Nothing comes"):
                act()
        self.assertFalse(self.env["account.email.followup"].search([]))

    def test_the_email_is_shown_as_it_will_go(self):
        """From the company of that row, where a customer owes two."""
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        first, second = self.invoice(-4, company=other), self.invoice(-5)
        rows = self.env["account.email.followup.case"]
        rows.action_open()
        for company, invoice in ((other, first), (self.company, second)):
            row = rows.search([("company_id", "=", company.id)])
            action = row.action_preview()
            preview = self.env[action["res_model"]].with_context(**action["context"])
            with Form(preview) as form:
                self.assertIn(invoice.name, form.body)
                self.assertIn(company.name, form.subject)

    def test_what_is_written_already_is_shown_and_skipped(self):
        self.invoice(5)
        followup = self.plan()
        row = self.coming()
        self.assertEqual(row.action_preview()["res_id"], followup.id)
        row.action_skip()
        self.assertEqual(followup.state, "skipped")

    def test_what_is_written_waits_as_it_will(self):
        """A pause, the bank, a stop: the page says what becomes of it."""
        self.invoice(5)
        followup = self.plan()
        row = self.coming()
        self.assertEqual((row.todo, row.next_date), ("goes", self.today))
        until = self.today + timedelta(days=9)
        self.time_passes()
        self.customer.email_followup_paused_until = until
        self.assertEqual(self.case().next_date, until + timedelta(days=1))
        self.time_passes()
        self.customer.email_followup_paused_until = False
        self.connector.chasing = "off"
        row = self.case()
        self.assertEqual((row.todo, row.next_date), ("not_started", False))
        self.assertEqual(followup.state, "planned")

    def test_it_asks_for_what_was_chosen_by_hand(self):
        self.invoice(5, 60)
        chosen = self.invoice(5, 80)
        action = chosen.action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer.action_send()
        row = self.case()
        self.assertEqual((row.next_date, row.next_amount), (self.today, 80))

    def test_after_hours_it_goes_on_the_next_day(self):
        """Also if it was said this morning that it goes today."""
        plan = self.env.ref("account_email_connector.plan_default")
        plan.write({"tz": "UTC", "from_hour": 9, "until_hour": 17})
        self.invoice(5)
        self.cases()
        self.assertEqual(self.case().next_date, self.today)
        with freeze_time(f"{self.today} 18:00:00"):
            self.env["account.email.followup.case"].action_open()
            row = self.env["account.email.followup.case"].search(
                [("partner_id", "=", self.customer.id)]
            )
            self.assertEqual(row.next_date, self.today + timedelta(days=1))

    def test_the_page_counts_from_what_it_is_about(self):
        """Not from what is in dispute, or of whom another hears."""
        self.invoice(40)._email_followup_dispute("Wrong price")
        late = self.invoice(5)
        row = self.case()
        self.assertEqual(row.oldest_due_date, self.today - timedelta(days=40))
        self.assertEqual(row.counts_from, late.invoice_date_due)

    def test_telling_of_the_next_day_is_no_change_of_the_plan(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.write({"forewarn": True, "tz": "UTC", "responsible_id": self.env.user.id})
        self.env.user.email = "told@acme.example"
        self.invoice(2)
        self.cases()
        signature = self.case().sudo().signature
        self.assertTrue(forewarning.forewarn(self.env))
        self.assertEqual(plan.forewarned_on, self.today)
        self.assertEqual(self.case().sudo().signature, signature)

    def test_whoever_only_reads_changes_nothing(self):
        self.invoice(-4)
        row = self.case()
        auditor = new_test_user(
            self.env,
            "coming_auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        row = row.with_user(auditor)
        self.assertTrue(row.next_date)
        row.action_open_coming()
        for act in (row.action_skip, row.action_preview):
            with self.assertRaises(AccessError):
                act()

    def test_after_a_bulk_the_rows_are_fresh(self):
        customers = self.customer + self.customer.copy({"email": "b@b.example"})
        for customer in customers:
            self.invoice(5, partner=customer)
        rows = self.cases()
        self.assertEqual(set(rows.mapped("reason")), {"due"})
        action = rows.action_compose()
        self.env[action["res_model"]].browse(action["res_id"]).action_send()
        self.assertEqual(set(rows.mapped("reason")), {"followup_open"})

    def test_the_digest_looks_only_at_whom_something_may_go_to(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.write({"forewarn": True, "tz": "UTC"})
        self.invoice(2)
        self.invoice(-30, partner=self.customer.copy({"name": "In a month"}))
        paused = self.customer.copy({"name": "Paused", "email": "p@p.example"})
        self.invoice(2, partner=paused)
        paused.email_followup_paused_until = self.today + timedelta(days=9)
        self.cases()
        tomorrow = self.today + timedelta(days=1)
        units = forewarning.Units(self.env)
        self.assertEqual(forewarning.cases.may_hear(units, tomorrow), self.customer)
        self.time_passes()
        paused.email_followup_paused_until = False  # nobody has decided since
        found = forewarning.by_reader(self.env, plan)
        told = [each.decided.customer.id for each in sum(found.values(), [])]
        self.assertEqual(set(told), {self.customer.id, paused.id})
