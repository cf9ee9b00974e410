from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    email_connector_ids = fields.One2many(
        "account.email.connector", "company_id", groups="account.group_account_invoice"
    )
    email_connector_id = fields.Many2one(
        "account.email.connector",
        "Mailbox",
        compute="_compute_email_connector_id",
        groups="account.group_account_invoice",
    )
    email_followup_plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Follow-up Plan",
        ondelete="restrict",
        groups="account.group_account_invoice",
        help="Empty: the parent company's plan, else the first shared one.",
    )

    @api.depends("email_connector_ids")
    def _compute_email_connector_id(self):
        for company in self:
            company.email_connector_id = company.email_connector_ids
