"""What a mail server reports about an email of ours.

RFC 3464 (``multipart/report``), Exim's ``X-Failed-Recipients``, and qmail's own.
"""

import re
from collections.abc import Sequence
from email.message import Message
from itertools import islice
from typing import NamedTuple

from ..outcomes import one_line
from .fields import read_fields, read_headers, unix_lines, value, whole
from .heads import TRACE_HEADER, addresses, ids, own_id, references
from .parts import Part

MOST_RECIPIENTS = 100
MOST_BLOCK_FIELDS = 50
MOST_ORIGINALS = 3  # emails or headers that came back in one report

# qmail has a format of its own: https://cr.yp.to/proto/qsbmf.txt
QMAIL = re.compile(r"^Hi\. This is the ", re.M)
QMAIL_FAILED = re.compile(r"^<([^<>\s@]{1,254}@[^<>\s@]{1,254})>:$", re.M)
RETURNED_ID = re.compile(
    rf"^(?:Message-ID|{TRACE_HEADER}):\s*(<[^<>\s]{{1,500}}>)", re.M | re.I
)
BLANK_LINES = re.compile(rb"\n(?:[ \t]*\n)+")


class Report(NamedTuple):
    """What is said of one of our emails.

    :param recipients: the addresses that it did not reach, in lower case.
    :param status: why, an enhanced status code (RFC 3463).
    :param diagnostic: the words of the server that refused it.
    :param returned: the Message-IDs that stand in what came back of it.
    """

    recipients: tuple[str, ...] = ()
    status: str = ""
    diagnostic: str = ""
    returned: tuple[str, ...] = ()


def report_in(whole_email: Part, parts: Sequence[Part]) -> Report | None:
    """What a mail server reports; None if it is no report.

    :param whole_email: the email as a :class:`~.parts.Part`.
    :param parts: its :func:`~.parts.parts`.
    """
    statuses = [part for part in parts if part.kind.endswith("delivery-status")]
    text = "\n".join(part.text for part in parts if part.kind == "text/plain")
    if statuses:
        report = _first_failure(statuses)
    else:
        report = Report(_failed_recipients(whole_email.fields, text))
    if whole_email.kind != "multipart/report" and not report.recipients:
        return None
    return report._replace(returned=_returned(parts) or _ids_in(text))


def _first_failure(statuses: Sequence[Part]) -> Report:
    """The first of them that gives up on somebody; an empty one if none does."""
    reports = map(_failures, statuses[:MOST_ORIGINALS])
    return next((each for each in reports if each.recipients), Report())


def _failures(part: Part) -> Report:
    """The recipients that a ``message/delivery-status`` gives up on.

    One that is only delayed, or was relayed, has not failed.
    https://www.rfc-editor.org/rfc/rfc3464#section-2.3
    """
    data = unix_lines(part.data).strip(b"\n")
    raw = BLANK_LINES.split(data, MOST_RECIPIENTS)[:MOST_RECIPIENTS]
    blocks = [read_fields(block, most=MOST_BLOCK_FIELDS)[0] for block in raw]
    failed = [b for b in blocks if value(b, "Action").lower() == "failed"]
    recipients = []
    for block in failed:
        for name in ("Original-Recipient", "Final-Recipient"):
            address = value(block, name).rpartition(";")[2].strip(" <>").lower()
            if "@" in address:
                recipients.append(one_line(address, 254))
    if not failed:
        return Report()
    words = value(failed[0], "Diagnostic-Code")
    return Report(
        tuple(dict.fromkeys(recipients)),
        one_line(value(failed[0], "Status"), 20),
        one_line(words.partition(";")[2] or words),
    )


def _failed_recipients(headers: Message, text: str) -> tuple[str, ...]:
    """The recipients that failed by a report of an older kind."""
    named = [address for _name, address in addresses(headers, "X-Failed-Recipients")]
    if not any(named) and QMAIL.search(text):
        named = [found[1] for found in QMAIL_FAILED.finditer(text)]
    named = [one_line(address, 254).lower() for address in named if "@" in address]
    return tuple(dict.fromkeys(named))[:MOST_RECIPIENTS]


def _returned(parts: Sequence[Part]) -> tuple[str, ...]:
    """The ids of the email that came back, whole or its headers only."""
    originals = [part for part in parts if _is_original(part.kind)]
    found = []
    for part in originals[:MOST_ORIGINALS]:
        original = read_headers(part.data)
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
