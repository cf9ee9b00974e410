from datetime import timedelta

from lxml import etree

from odoo import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..engine.incoming.heed import answered
from .common import ConnectorCommon


class NotesCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            "notes_clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )
        cls.plan_default = cls.env.ref("account_email_connector.plan_default")

    def explain(self, invoice, on_date=None):
        return self.env["account.email.followup"]._explain(invoice, on_date)[invoice.id]

    def found(self, model, view, name):
        """What a filter of a search view finds."""
        arch = self.env[model].get_view(self.env.ref(view).id, "search")["arch"]
        (node,) = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return self.env[model].search(safe_eval(node.get("domain")))


@tagged("post_install", "-at_install")
class TestWhoIsLeftAlone(NotesCommon):
    """Nobody is left alone for ever, unseen."""

    def answered(self):
        self.plan_default.responsible_id = self.clerk
        self.invoice(20)
        followup = self.plan()
        self.run_action()
        answered(followup)
        return self.customer.activity_ids

    def test_an_answer_that_is_done_with(self):
        todo = self.answered()
        later = self.today + timedelta(days=12)
        self.assertFalse(self.plan(later))
        todo.with_user(self.clerk).action_feedback()
        self.assertTrue(self.plan(later), "paused, and in nobody's list")

    def test_an_answer_whose_kind_of_todo_was_deleted(self):
        self.env.ref("account_email_connector.activity_type_answered").unlink()
        self.assertIn("answered", self.answered().summary)
        self.assertFalse(self.plan(self.today + timedelta(days=12)))

    def test_chased_again_today_also_by_whom_it_is_tomorrow_for(self):
        self.company.partner_id.tz = "UTC"
        self.env.user.tz = "Pacific/Auckland"
        paused = self.customer.copy({"email": "paused@bluelake.example"})
        paused.email_followup_paused_until = self.today + timedelta(days=9)
        self.invoice(5, partner=paused)
        disputed = self.invoice(5)
        disputed._email_followup_dispute("Too much")
        with freeze_time(f"{self.today} 13:00:00"):
            self.assertFalse(self.plan())
            self.env["account.email.followup.pause"].create(
                {"partner_ids": paused.ids, "choice": "resume"}
            ).action_confirm()
            self.assertEqual(self.plan().partner_id, paused)
            disputed.action_email_followup_dispute_resolved()
            self.assertEqual(self.plan().partner_id, self.customer)

    def test_not_by_somebody_who_handles_no_followups(self):
        todo = self.answered()
        internal = new_test_user(
            self.env, "notes_internal", "base.group_user,base.group_partner_manager"
        )
        todo.user_id = internal
        todo.with_user(internal).action_feedback()
        self.assertFalse(self.plan(self.today + timedelta(days=12)))

    def test_another_todo_says_nothing_of_it(self):
        self.answered()
        todo = self.customer.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.clerk.id
        )
        todo.with_user(self.clerk).action_feedback()
        self.assertTrue(self.customer.email_followup_answered)

    def test_customers_who_are_left_alone_are_found(self):
        view = "base.view_res_partner_filter"
        excluded, paused, over = (self.customer.copy() for _ in range(3))
        self.customer.email_followup_answered = True
        excluded.email_followup_excluded = True
        paused.email_followup_paused_until = self.today
        over.email_followup_paused_until = self.today - timedelta(days=1)
        for name, customer in {
            "answered": self.customer,
            "excluded": excluded,
            "paused": paused,
        }.items():
            with self.subTest(name):
                found = self.found("res.partner", view, f"email_followup_{name}")
                self.assertEqual(found, customer)

    def test_invoices_that_are_left_alone_are_found(self):
        view = "account.view_account_invoice_filter"
        disputed, paused, _other = (self.invoice(5) for _ in range(3))
        disputed._email_followup_dispute("Half of it is missing")
        paused.email_followup_resume_on = self.today + timedelta(days=1)
        found = self.found("account.move", view, "email_followup_disputed")
        self.assertEqual(found, disputed)
        found = self.found("account.move", view, "email_followup_paused")
        self.assertEqual(found, paused)


