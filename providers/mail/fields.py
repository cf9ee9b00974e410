"""The headers of an email, and the fields at the beginning of each of its parts.

Written for what strangers send: the time is in proportion to the bytes, and how many
fields are kept is bounded. What is no header ends them, as in Python's own parser.
"""

import re
from collections.abc import Iterable
from email.message import Message
from itertools import islice

from ..outcomes import one_line
from . import charsets
from .words import LONGEST_VALUE

#: Bytes of an email that are read at most.
LONGEST = 256 * 1024
MOST_FIELDS = 500  # a long way through many servers leaves a hundred

# https://www.rfc-editor.org/rfc/rfc5322#section-2.2. No name begins with "-": a line
# between two parts does.
FIELD = re.compile(rb"([!-,.-9;-~][!-9;-~]{0,99})[ \t]*:")
FIELD_END = re.compile(rb"\n(?![ \t])|\Z")
NAME = re.compile(r"[!-9;-~]{1,100}")
FROM_LINE = re.compile(rb"From [^\n]*\n")  # of a Unix mailbox file


def unix_lines(raw: bytes) -> bytes:
    """The first :data:`LONGEST` bytes of *raw*, with one kind of line ends."""
    return raw[:LONGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def read_fields(
    data: bytes, start: int = 0, most: int = MOST_FIELDS
) -> tuple[Message, int]:
    """Read the fields that stand in *data* from *start* on.

    :param data: bytes as :func:`unix_lines` returns them.
    :param most: so many are kept at most, the others skipped.
    :return: a :class:`email.message.Message` without a body, and where the body begins.
    """
    fields, end = Message(), start
    for _ in range(most):
        match = FIELD.match(data, end)
        if not match:
            break
        begin = match.end()
        ended = FIELD_END.search(data, begin)
        end = ended.end() if ended else len(data)
        fields[match[1].decode("ascii")] = _unfolded(charsets.guessed(data[begin:end]))
    else:
        blank = data.find(b"\n\n", end - 1)
        return fields, len(data) if blank < 0 else blank + 2
    return fields, end + 1 if data[end : end + 1] == b"\n" else end


def read_message(raw: bytes) -> tuple[Message, bytes]:
    """Return the headers as an :class:`email.message.Message`, and the body."""
    data = unix_lines(raw)
    first = FROM_LINE.match(data)
    fields, end = read_fields(data, first.end() if first else 0)
    return fields, data[end:]


def read_headers(raw: bytes) -> Message:
    """Return the headers in these bytes as an :class:`email.message.Message`."""
    return read_message(raw)[0]


def from_pairs(pairs: Iterable[tuple[object, object]]) -> Message:
    """Return these (name, value) pairs, as APIs give them, as a ``Message``."""
    headers, left = Message(), LONGEST
    for name, value in islice(pairs, MOST_FIELDS):
        if not NAME.fullmatch(str(name)):
            continue
        # JSON may have half a character in it, which cannot be written down.
        text = str(value or "")[:left].encode("utf-8", "replace").decode()
        headers[str(name)] = _unfolded(text)
        left -= len(text)
    return headers


def value(headers: Message, name: str) -> str:
    """A header's value as one line, empty if it is missing."""
    return one_line(whole(headers, name)[:LONGEST_VALUE], LONGEST_VALUE)


def whole(headers: Message, name: str) -> str:
    """A header's value, however long, perhaps with control characters."""
    return str(headers.get(name, ""))


def _unfolded(text: str) -> str:
    """*text* without line breaks of any kind."""
    return " ".join(text.split())
