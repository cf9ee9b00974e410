from datetime import timedelta

from lxml import etree
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestCompanyPlan(ConnectorCommon):
    """Which plan a company chases by, and where that is said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "plan_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
        )
        cls.default = cls.env.ref("account_email_connector.plan_default")
        cls.strict = cls.default.copy({"name": "Strict", "sequence": 50})

    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id]

    def plan_of(self, companies):
        return self.env["account.email.followup"]._plan(companies).plan_id

    # -- choosing it -----------------------------------------------------------------

    def test_an_accounting_manager_chooses_it_beside_the_mailbox(self):
        self.invoice(5)
        with Form(self.connector.with_user(self.manager)) as form:
            form.followup_plan_id = self.strict
        self.assertEqual(self.company.email_followup_plan_id, self.strict)
        self.assertEqual(self.plan().plan_id, self.strict)

    def test_not_by_everybody(self):
        billing = new_test_user(
            self.env, "plan_billing", "account.group_account_invoice"
        )
        with self.assertRaises(AccessError):
            self.connector.with_user(billing).followup_plan_id = self.strict

    def test_not_another_companys(self):
        self.strict.company_id = self._create_company(name="Other")
        with self.assertRaises(UserError):
            self.connector.followup_plan_id = self.strict

    def test_it_is_in_the_form(self):
        view = self.connector.with_user(self.manager).get_view(view_type="form")
        fields = etree.fromstring(view["arch"]).iter("field")
        self.assertIn("followup_plan_id", [field.get("name") for field in fields])

    # -- the one that applies --------------------------------------------------------

    def test_a_plan_that_belongs_to_the_company_is_its_own_once_it_was_chosen(self):
        self.strict.write({"company_id": self.company.id, "sequence": 0})
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, self.default)
        self.company.email_followup_plan_id = self.strict
        self.invoice(5, partner=self.customer.copy())
        self.assertEqual(self.plan().plan_id, self.strict)

    def test_a_branch_takes_what_its_parent_has_chosen(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.connect(branch, "billing@branch.example")
        self.company.email_followup_plan_id = self.strict
        self.invoice(5, company=branch)
        self.assertEqual(self.plan_of(branch), self.strict)
        branch.email_followup_plan_id = self.default
        self.invoice(5, partner=self.customer.copy(), company=branch)
        self.assertEqual(self.plan_of(branch), self.default)

    def test_a_plan_of_a_branch_is_its_own_once_it_was_chosen(self):
        """Then it leaves from the parent's mailbox, apart from the parent's emails."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.company.email_followup_plan_id = self.strict
        own = self.default.copy({"company_id": branch.id})
        self.invoice(5, company=branch)
        planned = self.env["account.email.followup"]._plan(branch)
        self.assertEqual(
            (planned.plan_id, planned.company_id), (self.strict, self.company)
        )
        branch.email_followup_plan_id = own
        self.invoice(5, partner=self.customer.copy(), company=branch)
        planned = self.env["account.email.followup"]._plan(branch)
        self.assertEqual((planned.plan_id, planned.company_id), (own, branch))

    def test_an_archived_choice_chases_nobody_and_says_so(self):
        invoice = self.invoice(5)
        self.company.email_followup_plan_id = self.strict
        self.strict.active = False
        self.assertFalse(self.plan(), "chased by a plan that nobody chose")
        told = self.reason(invoice)
        self.assertEqual(told.reason, "no_plan")
        self.assertIn("archived", told.text)

    def test_a_customers_own_plan_that_is_archived_chases_nobody(self):
        invoice = self.invoice(5)
        self.customer.email_followup_plan_id = self.strict
        self.strict.active = False
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice).reason, "no_plan")

    # -- its time zone ---------------------------------------------------------------

    def test_a_shared_plan_lives_where_the_company_does(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self.invoice(2)  # three days overdue in Auckland, at 13 h in Greenwich
        with freeze_time(f"{self.today} 13:00:00"):
            followup = self.plan()
            self.assertTrue(followup)
            self.assertEqual(followup.planned_date, self.today + timedelta(days=1))
            self.run_action()
            self.assertEqual(followup.done_on, self.today + timedelta(days=1))

    def test_or_else_where_whoever_connected_the_mailbox_does(self):
        self.company.partner_id.tz = False
        self.connector.connected_by_id.tz = "Pacific/Auckland"
        self.invoice(2)
        with freeze_time(f"{self.today} 13:00:00"):
            self.assertTrue(self.plan())

    def test_a_new_plan_lives_where_its_author_does(self):
        self.manager.tz = "Europe/Paris"
        plan = Form(self.env["account.email.followup.plan"].with_user(self.manager))
        self.assertEqual(plan.tz, "Europe/Paris")

    def test_the_hours_of_a_shared_plan_are_the_companys(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self.default.write({"from_hour": 8, "until_hour": 18})
        self.invoice(5)
        followup = self.plan()
        with freeze_time(f"{self.today} 12:00:00"):  # midnight in Auckland
            self.run_action()
            self.assertEqual(followup.state, "planned")
        with freeze_time(f"{self.today} 21:00:00"):
            self.run_action()
            self.assertEqual(followup.state, "sent")


@tagged("post_install", "-at_install")
class TestBankData(ConnectorCommon):
    """Whether the bank statements are fresh enough to chase anybody by."""

    def statement_line(self, days_ago, journal=None):
        journal = journal or self.company_data["default_journal_bank"]
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.today - timedelta(days=days_ago),
                "payment_ref": "x",
                "amount": 1,
            }
        )

    def test_a_customers_own_plan_has_its_own_limit(self):
        careful = self.env.ref("account_email_connector.plan_by_invoice")
        careful.bank_days = 3
        self.customer.email_followup_plan_id = careful
        key_account = self.invoice(5)
        other = self.customer.copy({"email_followup_plan_id": False})
        other.email_followup_plan_id = False
        self.invoice(5, partner=other)
        self.statement_line(4)
        self.assertEqual(self.plan().partner_id, other)
        told = self.env["account.email.followup"]._explain(key_account)
        self.assertEqual(told[key_account.id].reason, "bank_stale")

    def test_bank_journals_that_nobody_uses_hold_nothing(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.bank_days = 3
        given_up, unused = (
            self.company_data["default_journal_bank"].copy({"name": name})
            for name in ("Given up", "Never used")
        )
        self.statement_line(0)
        self.statement_line(400, given_up)
        self.assertTrue(unused.active)
        self.invoice(5)
        self.assertTrue(self.plan())
        self.statement_line(20, given_up)
        self.invoice(5, partner=self.customer.copy())
        self.assertFalse(self.plan(), "an account in use is behind")


@tagged("post_install", "-at_install")
class TestChangedSteps(ConnectorCommon):
    """Whoever has a plan may change it, also when it has been at work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env.ref("account_email_connector.plan_default")
        cls.friendly, cls.firm, cls.final = plan.step_ids

    def test_a_step_that_was_sent_can_be_deleted(self):
        self.invoice(40)
        followup = self.plan()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.friendly.unlink()
        self.assertIn("Hello", followup.email_html)
        later = self.plan(self.today + timedelta(days=30))
        self.assertEqual(later.step_id, self.firm)

    def test_what_waits_is_planned_anew(self):
        self.invoice(20)
        followup = self.plan()
        self.friendly.unlink()
        self.assertEqual(followup.state, "skipped")
        self.assertEqual(followup.reason_text, "Another step is due by now.")
        self.assertEqual(self.plan().step_id, self.firm)

    def test_not_while_it_is_being_sent(self):
        self.invoice(5)
        self.plan().state = "sending"
        with self.assertRaises(UserError):
            self.friendly.unlink()

    def test_no_number_of_days_stops_everybody(self):
        """A date that no calendar has ended the planning for all companies."""
        fields = ("minimum_gap", "promise_grace", "recap_days")
        for record, field in [(self.final, "days")] + [
            (self.final.plan_id, field) for field in fields
        ]:
            with (
                self.subTest(field),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                record[field] = 9999999
                record.flush_recordset()
        self.final.days = self.final.plan_id.minimum_gap = 36500
        self.invoice(40)
        self.plan()
        self.run_action()
        self.invoice(50)
        self.assertFalse(self.plan())
