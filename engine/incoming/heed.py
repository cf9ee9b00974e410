"""What follows from an email that came back."""

from odoo.tools.translate import LazyTranslate

from ..followup import todo
from .contacts import contacts

_lt = LazyTranslate(__name__)

TODO_ANSWERED = _lt("The customer has answered. Read it, then go on with follow-ups.")
ACTIVITY = "account_email_connector.activity_type_answered"


def answered(followup):
    """Leave the customer alone until a person goes on."""
    followup.partner_id._email_followup_note(
        {"email_followup_answered": True}, followup.company_id
    )
    ask_to_read(followup)


def ask_to_read(followups):
    """Give the responsible a to-do: the customer has answered."""
    kind = followups.env.ref(ACTIVITY, raise_if_not_found=False)  # somebody deleted it
    for followup in followups:
        todo.ask(followup, TODO_ANSWERED, kind)


def bounced(followup, message):
    """Write no more to the address that we wrote to, and ask for a better one.

    Whoever has our email can make up a bounce; so no other address is believed.
    """
    written_to = followup.delivery_id.recipients or ""
    failed = set(message.recipients) & {a.lower() for a in written_to.split(", ")}
    for contact in contacts(followup.partner_id, failed):
        contact.email_followup_bounced = contact.email_normalized
    user = todo.responsible(followup)
    here = followup.with_context(lang=user.lang)
    text = here.env._(
        "A follow-up to %s came back: correct the address.",
        ", ".join(sorted(failed or message.recipients)),
    )
    todo.ask(followup, text)
