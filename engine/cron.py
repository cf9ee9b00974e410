"""Let a scheduled action run before its next turn."""

FOLLOWUPS = "account_email_connector.ir_cron_followups"
INCOMING = "account_email_connector.ir_cron_incoming"


def run_followups(env, at=None):
    """Plan and send soon, or *at* a time.

    :param env: a superuser's.
    :param at: datetime in UTC; or several.
    """
    env.ref(FOLLOWUPS)._trigger(at)


def run_incoming(env):
    """Read the Inboxes soon.

    :param env: a superuser's.
    """
    env.ref(INCOMING)._trigger()
