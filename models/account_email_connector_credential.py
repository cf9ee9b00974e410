from odoo import fields, models


class AccountEmailConnectorCredential(models.Model):
    """The secret of one mailbox, encrypted. No access right is ever given on it.

    It is sealed and opened in :mod:`..engine.secrets`: no record hands out a secret.
    """

    _name = "account.email.connector.credential"
    _description = "Email Connector Credential"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    sealed = fields.Text(required=True, groups=fields.NO_ACCESS)

    _one_per_connector = models.UniqueIndex("(connector_id)")
