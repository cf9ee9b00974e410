import logging
from datetime import timedelta
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, formataddr

from ..engine import mailboxes, sealed
from ..engine.rights import without_defaults, without_values
from ..providers.base import OutgoingEmail
from ..providers.envelope import with_ascii_domain
from ..providers.outcomes import (
    AdminActionRequired,
    Outcome,
    OutcomeUnknown,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..providers.reasons import Reason
from ..rules import IN_SERVICE
from ..texts import detail_of, reason_text, said, said_by
from .account_email_delivery import StillUnknown

_logger = logging.getLogger(__name__)

#: What a sign-in settles; nothing else may write it.
SETTLED_BY_SIGN_IN = {
    "company_id",
    "provider",
    "state",
    "email",
    "smtp_host",
    "smtp_port",
    "smtp_encryption",
    "smtp_user",
    "imap_host",
    "imap_port",
    "connected_by_id",
    "connected_at",
    "place",
    "error_reason",
    "error_code",
    "error_detail",
    "error_since",
    "wait_until",
    "unavailable_since",
    # of Microsoft and Google
    "oauth_app_id",
    "oauth_account_id",
    "send_as",
    "sent_items",
    "checked_at",
    "approval_asked_at",
    "approval_asked_by_id",
    "approved_at",
    "approval_send_as",
    "approval_sent_items",
}
#: A server that nobody can reach for so long is no passing fault.
UNAVAILABLE_IS_ERROR_AFTER = timedelta(hours=24)
DEFAULT_WAIT = 15 * 60  # seconds
MAILBOXES_AT_ONCE = 4
NO_TROUBLE = {
    "error_reason": False,
    "error_code": False,
    "error_detail": False,
    "error_since": False,
    "wait_until": False,
    "unavailable_since": False,
}
#: Whether the secret can be opened is all that stands in the way.
LACKED_KEY = (Reason.KEY_UNUSABLE.value, Reason.CREDENTIAL_LOST.value)
#: The server as a whole is out of reach, not one email deferred by it.
SERVER_IS_AWAY = {
    Reason.HOST_NOT_FOUND,
    Reason.PORT_FILTERED,
    Reason.PORT_CLOSED,
    Reason.CONNECTION_LOST,
    Reason.PROVIDER_DOWN,
    Reason.SERVER_SILENT,
    Reason.ANSWER_TOO_LONG,
}


class AccountEmailConnector(models.Model):
    """The mailbox of one company: its address, how to reach it, and its state."""

    _name = "account.email.connector"
    _description = "Email Connector"
    _inherit = ["mail.thread", "account.email.export"]
    _order = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    provider = fields.Selection(
        [("smtp", "SMTP"), ("microsoft", "Microsoft"), ("google", "Google")],
        readonly=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("disconnected", "Not connected"),
            ("pending_approval", "Waiting for approval"),
            ("connected", "Connected"),
            ("error", "Connection lost"),
        ],
        required=True,
        readonly=True,
        default="disconnected",
        tracking=True,
        index=True,
    )
    email = fields.Char("Address", readonly=True, tracking=True)
    sender_name = fields.Char(
        "Sender's name",
        help="The name that customers see beside the address. "
        "Empty: the company's name.",
    )
    sends_accounting_emails = fields.Boolean(
        "Send invoices through this mailbox too",
        help="Emails of invoices and payments (Send & Print) also leave through this "
        "mailbox. Follow-ups always do.",
    )
    smtp_host = fields.Char("SMTP server", readonly=True)
    smtp_port = fields.Integer("SMTP port", readonly=True)
    smtp_encryption = fields.Selection(
        [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")],
        "Encryption",
        readonly=True,
    )
    smtp_user = fields.Char("User name", readonly=True)
    imap_host = fields.Char("IMAP server", readonly=True)
    imap_port = fields.Integer("IMAP port", readonly=True)
    sent_copy = fields.Selection(
        [
            ("auto", "If the server has not filed it"),
            ("always", "Always"),
            ("never", "Never"),
        ],
        "Copy in Sent",
        default="auto",
        required=True,
        help="Many servers file what they send in the Sent folder by themselves.",
    )
    connected_by_id = fields.Many2one("res.users", "Connected by", readonly=True)
    place = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="Where the database was when the mailbox was connected.",
    )
    connected_at = fields.Datetime("Connected since", readonly=True)
    error_reason = fields.Char(readonly=True)
    error_code = fields.Char(readonly=True)
    error_detail = fields.Char("What the server said", readonly=True)
    error_since = fields.Datetime(readonly=True)
    error_title = fields.Char(compute="_compute_error_text")
    error_text = fields.Text(compute="_compute_error_text")
    error_said = fields.Char(compute="_compute_error_text")
    wait_until = fields.Datetime(
        readonly=True, help="The provider asked to wait until then."
    )
    unavailable_since = fields.Datetime(readonly=True)
    is_waiting = fields.Boolean(compute="_compute_is_waiting")
    waiting_count = fields.Integer(
        "Follow-ups waiting", compute="_compute_waiting_count"
    )

    _one_per_company = models.UniqueIndex(
        "(company_id)", "A company has one mailbox: disconnect it first."
    )

    @api.depends("company_id", "email")
    def _compute_display_name(self):
        for connector in self:
            name = connector.company_id.name
            if connector.email:
                name = f"{name} ({connector.email})"
            connector.display_name = name

    @api.depends("error_reason", "error_code", "error_detail")
    @api.depends_context("lang")
    def _compute_error_text(self):
        for connector in self:
            title, text = reason_text(self.env, connector.error_reason)
            connector.error_title = title
            connector.error_text = text
            connector.error_said = said(connector.error_code, connector.error_detail)

    @api.depends("state", "wait_until")
    def _compute_is_waiting(self):
        for connector in self:
            connector.is_waiting = (
                connector.state == "connected" and not connector._usable()
            )

    def _compute_waiting_count(self):
        waiting = dict(
            self.env["account.email.followup"]
            .sudo()  # of whoever may see the mailbox
            ._read_group(
                [("connector_id", "in", self.ids), ("state", "=", "planned")],
                ["connector_id"],
                ["__count"],
            )
        )
        for connector in self:
            connector.waiting_count = waiting.get(connector, 0)

    @api.model
    def default_get(self, fields):
        """As before; but no default of a user, nor of a context, is a sign-in."""
        settled = SETTLED_BY_SIGN_IN - {"company_id"}
        allowed = self._fields.keys() - settled
        return without_defaults(self, super().default_get(fields), allowed)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_settled_values(vals.keys() - {"company_id"})
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_settled_values(vals.keys())
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """As before; a form that says who is signed in is not believed."""
        values, changed = without_values(SETTLED_BY_SIGN_IN, values, field_names)
        return {} if changed is None else super().onchange(values, changed, fields_spec)

    def _refuse_settled_values(self, names):
        """Only a sign-in (which runs as superuser) changes what it settled."""
        if not self.env.su and SETTLED_BY_SIGN_IN & set(names):
            raise AccessError(
                self.env._(
                    "The mailbox is changed by connecting or disconnecting it, "
                    "not by editing its fields."
                )
            )

    # -- connecting --------------------------------------------------------------

    @api.model
    def _of_company(self, company):
        """The connector that serves *company*: its own, or its nearest parent's.

        One that waits for an approval sends nothing yet: until it is connected, a
        branch goes on with its parent's.
        """
        for candidate in reversed(company.sudo().parent_ids):
            connector = candidate.email_connector_id
            if connector.state in IN_SERVICE:
                return connector
        return self.browse()

    def _connect(self, email, secret, values):
        """Take *email* into service: the sign-in has succeeded.

        :param email: the mailbox's address; must be the present one while connected.
        :param secret: a dict to be sealed.
        :param values: provider and its settings.
        :raises UserError: for another address while one is linked.
        """
        self.ensure_one()
        self.check_access("write")
        self._refuse_other_address(email)
        connector = self.sudo()
        with self.env.cr.savepoint():  # without its secret, nothing is connected
            connector.write(
                {
                    **values,
                    "email": email,
                    "state": "connected",
                    "connected_by_id": self.env.uid,
                    "connected_at": fields.Datetime.now(),
                    **NO_TROUBLE,
                }
            )
            sealed.keep(connector, secret)  # for these servers, this account, only
        if connector._has_followups():  # the first ones can be looked at before they go
            self.env.ref("account_email_connector.ir_cron_followups").sudo()._trigger()

    def _has_followups(self):
        """Whether anything was ever planned for this mailbox."""
        followups = self.env["account.email.followup"].sudo()
        return bool(followups.search_count([("connector_id", "=", self.id)], limit=1))

    def _refuse_other_address(self, email):
        self.ensure_one()
        linked = self.state != "disconnected" and email_normalize(self.email or "")
        if linked and linked != email_normalize(email):
            raise UserError(
                self.env._(
                    "%(company)s is linked to %(address)s. Disconnect it before you "
                    "link another address. Nothing was changed.",
                    company=self.company_id.name,
                    address=self.email,
                )
            )

    def action_disconnect(self):
        """Unlink the mailbox and forget its credentials. Follow-ups wait."""
        self.check_access("write")
        credentials = self.env["account.email.connector.credential"].sudo()
        credentials.search([("connector_id", "in", self.ids)]).unlink()
        self.sudo().write(
            {
                "state": "disconnected",
                "connected_by_id": False,
                "connected_at": False,
                "place": False,
                **NO_TROUBLE,
            }
        )

    def action_send_from_here(self):
        """A person says that the database which this one was made from is gone."""
        self.ensure_one()
        self.check_access("write")
        connector = self.sudo()
        if connector.error_reason != Reason.DATABASE_COPIED:
            return
        connector.place = sealed.place(self.env)
        try:
            mailboxes.ask(connector, lambda mailbox: None)
        except Outcome as outcome:  # Odoo's own copies have another name, for example
            connector._note_outcome(outcome)
            return
        connector._resume()
        self.env.ref("account_email_connector.ir_cron_followups").sudo()._trigger()

    def action_connect_smtp(self):
        """Open the wizard which signs in with a password."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect manually"),
            "res_model": "account.email.connector.smtp",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connector_id": self.id},
        }

    @api.model
    def action_open(self):
        """Open the mailboxes of the companies that the user has switched on."""
        domain = [("company_id", "in", self.env.companies.ids)]
        missing = self.env.companies - self.search(domain).company_id
        if missing and self.has_access("create"):
            self.create([{"company_id": company.id} for company in missing])
        connectors = self.search(domain)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_email_connector.action_connector"
        )
        if len(connectors) == 1:
            action.update(res_id=connectors.id, views=[(False, "form")])
        return action

    # -- using -------------------------------------------------------------------

    def _sender(self):
        """The ``From`` of every email: the name that customers see, the address."""
        self.ensure_one()
        name = self.sender_name or self.company_id.name
        return formataddr((" ".join(name.split()), self.sender_address))

    def _usable(self):
        """Whether an email may be handed to the mailbox now."""
        self.ensure_one()
        waiting = self.wait_until and self.wait_until > fields.Datetime.now()
        return self.state == "connected" and not waiting

    def _note_success(self):
        """The mailbox is at work: whatever troubled it is over."""
        if self.unavailable_since or self.wait_until:
            self._same_mailbox().write(
                {"unavailable_since": False, "wait_until": False}
            )

    def _note_outcome(self, outcome):
        """Draw the consequences of an *outcome* for the mailbox itself."""
        if isinstance(outcome, (SignInRequired, AdminActionRequired)):
            self._break(outcome)
        elif isinstance(outcome, StillUnknown):
            pass
        elif isinstance(outcome, (Throttled, OutcomeUnknown)):
            # While a provider is down, it leaves each email that it is given uncertain.
            self._wait(outcome.retry_after or DEFAULT_WAIT)
        elif isinstance(outcome, Unavailable) and outcome.reason in SERVER_IS_AWAY:
            since = self.unavailable_since or fields.Datetime.now()
            if since < fields.Datetime.now() - UNAVAILABLE_IS_ERROR_AFTER:
                self._break(outcome)
            else:
                self._same_mailbox().write({"unavailable_since": since})
                self._wait(outcome.retry_after or DEFAULT_WAIT)

    def _break(self, outcome):
        """Nothing leaves until somebody reconnects; what waits stays in the ledger."""
        self.write(
            {
                "state": "error",
                "error_reason": str(outcome.reason),
                "error_code": outcome.code,
                "error_detail": detail_of(outcome),
                "error_since": fields.Datetime.now(),
            }
        )

    def _resume(self):
        """What broke it is over, without a new sign-in. If the provider has asked to
        wait, that is to be waited for."""
        values = {**NO_TROUBLE, "state": "connected"}
        del values["wait_until"]
        self.write(values)

    @api.model
    def _mend_keys(self):
        """Take into service again what only lacked its key, where that is back.

        The key was repaired or restored, or another server, which lacks it, has found
        the mailbox broken. An app's secret that is "lost" lacked the key likewise.
        """
        lacked_key = Domain("error_reason", "in", LACKED_KEY) | Domain(
            [("error_reason", "=", "app_secret_wrong"), ("error_code", "=", "lost")]
        )
        for connector in self.search(Domain("state", "=", "error") & lacked_key):
            if connector.try_lock_for_update() and mailboxes.opens(connector):
                _logger.info("%s: its key is back.", connector.email)
                connector._resume()

    def _wait(self, seconds):
        """Keep away from the provider for *seconds*, with every company's connector.

        A longer wait that was asked for before goes on.
        """
        until = fields.Datetime.now() + timedelta(seconds=seconds)
        self._same_mailbox().filtered(
            lambda c: not c.wait_until or c.wait_until < until
        ).write({"wait_until": until})
        self.env.ref("account_email_connector.ir_cron_followups")._trigger(until)

    def _same_mailbox(self):
        """The connectors of all companies on this address: they share its limits."""
        self.ensure_one()
        return self.search(
            [
                ("email", "=", self.email),
                ("provider", "=", self.provider),
                ("state", "=", "connected"),
            ]
        )

    # -- the test email ----------------------------------------------------------

    def action_send_test(self):
        """Send a test email to the mailbox itself, say what happened, and heed it."""
        self.ensure_one()
        self.check_access("write")
        try:
            self.sudo()._send_test()
        except Outcome as outcome:
            self.sudo()._note_outcome(outcome)
            title, text = reason_text(self.env, outcome.reason)
            return _notification("danger", title, f"{text} {said_by(outcome)}".strip())
        self.sudo()._note_success()
        return _notification(
            "success",
            self.env._("Test email sent"),
            self.env._("Look into the inbox and the Sent folder of %s.", self.email),
        )

    def _send_test(self):
        """Send an email from the mailbox to itself.

        :raises Outcome: if the mailbox does not accept it.
        """
        message = EmailMessage()
        message["From"] = self._sender()
        message["To"] = self.email
        message["Subject"] = self.env._("Test of the email connector")
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=self._domain())
        message.set_content(
            self.env._(
                "This mailbox is connected to Odoo: follow-ups of %s leave from here.",
                self.company_id.name,
            )
        )
        email = OutgoingEmail(message, self.sender_address, (self.email,))
        journal = self.env["account.email.delivery"]
        mailboxes.ask(self, lambda mailbox: journal._deliver(self, mailbox(), email))

    def _domain(self):
        """The part of the address after the @, in ASCII: it is for Message-IDs.

        https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
        """
        return with_ascii_domain(self.sender_address).rpartition("@")[2]


def _notification(kind, title, text):
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "title": title,
            "message": text,
            "sticky": kind == "danger",
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }
