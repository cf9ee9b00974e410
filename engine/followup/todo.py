"""To-dos about a follow-up, on its customer, for whoever handles it."""

from markupsafe import Markup

from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ..mailbox.people import managers

_lt = LazyTranslate(__name__)

LINK = _lt("The follow-up")


def ask(followup, summary, activity_type=None, note="", each=False):
    """Put a to-do on the customer, for the responsible, once.

    :param summary: str, or a lazy translation.
    :param note: plain text.
    :param each: once for each follow-up; by default, once for all of the customer's.
    """
    user = responsible(followup)
    text = summary if isinstance(summary, str) else say(followup, user, summary)
    kind = activity_type or followup.env.ref("mail.mail_activity_data_todo")
    wanted = [("summary", "=", text), ("user_id", "=", user.id)]
    asked = followup.partner_id.activity_ids.filtered_domain(wanted)
    if _about(followup, asked) if each else asked:
        return
    # There is no more in it than everybody may know who sees the customer.
    link = followup._get_html_link(title=say(followup, user, LINK))
    followup.partner_id.activity_schedule(
        activity_type_id=kind.id,
        summary=text,
        note=(plaintext2html(note) if note else "") + Markup("<p>%s</p>") % link,
        user_id=user.id,
    )


def questions(followup):
    """The to-dos, of whoever, that have been asking about it since it was tried."""
    tried = followup.delivery_id.started_at
    asked = _about(followup, followup.partner_id.activity_ids)
    return asked.filtered(lambda todo: not tried or todo.create_date >= tried)


def _about(followup, todos):
    """Those of *todos* whose link leads to this follow-up."""
    link = f'data-oe-model="{followup._name}" data-oe-id="{followup.id}"'
    return todos.filtered(lambda todo: link in (todo.note or ""))


def say(followup, user, text):
    """*text* (a lazy translation) in the language of *user*."""
    return followup.with_context(lang=user.lang).env._(text)


def responsible(followup):
    """Who handles what cannot go by itself: the first who is still there, and in the
    company."""
    users = followup.step_id.user_id, followup.plan_id.responsible_id
    return somebody(followup.connector_id, followup.company_id, *users)


def somebody(connector, company, *users):
    """The first of *users* who is still there, and in the company; else whoever
    connected the mailbox, or manages it."""
    for user in (*users, connector.connected_by_id):
        if user.active and company in user.company_ids:
            return user
    return managers(connector)[:1] or connector.env.ref("base.user_admin")
