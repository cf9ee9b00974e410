from odoo import fields, models


class AccountEmailDispute(models.TransientModel):
    """Note that a customer disputes invoices; they are not chased meanwhile."""

    _name = "account.email.dispute"
    _description = "Dispute of Invoices"

    move_ids = fields.Many2many("account.move", string="Invoices", required=True)
    reason = fields.Char("What the customer says", required=True)

    def action_confirm(self):
        """Take the invoices out of follow-ups."""
        self.check_access("write")
        self.move_ids._email_followup_dispute(self.reason)
