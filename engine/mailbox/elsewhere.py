"""An incident is told by email where Odoo has no mail server of its own.

The email then leaves from a mailbox that is at work, of another company: only to
somebody who is an accounting manager of both companies. They may connect that mailbox
themselves, so it writes to one of its own people, about a company of theirs; no other
mailbox ever speaks for a company, and nobody else is written to. Who has nothing of the
kind is told in Odoo only, and their to-do says so.
"""

from markupsafe import Markup

from .people import managers
from .sender import sender_of


def mailbox_for(mail):
    """The connector by which *mail* leaves, once Odoo's own server did not take it.

    :param mail: a ``mail.mail`` that tells of an incident, as a superuser's.
    :return: at most one; empty while nothing has been tried.
    """
    broken = mail.email_incident_id
    if not mail.failure_reason:
        return broken.browse()
    users = managers(broken).filtered(lambda u: u.partner_id in mail.recipient_ids)
    others = broken.search(
        [
            ("state", "=", "connected"),
            ("company_id", "in", users.company_ids.ids),
            ("company_id.active", "=", True),
        ]
    )
    own = broken.email
    return others.filtered(lambda other: other.email != own)[:1]


def heed_failure(mail, was_elsewhere):
    """*mail* did not leave: try the other mailbox, or say in the to-do that it failed.

    :param was_elsewhere: whether it was the other mailbox that did not take it.
    """
    other = not was_elsewhere and mailbox_for(mail)
    if not other:
        _note_untold(mail)
        return
    sender = sender_of(other)
    mail.write({"state": "outgoing", "email_from": sender, "reply_to": sender})
    mail.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()


def _note_untold(mail):
    names = ", ".join(mail.recipient_ids.mapped("name"))
    kind = mail.env.ref("account_email_connector.activity_type_reconnect")
    todos = mail.email_incident_id.activity_ids
    for todo in todos.filtered(lambda each: each.activity_type_id == kind):
        text = mail.with_context(lang=todo.user_id.lang).env._(
            "%s could not be told by email: Odoo's own mail server did not take it, or "
            "there is none, and no other mailbox may tell them.",
            names,
        )
        if text not in (todo.note or ""):
            todo.note = (todo.note or Markup()) + Markup("<p>%s</p>") % text