@tagged("post_install", "-at_install")
class TestResponsible(NotesCommon):
    """A to-do is given to somebody who is there to do it."""

    def todo_of(self):
        self.customer.email = False
        self.invoice(5)
        self.plan()
        self.run_action()
        return self.customer.activity_ids.user_id

    def test_the_plans_responsible(self):
        self.plan_default.responsible_id = self.clerk
        self.assertEqual(self.todo_of(), self.clerk)

    def test_who_has_left(self):
        self.plan_default.responsible_id = self.clerk
        self.clerk.active = False
        self.assertEqual(self.todo_of(), self.connector.connected_by_id)

    def test_who_is_in_another_company(self):
        other = self._create_company(name="Other")
        self.clerk.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        self.plan_default.responsible_id = self.clerk
        self.assertEqual(self.todo_of(), self.connector.connected_by_id)


@tagged("post_install", "-at_install")
class TestInvoices(NotesCommon):
    """What the form of an invoice says, and what becomes of it."""

    def receipt(self):
        return self._post(
            "out_receipt", self.today - timedelta(days=5), 100, self.customer
        )

    def test_a_receipt_is_chased_as_its_form_says(self):
        receipt = self.receipt()
        self.assertFalse(receipt.no_followup)
        self.assertEqual(self.explain(receipt).reason, "due")
        with Form(receipt) as form:
            form.no_followup = True
        receipt.invalidate_recordset()
        self.assertTrue(receipt.no_followup)
        self.assertEqual(self.explain(receipt).reason, "no_followup")
        self.assertFalse(self.plan())

    def test_a_receipt_of_nobody_is_not_said_to_be_paid(self):
        days = self.today - timedelta(days=5)
        receipt = self._post("out_receipt", days, 100, None, partner_id=False)
        self.assertIn("no customer", receipt.email_followup_text)
        self.pay(receipt)
        self.env.invalidate_all()
        self.assertIn("Paid", receipt.email_followup_text)

    def test_instalments_tell_what_comes_next(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 90)
                ],
            }
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.today - timedelta(days=80),
                "invoice_payment_term_id": terms.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": 100, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        first, second = invoice.line_ids.filtered("date_maturity").sorted(
            "date_maturity"
        )
        self.assertEqual(second.date_maturity, self.today + timedelta(days=10))
        self.credit_note(50)
        told = self.explain(invoice)
        self.assertEqual(told.reason, "not_overdue")
        self.assertEqual(told.date, self.today + timedelta(days=13))
        self.assertTrue(first.amount_residual)

    def test_days_are_the_users(self):
        self.env.user.tz = "Pacific/Auckland"
        tomorrow = self.today + timedelta(days=1)
        invoice = self.invoice(5)
        with freeze_time(f"{self.today} 13:00:00"):
            invoice._email_followup_dispute("Half of it is missing")
            self.assertEqual(invoice.email_followup_dispute_since, tomorrow)
            invoice.action_email_followup_dispute_resolved()
            self.assertEqual(invoice.email_followup_resume_on, tomorrow)

    def test_an_archived_company_chases_nobody_and_says_so(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(5, company=other)
        followup = self.env["account.email.followup"]._plan(other)
        other.active = False
        self.run_action()
        self.assertEqual(
            (followup.state, followup.reason), ("skipped", "company_archived")
        )
        self.assertIn("archived", followup.reason_text)


@tagged("post_install", "-at_install")
class TestOwnTemplate(NotesCommon):
    def test_it_is_in_the_language_of_whoever_gets_it(self):
        """A template that is made from the form of a step."""
        view = self.env.ref("account_email_connector.view_followup_plan_form")
        field, _of_a_letter = etree.fromstring(view.arch).xpath(
            "//field[@name='step_ids']/form//field[@name='template_id']"
        )
        context = safe_eval(field.get("context"))
        with Form(self.env["mail.template"].with_context(**context)) as form:
            form.name = "Our own"
            form.subject = "Open invoices"
        template = form.record
        self.env["res.lang"]._activate_lang("fr_FR")
        template.with_context(lang="fr_FR").subject = "Factures ouvertes"
        step = self.env.ref("account_email_connector.step_friendly")
        step.template_id = template
        self.env["res.partner"].create(
            {
                "name": "Anne",
                "type": "email_followup",
                "parent_id": self.customer.id,
                "email": "anne@bluelake.example",
                "lang": "fr_FR",
            }
        )
        self.invoice(5)
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertEqual(email.message["Subject"], "Factures ouvertes")
