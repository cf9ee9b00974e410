"""What customers answer to the emails that they got: real emails, to the mailbox."""

import smtplib
import time
from email.message import EmailMessage

from . import people

WORDS = (
    "Hello,\n\nwe paid this by cheque on Friday. Has it not reached you?\n\nBest,\nRosa"
)


def arrive(env, mail):
    """Put the answers into the Inboxes of the mailboxes, unless they are there.

    :param mail: what the mail server says of itself.
    :return: whether any came.
    """
    names = [each.name for each in people.CUSTOMERS if each.happened == "answers"]
    sent = env["account.email.followup"].search(
        [
            ("partner_id.name", "in", names),
            ("message_id_header", "!=", False),
            ("partner_id.email_followup_answered", "=", False),
        ]
    )
    if sent:
        time.sleep(1.1)  # reading begins with the next whole second
    for followup in sent:
        _deliver(mail, followup, _answer(followup))
    return bool(sent)


def _answer(followup):
    domain = followup.partner_id.email.partition("@")[2]
    message = EmailMessage()
    message["From"] = f"{followup.partner_id.name} <{followup.partner_id.email}>"
    message["To"] = followup.connector_id.email
    message["Subject"] = "Re: Your reminder"
    message["Message-ID"] = f"<answer-{followup.id}@{domain}>"
    message["In-Reply-To"] = followup.message_id_header
    message.set_content(WORDS)
    return message


def _deliver(mail, followup, message):
    with smtplib.LMTP(mail["host"], mail["lmtp"]) as server:
        server.send_message(
            message, followup.partner_id.email, [followup.connector_id.email]
        )
