import csv
import email
import io
import zipfile
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from ..engine.handover import bundle
from ..engine.handover.bundle import safe_name
from ..rules import Reason
from .common import ConnectorCommon

DOWNLOAD = "/web/content/"


@tagged("post_install", "-at_install")
class TestHandOver(ConnectorCommon):
    """Somebody else collects the money: one file for them, and the customer rests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            "clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def wizard(self, to="Smith & Partners", user=None, **values):
        customer = self.customer.with_user(user or self.clerk)
        action = customer.action_email_followup_hand_over()
        wizards = self.env[action["res_model"]].with_user(user or self.clerk)
        return wizards.with_context(**action["context"]).create({"to": to, **values})

    def hand_over(self, **values):
        wizard = self.wizard(**values)
        wizard.action_confirm()
        self.env.invalidate_all()
        return wizard

    def files(self, wizard):
        """{name: bytes} of the file that the user saves."""
        raw = wizard.attachment_id.with_user(wizard.env.user).raw
        with zipfile.ZipFile(io.BytesIO(raw)) as found:
            self.assertFalse(found.testzip())
            return {name: found.read(name) for name in found.namelist()}

    def rows(self, content):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id].reason

    def send_one(self):
        self.plan()
        self.run_action()

    # -- the file --------------------------------------------------------------------

    def test_the_file(self):
        invoice = self.invoice(5, 100)
        self.credit_note(30)
        self.send_one()
        sent = self.mailbox.accepted[-1]
        wizard = self.hand_over()
        files = self.files(wizard)
        self.assertEqual(
            {name.split("/")[0] for name in files},
            {"README.txt", "items.csv", "receipts.csv"}
            | {"statement", "invoices", "emails"},
        )
        head, *items = self.rows(files["items.csv"])
        self.assertEqual(head[0], "Document")
        self.assertEqual({row[0]: row[7] for row in items}[invoice.name], "100.0")
        self.assertEqual(sum(float(row[7]) for row in items), 70)
        (receipt,) = self.rows(files["receipts.csv"])[1:]
        self.assertIn(sent.message_id, receipt)
        self.assertIn(self.customer.email, receipt)
        self.assertIn("Smith & Partners", files["README.txt"].decode())

    def test_an_email_is_as_it_was_sent(self):
        self.invoice(5, 100)
        self.send_one()
        sent = self.mailbox.accepted[-1].message
        files = self.files(self.hand_over())
        (content,) = [raw for name, raw in files.items() if name.startswith("emails/")]
        found = email.message_from_bytes(content, policy=email.policy.default)
        for header in ("From", "To", "Subject", "Message-Id", "References"):
            self.assertEqual(found[header], sent[header], header)
        text, html = (
            [part.get_body((kind,)).get_content() for part in (found, sent)]
            for kind in ("plain", "html")
        )
        for found_part, sent_part in (text, html):
            self.assertEqual(found_part.split(), sent_part.split())
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(found["Date"].datetime.replace(tzinfo=None), followup.sent_at)

    def test_a_stored_pdf_is_taken_as_it_is(self):
        invoice = self.invoice(5)
        self.store_pdf(invoice, b"%PDF-1.4 stored")
        files = self.files(self.hand_over())
        (name,) = [name for name in files if name.startswith("invoices/")]
        self.assertEqual(files[name], b"%PDF-1.4 stored")

    def store_pdf(self, invoice, raw, name="INV.pdf"):
        self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": raw,
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        invoice.invalidate_recordset(["invoice_pdf_report_id"])

    def test_names_lead_nowhere(self):
        for name, safe in {
            "../../etc/passwd": "etc_passwd",
            "INV/2026/00001.pdf": "INV_2026_00001.pdf",
            "C:\\x\n.pdf": "C_x_.pdf",
            "..": "file",
            "": "file",
            "Rückstand é.eml": "Rückstand_é.eml",
            "a" * 500 + ".pdf": "a" * 76 + ".pdf",
        }.items():
            self.assertEqual(safe_name(name), safe, name)
        invoice = self.invoice(5)
        self.store_pdf(invoice, b"%PDF", "../../../evil.pdf")
        for name in self.files(self.hand_over()):
            self.assertNotIn("..", name)
            self.assertLessEqual(name.count("/"), 1)

    def test_what_is_too_large_is_left_out_and_said(self):
        invoice = self.invoice(5)
        self.store_pdf(invoice, b"%PDF" + b"x" * 2000, "LARGE.pdf")
        with patch.object(bundle, "LARGEST", 1000):
            wizard = self.hand_over()
        files = self.files(wizard)
        self.assertFalse([name for name in files if name.startswith("invoices/")])
        self.assertIn("LARGE.pdf", files["README.txt"].decode())
        self.assertIn("LARGE.pdf", wizard.missing)

    def test_an_email_whose_copy_was_deleted_is_said(self):
        """See engine/followup/retention.py."""
        self.invoice(5, 100)
        self.send_one()
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        followup.mail_id.unlink()
        files = self.files(self.hand_over())
        self.assertFalse([name for name in files if name.startswith("emails/")])
        words = files["README.txt"].decode()
        self.assertIn("was deleted after a year: ", words)
        self.assertIn(f"{followup.done_on} ", words)

    def test_no_formula_in_a_table(self):
        self.invoice(5, ref="=1+1", payment_reference="=cmd()")
        files = self.files(self.hand_over())
        self.assertIn("'=cmd()", self.rows(files["items.csv"])[1])

    def test_what_is_promised_says_until_when(self):
        invoice = self.invoice(5, 100)
        promise = self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=4),
            }
        )
        day = format_date(self.env, promise.until, date_format="long")
        head, row = self.rows(self.files(self.hand_over())["items.csv"])
        self.assertEqual(row[0], invoice.name)
        self.assertEqual(row[-1], f"The customer has promised to pay by {day}.")

    def test_another_company_is_not_in_it(self):
        other = self._create_company(name="Other")
        self.invoice(5, 100)
        foreign = self.invoice(5, 999, company=other)
        files = self.files(self.hand_over())
        self.assertEqual(foreign.amount_residual, 999)
        self.assertEqual(
            [row[7] for row in self.rows(files["items.csv"])[1:]], ["100.0"]
        )

    def test_nobody_else_reads_it(self):
        self.invoice(5)
        wizard = self.hand_over()
        colleague = new_test_user(
            self.env,
            "colleague",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            wizard.attachment_id.with_user(colleague).read(["raw"])
        self.assertIn(DOWNLOAD, wizard.action_download()["url"])

    # -- the customer rests ----------------------------------------------------------

    def test_the_customer_rests(self):
        invoice = self.invoice(5)
        followup = self.plan()
        self.hand_over()
        self.assertEqual((followup.state, followup.reason), ("skipped", "handed_over"))
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), Reason.HANDED_OVER)
        self.assertEqual(self.customer.email_followup_handed_over_on, self.today)
        self.assertEqual(
            self.customer.email_followup_handed_over_to, "Smith & Partners"
        )
        self.assertIn("Handed over", self.customer.email_followup_text)
        note = self.customer.message_ids[0]
        self.assertIn("Smith &amp; Partners", note.body)
        self.assertEqual(note.author_id, self.clerk.partner_id)
        handed_over = [("email_followup_handed_over_on", "!=", False)]
        self.assertIn(self.customer, self.env["res.partner"].search(handed_over))

    def test_pressed_twice_it_is_one_act(self):
        self.invoice(5)
        wizard = self.hand_over()
        messages, file = self.customer.message_ids, wizard.attachment_id
        wizard.action_confirm()
        self.assertEqual(wizard.attachment_id, file)
        self.hand_over(to="Somebody else")
        self.assertEqual(self.customer.message_ids, messages)
        self.assertEqual(
            self.customer.email_followup_handed_over_to, "Smith & Partners"
        )

    def test_to_whom_is_said(self):
        self.invoice(5)
        with self.assertRaises(UserError):
            self.hand_over(to=" ")
        self.assertFalse(self.customer.email_followup_handed_over_on)

    def test_taken_back(self):
        invoice = self.invoice(5)
        self.hand_over()
        self.customer.with_user(self.clerk).action_email_followup_take_back()
        self.env.invalidate_all()
        self.assertFalse(self.customer.email_followup_handed_over_on)
        self.assertFalse(self.customer.email_followup_handed_over_to)
        self.assertIn("Taken back", self.customer.message_ids[0].body)
        self.assertEqual(self.reason(invoice), Reason.DUE)
        messages = self.customer.message_ids
        self.customer.with_user(self.clerk).action_email_followup_take_back()
        self.assertEqual(self.customer.message_ids, messages)

    def test_by_hand_a_person_is_told(self):
        invoice = self.invoice(5)
        self.hand_over()
        composer = self.env["account.email.followup.composer"]
        action = invoice.action_email_followup_compose()
        found = composer.browse(action["res_id"]).line_ids
        self.assertIn("Handed over", found.remark)

    def test_a_branch_that_shares_its_emails(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.invoice(5, 50, company=branch)
        self.hand_over()
        companies = self.company + branch
        self.assertFalse(self.env["account.email.followup"]._plan(companies))

    def test_another_company_goes_on(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(5, company=other)
        self.invoice(5)
        self.hand_over()
        companies = self.company + other
        followup = self.env["account.email.followup"]._plan(companies)
        self.assertEqual(followup.company_id, other)

    def test_its_todo_ends(self):
        kind = "account_email_connector.activity_type_all_steps_done"
        self.invoice(5)
        self.customer.activity_schedule(kind)
        self.hand_over()
        self.assertFalse(self.customer.activity_ids)

    def test_who_may_not(self):
        auditor = new_test_user(
            self.env,
            "auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        customer = self.customer.with_user(auditor)
        for act in ("hand_over", "take_back"):
            with self.assertRaises(AccessError):
                getattr(customer, f"action_email_followup_{act}")()
        with self.assertRaises(AccessError):
            self.wizard(user=auditor)
