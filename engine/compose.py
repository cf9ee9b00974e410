"""Make the email of a follow-up: a message in its own chatter, and its mail.

Not in the customer's: everybody in the house reads that, also who may not read the
invoices. There the email's amounts, and its links that need no account, would be.
"""

from contextlib import suppress
from email.utils import make_msgid
from typing import NamedTuple

from markupsafe import Markup

from odoo import Command
from odoo.tools import formataddr

from ..providers.inline import without_images
from .fees.late import to_keep
from .followup import links, papers
from .followup.addresses import addresses
from .followup.colleagues import copies
from .followup.documents import files
from .followup.signature import signed
from .followup.thread import Thread, conversations
from .mailbox.sender import domain_of, sender_of


class NoAddress(Exception):
    """The customer has no valid email address."""


class Written(NamedTuple):
    """An email that is ready to go."""

    mail: object  #: ``mail.mail``
    thread_id: str  #: the provider's id of the conversation, or ""


class _Email(NamedTuple):
    to: str
    thread: Thread
    subject: str
    body: Markup


def compose(followups):
    """Write the emails of *followups*, each in its customer's language.

    :return: {follow-up: :class:`Written`}; nothing has been sent. Who has no valid
        address is left out.
    """
    emails = _emails(followups)
    messages = _post(emails)
    mails = _mails(emails, messages)
    _notify(messages, mails)
    for followup, email in emails.items():
        _keep(followup, email, messages[followup], mails[followup])
    return {
        followup: Written(mails[followup], email.thread.provider_id())
        for followup, email in emails.items()
    }


def _emails(followups):
    to = {}
    for followup in followups:
        with suppress(NoAddress):
            to[followup] = email_to(followup)
    reachable = followups.filtered(to.__contains__)
    threads = conversations(reachable)
    links.give(reachable._chased_lines().move_id)
    rendered = render(reachable, threads)
    return {
        followup: _Email(to[followup], threads[followup], *rendered[followup])
        for followup in reachable
    }


def _post(emails):
    """{follow-up: the message in its chatter}. Of a picture, Odoo would make a file."""
    values = [_message(followup, email) for followup, email in emails.items()]
    followups = next(iter(emails), None)
    messages = followups._message_create(values) if values else ()
    return dict(zip(emails, messages, strict=True))


def _message(followup, email):
    connector = followup.connector_id
    sender = sender_of(connector)
    return {
        "model": followup._name,
        "res_id": followup.id,
        "subject": email.subject,
        # Rendered, or a person's own.
        "body": Markup(without_images(email.body)),  # nosec B704
        "message_type": "email_outgoing",
        "subtype_id": followup.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
        "record_company_id": followup.company_id.id,
        "record_alias_domain_id": followup.company_id.alias_domain_id.id,
        "author_id": _author(connector).id,
        "email_from": sender,
        "reply_to": sender,
        "message_id": make_msgid(domain=domain_of(connector)),
        "attachment_ids": [Command.set(attachments(followup).ids)],
    }


def _mails(emails, messages):
    """{follow-up: the email of its message}: the same words in their frame, to these
    addresses."""
    values = [
        {
            "mail_message_id": messages[followup].id,
            "body_html": layout(followup, email.body),
            "email_to": email.to,
            "email_cc": copies_to(followup),
            "headers": repr(AUTOMATIC | email.thread.headers()),
            "references": email.thread.references(),
            "auto_delete": False,
        }
        for followup, email in emails.items()
    ]
    mails = next(iter(emails)).env["mail.mail"].create(values) if values else ()
    for followup, mail in zip(emails, mails, strict=True):
        mail.email_followup_id = followup
    return dict(zip(emails, mails, strict=True))


