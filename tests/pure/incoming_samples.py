"""Emails as they come back in real life, about an email of ours with Message-ID OURS.

Written after what these programs send; names and addresses are made up.
"""

OURS = "<172300.1754.followup@acme.example>"
ROOT = "<172300.1700.followup-root@acme.example>"
CUSTOMER = "pay@bluelake.example"


def _crlf(text):
    return text.strip("\n").replace("\n", "\r\n").encode() + b"\r\n"


def reply(ours=OURS, root=ROOT, sender=CUSTOMER, own="<answer-1@bluelake.example>"):
    """Thunderbird, answered below a quote."""
    return _crlf(
        f"""
Message-ID: {own}
Date: Mon, 3 Aug 2026 10:21:07 +0200
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Subject: =?UTF-8?Q?Re=3A_Your_open_invoices_=E2=80=93_Acme?=
Content-Language: en-US
To: Acme <accounting@acme.example>
References: {root} {ours}
From: =?UTF-8?B?Wm/DqyBMYWtl?= <{sender}>
In-Reply-To: {ours}
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

We paid on Friday. Grüße, Zoë

Am 03.08.26 um 09:00 schrieb Acme:
> Dear Zoë,
> the following invoices are open:
> INV/2026/00001
"""
    )


def outlook(ours=OURS, sender=CUSTOMER):
    """Outlook on an old server: on top of a quote, HTML only, no References."""
    return _crlf(
        f"""
Received: from mail.bluelake.example (203.0.113.7) by mx.acme.example
From: Zoe Lake <{sender}>
To: Acme <accounting@acme.example>
Subject: RE: Your open invoices
Thread-Topic: Your open invoices
Thread-Index: AdwEPvL7c5nF2A==
Date: Mon, 3 Aug 2026 08:40:11 +0000
Message-ID: <AM0PR01MB5555@AM0PR01MB5555.eurprd01.prod.exchangelabs.com>
In-Reply-To: {ours}
X-MS-Has-Attach: yes
X-MS-TNEF-Correlator:
Content-Type: multipart/mixed; boundary="_004_"
MIME-Version: 1.0

--_004_
Content-Type: text/html; charset="Windows-1252"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Please send invoice 1 again=85</p>
<script>alert(1)</script><img src=3D"https://tracker.example/x.gif" onerror=3D"a()">
<div id=3D"divRplyFwdMsg">From: Acme<br>Subject: Your open invoices</div></body></html>
--_004_
Content-Type: application/vnd.ms-word; name="order.docm"
Content-Disposition: attachment; filename="order.docm"
Content-Transfer-Encoding: base64

UEsDBBQABgAIAAAAIQ==
--_004_--
"""
    )


def gmail(own="<CAF-thread-only@mail.gmail.com>", sender=CUSTOMER):
    """A phone that lost all references: only Gmail knows the thread."""
    return _crlf(
        f"""
From: Zoe <{sender}>
To: accounting@acme.example
Subject: Your open invoices
Message-ID: {own}
Date: Mon, 03 Aug 2026 12:00:00 +0200
Content-Type: text/plain

On Thursday.
"""
    )


def out_of_office(ours=OURS, root=ROOT, sender=CUSTOMER):
    """Exchange's automatic reply."""
    return _crlf(
        f"""
From: Zoe Lake <{sender}>
To: Acme <accounting@acme.example>
Subject: Automatic reply: Your open invoices
Date: Mon, 3 Aug 2026 07:00:05 +0000
Message-ID: <2b7f4f9f@AM0PR01MB5555.eurprd01.prod.exchangelabs.com>
References: {root} {ours}
In-Reply-To: {ours}
X-MS-Has-Attach:
X-Auto-Response-Suppress: All
X-MS-Exchange-Inbox-Rules-Loop: {sender}
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset="us-ascii"

I am away until 17 August. Please write to Tom.
"""
    )


def vacation(ours=OURS, sender=CUSTOMER):
    """Dovecot's Sieve."""
    return _crlf(
        f"""
X-Sieve: Pigeonhole Sieve
Message-ID: <dovecot-sieve-1@bluelake.example>
Date: Mon, 03 Aug 2026 09:00:02 +0200
From: <{sender}>
To: <accounting@acme.example>
Subject: Away
In-Reply-To: {ours}
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Back on Monday.
"""
    )


