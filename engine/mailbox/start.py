"""Follow-ups of a company begin, and stop.

A mailbox that is connected sends nothing by itself before somebody has seen what would
go. What was started stays so when the same mailbox is connected again. Connectors come
here as a superuser's, by a caller who has checked that the user may change them.
"""

from datetime import timedelta

from odoo import fields

from .. import cron
from ..planning.units import Start, Units
from . import incident

#: What is proposed: older debts are chased by people, if at all.
DAYS_BACK = timedelta(days=60)
#: For so long the first emails are read before they go.
READING = timedelta(days=14)


def proposed_since(today):
    """Since which due date a company chases, if nothing else is said."""
    return today - DAYS_BACK


def plan_of(connector):
    """The plan by which its company chases; empty if there is none."""
    company = connector.company_id
    return Units(connector.env, company).unit_for(company.id).plan


def supposed(connector, plan, since, read_first):
    """What :func:`start` would make of it (:class:`..planning.units.Start`)."""
    today = fields.Date.today()
    until = None
    if read_first:  # it is not longer for being looked at again
        known = connector.read_first_until
        until = known if known and known >= today else today + READING
    return Start(on=True, since=since or None, read_first_until=until, plan=plan)


def start(connector, plan, since, read_first):
    """Let follow-ups go by themselves, those that wait included.

    :param plan: ``account.email.followup.plan``, the company's from now on.
    :param since: date; what was due before is left alone. False: nothing is.
    :param read_first: a person reads each of the first emails before it goes.
    """
    begun = supposed(connector, plan, since, read_first)
    values = {
        "chasing": "on",
        "chase_since": begun.since,
        "read_first_until": begun.read_first_until,
    }
    if plan != plan_of(connector):
        values["followup_plan_id"] = plan.id
    with incident.told(connector):
        connector.write(values)
    waits = [("connector_id", "=", connector.id), ("reason", "=", "not_started")]
    connector.env["account.email.followup"].search(waits).retry_at = False
    cron.run_followups(connector.env)


def stop(connector):
    """Let none go by itself any more. What waits stays; people can send by hand."""
    with incident.told(connector):
        connector.chasing = "off"


def in_words(connector, address):
    """What it means for follow-ups that *address* can be sent from now, for whoever has
    just seen to that: none goes by itself unless they are started."""
    env = connector.env
    if connector.chasing == "on":
        return env._("Follow-ups now leave from %s.", address)
    if connector.chasing == "off":
        return env._(
            "Follow-ups are stopped. Once somebody starts them, they leave from %s.",
            address,
        )
    return env._(
        "No follow-up goes by itself yet. Once somebody starts them, they leave from "
        "%s.",
        address,
    )
