from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..engine.mailbox import connecting, entered, progress, proposing, start
from ..engine.rights import without_values
from ..engine.secrets import mailboxes, sealed
from ..providers.deadline import NEVER, Deadline
from ..providers.outcomes import Outcome
from ..providers.progress import Progress, Step
from ..providers.reasons import Reason
from ..providers.smtp.ports import diagnose_ports
from ..texts import choices, failure_values, outcome_text, presets
from ..tools.actions import CLOSE, notify, window
from ..tools.reach import reach

USUAL_PORT = {"ssl": 465, "starttls": 587, "none": 25}
USUAL_IMAP_PORT = {"ssl": 993, "starttls": 143, "none": 143}
PORT_TROUBLE = {Reason.PORT_FILTERED, Reason.PORT_CLOSED}
A_MINUTE = 55  # and a few seconds to take leave
DOTS = "•" * 12


def begins(compute):
    """What makes a field begin with what is known, and a person may change it then."""
    return {"compute": compute, "compute_sudo": False, "store": True, "readonly": False}


class AccountEmailConnectorSmtp(models.TransientModel):
    """Connect manually: sign in to an SMTP server, and to IMAP for the Sent copy."""

    _name = "account.email.connector.smtp"
    _inherit = ["account.email.connector.form"]
    _description = "Connect a Mailbox Manually"

    company_id = fields.Many2one(related="connector_id.company_id", related_sudo=False)
    state = fields.Selection(related="connector_id.state", related_sudo=False)
    email = fields.Char("Address", required=True, **begins("_compute_settings"))
    user = fields.Char(
        "User name",
        **begins("_compute_user"),
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
    password_dots = fields.Char(compute="_compute_password")
    asks_once_more = fields.Boolean(compute="_compute_password")
    host = fields.Char("SMTP server", required=True, **begins("_compute_settings"))
    encryption = fields.Selection(
        choices.ENCRYPTIONS, required=True, **begins("_compute_settings")
    )
    port = fields.Integer(required=True, **begins("_compute_port"))
    imap_host = fields.Char(
        "IMAP server",
        **begins("_compute_settings"),
        help="Needed to file a copy of each email in the Sent folder, if the server "
        "does not do that by itself.",
    )
    imap_encryption = fields.Selection(
        choices.ENCRYPTIONS, "IMAP encryption", **begins("_compute_settings")
    )
    imap_port = fields.Integer("IMAP port", **begins("_compute_imap_port"))
    sent_copy = fields.Selection(
        choices.SENT_COPIES,
        "Copy in Sent",
        required=True,
        **begins("_compute_settings"),
    )
    sent_folder = fields.Char(
        **begins("_compute_settings"),
        help="Where the copies go. Empty: the folder that the server calls so, or that "
        "has a usual name. One that is not there is created.",
    )
    is_as_connected = fields.Boolean(compute="_compute_is_as_connected")
    folders = fields.Json(help="The mailbox's folders, to choose from.")
    # What stands in the form without having been typed, and where it comes from.
    proposed = fields.Json(**begins("_compute_proposed"))
    found = fields.Json()
    found_text = fields.Char(compute="_compute_found")
    advice_text = fields.Html(compute="_compute_found")
    sender_name = fields.Char(**begins("_compute_settings"))
    failure_title = fields.Char(readonly=True)
    failure_text = fields.Text(readonly=True)
    failure_detail = fields.Char("What the server said", readonly=True)
    failure_is_quote = fields.Boolean(readonly=True)

    @api.depends("connector_id")
    def _compute_settings(self):
        """Start from what was connected before."""
        for wizard in self:
            connector = wizard._mailbox()
            wizard.email = connector.email
            wizard.host = connector.smtp_host
            wizard.encryption = connector.smtp_encryption or "ssl"
            wizard.imap_host = connector.imap_host
            wizard.imap_encryption = connector.imap_encryption or "ssl"
            wizard.sent_folder = connector.sent_folder
            wizard.sent_copy = connector.sent_copy or "auto"
            wizard.sender_name = connector.sender_name

    @api.depends("connector_id")
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

    @api.depends("imap_encryption")
    def _compute_imap_port(self):
        for wizard in self:
            connector, chosen = wizard._mailbox(), wizard.imap_encryption or "ssl"
            same = chosen == (connector.imap_encryption or "ssl")
            wizard.imap_port = same and connector.imap_port or USUAL_IMAP_PORT[chosen]

    @api.depends("connector_id")
    def _compute_proposed(self):
        for wizard in self:
            wizard.proposed = proposing.begin(wizard)

    @api.depends("found")
    def _compute_found(self):
        for wizard in self:
            wizard.found_text = presets.source_text(wizard.env, wizard.found)
            wizard.advice_text = presets.advice_text(wizard.env, wizard.found)

    @api.depends("password_for", "host", "imap_host", "encryption", "imap_encryption")
    def _compute_password(self):
        for wizard in self:
            wizard.password = False
            entered_for = wizard.sudo().password_for
            wizard.has_password = entered_for == wizard._servers()
            wizard.password_dots = wizard.has_password and DOTS
            wizard.asks_once_more = entered_for and not wizard.has_password

    @api.depends("email", "user", "imap_host", "imap_port", "imap_encryption")
    def _compute_is_as_connected(self):
        for wizard in self:
            connector = wizard._mailbox()
            wizard.is_as_connected = entered.is_as_connected(wizard, connector)

    @api.model_create_multi
    def create(self, vals_list):
        passwords = [vals.get("password") for vals in vals_list]
        wizards = super().create([_without_password(vals) for vals in vals_list])
        for wizard, password in zip(wizards, passwords, strict=True):
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

    @api.onchange("email")
    def _onchange_email(self):
        self._mailbox()  # who may not change it asks nobody for servers
        proposing.for_address(self)

    @api.onchange("host")
    def _onchange_host(self):
        proposing.for_host(self)

    @api.onchange("email", "imap_host")
    def _onchange_mailbox(self):
        """Another mailbox has other folders."""
        proposing.for_mailbox(self, self._mailbox())

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
        """To which servers a password goes that is entered now, and whether it can be
        read on its way."""
        host, imap_host = (self.host or "").strip(), (self.imap_host or "").strip()
        encrypted = "" if self.encryption == "none" else "encrypted"
        in_clear = imap_host and self.imap_encryption == "none"
        return f"{host} {imap_host} {encrypted}{' imap in clear' if in_clear else ''}"

    def action_log_in(self):
        """Sign in for real. On success the connector is connected; otherwise the
        wizard stays and says what is wrong and what to do."""
        self.ensure_one()
        self.check_access("write")
        connecting.refuse_other_address(self._mailbox(), self.email)
        entered.refuse_nonsense(self)
        deadline = Deadline(A_MINUTE)
        with progress.shown(self) as show:
            try:
                self._sign_in(show, deadline)
            except Outcome as outcome:
                return self._show_failure(outcome, show, deadline)
        connector = self.connector_id
        proven = connector.state == "connected"
        self.sudo().unlink()
        if not proven:
            return notify("warning", *connecting.not_yet_proven(self.env), then=CLOSE)
        text = start.in_words(connector, connector.sender_address)
        return notify("success", text, self.env._("Connected"), then=CLOSE)

    def _sign_in(self, show, deadline=NEVER):
        """Sign in for real, and connect.

        :param show: shows what it is doing.
        :param deadline: by when the user is to be told.
        :raises Outcome: if that does not work, also for want of a key.
        """
        connector, values = self.connector_id, self._connector_values()
        address = email_normalize(self.email)
        mailboxes.sign_in(
            self,
            lambda key: connector._connect(address, key, values, deadline),
            show,
            self._offer,
        )

    def _offer(self, folders):
        """Let a person choose one of the mailbox's *folders*."""
        self.write({"folders": folders})

    def action_list_folders(self):
        """Ask the mailbox, as it is connected, for the folders to choose from."""
        self.ensure_one()
        self.check_access("write")
        connector = self._mailbox().sudo()
        try:
            self._offer(mailboxes.ask(connector, lambda box: box().sent_folders()))
        except Outcome as outcome:
            text = outcome_text(self.env, outcome, by_hand=True)
            raise UserError(text) from None
        return self._stay()

    def _connector_values(self):
        return {
            "provider": "smtp",
            "smtp_host": self.host.strip(),
            "smtp_port": self.port,
            "smtp_encryption": self.encryption,
            "smtp_user": self.user.strip(),
            "imap_host": (self.imap_host or "").strip(),
            "imap_port": self.imap_port or 993,
            "imap_encryption": self.imap_encryption or "ssl",
            "sent_copy": self.sent_copy,
            "sent_folder": (self.sent_folder or "").strip(),
            "sent_habit": "",
            "sender_name": self._own_sender_name(),
        }

    def _own_sender_name(self):
        """Empty where it is the company's: the company may be renamed."""
        name = (self.sender_name or "").strip()
        return name if name != self._mailbox().company_id.name.strip() else ""

    def _show_failure(self, outcome, show, deadline):
        """Stay, and say what is wrong.

        :param show: shows what is found out for that.
        :param deadline: by when the user is to be told.
        """
        values = failure_values(self.env, outcome)
        if outcome.service == "imap":
            title = values["failure_title"]
            values["failure_title"] = self.env._("IMAP (Sent folder): %s", title)
        elif outcome.reason in PORT_TROUBLE:
            others = self._other_ports(outcome.reason, show, deadline)
            values["failure_text"] += f"\n{others}"
        self.write({**values, "failure_is_quote": outcome.quoted})
        return self._stay()

    def _stay(self):
        return window(self.env._("Connect manually"), self._name, self.id)

    def _other_ports(self, reason, show, deadline):
        """Say which of the usual ports answer, for whoever has to change something."""
        host = self.host.strip()
        show(Progress(Step.OTHER_PORTS, host))
        answers = diagnose_ports(host, self.port, reach=reach(), deadline=deadline)
        open_ports = [str(a.port) for a in answers if a.state == "open"]
        if open_ports:
            return self.env._(
                "These ports of the server do answer: %s. Try one of them.",
                ", ".join(open_ports),
            )
        others = ", ".join(str(answer.port) for answer in answers)
        if reason == Reason.PORT_CLOSED:  # so the way there is open
            return self.env._(
                "No mail server answers on the ports %s either: this is probably not "
                "your mail server's name.",
                others,
            )
        return self.env._(
            "The ports %s do not answer either. Ask your IT to allow this server to "
            "reach the mail server.",
            others,
        )


def _without_password(vals):
    return {name: value for name, value in vals.items() if name != "password"}
