from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from lxml import etree
from psycopg2.pool import PoolError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.models.account_move import AccountMove
from odoo.addons.base.models.ir_attachment import IrAttachment

from ..engine import compose
from ..engine.followup import telling
from ..engine.mailbox import copies
from ..engine.sending import prepare, settle
from ..providers.base import SentCopy
from ..providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..providers.reasons import Reason
from .common import ConnectorCommon, MemoryMailbox


@tagged("post_install", "-at_install")
class TestSending(ConnectorCommon):
    def planned(self, *days, **values):
        for day in days or (5,):
            self.invoice(day, **values)
        return self.plan()

    def send(self, *refusals):
        self.mailbox.refusals[:] = refusals
        self.run_action()

    def header(self, name, number=-1):
        return self.mailbox.accepted[number].message[name]

    def test_the_email_leaves_and_is_filed(self):
        followup = self.planned()
        self.send()
        self.assertEqual(followup.state, "sent")
        (email,) = self.mailbox.accepted
        self.assertEqual(email.recipients, ("pay@bluelake.example",))
        self.assertEqual(email.sender, "accounting@acme.example")
        self.assertEqual(email.message["From"], "Acme <accounting@acme.example>")
        self.assertEqual(self.header("Reply-To"), "Acme <accounting@acme.example>")
        self.assertEqual(self.header("Auto-Submitted"), "auto-generated")
        self.assertTrue(email.message_id.endswith("@acme.example>"))
        self.assertEqual(self.mailbox.filed, [email.message_id])
        self.assertEqual(followup.delivery_id.state, "accepted")
        self.assertEqual(followup.delivery_id.sent_copy, "filed")

    def test_a_second_run_sends_nothing(self):
        self.planned()
        self.send()
        self.send()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_its_chatter_shows_the_email_and_others_a_note(self):
        invoice = self.invoice(5)
        followup = self.plan()
        self.send()
        message = followup.mail_message_id
        self.assertEqual(message.model, followup._name)
        self.assertEqual(message.res_id, followup.id)
        self.assertEqual(message.notification_ids.notification_status, "sent")
        note = invoice.message_ids[0]
        self.assertIn("Friendly reminder", note.body)
        self.assertIn("pay@bluelake.example", note.body)
        told = self.customer.message_ids[0]
        self.assertIn("Acme sent a payment reminder.", told.body)
        self.assertNotIn("100.00", told.body)

    def test_nobody_follows_every_customer_that_is_chased(self):
        self.planned()
        self.send()
        self.assertTrue(self.mailbox.accepted)
        followups = self.env["account.email.followup"].search([])
        self.assertFalse((self.customer + followups.partner_id).message_follower_ids)
        self.assertFalse(followups.message_follower_ids)

    def test_stored_pdfs_are_attached(self):
        invoice = self.invoice(5)
        self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 planted",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        other = self.invoice(6)  # has none, and gets one
        self.plan()
        self.send()
        files = {
            file.get_filename(): file.get_content()
            for file in self.mailbox.accepted[0].message.iter_attachments()
        }
        made = other.invoice_pdf_report_id.name
        self.assertEqual(set(files), {"INV.pdf", made})
        self.assertEqual(files["INV.pdf"], b"%PDF-1.4 planted")
        self.assertEqual(invoice.invoice_pdf_report_id.res_model, "account.move")

    def test_a_file_that_is_missing_or_empty_never_goes(self):
        invoice = self.invoice(5)
        file = self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 planted",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        followup = self.plan()
        with patch.object(IrAttachment, "_file_read", return_value=b""):
            self.assertTrue(file.file_size)
            self.send()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(followup.state, "planned")
        self.assertIn("missing on this server", followup.reason_text)
        self.assertEqual(followup.reason_detail, "INV.pdf")
        self.assertTrue(followup.retry_at)
        file.raw = b""
        self.retry_now()
        self.send()
        self.assertEqual(followup.state, "planned")
        file.raw = b"%PDF-1.4 is back"
        self.retry_now()
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertFalse(followup.reason_detail)
        (sent,) = self.mailbox.accepted[0].message.iter_attachments()
        self.assertEqual(sent.get_content(), b"%PDF-1.4 is back")

    def test_history_shows_what_was_sent_and_to_whom(self):
        invoice = self.invoice(5)
        self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 planted",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        followup = self.plan()
        followup.step_id.cc = "sales@acme.example"
        self.send()
        self.customer.email = "moved@bluelake.example"
        followup.step_id.cc = False
        reader = new_test_user(
            self.env,
            "history_reader",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        followup = followup.with_user(reader)
        self.assertEqual(followup.sent_to, "pay@bluelake.example, sales@acme.example")
        self.assertEqual(followup.sent_copies_to, "sales@acme.example")
        (file,) = followup.web_read(
            {"sent_attachment_ids": {"fields": {"name": {}, "mimetype": {}}}}
        )[0]["sent_attachment_ids"]
        self.assertEqual(file["name"], "INV.pdf")

    def test_too_large_attachments_become_links(self):
        invoice = self.invoice(5)
        self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 " + b"x" * 400_000,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.plan()
        self.mailbox.attachment_limit = 100_000
        self.addCleanup(self.mailbox.__dict__.pop, "attachment_limit")
        self.send()
        (email,) = self.mailbox.accepted
        self.assertFalse(list(email.message.iter_attachments()))
        html = email.message.get_body(("html",)).get_content()
        self.assertIn("access_token=", html)
        self.assertIn("INV.pdf", html)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(
            ["account_email_connector"], ["fr_FR"]
        )
        self.customer.lang = "fr_FR"
        self.planned(amount=1234.5)
        self.send()
        body = self.mailbox.accepted[0].message.get_body(("plain",)).get_content()
        self.assertIn("Bonjour", body)
        self.assertIn("1 234,50", body.replace("\u202f", " ").replace("\xa0", " "))
        self.assertNotIn("Hello", body)
        self.assertIn("rappel", self.header("Subject"))

    def test_without_a_language_the_company_s(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        self.customer.lang = False
        followup = self.planned()
        self.assertEqual(followup.lang, "fr_FR")
        # The customer's own was switched off since; Odoo asks those in use only.
        self.customer.write({"lang": "fr_FR", "active": False})
        self.company.partner_id.lang = "en_US"
        french.active = False
        followup.invalidate_recordset()
        self.assertIn("Hello", followup.email_html)
        self.send()
        self.assertEqual(followup.state, "sent")

    # -- between planning and sending ------------------------------------------------

    def test_what_was_settled_meanwhile_is_not_chased(self):
        cases = {
            "settled": self.pay,
            "blocked": lambda invoice: invoice.write({"payment_state": "blocked"}),
            "no_followup": lambda invoice: invoice.write({"no_followup": True}),
        }
        for reason, happens in cases.items():
            with self.subTest(reason):
                customer = self.customer.copy({"email": "c@many.example"})
                invoice = self.invoice(5, partner=customer)
                followup = self.plan()
                happens(invoice)
                self.send()
                self.assertEqual(followup.state, "skipped")
                self.assertEqual(followup.line_ids.reason, reason)
                self.assertTrue(followup.reason_text)
                self.assertFalse(self.mailbox.accepted)

    def test_paid_without_a_journal_entry(self):
        """The residual stays open until the bank has its say: the state is right."""
        self.inbound_payment_method_line.payment_account_id = False
        with_accounting_app = patch.object(
            AccountMove, "_get_invoice_in_payment_state", lambda self: "in_payment"
        )
        for state in ("in_payment", "paid"):
            with self.subTest(state), with_accounting_app:
                customer = self.customer.copy({"email": "p@many.example"})
                invoice = self.invoice(5, partner=customer)
                followup = self.plan()
                self.pay(invoice)
                self.assertEqual(invoice.payment_state, "in_payment")
                invoice.payment_state = state
                self.assertEqual(invoice.amount_residual, 100)
                self.send()
                self.assertEqual(followup.state, "skipped")
                self.assertEqual(followup.line_ids.reason, "settled")
                self.assertFalse(self.mailbox.accepted)

    def test_a_credit_note_covers_it_meanwhile(self):
        followup = self.planned()
        self.credit_note(100)
        self.send()
        self.assertEqual((followup.state, followup.reason), ("skipped", "nothing_left"))

    def test_only_what_is_left_is_asked_for(self):
        paid, left = self.invoice(5, 100), self.invoice(6, 70)
        followup = self.plan()
        self.pay(paid)
        self.pay(left, 20)
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(followup.amount, 50)
        body = self.mailbox.accepted[0].message.get_body(("plain",)).get_content()
        self.assertIn("50.00", body)
        self.assertNotIn(paid.name, body)
        dropped = followup.line_ids.filtered(lambda line: line.state == "dropped")
        self.assertEqual(dropped.move_id, paid)
        self.assertEqual(dropped.reason, "settled")

    # -- what the mailbox answers --------------------------------------------------

    def test_a_broken_mailbox_keeps_the_queue(self):
        one = self.planned()
        other = self.customer.copy({"email": "other@bluelake.example"})
        two = self.planned(partner=other)
        self.send(SignInRequired(Reason.WRONG_PASSWORD, code="535 5.7.8"))
        self.assertEqual(self.connector.state, "error")
        self.assertIn("password is wrong", self.connector.error_title)
        self.assertEqual((one + two).mapped("state"), ["planned", "planned"])
        self.assertFalse(one.mail_message_id, "an unsent email stays in the chatter")
        self.send()
        self.assertFalse(self.mailbox.accepted)
        self.connect(self.company, "accounting@acme.example")
        self.retry_now()
        self.send()
        self.assertEqual(len(self.mailbox.accepted), 2)
        self.assertEqual((one + two).mapped("state"), ["sent", "sent"])

    def test_reconnected_and_paid_meanwhile(self):
        invoice = self.invoice(5)
        followup = self.plan()
        self.send(AdminActionRequired(Reason.SIGN_IN_DISABLED))
        self.pay(invoice)
        self.connect(self.company, "accounting@acme.example")
        self.retry_now()
        self.send()
        self.assertEqual(followup.state, "skipped")
        self.assertFalse(self.mailbox.accepted)

    def test_rejected_fails_this_one_only(self):
        bad = self.planned()
        good = self.planned(partner=self.customer.copy({"email": "good@b.example"}))
        self.send(Rejected(Reason.RECIPIENT_REFUSED, detail="550 No such user"))
        self.assertEqual((bad.state, good.state), ("failed", "sent"))
        self.assertEqual(bad.reason_detail, "550 No such user")
        self.assertTrue(self.customer.activity_ids)
        self.assertFalse(self.plan(), "a failure is not repeated at once")

    def test_some_refused_recipients_are_told(self):
        followup = self.planned()
        followup.step_id.cc = "boss@acme.example"
        self.mailbox.refused["pay@bluelake.example"] = "550 5.1.1 <b>No such user"
        self.send()
        self.assertEqual(followup.state, "sent")
        note = followup.line_ids.move_id.message_ids[0].body
        self.assertIn("boss@acme.example", note)
        self.assertNotIn("pay@bluelake.example", note)
        todo = self.customer.activity_ids
        self.assertIn("not to pay@bluelake.example", todo.summary)
        self.assertIn("550 5.1.1 &lt;b&gt;No such user", todo.note)

    def test_a_failure_never_escalates(self):
        bad = self.planned(20)
        self.send(Rejected(Reason.RECIPIENT_REFUSED))
        again = self.plan(self.today + timedelta(days=365))
        self.assertEqual(again.step_id, bad.step_id)

    def test_unknown_is_never_resent_by_itself(self):
        followup = self.planned()
        self.send(OutcomeUnknown(Reason.MAYBE_SENT))
        self.assertEqual(followup.state, "unknown")
        self.send()
        self.assertFalse(self.plan(self.today + timedelta(days=365)))
        self.assertFalse(self.mailbox.accepted)
        self.assertTrue(self.customer.activity_ids)

    def test_a_provider_that_is_down_makes_one_uncertain_not_all(self):
        """A 5xx may come after it was sent. The next one would get the same answer."""
        partners = [self.customer.copy({"email": f"{n}@many.example"}) for n in "1234"]
        followups = sum((self.planned(partner=each) for each in partners), self.plan())
        down = OutcomeUnknown(Reason.MAYBE_SENT, code="503", retry_after=1800)
        self.send(down, down, down, down)
        states = followups.mapped("state")
        self.assertEqual(sorted(states), ["planned"] * 3 + ["unknown"])
        wait = self.connector.wait_until - fields.Datetime.now()
        self.assertGreater(wait.total_seconds(), 1700)
        self.assertEqual(self.connector.state, "connected")
        self.retry_now()
        self.send()
        self.assertEqual(len(self.mailbox.accepted), 3)

    def test_a_person_finds_it_in_sent(self):
        followup = self.planned()
        self.send(OutcomeUnknown(Reason.MAYBE_SENT))
        followup.action_was_sent()
        self.send()
        self.assertEqual((followup.state, followup.reason), ("sent", False))
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(followup.delivery_id.state, "accepted")
        self.assertEqual(followup.sent_at, followup.delivery_id.started_at)
        self.assertEqual(followup.mail_id.state, "sent")
        notification = followup.mail_message_id.notification_ids
        self.assertEqual(notification.notification_status, "sent")
        self.assertIn(
            "Friendly reminder", followup.line_ids.move_id.message_ids[0].body
        )

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_an_interrupted_one_leaves_nothing_in_the_queue_of_emails(self):
        found, unclear = self.planned(), self.planned(partner=self.customer.copy())
        self.send()
        mails = (found + unclear).mail_id
        for followup in found + unclear:  # as if killed right after the mailbox took it
            followup.write({"state": "sending", "done_on": False})
        mails.state = "outgoing"
        unclear.delivery_id.state = "sending"
        self.send()
        self.assertEqual((found.state, unclear.state), ("sent", "unknown"))
        self.assertEqual(mails.mapped("state"), ["sent", "exception"])

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_an_interrupted_one_is_not_sent_to_an_address_corrected_meanwhile(self):
        followup = self.planned()
        self.send()
        # as if killed right after the mailbox took it, before its copy was filed
        followup.write({"state": "sending", "done_on": False})
        followup.mail_id.state = "outgoing"
        followup.delivery_id.sent_copy = False
        self.customer.email = "corrected@many.example"
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(followup.delivery_id.sent_copy, "filed")

    def test_a_person_is_sure_it_was_not_sent(self):
        followup = self.planned()
        self.send(OutcomeUnknown(Reason.MAYBE_SENT))
        followup.action_was_not_sent()
        self.retry_now()
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_the_sent_folder_knows(self):
        followup = self.planned()
        self.mailbox.find_sent = lambda message_id: True
        self.addCleanup(self.mailbox.__dict__.pop, "find_sent")
        self.send(OutcomeUnknown(Reason.MAYBE_SENT))
        self.assertEqual(followup.state, "sent")

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_a_sent_folder_that_cannot_be_asked_is_no_proof(self):
        """The provider took the email, then was away for the look into Sent as well."""

        def away(message_id):
            raise Unavailable(Reason.PROVIDER_DOWN, code="503")

        self.mailbox.find_sent = away
        self.addCleanup(self.mailbox.__dict__.pop, "find_sent")
        cut_off = self.planned()
        self.send(OutcomeUnknown(Reason.MAYBE_SENT, code="504"))
        self.assertEqual((cut_off.state, cut_off.delivery_id.state), ("unknown",) * 2)

        self.retry_now()
        killed = self.planned(partner=self.customer.copy({"email": "k@many.example"}))
        self.send()
        killed.state = killed.delivery_id.state = "sending"
        waiting = self.planned(partner=self.customer.copy({"email": "w@many.example"}))
        self.send()
        self.assertEqual((killed.state, killed.delivery_id.state), ("unknown",) * 2)
        self.assertEqual(waiting.state, "sent", "the others go on")
        self.retry_now()
        self.send()
        self.assertEqual(len(self.mailbox.accepted), 2, "never again by itself")

    def test_not_accepted_is_tried_again_later(self):
        for outcome in (Unavailable, Throttled):
            with self.subTest(outcome.__name__):
                customer = self.customer.copy({"email": "later@many.example"})
                followup = self.planned(partner=customer)
                self.send(outcome(Reason.TOO_FAST, retry_after=60))
                self.assertEqual(followup.state, "planned")
                self.assertTrue(followup.retry_at)
                self.assertEqual(followup.reason, "too_fast")
                before = len(self.mailbox.accepted)
                self.send()
                self.assertEqual(len(self.mailbox.accepted), before)
                self.retry_now()
                self.send()
                self.assertEqual(followup.state, "sent")
                self.assertEqual(len(self.mailbox.accepted), before + 1)

    def sent_a_moment_ago(self, sender, how_many):
        self.env["account.email.delivery"].sudo().create(
            [
                {
                    "connector_id": self.connector.id,
                    "company_id": self.company.id,
                    "sender": sender,
                    "message_id": f"<{number}@acme.example>",
                    "envelope_key": "of another customer",
                    "state": "accepted",
                    "accepted_at": fields.Datetime.now(),
                }
                for number in range(how_many)
            ]
        )

    def test_the_pace_is_kept_whatever_letters_the_domain_has(self):
        self.connector.action_disconnect()
        self.connect(self.company, "buchhaltung@müller.example")
        self.connector.smtp_host = "smtp.office365.com"
        self.sent_a_moment_ago("buchhaltung@xn--mller-kva.example", 29)
        last = self.planned()
        next_one = self.planned(partner=self.customer.copy({"email": "n@many.example"}))
        self.send()
        self.assertEqual((last.state, next_one.state), ("sent", "planned"))

    def test_the_pace_of_office_365_is_kept_by_smtp_too(self):
        self.connector.smtp_host = "smtp.Office365.com"
        self.sent_a_moment_ago(self.connector.email, 29)
        last = self.planned()
        next_one = self.planned(partner=self.customer.copy({"email": "n@many.example"}))
        self.send()
        self.assertEqual((last.state, next_one.state), ("sent", "planned"))
        wait = self.connector.wait_until - fields.Datetime.now()
        self.assertLess(wait.total_seconds(), 62)
        self.connector.smtp_host = "smtp.acme.example"  # has no such limit
        self.retry_now()
        self.send()
        self.assertEqual(next_one.state, "sent")
        self.assertTrue(self.connector._usable())

    def test_a_run_ends_when_another_mailbox_is_connected_meanwhile(self):
        self.planned()
        self.planned(partner=self.customer.copy({"email": "n@many.example"}))
        accept = self.mailbox.send

        def send(email):
            self.mailbox.send = accept
            self.connector.action_disconnect()
            self.connect(self.company, "new@acme.example")
            self.env.flush_all()  # the run reads it
            return accept(email)

        self.mailbox.send = send
        self.addCleanup(self.mailbox.__dict__.pop, "send")
        self.send()
        self.send()
        senders = [email.sender for email in self.mailbox.accepted]
        self.assertEqual(senders, ["accounting@acme.example", "new@acme.example"])

    def test_the_trouble_of_a_mailbox_that_was_let_go_is_not_the_next_ones(self):
        followup = self.planned()
        write = compose.compose

        def compose_meanwhile(followups):
            self.connector.action_disconnect()
            self.env.flush_all()  # the run reads it
            return write(followups)

        with patch.object(compose, "compose", compose_meanwhile):
            self.send(SignInRequired(Reason.SIGN_IN_AGAIN, code="invalid_grant"))
        self.assertEqual(self.connector.state, "disconnected")
        self.assertFalse(self.connector.error_reason)
        self.assertEqual(followup.state, "planned")

    def deferred(self):
        return Unavailable(Reason.DEFERRED, code="450 4.1.2", detail="No such domain")

    def test_one_deferred_email_does_not_hold_up_the_others(self):
        typo, *others = (
            self.planned(partner=self.customer.copy({"email": f"{name}@many.example"}))
            for name in ("typo", "one", "two")
        )
        self.send(self.deferred())
        self.assertEqual([each.state for each in others], ["sent", "sent"])
        self.assertEqual((typo.state, typo.reason), ("planned", "deferred"))
        self.assertIn("does not take this email yet", typo.reason_text)
        self.assertTrue(self.connector._usable())
        self.assertFalse(self.connector.unavailable_since)
        wait = typo.retry_at - fields.Datetime.now()
        self.assertGreater(wait.total_seconds(), 14 * 60, "it has a wait of its own")
        self.send()
        self.assertEqual(len(self.mailbox.accepted), 2)
        self.retry_now()
        self.send()
        self.assertEqual(typo.state, "sent")

    def test_a_server_that_defers_everything_is_not_asked_for_each_email(self):
        followups = self.several(7)
        self.send(*(self.deferred() for _each in followups))
        self.assertEqual(followups.mapped("attempts").count(1), 4, "the fifth waits")
        self.assertFalse(self.connector._usable())
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.connector.wait_reason, "all_put_off")
        self.connector.wait_until = False
        self.send()
        to = [email.recipients[0] for email in self.mailbox.accepted]
        first = ["5@many.example", "6@many.example"]
        self.assertEqual(to[:2], first, "those not tried yet")
        self.assertEqual(to[2:], ["4@many.example"], "then what waited for the mailbox")

    def test_a_deferred_email_fails_after_two_days(self):
        followup = self.planned()
        followup.attempts = settle.ATTEMPTS - 2
        for state in ("planned", "failed"):
            self.send(self.deferred())
            self.assertEqual(followup.state, state)
            self.retry_now()
        self.assertEqual(followup.reason_detail, "No such domain")
        said = followup.mail_id.failure_reason
        self.assertIn("does not try again by itself", said)
        self.assertTrue(self.customer.activity_ids)
        followup.action_retry()
        self.send(self.deferred())
        self.assertEqual(followup.state, "planned", "a person's retry begins anew")

    def test_an_outage_is_no_attempt_of_the_email(self):
        followup = self.planned()
        for _hour in range(settle.ATTEMPTS + 1):
            self.send(Throttled(Reason.TOO_FAST, retry_after=60))
            self.retry_now()
        self.send(self.deferred())
        self.assertEqual((followup.state, followup.attempts), ("planned", 1))

    def test_what_the_server_dislikes_is_not_the_first_again(self):
        disliked = self.planned()
        other = self.planned(partner=self.customer.copy({"email": "o@many.example"}))
        self.send(Throttled(Reason.TOO_FAST, retry_after=60))
        self.assertEqual(disliked.state, "planned")
        self.connector.wait_until = False  # a minute has passed
        self.send()
        self.assertEqual((disliked.state, other.state), ("planned", "sent"))

    def several(self, number):
        followups = self.env["account.email.followup"].sudo()
        for n in range(number):
            customer = self.customer.copy({"email": f"{n}@many.example"})
            followups += self.planned(partner=customer)
        return followups

    def limited(self):
        """One that has been put off, because its mailbox waits for a day."""
        followup = self.planned()
        self.send(Throttled(Reason.DAILY_LIMIT, code="452", retry_after=86400))
        self.assertEqual((followup.state, followup.reason), ("planned", "daily_limit"))
        self.assertTrue(followup.retry_at)
        return followup

    def test_what_was_put_off_for_its_mailbox_goes_when_it_is_connected_again(self):
        followup = self.limited()
        self.reconnect()
        self.assertFalse(followup.retry_at or followup.reason)
        self.send()
        self.assertEqual(followup.state, "sent")

    def test_nor_does_it_wait_for_one_that_was_disconnected(self):
        followup = self.limited()
        self.connector.action_disconnect()
        self.reconnect()
        self.send()
        self.assertEqual(followup.state, "sent")

    def test_nor_once_another_email_shows_that_an_outage_is_over(self):
        followup = self.planned()
        self.send(Unavailable(Reason.CONNECTION_LOST, retry_after=3600))
        self.assertEqual(followup.reason, "connection_lost")
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.connector.action_send_test()
        self.env.invalidate_all()
        self.assertFalse(followup.retry_at or followup.reason)

    def test_what_was_put_off_itself_waits_on(self):
        followup = self.planned()
        self.send(self.deferred())
        retry_at = followup.retry_at
        self.reconnect()
        self.assertEqual((followup.reason, followup.retry_at), ("deferred", retry_at))

    def stopping(self, after):
        """Let somebody stop follow-ups when so many have been accepted."""
        accept = self.mailbox.send

        def send(email):
            receipt = accept(email)
            if len(self.mailbox.accepted) == after:
                self.connector.action_stop()
                self.env.flush_all()  # the run reads it
            return receipt

        self.mailbox.send = send
        self.addCleanup(self.mailbox.__dict__.pop, "send")

    def test_after_a_stop_nothing_more_of_the_batch_leaves(self):
        followups = self.several(9)
        self.stopping(after=3)
        self.send()
        self.assertEqual(followups.mapped("state").count("sent"), 3)
        self.assertEqual(followups.mapped("state").count("planned"), 6)
        self.assertEqual(set(followups.mapped("attempts")), {0, 1})
        self.assertFalse(followups.filtered("retry_at"))

    def test_what_a_person_wants_sent_leaves_after_a_stop(self):
        followups = self.several(9)
        followups[-1].at_once = followups[4].at_once = True
        self.stopping(after=2)
        self.send()
        self.assertEqual(
            followups.filtered(lambda each: each.state == "sent"),
            followups[:2] + followups[4] + followups[-1],
        )

    # -- the copy in Sent ----------------------------------------------------------

    def filing(self, *copies):
        """Let the next copies come to this; those after them are filed.

        :return: the list of those that have been tried, by Message-ID.
        """
        coming, asked = list(copies), []

        def file_copy(email):
            asked.append(email.message_id)
            if coming:
                return coming.pop(0)
            return MemoryMailbox.file_copy(self.mailbox, email)

        self.mailbox.file_copy = file_copy
        self.addCleanup(self.mailbox.__dict__.pop, "file_copy", None)
        return asked

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_copy_is_filed_when_the_folder_is_in_reach_again(self):
        followups = self.several(3)
        away = SentCopy("owed", "port_closed Connection refused")
        self.filing(away, away, away, away)
        self.send()
        deliveries = followups.delivery_id
        self.assertEqual(set(followups.mapped("state")), {"sent"})
        self.assertEqual(set(deliveries.mapped("sent_copy")), {"owed"})
        self.assertIn("not in the Sent folder yet: 3.", self.connector.copies_missing)
        self.assertIn("Connection refused", self.connector.copies_missing)
        self.assertNotIn("port_closed", self.connector.copies_missing)
        self.assertIn("Odoo tries again", followups[0].copy_text)
        self.send()
        self.assertFalse(self.mailbox.filed, "it is not asked all the time")
        deliveries.sent_copy_retry_at = fields.Datetime.now()
        self.send()  # it is still away: one is tried, of all
        self.assertEqual(sum(deliveries.mapped("sent_copy_tries")), 4)
        self.assertGreater(
            min(deliveries.mapped("sent_copy_retry_at")), fields.Datetime.now()
        )
        deliveries.sent_copy_retry_at = fields.Datetime.now()
        self.send()
        self.assertEqual(set(deliveries.mapped("sent_copy")), {"filed"})
        self.assertEqual(len(self.mailbox.filed), 3)
        self.assertEqual(len(self.mailbox.accepted), 3, "nothing is sent twice")
        self.env.invalidate_all()
        self.assertFalse(self.connector.copies_missing or followups[0].copy_text)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_copy_is_not_tried_for_ever(self):
        followup = self.planned()
        self.filing(*[SentCopy("owed", "provider_down [OVERQUOTA] full")] * 2)
        self.send()
        followup.delivery_id.write(
            {"sent_copy_tries": 23, "sent_copy_retry_at": fields.Datetime.now()}
        )
        self.send()
        self.assertEqual(followup.delivery_id.sent_copy, "failed")
        self.assertIn("[OVERQUOTA] full", followup.copy_text)
        self.assertIn("[OVERQUOTA] full", followup.message_ids[0].body)
        self.assertIn("could not be filed", self.connector.copies_missing)
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.connector.invalidate_recordset()
            self.assertFalse(self.connector.copies_missing, "it is told for a month")

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_copy_waits_for_a_new_password(self):
        """SMTP took the old one, and IMAP did not: asked again and again with it, it
        may lock the account."""
        followups = self.several(2)
        refused = SentCopy("held", "wrong_password [AUTHENTICATIONFAILED] No")
        self.filing(refused, refused)
        self.send()
        deliveries = followups.delivery_id
        self.assertEqual(set(followups.mapped("state")), {"sent"})
        self.assertIn(
            "not in the Sent folder yet: 2. Odoo files them once the sign-in works "
            "again, or the mailbox is reconnected.",
            self.connector.copies_missing,
        )
        self.assertIn("or the mailbox is reconnected", followups[0].copy_text)
        with self.later(minutes=50):
            self.send()
            self.assertFalse(self.mailbox.filed, "it is not tried so soon")
            self.reconnect()
            self.run_action()
        self.assertEqual(set(deliveries.mapped("sent_copy")), {"filed"})
        self.assertEqual(len(self.mailbox.filed), 2)
        self.assertEqual(len(self.mailbox.accepted), 2, "nothing is sent twice")
        self.assertFalse(self.connector.copies_missing or followups[0].copy_text)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_copy_is_filed_once_the_sign_in_works_again(self):
        """The provider was wrong, nobody reconnects: one asks each hour, for all."""
        followups = self.several(3)
        refused = SentCopy("held", "wrong_password [AUTHENTICATIONFAILED] No")
        asked = self.filing(*[refused] * 99)
        self.send()
        deliveries = followups.delivery_id
        for delivery, minutes in zip(deliveries, (0, 20, 40), strict=True):
            delivery.sent_copy_retry_at += timedelta(minutes=minutes)
        asked.clear()
        for hours in range(1, 31):
            for minutes in (1, 21, 41):  # as if they had been sent apart
                with (
                    self.later(hours=hours, minutes=minutes),
                    self.batches_of_copies(2),
                ):
                    self.send()
                    self.send()
                    self.assertEqual(len(asked), hours)
        self.assertEqual(set(deliveries.mapped("sent_copy")), {"held"})
        del self.mailbox.file_copy
        with self.later(hours=40):
            self.send()
        self.assertEqual(set(deliveries.mapped("sent_copy")), {"filed"})
        self.assertEqual(len(self.mailbox.accepted), 3, "nothing is sent twice")
        self.assertFalse(self.connector.copies_missing or followups[0].copy_text)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_what_was_refused_and_is_out_of_reach_now_has_all_its_tries(self):
        followup = self.planned()
        refused = SentCopy("held", "wrong_password [AUTHENTICATIONFAILED] No")
        self.filing(*[refused] * 2, SentCopy("owed", "port_closed Connection refused"))
        self.send()
        for hours in (2, 4):
            with self.later(hours=hours):
                self.send()
        delivery = followup.delivery_id
        self.assertEqual((delivery.sent_copy, delivery.sent_copy_tries), ("owed", 1))

    def batches_of_copies(self, most):
        return patch(
            "odoo.addons.account_email_connector.engine.sending.copies.MOST", most
        )

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_what_waits_for_a_sign_in_begins_anew(self):
        """It has its tries once more, also where somebody is at work on it now."""
        followups = self.several(2)
        self.filing(SentCopy("held", "wrong_password No"))
        self.send()
        (held,) = followups.delivery_id.filtered(lambda d: d.sent_copy == "held")
        held.sent_copy_tries = 23
        with patch.object(type(held), "try_lock_for_update", lambda d, **kw: d[:0]):
            copies.file_held(self.connector)
        self.assertEqual((held.sent_copy, held.sent_copy_tries), ("owed", 0))

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_what_waits_for_a_sign_in_is_shown_as_missing(self):
        followups = self.several(2)
        refused = SentCopy("held", "wrong_password [AUTHENTICATIONFAILED] No")
        self.filing(refused, refused)
        self.send()
        self.assertEqual(self.shown_as_missing(), followups.delivery_id)

    def shown_as_missing(self):
        """What the log's filter *Copy not filed* shows."""
        view = self.env.ref("account_email_connector.view_delivery_search")
        (found,) = etree.fromstring(view.arch).xpath("//filter[@name='copy_failed']")
        domain = literal_eval(found.get("domain"))
        own = [("connector_id", "=", self.connector.id)]
        return self.env["account.email.delivery"].search(domain + own)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_the_copy_of_a_test_email_is_not_made_again(self):
        self.filing(SentCopy("owed", "port_closed Connection refused"))
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.connector.action_send_test()
        self.env.invalidate_all()
        self.assertIn("could not be filed", self.connector.copies_missing)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_defect_in_a_mailbox_counts_as_unknown(self):
        followup = self.planned()
        self.send(ZeroDivisionError())
        self.assertEqual(followup.state, "unknown")

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_a_receipt_that_could_not_be_written_is_no_failure(self):
        """The mailbox took the email, and the database was away right after that."""
        journal = self.env.registry["account.email.delivery"]
        followup = self.planned()
        away = psycopg2.OperationalError("connection lost")
        with patch.object(journal, "_record_receipt", side_effect=away):
            self.send()
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(followup.state, "sending", "not failed: it may be retried")
        self.send()
        self.assertEqual(followup.state, "unknown")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_a_connection_for_the_receipt_is_there_before_the_email_leaves(self):
        followup = self.planned()
        registry = type(self.env.registry)
        whole_pool, left = registry.cursor, []

        def exhausted(registry, readonly=False):
            if left and not left[0]:
                raise PoolError("The Connection Pool Is Full")
            return whole_pool(registry, readonly)

        def take_all(email):
            left[:] = [0]
            try:
                return MemoryMailbox.send(self.mailbox, email)
            finally:
                self.addCleanup(left.clear)

        self.mailbox.send = take_all
        self.addCleanup(self.mailbox.__dict__.pop, "send")
        with patch.object(registry, "cursor", exhausted):
            self.send()
        self.assertEqual(followup.state, "sent")

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_defect_in_filing_the_copy_fails_nothing(self):
        def broken(email):
            raise UnicodeEncodeError("ascii", "müller", 1, 2, "not ascii")

        followup = self.planned()
        self.mailbox.file_copy = broken
        self.addCleanup(self.mailbox.__dict__.pop, "file_copy")
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(followup.delivery_id.sent_copy, "failed")
        self.assertEqual(followup.delivery_id.sent_copy_warning, "UnicodeEncodeError")

    @mute_logger(
        "odoo.addons.account_email_connector.engine.sending.recover",
        "odoo.addons.account_email_connector.engine.sending.steps",
    )
    def test_one_that_cannot_be_recovered_does_not_hold_up_the_others(self):
        stuck = self.planned()
        self.send()
        stuck.write({"state": "sending"})
        good = self.planned(partner=self.customer.copy({"email": "good@b.example"}))
        with patch.object(telling, "sent", _raise_for(stuck, telling.sent)):
            self.send()
        self.assertEqual((stuck.state, good.state), ("sending", "sent"))
        stuck.mail_id.unlink()
        self.send()
        self.assertEqual(stuck.state, "sent", "its email was deleted by somebody")

    @mute_logger("odoo.addons.account_email_connector.engine.safely")
    def test_what_waits_leaves_even_if_planning_fails(self):
        followup = self.planned()
        followups = self.env.registry["account.email.followup"]
        with patch.object(followups, "_plan", side_effect=ZeroDivisionError):
            self.send()
        self.assertEqual(followup.state, "sent")

    def test_whoever_comes_to_one_that_is_being_sent_is_told_so(self):
        followup = self.planned()
        followup.sudo().state = "sending"
        with self.assertRaisesRegex(UserError, "being sent right now"):
            followup.action_skip()

    def test_a_run_without_time_leaves_all_to_the_next_which_comes_soon(self):
        followup = self.planned()
        self.invoice(5, partner=self.customer.copy({"email": "three@many.example"}))
        runs = self.env["ir.cron.trigger"]
        before = runs.search_count([])
        self.assertEqual(self.run_with_seconds(0), {"remaining": 1})
        self.assertEqual(runs.search_count([]), before + 1)
        self.assertEqual(followup.state, "planned")
        self.assertEqual(self.env["account.email.followup"].search([]), followup)

    def test_however_long_planning_took_a_run_that_began_in_time_sends(self):
        followups = self.planned()
        for number in range(6):
            partner = self.customer.copy({"email": f"{number}@many.example"})
            followups += self.planned(partner=partner)
        self.assertEqual(self.run_with_seconds(9, 9, 0)["remaining"], 0)
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    @mute_logger("odoo.addons.account_email_connector.engine.sending.steps")
    def test_what_the_database_refuses_is_left_to_a_later_run(self):
        followup = self.planned()
        refused = psycopg2.errors.DiskFull("No space left on device")
        with patch.object(prepare, "_prepare", side_effect=refused):
            self.assertEqual(self.run_with_seconds(9)["remaining"], 0)
        self.assertEqual(followup.state, "planned")
        self.send()
        self.assertEqual(followup.state, "sent")

    def run_with_seconds(self, *left):
        """Run the action, to which Odoo says that it has so many seconds left, and so
        many when it asks again; return what it has said last."""
        told, seconds = {}, iter(left)

        def progress(_crons, processed=0, **values):
            told.update(values)
            return next(seconds, left[-1])

        with (
            self.mail_leaves(),
            self.enter_registry_test_mode(),
            patch.object(self.env.registry["ir.cron"], "_commit_progress", progress),
        ):
            self.env["account.email.connector"]._cron_followups()
        self.env.invalidate_all()
        return told

    # -- what customers are called --------------------------------------------------

    def test_without_an_address_a_todo_for_the_accountant(self):
        self.customer.email = False
        followup = self.planned()
        self.send()
        self.assertEqual((followup.state, followup.reason), ("failed", "no_address"))
        self.assertIn("no valid email address", self.customer.activity_ids.summary)
        self.send()
        self.assertEqual(len(self.customer.activity_ids), 1)

    def test_an_address_at_last_and_tried_again(self):
        address, self.customer.email = self.customer.email, False
        followup = self.planned()
        self.send()
        self.customer.email = address
        followup.action_retry()
        self.send()
        self.assertEqual((followup.state, followup.channel), ("sent", "email"))
        self.assertEqual(self.mailbox.accepted[0].recipients, (address,))

    def test_the_form_says_before_that_it_becomes_a_todo(self):
        followup = self.planned()
        self.assertFalse(followup.objection)
        self.customer.email = False
        followup.invalidate_recordset()
        self.assertIn("it becomes a to-do. The customer has no", followup.objection)

    def test_an_address_before_it_goes(self):
        address, self.customer.email = self.customer.email, False
        followup = self.planned()
        self.customer.email = address
        self.send()
        self.assertEqual((followup.state, followup.channel), ("sent", "email"))

    def test_an_address_after_it_was_approved_as_a_todo(self):
        """Whoever approved it has not read the email."""
        self.env.ref("account_email_connector.step_friendly").review = True
        address, self.customer.email = self.customer.email, False
        followup = self.planned()
        followup.action_approve()
        self.customer.email = address
        self.send()
        self.assertEqual((followup.state, followup.reason), ("to_review", "changed"))
        self.assertTrue(followup.email_html)
        followup.action_approve()
        self.send()
        self.assertEqual(followup.state, "sent")

    def test_a_domain_with_other_letters_than_ascii(self):
        """https://www.rfc-editor.org/rfc/rfc5891: DNS knows it in punycode only."""
        self.customer.email = "info@bücher.example"
        followup = self.planned()
        followup.step_id.cc = "Chef <chef@müller.example>"
        self.send()
        self.assertEqual(followup.state, "sent")
        self.assertCountEqual(
            self.mailbox.accepted[0].recipients,
            ["info@xn--bcher-kva.example", "chef@xn--mller-kva.example"],
        )

    def test_a_mailbox_whose_domain_has_other_letters_than_ascii(self):
        self.connector.action_disconnect()
        self.connect(self.company, "buchhaltung@müller.example")
        followup = self.planned()
        self.send()
        self.assertEqual(followup.state, "sent")
        (email,) = self.mailbox.accepted
        self.assertEqual(email.sender, "buchhaltung@xn--mller-kva.example")
        self.assertTrue(email.message_id.endswith("@xn--mller-kva.example>"))
        self.assertTrue(email.message["References"].isascii())

    def test_odd_names_and_addresses_never_stop_the_run(self):
        odd = {
            "a line break": {"email": "a@b.example\nBcc: x@evil.example"},
            "a long name": {"name": "N" * 300},
            "a line break in the name": {"name": "Blue\r\nBcc: x@evil.example"},
            "emoji": {"name": "Café 🦊 GmbH"},
            "non-ascii local part": {"email": "jürgen@bluelake.example"},
        }
        for values in odd.values():
            customer = self.customer.copy({"email": "odd@many.example", **values})
            self.planned(partner=customer)
        good = self.planned(partner=self.customer.copy({"email": "g@good.example"}))
        self.send()
        self.assertEqual(good.state, "sent")
        recipients = [r for mail in self.mailbox.accepted for r in mail.recipients]
        self.assertNotIn("x@evil.example", str(recipients))
        states = self.env["account.email.followup"].search([]).mapped("state")
        self.assertLessEqual(set(states), {"sent", "failed"})

    @mute_logger("odoo.addons.account_email_connector.engine.sending.steps")
    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_broken_template_fails_its_followups_only(self):
        followup = self.planned()
        # As after an upgrade that removed a field: nobody checks templates then.
        self.env.cr.execute(
            """UPDATE mail_template SET body_html = '{"en_US": "<t t-out=\\"1/0\\"/>"}'
                WHERE id = %s""",
            [followup.step_id.template_id.id],
        )
        self.env.invalidate_all()
        self.send()
        self.assertEqual((followup.state, followup.reason), ("failed", "not_composed"))

    def test_skip_and_retry_by_a_person(self):
        followup = self.planned()
        followup.action_skip()
        self.send()
        self.assertEqual(followup.state, "skipped")
        self.assertFalse(self.mailbox.accepted)


def _raise_for(followup, method):
    """*method*, but for *followup* it raises."""

    def or_raise(self, *args, **kwargs):
        if self == followup:
            raise ZeroDivisionError
        return method(self, *args, **kwargs)

    return or_raise
