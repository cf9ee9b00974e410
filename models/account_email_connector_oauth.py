import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import email_normalize

from ..engine import mailboxes, rotation, sealed, signing_in
from ..providers.envelope import with_ascii_domain
from ..providers.outcomes import AdminActionRequired, Outcome
from ..providers.reasons import Reason
from ..rules import IN_SERVICE
from ..texts import (
    GOOGLE_REASONS,
    PERHAPS_APPROVAL,
    google_text,
    outcome_text,
    reason_text,
    said_by,
)
from ..tools import locks

_logger = logging.getLogger(__name__)

OAUTH = ("microsoft", "google")
NO_OAUTH = {
    "oauth_app_id": False,
    "oauth_account_id": False,
    "send_as": False,
    "sent_items": False,
}
#: What the provider lets one mailbox send in a minute.
#: https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
#: https://developers.google.com/workspace/gmail/api/reference/quota: 100 of 6000 units
MESSAGES_A_MINUTE = {"microsoft": 30, "google": 60}
#: Far above what redeeming a code may take (``TOKEN_TIMEOUT``), in seconds.
LONGEST_SIGN_IN = 60
#: In the browser's session: what the last sign-in came to, shown on the form.
NOTICE_KEY = "account_email_connector_notice"
NOTICE_LIFE = 15 * 60  # seconds
# Google ends the grants of an app in testing after seven days:
# https://developers.google.com/identity/protocols/oauth2#expiration
TESTING_MODE_LIFE = (timedelta(days=6, hours=12), timedelta(days=8))


