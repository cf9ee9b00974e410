from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.planning.forewarning import told_today
from ..rules import Calendar
from .common import ConnectorCommon

WEDNESDAY = date(2026, 3, 11)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-11 12:00:00")
class TestDigest(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.responsible = new_test_user(
            cls.env,
            "digest_reader",
            "account.group_account_invoice",
            company_id=cls.company.id,
            email="anne@acme.example",
        )
        cls.default = cls.env.ref("account_email_connector.plan_default")
        cls.default.write(
            {"forewarn": True, "responsible_id": cls.responsible.id, "tz": "UTC"}
        )

    def run_digest(self):
        """Run the scheduled action; return the emails that it has queued."""
        before = self.env["mail.mail"].search([])
        cron = self.env.ref("account_email_connector.ir_cron_forewarn")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        return self.env["mail.mail"].search([]) - before

    def test_tells_what_goes_out_tomorrow(self):
        self.invoice(2, 1234.5)  # overdue for three days tomorrow
        other = self.customer.copy({"name": "Not before Friday"})
        self.invoice(1, partner=other)
        mail = self.run_digest()
        self.assertEqual(mail.recipient_ids, self.responsible.partner_id)
        self.assertIn("03/12/2026: 1", mail.subject)
        for told in ("Thursday", "Blue Lake", "Friendly reminder", "1,234.50", "Acme"):
            self.assertIn(told, mail.body_html)
        self.assertIn("action_open_upcoming", mail.body_html)
        self.assertNotIn("Not before Friday", mail.body_html)

    def test_what_it_tells_goes_out(self):
        self.invoice(2)
        self.assertTrue(self.run_digest())
        with freeze_time("2026-03-12 12:00:00"):
            self.assertTrue(self.plan())
            self.assertFalse(self.run_digest(), "what is under way is no news")

    def test_nothing_is_due(self):
        self.invoice(1)
        self.assertFalse(self.run_digest())

    def test_what_is_due_today_is_no_news(self):
        self.invoice(3)
        self.assertFalse(self.run_digest())

    def test_only_if_wanted(self):
        self.default.forewarn = False
        self.invoice(2)
        self.assertFalse(self.run_digest())

    def test_once_a_day_however_often_it_runs(self):
        self.invoice(2)
        self.assertEqual(len(self.run_digest()), 1)
        self.invoice(2, partner=self.customer.copy({"email": "late@b.example"}))
        self.assertFalse(self.run_digest())
        with freeze_time("2026-03-12 12:00:00"):
            self.plan()
            self.invoice(1, partner=self.customer.copy({"email": "new@b.example"}))
            self.assertEqual(len(self.run_digest()), 1)

    def test_through_the_normal_mail_server(self):
        self.connector.sends_accounting_emails = True
        self.invoice(2)
        mail = self.run_digest()
        self.assertFalse(mail._owners())
        self.assertEqual(mail.state, "outgoing")

    def test_in_the_readers_language(self):
        self.responsible.lang = "fr_FR"
        step = self.env.ref("account_email_connector.step_friendly")
        step.with_context(lang="fr_FR").name = "Rappel aimable"
        self.invoice(2, 1234.5)
        mail = self.run_digest()
        body = mail.body_html.replace("\u202f", " ").replace("\xa0", " ")
        for told in ("jeudi", "Rappel aimable", "1 234,50"):
            self.assertIn(told, body)

    def test_without_a_responsible_whoever_connected_the_mailbox(self):
        self.default.responsible_id = False
        self.connector.connected_by_id = self.responsible
        self.invoice(2)
        self.assertEqual(self.run_digest().recipient_ids, self.responsible.partner_id)

    def test_not_to_somebody_of_another_company(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(2, 100)
        self.invoice(2, 70, company=other)
        to_reader, to_other = self.run_digest().sorted(
            lambda mail: mail.recipient_ids != self.responsible.partner_id
        )
        self.assertNotIn("Other", to_reader.body_html)
        self.assertEqual(to_other.recipient_ids, self.env.user.partner_id)
        self.assertIn("Other", to_other.body_html)
        self.assertNotIn("Acme", to_other.body_html)

    def test_not_to_somebody_who_may_not_read_follow_ups(self):
        """It names customers and amounts."""
        secretary = new_test_user(
            self.env, "digest_secretary", "base.group_user", email="s@acme.example"
        )
        secretary.write({"company_ids": [(4, self.company.id)]})
        self.default.responsible_id = secretary
        self.invoice(2)
        mail = self.run_digest()
        self.assertEqual(mail.recipient_ids, self.connector.connected_by_id.partner_id)

    def test_one_email_for_all_companies_and_plans(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.responsible.company_ids = [Command.link(other.id)]
        self.invoice(2, 100)
        self.invoice(2, 70, company=other)
        body = self.run_digest().body_html
        self.assertIn("Acme", body)
        self.assertIn("Other", body)

    def test_says_what_does_not_go_by_itself(self):
        step = self.env.ref("account_email_connector.step_friendly")
        self.invoice(2)
        remarks = {
            "review it first": lambda: step.write({"review": True}),
            "A to-do": lambda: (
                step.write({"review": False}),
                self.customer.write({"email": False}),
            ),
            "connected again": lambda: (
                self.customer.write({"email": "pay@bluelake.example"}),
                self.connector.write({"state": "error"}),
            ),
        }
        for remark, happens in remarks.items():
            with self.subTest(remark):
                happens()
                self.default.forewarned_on = False
                self.assertIn(remark, self.run_digest().body_html)

    def test_a_disconnected_mailbox_sends_nothing_and_tells_nobody(self):
        self.invoice(2)
        self.connector.action_disconnect()
        self.assertFalse(self.run_digest())

    def test_monday_is_told_on_friday_and_not_again(self):
        self.default.write({"on_saturday": False, "on_sunday": False})
        due = WEDNESDAY + timedelta(days=2)  # three days later is Monday
        self._post("out_invoice", due, 100, None)
        told = []
        for day in range(11, 17):
            with freeze_time(f"2026-03-{day} 12:00:00"):
                if self.run_digest():
                    told.append(day)
        self.assertEqual(told, [13])

    def test_every_sending_day_is_told_once(self):
        days = [WEDNESDAY + timedelta(days=number) for number in range(60)]
        holidays = {days[2], days[8], days[9], days[15]}
        for number in range(1, 128):
            weekdays = [day for day in range(7) if number >> day & 1]
            calendar = Calendar(weekdays, holidays)
            told = [each for day in days if (each := told_today(calendar, day))]
            self.assertEqual(len(told), len(set(told)))
            sending = {day for day in days[14:50] if calendar.allows(day)}
            self.assertLessEqual(sending, set(told))
