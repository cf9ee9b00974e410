from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..models.account_email_export import as_text
from .common import ConnectorCommon

FORMULAS = (
    *("=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1"),
    *("{=1+1}", "＝1+1", "＋1", "－1", "＠1"),
)


@tagged("post_install", "-at_install")
class TestExport(ConnectorCommon):
    """What strangers have written is no formula in a spreadsheet."""

    def exported(self, records, *names, compatible=False):
        records = records.with_context(import_compat=compatible)
        return records.export_data(list(names))["datas"]

    def followup(self, name):
        self.customer.name = name
        self.invoice(5)
        self.credit_note(20)
        return self.plan()

    def test_what_a_spreadsheet_takes_for_a_formula(self):
        for words in FORMULAS:
            self.assertEqual(as_text(words), f"'{words}")
            self.assertEqual(as_text(as_text(words)), f"'{words}", "not twice")
        for cell in ("1+1=2", "{json}", "", " ", -20.0, -1, False, None, date.today()):
            self.assertIs(as_text(cell), cell)

    def test_a_customers_name(self):
        followup = self.followup("=1+1")
        names = ("partner_id", "partner_id/name", "display_name")
        self.assertEqual(self.exported(followup, *names), [["'=1+1"] * 3])

    def test_amounts_and_dates_stay_what_they_are(self):
        followup = self.followup("=1+1")
        rows = self.exported(followup, "planned_date", "partner_id", "line_ids/amount")
        self.assertEqual(rows[0][:2], [followup.planned_date, "'=1+1"])
        self.assertEqual({row[2] for row in rows}, {100.0, -20.0})

    def test_what_an_import_needs_stays_as_it_is(self):
        followup = self.followup("=1+1")
        self.env["ir.model.data"].create(
            {
                "module": "=stranger",
                "name": "customer",
                "model": "res.partner",
                "res_id": self.customer.id,
            }
        )
        names = (".id", "partner_id/id", "partner_id/.id", "partner_id/name")
        for compatible in (True, False):
            (row,) = self.exported(followup, *names, compatible=compatible)
            wanted = [str(followup.id), "=stranger.customer", str(self.customer.id)]
            self.assertEqual(row, [*wanted, "'=1+1"])

    def test_the_names_of_groups_in_an_export_only(self):
        followup = self.followup("=1+1")

        def groups(**context):
            model = followup.with_context(**context)
            domain = [("id", "=", followup.id)]
            (group,) = model.formatted_read_group(domain, ["partner_id", "state"])
            return group["partner_id"], group["state"]

        self.assertEqual(groups(), ((self.customer.id, "=1+1"), "planned"))
        exported = groups(import_compat=False)
        self.assertEqual(exported, ((self.customer.id, "'=1+1"), "planned"))

    def test_promises_and_the_words_of_servers(self):
        values = {"partner_id": self.customer.id, "until": self.today, "note": "=1+1"}
        promise = self.env["account.email.promise"].create(values)
        self.assertEqual(self.exported(promise, "note"), [["'=1+1"]])
        self.connector.write({"state": "error", "error_detail": "=1+1"})
        self.assertEqual(self.exported(self.connector, "error_detail"), [["'=1+1"]])

    def test_of_a_record_of_others(self):
        """What is ours in it, at least."""
        followup = self.followup("+49 1")
        attachment = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        followup.sudo().attachment_ids = [Command.set(attachment.ids)]
        rows = self.exported(followup, "attachment_ids/name", "partner_id")
        self.assertEqual(rows, [["x", "'+49 1"]])
