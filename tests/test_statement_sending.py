"""A statement that goes with an email: made before, true then, never in its way;
and the PDFs as wkhtmltopdf really makes them."""

import io
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from ..engine.followup import papers
from ..engine.planning import gather
from ..engine.planning.sharing import plan_in_use
from ..engine.sending import papers as making
from .test_statement import LETTER, OF_FOLLOWUP, STATEMENT, StatementCommon

OURS = "odoo.addons.account_email_connector"


@tagged("post_install", "-at_install")
class TestStatementSending(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        steps = plan_in_use(cls.company).step_ids
        cls.step = steps.filtered(lambda step: step.days >= 0)[0]
        cls.step.write({"attach_statement": True, "attach_invoices": False})
        cls.late = cls.invoice(cls.step.days, 100)
        cls.coming = cls.invoice(-20, 30)
        cls.followup = cls.plan()
        cls.followup.action_send_now()

    def run_action(self):
        self.followup.invalidate_recordset()
        return super().run_action()

    def attached(self):
        (email,) = self.mailbox.accepted
        return [
            (part.get_filename(), part.get_content())
            for part in email.message.iter_attachments()
        ]

    def break_pdfs(self):
        """None can be made any more."""
        template = self.env.ref("account_email_connector.statement_document").sudo()
        template.arch = '<t t-name="broken"><t t-out="1 / 0" /></t>'

    def run_in_vain(self):
        with self.assertLogs(OURS, "ERROR"):
            self.run_action()

    def test_it_goes_with_the_email(self):
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        ((name, content),) = self.attached()
        self.assertEqual(name, f"Statement of account {self.today}.pdf")
        # Of all that is open, not only of what the email asks for.
        for number in (self.late.name, self.coming.name):
            self.assertIn(number, content.decode())
        self.assertIn("130.00", content.decode())
        self.assertIn(self.followup.paper_id, self.followup.sent_attachment_ids)

    def test_other_steps_have_none(self):
        self.step.attach_statement = False
        self.run_action()
        self.assertEqual(self.attached(), [])
        self.assertFalse(self.followup.paper_id)

    def test_it_is_true_when_it_goes(self):
        papers.make(self.followup.sudo())
        old = self.followup.paper_id
        self.pay(self.coming)
        self.run_action()
        ((_name, content),) = self.attached()
        self.assertNotIn(self.coming.name, content.decode())
        self.assertFalse(old.exists())

    def test_it_waits_if_money_comes_in_between(self):
        papers.make(self.followup.sudo())
        self.pay(self.coming)
        self.assertFalse(making.is_ready(self.followup.sudo()))
        self.assertEqual(self.followup.reason, "statement_missing")
        self.assertEqual(self.followup.state, "planned")
        self.retry_now()
        self.run_action()
        self.assertEqual(self.followup.state, "sent")

    def test_what_is_still_true_is_not_made_twice(self):
        papers.make(self.followup.sudo())
        paper = self.followup.paper_id
        self.run_action()
        self.assertEqual(self.followup.paper_id, paper)

    def looks(self):
        """How often the customer is looked at while its email is sent."""
        gathered = patch.object(gather, "customers", wraps=gather.customers)
        with gathered as customers:
            self.run_action()
        self.assertEqual(self.followup.state, "sent")
        whose = [call.args[1] for call in customers.call_args_list]
        return whose.count(self.customer)

    def test_one_look_makes_it_and_one_sends_it(self):
        self.assertEqual(self.looks(), 2)

    def test_one_look_sees_that_it_is_true_and_one_sends_it(self):
        papers.make(self.followup.sudo())
        self.assertEqual(self.looks(), 2)

    def test_a_letter_too(self):
        self.step.write({"channel": "todo", "letter": True, "attach_statement": False})
        self.followup.sudo().channel = "todo"
        self.assertEqual(self.looks(), 2)
        self.assertIn(self.late.name, self.followup.paper_id.raw.decode())

    def test_nobody_gives_a_report_other_figures(self):
        """What a request brings along is not shown."""
        reports = self.env["ir.actions.report"]
        data = {"statements": [{"blocks": [], "title": "Another"}]}
        page, _kind = reports._render_qweb_html(OF_FOLLOWUP, self.followup.ids, data)
        self.assertIn("130.00", page.decode())

    def test_without_pdfs_it_waits_and_a_person_lets_it_go_without(self):
        self.break_pdfs()
        self.run_in_vain()
        self.assertEqual(self.followup.state, "planned")
        self.assertEqual(self.followup.reason, "statement_missing")
        self.assertTrue(self.followup.retry_at)
        for _try in range(2):
            self.retry_now()
            self.run_in_vain()
        self.assertEqual(self.followup.state, "to_review")
        self.assertIn("without", self.followup.reason_text)
        self.assertFalse(self.mailbox.accepted)
        self.followup.action_approve()
        self.followup.action_send_now()
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        self.assertEqual(self.attached(), [])

    def test_without_pdfs_the_others_go(self):
        other = self.env["res.partner"].create(
            {"name": "Red Hill", "email": "red@hill.example"}
        )
        self.step.attach_statement = False
        steps = self.step.plan_id.step_ids.filtered(lambda step: step.days >= 0)
        steps[1].attach_statement = True
        self.invoice(steps[1].days, 70, other)
        second = self.plan()
        self.assertEqual(second.step_id, self.step)
        second.sudo().step_id = steps[1]
        second.action_send_now()
        self.break_pdfs()
        self.run_in_vain()
        self.assertEqual(self.followup.state, "sent")

    def test_a_to_do_goes_without_its_letter_in_the_end(self):
        self.step.write({"channel": "todo", "letter": True, "attach_statement": False})
        self.followup.sudo().channel = "todo"
        self.break_pdfs()
        for _try in range(3):
            self.assertEqual(self.followup.state, "planned")
            self.retry_now()
            self.run_in_vain()
        self.assertEqual(self.followup.state, "sent")
        self.assertTrue(self.customer.activity_ids)


@tagged("post_install", "-at_install")
class TestStatementPdf(StatementCommon):
    """Made by wkhtmltopdf, and read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parameters = cls.env["ir.config_parameter"].sudo()
        # Without styles and fonts from a server: nothing depends on how soon they come.
        parameters.set_param("report.url", "http://127.0.0.1:1")
        parameters.set_param("report.print_delay", "1")

    def pages(self, report, records):
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        with self.allow_pdf_render():
            pdf, kind = reports._render_qweb_pdf(report, records.ids)
        self.assertEqual(kind, "pdf")
        return [
            " ".join(page.extract_text().split())
            for page in PdfFileReader(io.BytesIO(pdf)).pages
        ]

    def test_sixty_items_on_several_pages(self):
        moves = [self.invoice(days, 10 + days) for days in range(60)]
        pages = self.pages(STATEMENT, self.customer)
        self.assertGreater(len(pages), 1)
        text = " ".join(pages)
        for move in moves:
            self.assertEqual(text.count(move.name), 1)
        self.assertIn("2,370.00", pages[-1])
        for page in pages[:-1]:
            self.assertIn("Due date", page)

    def test_two_currencies_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        eur = self.env.ref("base.EUR")
        eur.active = True
        eur.rate_ids = [Command.clear(), Command.create({"rate": 0.5})]
        self.invoice(40, 1234.5)
        self.invoice(30, 70, currency_id=eur.id)
        (page,) = self.pages(STATEMENT, self.customer)
        self.assertIn("1 234,50", page)
        self.assertIn("70,00 €", page)

    def test_several_customers_each_on_its_page(self):
        other = self.env["res.partner"].create({"name": "Red Hill"})
        self.invoice(5, 100)
        self.invoice(5, 200, other)
        first, second = self.pages(STATEMENT, self.customer | other)
        self.assertIn("Blue Lake", first)
        self.assertIn("Red Hill", second)

    def test_a_letter(self):
        step = plan_in_use(self.company).step_ids.filtered(lambda s: s.days >= 0)[0]
        step.write({"channel": "todo", "letter": True})
        move = self.invoice(step.days, 100)
        (page,) = self.pages(LETTER, self.plan())
        self.assertIn(move.name, page)
