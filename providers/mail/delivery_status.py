"""The part of a report that programs read: RFC 3464, RFC 6533, and their dialects."""

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from itertools import chain
from typing import NamedTuple

from ..outcomes import one_line
from .fields import read_fields, unix_lines, value
from .heads import ids
from .parts import Part

MOST_PARTS = 3
MOST_RECIPIENTS = 100
MOST_BLOCK_FIELDS = 50

BLANK_LINES = re.compile(rb"\n(?:[ \t]*\n)+")
ADDRESS = re.compile(r"[^\s<>;,\"()]{1,254}@[^\s<>;,\"()@]{1,254}")
# https://www.rfc-editor.org/rfc/rfc6533#section-3: what is not ASCII may be spelt so.
SPELT = re.compile(r"\\x\{([0-9a-f]{1,6})\}", re.I)
# https://www.rfc-editor.org/rfc/rfc3463#section-2; some servers say more behind it.
# In a text, no part of an IP address is one.
STATUS = re.compile(r"(?<![\d.])[245]\.[0-7]\.\d{1,3}(?!\.?\d)")
# With what an SMTP server's answer begins.
ANSWER = re.compile(r"\W{0,5}([245]\d\d)\b")
COMMENT = re.compile(r"\(([^()]{3,500})\)")

# https://www.rfc-editor.org/rfc/rfc3464#section-2.3.3 has five words; the others are
# what servers write: "error" at mx.domain.replaced (a sample of flufl.bounce), and
# "failed (…)" is allowed by the grammar, which has comments. An action begins with one.
FAILED = re.compile(
    r"fail|error|(?:un|not|non)[ -]?deliver|reject|bounce|refus|return|den(?:ied|y)"
    r"|abort|expire|perm|drop|discard|block"
)
NOT_FAILED = re.compile(
    r"delay|defer|queue|retr|deliver(?!y)|relay|transfer|forward|expand"
)
# Who did not get it. X-Actual-Recipient: Sendmail, the address behind an alias.
RECIPIENT_FIELDS = ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient")
# Gmail and Exim's way to tell which email it was, with or without its own headers.
ID_FIELDS = ("X-Original-Message-ID", "Original-Message-ID")


class Failure(NamedTuple):
    """Somebody whom an email did not reach.

    :param recipients: the names of one address, in lower case; a report may name none.
    :param status: why, an enhanced status code (RFC 3463).
    :param words: of the server that refused it.
    :param is_several: they are several people's, and the words are about one of them.
    """

    recipients: tuple[str, ...] = ()
    status: str = ""
    words: str = ""
    is_several: bool = False


class Statuses(NamedTuple):
    """What all status parts of a report say.

    :param failures: who did not get it, for good: each has reasons of its own.
    :param other: somebody got it, or may get it yet: there is nothing to look for.
    :param ids: the Message-IDs of the email, if the report names them.
    """

    failures: tuple[Failure, ...] = ()
    other: bool = False
    ids: tuple[str, ...] = ()


def read(parts: Sequence[Part]) -> Statuses:
    """What these ``message/delivery-status`` parts say."""
    blocks = [block for part in parts[:MOST_PARTS] for block in _blocks(part)]
    actions = [_action(block) for block in blocks]
    failed = [
        b for b, action in zip(blocks, actions, strict=True) if action == "failed"
    ]
    return Statuses(
        tuple(map(_failure, failed[:MOST_RECIPIENTS])),
        "other" in actions,
        tuple(dict.fromkeys(chain.from_iterable(map(_ids, blocks)))),
    )


def _failure(block: Message) -> Failure:
    recipients = tuple(dict.fromkeys(_addresses(block)))
    return Failure(recipients, _status(block), _words(block))


def _blocks(part: Part) -> list[Message]:
    """Its groups of fields: the first is about the email, each other about somebody."""
    data = unix_lines(part.data).strip(b"\n")
    raw = BLANK_LINES.split(data, MOST_RECIPIENTS)[:MOST_RECIPIENTS]
    return [read_fields(block, most=MOST_BLOCK_FIELDS)[0] for block in raw]


def _action(block: Message) -> str:
    """ "failed", "other", or nothing, if these fields are about nobody."""
    action = value(block, "Action").lower().strip("\"' ")
    if FAILED.match(action):
        return "failed"
    if NOT_FAILED.match(action):
        return "other"
    # A word that nobody knows, or none at all: the code decides.
    return "failed" if _code(block).startswith("5") else ""


def _code(block: Message) -> str:
    """Its status; where there is none, with what the server's answer begins."""
    answer = ANSWER.match(_words(block))
    return _status(block) or (answer[1] if answer else "")


def _status(block: Message) -> str:
    found = STATUS.search(value(block, "Status"))
    return found[0] if found else ""


def _words(block: Message) -> str:
    """The words of the server; else what stands in brackets behind a code."""
    told = value(block, "Diagnostic-Code")
    kind, _semicolon, words = told.partition(";")
    if told:
        return one_line(words if re.fullmatch(r"\s*[\w-]+\s*", kind) else told)
    comments = (COMMENT.search(value(block, name)) for name in ("Status", "Action"))
    return next((one_line(found[1]) for found in comments if found), "")


def _addresses(block: Message) -> Iterator[str]:
    for name in RECIPIENT_FIELDS:
        text = SPELT.sub(_spelt, value(block, name).rpartition(";")[2])
        found = ADDRESS.search(text)
        if found:
            yield one_line(found[0], 254).lower()


def _spelt(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if 0x80 <= number < 0xD800 else "?"


def _ids(block: Message) -> list[str]:
    return [id_ for name in ID_FIELDS for id_ in ids(value(block, name))[:1]]
