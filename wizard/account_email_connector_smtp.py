from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..engine.mailbox import connecting
from ..engine.rights import without_values
from ..engine.secrets import mailboxes, sealed
from ..providers.outcomes import Outcome
from ..providers.reasons import Reason
from ..providers.smtp.ports import diagnose_ports
from ..texts import choices, reason_text
from ..tools.actions import CLOSE, notify, window
from ..tools.reach import reach

USUAL_PORT = {"ssl": 465, "starttls": 587, "none": 25}
PORT_TROUBLE = {Reason.PORT_FILTERED, Reason.PORT_CLOSED}


class AccountEmailConnectorSmtp(models.TransientModel):
    """Connect manually: sign in to an SMTP server, and to IMAP for the Sent copy."""

    _name = "account.email.connector.smtp"
    _inherit = ["account.email.connector.form"]
    _description = "Connect a Mailbox Manually"

    company_id = fields.Many2one(related="connector_id.company_id", related_sudo=False)
    email = fields.Char(
        "Address",
        required=True,
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    user = fields.Char(
        "User name",
        compute="_compute_user",
        compute_sudo=False,
        store=True,
        readonly=False,
        required=True,
        help="Often the address itself.",
    )
    # Never stored as it is, never sent back to the browser: see create and write.
    password = fields.Char(compute="_compute_password", readonly=False)
    sealed_password = fields.Text(groups=fields.NO_ACCESS)
    password_for = fields.Char(
        groups=fields.NO_ACCESS, help="The servers it may go to."
    )
    has_password = fields.Boolean(compute="_compute_password")
    asks_once_more = fields.Boolean(compute="_compute_password")
    host = fields.Char(
        "SMTP server",
        required=True,
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    encryption = fields.Selection(
        choices.ENCRYPTIONS,
        required=True,
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    port = fields.Integer(
        required=True,
        compute="_compute_port",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    imap_host = fields.Char(
        "IMAP server",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Needed to file a copy of each email in the Sent folder, if the server "
        "does not do that by itself.",
    )
    imap_port = fields.Integer(
        "IMAP port",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    sent_copy = fields.Selection(
        choices.SENT_COPIES,
        "Copy in Sent",
        required=True,
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    sender_name = fields.Char(
        compute="_compute_settings", compute_sudo=False, store=True, readonly=False
    )
    failure_title = fields.Char(readonly=True)
    failure_text = fields.Text(readonly=True)
    failure_detail = fields.Char("What the server said", readonly=True)

    @api.depends("connector_id")
    def _compute_settings(self):
        """Start from what was connected before."""
        for wizard in self:
            connector = wizard._mailbox()
            wizard.email = connector.email
            wizard.host = connector.smtp_host
            wizard.encryption = connector.smtp_encryption or "ssl"
            wizard.imap_host = connector.imap_host
            wizard.imap_port = connector.imap_port or 993
            wizard.sent_copy = connector.sent_copy or "auto"
            wizard.sender_name = connector.sender_name or connector.company_id.name

    @api.depends("email")
    def _compute_user(self):
        for wizard in self:
            wizard.user = wizard._mailbox().smtp_user or wizard.email

    @api.depends("encryption")
    def _compute_port(self):
        for wizard in self:
            connector = wizard._mailbox()
            if wizard.encryption == connector.smtp_encryption:
                wizard.port = connector.smtp_port
            else:
                wizard.port = USUAL_PORT.get(wizard.encryption)

    @api.depends("password_for", "host", "imap_host", "encryption")
    def _compute_password(self):
        for wizard in self:
            wizard.password = False
            entered_for = wizard.sudo().password_for
            wizard.has_password = entered_for == wizard._servers()
            wizard.asks_once_more = entered_for and not wizard.has_password

    @api.model_create_multi
    def create(self, vals_list):
        entered = [vals.get("password") for vals in vals_list]
        wizards = super().create([_without_password(vals) for vals in vals_list])
        for wizard, password in zip(wizards, entered, strict=True):
            wizard._keep_password(password)
        return wizards

    def write(self, vals):
        res = super().write(_without_password(vals))
        for wizard in self:
            wizard._keep_password(vals.get("password"))
        return res

    def onchange(self, values, field_names, fields_spec):
        """As before; a password that is being typed is nobody's business."""
        values, changed = without_values({"password"}, values, field_names)
        return {} if changed is None else super().onchange(values, changed, fields_spec)

    def _keep_password(self, password):
        """Seal the *password* that was entered, if one was, for the servers that were
        entered with it: typed for one server, it never goes to another one."""
        if password:
            purpose = sealed.purpose_of_form(self)
            sealed_password = sealed.seal_input(self.env, password, purpose)
            self.sudo().write(
                {"sealed_password": sealed_password, "password_for": self._servers()}
            )

    def _servers(self):
        encrypted = "" if self.encryption == "none" else "encrypted"
        return (
            f"{(self.host or '').strip()} {(self.imap_host or '').strip()} {encrypted}"
        )

    def action_log_in(self):
        """Sign in for real. On success the connector is connected; otherwise the
        wizard stays and says what is wrong and what to do."""
        self.ensure_one()
        self.check_access("write")
        connecting.refuse_other_address(self._mailbox(), self.email)
        self._check_input()
        try:
            self._sign_in()
        except Outcome as outcome:
            return self._show_failure(outcome)
        self.sudo().unlink()
        text = self.env._("Follow-ups now leave from this mailbox.")
        return notify("success", text, self.env._("Connected"), then=CLOSE)

    def _sign_in(self):
        """Sign in for real, and connect.

        :raises Outcome: if that does not work, also for want of a key.
        """
        connector, values = self.connector_id, self._connector_values()
        address = email_normalize(self.email)
        mailboxes.sign_in(self, lambda key: connector._connect(address, key, values))

    def _check_input(self):
        """
        :raises UserError: for what needs no server to be known as wrong.
        """
        if not email_normalize(self.email):
            raise UserError(self.env._("%s is not an email address.", self.email))
        if not 0 < self.port < 65536:
            raise UserError(self.env._("A port is a number from 1 to 65535."))
        if not self.has_password:
            raise UserError(self._why_no_password())

    def _why_no_password(self):
        if not self.sudo().sealed_password:
            return self.env._("Enter the mailbox's password.")
        return self.env._(
            "Enter the mailbox's password once more: you have changed the server or "
            "the encryption, and a password goes to no other server than the one it "
            "was entered for."
        )

    def _connector_values(self):
        return {
            "provider": "smtp",
            "smtp_host": self.host.strip(),
            "smtp_port": self.port,
            "smtp_encryption": self.encryption,
            "smtp_user": self.user.strip(),
            "imap_host": (self.imap_host or "").strip(),
            "imap_port": self.imap_port or 993,
            "sent_copy": self.sent_copy,
            "sender_name": self.sender_name,
        }

    def _show_failure(self, outcome):
        title, text = reason_text(self.env, outcome.reason)
        if outcome.service == "imap":
            title = self.env._("IMAP (Sent folder): %s", title)
        elif outcome.reason in PORT_TROUBLE:
            text = f"{text}\n{self._other_ports()}"
        detail = " ".join(filter(None, [outcome.code, outcome.detail]))
        self.write(
            {"failure_title": title, "failure_text": text, "failure_detail": detail}
        )
        return window(self.env._("Connect manually"), self._name, self.id)

    def _other_ports(self):
        """Say which of the usual ports answer, for whoever has to change something."""
        answers = diagnose_ports(self.host.strip(), self.port, reach=reach())
        open_ports = [str(a.port) for a in answers if a.state == "open"]
        if open_ports:
            return self.env._(
                "These ports of the server do answer: %s. Try one of them.",
                ", ".join(open_ports),
            )
        others = ", ".join(str(answer.port) for answer in answers)
        return self.env._(
            "The ports %s do not answer either. Ask your IT to allow this server to "
            "reach the mail server.",
            others,
        )


def _without_password(vals):
    return {name: value for name, value in vals.items() if name != "password"}
