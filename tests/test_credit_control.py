"""With OCA's account_credit_control: what it writes leaves through the mailbox, if the
company wants that.

``dev/test neighbours`` has it; elsewhere these tests are not run.
"""

from odoo.tests import tagged

from ..providers.outcomes import SignInRequired
from ..providers.reasons import Reason
from .test_neighbours import NEIGHBOUR, NeighbourCommon


@tagged(*NEIGHBOUR)
class TestCreditControl(NeighbourCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref(
            "account_credit_control.group_account_credit_control_manager"
        )
        cls.connector.sends_other_accounting_emails = True
        item = cls.invoice(20, 300).line_ids.filtered(
            lambda line: line.account_id == cls.receivable
        )
        cls.line = cls.env["credit.control.line"].create(
            {
                "date": cls.today,
                "date_due": item.date_maturity,
                "state": "to_be_sent",
                "channel": "email",
                "partner_id": cls.customer.id,
                "amount_due": 300,
                "balance_due": 300,
                "currency_id": cls.company.currency_id.id,
                "company_id": cls.company.id,
                "invoice_id": item.move_id.id,
                "move_line_id": item.id,
                "account_id": item.account_id.id,
                "policy_level_id": cls.env["credit.control.policy.level"]
                .search([("channel", "=", "email")], limit=1)
                .id,
            }
        )

    def write_to_customer(self):
        communications = self.env["credit.control.communication"]
        written = communications._generate_comm_from_credit_lines(self.line)
        with self.mail_leaves(), self.enter_registry_test_mode():
            written._generate_emails()
        self.env.invalidate_all()
        return self.env["mail.mail"].search(
            [("model", "=", written._name), ("res_id", "in", written.ids)]
        )

    def test_it_leaves_through_the_mailbox(self):
        self.write_to_customer()
        (email,) = self.mailbox.accepted
        self.assertEqual(email.recipients, ("pay@bluelake.example",))
        self.assertEqual(email.sender, "accounting@acme.example")
        self.assertEqual(self.line.state, "sent")

    def test_switched_off_it_does_not(self):
        self.connector.sends_other_accounting_emails = False
        self.connector.sends_accounting_emails = True
        communications = self.env["credit.control.communication"]
        written = communications._generate_comm_from_credit_lines(self.line)
        written._generate_emails()  # where no email leaves
        mails = self.env["mail.mail"].search([("model", "=", written._name)])
        self.assertTrue(mails)
        self.assertFalse(mails._owners())

    def test_in_an_outage_it_waits_and_is_no_error(self):
        self.mailbox.refusals[:] = [SignInRequired(Reason.WRONG_PASSWORD)]
        self.assertEqual(self.write_to_customer().state, "outgoing")
        self.assertEqual(self.line.state, "queued")
        self.reconnect()
        self.run_queue()
        self.assertEqual(self.line.state, "sent")
