"""What follows from an email that came back."""

from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ...providers.incoming import Cause
from ...texts.bounces import IN_A_ROW, NOTES, TODOS
from ..followup import todo
from ..followup.addresses import shared, split
from . import about_us, in_a_row
from .contacts import contacts
from .house import is_ours
from .known import LEFT

_lt = LazyTranslate(__name__)

TODO_ANSWERED = _lt("The customer has answered. Read it, then go on with follow-ups.")
ACTIVITY = "account_email_connector.activity_type_answered"


def answered(followup):
    """Leave the customer alone until a person goes on."""
    followup.partner_id._email_followup_note(
        {"email_followup_answered": True}, followup.company_id
    )
    ask_to_read(followup)


def fetched(followups, sender):
    """Heed what Odoo's own mail gateway has put there: it is to be read.

    It may be a machine's: that alone is no reason to leave the customer alone.

    :param sender: its author, as its header has it.
    """
    (address,) = split(sender)[:1] or [""]
    ask_to_read(each for each in followups if not is_ours(each, address))


def ask_to_read(followups):
    """Give the responsible a to-do: the customer has answered."""
    for followup in followups:
        kind = followup.env.ref(ACTIVITY, raise_if_not_found=False)  # or it was deleted
        todo.ask(followup, TODO_ANSWERED, kind)


def bounced(followup, seen, message):
    """Say what a bounce was, and write no more to an address that there is not.

    :param seen: what is written down of it (``account.email.incoming``).
    """
    if followup.state not in LEFT:  # its attempt came back before, and it goes again
        return
    goes_again = about_us.heed(followup, seen, message)
    for cause, recipients in message.by_cause().items():
        failed = sorted(set(recipients) & (seen.failed or {}).keys())
        if cause is Cause.ADDRESS:
            for contact in contacts(followup.partner_id, failed):
                _strike_out(contact, failed)
        elif goes_again:
            continue
        _tell(followup, cause, failed, recipients)


def _strike_out(contact, failed):
    """Write no more to what came back; to the contact's other addresses, as before."""
    came_back = [*shared(contact.email, failed), *split(contact.email_followup_bounced)]
    own = [each for each in split(contact.email) if each in came_back]
    contact.email_followup_bounced = ", ".join(own)


def _tell(followup, cause, failed, recipients):
    """Let a person care, or the plan: what may pass is only noted at first.

    :param failed: whom of those that we wrote to it did not reach.
    :param recipients: of whom it was said, perhaps of others.
    """
    if failed and cause in NOTES and in_a_row.comes_again(followup):
        _note(followup, NOTES[cause], failed)
        failed = [each for each in failed if in_a_row.too_many(followup, each)]
        if failed:
            _ask(followup, IN_A_ROW, failed)
        return
    written_to = followup.delivery_id._written_to()
    _ask(followup, TODOS[cause], failed or recipients or written_to)


def _ask(followup, text, addresses):
    summary = todo.say(followup, todo.responsible(followup), text)
    todo.ask(followup, summary % ", ".join(sorted(addresses)))


def _note(followup, text, addresses):
    """A line in the follow-up's own story."""
    text = todo.say(followup, todo.responsible(followup), text)
    followup._message_log(body=plaintext2html(text % ", ".join(addresses)))
