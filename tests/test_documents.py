from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.account.models.ir_actions_report import IrActionsReport

from ..engine.sending import documents
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestDocuments(ConnectorCommon):
    """In Odoo's tests a PDF is HTML: nothing is rendered by another program."""

    def files(self):
        message = self.mailbox.accepted[-1].message
        return [part.get_filename() for part in message.iter_attachments()]

    def shown(self, followup):
        self.env.invalidate_all()
        return followup.documents_text or ""

    def broken(self, *invoices):
        """The PDFs of these cannot be made."""
        rendered = IrActionsReport._pre_render_qweb_pdf
        ids = {invoice.id for invoice in invoices}

        def render(reports, ref, res_ids=None, data=None):
            if ids.intersection(res_ids or ()):
                raise ValueError("The logo is broken")
            return rendered(reports, ref, res_ids=res_ids, data=data)

        return patch.object(IrActionsReport, "_pre_render_qweb_pdf", render)

    def test_first_those_of_what_a_person_has_sent(self):
        read, by_itself, by_hand = (
            self.invoice(5, partner=self.customer.copy({"email": f"{n}@pdf.example"}))
            for n in range(3)
        )
        planned = self.plan().grouped("partner_id")
        planned[read.partner_id].state = "to_review"
        action = by_hand.action_email_followup_compose()
        self.env[action["res_model"]].browse(action["res_id"]).action_send()
        missing = list(documents._missing(self.env, None))
        self.assertEqual(missing, [by_hand.id, by_itself.id, read.id])

    def test_missing_pdfs_are_made_before_the_email_goes(self):
        invoices = self.invoice(5) + self.invoice(6)
        followup = self.plan()
        self.assertIn("2 of 2 without PDF", self.shown(followup))
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertTrue(all(invoice.invoice_pdf_report_id for invoice in invoices))
        names = invoices.invoice_pdf_report_id.mapped("name")
        self.assertLessEqual(set(names), set(self.files()))
        self.assertFalse(self.shown(followup))

    def test_nothing_is_sent_and_nothing_counts_as_sent_by_it(self):
        never = self.never_sent(5)
        mails = self.env["mail.mail"].search_count([])
        self.plan()
        self.run_action()
        self.assertTrue(never.invoice_pdf_report_id)
        self.assertFalse(never.is_move_sent)
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails + 1)

    def test_sending_it_afterwards_counts_as_sending(self):
        never = self.never_sent(5)
        self.plan()
        self.run_action()
        self.env["account.move.send"]._generate_and_send_invoices(never)
        self.assertTrue(never.is_move_sent)
        self.assertEqual(never.email_followup_sent_on, self.today)

    def test_a_step_that_attaches_none_makes_none(self):
        invoice = self.invoice(5)
        followup = self.plan()
        followup.step_id.attach_invoices = False
        self.assertFalse(self.shown(followup))
        self.run_action()
        self.assertFalse(invoice.invoice_pdf_report_id)

    def test_for_who_reads_it_first(self):
        invoice = self.invoice(5)
        self.env.ref("account_email_connector.step_friendly").review = True
        followup = self.plan()
        self.run_action()
        self.assertEqual(followup.state, "to_review")
        self.assertTrue(invoice.invoice_pdf_report_id)
        self.assertFalse(self.shown(followup))

    def test_one_that_cannot_be_made_stops_nobody_and_is_told(self):
        bad, good = self.invoice(5), self.invoice(6)
        followup = self.plan()
        with self.broken(bad):
            self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertTrue(good.invoice_pdf_report_id)
        self.assertFalse(bad.invoice_pdf_report_id)
        self.assertIn(good.invoice_pdf_report_id.name, self.files())
        self.assertTrue(bad.email_followup_pdf_tried_on)
        told = bad.message_ids.filtered(lambda m: "could not be made" in m.body)
        self.assertEqual(len(told), 1)
        self.assertIn("The logo is broken", told.body)

    def test_it_is_tried_once_a_day(self):
        bad = self.invoice(5)
        self.env.ref("account_email_connector.step_friendly").review = True
        followup = self.plan()
        with self.broken(bad):
            self.run_action()
            self.run_action()
        told = bad.message_ids.filtered(lambda m: "could not be made" in m.body)
        self.assertEqual(len(told), 1)
        self.assertIn("1 of 1 without PDF: it could not", self.shown(followup))
        bad.email_followup_pdf_tried_on = "2020-01-01"
        self.run_action()
        self.assertTrue(bad.invoice_pdf_report_id)
        self.assertFalse(self.shown(followup))

    def test_an_email_waits_until_its_pdfs_were_tried(self):
        invoice = self.invoice(5)
        followup = self.plan()
        with patch(
            "odoo.addons.account_email_connector.engine.sending.documents.MOST", 0
        ):
            self.run_action()
        self.assertEqual(followup.state, "planned")
        self.assertIn("PDFs are being made", followup.reason_text)
        self.assertFalse(self.mailbox.accepted)
        self.assertTrue(followup.retry_at)
        self.run_action()
        self.assertEqual(followup.state, "sent", "as soon as they are there")
        self.assertTrue(invoice.invoice_pdf_report_id)

    def test_other_entries_have_no_pdf(self):
        self.invoice(5)
        self.credit_note(10)
        followup = self.plan()
        self.assertIn("1 of 1 without PDF", self.shown(followup))

    def test_files_as_odoo_attaches_them(self):
        invoice = self.invoice(5)
        self.plan()
        self.run_action()
        send = self.env["account.move.send"]
        files = send._get_invoice_extra_attachments(invoice)
        self.assertEqual(self.files(), files.mapped("name"))

    def composer(self, invoices):
        action = invoices.action_email_followup_compose()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_the_composer_says_it_and_makes_them(self):
        invoices = self.invoice(5) + self.invoice(6)
        composer = self.composer(invoices)
        self.assertIn("2 of 2 without PDF", composer.documents_text)
        self.assertTrue(composer.can_make_documents)
        composer.body = "<p>As agreed</p>"
        composer.action_make_documents()
        self.env.invalidate_all()
        self.assertFalse(composer.documents_text)
        self.assertFalse(composer.can_make_documents)
        self.assertEqual(composer.body, "<p>As agreed</p>")
        composer.action_send()
        self.run_action()
        names = invoices.invoice_pdf_report_id.mapped("name")
        self.assertLessEqual(set(names), set(self.files()))

    def test_an_auditor_makes_none(self):
        composer = self.composer(self.invoice(5))
        auditor = new_test_user(
            self.env, "auditor_pdf", "account.group_account_readonly"
        )
        with self.assertRaises(AccessError):
            composer.with_user(auditor).action_make_documents()

    def test_who_reads_the_list_looks_at_the_files_once(self):
        for number in range(5):
            partner = self.customer.copy({"email": f"l{number}@many.example"})
            self.invoice(5, partner=partner)
        followups = self.plan()
        self.assertEqual(len(followups), 5)

        def statements(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("documents_text")
            return self.env.cr.sql_log_count - before

        self.assertEqual(statements(followups[:2]), statements(followups))

    def test_a_body_of_ones_own_takes_the_files_that_were_chosen(self):
        invoice = self.invoice(5)
        followup = self.plan()
        followup.write({"subject": "Mine", "body": "<p>Mine</p>"})
        self.assertFalse(self.shown(followup))
        self.run_action()
        self.assertFalse(invoice.invoice_pdf_report_id)
