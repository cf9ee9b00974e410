import logging
import threading
from datetime import timedelta, timezone

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import incoming, mailboxes
from ..providers.google.inbox import GMAIL_READONLY as GOOGLE_READING
from ..providers.microsoft.inbox import reading_scopes
from ..providers.microsoft.token import short
from ..providers.outcomes import Outcome, Unavailable
from ..providers.reasons import Reason
from ..texts import reason_text, said
from ..tools.locks import try_lock
from .account_email_inbox import NO_TROUBLE

_logger = logging.getLogger(__name__)


class AccountEmailConnector(models.Model):
    """Reads what comes back to follow-ups, where the user has switched that on."""

    _inherit = "account.email.connector"

    reads_replies = fields.Boolean(
        "Recognize answers",
        tracking=True,
        help="Answers to follow-ups, and those that come back as undeliverable, are "
        "shown on the customer and pause the customer's follow-ups. The mailbox's "
        "Inbox is read for that, and nothing in it is changed; nothing is kept of "
        "other emails. Microsoft and Google ask for one more permission, which your "
        "administrator may have to approve.",
    )
    reading_hint = fields.Char(compute="_compute_reading")
    reading_wants_sign_in = fields.Boolean(compute="_compute_reading")
    reading_looked_at = fields.Datetime("Inbox read", compute="_compute_reading")

    @api.depends("reads_replies", "state", "provider", "imap_host")
    def _compute_reading(self):
        for connector in self:
            inbox = connector._inbox()
            on = connector.reads_replies and connector.state == "connected"
            wants_sign_in = on and connector.provider != "smtp" and not inbox.granted
            connector.reading_wants_sign_in = wants_sign_in
            connector.reading_hint = on and connector._reading_hint(inbox)
            connector.reading_looked_at = on and inbox.looked_at

    def _reading_hint(self, inbox):
        """What keeps us from reading, and what to do; False if nothing does."""
        if self.provider == "smtp" and not self.imap_host:
            return self.env._(
                "Answers are read by IMAP: enter the IMAP server, under Change "
                "settings."
            )
        if self.provider != "smtp" and not inbox.granted:
            return self.env._(
                "Sign in once more and allow reading. Until then, follow-ups are sent "
                "as before, and answers are not recognized."
            )
        if not inbox.reason:
            return self._passed_over_hint(inbox.passed_over)
        title, text = reason_text(self.env, inbox.reason)
        hint = self.env._(
            "The Inbox cannot be read; sending goes on. %(title)s. %(text)s",
            title=title,
            text=text,
        )
        return f"{hint} {said(inbox.code, inbox.detail)}".strip()

    def _passed_over_hint(self, number):
        if not number:
            return False
        return self.env._(
            "Emails that cannot be read were passed over: %s. Have a look at the Inbox "
            "yourself.",
            number,
        )

    def _inbox(self):
        """The row that says how far the Inbox was read; perhaps none."""
        inboxes = self.env["account.email.inbox"].sudo()
        return inboxes.search([("connector_id", "in", self.ids)])

    # -- switching it on and off -----------------------------------------------------

    def write(self, vals):
        """As before; from the moment on that it is switched on, answers are read."""
        if "reads_replies" not in vals:
            return super().write(vals)
        changed = self.filtered(
            lambda c: c.reads_replies != bool(vals["reads_replies"])
        )
        res = super().write(vals)
        for connector in changed:
            connector._switch_reading()
        return res

    def _switch_reading(self):
        if self.reads_replies and self.provider == "smtp" and not self.imap_host:
            raise UserError(self._reading_hint(self._inbox()))
        self._reset_reading()
        self._forget_notice()
        if self.reads_replies:
            cron = self.env.ref("account_email_connector.ir_cron_incoming")
            cron.sudo()._trigger()

    def _reset_reading(self, **values):
        """Begin to read now, with nothing in the way; or not at all, if it is off."""
        # The providers' clocks have whole seconds: in this one, something may have come
        # while it was off.
        begin = fields.Datetime.now() + timedelta(seconds=1)
        begin = begin.replace(tzinfo=timezone.utc).isoformat()
        cursor = {"at": begin} if self.reads_replies else False
        nothing = {**NO_TROUBLE, "looked_at": False, "passed_over": 0}
        values = {**nothing, "cursor": cursor, **values}
        inbox = self._inbox()
        if inbox:
            inbox.write(values)
        else:
            inbox.create({**values, "connector_id": self.id})

    def _reading_scopes(self, provider, send_as=""):
        """What to ask *provider* for at a sign-in, besides the permission to send."""
        self.ensure_one()
        if not self.reads_replies:
            return ()
        if provider == "google":
            return (GOOGLE_READING,)
        return reading_scopes(bool(send_as or self.send_as))

    def _take_grant(self, app, grant):
        """As before; heed whether reading was allowed too."""
        res = super()._take_grant(app, grant)
        wanted = self.sudo()._reading_scopes(app.sudo().provider)
        granted = {short(scope) for scope in grant.scopes}
        allowed = bool(wanted) and {short(scope) for scope in wanted} <= granted
        self._inbox().granted = allowed
        return res

    def _connect(self, email, secret, values):
        """As before; what kept us from reading may be over."""
        res = super()._connect(email, secret, values)
        inbox = self._inbox()
        if inbox:
            inbox.write(NO_TROUBLE)
        else:
            self._reset_reading()
        return res

    def action_disconnect(self):
        """As before; the next mailbox is not read before somebody wants that."""
        res = super().action_disconnect()
        self.sudo().reads_replies = False
        self._inbox().unlink()
        return res

    # -- reading -----------------------------------------------------------------------

    @api.model
    def _cron_incoming(self):
        """Look into the Inboxes, each in a transaction of its own."""
        cron = self.env["ir.cron"]
        due = self._to_read()
        cron._commit_progress(remaining=len(due))
        for connector in due:
            _read_inbox(self.env.registry, connector.id)
            if not cron._commit_progress(1):
                break

    def _to_read(self):
        """The connectors whose Inbox may be read now, the longest waiting first."""
        now = fields.Datetime.now()
        on = self.search([("reads_replies", "=", True), ("state", "=", "connected")])
        inboxes = self.env["account.email.inbox"].search(
            [
                ("connector_id", "in", on.ids),
                "|",
                ("retry_at", "=", False),
                ("retry_at", "<=", now),
            ],
            order="looked_at NULLS FIRST, id",
        )
        return inboxes.filtered(
            lambda inbox: (
                inbox.connector_id._usable()
                and (
                    inbox.connector_id.imap_host
                    if inbox.connector_id.provider == "smtp"
                    else inbox.granted
                )
            )
        ).connector_id

    def _read_replies(self):
        """Look into the Inbox. What stands in the way is noted; it does not raise."""
        inbox = self._inbox()
        try:
            mailboxes.ask(self, lambda mailbox: incoming.look(self, mailbox(), inbox))
        except psycopg2.OperationalError:
            raise  # of two that change the same rows, one has to wait
        except Outcome as outcome:
            _logger.info("The Inbox of %s cannot be read: %s", self.email, outcome)
            self._note_unread(inbox, outcome)
        except Exception as error:  # noqa: BLE001
            # No traceback and no text: there may be somebody's email in them.
            name = type(error).__name__
            _logger.error("Reading the Inbox of %s failed: %s", self.email, name)
            self._note_unread(inbox, Unavailable(Reason.READING_FAILED, code=name))

    def _note_unread(self, inbox, outcome):
        """Let the mailbox's page say why nothing is read, whatever was begun."""
        self.env.cr.rollback()
        inbox._note_outcome(outcome)


def _read_inbox(registry, connector_id):
    """Read one Inbox in a transaction of its own; a fault ends here."""
    threading.current_thread().dbname = registry.db_name
    try:
        with registry.cursor() as lock_cr, registry.cursor() as cr:
            if not try_lock(lock_cr, f"inbox {connector_id}"):
                return  # another worker is at it
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["account.email.connector"].browse(connector_id)._read_replies()
    except psycopg2.OperationalError:
        _logger.info("Inbox %s waits for another transaction.", connector_id)
    except Exception as error:  # noqa: BLE001  # no traceback, as above
        _logger.error("Inbox %s: %s", connector_id, type(error).__name__)
