"""Odoo lets each user give all values of an email, with all rights, by a template that
they may read. Whose mailbox it leaves from is not for them to say."""

from odoo.tests import tagged

from ..engine.followup import ledger
from .test_transport import TransportCommon

STRANGER = "stranger@else.example"


@tagged("post_install", "-at_install")
class TestForgedEmails(TransportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.person("plain", "Pete Plain", "base.group_user")
        cls.template = (
            cls.env["mail.template"]
            .sudo()
            .create(
                {
                    "name": "About a user",
                    "model_id": cls.env["ir.model"]._get_id("res.users"),
                    "body_html": "<p>Hello</p>",
                    "subject": "Hello",
                    "email_from": "plain@acme.example",
                }
            )
        )

    def forged(self, user=None, **values):
        """An email as anybody may make it: about himself, but for these values."""
        user = user or self.plain
        template = self.template.with_user(user)
        values = {"email_to": STRANGER, "recipient_ids": [], **values}
        mail_id = template.send_mail(user.id, email_values=values)
        return self.env["mail.mail"].sudo().browse(mail_id)

    def test_it_tells_of_no_incident(self):
        """By which it would leave from another company's mailbox."""
        theirs = self.connect(self.other_company, "billing@borealis.example")
        for way in ("values", "context"):
            told = {"email_incident_id": theirs.id}
            if way == "values":
                mail = self.forged(failure_reason="x", **told)
            else:
                default = {f"default_{name}": value for name, value in told.items()}
                mail = self.env["mail.mail"].with_context(**default).create({})
            mail = mail.sudo()
            self.assertFalse(mail.email_incident_id)
            self.assertFalse(mail._owners())

    def test_it_retries_no_follow_up(self):
        self.invoice(5)
        followup = self.plan()
        ledger.begin(followup)
        ledger.fail(followup, "mailbox_full")
        mail = self.forged(email_followup_id=followup.id)
        self.send(mail)
        self.assertEqual(followup.state, "failed")
        self.assertFalse(self.mailbox.accepted)

    def test_it_is_about_no_document_that_its_maker_may_not_read(self):
        about = {"model": "account.move", "res_id": self.document.id}
        self.assertFalse(self.forged(**about)._owners())
        mine = self.forged(self.anna, **about)
        self.assertEqual(mine._owners(), {mine.id: self.connector})

    def test_whoever_sends_it_may_have_other_companies(self):
        """It is asked of its maker, in the companies that they have."""
        about = {"model": "account.move", "res_id": self.document.id}
        mine = self.forged(self.anna, **about)
        both = self.company + self.other_company
        sent_by = mine.with_context(allowed_company_ids=both.ids)
        self.assertEqual(sent_by._owners(), {mine.id: self.connector})

    def test_it_is_not_one_that_was_handed_over_before(self):
        """By a Message-ID that everybody can read in what they got."""
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        header = followup.message_id_header
        self.assertEqual(len(self.mailbox.accepted), 1)
        mail = self.forged(message_id=header)
        self.assertFalse(mail._owners())

    def test_what_a_customer_writes_leaves_as_odoo_sends_it(self):
        portal = self.person("portal", "Paul Portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer
        mails = self.post(
            self.document, self.supplier, portal, outgoing_email_to=STRANGER
        )
        self.assertTrue(mails)
        self.assertFalse(mails._owners())
