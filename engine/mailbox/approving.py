"""Waiting until an administrator at the provider has approved the app.

Before there is a mailbox, that is its state. One that is in service goes on as it is,
and waits for what it needs besides: to send as another address, or to read answers.
Connectors come here as a superuser's.
"""

from urllib.parse import quote

from markupsafe import Markup

from odoo import fields
from odoo.tools import consteq, hmac

from ...providers import registry
from ...providers.reasons import Reason
from ...rules import IN_SERVICE
from ...texts import APPROVAL_REASONS, PERHAPS_APPROVAL, scope_texts
from ..incoming import reading
from ..secrets import signing_in
from . import incident

NO_OTHER_ADDRESS = {"send_as": False, "sent_items": False}


def is_waited_for(connector):
    """Whether an administrator may have to do something."""
    approval = connector.approval_ids
    app = registry.PROVIDERS.get(connector.oauth_app_id.provider)
    if not approval or connector.state == "disconnected":
        return False
    if not app or not app.asks_administrator:
        return False
    if connector.state == "error":  # which may be of another kind, and later
        refused = connector.error_reason == Reason.APPROVAL_REQUIRED
        return refused or approval.asked_at >= connector.error_since
    # What a connected mailbox has asked for may have been given up.
    asks_more = approval.send_as or connector.reading_wants_sign_in
    return connector.state != "connected" or bool(asks_more)


def note_refused(connector, app, outcome, send_as="", sent_items=""):
    """A sign-in was refused: an administrator's approval is wanted, or perhaps is.

    A mailbox that was connected stays as it is.

    :param send_as: the other address that was asked for, *sent_items* likewise.
    """
    asks = registry.provider(app.provider).asks_administrator
    if not asks or outcome.reason not in PERHAPS_APPROVAL:
        return
    values = {"asked_at": _asked_since(connector), "asked_by_id": connector.env.uid}
    if outcome.reason in APPROVAL_REASONS:  # whatever was reported before
        values["approved_at"] = False
    if send_as:
        values |= {"send_as": send_as, "sent_items": sent_items}
    with incident.told(connector):
        _write(connector, values)
        if connector.state not in IN_SERVICE:
            connector.write(
                {
                    "state": "pending_approval",
                    "provider": app.provider,
                    "oauth_app_id": app.id,
                    "error_reason": str(outcome.reason),
                    "error_code": outcome.code,
                }
            )


def _asked_since(connector):
    """When the approval was asked for that is waited for: now, after an error that has
    nothing to do with the former one."""
    stale = connector.state == "error" and not is_waited_for(connector)
    return not stale and connector.approval_ids.asked_at or fields.Datetime.now()


def note_broken(connector, outcome):
    """If an administrator is needed, the link is at hand. Where only the permission is
    gone, whoever reconnects may be able to give it: that sign-in will tell."""
    known = registry.PROVIDERS.get(connector.provider)
    asks = known and known.asks_administrator
    if asks and outcome.reason == Reason.APPROVAL_REQUIRED:
        asked_at = connector.approval_ids.asked_at or fields.Datetime.now()
        _write(connector, {"asked_at": asked_at, "approved_at": False})


def note_granted(connector, grant):
    """What was granted is not waited for any more."""
    if grant.covers(scopes(connector)):
        forget(connector)


def forget(connectors):
    """Nothing is waited for any more."""
    connectors.approval_ids.unlink()


def forget_other_address(connector):
    """The other address that was asked for is not waited for any more."""
    connector.approval_ids.write(NO_OTHER_ADDRESS)


def _write(connector, values):
    if connector.approval_ids:
        connector.approval_ids.write(values)
    else:
        connector.approval_ids.create({**values, "connector_id": connector.id})


# -- the link for the administrator ----------------------------------------------------


def scopes(connector):
    """What the link asks for: what the mailbox needs, and what it is to get besides."""
    known = registry.PROVIDERS.get(
        connector.oauth_app_id.provider or connector.provider
    )
    if not known or not known.asks_administrator:
        return ()
    address = connector.approval_ids.send_as or connector.send_as or ""
    extra = reading.scopes(connector, known, address)
    return known.approval_scopes(shared=bool(address), extra=extra)


def asks(connector):
    """What the link asks for, in words."""
    texts = scope_texts(connector.env, scopes(connector))
    lines = Markup().join(Markup("<li>%s</li>") % text for text in texts)
    return Markup("<ul>%s</ul>") % lines


def link(connector):
    """The page on which an administrator approves the app for everybody."""
    app = connector.oauth_app_id
    uri = app.approval_redirect_uri
    return signing_in.approval_link(
        app, uri, link_state(connector.approval_ids), scopes(connector)
    )


def note_mailed(connector, address, left):
    """The link was emailed to *address*, or should have been.

    :param left: whether the email left Odoo.
    """
    connector.approval_ids.write({"mailed_to": address, "mail_left": left})
    connector.message_post(body=mail_text(connector), subtype_xmlid="mail.mt_note")


def mail_text(connector):
    """What became of the email with the link; empty, if there was none."""
    env, approval = connector.env, connector.approval_ids
    if not approval.mailed_to:
        return ""
    if approval.mail_left:
        return env._("The link for the approval was sent to %s.", approval.mailed_to)
    return env._(
        "The email to %s could not be sent: Odoo's own mail server did not take it, or "
        "there is none. Copy the link, or send it with your own email program.",
        approval.mailed_to,
    )


def mailto(connector):
    """A link which opens an email with the administrator's link in one's own email
    program: Odoo may have no mail server yet."""
    env, app = connector.env, connector.oauth_app_id.name
    subject = env._("Please approve the app %s", app)
    body = env._("Please open this link, sign in as an administrator, and accept:")
    text = quote(f"{body}\n\n{link(connector)}")
    to = quote(connector.approval_ids.mailed_to or "")
    return Markup('<a href="%s">%s</a>') % (
        f"mailto:{to}?subject={quote(subject)}&body={text}",
        env._("Write it in your own email program"),
    )


def link_state(approval):
    """What the link brings back: it lets its bearer do no more than say "done"."""
    number = approval.connector_id.id
    asked = (number, fields.Datetime.to_string(approval.asked_at))
    return f"{number}.{hmac(approval.env, 'email connector approval', asked)}"


def of_link(approvals, state):
    """The approval whose link for the administrator brought *state* back.

    :param approvals: the model, as a superuser's.
    :return: at most one.
    """
    number = state.partition(".")[0]
    if not (state.isascii() and number.isdigit() and len(number) < 10):
        return approvals
    approval = approvals.search([("connector_id", "=", int(number))])
    same = approval and consteq(link_state(approval), state)
    return approval if same else approvals


def note_approved(approval):
    """Say that an administrator has approved. Whoever has the link can do that: it
    changes nothing else, and the sign-in will show if it is true."""
    connector = approval.connector_id
    if approval.approved_at:
        return
    with incident.told(connector):
        approval.approved_at = fields.Datetime.now()
    connector.message_post(
        author_id=connector.env.ref("base.partner_root").id,
        partner_ids=approval.asked_by_id.partner_id.ids,
        subtype_xmlid="mail.mt_note",
        body=connector.env._(
            "Microsoft reports that an administrator has approved the app. Reconnect "
            "to finish, with the button at the top of the mailbox."
        ),
    )
