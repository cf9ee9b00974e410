from odoo import SUPERUSER_ID, api, models

from ..engine.closing import company as closing
from ..engine.incoming import reading
from ..engine.mailbox import health
from ..engine.sending import jobs, schedule


class AccountEmailScheduled(models.AbstractModel):
    """What the scheduled actions do with all mailboxes, and their jobs."""

    _name = "account.email.scheduled"
    _description = "Scheduled Actions of the Mailboxes"

    @api.model
    def _tables_are_made(self):
        """While the rest is installed, others go on: a reference to their table keeps
        them from writing until it is committed. Should the rest fail, empty tables are
        left, which the next installation takes.
        """
        # Of an installation, not of a request.
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _cron_followups(self):
        """Plan what is due, then send it. Each step commits."""
        connectors = self.with_user(SUPERUSER_ID)
        by = jobs if jobs.taken(connectors.env) else schedule
        schedule.run(connectors, by)

    @api.model
    def _cron_send(self):
        """Send what is due, mailboxes side by side, in committed steps."""
        schedule.send(self.with_user(SUPERUSER_ID))

    @api.model
    def _cron_incoming(self):
        """Look into the Inboxes."""
        reading.read_all(self.with_user(SUPERUSER_ID))

    @api.model
    def _cron_health(self):
        """Once a day: keys, secrets, grants, and apps whose secret expires; and soon
        after a company was archived."""
        connectors = self.with_user(SUPERUSER_ID)
        closing.let_go(connectors)
        health.look_after(connectors)

    # -- jobs, where queue_job is installed: engine/sending/jobs.py ------------------

    @api.model
    def _job_plan(self, group_id):
        """Plan a group of companies."""
        jobs.plan_group(self.with_user(SUPERUSER_ID), group_id)

    @api.model
    def _job_tell(self):
        """Tell people of what was planned."""
        jobs.tell(self.with_user(SUPERUSER_ID))

    def _job_send(self):
        """Send what is due from this mailbox."""
        jobs.send_mailbox(self.with_user(SUPERUSER_ID))
