from odoo import SUPERUSER_ID, api, models

from ..engine.incoming import reading
from ..engine.mailbox import health
from ..engine.sending import schedule


class AccountEmailScheduled(models.AbstractModel):
    """What the scheduled actions do with all mailboxes."""

    _name = "account.email.scheduled"
    _description = "Scheduled Actions of the Mailboxes"

    @api.model
    def _cron_followups(self):
        """Plan what is due, then send it. Each step commits."""
        schedule.run(self.with_user(SUPERUSER_ID))

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
        """Once a day: keys, secrets, grants, and apps whose secret expires."""
        health.look_after(self.with_user(SUPERUSER_ID))
