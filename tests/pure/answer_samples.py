"""Answers of people and of machines, in six languages, by many programs and ways.

Each program writes its own headers; what lies on the way (a list, a rule) adds some.
Names and addresses are made up.
"""

from incoming_samples import CUSTOMER, OURS, ROOT

#: By language: a person's words, the subject's prefix; a machine's prefix and words.
LANGUAGES = {
    "en": (
        "We have paid. The last message was not delivered to us, sorry.",
        "Re: ",
        "Automatic reply: ",
        "I am out of the office until Monday.",
    ),
    "de": (
        "Wir haben überwiesen. Rechnung 3 wurde nicht zugestellt.",
        "AW: ",
        "Automatische Antwort: ",
        "Ich bin bis Montag nicht im Büro.",
    ),
    "fr": (
        "Nous avons payé. Je suis en congés, Paul suit le dossier.",
        "RE : ",
        "Réponse automatique : ",
        "Je suis absent jusqu'à lundi.",
    ),
    "es": (
        "Ya hemos pagado; la factura fue rechazada por error.",
        "RV: ",
        "Respuesta automática: ",
        "Estoy fuera de la oficina hasta el lunes.",
    ),
    "it": (
        "Abbiamo pagato venerdì. Fuori ufficio fino a lunedì.",
        "R: ",
        "Risposta automatica: ",
        "Sono assente fino a lunedì.",
    ),
    "nl": (
        "Wij hebben betaald. De factuur is niet bezorgd.",
        "Antw: ",
        "Automatisch antwoord: ",
        "Ik ben afwezig tot maandag.",
    ),
}

#: What people write with.
PROGRAMS = {
    "Outlook": "X-MS-Has-Attach:\nX-MS-TNEF-Correlator:\nThread-Topic: Invoices\n"
    "X-MS-Exchange-SenderADCheck: 1\nX-Auto-Response-Suppress: DR, OOF, AutoReply\n",
    "Outlook 2010": "X-Mailer: Microsoft Outlook 14.0\nThread-Index: AdwEPvL7\n",
    "Apple Mail": "X-Mailer: Apple Mail (2.3774.600.62)\n"
    "Mime-Version: 1.0 (Mac OS X Mail 16.0)\n",
    "iPhone": "X-Mailer: iPhone Mail (21F90)\nMime-Version: 1.0 (1.0)\n",
    "Android": "X-Mailer: Samsung Email\nImportance: normal\n",
    "Gmail": "X-Gm-Message-State: AOJu0Yx\nX-Google-Smtp-Source: AGHT+IF\n",
    "Thunderbird": "User-Agent: Mozilla Thunderbird\nAuto-Submitted: no\n",
    "Notes": "X-Mailer: HCL Notes Release 14.0\nX-KeepSent: 1A2B\n",
}

#: What the way of an answer leaves in its headers.
WAYS = {
    "straight": "Return-Path: <pay@bluelake.example>\n",
    "Google Group": "Precedence: list\nMailing-list: list a@acme.example; contact "
    "a+owners@acme.example\nList-ID: <a.acme.example>\nX-Google-Group-Id: 12345\n"
    "List-Post: <https://groups.google.com/a/acme.example/group/a/post>\n"
    "Return-Path: <a+bncBC@acme.example>\nX-Original-Sender: pay@bluelake.example\n",
    "Mailman 2": "Precedence: list\nList-Id: Billing <a.acme.example>\nX-BeenThere: "
    "a@acme.example\nX-Mailman-Version: 2.1.39\nErrors-To: a-bounces@acme.example\n",
    "Mailman 3": "Precedence: list\nList-Id: <a.acme.example>\nX-MailFrom: "
    "pay@bluelake.example\nX-Mailman-Rule-Misses: dmarc-mitigation; max-size\n",
    "majordomo": "Precedence: bulk\nSender: owner-a@acme.example\n",
    "majordomo, junk": "Precedence: junk\nSender: owner-a@acme.example\n",
    "Sympa": "Precedence: list\nX-Loop: a@acme.example\nX-Sequence: 7\nList-Id: "
    "<a.acme.example>\nX-Validation-by: boss@acme.example\n",
    "ezmlm": "Precedence: bulk\nMailing-List: contact a@acme.example; run by ezmlm\n"
    "Delivered-To: mailing list a@acme.example\nList-Id: <a.acme.example>\n",
    "Exchange redirect rule": "X-MS-Exchange-Inbox-Rules-Loop: old@acme.example\n"
    "X-MS-Exchange-Organization-AutoForwarded: true\nAuto-Submitted: no\n",
    "Exchange distribution list": "X-Auto-Response-Suppress: DR, OOF, AutoReply\n",
    "Exchange, everything suppressed": "X-Auto-Response-Suppress: All\n",
    "Gmail forwarding": "X-Forwarded-To: a@acme.example\nX-Forwarded-For: b@x.example "
    "a@acme.example\nReturn-Path: <b+caf_=a=acme.example@acme.example>\n",
    "alias": "Delivered-To: a@acme.example\nX-Original-To: billing@acme.example\n",
    "a spam filter": "X-Spam-Flag: NO\nX-Loop: scanner\nX-Virus-Scanned: amavisd-new\n",
}


