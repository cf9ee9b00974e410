from datetime import timedelta

from odoo import fields, models

from ..engine.planning import cases


class AccountEmailFollowupPause(models.TransientModel):
    """Leave customers alone for a while or for good, or chase them again."""

    _name = "account.email.followup.pause"
    _inherit = ["account.email.followup.customers"]
    _description = "Pause Follow-ups"

    choice = fields.Selection(
        [
            ("until", "No follow-ups until the end of a day"),
            ("never", "Never chase them"),
            ("resume", "Chase them again"),
        ],
        required=True,
        default="until",
    )
    until = fields.Date("Last day")

    def action_confirm(self):
        """Note it on the customers, for the wizard's company, and for its branches and
        parent if they share an email.
        """
        customers = self._customers()
        # A pause that ended yesterday: how late a step is counts from today.
        yesterday = self.company_id._email_followup_today() - timedelta(days=1)
        until = {"until": self.until, "resume": yesterday, "never": False}
        customers._email_followup_note(
            {
                "email_followup_paused_until": until[self.choice],
                "email_followup_excluded": self.choice == "never",
            },
            self.company_id,
        )
        cases.look(self.sudo().env, self.company_id, customers)
