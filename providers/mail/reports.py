"""What a mail server reports about an email of ours.

What programs read in it (:mod:`.delivery_status`) comes first, then a notice that only
people were meant to read (:mod:`.notices`).
"""

import re
from collections.abc import Sequence
from email.message import Message
from itertools import islice
from typing import NamedTuple

from ..outcomes import one_line
from . import delivery_status, notices
from .delivery_status import MOST_RECIPIENTS, Failure, Statuses
from .fields import read_headers, read_message, value, whole
from .heads import (
    TRACE_HEADER,
    addresses,
    decoded,
    has_failure_subject,
    ids,
    is_automatic,
    is_from_server,
    may_be_report,
    own_id,
    references,
    sender,
)
from .html_text import text_of
from .parts import Part
from .parts import parts as parts_of

MOST_ORIGINALS = 3  # emails or headers that came back in one report
MOST_TEXTS = 3

RETURNED_ID = re.compile(
    rf"^[> ]{{0,4}}(?:X-Original-)?(?:Message-ID|{TRACE_HEADER}):"
    r"\s*(<[^<>\s]{1,500}>)",
    re.M | re.I,
)


class Report(NamedTuple):
    """What is said of one of our emails.

    :param failures: whom it did not reach; a failure may name nobody. If there is none,
        it is only late, or was read, or handed on.
    :param returned: the Message-IDs that stand in what came back of it.
    """

    failures: tuple[Failure, ...] = ()
    returned: tuple[str, ...] = ()


def report_in(whole_email: Part, parts: Sequence[Part]) -> Report | None:
    """What a mail server reports; None if it is no report.

    :param whole_email: the email as a :class:`~.parts.Part`.
    :param parts: its :func:`~.parts.parts`.
    """
    if not may_be_report(whole_email.fields):
        return None
    parts = [*parts, *_wrapped(parts)]
    statuses = [part for part in parts if part.kind.endswith("delivery-status")]
    texts = _texts(parts)
    told = delivery_status.read(statuses)
    report = _told(told, whole_email, texts)
    if not report and (statuses or whole_email.kind == "multipart/report"):
        report = Report()
    if not report:
        return None
    returned = tuple(dict.fromkeys([*_returned(parts), *told.ids]))
    return report._replace(returned=returned or _ids_in("\n".join(texts)))


def _told(told: Statuses, whole_email: Part, texts: Sequence[str]) -> Report | None:
    """What is said for programs, else for people."""
    if told.failures:
        return _by_status(told, whole_email.fields, texts)
    return None if told.other else _by_words(whole_email, texts)


def _by_status(told: Statuses, headers: Message, texts: Sequence[str]) -> Report:
    """What the status parts say, and what they leave to others to say."""
    if len(told.failures) > 1:
        return Report(told.failures)
    [only] = told.failures
    words = only.words
    if not words and (not only.status or only.status.endswith(".0.0")):
        words = one_line("\n".join(texts[:1]))
    # Of some Exim versions, only a header names the recipients.
    recipients = only.recipients or _named(headers)
    return Report((Failure(recipients, only.status, words),))


def _by_words(whole_email: Part, texts: Sequence[str]) -> Report | None:
    """What a notice says; X-Failed-Recipients, which Exim invented, says it surely.

    A subject proves nothing: "Delivery problem" is what a customer writes whose goods
    have not come.
    """
    headers = whole_email.fields
    from_server, is_machine = is_from_server(headers), is_automatic(headers)
    if not (from_server or is_machine):
        return None
    notice = notices.read(
        _head(whole_email),
        texts[:MOST_TEXTS],
        decoded(headers, "Subject"),
        surely=is_machine or has_failure_subject(headers),
    )
    named = _named(headers)
    if not notice:
        return Report((Failure(named),)) if named else None
    if not notice.failed:
        return Report()
    recipients = named or notice.recipients
    is_several = len(recipients) > 1
    return Report((Failure(recipients, notice.status, notice.words, is_several),))


def _wrapped(parts: Sequence[Part]) -> list[Part]:
    """The parts of a report that a gateway has attached to one of its own.

    InterScan Message Security Suite does so (a sample of flufl.bounce).
    """
    found: list[Part] = []
    for part in parts[:MOST_ORIGINALS]:
        if part.kind == "message/rfc822":
            headers, body = read_message(part.data)
            if may_be_report(headers):
                found += parts_of(headers, body)
    return found


def _head(whole_email: Part) -> Message:
    """What a notice is known by, bounded."""
    head = Message()
    head["From"] = sender(whole_email.fields)[1] or "nobody@invalid"
    head["To"] = ", ".join(
        address for _n, address in addresses(whole_email.fields, "To")
    )
    head["X-Mailer"] = one_line(value(whole_email.fields, "X-Mailer"), 100)
    head["Content-Type"] = whole_email.kind
    return head


def _named(headers: Message) -> tuple[str, ...]:
    """The recipients in X-Failed-Recipients."""
    named = [address for _name, address in addresses(headers, "X-Failed-Recipients")]
    named = [one_line(address, 254).lower() for address in named if "@" in address]
    return tuple(dict.fromkeys(named))[:MOST_RECIPIENTS]


def _texts(parts: Sequence[Part]) -> list[str]:
    """The texts in an email; of one in HTML only, its words."""
    plain = [part.text for part in parts if part.kind == "text/plain"]
    if any(text.strip() for text in plain):
        return plain
    return [text_of(part.text) for part in parts if part.kind == "text/html"][:1]


def _returned(parts: Sequence[Part]) -> tuple[str, ...]:
    """The ids of the email that came back, whole or its headers only."""
    originals = [part for part in parts if _is_original(part.kind)]
    found = []
    for part in originals[:MOST_ORIGINALS]:
        original = read_headers(part.data.lstrip(b"\r\n"))
        traced = ids(whole(original, TRACE_HEADER))[:1]
        found += [own_id(original), *traced, *references(original)]
    return tuple(dict.fromkeys(filter(None, found)))


def _is_original(kind: str) -> bool:
    """Whether it is an email, or its headers: RFC 3462, section 2, and RFC 6533."""
    return kind.endswith("rfc822-headers") or kind in (
        *("message/rfc822", "message/global", "message/global-headers"),
    )


def _ids_in(text: str) -> tuple[str, ...]:
    """The ids that stand in the text of a report of an older kind."""
    found = RETURNED_ID.finditer(text)
    return tuple(dict.fromkeys(match[1] for match in islice(found, 50)))
