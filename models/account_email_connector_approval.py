from odoo import api, fields, models
from odoo.tools import consteq, hmac

from ..providers import microsoft_signin
from ..providers.outcomes import Outcome
from ..providers.reasons import Reason
from ..texts import APPROVAL_REASONS

NO_APPROVAL = {
    "approval_asked_at": False,
    "approval_asked_by_id": False,
    "approved_at": False,
}


class AccountEmailConnector(models.Model):
    """Waiting until an administrator at Microsoft has approved the app."""

    _inherit = "account.email.connector"

    approval_asked_at = fields.Datetime(readonly=True)
    approval_asked_by_id = fields.Many2one("res.users", readonly=True)
    approved_at = fields.Datetime("Approved", readonly=True)
    needs_approval = fields.Boolean(compute="_compute_approval")
    approval_url = fields.Char(
        "Link for the administrator",
        compute="_compute_approval",
        groups="account.group_account_manager",
    )

    @api.depends("state", "error_reason", "approval_asked_at", "oauth_app_id")
    def _compute_approval(self):
        for connector in self:
            app = connector.sudo().oauth_app_id
            connector.needs_approval = app.provider == "microsoft" and (
                connector.state == "pending_approval"
                or (
                    connector.state == "error"
                    and connector.error_reason in APPROVAL_REASONS
                )
            )
            connector.approval_url = (
                connector.needs_approval and connector._approval_url()
            )

    def _connect(self, email, secret, values):
        """As before; nothing is waited for any more."""
        return super()._connect(email, secret, {**NO_APPROVAL, **values})

    def action_disconnect(self):
        """As before; nothing is waited for any more."""
        res = super().action_disconnect()
        self.sudo().write(NO_APPROVAL)
        return res

    def _note_refused_sign_in(self, app, outcome):
        """Microsoft wants an administrator's approval, or perhaps does.

        "Return without granting" on its page looks like any cancelled sign-in. A
        mailbox that was connected stays as it is.
        """
        wants_approval = outcome.reason in (*APPROVAL_REASONS, Reason.SIGN_IN_CANCELLED)
        if app.sudo().provider != "microsoft" or not wants_approval:
            return
        if self.state not in ("disconnected", "pending_approval"):
            return
        self.check_access("write")
        values = {
            "state": "pending_approval",
            "provider": "microsoft",
            "email": False,
            "oauth_app_id": app.id,
            "error_reason": str(outcome.reason),
            "error_code": outcome.code,
            "approval_asked_at": self.approval_asked_at or fields.Datetime.now(),
            "approval_asked_by_id": self.env.uid,
        }
        if outcome.reason in APPROVAL_REASONS:  # whatever was reported before
            values["approved_at"] = False
        self.sudo().write(values)

    def _break(self, outcome):
        """As before; if an approval was withdrawn, the link for it is at hand."""
        res = super()._break(outcome)
        if self.provider == "microsoft" and outcome.reason in APPROVAL_REASONS:
            self.approval_asked_at = self.approval_asked_at or fields.Datetime.now()
        return res

    def _approval_url(self):
        """The page on which an administrator approves the app for everybody."""
        app = self.sudo().oauth_app_id
        try:
            return microsoft_signin.admin_consent_url(
                app._oauth_app(),
                app.approval_redirect_uri,
                self._approval_state(),
                shared=bool(self.send_as),
                extra_scopes=self._reading_scopes("microsoft"),
            )
        except Outcome:
            return False

    def _approval_state(self):
        """What the link brings back: it lets its bearer do no more than say "done"."""
        self.ensure_one()
        asked = (self.id, fields.Datetime.to_string(self.approval_asked_at))
        return f"{self.id}.{hmac(self.env(su=True), 'email connector approval', asked)}"

    @api.model
    def _by_approval_state(self, state):
        """The mailbox whose link for the administrator brought *state* back."""
        number = state.partition(".")[0]
        if not (state.isascii() and number.isdigit() and len(number) < 10):
            return self.browse()
        connector = self.sudo().browse(int(number)).exists()
        if not connector.approval_asked_at:
            return self.browse()
        same = consteq(connector._approval_state(), state)
        return connector if same else self.browse()

    def _note_approval(self):
        """Say that an administrator has approved. Whoever has the link can do that:
        it changes nothing else, and the sign-in will show if it is true."""
        if self.approved_at:
            return
        self.approved_at = fields.Datetime.now()
        self.message_post(
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=self.approval_asked_by_id.partner_id.ids,
            subtype_xmlid="mail.mt_note",
            body=self.env._(
                "Microsoft reports that an administrator has approved the app. Press "
                "Connect again to finish."
            ),
        )

    def action_mail_approval_link(self):
        """Open the small form that mails the link to an administrator."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask an administrator"),
            "res_model": "account.email.connector.approval",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connector_id": self.id},
        }
