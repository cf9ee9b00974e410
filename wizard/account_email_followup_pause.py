from datetime import timedelta

from odoo import fields, models

from ..engine.rights import check_accountant, check_company


class AccountEmailFollowupPause(models.TransientModel):
    """Leave customers alone for a while or for good, or chase them again.

    Accounting users may do that without the right to edit contacts.
    """

    _name = "account.email.followup.pause"
    _description = "Pause Follow-ups"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="Other companies go on as before.",
    )
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
        """Note it on the customers, for the wizard's company, and for its branches and
        parent if they share an email.
        """
        self.ensure_one()
        self.check_access("write")
        check_accountant(self.env)
        check_company(self.env, self.company_id)
        self.partner_ids.check_access("read")
        customers = self.partner_ids.commercial_partner_id
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
