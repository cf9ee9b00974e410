from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..engine.followup import ledger_rows
from ..engine.planning.candidates import find, query
from ..engine.planning.money import Underway
from ..engine.planning.units import Units
from ..tools import portions
from .test_money import MoneyCommon


@tagged("post_install", "-at_install")
class TestCandidates(MoneyCommon):
    """Whose facts the planner gathers, and whose it does not. That nothing is due for
    the others: ``test_rules_quiet`` says it, and the year's auditor, every day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan_in_use = cls.env.ref("account_email_connector.plan_default")

    def is_asked(self):
        self.env.flush_all()
        units = Units(self.env(su=True), self.company)
        return self.customer.id in find(units, Underway(units)).partner_ids

    def send(self, days_ago=0):
        """Plan what is due, and say that it was sent so many days ago."""
        followup = self.plan()
        day = self.today - timedelta(days=days_ago)
        followup.sudo().write({"state": "sent", "done_on": day})
        return followup

    def test_what_is_overdue(self):
        self.invoice(-10)
        self.assertFalse(self.is_asked())
        self.invoice(5)
        self.assertTrue(self.is_asked())

    def test_before_a_step_before_the_due_date(self):
        self.plan_in_use.step_ids[0].days = -20
        self.invoice(-10)
        self.assertTrue(self.is_asked())

    def test_while_a_follow_up_is_under_way(self):
        self.invoice(5)
        followup = self.plan()
        for state in ("planned", "to_review", "sending", "unknown"):
            followup.sudo().state = state
            self.assertFalse(self.is_asked(), state)
        for state in ("failed", "skipped"):
            followup.sudo().state = state
            self.assertTrue(self.is_asked(), state)

    def test_one_that_is_under_way_to_another_contact(self):
        self.invoice(5)
        followup = self.plan()
        contact = self.customer.copy({"parent_id": self.customer.id})
        followup.sudo().addressee_id = contact
        self.assertTrue(self.is_asked())
        followup.sudo().addressee_id = False
        self.assertFalse(self.is_asked())
        invoice = self.invoice(5, partner=contact)
        self.assertEqual(invoice.commercial_partner_id, self.customer)
        self.assertTrue(self.is_asked())

    def test_one_that_is_under_way_from_another_company(self):
        """What one company does not know of its email says nothing of the other's."""
        self.invoice(5)
        self.plan().sudo().state = "unknown"
        other = self._create_company(name="Other")
        self.invoice(5, company=other)
        units = Units(self.env(su=True), self.company + other)
        self.env.flush_all()
        found = find(units, Underway(units)).partner_ids
        self.assertEqual(found, self.customer.ids)

    def test_what_has_just_heard_its_first_step(self):
        self.invoice(20)
        followup = self.send()
        self.assertFalse(self.is_asked())
        # The next step comes eleven days after it.
        followup.sudo().done_on = self.today - timedelta(days=9)
        self.assertFalse(self.is_asked())
        followup.sudo().done_on = self.today - timedelta(days=11)
        self.assertTrue(self.is_asked())

    def test_what_was_too_young_to_hear_it(self):
        self.invoice(5)
        self.invoice(2)
        self.assertEqual(len(self.send().line_ids), 2)
        self.assertTrue(self.is_asked())

    def test_what_was_asked_for_twice(self):
        self.invoice(40)
        self.send(days_ago=20)
        self.send()
        self.assertTrue(self.is_asked())

    def test_the_last_step(self):
        self.invoice(40)
        last = self.plan_in_use.step_ids.sorted("days")[-1]
        self.send().sudo().write({"step_id": last.id, "step_days": last.days})
        self.assertTrue(self.is_asked())

    def test_a_plan_of_its_own(self):
        self.invoice(5)
        self.send()
        self.assertFalse(self.is_asked())
        own = self.env.ref("account_email_connector.plan_by_invoice")
        self.customer.email_followup_plan_id = own
        self.assertTrue(self.is_asked())
        self.customer.email_followup_plan_id = False
        self.env["ir.default"].set("res.partner", "email_followup_plan_id", own.id)
        self.assertTrue(self.is_asked())

    def test_a_credit(self):
        self.invoice(-10)
        self.credit_note(40)
        self.assertTrue(self.is_asked())

    def test_money_under_way(self):
        invoice = self.invoice(-10)
        with self.accounting_app():
            payment = self.pay(invoice, 10)
        self.assertFalse(payment.move_id)
        self.assertTrue(self.is_asked())
        payment.partner_id = self.customer.copy()
        self.assertTrue(self.is_asked(), "somebody else pays this customer's invoice")

    def test_money_of_one_for_an_invoice_of_another(self):
        """All whom a payment concerns are decided about together, in portions too."""
        invoice = self.invoice(5, 100)
        with self.accounting_app():
            payment = self.pay(invoice, 100)
        other = self.customer.copy({"email": "other@many.example"})
        payment.partner_id = other
        self.invoice(5, 70, partner=other)
        with patch.object(portions, "ROWS", 1):
            planned = self.plan()
        self.assertEqual((planned.partner_id, planned.amount), (other, 70))

    def test_each_is_looked_up_by_itself(self):
        """Whatever PostgreSQL believes, it does not compare all with all. It counts now
        and then: that nobody was ever written to is the worst that it may believe."""
        self.env.cr.execute(
            "ANALYZE account_email_followup, account_email_followup_line"
        )
        for days_ago in (None, 0):
            with self.subTest(sent=days_ago):
                half = self.looked_at_with(20, days_ago)
                self.assertLess(self.looked_at_with(20, days_ago), 2.3 * half)

    def test_what_was_sent_long_ago_is_not_looked_at(self):
        """A year's follow-ups of each customer cost nothing today."""
        self.looked_at_with(5, days_ago=200)
        before = self.looked_at()
        for followup in self.env["account.email.followup"].sudo().search([]):
            for _ in range(20):
                followup.copy({"state": "sent"})
        self.env.flush_all()
        self.assertEqual(self.looked_at(), before)

    def looked_at_with(self, more, days_ago):
        """How many rows are looked at, with so many more whose follow-up is planned, or
        was sent so many days ago."""
        partners = self.env["res.partner"].create(
            [{"name": f"Buyer {n}", "email": f"{n}@x.example"} for n in range(more)]
        )
        for partner in partners:
            self.invoice(5, partner=partner)
        if days_ago is None:
            self.plan()
        else:
            self.send(days_ago)
        self.env.flush_all()
        return self.looked_at()

    def looked_at(self):
        """How many rows are looked at now."""
        self.env.cr.execute("ANALYZE account_move, account_move_line, res_partner")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # it takes none for few rows
            self.env.cr.execute(f"SET LOCAL enable_{way} = off")
        units = Units(self.env(su=True), self.company)
        sql = SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query(units, Underway(units)))
        self.env.cr.execute(sql)
        ((plan,),) = self.env.cr.fetchone()
        return sum(map(rows_looked_at, nodes(plan["Plan"])))

    def test_in_portions(self):
        """However many rows are read, or written, at once: the same is planned."""
        for number in range(5):
            customer = self.customer.copy({"email": f"c{number}@many.example"})
            for days in (5, 15):
                self.invoice(days, partner=customer)

        def planned():
            rows = self.env["account.email.followup"]._plan(self.company)
            found = {(row.partner_id, *row.line_ids.move_id) for row in rows}
            rows.unlink()
            return found

        whole = planned()
        self.assertEqual(len(whole), 5)
        with (
            patch.object(portions, "ROWS", 3),
            patch.object(ledger_rows, "LINES_AT_ONCE", 3),
            patch.object(ledger_rows, "ROWS_AS_OBJECTS", 2),
        ):
            self.assertEqual(planned(), whole)


def nodes(plan):
    """The nodes of a plan, as EXPLAIN tells it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def rows_looked_at(node):
    """How many rows of the ledger a node has read, or compared and found to differ."""
    rows = node.get("Rows Removed by Join Filter", 0)
    if node.get("Relation Name", "").startswith("account_email_followup"):
        rows += node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return rows * node["Actual Loops"]
