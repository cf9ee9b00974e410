from odoo import fields, models


class AccountEmailJournalExport(models.Model):
    """That what is written down of a company's emails was exported: by whom, when, and
    up to which row. It outlives the company.
    """

    _name = "account.email.journal.export"
    _inherit = ["account.email.export"]
    _description = "Export of a Company's Delivery Log"
    _order = "id desc"
    _rec_name = "company_name"

    # Without access to the company, none to this: see security/ir_rule.xml.
    company_id = fields.Many2one(
        "res.company", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_name = fields.Char("Name of the company", required=True, readonly=True)
    exported_by = fields.Char("By", required=True, readonly=True)
    emails = fields.Integer(readonly=True)
    last_email = fields.Integer("Number of the last one", readonly=True)
    followups = fields.Integer("Follow-ups", readonly=True)
    digest = fields.Char(
        required=True, readonly=True, help="SHA-256 of every row that was exported."
    )
    file_digest = fields.Char("SHA-256 of the file", required=True, readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment",
        "File",
        readonly=True,
        index="btree_not_null",
        help="Until it is exported again, or deleted.",
    )

    def _save(self):
        """The action that saves the file."""
        self.ensure_one()
        url = f"/web/content/{self.attachment_id.id}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def action_save(self):
        """Save the file once more."""
        self.check_access("read")
        return self._save()