def _keep(followup, email, message, mail):
    """Write down which email it is, and how a later step can answer it."""
    followup.write(
        {
            "mail_message_id": message.id,
            "mail_id": mail.id,
            "message_id_header": message.message_id,
            "thread_root": email.thread.root,
            "thread_mailbox": email.thread.mailbox,
            "thread_subject": email.subject.removeprefix(Thread.RE),
            **_terms(followup),
        }
    )


def _terms(followup):
    """The interest that it mentions; what a person has written says that of its day."""
    if followup.body and followup.interest_terms:
        return {}
    return to_keep(followup.step_id, followup.plan_id, followup._today())


#: Stops automatic answers: https://www.rfc-editor.org/rfc/rfc3834#section-5
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def email_to(followup):
    """The recipients' names and addresses, as one header value.

    :raises NoAddress: if the address is missing or not valid.
    """
    named = {}
    for partner in followup.recipient_ids:
        for address in addresses(partner):
            named.setdefault(address, " ".join((partner.name or "").split()))
    if not named:
        raise NoAddress(followup.partner_id.email or "")
    return ", ".join(formataddr((name, address)) for address, name in named.items())


def copies_to(followup):
    """The addresses of copies as one header value: a person's choice, or the step's."""
    return followup.cc if followup.body else copies(followup).cc


def _author(connector):
    person = connector.connected_by_id.partner_id
    return person or connector.company_id.partner_id


def render(followups, threads=None):
    """{follow-up: (subject in one line, body)}, as they leave: a person's own, or the
    template's.

    The template's subject gives way to that of the conversation, a person's does not:
    then the emails are joined by their References only.

    :param followups: may be in memory only (``new``): so their ``_ids``, not ``ids``.
    :param threads: their :func:`.followup.thread.conversations`, if known.
    """
    by_hand = followups.filtered("body")
    found = {each: (_one_line(each.subject), each.body) for each in by_hand}
    rest = followups - by_hand
    threads = threads or conversations(rest)
    for template, some in rest.grouped(lambda each: each.step_id.template_id).items():
        found |= _render(template, some, threads)
    return found


def _render(template, followups, threads):
    template._check_renders(followups)
    ids, options = followups._ids, {"post_process": True}
    subjects = template._render_field("subject", ids, compute_lang=True)
    bodies = template._render_field(
        "body_html", ids, compute_lang=True, options=options
    )
    return {
        followup: (
            threads[followup].subject(_one_line(subjects[followup.id])),
            signed(
                followup,
                Markup(bodies[followup.id]),  # nosec B704 # QWeb has escaped it
            ),
        )
        for followup in followups
    }


def _one_line(subject):
    """*subject* without line breaks; French keeps its narrow spaces before a colon."""
    return " ".join(line.strip() for line in subject.splitlines()).strip()


def layout(followup, body):
    """*body* in a plain frame, as a person's own mail program would make it."""
    values = {"body": body, "html_lang": followup.lang.replace("_", "-")}
    return followup.env["ir.qweb"]._render(
        "account_email_connector.followup_layout", values, lang=followup.lang
    )


def attachments(followup):
    """The files that a person chose, else the PDFs that the step attaches; and the
    statement of account, if the step says so."""
    files = followup.attachment_ids
    if not followup.body:
        files = stored_pdfs(followup.step_id, followup._chased_lines().move_id)
    return files | papers.attached(followup)


def stored_pdfs(step, moves):
    """The PDFs that *step* attaches, and e-invoice files. Nothing is rendered here: see
    :mod:`.sending.documents`."""
    return files(moves if step.attach_invoices else moves.browse())


def _notify(messages, mails):
    """Let the chatters show whom the emails went to, and what became of them."""
    values = [
        {
            "mail_message_id": message.id,
            "mail_mail_id": mails[followup].id,
            "res_partner_id": recipient.id,
            "notification_type": "email",
            "notification_status": "ready",
            "is_read": True,
        }
        for followup, message in messages.items()
        for recipient in followup.recipient_ids
    ]
    if values:
        next(iter(messages)).env["mail.notification"].create(values)
