from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..engine.mailbox import actions, connecting
from ..providers import registry
from ..providers.outcomes import Outcome
from ..providers.reasons import Reason
from ..texts import APPROVAL_REASONS, failure_values
from ..tools.actions import CLOSE, window


class AccountEmailConnectorSendAs(models.TransientModel):
    """Send as a shared mailbox (Microsoft) or an alias (Google), after a test."""

    _name = "account.email.connector.send.as"
    _inherit = ["account.email.connector.form"]
    _description = "Send as Another Address"

    provider = fields.Selection(related="connector_id.provider", related_sudo=False)
    email = fields.Char(related="connector_id.email", related_sudo=False)
    address = fields.Char(
        "Send as",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    sent_items = fields.Selection(
        [
            ("own", "In the Sent folder of the person who signed in"),
            ("shared", "In the Sent folder of the shared mailbox"),
        ],
        "Copies lie",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    # An alias at Google, where we may not ask: only a person can see what Google made
    # of the sender.
    tested = fields.Boolean(compute="_compute_tested")
    tested_for = fields.Char(groups=fields.NO_ACCESS)
    failure_title = fields.Char(readonly=True)
    failure_text = fields.Text(readonly=True)
    failure_detail = fields.Char("What the server said", readonly=True)

    @api.depends("connector_id")
    def _compute_settings(self):
        for wizard in self:
            connector = wizard._mailbox()
            wizard.address = connector.send_as
            wizard.sent_items = connector.sent_items or "own"

    @api.depends("connector_id", "address", "tested_for")
    def _compute_tested(self):
        for wizard in self:
            wizard.tested = wizard._was_tested()

    def _was_tested(self):
        return self.sudo().tested_for == self._asked_for()

    def _asked_for(self):
        return f"{self.connector_id.id} {email_normalize(self.address or '')}"

    def action_test(self):
        """Send a test from the address; for a shared mailbox that is the proof, and for
        an alias where Google may be asked."""
        self.ensure_one()
        self.check_access("write")
        connector = self._mailbox()
        if not self.address:
            raise UserError(self.env._("Enter the address to send as."))
        address = email_normalize(self.address)
        if not address:
            raise UserError(self.env._("%s is not an email address.", self.address))
        self.address = address
        if address == email_normalize(connector.email):
            return self.action_own_address()
        try:
            with self.env.cr.savepoint():
                sent_items = self.sent_items or "own"
                if not connecting.use_send_as(connector.sudo(), address, sent_items):
                    raise _OnlyTested()
        except _OnlyTested:
            self.sudo().write({"tested_for": self._asked_for(), "failure_title": False})
            return self._show()
        except Outcome as outcome:
            if self._needs_permission(outcome):
                return actions.sign_in(
                    connector.sudo(), connector.provider, address, sent_items
                )
            return self._show_failure(outcome)
        return self._done()

    def action_confirm(self):
        """The user saw the test email come from the alias."""
        self.ensure_one()
        self.check_access("write")
        connector = self._mailbox()
        if not self._was_tested():
            raise UserError(self.env._("Send a test from this address first."))
        address = email_normalize(self.address)  # as it was tested
        connecting.use_tested(connector.sudo(), address)
        return self._done()

    def action_own_address(self):
        """Send as the mailbox itself again."""
        self.ensure_one()
        self.check_access("write")
        return actions.own_address(self._mailbox().sudo(), then=CLOSE)

    def _needs_permission(self, outcome):
        """The person signed in before a shared mailbox was wanted: Microsoft has to
        ask for one more permission."""
        shared = registry.provider(self.provider).send_as == "shared"
        return shared and outcome.reason in (
            *APPROVAL_REASONS,
            Reason.PERMISSION_MISSING,
        )

    def _show_failure(self, outcome):
        self.write(failure_values(self.env, outcome))
        return self._show()

    def _show(self):
        return window(self.env._("Send as another address"), self._name, self.id)

    def _done(self):
        return actions.says_sender(self._mailbox().sudo(), then=CLOSE)


class _OnlyTested(Exception):
    """Undoes the change: a person has to look at the test email first."""
