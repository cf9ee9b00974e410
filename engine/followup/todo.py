"""To-dos about a follow-up, on its customer, for whoever handles it."""

from markupsafe import Markup

from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ..mailbox.people import managers

_lt = LazyTranslate(__name__)

LINK = _lt("The follow-up")


def ask(followup, summary, activity_type=None, note=""):
    """Put a to-do on the customer, for the responsible, once.

    :param summary: str, or a lazy translation.
    :param note: plain text.
    """
    user = responsible(followup)
    text = summary if isinstance(summary, str) else say(followup, user, summary)
    kind = activity_type or followup.env.ref("mail.mail_activity_data_todo")
    wanted = [("summary", "=", text), ("user_id", "=", user.id)]
    if followup.partner_id.activity_ids.filtered_domain(wanted):
        return
    # There is no more in it than everybody may know who sees the customer.
    link = followup._get_html_link(title=say(followup, user, LINK))
    followup.partner_id.activity_schedule(
        activity_type_id=kind.id,
        summary=text,
        note=(plaintext2html(note) if note else "") + Markup("<p>%s</p>") % link,
        user_id=user.id,
    )


def say(followup, user, text):
    """*text* (a lazy translation) in the language of *user*."""
    return followup.with_context(lang=user.lang).env._(text)


def responsible(followup):
    """Who handles what cannot go by itself: the first who is still there, and in the
    company."""
    for user in (
        followup.step_id.user_id,
        followup.plan_id.responsible_id,
        followup.connector_id.connected_by_id,
    ):
        if user.active and followup.company_id in user.company_ids:
            return user
    return managers(followup.connector_id)[:1] or followup.env.ref("base.user_admin")
