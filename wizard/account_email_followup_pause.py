from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError


class AccountEmailFollowupPause(models.TransientModel):
    """Leave customers alone for a while or for good, or chase them again.

    Accounting users may do that without the right to edit contacts.
    """

    _name = "account.email.followup.pause"
    _description = "Pause Follow-ups"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    choice = fields.Selection(
        [
            ("until", "No follow-ups until the end of a day"),
            ("never", "Never chase them"),
            ("resume", "Chase them again"),
        ],
        required=True,
        default="until",
    )
    until = fields.Date("Until the end of")

    def action_confirm(self):
        """Note it on the customers, for the company that the user works in."""
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Follow-ups are paused by accounting users."))
        self.partner_ids.check_access("read")
        customers = self.partner_ids.commercial_partner_id
        # A pause that ended yesterday: how late a step is counts from today.
        yesterday = fields.Date.today() - timedelta(days=1)
        until = {"until": self.until, "resume": yesterday, "never": False}
        customers.sudo().write(
            {
                "email_followup_paused_until": until[self.choice],
                "email_followup_excluded": self.choice == "never",
            }
        )
