from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.models.mail_mail import MailMail

from .. import uninstall_hook
from ..providers.outcomes import OutcomeUnknown, Rejected, Throttled
from ..providers.reasons import Reason
from ..tools import vault
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestMailMail(ConnectorCommon):
    """Invoice emails through the mailbox, if the company wants that."""

    def mail(self, record=None, **values):
        record = record or self.invoice(0)
        return self.env["mail.mail"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "email_from": '"Anna" <anna@acme.example>',
                "email_to": "pay@bluelake.example",
                "subject": "Your invoice",
                "body_html": "<p>Here it is</p>",
                **values,
            }
        )

    def send(self, mails):
        with self.mail_leaves(), self.enter_registry_test_mode():
            mails.send()

    def test_invoices_leave_through_the_mailbox_if_wanted(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        self.send(mail)
        self.assertEqual(mail.state, "sent")
        (email,) = self.mailbox.accepted
        self.assertEqual(email.sender, "accounting@acme.example")
        self.assertEqual(email.message["From"], "Acme <accounting@acme.example>")

    def test_who_owns_what(self):
        mail, other = self.mail(), self.mail(self.customer)
        self.assertFalse((mail + other)._owners())
        self.connector.sends_accounting_emails = True
        self.assertEqual((mail + other)._owners(), {mail.id: self.connector})
        self.connector.action_disconnect()
        self.assertFalse((mail + other)._owners())

    def test_a_broken_mailbox_never_falls_through(self):
        self.connector.sends_accounting_emails = True
        self.connector.sudo().state = "error"
        mail = self.mail()
        self.send(mail)
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(mail.state, "outgoing", "it waits: test_transport")

    def test_sent_once_however_often_it_is_asked(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        self.send(mail)
        mail.state = "outgoing"
        self.send(mail)
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(mail.state, "sent")

    def test_two_recipients_are_two_envelopes(self):
        self.connector.sends_accounting_emails = True
        partners = self.customer + self.customer.copy({"email": "two@many.example"})
        mail = self.mail(email_to=False, recipient_ids=partners.ids)
        self.send(mail)
        self.assertEqual(
            sorted(email.recipients for email in self.mailbox.accepted),
            [("pay@bluelake.example",), ("two@many.example",)],
        )

    def test_a_customer_whose_domain_has_other_letters_than_ascii(self):
        self.connector.sends_accounting_emails = True
        self.customer.email = "info@bücher.example"
        self.send(self.mail(email_to=False, recipient_ids=self.customer.ids))
        (email,) = self.mailbox.accepted
        self.assertEqual(email.recipients, ("info@xn--bcher-kva.example",))

    def test_a_refusal_of_the_second_envelope_is_heeded(self):
        self.connector.sends_accounting_emails = True
        partners = self.customer + self.customer.copy({"email": "two@many.example"})
        mail = self.mail(email_to=False, recipient_ids=partners.ids)
        self.mailbox.refusals[:] = [None, Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(mail)
        self.assertEqual(mail.state, "outgoing")
        self.retry_now()
        self.send(mail)
        self.assertEqual(mail.state, "sent")
        recipients = [email.recipients[0] for email in self.mailbox.accepted]
        self.assertCountEqual(recipients, partners.mapped("email"))

    def test_the_queue_takes_up_what_was_postponed(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(mail)
        self.assertEqual(mail.state, "outgoing")
        self.assertTrue(mail.scheduled_date)
        self.retry_now()
        self.send(mail)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_what_the_journal_could_not_write_down_is_tried_again(self):
        """Its connection is gone: nothing has left, and nobody is told nonsense."""
        self.connector.sends_accounting_emails = True
        mails = self.mail() + self.mail()
        gone = psycopg2.OperationalError("server closed the connection")
        self.mailbox.refusals[:] = [gone]
        self.send(mails)
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2, "nor the second")
        self.assertFalse(self.mailbox.accepted)
        self.env["account.email.delivery"].search([]).sudo().handed_at = False
        self.retry_now()
        self.send(mails)
        self.assertEqual(mails.mapped("state"), ["sent"] * 2)
        self.assertEqual(len(self.mailbox.accepted), 2)

    def test_the_journal_names_the_address_that_it_left_from_at_last(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(mail)
        self.connector.action_disconnect()
        self.connect(self.company, "new@acme.example")
        self.send(mail)
        [email] = self.mailbox.accepted
        self.assertEqual(email.sender, "new@acme.example")
        journal = self.env["account.email.delivery"]
        delivery = journal.search([("message_id", "=", mail.message_id)])
        self.assertEqual(delivery.sender, "new@acme.example")

    def test_a_refusal_is_told_in_our_words(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        refusal = Rejected(Reason.MESSAGE_TOO_LARGE, detail="552 Too big")
        self.mailbox.refusals[:] = [refusal]
        self.send(mail)
        self.assertEqual(mail.state, "exception")
        self.assertIn("too large", mail.failure_reason)
        self.assertIn("552 Too big", mail.failure_reason)

    def test_a_followups_email_is_planned_again_not_resent(self):
        self.invoice(5)
        followup = self.plan()
        self.mailbox.refusals[:] = [Rejected(Reason.RECIPIENT_REFUSED)]
        self.run_action()
        mail = followup.mail_id
        self.assertEqual(followup.state, "failed")
        mail.mark_outgoing()
        self.send(mail)
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(followup.state, "planned")
        self.assertEqual(mail.state, "cancel")
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_a_retry_of_several_harms_no_emails_of_others(self):
        """Two failed follow-ups of one customer: one of them is planned again."""
        followups = self.env["account.email.followup"]
        for days in (5, 6):
            self.invoice(days)
            followup = self.plan() or followups.browse()
            self.mailbox.refusals[:] = [Rejected(Reason.RECIPIENT_REFUSED)]
            self.run_action()
            followups |= followup
            followup.planned_date = followup.done_on = "2020-01-01"
        self.assertEqual(followups.mapped("state"), ["failed"] * 2)
        stranger = self.mail(self.customer)
        mails = followups.mail_id
        mails.mark_outgoing()
        with patch.object(MailMail, "send", autospec=True) as core:
            self.send(mails | stranger)
        self.assertEqual([call.args[0] for call in core.call_args_list], [stranger])
        self.assertEqual(sorted(followups.mapped("state")), ["failed", "planned"])
        self.assertEqual(mails.mapped("state"), ["cancel"] * 2)

    def test_a_retry_of_what_was_perhaps_sent_asks_a_person(self):
        self.invoice(5)
        followup = self.plan()
        self.mailbox.refusals[:] = [OutcomeUnknown(Reason.MAYBE_SENT)]
        self.run_action()
        followup.mail_id.mark_outgoing()
        self.send(followup.mail_id)
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(followup.mail_id.state, "exception", "not in the queue")

    def test_what_a_mailbox_has_begun_no_other_server_sends(self):
        self.connector.sends_accounting_emails = True
        partners = self.customer + self.customer.copy({"email": "two@many.example"})
        mail = self.mail(email_to=False, recipient_ids=partners.ids)
        self.mailbox.refusals[:] = [None, Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(mail)
        self.connector.action_disconnect()
        mail.invalidate_recordset()
        self.send(mail)
        self.assertEqual(len(self.mailbox.accepted), 1, "one of two has it")
        self.assertEqual(mail.state, "outgoing", "it waits for its mailbox")
        with self.later(hours=49):
            self.send(mail)
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(mail.state, "exception")
        self.assertIn("waited two days", mail.failure_reason)

    def test_uninstalled_no_other_server_sends_it_either(self):
        self.connector.sends_accounting_emails = True
        tried, other = self.mail(), self.mail(record=self.customer)
        self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(tried)
        self.assertEqual(tried.state, "outgoing")
        self.invoice(5)
        self.plan()
        plans = self.env["account.email.followup.plan"].search([])
        templates = plans.step_ids.template_id
        uninstall_hook(self.env)
        self.assertEqual((tried.state, other.state), ("cancel", "outgoing"))
        templates.unlink()  # nothing holds on to them

    def test_what_never_gets_through_fails_some_day(self):
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        mail.sudo().email_waits_since = datetime.now() - timedelta(days=3)
        self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
        self.send(mail)
        self.assertEqual(mail.state, "exception")

    def test_a_mailbox_that_pauses_takes_nothing_of_the_two_days(self):
        """After three days of a limit, its receiver puts it off for a moment."""
        self.connector.sends_accounting_emails = True
        mail = self.mail()
        self.connector.sudo().wait_until = datetime.now() + timedelta(days=3)
        self.send(mail)
        with self.later(hours=73):
            self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
            self.send(mail)
        self.assertEqual(mail.state, "outgoing")

    def test_a_key_that_cannot_be_used_stops_only_the_connectors_emails(self):
        self.connector.sends_accounting_emails = True
        mail, stranger = self.mail(), self.mail(self.customer)
        with (
            patch.dict(config.options, {vault.CONFIG_OPTION: "no-key-at-all"}),
            patch.object(IrMail_Server, "_disable_send", lambda *a: False),
            patch.object(MailMail, "send", autospec=True) as core,
            self.enter_registry_test_mode(),
        ):
            (mail | stranger).send()
        self.assertEqual([call.args[0] for call in core.call_args_list], [stranger])
        self.assertEqual(self.connector.state, "error")
        self.assertIn("odoo.conf", self.connector.error_text)
        self.assertNotIn("no-key-at-all", self.connector.error_said)
