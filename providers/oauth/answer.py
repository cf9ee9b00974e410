"""What an API answers, and the JSON in it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..outcomes import Unavailable
from ..reasons import Reason

#: A JSON object. Whoever reads it is prepared for :data:`~..bounded.NONSENSE`.
Json = dict[str, Any]

# Each of these in JSON may begin an object, which takes 70 bytes where "[]," is three;
# not those in a text, of which anybody's email may be full.
PARTS = (b"[", b"{", b":", b",")
MOST_PARTS = 100_000


class Answer(NamedTuple):
    """What an API answered.

    :param headers: not case-sensitive.
    :param content: the body, as bytes.
    :param cut: the line broke after status and headers had come, or the rest was too
        long, or packed; ``content`` is empty: the status alone tells what became of the
        request.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    cut: bool = False

    def json(self) -> Json:
        """Return the content as a dict, an empty one if it is not one."""
        found = parsed(self.content)
        return found if isinstance(found, dict) else {}

    def success(self) -> Json:
        """Return the content of what was asked for, as a dict.

        :raises Unavailable: it is no JSON object, or there is too much in it. That is
            never taken for "nothing there".
        """
        if _has_too_much(self.content):
            raise Unavailable(Reason.ANSWER_TOO_LONG, code=str(self.status))
        found = parsed(self.content)
        if not isinstance(found, dict):
            raise Unavailable(Reason.PROVIDER_DOWN, code=str(self.status))
        return found


def dicts(rows: object) -> list[Json]:
    """Return those of *rows* that are dicts, whatever *rows* are."""
    listed = rows if isinstance(rows, list) else ()
    return [row for row in listed if isinstance(row, dict)]


def parsed(content: bytes) -> object:
    """Return what this JSON says, None if it is none, or too much of it."""
    if _has_too_much(content):
        return None
    try:
        return json.loads(content.decode())  # UTF-8, says RFC 8259 in 8.1
    except (ValueError, RecursionError):
        return None


def _has_too_much(content: bytes) -> bool:
    """Whether JSON would take much more room once it is understood.

    What stands in a text takes none: its commas are not counted. Outside of texts
    there is no backslash (https://www.rfc-editor.org/rfc/rfc8259#section-7).
    """
    if sum(map(content.count, PARTS)) <= MOST_PARTS:
        return False
    plain = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > 2 * MOST_PARTS + 2:  # between two texts there is a part
        return True
    between = b"".join(plain.split(b'"')[::2])
    return sum(map(between.count, PARTS)) > MOST_PARTS
