from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestFees(ConnectorCommon):
    """The fixed fee, in whatever currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan_default = cls.env.ref("account_email_connector.plan_default")
        cls.euro = cls.env.ref("base.EUR")
        cls.dollar = cls.env.ref("base.USD")
        (cls.euro + cls.dollar).active = True
        step = cls.env.ref("account_email_connector.step_friendly")
        step.show_interest = True

    def body(self):
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        return email.message.get_body(("plain",)).get_content()

    def test_in_another_currency_than_the_invoices(self):
        self.plan_default.write({"fixed_fee": 40, "fee_currency_id": self.euro.id})
        self.invoice(5, 100, currency_id=self.dollar.id)
        body = self.body()
        self.assertIn("100.00", body)
        self.assertIn("40.00", body)
        self.assertIn("€", body)
        self.assertNotIn("140.00", body, "euro are added to dollars")
        self.assertNotIn("\n Total", body.split("interest and fees")[1])

    def test_in_the_currency_of_the_invoices(self):
        self.plan_default.write({"fixed_fee": 40, "fee_currency_id": self.euro.id})
        self.invoice(5, 100, currency_id=self.euro.id)
        self.assertIn("140.00", self.body())

    def test_no_interest_on_what_a_credit_pays(self):
        """Credits pay the oldest first; for what they pay in full there is no fee."""
        self.plan_default.write(
            {"interest_rate": 36.5, "fixed_fee": 40, "fee_currency_id": self.euro.id}
        )
        euro = {"currency_id": self.euro.id}
        self.invoice(200, 50, **euro)
        self.invoice(100, 1000, **euro)
        self.credit_note(950, **euro)
        body = " ".join(self.body().replace("\xa0", " ").split())
        fees, total = body.split("fees to this day")[1].split("Total with")
        self.assertIn("50.00", fees)
        self.assertIn("150.00", total)

    def test_it_needs_a_currency(self):
        self.assertFalse(self.plan_default.fee_currency_id, "whose, at installation?")
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.plan_default.fixed_fee = 40
            self.env.flush_all()

    def test_a_new_plan_has_the_companys(self):
        plan = self.env["account.email.followup.plan"].create(
            {
                "name": "With a fee",
                "fixed_fee": 40,
                "step_ids": [Command.clear()],
            }
        )
        self.assertEqual(plan.fee_currency_id, self.company.currency_id)
