"""Reports of failed emails, in the dialects of servers, all about OURS and CUSTOMER.

Written after what these programs send; names and addresses are made up.
"""

import base64

from incoming_samples import CUSTOMER, OURS

STATUS = f"""Reporting-MTA: dns; mx.x.example

Final-Recipient: rfc822; {CUSTOMER}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown
"""
ORIGINAL = f"From: a@acme.example\nTo: {CUSTOMER}\nMessage-ID: {OURS}\n\nbody\n"


def _base64(text):
    return base64.encodebytes(text.encode()).decode()


def report(
    status=STATUS,
    fields="",
    original=("message/rfc822", ORIGINAL),
    head="",
    kind="message/delivery-status",
    outer="multipart/report; report-type=delivery-status",
):
    """A report with a status part."""
    returned = (
        f"--b\nContent-Type: {original[0]}\n\n{original[1]}\n" if original else ""
    )
    return (
        "From: MAILER-DAEMON@mx.x.example\nTo: a@acme.example\nSubject: failure\n"
        f"Message-ID: <b@x.example>\nMIME-Version: 1.0\n{head}"
        f'Content-Type: {outer}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nsorry\n"
        f"--b\nContent-Type: {kind}\n{fields}\n{status}\n{returned}--b--\n"
    ).encode()


def _with(**changes):
    text = STATUS
    for name, value in changes.items():
        old = next(x for x in text.split("\n") if x.startswith(name.replace("_", "-")))
        text = text.replace(old, value)
    return text


_ENCODED = "Content-Transfer-Encoding: base64\n"
_GLOBAL = "message/global-delivery-status"
WITH_STATUS = {
    "as RFC 3464": report(),
    "base64": report(_base64(STATUS), _ENCODED),
    "quoted-printable": report(
        STATUS.replace("smtp; 550", "smtp;=\n 550"),
        "Content-Transfer-Encoding: quoted-printable\n",
    ),
    "blank lines at its beginning": report(f"\n\n{STATUS}"),
    "blank lines with spaces": report(STATUS.replace("\n\n", "\n \n")),
    "Action: failed (…)": report(_with(Action="Action: failed (no such user)")),
    "Action: Failed": report(_with(Action="Action: Failed")),
    "Action: failure": report(_with(Action="Action: failure")),
    "Action: error": report(_with(Action="Action: error")),
    "no Action": report(_with(Action="X-Nothing: 1")),
    "an Action that nobody knows": report(_with(Action="Action: undeliverable")),
    **{
        f"Action: {action}, no Status": report(
            _with(Action=f"Action: {action}", Status="X-Nothing: 1")
        )
        for action in (
            *("undeliverable", "Undelivered", "not delivered", "rejected", "bounced"),
            *("refused", "returned", "permanent-failure", "gone with the wind"),
        )
    },
    "neither Action nor Status, but an answer": report(
        _with(Action="X-Nothing: 1", Status="X-Nothing: 2")
    ),
    "References only": report(original=None, head=f"References: {OURS}\n"),
    "X-Original-Message-ID": report(
        f"X-Original-Message-ID: {OURS}\n{STATUS}", original=None
    ),
    "text/rfc822-headers, base64": report(
        original=(f"text/rfc822-headers\n{_ENCODED.strip()}", _base64(ORIGINAL))
    ),
    "in < >": report(
        _with(Final_Recipient=f"Final-Recipient: RFC822; <{CUSTOMER.upper()}>")
    ),
    "Original-Recipient only": report(STATUS.replace("Final-Rec", "Original-Rec")),
    "behind an alias": report(
        _with(
            Final_Recipient=f"Original-Recipient: rfc822;{CUSTOMER}\n"
            "Final-Recipient: rfc822; internal7@store.local"
        )
    ),
    "X-Actual-Recipient": report(
        _with(
            Final_Recipient="Final-Recipient: rfc822; internal7\n"
            f"X-Actual-Recipient: rfc822; {CUSTOMER}"
        )
    ),
    "X-Failed-Recipients": report(
        _with(Final_Recipient="X-Nothing: 1"),
        head=f"X-Failed-Recipients: {CUSTOMER}\n",
    ),
    "in a mixed": report(outer="multipart/mixed"),
    "RFC 6533": report(kind=_GLOBAL, original=("message/global", ORIGINAL)),
    "RFC 6533, base64": report(
        _base64(STATUS),
        _ENCODED,
        kind=_GLOBAL,
        original=("message/global-headers", ORIGINAL),
    ),
    "in a gateway's report": (
        b"From: postmaster@x.example\nSubject: Delivery Status Notification\n"
        b'Content-Type: multipart/mixed; boundary="g"\n\n'
        b"--g\nContent-Type: message/rfc822\n\n"
    )
    + report()
    + b"\n--g--\n",
}

