from odoo.tests import tagged

from ..providers.reasons import Reason
from .oauth_common import ANNA, CLARA, StandInCommon

GONE = {
    "microsoft": (
        "graph.sendMail",
        404,
        {"error": {"code": "ErrorNonExistentMailbox"}},
    ),
    "google": ("gmail.send", 400, {"error": {"message": "Mail service not enabled"}}),
}
PASSING = {
    "microsoft": (
        "graph.sendMail",
        503,
        {"error": {"code": "MailboxInfoStale", "message": "On backend 'Unknown'"}},
    ),
    "google": (
        "gmail.send",
        400,
        {
            "error": {
                "message": "Precondition check failed.",
                "errors": [{"reason": "failedPrecondition"}],
            }
        },
    ),
}
UNKNOWN = {
    "microsoft": ("graph.sendMail", 400, {"error": {"code": "ErrorOfNextYear"}}),
    "google": ("gmail.send", 400, {"error": {"message": "Error of next year"}}),
}
ACCOUNTS = {"microsoft": ANNA, "google": CLARA}


@tagged("post_install", "-at_install", "-standard", "connector_standin")
class TestApiAnswers(StandInCommon):
    """What an API says of the mailbox, or of nothing, fails no follow-up."""

    def run_while(self, provider, said):
        """Two customers are due while the API says this.

        :return: their follow-ups.
        """
        self.connector.action_disconnect()
        self.standin.control.reset()
        self.sign_in(provider, ACCOUNTS[provider])
        endpoint, status, body = said[provider]
        self.standin.control.add_fault(endpoint, status=status, body=body, times=-1)
        customers = self.customer
        for number in range(2):
            customer = self.customer.copy({"email": f"{provider}{number}@many.example"})
            self.invoice(5, partner=customer)
            customers += customer
        self.plan()
        self.run_scheduled_action()
        return self.env["account.email.followup"].search(
            [("partner_id", "in", (customers - self.customer).ids)]
        )

    def test_a_mailbox_that_is_gone_stops(self):
        for provider in ACCOUNTS:
            with self.subTest(provider):
                followups = self.run_while(provider, GONE)
                self.assertEqual(set(followups.mapped("state")), {"planned"})
                self.assertEqual(self.connector.state, "error")
                self.assertEqual(self.connector.error_reason, Reason.NO_MAILBOX)
                calls = self.standin.control.calls(endpoint=GONE[provider][0])
                self.assertEqual(len(calls), 1, "nobody else is tried")

    def test_what_passes_is_over_at_the_next_try(self):
        for provider in ACCOUNTS:
            with self.subTest(provider):
                followups = self.run_while(provider, PASSING)
                self.assertEqual(set(followups.mapped("state")), {"planned"})
                self.assertEqual(self.connector.state, "connected")
                self.assertTrue(self.connector.wait_until)
                self.standin.control.clear_faults()
                self.connector.wait_until = False
                followups.sudo().retry_at = False
                self.run_scheduled_action()
                self.assertEqual(set(followups.mapped("state")), {"sent"})
                self.assertFalse(self.connector.unavailable_since)

    def test_what_nobody_knows_is_tried_again(self):
        for provider in ACCOUNTS:
            with self.subTest(provider):
                followups = self.run_while(provider, UNKNOWN)
                self.assertEqual(set(followups.mapped("state")), {"planned"})
                self.assertEqual(self.connector.state, "connected")
                self.assertTrue(all(followups.mapped("retry_at")))
