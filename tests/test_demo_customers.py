"""The customers of Odoo's demo data."""

from odoo.tests import tagged

from ..demo.customers import CUSTOMERS
from ..hooks import _keep_demo_customers
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestDemoCustomers(ConnectorCommon):
    def found(self):
        names = [customer.name for customer in CUSTOMERS]
        return self.env["res.partner"].search([("name", "in", names)])

    def test_demo_data_that_are_loaded_again_make_nobody_twice(self):
        before = self.found()
        self.company._email_followup_demo()
        made = self.found() - before
        self.assertEqual(len(made), len(CUSTOMERS))
        moves = self.env["account.move"].search_count([("partner_id", "in", made.ids)])
        self.company._email_followup_demo()
        self.assertEqual(self.found() - before, made)
        again = self.env["account.move"].search_count([("partner_id", "in", made.ids)])
        self.assertEqual(again, moves)

    def test_an_addon_that_is_installed_again_makes_nobody_twice(self):
        before = self.found()
        self.company._email_followup_demo()
        made = self.found() - before
        _keep_demo_customers(self.env)  # as at an uninstallation
        self.env.registry.clear_cache()
        self.company._email_followup_demo()
        self.assertEqual(self.found() - before, made)
        known = self.env["ir.model.data"].search_count(
            [("model", "=", "res.partner"), ("res_id", "in", made.ids)]
        )
        self.assertEqual(known, len(made), "and they are known again")
