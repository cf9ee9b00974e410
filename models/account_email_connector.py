from odoo import api, fields, models

from ..engine import rights
from ..engine.closing import company as closing
from ..engine.followup import digest_figures, weekly
from ..engine.incoming import reading
from ..engine.mailbox import (
    actions,
    banner,
    connecting,
    copied,
    copies,
    domain,
    health,
    page,
    status,
    ways,
)
from ..engine.planning import in_effect, sharing
from ..engine.planning.difference_text import tell
from ..engine.planning.supposed import Supposed
from ..texts import choices


class AccountEmailConnector(models.Model):
    """The mailbox of one company: its address, how to reach it, and its state.

    What becomes of it is told in ``engine/mailbox/``: ``connecting`` (and how it is
    disconnected), ``condition`` (at work, waiting, broken), ``approving``. Here is
    who may ask for it: each button checks that, then goes on with all rights.
    """

    _name = "account.email.connector"
    _description = "Email Connector"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "account.email.export",
        "account.email.scheduled",
    ]
    _order = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    provider = fields.Selection(choices.PROVIDERS, readonly=True, tracking=True)
    state = fields.Selection(
        choices.STATES,
        required=True,
        readonly=True,
        default="disconnected",
        tracking=True,
        index=True,
    )
    health = fields.Selection(choices.HEALTH, compute=status.health)
    email = fields.Char("Address", readonly=True, tracking=True)
    sender_name = fields.Char(
        "Sender's name",
        help="The name that customers see beside the address. "
        "Empty: the company's name.",
    )
    send_as = fields.Char(
        "Sends as",
        readonly=True,
        tracking=True,
        help="A shared mailbox or an alias that customers see as the sender.",
    )
    sender_address = fields.Char(compute=page.sender_address)
    sent_items = fields.Selection(
        [("own", "Of the person who signed in"), ("shared", "Of the shared mailbox")],
        "Copy in the Sent folder",
        readonly=True,
    )
    copies_missing = fields.Text(
        "Missing copies", compute=copies.missing, compute_sudo=True
    )
    copies = fields.Char("Sent folder", compute=copies.page)
    sends_accounting_emails = fields.Boolean(
        "Invoices and payments",
        help="Emails to customers about their invoices, credit notes and payments "
        "leave through this mailbox too. Notes to colleagues, emails to vendors and "
        "what customers write leave as Odoo sends them.",
    )
    sends_other_accounting_emails = fields.Boolean(
        "Other accounting emails",
        help="Emails to customers that other apps write about what they owe, such as "
        "OCA's credit control, leave through this mailbox too.",
    )
    connected_by_id = fields.Many2one("res.users", "Connected by", readonly=True)
    connected_at = fields.Datetime("Connected since", readonly=True)
    checked_at = fields.Datetime(
        "Sign-in confirmed", readonly=True, help="When you signed in, then each day."
    )
    place = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="Where the database was when the mailbox was connected.",
    )
    connected_in = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="The name of the database then.",
    )

    smtp_host = fields.Char("SMTP server", readonly=True)
    smtp_port = fields.Integer("SMTP port", readonly=True)
    smtp_encryption = fields.Selection(choices.ENCRYPTIONS, "Encryption", readonly=True)
    smtp_user = fields.Char("User name", readonly=True)
    imap_host = fields.Char("IMAP server", readonly=True)
    imap_port = fields.Integer("IMAP port", readonly=True)
    imap_encryption = fields.Selection(
        choices.ENCRYPTIONS, "IMAP encryption", readonly=True, default="ssl"
    )
    sent_folder = fields.Char(readonly=True)
    sent_habit = fields.Char(readonly=True)
    sent_copy = fields.Selection(
        choices.SENT_COPIES,
        "Copy in Sent",
        default="auto",
        required=True,
        help="Many servers file what they send in the Sent folder by themselves.",
    )

    oauth_app_id = fields.Many2one(
        "account.email.oauth.app",
        "OAuth app",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    oauth_account_id = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    microsoft_available = fields.Boolean(compute=page.apps)
    google_available = fields.Boolean(compute=page.apps)
    google_client_id = fields.Char(compute=page.apps, groups=rights.MANAGERS)
    can_register_apps = fields.Boolean(compute=page.can_register_apps)
    notice_kind = fields.Char(compute=page.notice)
    notice_title = fields.Char(compute=page.notice)
    notice_text = fields.Text(compute=page.notice)
    notice_detail = fields.Char(compute=page.notice)

    approval_ids = fields.One2many(
        "account.email.approval", "connector_id", readonly=True, groups=fields.NO_ACCESS
    )
    approved_at = fields.Datetime("Approved", related="approval_ids.approved_at")
    approval_send_as = fields.Char(related="approval_ids.send_as")
    approval_mail_left = fields.Boolean(related="approval_ids.mail_left")
    approval_mail_text = fields.Char(
        "Email to the administrator", compute=page.approval, compute_sudo=True
    )
    needs_approval = fields.Boolean(compute=page.approval, compute_sudo=True)
    approval_asks = fields.Html(compute=page.approval, compute_sudo=True)
    approval_url = fields.Char(
        "Link for the administrator",
        compute=page.approval,
        compute_sudo=True,
        groups=rights.MANAGERS,
    )
    approval_mailto = fields.Html(
        "By one's own email program",
        compute=page.approval,
        compute_sudo=True,
        groups=rights.MANAGERS,
    )

    error_reason = fields.Char(readonly=True)
    error_code = fields.Char(readonly=True)
    error_detail = fields.Char("What the server said", readonly=True)
    error_since = fields.Datetime(readonly=True)
    error_title = fields.Char(compute=page.trouble)
    error_text = fields.Text(compute=page.trouble)
    error_said = fields.Char(compute=page.trouble)
    error_is_quote = fields.Boolean("The server's words", compute=page.trouble)
    ways_out = fields.Char(compute=ways.page)
    wait_until = fields.Datetime(readonly=True)
    wait_reason = fields.Char(readonly=True)
    unavailable_since = fields.Datetime(readonly=True)
    limited_since = fields.Datetime(readonly=True)
    is_waiting = fields.Boolean(compute=page.is_waiting)
    wait_text = fields.Text(compute=status.words, compute_sudo=True)
    said = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    said_last = fields.Char("Last answer", compute=status.words, compute_sudo=True)
    said_code = fields.Char("Its code", compute=status.words, compute_sudo=True)
    last_problem = fields.Char("Last problem", compute=status.words, compute_sudo=True)
    sent_day = fields.Char("In 24 hours", compute=status.sent, compute_sudo=True)
    sent_hour = fields.Char("In the last hour", compute=status.sent, compute_sudo=True)
    last_sent_at = fields.Datetime("Last one", compute=status.sent, compute_sudo=True)
    last_sent = fields.Char("Last sent", compute=status.last_sent)

    weekly_figures = fields.Boolean(
        "The week's figures by email", compute="_compute_weekly_figures"
    )

    journal_exported = fields.Char(
        compute="_compute_journal_exported", compute_sudo=True, groups=rights.MANAGERS
    )

    domain_found = fields.Json(readonly=True, groups=fields.NO_ACCESS, copy=False)
    domain_checked_at = fields.Datetime("Domain looked up", readonly=True, copy=False)
    domain_text = fields.Html(
        "The sender's domain", compute=domain.page, compute_sudo=True
    )
    sender_warning = fields.Char(compute=domain.page, compute_sudo=True)

    reads_replies = fields.Boolean(
        "Recognize answers",
        tracking=True,
        help="Answers to follow-ups, and those that come back as undeliverable, are "
        "shown on the customer and pause the customer's follow-ups. The mailbox's "
        "Inbox is read for that, and nothing in it is changed; nothing is kept of "
        "other emails. Microsoft and Google ask for one more permission, which your "
        "administrator may have to approve.",
    )
    inbox_ids = fields.One2many(
        "account.email.inbox", "connector_id", readonly=True, groups=fields.NO_ACCESS
    )
    reading_hint = fields.Char(compute=page.answers, compute_sudo=True)
    reading_wants_sign_in = fields.Boolean(compute=page.answers, compute_sudo=True)
    reading_looked_at = fields.Datetime(
        "Inbox read", compute=page.answers, compute_sudo=True
    )

    chasing = fields.Selection(
        choices.CHASING,
        "Follow-ups",
        readonly=True,
        default="new",
        tracking=True,
    )
    chase_since = fields.Date("What was due since", readonly=True, tracking=True)
    read_first_until = fields.Date("Read first until", readonly=True, tracking=True)
    followup_plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Plan",
        compute=page.plan,
        compute_sudo=True,
        inverse="_inverse_followup_plan_id",
        check_company=True,
        groups=rights.ACCOUNTING,
        help="Who is chased, when, and with which words; customers may have another, "
        "by a rule or their own. Empty: its parent company's, else the first shared "
        "one.",
    )
    followup_plan_name = fields.Char(
        compute="_compute_followup_plan_text", groups=rights.ACCOUNTING
    )
    followup_plan_text = fields.Char(
        "In effect",
        compute="_compute_followup_plan_text",
        groups=rights.ACCOUNTING,
    )
    to_review_count = fields.Integer("To review", compute=page.waits, compute_sudo=True)
    waiting_count = fields.Integer("Waiting", compute=page.waits, compute_sudo=True)
    waiting_followups = fields.Integer(
        "Waiting follow-ups", compute=page.waits, compute_sudo=True
    )
    waiting_emails = fields.Integer(
        "Waiting invoices and other emails", compute=page.waits, compute_sudo=True
    )

    _compute_display_name = page.display_name

    _one_per_company = models.UniqueIndex(
        "(company_id)", "A company has one mailbox: disconnect it first."
    )

    def _register_hook(self):
        """As before. Now a process opens the database: is it the one, or a copy?"""
        super()._register_hook()
        copied.look(self)

    # -- who may change what: what a sign-in has settled, nobody else may write --------

    @api.model
    def default_get(self, fields):
        """As before; but no default of a user, nor of a context, is a sign-in, or a
        company that the user has not got: a form tells of its company's mailbox."""
        allowed = self._fields.keys() - rights.settled(self)
        defaults = super().default_get(fields)
        if defaults.get("company_id") in self.env.companies.ids:
            allowed.add("company_id")
        return rights.without_defaults(self, defaults, allowed)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            rights.check_settled(self, vals.keys() - {"company_id"})
        return super().create(vals_list)

    def write(self, vals):
        """As before; from the moment on that it is switched on, answers are read."""
        rights.check_settled(self, vals.keys())
        with reading.switching(self.sudo(), vals):
            return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """As before; a form that says who is signed in is not believed."""
        settled = rights.settled(self)
        values, changed = rights.without_values(settled, values, field_names)
        return {} if changed is None else super().onchange(values, changed, fields_spec)

    def _mine(self):
        """This mailbox with all rights, for somebody who may change it."""
        self.ensure_one()
        self.check_access("write")
        return self.sudo()

    @api.depends("company_id", "followup_plan_id")
    @api.depends_context("lang")
    def _compute_followup_plan_text(self):
        for connector in self:
            # A form may say a company or plan of which its user may know nothing.
            company = connector._origin.company_id or self.env.company
            chosen = rights.readable(connector.followup_plan_id)
            found = in_effect.company_plan(self.env, company.sudo(), chosen.sudo())
            connector.followup_plan_name, connector.followup_plan_text = found

    @api.depends("company_id")
    @api.depends_context("lang", "tz")
    def _compute_journal_exported(self):
        for connector in self:
            connector.journal_exported = closing.told_export(connector.company_id)

    @api.depends_context("uid")
    def _compute_weekly_figures(self):
        digests, user = self.env["digest.digest"].sudo(), self.env.user
        for connector in self:
            connector.weekly_figures = weekly.is_subscribed(
                digests, connector.company_id, user
            )

    def _inverse_followup_plan_id(self):
        """It is the company's: managers may change nothing else of that."""
        self._check_company(["followup_plan_id"])
        for connector in self.sudo():
            connector.company_id.email_followup_plan_id = connector.followup_plan_id

    @api.readonly
    def what_would_change(self, values):
        """Say what the plan of a form that has these *values*, and is not saved, would
        change for today's customers: HTML. Nothing is written.

        :raises AccessError: if the user does not say by which plan the company chases.
        """
        return tell(self.env, self.sudo().env, self._supposed(values))

    def _supposed(self, values):
        company = self._mine().company_id
        rights.check_manager(self.env)
        plan = self.followup_plan_id
        if "followup_plan_id" in values:
            plan = plan.browse(values["followup_plan_id"] or ())
            plan.check_access("read")
            sharing.check_usable(plan, company)
        return Supposed(chosen={company.id: plan.sudo()})

    # -- what others ask of it ---------------------------------------------------------

    def _usable(self):
        """Whether an email may be handed to the mailbox now."""
        self.ensure_one()
        waits = self.wait_until and self.wait_until > fields.Datetime.now()
        return self.state == "connected" and not waits

    def _connect(self, email, secret, values, *deadline):
        """Take *email* into service, see :mod:`..engine.mailbox.connecting`."""
        connecting.connect_and_prove(self._mine(), email, secret, values, *deadline)

    def _find_app(self, provider):
        """The app to sign in with at *provider*, as superuser; perhaps none. While a
        mailbox is connected it keeps its app, so that its grant stays one."""
        own = self.sudo().oauth_app_id
        if own.active and own.provider == provider and own.sealed_secret:
            return own
        apps = self.env["account.email.oauth.app"]
        return apps._for_company(self.company_id, provider)

    # -- buttons -----------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open the mailboxes of the companies that the user has switched on."""
        return actions.open_all(self)

    def action_sign_in_microsoft(self):
        """Go to Microsoft's page."""
        return actions.sign_in(self._mine(), "microsoft")

    def action_sign_in_google(self):
        """Go to Google's page."""
        return actions.sign_in(self._mine(), "google")

    def action_connect_smtp(self):
        """Open the wizard which signs in with a password."""
        return actions.sign_in_manually(self._mine())

    def action_reconnect(self):
        """Sign in again, in the way that this mailbox was connected."""
        return actions.sign_in_again(self._mine())

    def action_connect_again(self):
        """Sign in with what an administrator was asked to approve."""
        return actions.sign_in_approved(self._mine())

    def action_forget_approval(self):
        """Wait no more: a mailbox that is in service goes on without."""
        connecting.give_up_approval(self._mine())

    def action_own_address(self):
        """Send as the mailbox itself again: a way out of an error about the other."""
        return actions.own_address(self._mine())

    def action_send_test(self):
        """Send a test email to the mailbox itself, say what happened, and heed it."""
        return actions.send_test(self._mine())

    def action_check(self):
        """Show a system administrator how this server and the mailbox stand."""
        self.ensure_one()
        self.check_access("read")
        rights.check_system(self.env)
        return self.env["account.email.connector.check"]._open(self)

    def action_check_domain(self):
        """Look up in the DNS who may send for the sender's domain, and show it."""
        domain.check(self._mine())

    def action_send_from_here(self):
        """A person says that the database which this one was made from is gone."""
        health.send_from_here(self._mine())

    def action_start(self):
        """Show how follow-ups of its company begin, and what would go then."""
        return actions.start(self._mine())

    def action_stop(self):
        """Let no follow-up go by itself any more."""
        return actions.stop(self._mine())

    def action_weekly_figures(self):
        """Send the user what follow-ups of its company bring, by email, each week."""
        weekly.subscribe(*self._readers_digests())

    def action_no_weekly_figures(self):
        """Send the user these figures no more."""
        weekly.unsubscribe(*self._readers_digests())

    def _readers_digests(self):
        """Odoo's digests with the right to make one; the company, and the user who
        may read its figures.

        :raises AccessError: to anybody else.
        """
        self.ensure_one()
        self.check_access("read")
        digest_figures.check(self.env, self.company_id)
        return self.env["digest.digest"].sudo(), self.company_id, self.env.user

    def action_disconnect(self):
        """Unlink the mailbox and forget its credentials. Follow-ups wait."""
        self.check_access("write")
        untold = connecting.disconnect(self.sudo())
        return actions.revoke_by_hand(untold) if untold else None

    def action_export_journal(self):
        """Save all that is written down of what its company has sent."""
        return closing.export(self._mine().company_id)._save()

    @api.model
    def get_trouble(self):
        """What the banner says to accounting users, of all their companies."""
        return banner.lines(self.sudo()) if rights.may_read(self.env.user) else []
