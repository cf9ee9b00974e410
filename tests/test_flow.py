"""A customer's way from the plan to the lawyer: with what is installed here, all of
Odoo's modules or none (``dev/test neighbours``); and companies that lack something."""

import io
import zipfile
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ..engine.planning.sharing import plan_in_use
from .common import ConnectorCommon
from .test_statement import LETTER, OF_FOLLOWUP, STATEMENT, html, words

IBAN = "BE71096123456769"


@tagged("post_install", "-at_install", "coexist")
class TestFlow(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            "flow_clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": IBAN, "partner_id": cls.company.partner_id.id}
        )

    def owe(self, days, amount, **values):
        return self.invoice(days, amount, partner_bank_id=self.bank.id, **values)

    def reason(self, invoice):
        self.env.invalidate_all()
        return self.env["account.email.followup"]._explain(invoice)[invoice.id].reason

    def wizard(self, action):
        """The form that an action of the clerk's opens."""
        wizards = self.env[action["res_model"]].with_user(self.clerk)
        return wizards.with_context(**action.get("context", {}))

    def test_the_email_says_how_to_pay(self):
        invoice = self.owe(5, 100)
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, invoice)
        self.run_action()
        self.assertEqual(followup.state, "sent")
        (email,) = self.mailbox.accepted
        text = email.message.get_body(("plain",)).get_content()
        for part in (invoice.name, "100.00", "BE71 0961 2345 6769"):
            self.assertIn(part, text)

    def test_the_statement_and_the_letter(self):
        invoice = self.owe(5, 100)
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"channel": "todo", "letter": True})
        followup = self.plan()
        for report, records in (
            (STATEMENT, self.customer),
            (OF_FOLLOWUP, followup),
            (LETTER, followup),
        ):
            text = words(html(self.env, report, records.with_user(self.clerk)))
            self.assertIn(invoice.name, text)
            self.assertIn("100.00", text)

    def test_written_by_hand(self):
        invoice = self.owe(5, 100)
        action = invoice.with_user(self.clerk).action_email_followup_compose()
        composer = self.wizard(action).browse(action["res_id"])
        self.assertIn(invoice.name, composer.body)
        composer.action_send()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_handed_over(self):
        invoice = self.owe(5, 100)
        self.plan()
        self.run_action()
        action = self.customer.with_user(self.clerk).action_email_followup_hand_over()
        wizard = self.wizard(action).create({"to": "Smith & Partners"})
        wizard.action_confirm()
        with zipfile.ZipFile(io.BytesIO(wizard.attachment_id.raw)) as bundle:
            self.assertIn(invoice.name, bundle.read("items.csv").decode())
        self.assertEqual(self.reason(invoice), "handed_over")

    def test_never_sent(self):
        self.owe(60, 50, partner=self.customer.copy())
        never = self.never_sent(40)
        self.assertEqual(self.reason(never), "never_sent")
        self.run_action()
        kind = self.env.ref("account_email_connector.activity_type_unsent")
        todos = [("activity_type_id", "=", kind.id)]
        self.assertEqual(self.env["mail.activity"].search_count(todos), 1)
        never._generate_and_send(sending_methods=["manual"])
        self.assertNotEqual(self.reason(never), "never_sent")

    def test_money_under_way(self):
        paid, perhaps = self.owe(20, 300), self.owe(5, 77)
        self.pay(paid, 120)
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "payment_ref": perhaps.name,
                "amount": 77,
            }
        )
        self.env.flush_all()
        self.assertEqual(self.reason(perhaps), "probably_paid")
        self.assertEqual(self.plan().amount, 180)

    def test_the_forms(self):
        """What others add to them leaves ours where they are."""
        invoice = self.owe(5, 100)
        self.plan()
        for records, view in (
            (invoice, "account.view_move_form"),
            (self.customer, "base.view_partner_form"),
            (self.connector, None),
        ):
            with Form(records.with_user(self.clerk.browse(self.env.uid)), view):
                pass


@tagged("post_install", "-at_install", "coexist")
class TestPoorCompany(ConnectorCommon):
    """A company that lacks what others have does not hold up the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poor = cls.env["res.company"].create({"name": "Poor"})
        cls.env.user.company_ids |= cls.poor
        cls.theirs = cls.connect(cls.poor, "ar@poor.example")

    def ours_goes_on(self):
        """The scheduled action, over both companies."""
        self.invoice(5, 100)
        self.run_action()
        self.run_action()
        self.assertTrue(self.mailbox.accepted)
        for email in self.mailbox.accepted:
            self.assertEqual(list(email.recipients), [self.customer.email])

    def found(self, model, *domain):
        return self.env[model].search([("company_id", "=", self.poor.id), *domain])

    def ledger(self):
        """Accounts and a journal for entries of all kinds, made by hand."""
        env = self.env(context={"allowed_company_ids": self.poor.ids})
        receivable, other = env["account.account"].create(
            [
                {
                    "name": "Debtors",
                    "code": "1400",
                    "account_type": "asset_receivable",
                    "reconcile": True,
                },
                {"name": "Sales", "code": "8400", "account_type": "income"},
            ]
        )
        journal = env["account.journal"].create(
            {"name": "Entries", "code": "ENT", "type": "general"}
        )
        return receivable, other, journal

    def debt(self, days, amount, receivable, other, journal):
        """An opening balance that is followed up."""
        due = self.today - timedelta(days=days)
        entry = receivable.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": due,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "debit": amount,
                            "partner_id": self.customer.id,
                            "date_maturity": due,
                            "no_followup": False,
                        }
                    ),
                    Command.create({"account_id": other.id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_without_a_chart_of_accounts(self):
        self.assertFalse(self.poor.chart_template)
        self.ours_goes_on()
        self.assertFalse(self.found("account.email.followup"))

    def test_its_customers_have_a_form_and_a_statement(self):
        env = self.env(context={"allowed_company_ids": self.poor.ids})
        customer = self.customer.with_env(env)
        Form(customer, "base.view_partner_form")
        self.assertIn("Nothing is open", words(html(env, STATEMENT, customer)))
        with self.assertRaises(UserError):
            customer.action_email_followup_compose()

    def test_without_a_bank_account_and_a_sales_journal(self):
        entry = self.debt(5, 80, *self.ledger())
        self.assertFalse(self.found("account.journal", ("type", "!=", "general")))
        self.ours_goes_on()
        followup = self.found("account.email.followup")
        self.assertEqual((followup.state, followup.amount), ("sent", 80))
        texts = [
            email.message.get_body(("plain",)).get_content()
            for email in self.mailbox.accepted
        ]
        (text,) = [text for text in texts if entry.name in text]
        self.assertNotIn("Pay by bank transfer", text)

    def test_a_late_fee_takes_a_sales_journal(self):
        self.debt(5, 80, *self.ledger())
        plan = plan_in_use(self.poor)
        plan.write({"fixed_fee": 40, "fee_currency_id": self.poor.currency_id.id})
        plan.step_ids.show_interest = True
        self.run_action()
        followup = self.found("account.email.followup")
        self.assertEqual(followup.state, "sent")