def read_receipt(ours=OURS, sender=CUSTOMER):
    """RFC 8098: the email was opened."""
    return _crlf(
        f"""
From: Zoe Lake <{sender}>
To: accounting@acme.example
Subject: Read: Your open invoices
Message-ID: <read-1@bluelake.example>
In-Reply-To: {ours}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="r"

--r
Content-Type: text/plain

Your message was read.
--r
Content-Type: message/disposition-notification

Final-Recipient: rfc822;{sender}
Original-Message-ID: {ours}
Disposition: manual-action/MDN-sent-manually; displayed
--r--
"""
    )


def exchange_bounce(ours=OURS, root=ROOT, recipient=CUSTOMER):
    """Exchange Online's non-delivery report."""
    return _crlf(
        f"""
From: <postmaster@acme.onmicrosoft.com>
To: <accounting@acme.example>
Subject: Undeliverable: Your open invoices
Date: Mon, 3 Aug 2026 07:00:09 +0000
Message-ID: <ndr-1@DB8PR01MB0001.eurprd01.prod.exchangelabs.com>
In-Reply-To: {ours}
References: {root} {ours}
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="ndr"

--ndr
Content-Type: multipart/alternative; differences=Content-Type; boundary="alt"

--alt
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to {recipient} couldn't be delivered.

--alt
Content-Type: text/html; charset="us-ascii"

<html><body><b>Your message couldn't be delivered.</b></body></html>
--alt--
--ndr
Content-Type: message/delivery-status

Reporting-MTA: dns;DB8PR01MB0001.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;AM9PR01MB0001.eurprd01.prod.exchangelabs.com
Arrival-Date: Mon, 3 Aug 2026 07:00:07 +0000

Final-Recipient: rfc822;{recipient}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found
--ndr
Content-Type: message/rfc822

From: Acme <accounting@acme.example>
To: {recipient}
Subject: Your open invoices
Message-ID: {ours}
References: {root}

body
--ndr--
"""
    )


def postfix_bounce(ours=OURS, root=ROOT, recipient=CUSTOMER, action="failed"):
    """Postfix: which email it is about stands in the returned headers only."""
    return _crlf(
        f"""
Return-Path: <>
Date: Mon,  3 Aug 2026 09:00:03 +0200 (CEST)
From: MAILER-DAEMON@mx.acme.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: accounting@acme.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4D6F.1754204403/mx.acme.example"
Content-Transfer-Encoding: 7bit
Message-Id: <20260803070003.4D6F@mx.acme.example>

This is a MIME-encapsulated message.

--4D6F.1754204403/mx.acme.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.acme.example.

<{recipient}>: host mx.bluelake.example[203.0.113.7] said: 550 5.1.1 User unknown

--4D6F.1754204403/mx.acme.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example
X-Postfix-Queue-ID: 4D6F
X-Postfix-Sender: rfc822; accounting@acme.example
Arrival-Date: Mon,  3 Aug 2026 09:00:01 +0200 (CEST)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: 5.1.1
Remote-MTA: dns; mx.bluelake.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4D6F.1754204403/mx.acme.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 7bit

Return-Path: <accounting@acme.example>
From: Acme <accounting@acme.example>
To: {recipient}
Subject: Your open invoices
Message-Id: {ours}
References: {root}

--4D6F.1754204403/mx.acme.example--
"""
    )


