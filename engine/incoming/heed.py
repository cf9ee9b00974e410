"""What follows from an email that came back."""

from odoo.tools.translate import LazyTranslate

from ...providers.incoming import Cause
from ...texts.bounces import TODOS
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
    """Say what a bounce was, and write no more to an address that there is not."""
    written_to = (followup.delivery_id.recipients or "").lower()
    written_to = set(filter(None, written_to.split(", ")))
    for cause, recipients in message.by_cause().items():
        _failed(followup, cause, recipients, written_to)


def _failed(followup, cause, recipients, written_to):
    """One :class:`~..providers.incoming.Cause`, and of whom it was said.

    Whoever has our email can make up a bounce; so no other address is believed than
    those that we wrote to.
    """
    failed = set(recipients) & written_to
    if cause is Cause.ADDRESS:
        for contact in contacts(followup.partner_id, failed):
            contact.email_followup_bounced = contact.email_normalized
    names = ", ".join(sorted(failed or recipients or written_to))
    summary = todo.say(followup, todo.responsible(followup), TODOS[cause])
    todo.ask(followup, summary % names)
