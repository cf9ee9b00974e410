"""Which follow-ups may be tried now, and when the others may."""

from odoo import fields
from odoo.fields import Domain


def followups(connectors):
    """The follow-ups of *connectors* that may be tried now, the longest waiting first.

    Each plan has its own hours, in its time zone or that of the company which is owed;
    what a person wants sent now, or has written by hand, goes at any hour, and nothing
    else of a company that has not started, or has stopped.
    """
    planned = Domain("connector_id", "in", connectors.ids) & Domain(
        "state", "=", "planned"
    )
    model = connectors.env["account.email.followup"]
    due = Domain("plan_id", "=", False)
    any_hour = Domain("at_once", "=", True) | Domain("by_hand", "=", True)
    for plan, company in model._read_group(planned, ["plan_id", "company_id"]):
        tz = company._email_followup_tz()
        its = Domain("plan_id", "=", plan.id) & Domain("company_id", "=", company.id)
        its &= Domain("planned_date", "<=", plan._today(tz))
        due |= its if plan._is_open_now(tz) else its & any_hour
    started = connectors.filtered(lambda connector: connector.chasing == "on")
    due &= any_hour | Domain("connector_id", "in", started.ids)
    waits = Domain("retry_at", ">", fields.Datetime.now())
    return model.search(planned & due & ~waits, order="planned_date, id")


def is_wanted(followup):
    """Whether a person wants it sent: then it goes when follow-ups are stopped, too."""
    return followup.at_once or followup.by_hand


def not_stopped(followups):
    """Those of *followups* that may go as their mailbox is now: it may have been
    stopped since they were found."""
    return followups.filtered(
        lambda each: each.connector_id.chasing == "on" or is_wanted(each)
    )


def openings(env):
    """The times (UTC) at which the hours begin for which follow-ups wait."""
    groups = env["account.email.followup"]._read_group(
        [("state", "=", "planned"), ("connector_id.state", "=", "connected")],
        ["plan_id", "company_id"],
    )
    return {
        plan._next_opening(tz)
        for plan, company in groups
        for tz in [company._email_followup_tz()]
        if plan and not plan._is_open_now(tz)
    }
