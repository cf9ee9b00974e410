from odoo import fields, models


class AccountEmailConnectorForm(models.AbstractModel):
    """A form about one mailbox, for those who may change that mailbox.

    Anybody can point a form at any mailbox: by a default, in an onchange. So what a
    form takes from the mailbox is computed as the user, after asking for the right.
    """

    _name = "account.email.connector.form"
    _description = "Form of a Mailbox"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )

    def _mailbox(self):
        """The mailbox that the form is about (perhaps none).

        :raises AccessError: if the user may not change it.
        """
        # Of what is in memory only, no rule would be asked.
        self.connector_id._origin.check_access("write")
        return self.connector_id