def gmail_bounce(ours=OURS, root=ROOT, recipient=CUSTOMER):
    """Gmail's "Address not found": it knows our Message-ID only from our own header."""
    replaced = "<CAK-replaced@mail.gmail.com>"
    return _crlf(
        f"""
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: clara@greenfield.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {replaced}
In-Reply-To: {replaced}
X-Failed-Recipients: {recipient}
Message-ID: <688f1c03.gmr@mx.google.com>
Date: Mon, 03 Aug 2026 00:01:07 -0700 (PDT)
Content-Type: multipart/report; boundary="000000000000a"; report-type=delivery-status

--000000000000a
Content-Type: multipart/related; boundary="000000000000b"

--000000000000b
Content-Type: multipart/alternative; boundary="000000000000c"

--000000000000c
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to {recipient} because the address couldn't be found.
--000000000000c
Content-Type: text/html; charset="UTF-8"

<html><body>Address not found</body></html>
--000000000000c--
--000000000000b
Content-Type: image/png; name="icon.png"
Content-Disposition: attachment; filename="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=
--000000000000b--
--000000000000a
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 03 Aug 2026 00:01:06 -0700 (PDT)
X-Original-Message-ID: {replaced}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The email account does not exist.
Last-Attempt-Date: Mon, 03 Aug 2026 00:01:07 -0700 (PDT)

--000000000000a
Content-Type: message/rfc822

X-Account-Email-Delivery: {ours}
From: Greenfield <clara@greenfield.example>
To: {recipient}
Subject: Your open invoices
References: {root}
Message-ID: {replaced}
Content-Type: text/plain

body
--000000000000a--
"""
    )


def exim_bounce(ours=OURS, recipient=CUSTOMER):
    """Exim of old: one text, with a copy of the email in it."""
    return _crlf(
        f"""
X-Failed-Recipients: {recipient}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.acme.example>
To: accounting@acme.example
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1uiXyz-0001@mx.acme.example>
Date: Mon, 03 Aug 2026 09:00:03 +0200

This message was created automatically by mail delivery software.

  {recipient}
    host mx.bluelake.example [203.0.113.7]
    SMTP error from remote mail server after RCPT TO: 550 Unknown user

------ This is a copy of the message, including all the headers. ------

From: Acme <accounting@acme.example>
To: {recipient}
Subject: Your open invoices
Message-ID: {ours}

body
"""
    )


def qmail_bounce(ours=OURS, recipient=CUSTOMER):
    """qmail: https://cr.yp.to/proto/qsbmf.txt"""
    return _crlf(
        f"""
From: MAILER-DAEMON@mx.acme.example
To: accounting@acme.example
Subject: failure notice
Date: 3 Aug 2026 07:00:03 -0000

Hi. This is the qmail-send program at mx.acme.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<{recipient}>:
203.0.113.7 does not like recipient.
Remote host said: 550 User unknown

--- Below this line is a copy of the message.

Return-Path: <accounting@acme.example>
From: Acme <accounting@acme.example>
Message-ID: {ours}

body
"""
    )


def unrelated(own="<spam-1@elsewhere.example>", sender="ceo@elsewhere.example"):
    """Somebody who knows the subject, and nothing else."""
    return _crlf(
        f"""
From: Zoe Lake <{sender}>
To: accounting@acme.example
Subject: Re: Your open invoices
Message-ID: {own}
In-Reply-To: <something-else@elsewhere.example>
References: <something-else@elsewhere.example>
Content-Type: text/plain

PRIVATE-WORDS: transfer the money to this account.
"""
    )


def huge(ours=OURS, sender=CUSTOMER, megabytes=5):
    """An answer with a film attached."""
    head = _crlf(
        f"""
From: Zoe <{sender}>
To: accounting@acme.example
Subject: Re: Your open invoices
Message-ID: <huge-1@bluelake.example>
In-Reply-To: {ours}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="h"

--h
Content-Type: text/plain

See the film.
--h
Content-Type: video/mp4; name="film.mp4"
Content-Disposition: attachment; filename="film.mp4"
Content-Transfer-Encoding: base64

"""
    )
    return head + b"\r\n" + b"QUJD" * (megabytes * 2**18) + b"\r\n--h--\r\n"


def broken(ours=OURS, sender=CUSTOMER):
    """MIME as no library likes it: unknown charset, no end, lies about its encoding."""
    return (
        _crlf(
            f"""
From: =?utf-9?Q?Zo=ZZ?= <{sender}>
Subject: =?utf-8?B?!!!?=
Message-ID: <broken-1@bluelake.example>
In-Reply-To: {ours}
Content-Type: multipart/mixed; boundary

"""
        )
        + b"\r\n--\r\nContent-Type: text/plain; charset=klingon\r\n\r\n"
        + b"\xff\xfe\x00paid\r\n"
    )
