"""What came back: an answer to one of our emails, a bounce of it, or a machine's words.

Anything may stand in an email, so nothing here raises, whatever it is given, and what
that costs is bounded: see :mod:`.mail.fields`, :mod:`.mail.parts`, :mod:`.mail.words`.
Nothing is decided here either: which of our emails is meant, if any, is the caller's
business.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, NamedTuple

from .mail.body import content, file_names
from .mail.cause import Cause, cause_of
from .mail.delivery_status import MOST_RECIPIENTS, Failure
from .mail.fields import LONGEST, read_message
from .mail.guard import or_nothing
from .mail.heads import (
    HEADERS,
    TRACE_HEADER,
    decoded,
    from_pairs,
    is_automatic,
    may_be_report,
    own_id,
    read_headers,
    references,
    sender,
)
from .mail.parts import LONGEST_TEXT, Part, parts
from .mail.reports import report_in

__all__ = [
    "HEADERS",
    "LONGEST",
    "LONGEST_TEXT",
    "TRACE_HEADER",
    "Automatic",
    "Bounce",
    "Choose",
    "Cursor",
    "Fetched",
    "Filed",
    "Found",
    "Head",
    "Incoming",
    "Cause",
    "Reply",
    "decoded",
    "from_pairs",
    "is_automatic",
    "may_be_report",
    "own_id",
    "parse",
    "read_headers",
    "references",
    "sender",
]

#: Where a look into a mailbox ended. It is kept as JSON: what is in it is the business
#: of the mailbox that has made it.
Cursor = dict[str, Any]


class Head(NamedTuple):
    """The headers of an email in the mailbox.

    :param key: the provider's name for it.
    :param headers: an :class:`email.message.Message`, without a body.
    :param thread_id: the provider's id of its conversation, where there is one.
    """

    key: str
    headers: Message
    thread_id: str = ""


class Found(NamedTuple):
    """An email in the mailbox, its first :data:`LONGEST` bytes."""

    raw: bytes
    thread_id: str = ""


class Filed(NamedTuple):
    """Where an email that was sent lies in the mailbox.

    :param thread_id: the provider's id of its conversation.
    :param web_link: opens it in the provider's web mail.
    """

    thread_id: str
    web_link: str = ""


class Fetched(NamedTuple):
    """What a look into the mailbox brought.

    :param found: list of :class:`Found`, the oldest first: those that were chosen.
    :param cursor: from where to look the next time; JSON-serialisable.
    :param more: there is more to look at right now.
    :param skipped: how many emails are passed over, because they cannot be read.
    """

    found: list[Found]
    cursor: Cursor
    more: bool = False
    skipped: int = 0


#: Says which emails shall be read.
Choose = Callable[[list[Head]], Iterable[Head]]


@dataclass(frozen=True)
class Incoming:
    """An email that may belong to one of ours.

    :param message_id: its own, with angle brackets; made up if it has none.
    :param sender: its author's bare address in lower case; may be empty, or a lie.
    :param sender_name: as the author wishes to be called.
    :param text: all its words as plain text; empty if it is one HTML.
    :param html: its HTML, not sanitised; empty if it has none.
    :param refers_to: the Message-IDs that it answers or returns, the closest first.
    :param thread_id: the provider's id of its conversation, where there is one.
    :param attachments: the names of what is attached.
    """

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    html: str
    refers_to: tuple[str, ...]
    thread_id: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply(Incoming):
    """Somebody answers."""


@dataclass(frozen=True)
class Automatic(Incoming):
    """A machine answers: somebody is away, or the email is delayed, or was opened."""


@dataclass(frozen=True)
class Bounce(Incoming):
    """An email could not be delivered.

    :param recipients: the addresses that it did not reach, in lower case; a notice may
        name none.
    :param causes: which of seven things was said of each of them, in their order.
    :param cause: which was said first.
    :param status: its enhanced status code (RFC 3463) such as ``5.1.1``.
    :param diagnostic: its words.
    :param about_us: code and words of what was said about ourselves, if anything was:
        for :func:`~.mail.about_us.outcome_of`.
    """

    recipients: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    cause: Cause = Cause.SOFT
    status: str = ""
    diagnostic: str = ""
    about_us: tuple[str, ...] = ()

    def by_cause(self) -> dict[Cause, tuple[str, ...]]:
        """The recipients by what was said of them."""
        found: dict[Cause, tuple[str, ...]] = {}
        for address, cause in zip(self.recipients, self.causes, strict=True):
            found[cause] = (*found.get(cause, ()), address)
        return found or {self.cause: ()}


@or_nothing(lambda: None)
def parse(raw: bytes, thread_id: str = "") -> Reply | Automatic | Bounce | None:
    """Say what an email is.

    :param raw: its bytes, perhaps cut off.
    :param thread_id: the provider's id of its conversation, where there is one.
    :return: a :class:`Reply`, :class:`Bounce` or :class:`Automatic`; None if it refers
        to no other email, or nothing can be told of it. Never raises.
    """
    headers, body = read_message(raw)
    leaves = parts(headers, body)
    report = report_in(Part(headers), leaves)
    returned = report.returned if report else ()
    refers_to = tuple(dict.fromkeys([*returned, *references(headers)]))
    if not (refers_to or thread_id):
        return None
    said = content(leaves)
    name, address = sender(headers)
    known: dict[str, Any] = {
        "message_id": own_id(headers) or _made_up_id(raw),
        "sender": address,
        "sender_name": name,
        "subject": decoded(headers, "Subject"),
        "text": said.text,
        "html": said.html,
        "refers_to": refers_to,
        "thread_id": thread_id,
        "attachments": file_names(leaves),
    }
    if report and report.failures:
        return _bounce(known, report.failures)
    if report or is_automatic(headers):
        return Automatic(**known)
    return Reply(**known)


def _bounce(known: dict[str, Any], failures: Sequence[Failure]) -> Bounce:
    said = [(each, _cause(each)) for each in failures]
    causes: dict[str, Cause] = {}
    for each, cause in said:
        for address in each.recipients:
            causes.setdefault(address, cause)
    first, cause = said[0]
    ours = (each for each, cause in said if cause is Cause.US)
    return Bounce(
        **known,
        recipients=tuple(causes)[:MOST_RECIPIENTS],
        causes=tuple(causes.values())[:MOST_RECIPIENTS],
        cause=cause,
        status=first.status,
        diagnostic=first.words,
        about_us=next(((each.status, each.words) for each in ours), ()),
    )


def _cause(failure: Failure) -> Cause:
    """What is said; of several people in one notice, who is meant stays open."""
    cause = cause_of(failure.status, failure.words)
    if cause is Cause.ADDRESS and failure.is_several:
        return Cause.SOFT
    return cause


def _made_up_id(raw: bytes) -> str:
    """A name for an email without a Message-ID: the same for the same email."""
    return f"<{hashlib.sha256(raw[:LONGEST]).hexdigest()}@no-message-id.invalid>"
