from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..engine.mailbox import approving
from ..tools.actions import CLOSE, notify


class AccountEmailConnectorApproval(models.TransientModel):
    """Mail the link to the administrator who has to approve the app.

    It leaves by Odoo's normal mail server: there may be no mailbox yet.
    """

    _name = "account.email.connector.approval"
    _inherit = ["account.email.connector.form"]
    _description = "Ask an Administrator for Approval"

    email = fields.Char("Administrator's address", required=True)
    subject = fields.Char(
        compute="_compute_text", compute_sudo=False, store=True, readonly=False
    )
    body = fields.Html(
        compute="_compute_text",
        compute_sudo=False,
        store=True,
        readonly=False,
        sanitize_style=True,
    )

    @api.depends("connector_id")
    def _compute_text(self):
        for wizard in self:
            connector = wizard._mailbox()
            template = self.env.ref("account_email_connector.template_approval")
            template._check_renders(connector)
            for field, name in (("subject", "subject"), ("body", "body_html")):
                rendered = template._render_field(name, connector.ids)
                wizard[field] = rendered.get(connector.id, "")

    def action_send(self):
        """Send it, and say whether it left: here, on the page and in its history."""
        self.ensure_one()
        self.check_access("write")
        connector = self._mailbox()
        to = email_normalize(self.email)
        if not to:
            raise UserError(self.env._("%s is not an email address.", self.email))
        mail = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": self.subject,
                    "body_html": self.body,
                    "email_to": to,
                    "email_from": self.env.user.email_formatted,
                    "reply_to": self.env.user.email_formatted,
                    "author_id": self.env.user.partner_id.id,
                    "auto_delete": True,
                }
            )
        )
        # At once, not after the commit: who asked for it is told whether it left. If
        # the database makes Odoo begin anew, an administrator gets it twice.
        mail.send()
        left = not mail.exists() or mail.state == "sent"
        approving.note_mailed(connector.sudo(), to, left)
        kind = "success" if left else "danger"
        text = approving.mail_text(connector.sudo())
        return notify(kind, text, then=CLOSE)