def _email(subject, text, head, sender=f"Zoe <{CUSTOMER}>"):
    return (
        f"From: {sender}\nTo: a@acme.example\nSubject: {subject}\n"
        f"Message-ID: <1@bluelake.example>\nIn-Reply-To: {OURS}\n"
        f"References: {ROOT} {OURS}\n{head}"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        f"{text}\n\nAm 3. Aug. 2026 schrieb Acme\n<a@acme.example>:\n> Dear Zoe,\n"
    ).encode()


def _people():
    """Each language by each way, the programs in turn."""
    programs = list(PROGRAMS.items())
    for number, (way, way_head) in enumerate(WAYS.items()):
        for more, (language, words) in enumerate(LANGUAGES.items()):
            program, head = programs[(number + more) % len(programs)]
            subject = f"{words[1]}Your open invoices"
            name = f"{program}, {language}, {way}"
            yield name, _email(subject, words[0], head + way_head)


PEOPLE = dict(_people())
PEOPLE |= {
    "a postmaster": _email(
        "Re: Invoices", "We rejected it.", "", "postmaster@x.example"
    ),
    "about a bounce": _email("Re: Undeliverable: Invoices", "It was full.", ""),
    "about an absence": _email("RE: Automatic reply: Invoices", "I am back.", ""),
    "goods that did not come": _email(
        "Delivery problem",
        "They were not delivered. Write to Tom, tom@x.example, now.",
        "",
    ),
    "a server's subject": _email(
        "Undeliverable: Invoices", f"You cannot be reached. Zoe <{CUSTOMER}>", ""
    ),
    "a new subject": _email("Auto: Rechnung", "Bezahlt.", ""),
    "a ticket": _email("[#123] Re: Invoices", "Paid.", "X-Mailer: Zendesk Mailer\n"),
}

#: What answers by itself: its headers, and whether it writes a subject of its own.
RESPONDERS = {
    "Exchange": "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
    "X-MS-Exchange-Inbox-Rules-Loop: pay@bluelake.example\n",
    "Exchange, headers stripped": "",
    "Sieve": "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n",
    "Gmail": "Auto-Submitted: auto-replied\nX-Autoreply: yes\nPrecedence: bulk\n",
    "cPanel": "X-Autorespond: Invoices\nPrecedence: auto_reply\n"
    "X-Precedence: auto_reply\n",
    "by way of a Google Group": WAYS["Google Group"] + "Auto-Submitted: auto-replied\n",
    "null return path": "Return-Path: <>\n",
}
_OWN_SUBJECT = {
    "CommuniGate": "X-Autogenerated: Reply\n",
    "FirstClass": "X-FC-MachineGenerated: true\n",
    "Webmail.us": "X-POST-MessageClass: 9; Autoresponder\n",
    "Autoresponder": "Delivered-To: Autoresponder\n",
    "Hushmail": "X-Mail-Autoreply: autoreply\n",
    "an old one": "X-AutoReply-From: pay@bluelake.example\n",
    "Ticket system": "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
    "Sympa": "Auto-Submitted: auto-notified\nPrecedence: list\n",
    "vacation of old": "X-Vacation: yes\nPrecedence: junk\n",
    "Yahoo": "X-Autoreply: autoreply\nPrecedence: bulk\n",
}


def _machines():
    for responder, head in RESPONDERS.items():
        for language, words in LANGUAGES.items():
            subject = f"{words[2]}Your open invoices"
            yield f"{responder}, {language}", _email(subject, words[3], head)
    for responder, head in _OWN_SUBJECT.items():
        yield responder, _email("Re: Invoices", "We have received your email.", head)


MACHINES = dict(_machines())
MACHINES |= {
    "a daemon": _email("Hello", "Quota: 80 %.", "", "MAILER-DAEMON@x.example"),
    "challenge": _email("Please confirm", "Click.", "Auto-Submitted: auto-replied\n"),
}
