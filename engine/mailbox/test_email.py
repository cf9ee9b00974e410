"""The test email, from a mailbox to itself."""

from email.message import EmailMessage
from email.utils import localtime, make_msgid

from ...providers.base import OutgoingEmail
from ...providers.deadline import NEVER
from ..secrets import mailboxes
from . import copies, habit
from .sender import domain_of, sender_of


def send(connector, deadline=NEVER):
    """Send an email from the mailbox of *connector* to itself.

    :param deadline: by when it must have ended.
    :raises Outcome: if the mailbox does not accept it.
    """
    email = write(connector)
    journal = connector.env["account.email.delivery"]

    def deliver(mailbox):
        mailbox().end_by(deadline)
        journal._deliver(connector, mailbox(), email)
        mailbox().close()
        habit.note(connector, mailbox)

    mailboxes.ask(connector, deliver)


def write(connector, pdfs=()):
    """The email, an ``OutgoingEmail`` with a Message-ID of its own.

    :param pdfs: what is attached to it: names and bytes.
    """
    message = _message(connector)
    for name, pdf in pdfs:
        message.add_attachment(
            pdf, maintype="application", subtype="pdf", filename=name
        )
    return OutgoingEmail(message, connector.sender_address, (connector.email,))


def _message(connector):
    env = connector.env
    message = EmailMessage()
    message["From"] = sender_of(connector)
    message["To"] = connector.email
    message["Subject"] = env._("Test of the email connector")
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=domain_of(connector))
    message.set_content(
        env._(
            "This mailbox is connected to Odoo: follow-ups of %(company)s leave from "
            "%(address)s. %(copies)s",
            company=connector.company_id.name,
            address=connector.sender_address,
            copies=copies.where(connector),
        )
    )
    return message
