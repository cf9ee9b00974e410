from odoo import fields, models

from ..engine import rights
from ..engine.checkup import live_page, page
from ..tools.actions import window


class AccountEmailConnectorCheck(models.TransientModel):
    """What a system administrator wants to know of this server and a mailbox."""

    _name = "account.email.connector.check"
    _description = "Check of the Server"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(related="connector_id.state")
    found = fields.Html(readonly=True, sanitize=False)
    by_hand = fields.Html("By hand", readonly=True, sanitize=False)
    report = fields.Text("For support", readonly=True)

    def _open(self, connector):
        """Look, and show what was found.

        :param connector: the user's; as whom it is looked at has all rights.
        """
        findings, report = page.look(connector.sudo())
        return self._show(
            self.env._("Check of the server"),
            connector_id=connector.id,
            found=self._render("check_findings", findings=findings),
            report=report,
        )

    def action_live(self):
        """Let the mailbox send an email to itself, and show all that came of it.

        The right to look at the mailbox is enough: its own owner alone is written to.
        """
        self.ensure_one()
        self.check_access("read")
        rights.check_system(self.env)
        connector, server = self.connector_id, self.report
        connector.check_access("read")
        findings, by_hand, report = live_page.look(connector.sudo())
        return self._show(
            self.env._("Live check"),
            connector_id=connector.id,
            found=self._render("check_findings", findings=findings),
            by_hand=self._render("check_by_hand", steps=by_hand),
            report=f"{report}\n\n{server}",
        )

    def _render(self, template, **values):
        qweb = self.env["ir.qweb"]
        return qweb._render(f"account_email_connector.{template}", values)

    def _show(self, name, **values):
        check = self.sudo().create(values)
        return window(name, self._name, check.id)
