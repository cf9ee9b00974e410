"""What people are told of a follow-up's fate: in chatters, and by to-dos."""

from collections import defaultdict

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from . import todo, uncertain
from .addresses import addresses

_lt = LazyTranslate(__name__)

TODO_UNKNOWN = _lt("Was this follow-up sent? See what is known of it, then say so.")
TODO_FAILED = _lt("A follow-up could not be sent: see why, correct it and try again.")
TODO_NO_ADDRESS = _lt("This customer has no valid email address for reminders.")


def sent(followups):
    """They were accepted: tell the customers' invoices; ask about who was refused."""
    show(followups, "sent")
    here = [
        followup.with_context(lang=user.lang)
        for some in followups.grouped(todo.who_decides).values()
        for user in [todo.responsible(some[0])]
        for followup in some
    ]
    _log(followups.env["account.move"], map(_on_invoices, here))
    _log(followups.env["res.partner"], map(_on_customer, here))
    for followup in here:
        _ask_about_refused(followup)


def _log(records, notes):
    """Write notes into chatters, with one statement for all of them.

    :param notes: a list or alike of (records of this model, note).
    """
    bodies = defaultdict(list)
    for some, note in notes:
        for record in some:
            bodies[record.id].append(note)
    bodies = {id_: Markup("<br/>").join(found) for id_, found in bodies.items()}
    records.browse(bodies)._message_log_batch(bodies=bodies)


def _on_invoices(here):
    """:param here: the follow-up, in the language to say it in."""
    note = here.env._(
        "Follow-up sent to %(address)s: %(step)s.",
        address=_reached(here),
        step=here.step_id.name,
    )
    return here._chased_lines().move_id, note


def _reached(here):
    """The addresses it went to; the customer's, if no journal tells."""
    known = [each for contact in here.recipient_ids for each in addresses(contact)]
    return ", ".join(here.delivery_id._reached() if here.delivery_id else known)


def _on_customer(here):
    """That a reminder was sent, and what leads to it those who may read it.

    Everybody who sees the customer reads that: no amounts, no words of the email.

    :param here: the follow-up, in the language to say it in.
    """
    words = here.env._("%s sent a payment reminder.", here.company_id.name)
    link = here._get_html_link(title=here.env._("Look at it"))
    return here.partner_id, Markup("<p>%s %s</p>") % (words, link)


def _ask_about_refused(here):
    for address, words in (here.delivery_id.refused or {}).items():
        text = here.env._(
            "A follow-up was sent, but not to %s: the server refused that address.",
            address,
        )
        todo.ask(here, text, note=words)


def unknown(followup):
    """Perhaps it was sent: a person has to find out."""
    show(followup, "exception")
    user = todo.responsible(followup)
    # A scheduled action has no clock of anybody's.
    here = followup.with_context(lang=user.lang, tz=user.tz or "UTC")
    note = uncertain.told(here)
    if followup.message_id_header:  # the form has it to copy
        note += "\n\n" + here.env._("Message-ID: %s", followup.message_id_header)
    todo.ask(followup, TODO_UNKNOWN, note=note, each=True)


def settled(followups, was_sent):
    """Whether they were sent is not asked any more."""
    answer = followups.env._("It was sent.")
    if not was_sent:
        answer = followups.env._("It is sent again.")
    for followup in followups:
        todo.questions(followup).action_feedback(feedback=answer)


def failed(followup):
    """It was not sent: a person corrects what is wrong."""
    todo.ask(followup, TODO_FAILED)


def unreachable(followup):
    """A person asks for an address, or calls."""
    todo.ask(followup, TODO_NO_ADDRESS)


def handed_over(followup):
    """Give its to-do to a person."""
    step = followup.step_id
    here = step.with_context(lang=todo.responsible(followup).lang)
    note = step.letter and here.env._(
        "The letter is ready: print it, or have it sent by post, from the follow-up."
    )
    todo.ask(followup, here.name, step.activity_type_id, note=note or "")


def show(followups, state):
    """Show what became of the emails, if an interrupted run or a person's word has left
    them in another state.

    Core's queue would look at an ``outgoing`` one again and again.

    :param state: ``sent`` or ``exception``, of the mail and of its notifications.
    """
    mails = followups.mail_id.filtered(lambda mail: mail.state != state)
    failure = {"failure_type": "mail_smtp" if state == "exception" else False}
    mails.write({"state": state, "failure_reason": False, **failure})
    notifications = followups.env["mail.notification"].search(
        [("mail_mail_id", "in", mails.ids)]
    )
    notifications.write({"notification_status": state, **failure})