class AccountEmailConnector(models.Model):
    """Mailboxes that are signed in at Microsoft or Google."""

    _inherit = "account.email.connector"

    oauth_app_id = fields.Many2one(
        "account.email.oauth.app",
        "OAuth app",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    oauth_account_id = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    send_as = fields.Char(
        "Sends as",
        readonly=True,
        tracking=True,
        help="A shared mailbox or an alias that customers see as the sender.",
    )
    sent_items = fields.Selection(
        [("own", "Of the person who signed in"), ("shared", "Of the shared mailbox")],
        "Copy in the Sent folder",
        readonly=True,
    )
    sender_address = fields.Char(compute="_compute_sender_address")
    checked_at = fields.Datetime(
        "Sign-in confirmed", readonly=True, help="When you signed in, then each day."
    )
    microsoft_available = fields.Boolean(compute="_compute_available")
    google_available = fields.Boolean(compute="_compute_available")
    can_register_apps = fields.Boolean(compute="_compute_can_register_apps")
    google_client_id = fields.Char(
        compute="_compute_google_client_id", groups="account.group_account_manager"
    )
    # what became of the last sign-in in this browser
    notice_kind = fields.Char(compute="_compute_notice")
    notice_title = fields.Char(compute="_compute_notice")
    notice_text = fields.Text(compute="_compute_notice")
    notice_detail = fields.Char(compute="_compute_notice")

    @api.depends("email", "send_as")
    def _compute_sender_address(self):
        for connector in self:
            connector.sender_address = connector.send_as or connector.email

    @api.depends("company_id")
    def _compute_available(self):
        for connector in self:
            connector.microsoft_available = bool(connector._find_app("microsoft"))
            connector.google_available = bool(connector._find_app("google"))

    @api.depends("company_id")
    def _compute_google_client_id(self):
        """What an administrator of Workspace has to trust, to be told by a manager."""
        for connector in self:
            connector.google_client_id = connector._find_app("google").client_id

    @api.depends_context("uid")
    def _compute_can_register_apps(self):
        self.can_register_apps = self.env["account.email.oauth.app"].has_access(
            "create"
        )

    def _compute_notice(self):
        notice = (request and request.session.get(NOTICE_KEY)) or {}
        if notice.get("until", 0) < time.time():
            notice = {}
        for connector in self:
            mine = notice if notice.get("connector") in (0, connector.id) else {}
            for name in ("kind", "title", "text", "detail"):
                connector[f"notice_{name}"] = mine.get(name, False)

    @api.depends("provider", "error_since", "connected_at")
    def _compute_error_text(self):
        """Add what only Google's users have to know; whoever uses the app, its ID."""
        res = super()._compute_error_text()
        uses_apps = self.env["account.email.oauth.app"].has_access("read")
        for connector in self.filtered(lambda c: c.provider == "google"):
            client_id = connector.sudo().oauth_app_id.client_id
            more = google_text(
                self.env,
                connector.error_reason,
                client_id=client_id if uses_apps else "",
                testing=connector._ended_as_in_testing_mode(),
            )
            if more:
                connector.error_text = f"{connector.error_text} {more}"
        return res

    def _ended_as_in_testing_mode(self):
        if not (self.error_since and self.connected_at):
            return False
        shortest, longest = TESTING_MODE_LIFE
        return shortest < self.error_since - self.connected_at < longest

    # -- signing in --------------------------------------------------------------

    def action_sign_in_microsoft(self):
        """Go to Microsoft's page."""
        return self._begin_sign_in("microsoft")

    def action_sign_in_google(self):
        """Go to Google's page."""
        return self._begin_sign_in("google")

    def action_reconnect(self):
        """Sign in again, in the way that this mailbox was connected."""
        self.ensure_one()
        self.check_access("write")
        if self.error_reason == Reason.DATABASE_COPIED:
            return self.get_formview_action()  # which asks whether it is the one
        provider = self.provider or self.sudo().oauth_app_id.provider
        if provider in OAUTH:
            return self._begin_sign_in(provider)
        return self.action_connect_smtp()

    def _begin_sign_in(self, provider, send_as="", sent_items="own"):
        """Lead the browser to the page of *provider*.

        :raises UserError: if no app is registered, or the provider is out of reach.
        """
        self.ensure_one()
        self.check_access("write")
        app = self._find_app(provider)
        if not app:
            raise UserError(
                self.env._(
                    "No app is registered for this sign-in yet. Ask your Odoo "
                    "administrator to register one, under OAuth Apps."
                )
            )
        self._forget_notice()
        flow = self.env["account.email.oauth.flow"]
        try:
            url = flow._begin(self, app, send_as, sent_items)
        except Outcome as outcome:
            raise UserError(outcome_text(self.env, outcome)) from outcome
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _find_app(self, provider):
        """The app to sign in with at *provider*, as superuser; perhaps none.

        While a mailbox is connected it keeps its app, so that its grant stays one.
        """
        own = self.sudo().oauth_app_id
        if own.active and own.provider == provider and own.sealed_secret:
            return own
        return self.env["account.email.oauth.app"]._for_company(
            self.company_id, provider
        )

    def _take_grant(self, app, grant):
        """Take the mailbox of *grant* into service.

        :return: the address from which follow-ups leave now.
        :raises UserError: for another address while one is linked.
        """
        self._connect(
            email_normalize(grant.address) or grant.address,
            {"token": grant.token},
            {
                "provider": app.sudo().provider,
                "oauth_app_id": app.id,
                "oauth_account_id": grant.account_id,
                "send_as": self._keeps_send_as(app) and self.send_as,
                "sent_items": self._keeps_send_as(app) and self.sent_items,
                "checked_at": fields.Datetime.now(),
            },
        )
        return self.sender_address

    def _keeps_send_as(self, app):
        return self.state != "disconnected" and self.provider == app.sudo().provider

    def _connect(self, email, secret, values):
        """As before; what belongs to another way to sign in is forgotten."""
        return super()._connect(email, secret, {**NO_OAUTH, **values})

    def action_disconnect(self):
        """As before. At Google the grant is revoked, unless another company uses it."""
        self.check_access("write")
        untold = self.sudo().filtered(lambda each: not each._revoke_grant(self))
        res = super().action_disconnect()
        self.sudo().write({**NO_OAUTH, "checked_at": False})
        self._forget_notice()
        return untold._revoke_by_hand() if untold else res

    def _revoke_grant(self, leaving):
        """Take the grant back at Google, which takes it from every company's mailbox.

        Microsoft has no such thing for one app: the token is forgotten, and what is
        left can be removed at myapps.microsoft.com.

        :param leaving: all mailboxes that are being disconnected.
        :return: False if Google could not be told.
        """
        if self.provider != "google" or not self.oauth_account_id:
            return True
        if not sealed.is_at_home(self):  # it is the grant of the original
            return True
        self._lock_grants()
        if self._grant_is_used_beside(leaving):
            return True
        try:
            return signing_in.revoke(self)
        except Outcome as outcome:
            _logger.info("Google's grant was not revoked: %s", outcome)
            return False

    def _lock_grants(self):
        """Until our transaction ends, nobody else gets or revokes a grant of the app.

        :raises UserError: somebody is at it, and takes long.
        """
        name = self.oauth_app_id._grants_lock()
        try:
            locks.wait_lock(self.env.cr, name, LONGEST_SIGN_IN)
        except locks.Busy:
            raise UserError(
                self.env._(
                    "Another mailbox is being connected or disconnected with the same "
                    "app right now. Nothing was changed: try again in a minute."
                )
            ) from None

    def _grant_is_used_beside(self, leaving):
        """Whether Google's account serves another mailbox by the same client.

        Asked in a transaction of its own: ours may have begun before others connected
        or disconnected.
        """
        client_id = self.oauth_app_id.client_id
        with self.env.registry.cursor() as cr:
            connectors = self.with_env(self.env(cr=cr)).with_context(active_test=False)
            return bool(
                connectors.search_count(
                    [
                        ("id", "not in", leaving.ids),
                        ("oauth_app_id.client_id", "=", client_id),
                        ("oauth_account_id", "=", self.oauth_account_id),
                        ("state", "in", IN_SERVICE),
                    ],
                    limit=1,
                )
            )

    def _revoke_by_hand(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Disconnected here, but not at Google"),
                "message": self.env._(
                    "Google could not be asked to take the access back: it was out of "
                    "reach, or the saved sign-in cannot be read any more. Remove the "
                    "access yourself, signed in as %s, at "
                    "https://myaccount.google.com/connections",
                    ", ".join(self.mapped("email")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # -- what the last sign-in came to -----------------------------------------------

    def _notice(self, provider, problem=None, address=""):
        """What to tell the user after a sign-in, as the browser's session keeps it.

        :param provider: where it was; a mailbox that is not connected has none yet.
        :param problem: an ``Outcome``, an Odoo error, or None for success.
        :param address: from which follow-ups leave now.
        """
        if problem is None:
            kind, title, detail = "success", self.env._("Connected"), ""
            text = self.env._(
                "Follow-ups now leave from %s, and lie in its Sent folder.", address
            )
        elif isinstance(problem, Outcome):
            kind, detail = "warning", said_by(problem)
            title, text = reason_text(self.env, problem.reason)
            if provider == "microsoft" and problem.reason in PERHAPS_APPROVAL:
                kind = "approval"  # told by the card of the link, where there is one
            if provider == "google" and problem.reason in GOOGLE_REASONS:
                client_id = self._find_app("google").client_id if self else ""
                more = google_text(self.env, problem.reason, client_id=client_id)
                text = f"{text} {more}".strip()
        else:
            kind, detail, text = "warning", "", str(problem)
            title = self.env._("This mailbox was not connected")
        return {
            "connector": self.id or 0,
            "kind": kind,
            "title": title,
            "text": text,
            "detail": detail,
            "until": int(time.time()) + NOTICE_LIFE,
        }

    def _forget_notice(self):
        if request:
            request.session.pop(NOTICE_KEY, None)

    # -- using it -----------------------------------------------------------------

    def _note_success(self):
        """As before; then keep the pace that the provider allows."""
        res = super()._note_success()
        seconds = self._seconds_to_pause()
        if seconds:
            self._wait(seconds)
        return res

    def _seconds_to_pause(self):
        """How long the mailbox has to pause, by what the journal says it has sent.

        All companies and workers are counted, whatever address they send as. The
        journal is read in a transaction of its own, because ours may have begun before
        its last rows.
        """
        provider = self.provider
        if provider == "smtp" and _is_microsoft(self.smtp_host):
            provider = "microsoft"
        limit = MESSAGES_A_MINUTE.get(provider)
        if not limit:
            return 0
        now = fields.Datetime.now()
        sharing = self.search(
            [("email", "=", self.email), ("provider", "=", self.provider)]
        )
        sharing |= self
        addresses = {self.email, *sharing.mapped("sender_address")}
        senders = {with_ascii_domain(each) for each in addresses}  # as in the envelope
        with self.env.registry.cursor() as cr:
            cr.execute(
                """SELECT accepted_at FROM account_email_delivery
                    WHERE connector_id IN %s AND accepted_at > %s
                      AND sender IN %s  -- for its index
                 ORDER BY accepted_at DESC OFFSET %s LIMIT 1""",
                [
                    tuple(sharing.ids),
                    now - timedelta(minutes=1),
                    tuple(senders),
                    limit - 1,
                ],
            )
            row = cr.fetchone()
        return max(61 - (now - row[0]).total_seconds(), 1) if row else 0

    @api.model
    def _cron_health(self):
        """Refresh every grant once a day: it stays alive, and a broken one is found
        before the run needs it.

        A password is not tried: a needless sign-in may lock the account, and each
        email shows whether it is still good. What a former key has sealed is sealed
        with the present one.
        """
        self._safely(self._mend_keys)
        rotation.seal_anew(self.env)
        self.env["account.email.oauth.app"]._warn_of_expiry()
        yesterday = fields.Datetime.now() - timedelta(hours=20)
        stale = self.search(
            [
                ("provider", "in", OAUTH),
                ("state", "=", "connected"),
                "|",
                ("checked_at", "=", False),
                ("checked_at", "<", yesterday),
                "|",
                ("wait_until", "=", False),
                ("wait_until", "<", fields.Datetime.now()),
            ],
            order="checked_at NULLS FIRST, id",
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(stale))
        for connector in stale:
            if connector.try_lock_for_update():
                connector._check_health()
            if not cron._commit_progress(1):
                break

    def _check_health(self):
        try:
            mailboxes.ask(self, lambda mailbox: mailbox().refresh())
        except Outcome as outcome:
            _logger.info("%s: %s", self.email, outcome)
            self._note_outcome(outcome)
        else:
            self.checked_at = fields.Datetime.now()
            self._note_success()

    # -- sending as another address -----------------------------------------------

    def action_send_as(self):
        """Open the small form for a shared mailbox or an alias."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send as another address"),
            "res_model": "account.email.connector.send.as",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connector_id": self.id},
        }

    def action_own_address(self):
        """Send as the mailbox itself again. In an error it is the way out where signing
        in again would ask for a shared mailbox that is not to be had."""
        self.ensure_one()
        self.check_access("write")
        self.sudo().write({"send_as": False, "sent_items": False})

    def _use_send_as(self, address, sent_items):
        """Send as *address* from now on, if a test email from it is accepted.

        :return: whether customers will see it for sure: Google accepts any address,
            and may put the account's own in its place.
        :raises Outcome: it was not; nothing is changed then, because the caller's
            transaction ends here.
        """
        self.check_access("write")
        connector = self.sudo()
        connector.write({"send_as": address, "sent_items": sent_items})
        verified = mailboxes.ask(connector, lambda mailbox: mailbox().alias_verified())
        if verified is False:
            raise AdminActionRequired(Reason.ALIAS_NOT_VERIFIED)
        connector._send_test()
        return bool(verified) or connector.provider != "google"


def _is_microsoft(smtp_host):
    """Whether mailboxes there are those of Microsoft 365, with the same limits."""
    return (smtp_host or "").lower().endswith(".office365.com")
