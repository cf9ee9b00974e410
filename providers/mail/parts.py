"""The parts of an email that are no containers (RFC 2046), found in one pass.

Python's own parser calls itself for each part in a part, and asks all that are open
about each line: a stranger's email of 256 KB can cost it half a minute.
"""

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from functools import cached_property

from ..outcomes import one_line
from . import charsets
from .fields import read_fields, value
from .words import parameter, parameters, unencoded

DEEPEST = 20  # parts in parts
MOST_PARTS = 200
MOST_PART_FIELDS = 50
LONGEST_TEXT = 100_000  # characters

DELIMITER = re.compile(rb"^--([^\n]*)", re.M)
# https://www.rfc-editor.org/rfc/rfc2045#section-5.1
KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


class Part:
    """One part: what it says of itself, and what it holds.

    :param fields: an :class:`email.message.Message`, without a body.
    :param raw: its content, as it travels.
    :param within: the containers that it lies in, the outermost first.
    """

    def __init__(
        self, fields: Message, raw: bytes = b"", within: tuple["Part", ...] = ()
    ) -> None:
        self.fields = fields
        self._raw = raw
        self.within = within

    @cached_property
    def kind(self) -> str:
        """Its type and subtype, in lower case."""
        return kind(self.fields)

    @cached_property
    def boundary(self) -> bytes | None:
        """What separates the parts in it; None if it is no container."""
        if not self.kind.startswith("multipart/") or "boundary" not in self._type:
            return None
        return self._type["boundary"].encode("utf-8", "replace").rstrip()

    @cached_property
    def file_name(self) -> str:
        """What an attachment is called; empty for what is none."""
        disposition, found = self._disposition
        name = parameter(found, "filename") or parameter(self._type, "name")
        return one_line(name) or ("?" if disposition == "attachment" else "")

    @cached_property
    def is_shown(self) -> bool:
        """Whether mail programs show it with the email, rather than as a file:
        https://www.rfc-editor.org/rfc/rfc2183#section-2.1"""
        return self._disposition[0] == "inline" or not self.file_name

    @cached_property
    def data(self) -> bytes:
        """Its content, as bytes."""
        encoding = value(self.fields, "Content-Transfer-Encoding")
        return unencoded(self._raw, encoding.partition(";")[0].strip().lower())

    @cached_property
    def text(self) -> str:
        """Its content as text, whatever is said of its charset."""
        text = charsets.read(self.data, parameter(self._type, "charset"))
        return text[:LONGEST_TEXT]

    @cached_property
    def content_id(self) -> str:
        """By which other parts of the email call it."""
        return value(self.fields, "Content-ID").strip("<> ")

    @cached_property
    def root_id(self) -> str:
        """Of a container, which of its parts the others belong to, if it says so:
        https://www.rfc-editor.org/rfc/rfc2387#section-3.2"""
        return parameter(self._type, "start").strip("<> ")

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        told = value(self.fields, "Content-Disposition")
        kind, _semicolon, more = told.partition(";")
        if "=" in kind:  # some programs leave it out
            kind, more = "", told
        return kind.strip().lower(), parameters(f";{more}")

    @cached_property
    def _type(self) -> dict[str, str]:
        return parameters(value(self.fields, "Content-Type"))


def kind(fields: Message) -> str:
    """The type and subtype that *fields* tell, in lower case."""
    told = KIND.match(value(fields, "Content-Type").lower())
    return told[0] if told else "text/plain"


def parts(fields: Message, body: bytes) -> list[Part]:
    """The parts of an email that are no containers, in their order.

    An attached email (``message/…``) is not looked into, nor is what lies deeper than
    :data:`DEEPEST` or comes after :data:`MOST_PARTS`.

    :param fields: the email's headers.
    :param body: what follows them, see :func:`~.fields.read_fields`.
    """
    whole = Part(fields, body)
    if whole.boundary is None:
        return [whole]
    return list(_within(whole, whole.boundary, body))


def _within(whole: Part, boundary: bytes, body: bytes) -> Iterator[Part]:
    """Yield what lies in the container that *boundary* divides."""
    containers, within, count = [boundary], [whole], 0
    begun: tuple[Message, int] | None = None
    for line in DELIMITER.finditer(body):
        level, closes = _delimited(containers, line[1].rstrip())
        if level is None:
            continue
        if begun:
            yield Part(begun[0], body[begun[1] : line.start() - 1], tuple(within))
            begun = None
        # A line of an outer container ends what is open in it.
        del containers[level + (not closes) :], within[level + (not closes) :]
        if not containers or count >= MOST_PARTS:
            break
        if not closes:
            count += 1
            begun = read_fields(body, line.end() + 1, MOST_PART_FIELDS)
            inner = Part(begun[0])
            if inner.boundary is not None and len(containers) < DEEPEST:
                containers.append(inner.boundary)
                within.append(inner)
                begun = None
    if begun:
        yield Part(begun[0], body[begun[1] :], tuple(within))


def _delimited(containers: Sequence[bytes], line: bytes) -> tuple[int | None, bool]:
    """Which container a line after "--" separates, and whether it is its end."""
    if line in containers:
        return containers.index(line), False
    if line.endswith(b"--") and line[:-2] in containers:
        return containers.index(line[:-2]), True
    return None, False
