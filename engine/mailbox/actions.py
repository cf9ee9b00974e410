"""What the buttons of a mailbox's page lead to.

Connectors come here as a superuser's, by a button that has checked who pressed it.
"""

from odoo.exceptions import UserError

from ...providers import registry
from ...providers.outcomes import Outcome
from ...providers.reasons import Reason
from ...rules import IN_SERVICE
from ...texts import outcome_text, provider_text, reason_text, said_by
from ...tools.actions import RELOAD, notify, window
from ..checkup import address
from . import approving, connecting, copies, proof, sign_in_notice
from . import start as follow_ups


def open_all(connectors):
    """Open the mailboxes of the companies that the user has switched on.

    :param connectors: the model, as the user's.
    """
    companies = connectors.env.companies
    domain = [("company_id", "in", companies.ids)]
    missing = companies - connectors.search(domain).company_id
    if missing and connectors.has_access("create"):
        connectors.create([{"company_id": company.id} for company in missing])
    found = connectors.search(domain)
    action = connectors.env["ir.actions.act_window"]._for_xml_id(
        "account_email_connector.action_connector"
    )
    if len(found) == 1:
        action.update(res_id=found.id, views=[(False, "form")])
    return action


# -- signing in ------------------------------------------------------------------------


def sign_in_manually(connector):
    """Open the wizard which signs in with a password."""
    return window(
        connector.env._("Connect manually"),
        "account.email.connector.smtp",
        default_connector_id=connector.id,
    )


def sign_in(connector, provider, send_as="", sent_items="own"):
    """Lead the browser to the page of *provider*.

    :raises UserError: if no app is registered, or the provider is out of reach.
    """
    app = connector._find_app(provider)
    if not app:
        raise UserError(
            connector.env._(
                "No app is registered for this sign-in yet. Ask your Odoo "
                "administrator to register one, under OAuth Apps."
            )
        )
    address.check(connector.env)
    sign_in_notice.forget()
    flow = connector.env["account.email.oauth.flow"]
    try:
        url = flow._begin(connector, app, send_as, sent_items)
    except Outcome as outcome:
        more = provider_text(connector.env, provider, outcome.reason, app)
        raise UserError(outcome_text(connector.env, outcome, more)) from outcome
    return {"type": "ir.actions.act_url", "url": url, "target": "self"}


def sign_in_again(connector):
    """Sign in, in the way that this mailbox was connected."""
    if connector.error_reason == Reason.DATABASE_COPIED:
        return connector.get_formview_action()  # which asks whether it is the one
    if connector.state == "error" and approving.is_waited_for(connector):
        return sign_in_approved(connector)
    provider = connector.provider or connector.oauth_app_id.provider
    if provider in registry.OAUTH:
        return sign_in(connector, provider)
    return sign_in_manually(connector)


def sign_in_approved(connector):
    """Sign in with what was asked for when an approval was asked for."""
    approval = connector.approval_ids
    provider = connector.provider or connector.oauth_app_id.provider
    sent_items = approval.sent_items or "own"
    return sign_in(connector, provider, approval.send_as or "", sent_items)


# -- the others ----------------------------------------------------------------------


def start(connector):
    """Show how follow-ups of its company begin, and what would go then.

    :raises UserError: if no mailbox is connected that they could leave from.
    """
    if connector.state not in IN_SERVICE:
        raise UserError(connector.env._("Connect a mailbox first."))
    return window(
        connector.env._("Follow-ups of %s", connector.company_id.name),
        "account.email.followup.start",
        default_connector_id=connector.id,
    )


def stop(connector):
    """Let no follow-up go by itself any more, and say what becomes of the others."""
    follow_ups.stop(connector)
    env = connector.env
    by_hand = connector.state in IN_SERVICE
    text = (
        env._("What waits stays, and can be sent by hand.")
        if by_hand
        else env._("What waits stays.")
    )
    return notify("success", text, env._("Stopped"), then=RELOAD)


def send_test(connector):
    """Send a test email to the mailbox itself, say what happened, and heed it."""
    env = connector.env
    outcome = proof.attempt(connector)
    if outcome:
        return _refused(connector, outcome)
    inbox = env._("Check the inbox of %s.", connector.email)
    text = f"{inbox} {copies.where(connector)}"
    return notify("success", text, env._("Test email sent"), then=RELOAD)


def own_address(connector, then=RELOAD):
    """Send as the mailbox itself again, and say so."""
    outcome = connecting.use_own_address(connector)
    if outcome:
        return _refused(connector, outcome, then)
    return says_sender(connector, then)


def says_sender(connector, then=RELOAD):
    """Say from which address follow-ups leave now."""
    text = follow_ups.in_words(connector, connector.sender_address)
    return notify("success", f"{text} {copies.where(connector)}", then=then)


def _refused(connector, outcome, then=RELOAD):
    """Say why a test email did not leave. What is an error stands on the page, until it
    is over; a message that stays would be there still."""
    title, text = reason_text(connector.env, outcome.reason)
    text = f"{text} {said_by(outcome)}".strip()
    lasts = connector.state == "error"
    return notify("danger", text, title, sticky=not lasts, then=then)


def revoke_by_hand(connectors):
    """Say that the grants of these are to be taken back by a person."""
    env = connectors.env
    return notify(
        "warning",
        env._(
            "Google could not be asked to take the access back: it was out of reach, "
            "or the saved sign-in cannot be read any more. Remove the access yourself, "
            "signed in as %s, at https://myaccount.google.com/connections",
            ", ".join(connectors.mapped("email")),
        ),
        env._("Disconnected here, but not at Google"),
        sticky=True,
        then=RELOAD,
    )
