"""Follow-ups begin, as by pressing Start, with nothing left out and at any hour."""

from odoo.addons.account_email_connector.engine.mailbox import start

#: As the plans of the addon were before an accountant's day had hours.
ANY_HOUR = {
    "on_saturday": True,
    "on_sunday": True,
    "not_on_holidays": False,
    "from_hour": 0,
    "until_hour": 24,
}
DELIVERED = ("plan_default", "plan_by_invoice", "plan_recap")


def begin(connector):
    """Start the follow-ups of a mailbox's company: all of them, unread."""
    at_any_hour(connector.env)
    connector = connector.sudo()
    start.start(connector, start.plan_of(connector), since=False, read_first=False)


def at_any_hour(env):
    """Let the addon's plans send on every day, at every hour, without a review."""
    for name in DELIVERED:
        plan = env.ref(f"account_email_connector.{name}").sudo()
        plan.write(ANY_HOUR)
        plan.step_ids.review = False
