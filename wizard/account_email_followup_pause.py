from odoo import fields, models
from odoo.exceptions import AccessError


class AccountEmailFollowupPause(models.TransientModel):
    """Leave customers alone until the end of a day."""

    _name = "account.email.followup.pause"
    _description = "Pause Follow-ups"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    until = fields.Date("Until the end of", required=True)

    def action_confirm(self):
        """Pause, for the company that the user works in."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Follow-ups are paused by accounting users."))
        self.partner_ids.check_access("read")
        customers = self.partner_ids.commercial_partner_id
        customers.sudo().write({"email_followup_paused_until": self.until})
