"""What the banner in Accounting says of the mailboxes that are in trouble."""

from odoo import fields
from odoo.fields import Domain

from ...texts import APPROVAL_REASONS, reason_text
from ..rights import is_manager
from . import copied
from .people import responsible
from .serving import connector_of

#: Connected, and of no use yet.
TO_START = (
    Domain("state", "=", "connected")
    & Domain("chasing", "=", "new")
    & Domain("sends_accounting_emails", "=", False)
    & Domain("sends_other_accounting_emails", "=", False)
)


def lines(connectors):
    """One line for each mailbox in trouble that serves a company of the user; also for
    one that is connected, and from which nobody has started anything.

    One query, as long as nothing is wrong.

    :param connectors: the model, as a superuser's; its environment has the user.
    :return: list of dict, see :func:`_line`.
    """
    # As core's session_info, which has read their parents already.
    companies = connectors.env["res.company"].browse(
        connectors.env.user._get_company_ids()
    )
    troubled = connectors.search(
        Domain("company_id", "in", companies.parent_ids.ids)
        & (Domain("state", "in", ("error", "pending_approval")) | TO_START)
    )
    if not troubled:
        return []
    served = {company: connector_of(company) for company in companies}
    found = []
    for connector in troubled:
        mine = companies.filtered(lambda c, mail=connector: served[c] == mail)
        if connector.state == "pending_approval":  # it serves nobody yet
            mine = companies & connector.company_id
        if mine:
            found.append(_line(connector, mine.ids))
    return found


def _line(connector, company_ids):
    """One line of the banner.

    :param company_ids: the user's companies that send through this mailbox, or will
        once it is approved.
    :return: dict for JavaScript; ``since`` in UTC, ``ask`` names of people.
    """
    user = connector.env.user
    may_connect = connector.company_id in user.company_ids and is_manager(user)
    return {
        "id": connector.id,
        "company_id": connector.company_id.id,
        "company_ids": company_ids,
        "company": connector.company_id.name,
        "address": connector.email or "",
        "state": connector.state,  # "connected": it is to be started
        "title": _title(connector),
        "since": fields.Datetime.to_string(_since(connector)),
        "waiting": connector.waiting_count,
        "can_reconnect": may_connect,
        "ask": [] if may_connect else responsible(connector).mapped("name"),
    }


def _title(connector):
    """What happened, in the language of the environment."""
    env, reason = connector.env, connector.error_reason
    waits = connector.state != "error" or reason in APPROVAL_REASONS
    if waits and connector.approved_at:
        return env._("Approved by an administrator: reconnect")
    if connector.state == "error":
        return copied.title(connector) or reason_text(env, reason)[0]
    if _is_to_start(connector):
        return env._("Follow-ups are not started yet.")
    return env._("Waiting for an administrator's approval")


def _is_to_start(connector):
    return connector.state == "connected"


def _since(connector):
    if connector.state == "error":
        return connector.error_since or connector.write_date
    if _is_to_start(connector):
        return connector.connected_at
    return connector.approval_ids.asked_at or connector.write_date
