from odoo import Command
from odoo.modules.module import load_script
from odoo.tests import Form, tagged
from odoo.tools.misc import file_path

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestLedger(ConnectorCommon):
    """The ledger tells what was asked for, whatever becomes of the invoice."""

    def sent(self, invoice):
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, invoice)
        self.run_action()
        self.assertEqual(followup.state, "sent")
        return followup

    def correct(self, invoice, *days):
        """Give *invoice* installments due so long after its date, or a single one."""
        invoice.button_draft()
        invoice.invoice_payment_term_id = days and self.env[
            "account.payment.term"
        ].create(
            {
                "name": "Installments",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100 / len(days),
                            "nb_days": number,
                        }
                    )
                    for number in days
                ],
            }
        )
        invoice.action_post()
        invoice.email_followup_reopened = False  # and the customer has it again

    def test_an_invoice_with_other_installments_was_asked_for_all_the_same(self):
        invoice = self.invoice(5, 100)
        self.correct(invoice, 1, 2)
        followup = self.sent(invoice)
        self.assertEqual(followup.line_ids.mapped("amount"), [50, 50])
        self.correct(invoice)
        self.env.invalidate_all()
        self.assertEqual(len(followup.line_ids.move_line_id), 1, "one is gone")
        self.assertEqual(followup.line_ids.mapped("label"), [invoice.name] * 2)
        self.assertEqual(followup.line_ids.mapped("amount"), [50, 50])
        self.assertEqual(followup.line_ids.currency_id, invoice.currency_id)
        self.assertEqual(invoice.email_followup_count, 1)
        shown = self.env["account.email.followup"].search(
            invoice.action_email_followups()["domain"]
        )
        self.assertEqual(shown, followup)

    def test_a_deleted_invoice_is_still_in_the_email_that_listed_it(self):
        euro = self.setup_other_currency("EUR")
        invoice = self.invoice(5, 100, currency_id=euro.id)
        followup = self.sent(invoice)
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        with Form(followup) as form:
            self.assertEqual(len(form.line_ids), 1)
        line = followup.line_ids
        self.assertEqual((line.label, line.amount), ("Deleted", 100))
        self.assertEqual(line.currency_id, euro)
        self.assertFalse(line.portal_url)

    def test_from_a_line_to_its_invoice(self):
        invoice = self.invoice(5)
        action = self.sent(invoice).line_ids.action_open_invoice()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (invoice._name, invoice.id)
        )

    def test_what_was_deleted_meanwhile_is_not_asked_for(self):
        gone, left = self.invoice(5, 100), self.invoice(6, 70)
        followup = self.plan()
        gone.button_draft()
        gone.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        self.assertNotIn("Deleted", followup.email_html, "a preview shows what goes")
        self.run_action()
        self.assertEqual((followup.state, followup.amount), ("sent", 70))
        dropped = followup.line_ids.filtered(lambda line: line.state == "dropped")
        self.assertEqual((dropped.label, dropped.reason), ("Deleted", "settled"))
        self.assertEqual((followup.line_ids - dropped).move_id, left)

    def test_an_older_ledger_is_carried_over(self):
        invoice = self.invoice(5, 100)
        line = self.sent(invoice).line_ids
        self.env.flush_all()
        self.env.cr.execute(
            """
            ALTER TABLE account_email_followup_line
                DROP COLUMN move_ref, DROP COLUMN currency_ref;
            ALTER TABLE account_email_followup_line
                RENAME COLUMN move_line_ref TO move_line_id
            """
        )
        script = "migrations/19.0.1.1.0/pre-migration.py"
        path = file_path(f"account_email_connector/{script}")
        load_script(path, "ledger").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(line.move_line_id.move_id, invoice)
        self.assertEqual(line.move_id, invoice)
        self.assertEqual(line.currency_id, invoice.currency_id)
