"""What one company writes down, however odd, is its own trouble: all others are
chased, and look at their customers, as before.

What a screen takes is less than what a client, or a file that is imported, can write.
"""

from datetime import date
from pathlib import Path

import psycopg2

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon

SCRIPTS = Path(__file__).parents[1] / "migrations"
NO_AMOUNTS = (float("nan"), float("inf"), 1e200)
PLAN = "account.email.followup.plan"


@tagged("post_install", "-at_install")
class TestOddValues(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odd = cls._create_company(name="Odd")
        cls.theirs = cls.env["res.partner"].create(
            {"name": "Theirs", "email": "theirs@customer.example"}
        )
        cls.invoice(20, 100.0, cls.theirs, company=cls.odd)
        cls.invoice(20, 100.0, cls.customer)
        cls.plan_of_odd = cls.env[PLAN].create(
            {"name": "Odd plan", "company_id": cls.odd.id}
        )

    def test_a_pause_that_ended_in_antiquity(self):
        """Somebody mistypes a year: Odoo writes it down as it is, and cannot read the
        customer any more."""
        here = self.theirs.with_company(self.odd)
        for day in ("0033-01-31", "0202-01-31"):
            for name in ("paused_until", "handed_over_on"):
                field = f"email_followup_{name}"
                with self.subTest(day, name=name):
                    with self.assertRaises(ValidationError):
                        here.write({field: day})
                    by_default = here.with_context(**{f"default_{field}": day})
                    with self.assertRaises(ValidationError):
                        by_default.create({"name": "New customer"})
        pause = self.env["account.email.followup.pause"].create(
            {
                "company_id": self.odd.id,
                "partner_ids": [Command.set(self.theirs.ids)],
                "until": "0202-01-31",
            }
        )
        with self.assertRaisesRegex(ValidationError, "four digits"):
            pause.with_context(allowed_company_ids=self.odd.ids).action_confirm()

    def test_what_was_written_before_stops_nobody_else(self):
        for day in ("1-01-31", "33-01-31", "202-01-31"):
            with self.subTest(day):
                self.env.cr.execute(
                    "UPDATE res_partner SET email_followup_paused_until = "
                    "jsonb_build_object(%s, %s) WHERE id = %s",
                    [str(self.odd.id), day, self.theirs.id],
                )
                self.env.invalidate_all()
                followups = self.env["account.email.followup"]._plan()
                self.assertIn(self.customer, followups.partner_id)
                followups.unlink()

    def test_no_amount_that_is_none(self):
        """It would stop everybody's planning: of what is no number, nothing is known
        in a comparison."""
        rule = self.env[f"{PLAN}.rule"].create(
            {
                "company_id": self.odd.id,
                "plan_id": self.plan_of_odd.id,
                "amount_overdue": 1.0,
            }
        )
        for record, name in (
            (rule, "amount_overdue"),
            (self.plan_of_odd, "minimum_amount"),
            (self.plan_of_odd, "fixed_fee"),
        ):
            for amount in NO_AMOUNTS:
                with self.subTest(name, amount=amount):
                    self.refuses(record, {name: amount})

    def refuses(self, record, values):
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            record.write(values)
            record.flush_recordset()
        record.invalidate_recordset()

    def test_what_was_written_before_is_mended_by_an_update(self):
        rule = self.env[f"{PLAN}.rule"].create(
            {
                "company_id": self.odd.id,
                "plan_id": self.plan_of_odd.id,
                "amount_overdue": 1.0,
            }
        )
        for model in (PLAN, f"{PLAN}.rule"):
            table = self.env[model]._table
            self.env.cr.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_amount_possible"
            )
        self.env.cr.execute(
            "UPDATE account_email_followup_plan_rule SET amount_overdue = 'NaN' "
            "WHERE id = %s",
            rule.ids,
        )
        here, there = str(self.odd.id), str(self.company.id)
        self.env.cr.execute(
            """UPDATE res_partner SET
                email_followup_paused_until = jsonb_build_object(
                    %s, '33-01-31', %s, '2030-01-31'),
                email_followup_handed_over_on = jsonb_build_object(%s, '202-01-31')
                WHERE id = %s""",
            [here, there, here, self.theirs.id],
        )
        path = str(SCRIPTS / "19.0.1.10.0/post-odd.py")
        load_script(path, "upgrade_odd").migrate(self.env.cr, "19.0.1.9.0")
        self.env.invalidate_all()
        self.assertFalse(rule.active)
        theirs = self.theirs.with_company(self.odd)
        self.assertFalse(theirs.email_followup_paused_until)
        self.assertEqual(theirs.email_followup_handed_over_on, date(1900, 1, 1))
        elsewhere = self.theirs.with_company(self.company)
        self.assertEqual(elsewhere.email_followup_paused_until, date(2030, 1, 31))
