"""What the headers of an email say: who, or what, wrote it, and what it answers."""

import re
from email.message import Message
from email.utils import getaddresses

from ..outcomes import one_line
from . import fields as mail_fields
from .fields import LONGEST, value, whole
from .guard import or_nothing
from .parts import kind
from .words import decode_words

#: Gmail replaces the Message-ID of what it sends: with this header of ours (see
#: :mod:`..google`) what it returns can be recognised all the same.
TRACE_HEADER = "X-Account-Email-Delivery"
#: What is asked for of every new email; the rest only of what may be ours.
HEADERS = (
    *("Message-ID", "In-Reply-To", "References", "From", "Subject", "Date"),
    *("Content-Type", "Return-Path", "Auto-Submitted", "Precedence"),
    *("X-Failed-Recipients", TRACE_HEADER),
)
MOST_IDS = 50
LONGEST_ADDRESSES = 4000  # characters of a header with addresses
MOST_NESTED = 10

MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
# Of an address header: what begins or ends something, and what stands between.
TOKEN = re.compile(r'\\.?|["()]|[^\\"()]+', re.S)
QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*"?', re.S)
ANGLED = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,255})>")
NAKED = re.compile(r"[^\s<>]+")
DAEMONS = ("mailer-daemon", "postmaster")
# How programs say that no person wrote this, besides Auto-Submitted (RFC 3834):
# https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail
MACHINES = {
    "precedence": re.compile(r"auto_reply|bulk|junk|list", re.I),
    "x-auto-response-suppress": re.compile(r"\ball\b", re.I),
    "x-ms-exchange-inbox-rules-loop": re.compile(r"."),
    "x-autoreply": re.compile(r"^(?!no\b)", re.I),
    "x-auto-reply": re.compile(r"^(?!no\b)", re.I),
    "x-autorespond": re.compile(r"^(?!no\b)", re.I),
    "x-autoresponder": re.compile(r"^(?!no\b)", re.I),
    "x-vacation": re.compile(r"^(?!no\b)", re.I),
    "return-path": re.compile(r"^\s*<\s*>"),
}
# Exchange's own words before the subject, for servers that strip the headers above.
MACHINE_SUBJECTS = re.compile(
    r"(automatic reply|out of office|autoreply|auto-reply|automatische antwort"
    r"|abwesenheitsnotiz|réponse automatique|absence du bureau|respuesta automática"
    r"|risposta automatica|automatisch antwoord|resposta automática|autosvar"
    r"|automatiskt svar|automaattinen vastaus|odpowiedź automatyczna)\s*:",
    re.I,
)


def _no_headers() -> Message:
    return Message()


read_headers = or_nothing(_no_headers)(mail_fields.read_headers)
from_pairs = or_nothing(_no_headers)(mail_fields.from_pairs)


@or_nothing(str)
def own_id(headers: Message) -> str:
    """The email's own Message-ID, empty if it has none."""
    return next(iter(ids(whole(headers, "Message-ID"))), "")


@or_nothing(list[str])
def references(headers: Message) -> list[str]:
    """The Message-IDs that an email answers, the closest first."""
    answered = ids(whole(headers, "In-Reply-To"))
    earlier = ids(whole(headers, "References"))[::-1]
    found = list(dict.fromkeys([*answered, *earlier]))
    # The first and the last ones say most; a root stands at the end.
    if len(found) <= MOST_IDS:
        return found
    return found[: MOST_IDS - 5] + found[-5:]


@or_nothing(lambda: ("", ""))
def sender(headers: Message) -> tuple[str, str]:
    """The author's name and bare address, each perhaps empty."""
    pairs = addresses(headers, "From")
    name, address = next(((n, a) for n, a in pairs if "@" in a), ("", ""))
    return one_line(decode_words(name)), one_line(address, 254).lower()


@or_nothing(str)
def decoded(headers: Message, name: str) -> str:
    """A header as a person reads it, on one line."""
    return one_line(decode_words(value(headers, name)))


@or_nothing(bool)
def may_be_report(headers: Message) -> bool:
    """Whether an email looks as if a mail server had written it.

    Which of our emails it is about may stand in its body only.
    """
    local_part = sender(headers)[1].partition("@")[0]
    return (
        kind(headers) == "multipart/report"
        or bool(value(headers, "X-Failed-Recipients"))
        or local_part in DAEMONS
    )


@or_nothing(bool)
def is_automatic(headers: Message) -> bool:
    """Whether a machine wrote it: https://www.rfc-editor.org/rfc/rfc3834#section-5"""
    submitted = value(headers, "Auto-Submitted").lower()
    if submitted and not re.match(r"no\b", submitted):
        return True
    if any(
        name in headers and rule.search(value(headers, name))
        for name, rule in MACHINES.items()
    ):
        return True
    return bool(MACHINE_SUBJECTS.match(decoded(headers, "Subject")))


def ids(text: str) -> list[str]:
    """The Message-IDs in *text*; some old programs leave out the < >."""
    found = MESSAGE_ID.findall(text)
    if not found:
        naked = [word for word in NAKED.findall(text) if "@" in word[1:-1]]
        found = [f"<{word}>" for word in naked if len(word) <= 500]
    return [id_ for id_ in found if id_.isprintable()]


def addresses(headers: Message, name: str) -> list[tuple[str, str]]:
    """The (name, address) pairs in a header.

    Of one that is longer, or has more in it, than any author's, comments are left out;
    if that does not help, all but the addresses between < >.
    """
    text = one_line(whole(headers, name), LONGEST)
    if text != _first_part(text):
        text = _without_comments(text)
    if text != _first_part(text):
        found = ANGLED.findall(QUOTED.sub(" ", text))
        if found:
            return [("", address) for address in found[:MOST_IDS]]
    return getaddresses([_first_part(text)])


def _first_part(text: str) -> str:
    """As much of *text* as ``getaddresses`` may be given.

    It calls itself for a comment in a comment and a group in a group:
    https://www.rfc-editor.org/rfc/rfc5322#section-3.4. No author has many of them.
    """
    text = text[:LONGEST_ADDRESSES]
    for opening in "(:":
        text = opening.join(text.split(opening, MOST_NESTED)[:MOST_NESTED])
    return text


def _without_comments(text: str) -> str:
    """*text* without what stands in ( ), however deep, in one pass."""
    kept, depth, is_quoted = [], 0, False
    for piece in TOKEN.findall(text):
        if piece == '"' and not depth:
            is_quoted = not is_quoted
        if piece == "(" and not is_quoted:
            depth += 1
        if not depth:
            kept.append(piece)
        elif piece == ")":
            depth -= 1
    return "".join(kept)
