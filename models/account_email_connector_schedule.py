import logging
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models, modules
from odoo.fields import Domain

from ..engine import reviewers
from ..engine.drain import drain
from ..tools.locks import try_lock

_logger = logging.getLogger(__name__)

MAILBOXES_AT_ONCE = 4


class AccountEmailConnector(models.Model):
    """The scheduled action: plan what is due, then drain the mailboxes."""

    _inherit = "account.email.connector"

    @api.model
    def _cron_followups(self):
        """Plan what is due, then send it. Each step commits."""
        followups = self.env["account.email.followup"]
        self._safely(self._mend_keys)
        # Plan on a snapshot of this moment; a run that only goes on has no time left.
        if self.env["ir.cron"]._commit_progress():
            self._safely(followups._plan)
        self._cron_send()
        self._safely(self._wake_at_openings)
        self._safely(partial(reviewers.tell, self.env))

    def _safely(self, part):
        """Call *part* of the action; what stands in its way does not stop the rest."""
        try:
            part()
            self.env.cr.flush()
        except SerializationFailure:
            _logger.info("Another worker was faster: %s", part)
            self.env.cr.rollback()
        except Exception:
            _logger.exception("A part of the action failed: %s", part)
            self.env.cr.rollback()

    @api.model
    def _cron_send(self):
        """Send what is due, mailboxes side by side, in committed steps.

        Any number of workers may do this at once: each mailbox is locked by one.
        """
        cron = self.env["ir.cron"]
        mailboxes = self._mailboxes_with_work()
        seconds = cron._commit_progress(remaining=len(mailboxes))
        deadline = time.monotonic() + seconds
        left = 0
        for mailbox_left in self._drain_all(mailboxes, deadline):
            left += mailbox_left
            cron._commit_progress(1)
        cron._commit_progress(remaining=left)

    @api.model
    def _wake_at_openings(self):
        """Run again when the hours begin for which follow-ups wait.

        The action's own turn comes once an hour: it may never meet short hours.
        """
        plans = self.env["account.email.followup"]._read_group(
            [("state", "=", "planned"), ("connector_id.state", "=", "connected")],
            ["plan_id", "company_id"],
        )
        openings = {
            plan._next_opening(tz)
            for plan, company in plans
            for tz in [company._email_followup_tz()]
            if plan and not plan._is_open_now(tz)
        }
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        already = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", cron.id), ("call_at", "in", list(openings))]
        )
        for opening in sorted(openings.difference(already.mapped("call_at"))):
            cron._trigger(opening)

    def _mailboxes_with_work(self):
        """Return lists of connector ids, one list for each address."""
        Followup = self.env["account.email.followup"].sudo()
        groups = Followup._read_group(
            [
                "|",
                ("state", "=", "sending"),  # left by an interrupted run
                "&",
                ("state", "=", "planned"),
                ("connector_id.state", "=", "connected"),
            ],
            ["connector_id"],
        )
        mailboxes = defaultdict(list)
        for (connector,) in groups:
            mailboxes[connector.provider, connector.email].append(connector.id)
        return list(mailboxes.values())

    def _drain_all(self, mailboxes, deadline):
        """Drain *mailboxes*; yield what each has left that could be sent now."""
        drain = partial(_drain_mailbox, self.env.registry, deadline=deadline)
        if len(mailboxes) < 2 or modules.module.current_test:
            yield from map(drain, mailboxes)
            return
        with ThreadPoolExecutor(MAILBOXES_AT_ONCE) as pool:
            yield from pool.map(drain, mailboxes)

    def _due_followups(self):
        """The follow-ups that may be tried now, the longest waiting first.

        Each plan has its own hours, in its time zone or that of the company which is
        owed; what a person wants sent now, or has written by hand, goes at any hour.
        """
        planned = Domain("connector_id", "in", self.ids) & Domain(
            "state", "=", "planned"
        )
        Followup = self.env["account.email.followup"]
        due = Domain("plan_id", "=", False)
        any_hour = Domain("at_once", "=", True) | Domain("by_hand", "=", True)
        for plan, company in Followup._read_group(planned, ["plan_id", "company_id"]):
            tz = company._email_followup_tz()
            its = Domain("plan_id", "=", plan.id) & Domain(
                "company_id", "=", company.id
            )
            its &= Domain("planned_date", "<=", plan._today(tz))
            due |= its if plan._is_open_now(tz) else its & any_hour
        waits = Domain("retry_at", ">", fields.Datetime.now())
        return Followup.search(planned & due & ~waits, order="planned_date, id")


def _drain_mailbox(registry, connector_ids, deadline):
    """Drain one mailbox in a transaction of its own; a fault ends here.

    :return: how many follow-ups could still be sent now.
    """
    threading.current_thread().dbname = registry.db_name
    try:
        with registry.cursor() as lock_cr, registry.cursor() as cr:
            if not all(try_lock(lock_cr, f"connector {id_}") for id_ in connector_ids):
                return 0  # another worker is at it
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            connectors = env["account.email.connector"].browse(connector_ids)
            drain(connectors, lambda: time.monotonic() < deadline)
            usable = connectors.filtered(lambda connector: connector._usable())
            return len(usable._due_followups())
    except Exception:
        _logger.exception("A mailbox could not be drained; the others go on.")
        return 0
