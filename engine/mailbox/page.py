"""What the page of a mailbox shows besides what is stored.

Functions of this module are the ``compute`` of the connector's fields: so the model is
its fields, and who may change them. Connectors come here as the user's, but for the
fields that say ``compute_sudo``: those tell a little of what the user may not see.
"""

from datetime import timedelta

from odoo import api

from ...providers import registry
from ...rules import IN_SERVICE
from ...texts import provider_text, reason_text, said
from ..incoming import reading
from ..sending import waiting
from . import approving, copied, sign_in_notice

# Google ends the grants of an app in testing after seven days:
# https://developers.google.com/identity/protocols/oauth2#expiration
TESTING_MODE_LIFE = (timedelta(days=6, hours=12), timedelta(days=8))


@api.depends("company_id", "email", "state")
def display_name(connectors):
    """With the address that it has now: the last one is kept, to be connected again."""
    for connector in connectors:
        name = connector.company_id.name
        address = connector.state in IN_SERVICE and connector.email
        connector.display_name = f"{name} ({address})" if address else name


@api.depends("email", "send_as")
def sender_address(connectors):
    for connector in connectors:
        connector.sender_address = connector.send_as or connector.email


@api.depends("state", "wait_until")
def is_waiting(connectors):
    for connector in connectors:
        at_work = connector.state == "connected"
        connector.is_waiting = at_work and not connector._usable()


# -- signing in ------------------------------------------------------------------------


@api.depends("company_id")
def apps(connectors):
    """With what one can sign in. A manager tells its client ID to the administrator of
    a Workspace, who has to trust it."""
    for connector in connectors:
        found = {name: connector._find_app(name) for name in registry.OAUTH}
        for name, app in found.items():
            connector[f"{name}_available"] = bool(app)
        connector.google_client_id = found[registry.GOOGLE.name].client_id


@api.depends_context("uid")
def can_register_apps(connectors):
    may_create = connectors.env["account.email.oauth.app"].has_access("create")
    connectors.can_register_apps = may_create


def notice(connectors):
    """What became of the last sign-in in this browser."""
    for connector in connectors:
        present = sign_in_notice.present(connector)
        for name in sign_in_notice.NAMES:
            connector[f"notice_{name}"] = present.get(name, False)


# -- trouble ---------------------------------------------------------------------------


@api.depends(
    "provider",
    "error_reason",
    "error_code",
    "error_detail",
    "error_since",
    "connected_at",
    "said",
)
@api.depends_context("lang", "uid")
def trouble(connectors):
    """What broke it, in words; whoever uses the app, gets its ID."""
    uses_apps = connectors.env["account.email.oauth.app"].has_access("read")
    for connector in connectors:
        title, text = reason_text(connectors.env, connector.error_reason)
        more = provider_text(
            connectors.env,
            connector.provider,
            connector.error_reason,
            app=uses_apps and connector.sudo().oauth_app_id,
            testing=_ended_as_in_testing_mode(connector),
        )
        connector.error_title = copied.title(connector.sudo()) or title
        connector.error_text = f"{text} {more}".strip()
        connector.error_said = said(connector.error_code, connector.error_detail)
        heard = connector.sudo().said or {}
        connector.error_is_quote = heard.get("reason") == connector.error_reason


def _ended_as_in_testing_mode(connector):
    if not (connector.error_since and connector.connected_at):
        return False
    shortest, longest = TESTING_MODE_LIFE
    return shortest < connector.error_since - connector.connected_at < longest


@api.depends(
    "state",
    "error_reason",
    "error_since",
    "send_as",
    "oauth_app_id",
    "approval_ids.asked_at",
    "approval_ids.send_as",
    "approval_ids.mailed_to",
    "approval_ids.mail_left",
    "reads_replies",
    "reading_wants_sign_in",
)
@api.depends_context("lang")
def approval(connectors):
    """What an administrator has to do, and the link for it."""
    for connector in connectors:
        waits = approving.is_waited_for(connector)
        connector.needs_approval = waits
        connector.approval_url = waits and approving.link(connector)
        connector.approval_asks = approving.asks(connector)
        connector.approval_mail_text = waits and approving.mail_text(connector)
        connector.approval_mailto = waits and approving.mailto(connector)


@api.depends(
    "reads_replies",
    "state",
    "provider",
    "imap_host",
    "inbox_ids.granted",
    "inbox_ids.reason",
    "inbox_ids.passed_over",
    "inbox_ids.looked_at",
)
@api.depends_context("lang")
def answers(connectors):
    """How far the Inbox was read, and what stands in the way."""
    for connector in connectors:
        on = connector.reads_replies and connector.state == "connected"
        lacks_permission = on and reading.lacks_permission(connector)
        connector.reading_wants_sign_in = lacks_permission
        connector.reading_hint = on and reading.hint(connector)
        connector.reading_looked_at = on and connector.inbox_ids.looked_at


# -- follow-ups ------------------------------------------------------------------------


def waits(connectors):
    """How many emails wait, told to whoever may see the mailbox: follow-ups, and Odoo's
    others; and how many are to be read before."""
    groups = connectors.env["account.email.followup"]._read_group(
        [
            ("connector_id", "in", connectors.ids),
            ("state", "in", ("planned", "to_review")),
        ],
        ["connector_id", "state"],
        ["__count"],
    )
    written = {(connector, state): count for connector, state, count in groups}
    emails = waiting.count(connectors)
    for connector in connectors:
        connector.to_review_count = written.get((connector, "to_review"), 0)
        connector.waiting_followups = written.get((connector, "planned"), 0)
        connector.waiting_emails = emails.get(connector, 0)
        connector.waiting_count = connector.waiting_followups + connector.waiting_emails


@api.depends("company_id.email_followup_plan_id")
def plan(connectors):
    for connector in connectors:
        connector.followup_plan_id = connector.company_id.email_followup_plan_id
