"""Emails and kept tokens for the tests of Microsoft and Google."""

import json
import time
from email.message import EmailMessage
from email.policy import SMTP

import msal
from account_email_connector.providers.base import OutgoingEmail
from oauth_server import ANNA, CLIENT_ID, GOOGLE_SCOPES, ms_tokens

PDF = b"%PDF-1.7 " + bytes(range(256))


def an_email(*, attachment=None, thread_id="", html="<p>Grüße</p>", **headers):
    """Return an email to two people and a third in secret."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Anna Lake <{ANNA}>"
    message["To"] = "Zoë <zoe@customer.example>"
    message["Cc"] = "boss@customer.example"
    message["Bcc"] = "archive@bluelake.example"
    message["Subject"] = "Überfällige Rechnung INV/2026/00001"
    message["Message-ID"] = "<followup-1@odoo.bluelake.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Grüße")
    if html:
        message.add_alternative(html, subtype="html")
    if attachment is not None:
        message.add_attachment(
            attachment, maintype="application", subtype="pdf", filename="Rechnung.pdf"
        )
    recipients = (
        "zoe@customer.example",
        "boss@customer.example",
        "archive@bluelake.example",
    )
    return OutgoingEmail(message, ANNA, recipients, thread_id)


def microsoft_token(**answer):
    """Return msal's cache as it is after a sign-in."""
    cache = msal.SerializableTokenCache()
    response = ms_tokens(**answer)
    cache.add(
        {
            "client_id": CLIENT_ID,
            "scope": response["scope"].split(),
            "token_endpoint": "https://localhost/common/oauth2/v2.0/token",
            "response": response,
        }
    )
    return cache.serialize()


def google_token(*, expires_in=3000, scope=GOOGLE_SCOPES, **more):
    """Return what is kept after a sign-in."""
    expiry = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + expires_in))
    kept = {
        "token": "planted-access-token",
        "refresh_token": "planted-refresh-token",
        "expiry": expiry,
        "scopes": scope.split(),
    }
    return json.dumps(kept | more)


LONG_ID = f"<{'AM0PR04MB1234567890' * 3}@AM0PR04MB1234.eurprd04.prod.outlook.com>"
#: What Python up to 3.13 breaks (see ``wire_format.WirePolicy``), as it has to arrive.
HARD_TO_FOLD = {
    "References": f"<followup-0@odoo.bluelake.example> {LONG_ID}",
    "In-Reply-To": LONG_ID,
    "Reply-To": "books@xn--bluelke-9wa.example",
}


def hard_to_fold():
    return an_email(
        References=HARD_TO_FOLD["References"],
        In_Reply_To=HARD_TO_FOLD["In-Reply-To"],
        Reply_To="books@blueläke.example",
    )


def headers_as_they_are(raw):
    """The headers of :data:`HARD_TO_FOLD` in these bytes, unfolded, never decoded."""
    head = raw.decode().partition("\r\n\r\n")[0].replace("\r\n ", " ")
    lines = dict(line.split(": ", 1) for line in head.split("\r\n"))
    return {name: lines[name] for name in HARD_TO_FOLD}
