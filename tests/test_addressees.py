from odoo.tests import tagged

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestAddressees(ConnectorCommon):
    """Whom a follow-up goes to, and whom nobody is said to reach."""

    def contact(self, name, kind="contact", email=None, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": self.customer.id,
                "type": kind,
                "email": email or f"{name.lower()}@bluelake.example",
                **values,
            }
        )

    def sent_to(self):
        self.mailbox.accepted.clear()
        self.plan()
        self.run_action()
        return [list(email.recipients) for email in self.mailbox.accepted]

    def test_whom_the_invoice_is_addressed_to(self):
        self.customer.email = False
        self.invoice(5, partner=self.contact("Bob"))
        self.assertEqual(self.sent_to(), [["bob@bluelake.example"]])
        self.assertFalse(self.customer.activity_ids)

    def test_before_the_customer_itself(self):
        self.invoice(5, partner=self.contact("Bob"))
        self.assertEqual(self.sent_to(), [["bob@bluelake.example"]])

    def test_the_composer_shows_whom_it_goes_to(self):
        old = self.invoice(20, partner=self.contact("Ann"))
        self.invoice(5, partner=self.contact("Bob"))
        action = old.action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        self.env.invalidate_all()  # a browser reads them in another request
        self.assertEqual(composer.recipient_ids, old.partner_id)
        composer.action_send()
        self.run_action()
        self.assertEqual(
            sorted(list(email.recipients) for email in self.mailbox.accepted),
            [["ann@bluelake.example"], ["bob@bluelake.example"]],
        )

    def test_before_the_contact_for_invoices(self):
        self.contact("Ann", "invoice")
        self.invoice(5, partner=self.contact("Bob"))
        self.assertEqual(self.sent_to(), [["bob@bluelake.example"]])

    def test_the_contact_for_invoices_for_the_customer_itself(self):
        self.contact("Ann", "invoice")
        self.invoice(5)
        self.assertEqual(self.sent_to(), [["ann@bluelake.example"]])

    def test_not_a_contact_of_another_company(self):
        other = self._create_company(name="Other")
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        theirs = self.contact("Ann", "email_followup", company_id=other.id)
        self.invoice(5)
        self.assertEqual(self.sent_to(), [["pay@bluelake.example"]])
        theirs.company_id = branch
        self.assertEqual(
            self.customer._email_followup_recipients(self.invoice(5)), theirs
        )

    def test_each_about_its_own(self):
        self.invoice(5, partner=self.contact("Bob"))
        self.invoice(9, partner=self.contact("Eve"))
        self.assertEqual(
            sorted(self.sent_to()), [["bob@bluelake.example"], ["eve@bluelake.example"]]
        )

    def test_one_who_has_left_gets_nothing(self):
        bob = self.contact("Bob")
        self.invoice(5, partner=bob)
        bob.active = False
        self.assertEqual(self.sent_to(), [["pay@bluelake.example"]])

    def test_the_composer_says_so(self):
        bob = self.contact("Bob")
        action = self.invoice(5, partner=bob).action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(composer.recipient_ids, bob)

    def test_an_archived_customer_has_an_address(self):
        self.invoice(5)
        self.customer.active = False
        self.assertEqual(self.sent_to(), [["pay@bluelake.example"]])
