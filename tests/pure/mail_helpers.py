"""Emails to send, for the tests of mail servers."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from account_email_connector.providers.envelope import outgoing_email

ACCOUNT = "accounting@acme.example"
PASSWORD = "correct horse"
CUSTOMER = "customer@buyer.example"


def compose(
    subject="Reminder", to=(CUSTOMER,), bcc=(), body="Please pay.\n", **headers
):
    """An email as Odoo would hand it over, to *to* and *bcc*."""
    message = EmailMessage(policy=SMTP)
    message["Message-Id"] = make_msgid(domain="odoo.acme.example")
    message["Subject"] = subject
    message["From"] = f'"ACME" <{ACCOUNT}>'
    message["To"] = list(to)
    message["Date"] = "Mon, 02 Feb 2026 10:00:00 -0000"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body, charset="utf-8")
    return outgoing_email(message, ACCOUNT, [*to, *bcc])