_QUOTED = f"Return-Path: <a@acme.example>\nMessage-ID: {OURS}\nSubject: Invoices\n"
_POSTMASTER = "postmaster@bluelake.example"


def notice(text, sender=_POSTMASTER, subject="Undeliverable: Invoices", head=None):
    """A notice that only people were meant to read."""
    head = f"In-Reply-To: {OURS}\n" if head is None else head
    return (
        f"From: System <{sender}>\nTo: a@acme.example\nSubject: {subject}\n{head}"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    ).encode()


#: A failure, and whom it names.
NOTICES = {
    "qmail": notice(
        "Hi. This is the qmail-send program at mx.x.example.\nI'm afraid I wasn't able "
        f"to deliver.\n\n<{CUSTOMER}>:\n203.0.113.7 does not like recipient.\nRemote "
        f"host said: 550 5.1.1 unknown\n\n--- Below this line is a copy.\n\n{_QUOTED}",
        "MAILER-DAEMON@mx.x.example",
        "failure notice",
        "",
    ),
    "qmail, in its own words": notice(
        f"Check your e-mail address.\n\n<{CUSTOMER}>:\nSorry, no mailbox here by that "
        f"name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{_QUOTED}",
        "MAILER-DAEMON@mx.x.example",
        "failure notice",
        "",
    ),
    "Exim without its header": notice(
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        f"recipients. The following address(es) failed:\n\n  {CUSTOMER}\n    host mx"
        ".x.example [203.0.113.7]\n    550 5.1.1 Unknown user\n\n"
        f"------ This is a copy of your message, with all headers. ------\n\n{_QUOTED}",
        "Mailer-Daemon@x.example",
        "Mail delivery failed: returning message to sender",
        "",
    ),
    "Postfix, as text": notice(
        "This is the mail system at host mx.x.example.\n\nI'm sorry to have to inform "
        "you that your message could not\nbe delivered.\n\n"
        f"<{CUSTOMER}>: host mx[203.0.113.7] said: 550 5.1.1\n    unknown",
        "MAILER-DAEMON@mx.x.example",
    ),
    "Exchange": notice(
        "Delivery has failed to these recipients or groups:\n\n"
        f"Pay Desk ({CUSTOMER})\nThe email address you entered couldn't be found.\n\n"
        "Diagnostic information for administrators:\n\nGenerating server: x.example\n"
        "#550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found ##"
    ),
    "Outlook": notice(
        "Your message did not reach some or all of the intended recipients.\n\n"
        "      Subject:  Invoices\n      Sent:     8/3/2026 9:00 AM\n\n"
        "The following recipient(s) cannot be reached:\n\n"
        f"      '{CUSTOMER}' on 8/3/2026 9:00 AM\n            550 5.1.1 User unknown"
    ),
    "Exchange, German": notice(
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\n"
        f"{CUSTOMER}\nDie eingegebene E-Mail-Adresse konnte nicht gefunden werden.",
        subject="Unzustellbar: Rechnungen",
    ),
    "Exchange, French": notice(
        f"Échec de la remise à ces destinataires ou groupes :\n\n{CUSTOMER}\n",
        subject="Non remis : Factures",
    ),
    "Exchange, Spanish": notice(
        "No se pudo entregar el mensaje a estos destinatarios o grupos:\n\n"
        f"{CUSTOMER} (mailto:{CUSTOMER})\n",
        subject="No se puede entregar: Facturas",
    ),
    "Exchange, Italian": notice(
        f"Recapito non riuscito per i destinatari o i gruppi seguenti:\n\n{CUSTOMER}\n",
        subject="Non recapitabile: Fatture",
    ),
    "Exchange, Dutch": notice(
        f"De bezorging is mislukt aan deze geadresseerden:\n\n{CUSTOMER}\n",
        subject="Onbestelbaar: Facturen",
    ),
    "GMX": notice(
        "Diese Nachricht wurde automatisch erzeugt.\n\nEine oder mehrere Empfänger "
        f'konnten nicht erreicht werden:\n\n"{CUSTOMER}":\nSMTP error from remote '
        "server for RCPT TO command, host: mx (203.0.113.7) reason: 550 5.1.1 unknown",
        "mailer-daemon@gmx.example",
        "Mail delivery failed: returning message to sender",
    ),
    "GMX, English, in an Exim's words": notice(
        "This message was created automatically by mail delivery software.\n\nThe "
        f'following address failed:\n\n    "{CUSTOMER}":\n    550 5.1.1 unknown',
        "mailer-daemon@gmx.example",
        "Mail delivery failed: returning message to sender",
    ),
    "in curly quotes": notice(f"It could not be delivered.\n\n“{CUSTOMER}”: 550 no"),
    "amavisd": notice(
        f"A message from <a@acme.example> to:\n-> {CUSTOMER}\n\nwas considered "
        "unsolicited bulk e-mail (UBE).\n\nReturn-Path: <a@acme.example>\n"
        f"Message-ID: {OURS}\nSubject: Invoices\n\nThe message WAS NOT relayed to:\n"
        f"<{CUSTOMER}>:\n   554 5.7.0 Reject, id=12-3 - spam",
        subject="Considered UNSOLICITED BULK EMAIL, apparently from you",
        head="Auto-Submitted: auto-replied\n",
    ),
    "amavisd, on one line": notice(
        "BANNED CONTENTS ALERT\n\nOur content checker found\n    banned name: a.exe\n"
        f"in email from you\n\nThe message WAS NOT delivered to: <{CUSTOMER}>\n"
        f"Message-ID: {OURS}",
        subject="BANNED CONTENTS FROM YOU (a.exe)",
        head="Auto-Submitted: auto-replied\n",
    ),
    "MailEnable": notice(
        "MailEnable: Message could not be delivered to some recipients.\n\n"
        f"\tRecipient: [SMTP:{CUSTOMER}]\n\tReason: 550 mailbox unavailable.\n\n"
        f"Message headers follow:\n\n{_QUOTED}",
        subject="Message Delivery Failure",
    ),
    "known to flufl.bounce only: Smail": notice(
        f"|--- Failed addresses follow: ---|\n {CUSTOMER} ... unknown user\n"
        f"|--- Message text follows: ---|\n{_QUOTED}",
        "MAILER-DAEMON@mx.x.example",
        "mail failed, returning to sender",
        "",
    ),
    "known to flufl.bounce only: sendmail of old": notice(
        "   ----- The following addresses had permanent fatal errors -----\n"
        f"<{CUSTOMER}>\n\n   ----- Transcript of session follows -----\n550 unknown",
        "MAILER-DAEMON@mx.x.example",
        "Returned mail: User unknown",
    ),
    "known to flufl.bounce only: a multipart": (
        f"From: MAILER-DAEMON@x.example\nSubject: Mail Error\nIn-Reply-To: {OURS}\n"
        'Content-Type: multipart/mixed; boundary="m"\n\n--m\n\nThis Message was '
        "undeliverable due to the following reason:\n\nNo such user.\n\n"
        f"  <{CUSTOMER}>\n\n--m\nContent-Type: message/rfc822\n\n{_QUOTED}\n--m--\n"
    ).encode(),
    "HTML only": notice(
        "<html><body><p>Delivery has failed to these recipients or groups:</p>"
        f"<p><a href='mailto:{CUSTOMER}'>{CUSTOMER}</a></p></body></html>"
    ).replace(b"text/plain", b"text/html"),
}

