"""Show an email before there is one."""

from markupsafe import escape

from odoo.exceptions import UserError

from ..compose import layout, render
from .ledger import PLANNED, TO_REVIEW


def shown(followup):
    """Subject and whole email of *followup*: as it was sent, or as it would go now.

    Of an old one its message, without the frame: :mod:`.retention`. Of one whose
    template has a mistake: what is wrong, in place of the email.
    """
    mail, message = followup.mail_id, followup.mail_message_id
    if message and not mail:
        return message.subject, message.body
    is_to_go = followup.channel == "email" and followup.state in (TO_REVIEW, PLANNED)
    if mail or not is_to_go:
        return mail.subject, mail.body_html
    try:
        subject, body = render(followup)[followup]
    except UserError as error:
        return False, escape(str(error))
    return subject, layout(followup, body)


def preview(env, values, lang=None):
    """Render the email of a follow-up that does not exist.

    The template gets a record that is in memory only. A real one, taken back, would
    take the cache with it: a form that is being filled in would lose what its user has
    just chosen.

    :param env: with the right to see all that the email shows.
    :param values: the values of the ledger row.
    :param lang: render in this language instead of the customer's.
    :return: (subject, body, whole email), the last two as HTML.
    """
    followup = in_memory(env, values, lang)
    subject, body = render(followup)[followup]
    return subject, str(body), str(layout(followup, body))


def in_memory(env, values, lang=None):
    """The follow-up of these values, which does not exist: see :func:`preview`."""
    followups = env["account.email.followup"]
    return followups.with_context(email_followup_lang=lang).new(values)
