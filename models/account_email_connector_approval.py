from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import consteq, hmac

from ..engine import signing_in
from ..providers.microsoft.token import scope_names, short
from ..rules import IN_SERVICE
from ..texts import APPROVAL_REASONS, PERHAPS_APPROVAL, scope_texts

NO_WISH = {"approval_send_as": False, "approval_sent_items": False}
NO_APPROVAL = {
    "approval_asked_at": False,
    "approval_asked_by_id": False,
    "approved_at": False,
    **NO_WISH,
}


class AccountEmailConnector(models.Model):
    """Waiting until an administrator at Microsoft has approved the app.

    Before there is a mailbox, that is its state. One that is in service goes on as it
    is, and waits for what is wished besides: to send as another address, or to read
    answers (``reads_replies``).
    """

    _inherit = "account.email.connector"

    approval_asked_at = fields.Datetime(readonly=True)
    approval_asked_by_id = fields.Many2one("res.users", readonly=True)
    approved_at = fields.Datetime("Approved", readonly=True)
    # The other address that was wished for when an approval was asked for.
    approval_send_as = fields.Char(readonly=True)
    approval_sent_items = fields.Char(readonly=True)
    needs_approval = fields.Boolean(compute="_compute_approval")
    approval_url = fields.Char(
        "Link for the administrator",
        compute="_compute_approval",
        groups="account.group_account_manager",
    )
    approval_asks = fields.Html(compute="_compute_approval_asks")

    @api.depends(
        "state",
        "error_reason",
        "error_since",
        "approval_asked_at",
        "approval_send_as",
        "send_as",
        "reads_replies",
        "oauth_app_id",
        "reading_wants_sign_in",
    )
    def _compute_approval(self):
        for connector in self:
            connector.needs_approval = connector._waits_for_approval()
            connector.approval_url = (
                connector.needs_approval and connector._approval_url()
            )

    @api.depends("approval_send_as", "send_as", "reads_replies")
    @api.depends_context("lang")
    def _compute_approval_asks(self):
        for connector in self:
            texts = scope_texts(self.env, connector._approval_scopes())
            lines = (Markup("<li>%s</li>") % text for text in texts)
            connector.approval_asks = Markup("<ul>%s</ul>") % Markup().join(lines)

    def _waits_for_approval(self):
        """Whether an administrator at Microsoft may have to do something."""
        asked = self.approval_asked_at and self.state != "disconnected"
        if not asked or self.sudo().oauth_app_id.provider != "microsoft":
            return False
        if self.state == "error":  # which may be of another kind, and later
            lacks = self.error_reason in APPROVAL_REASONS
            return lacks or self.approval_asked_at >= self.error_since
        # What a connected mailbox has wished for may have been given up.
        wish = self.approval_send_as or self.reading_wants_sign_in
        return self.state != "connected" or bool(wish)

    def _asked_since(self):
        """When the approval was asked for that is waited for: now, after an error that
        has nothing to do with the former one."""
        stale = self.state == "error" and not self._waits_for_approval()
        return not stale and self.approval_asked_at or fields.Datetime.now()

    def _connect(self, email, secret, values):
        """As before; another way to sign in waits for nobody."""
        if values.get("provider") != "microsoft":
            values = {**NO_APPROVAL, **values}
        return super()._connect(email, secret, values)

    def _take_grant(self, app, grant):
        """As before; what was granted is not waited for any more."""
        res = super()._take_grant(app, grant)
        granted = {short(scope) for scope in grant.scopes}
        if {short(scope) for scope in self._approval_scopes()} <= granted:
            self.sudo().write(NO_APPROVAL)
        return res

    def _use_send_as(self, address, sent_items):
        """As before; that is no wish any more."""
        res = super()._use_send_as(address, sent_items)
        self.sudo().write(NO_WISH)
        return res

    def action_disconnect(self):
        """As before; nothing is waited for any more."""
        res = super().action_disconnect()
        self.sudo().write(NO_APPROVAL)
        return res

    def _note_refused_sign_in(self, app, outcome, send_as="", sent_items=""):
        """Microsoft wants an administrator's approval, or perhaps does.

        A mailbox that was connected stays as it is.

        :param send_as: the other address that was wished for, *sent_items* likewise.
        """
        if app.sudo().provider != "microsoft" or outcome.reason not in PERHAPS_APPROVAL:
            return
        self.check_access("write")
        values = {
            "approval_asked_at": self._asked_since(),
            "approval_asked_by_id": self.env.uid,
        }
        if outcome.reason in APPROVAL_REASONS:  # whatever was reported before
            values["approved_at"] = False
        if send_as:
            values |= {"approval_send_as": send_as, "approval_sent_items": sent_items}
        if self.state not in IN_SERVICE:
            values |= {
                "state": "pending_approval",
                "provider": "microsoft",
                "email": False,
                "oauth_app_id": app.id,
                "error_reason": str(outcome.reason),
                "error_code": outcome.code,
            }
        self.sudo().write(values)

    def _break(self, outcome):
        """As before; if an approval was withdrawn, the link for it is at hand."""
        res = super()._break(outcome)
        if self.provider == "microsoft" and outcome.reason in APPROVAL_REASONS:
            self.write(
                {
                    "approval_asked_at": self.approval_asked_at
                    or fields.Datetime.now(),
                    "approved_at": False,
                }
            )
        return res

    def action_connect_again(self):
        """Sign in with what was wished for when an approval was asked for."""
        self.check_access("write")
        return self._begin_sign_in(
            "microsoft",
            self.approval_send_as or "",
            self.approval_sent_items or "own",
        )

    def action_forget_approval(self):
        """Wait no more: a mailbox that is in service goes on without."""
        self.check_access("write")
        self._forget_notice()
        self.sudo().filtered(lambda c: c.state in IN_SERVICE).write(NO_APPROVAL)

    def _approval_scopes(self):
        """What the link asks for: what the mailbox needs, and what is wished for."""
        address = self.approval_send_as or self.send_as or ""
        reading = self._reading_scopes("microsoft", address)
        return scope_names(shared=bool(address), extra=reading)

    def _approval_url(self):
        """The page on which an administrator approves the app for everybody."""
        app = self.sudo().oauth_app_id
        return signing_in.approval_link(
            app,
            app.approval_redirect_uri,
            self._approval_state(),
            self._approval_scopes(),
        )

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