#: A failure that names nobody: a person looks, nobody is struck out.
NAMELESS = {
    "nothing but so": notice("Your message could not be delivered."),
    "InterScan": notice(
        "The following mail could not be delivered.\nReason: Exceeded Attempts.",
        "inetgw1@x.example",
        "Mail could not be delivered",
        f"Return-Path: <>\nIn-Reply-To: {OURS}\n",
    ),
    "a virus scanner": notice("Your email was rejected: it is too large."),
}

#: Not lost: it may arrive yet.
LATE = {
    "Exim": notice(
        "This message was created automatically by mail delivery software.\nA message "
        "that you sent has not yet been delivered to one or more of its\nrecipients "
        f"after more than 24 hours.\n\n  {CUSTOMER}\n\nNo action is required.",
        "Mailer-Daemon@x.example",
        "Warning: message 1ab delayed 24 hours",
    ),
    "Exchange": notice(
        f"Delivery to {CUSTOMER} has been postponed due to a full mailbox.\nWe will "
        "continue to try to deliver your message over the next days.",
        subject="Mail Delivery Warning",
    ),
    "a scanner": notice(
        f"could not be delivered to:\n\n{CUSTOMER}\n\nPlease do not resend your "
        "original message.\n\nDelivery attempts will continue to be made for 5 day(s).",
        subject="Delivery failure notification",
    ),
    "relayed": report(_with(Action="Action: relayed", Status="Status: 2.1.9")),
    "delayed": report(_with(Action="Action: delayed (will retry)")),
    **{
        f"{action}, whatever its code": report(_with(Action=f"Action: {action}"))
        for action in ("deferred", "queued", "transferred")
    },
    "an answer for now": report(
        _with(
            Action="Action: unknown",
            Status="X-Nothing: 1",
            Diagnostic_Code="Diagnostic-Code: smtp; 450 try again later",
        )
    ),
}
