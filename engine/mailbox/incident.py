"""Who is told that a mailbox is in trouble, and how.

An incident begins when the state becomes ``error`` and ends when it becomes another.
Pages that are open hear of each change (bus) and show a banner; people get one activity
and one email an incident. Connectors come here as a superuser's.
"""

from contextlib import contextmanager

from markupsafe import Markup

from odoo import Command
from odoo.tools import format_datetime

from ...providers.reasons import Reason
from ...tools import bus
from .people import managers, responsible

ACTIVITY = "account_email_connector.activity_type_reconnect"
BUS_TYPE = "account_email_connector/state"
#: What the banner depends on.
SITUATION = ("state", "error_reason", "approved_at", "chasing")


@contextmanager
def told(connectors):
    """Whoever is concerned hears of what changes within."""
    before = {connector: _situation(connector) for connector in connectors}
    yield
    for connector in connectors.exists():
        if _situation(connector) != before[connector]:
            _tell_open_pages(connector)
            if connector.state != before[connector]["state"]:
                _tell_new_state(connector)


def _situation(connector):
    return {name: connector[name] for name in SITUATION}


def _tell_open_pages(connector):
    """Wake the pages of whoever reads what this mailbox sends, for branches, too."""
    company = connector.company_id
    payload = {"company_id": company.id, "state": connector.state}
    for its in company.search([("id", "child_of", company.id)]):
        bus.send(its, BUS_TYPE, payload)


def _tell_new_state(connector):
    if connector.state == "error":
        # A copy writes to nobody: whoever works with it sees the banner.
        if connector.error_reason != Reason.DATABASE_COPIED:
            _tell_people(connector)
    elif connector.state == "connected":
        connector.activity_feedback([ACTIVITY])
    else:
        connector.activity_unlink([ACTIVITY])


def _tell_people(connector):
    for user in responsible(connector):
        _schedule_reconnect(connector, user)
    for user in managers(connector).filtered("email"):
        _mail(connector, user)
    # The queue's own turn comes once an hour.
    connector.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()


def _schedule_reconnect(connector, user):
    # "quick update": no email from the activity, theirs is on its way.
    connector = connector.with_context(lang=user.lang, mail_activity_quick_update=True)
    words = filter(None, [connector.error_text, connector.error_said])
    connector.activity_schedule(
        ACTIVITY,
        user_id=user.id,
        summary=connector.error_title,
        note=Markup().join(Markup("<p>%s</p>") % line for line in words),
    )


def _mail(connector, user):
    """Queue an email for the normal mail server: the mailbox itself is broken.

    It belongs to no record, so that no connector claims it; what happens where that
    server does not take it: :mod:`.elsewhere`.
    """
    connector = connector.with_context(lang=user.lang)
    env, company = connector.env, connector.company_id
    values = {
        "connector": connector,
        "since": format_datetime(env, connector.error_since, tz=user.tz or "UTC"),
        "url": f"{connector.get_base_url()}/mail/view"
        f"?model={connector._name}&res_id={connector.id}",
    }
    body = env["ir.qweb"]._render("account_email_connector.incident_email", values)
    mail = env["mail.mail"].create(
        {
            "subject": env._("Follow-ups of %s are not sent", company.name),
            "body_html": body,
            "email_from": company.email_formatted or user.email_formatted,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "auto_delete": True,
        }
    )
    mail.email_incident_id = connector
