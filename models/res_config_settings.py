from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    email_connector_id = fields.Many2one(related="company_id.email_connector_id")
    email_connector_state = fields.Selection(
        related="email_connector_id.state", related_sudo=False
    )
    email_connector_address = fields.Char(
        related="email_connector_id.email", related_sudo=False
    )

    email_followup_late_fee_account_id = fields.Many2one(
        related="company_id.email_followup_late_fee_account_id", readonly=False
    )

    def action_open_email_connector(self):
        """Leave the settings for the company's mailbox."""
        return self.env["account.email.connector"].action_open()
