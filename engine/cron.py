"""Let a scheduled action run before its next turn."""

FOLLOWUPS = "account_email_connector.ir_cron_followups"
HEALTH = "account_email_connector.ir_cron_health"
INCOMING = "account_email_connector.ir_cron_incoming"
REPLAYS = "account_email_connector.ir_cron_replays"
#: Odoo's own: the queue of its emails.
EMAILS = "mail.ir_cron_mail_scheduler_action"


def run_followups(env, at=None):
    """Plan and send soon, or *at* a time.

    :param env: a superuser's.
    :param at: datetime in UTC; or several.
    """
    env.ref(FOLLOWUPS)._trigger(at)


def run_health(env):
    """Look after the mailboxes soon.

    :param env: a superuser's.
    """
    env.ref(HEALTH)._trigger()


def run_incoming(env):
    """Read the Inboxes soon.

    :param env: a superuser's.
    """
    env.ref(INCOMING)._trigger()


def run_replays(env):
    """Try soon the plans that are to be tried on the past.

    :param env: a superuser's.
    """
    env.ref(REPLAYS)._trigger()


def runs_replays(env):
    """Whether that is not switched off, as on a copy of a database.

    :param env: a superuser's.
    """
    return env.ref(REPLAYS).active


def run_emails(env, at=None):
    """Go through the queue of Odoo's emails soon, or *at* a time.

    :param env: a superuser's.
    :param at: datetime in UTC.
    """
    env.ref(EMAILS)._trigger(at)
