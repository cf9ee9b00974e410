"""The figures of follow-ups in Odoo's digest emails."""

from odoo.exceptions import AccessError

from ..rights import check_reader
from . import achieved

#: Where the figures lead, after ``/odoo/action-``.
ACTIONS = {
    "kpi_email_followup_sent": "account_email_connector.action_followup",
    "kpi_email_followup_recovered": "account_email_connector.action_followup_report",
}


def check(env, companies):
    """
    :raises AccessError: if the user may not read the follow-ups of all *companies*.
    """
    check_reader(env)
    if not env.su and companies - env.user.company_ids:
        raise AccessError(
            env._("These figures are of a company that you have not got.")
        )


def sent(env, companies, start, end):
    """How many emails have left in a period (UTC): {company: number}."""
    its = env["account.email.followup"].with_context(allowed_company_ids=companies.ids)
    groups = its._read_group(
        [
            ("company_id", "in", companies.ids),
            ("state", "=", "sent"),
            ("channel", "=", "email"),
            ("sent_at", ">=", start),
            ("sent_at", "<", end),
        ],
        ["company_id"],
        ["__count"],
    )
    return dict(groups)


def recovered(env, companies, start, end):
    """What follow-ups have brought in a period (UTC): {company: amount}.

    By when a payment was matched with its invoice: it has a day, and no hour, and each
    is to count in one digest.
    """
    return achieved.recovered(env, companies, start, end)
