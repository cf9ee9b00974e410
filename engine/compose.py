"""Make the email of a follow-up: a message in its own chatter, and its mail.

Not in the customer's: everybody in the house reads that, also who may not read the
invoices. There the email's amounts, and its links that need no account, would be.
"""

from email.utils import make_msgid

from markupsafe import Markup

from odoo.tools import formataddr

from ..providers.inline import without_images
from .fees.late import to_keep
from .followup import papers
from .followup.addresses import addresses
from .followup.colleagues import copies
from .followup.documents import files
from .followup.signature import signed
from .followup.thread import Thread
from .mailbox.sender import domain_of, sender_of


class NoAddress(Exception):
    """The customer has no valid email address."""


def compose(followup):
    """Write the email of *followup*, in the customer's language.

    :return: the ``mail.mail``, ready to go; nothing has been sent.
    :raises NoAddress: if there is nobody to write to.
    """
    to = email_to(followup)
    thread = Thread(followup)
    subject, body = render(followup)
    message = _post(followup, subject, body)
    mail = _mail(followup, message, thread, layout(followup, body), to)
    _notify(followup, message, mail)
    _keep(followup, message, mail, thread, subject)
    return mail


def _post(followup, subject, body):
    """The message in the follow-up's chatter: of a picture, Odoo would make a file."""
    connector = followup.connector_id
    chatter = followup.with_context(mail_post_autofollow_author_skip=True)
    return chatter.message_post(
        subject=subject,
        body=Markup(without_images(body)),  # nosec B704 # rendered, or a person's own
        message_type="email_outgoing",
        subtype_xmlid="mail.mt_comment",
        author_id=_author(connector).id,
        email_from=sender_of(connector),
        reply_to=sender_of(connector),
        message_id=make_msgid(domain=domain_of(connector)),
        attachment_ids=attachments(followup).ids,
        notify_skip_followers=True,
    )


def _mail(followup, message, thread, html, to):
    """The email of *message*: the same words in their frame, to these addresses."""
    return followup.env["mail.mail"].create(
        {
            "mail_message_id": message.id,
            "email_followup_id": followup.id,
            "body_html": html,
            "email_to": to,
            "email_cc": copies_to(followup),
            "headers": repr(AUTOMATIC | thread.headers()),
            "references": thread.references(),
            "auto_delete": False,
        }
    )


def _keep(followup, message, mail, thread, subject):
    """Write down which email it is, and how a later step can answer it."""
    followup.write(
        {
            "mail_message_id": message.id,
            "mail_id": mail.id,
            "message_id_header": message.message_id,
            "thread_root": thread.root,
            "thread_mailbox": thread.mailbox,
            "thread_subject": subject.removeprefix(Thread.RE),
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


def render(followup):
    """Subject (one line) and body, as they leave: a person's own, or the template's.

    The template's subject gives way to that of the conversation, a person's does not:
    then the emails are joined by their References only.

    :param followup: may be in memory only (``new``): so its ``_ids``, not its ``ids``.
    """
    if followup.body:
        return _one_line(followup.subject), followup.body
    template, ids = followup.step_id.template_id, followup._ids
    template._check_renders(followup)
    options = {"post_process": True}
    subject = template._render_field("subject", ids, compute_lang=True)
    body = template._render_field("body_html", ids, compute_lang=True, options=options)
    subject = Thread(followup).subject(_one_line(subject[followup.id]))
    body = Markup(body[followup.id])  # nosec B704 # QWeb has escaped it
    return subject, signed(followup, body)


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


def _notify(followup, message, mail):
    """Let the chatter show whom the email went to, and what became of it."""
    followup.env["mail.notification"].create(
        [
            {
                "mail_message_id": message.id,
                "mail_mail_id": mail.id,
                "res_partner_id": recipient.id,
                "notification_type": "email",
                "notification_status": "ready",
                "is_read": True,
            }
            for recipient in followup.recipient_ids
        ]
    )
