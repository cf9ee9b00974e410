from datetime import timedelta

from odoo.tests import freeze_time, tagged

from ..rules import Reason
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestPlanner(ConnectorCommon):
    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id].reason

    def test_one_email_lists_everything_overdue(self):
        old, new = self.invoice(20, 100), self.invoice(5, 50)
        self.invoice(-10, 999)
        followup = self.plan()
        self.assertEqual(followup.partner_id, self.customer)
        self.assertEqual(followup.line_ids.move_id, old + new)
        self.assertEqual(followup.amount, 150)
        self.assertEqual(followup.state, "planned")
        self.assertEqual(followup.oldest_due_date, old.invoice_date_due)
        # switched on late: it starts with the first step, not with the third
        self.assertEqual(followup.step_id.days, 3)

    def test_amounts_are_the_residuals(self):
        invoice = self.invoice(5, 100)
        self.pay(invoice, 30)
        followup = self.plan()
        self.assertEqual(followup.line_ids.amount, invoice.amount_residual)
        self.assertEqual(followup.amount, invoice.amount_residual)

    def test_planning_twice_changes_nothing(self):
        self.invoice(5)
        self.assertTrue(self.plan())
        self.assertFalse(self.plan())

    def test_the_order_of_companies_changes_nothing(self):
        other = self._create_company(name="Other")
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.connect(other, "billing@other.example")
        companies = self.company + other + branch
        for company in companies:
            self.invoice(5, 100, company=company)
            self.invoice(20, 50, partner=self.customer.copy(), company=company)

        def planned(companies):
            rows = self.env["account.email.followup"]._plan(companies)
            told = {
                (
                    row.company_id,
                    row.partner_id,
                    row.connector_id,
                    row.step_id,
                    row.amount,
                    row.line_ids.move_id,
                )
                for row in rows
            }
            rows.unlink()
            return told

        first = planned(companies)
        self.assertEqual(len(first), 5)  # the customer of the branch is the company's
        self.assertEqual(planned(companies[::-1]), first)
        self.assertEqual(planned(None), first)

    def test_credits_are_listed_and_subtracted(self):
        self.invoice(5, 100)
        credit = self.credit_note(40)
        followup = self.plan()
        self.assertEqual(followup.amount, 60)
        line = followup.line_ids.filtered(lambda line: line.move_id == credit)
        self.assertEqual((line.state, line.amount), ("credit", -40))

    def test_credits_that_cover_everything_chase_nobody(self):
        invoice = self.invoice(5, 100)
        self.credit_note(100)
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.NOTHING_LEFT)

    def test_a_long_gap_is_kept_when_all_was_paid_in_between(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.minimum_gap = 200
        paid, invoice = self.invoice(180), self.invoice(5)
        sent = self.plan()
        sent.line_ids.filtered(lambda line: line.move_line_id.move_id != paid).unlink()
        long_ago = self.today - timedelta(days=150)
        sent.write({"state": "sent", "done_on": long_ago})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET reconciled = TRUE WHERE move_id = %s",
            [paid.id],
        )
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.TOO_SOON)

    def test_what_we_have_paid_to_the_customer_is_not_asked_for(self):
        """A refund in the bank, or a payment, that nobody has reconciled yet."""
        bank = self.company_data["default_journal_bank"]
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 50,
                "date": self.today - timedelta(days=9),
                "journal_id": bank.id,
                "payment_method_line_id": bank.outbound_payment_method_line_ids[0].id,
            }
        )
        refund.outstanding_account_id = refund._get_outstanding_account("outbound")
        refund.action_post()
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": bank.id,
                "date": self.today - timedelta(days=9),
                "payment_ref": "Refund",
                "amount": -30,
                "partner_id": self.customer.id,
            }
        )
        _liquidity, suspense, _other = transaction._seek_for_lines()
        receivable = self.customer.property_account_receivable_id
        suspense.account_id = receivable
        moves = refund.move_id | transaction.move_id
        owed = moves.line_ids.filtered(lambda line: line.account_id == receivable)
        self.assertEqual(sorted(owed.mapped("amount_residual")), [30, 50])
        self.assertFalse(self.plan())
        self.credit_note(100)
        invoice = self.invoice(5, 200)
        followup = self.plan()
        self.assertEqual(followup.amount, 180, "of the credit 20 are left")
        self.assertEqual(
            sorted(followup.line_ids.mapped("amount")), [-20, 200], "as it is listed"
        )
        self.assertIn(invoice.name, followup.email_html)
        self.assertNotIn(refund.move_id.name, followup.email_html)
        told = self.env["account.email.followup"]._explain(refund.move_id)
        self.assertEqual(told[refund.move_id.id].reason, "paid_out")

    def test_a_long_gap_is_kept_where_it_is_yesterday_still(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.write({"minimum_gap": 200, "tz": "America/Los_Angeles"})
        paid, invoice = self.invoice(180), self.invoice(5)
        sent = self.plan()
        sent.line_ids.filtered(lambda line: line.move_line_id.move_id != paid).unlink()
        self.pay(paid)
        yesterday = self.today - timedelta(days=1)
        sent.write({"state": "sent", "done_on": yesterday - timedelta(days=199)})
        self.env.flush_all()
        with freeze_time(f"{self.today} 03:00:00"):
            self.assertFalse(self.plan())
            self.assertEqual(self.reason(invoice), Reason.TOO_SOON)

    def test_not_yet_overdue_enough(self):
        invoice = self.invoice(2)
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.NOT_YET)
        self.assertTrue(self.plan(self.today + timedelta(days=1)))

    def test_never_chased(self):
        paid = self.invoice(5)
        self.pay(paid)
        marked = self.invoice(5)
        marked.no_followup = True
        blocked = self.invoice(5)
        blocked.payment_state = "blocked"
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(paid), Reason.SETTLED)
        self.assertEqual(self.reason(marked), Reason.NO_FOLLOWUP)
        self.assertEqual(self.reason(blocked), Reason.BLOCKED)

    def test_in_payment_without_a_journal_entry(self):
        """A payment method without an outstanding account leaves the residual open."""
        invoice = self.invoice(5)
        self.pay(invoice)
        payment = invoice.matched_payment_ids
        if not payment.move_id:  # so it is where no outstanding account is set
            self.assertTrue(invoice.amount_residual)
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.SETTLED)

    def test_no_mailbox_no_followup(self):
        invoice = self.invoice(5)
        self.connector.action_disconnect()
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.MAILBOX_DISCONNECTED)

    def test_a_broken_mailbox_still_plans(self):
        self.invoice(5)
        self.connector.sudo().state = "error"
        self.assertTrue(self.plan())

    def test_without_an_address_it_is_a_todo(self):
        self.customer.email = "not an address"
        self.invoice(5)
        self.assertEqual(self.plan().channel, "todo")
        self.assertFalse(self.customer.activity_ids)

    def test_an_invoice_contact_has_the_address(self):
        self.customer.email = False
        contact = self.env["res.partner"].create(
            {
                "name": "Accounts Payable",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "ap@bluelake.example",
            }
        )
        self.invoice(5)
        followup = self.plan()
        self.assertEqual(followup.channel, "email")
        self.assertEqual(followup.recipient_ids, contact)

    def test_branch_and_parent_share_an_email(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.invoice(5, 100)
        self.invoice(5, 50, company=branch)
        followup = self.env["account.email.followup"]._plan(self.company + branch)
        self.assertEqual(followup.company_id, self.company)
        self.assertEqual(followup.amount, 150)

    def test_a_branch_that_waits_for_an_approval_goes_on_with_its_parents(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        own = self.env["account.email.connector"].create({"company_id": branch.id})
        own.sudo().state = "pending_approval"
        self.invoice(5, 50, company=branch)
        followup = self.env["account.email.followup"]._plan(self.company + branch)
        self.assertEqual(followup.connector_id, self.connector)
        self.assertEqual(followup.amount, 50)

    def test_every_company_with_its_own_mailbox(self):
        other = self._create_company(name="Other")
        mailbox = self.connect(other, "billing@other.example")
        self.invoice(5, 100)
        self.invoice(5, 70, company=other)
        followups = self.env["account.email.followup"]._plan(self.company + other)
        self.assertEqual(
            {(f.company_id, f.connector_id, f.amount) for f in followups},
            {(self.company, self.connector, 100), (other, mailbox, 70)},
        )

    def test_a_company_without_a_mailbox_chases_nobody(self):
        other = self._create_company(name="Other")
        self.customer.email = False
        self.invoice(5)
        self.invoice(5, company=other)
        followup = self.env["account.email.followup"]._plan(self.company + other)
        self.assertEqual(followup.company_id, self.company)

    def test_statements_do_not_depend_on_the_number_of_invoices(self):
        """Of the most there are: with a branch, and a look at the bank's data."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.connect(branch, "billing@branch.example")
        self.env.ref("account_email_connector.plan_default").bank_days = 5

        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            planned = self.env["account.email.followup"]._plan()
            return self.env.cr.sql_log_count - before, planned

        self.invoice(5)
        few, followups = statements()
        followups.unlink()
        for number in range(10):
            customer = self.customer.copy({"email": f"c{number}@many.example"})
            self.invoice(5, partner=customer)
            self.invoice(15, partner=customer)
        many, followups = statements()
        self.assertEqual(len(followups), 11)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 12)
