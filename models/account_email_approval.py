from odoo import fields, models


class AccountEmailApproval(models.Model):
    """An administrator at the provider is to approve the app, for one mailbox.

    Nobody has access: the connector shows what there is to be shown. What becomes of it
    is told in :mod:`..engine.mailbox.approving`.
    """

    _name = "account.email.approval"
    _description = "Approval of a Mailbox by an Administrator"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    asked_at = fields.Datetime(required=True)
    asked_by_id = fields.Many2one("res.users")
    approved_at = fields.Datetime(help="When the link for it came back.")
    mailed_to = fields.Char("Emailed to")
    mail_left = fields.Boolean("Email left")
    send_as = fields.Char(help="The other address that was asked for besides.")
    sent_items = fields.Char()

    _one_per_connector = models.UniqueIndex("(connector_id)")
