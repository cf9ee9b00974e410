import json

from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS

from ..tools import vault


class AccountEmailConnectorCredential(models.Model):
    """The secret of one mailbox, encrypted. No access right is ever given on it."""

    _name = "account.email.connector.credential"
    _description = "Email Connector Credential"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    sealed = fields.Text(required=True, groups=NO_ACCESS)

    _one_per_connector = models.UniqueIndex("(connector_id)")

    @api.model
    def _store(self, connector, secret):
        """Keep *secret* (a JSON-serialisable dict) in place of the former one."""
        sealed = vault.seal(json.dumps(secret))
        credential = self.sudo().search([("connector_id", "=", connector.id)])
        if credential:
            credential.sealed = sealed
        else:
            self.sudo().create({"connector_id": connector.id, "sealed": sealed})

    @api.model
    def _load(self, connector):
        """Return the secret (dict) of *connector*.

        :raises vault.SecretLost: if there is none, or no key opens it.
        """
        credential = self.sudo().search([("connector_id", "=", connector.id)])
        if not credential:
            raise vault.SecretLost()
        return json.loads(vault.unseal(credential.sealed))

    @api.model
    def _forget(self, connectors):
        """Delete the secrets of *connectors*."""
        self.sudo().search([("connector_id", "in", connectors.ids)]).unlink()
