"""The codings in which text travels in an email, undone.

Each takes time in proportion to what it is given, and makes it no longer; what is
broken is read as far as it goes.
"""

import binascii
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from urllib.parse import unquote_to_bytes

from . import charsets

#: Characters of a header's value that are read; RFC 5322 allows 998 on a line.
LONGEST_VALUE = 10_000
MOST_PARAMETERS = 100
MOST_WORDS = 500

# https://www.rfc-editor.org/rfc/rfc2047#section-2; some programs leave a "?" as it is.
# How many is bounded: else what has no end is looked for again from each beginning.
WORD = re.compile(
    r"=\?([^?\s]{1,75})\?([bq])\?([^?]*(?:\?(?!=)[^?]*){0,9})\?=", re.I | re.S
)
# https://www.rfc-editor.org/rfc/rfc2045#section-5.1; a quote may lack its end.
PARAMETER = re.compile(
    r';\s*([^\s;="]{1,60})\s*(?:=\s*("(?:[^"\\]|\\.)*"?|[^;"]*))?', re.S
)
NO_BASE64 = re.sub(rb"[A-Za-z0-9+/]", b"", bytes(range(256)))


def decode_words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) as text."""
    value = value[:LONGEST_VALUE]
    if "=?" not in value:
        return value
    read: list[str] = []
    run: tuple[str, list[bytes]] | None = None  # (charset, what is not yet text)
    end = 0
    for word in islice(WORD.finditer(value), MOST_WORDS):
        between = value[end : word.start()]
        charset = word[1].partition("*")[0].lower()  # a language: RFC 2231, section 5
        data, end = _word(word), word.end()
        # https://www.rfc-editor.org/rfc/rfc2047#section-6.2: the space between two is
        # none. A character may begin in one and end in the next.
        if run and not between.strip() and run[0] == charset:
            run[1].append(data)
            continue
        read.append(_text(run))
        read.append("" if run and not between.strip() else between)
        run = (charset, [data])
    return "".join([*read, _text(run), value[end:]])


def _word(word: re.Match[str]) -> bytes:
    data = word[3].encode("utf-8", "replace")
    if word[2] in "bB":
        return unbase64(data)
    return binascii.a2b_qp(data, header=True)


def _text(run: tuple[str, list[bytes]] | None) -> str:
    return charsets.read(b"".join(run[1]), run[0]) if run else ""


def parameters(value: str) -> dict[str, str]:
    """What stands behind the first ``;`` of a header, by names in lower case."""
    found: dict[str, str] = {}
    for match in islice(PARAMETER.finditer(value[:LONGEST_VALUE]), MOST_PARAMETERS):
        text = (match[2] or "").strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        found.setdefault(match[1].lower(), text)
    return found


def parameter(found: dict[str, str], name: str) -> str:
    """One of :func:`parameters` as text, empty if it is missing.

    It may be cut into several, with a charset: https://www.rfc-editor.org/rfc/rfc2231
    """
    if f"{name}*" in found:
        return _extended([(found[f"{name}*"], True)])
    pieces: list[tuple[str, bool]] = []
    while len(pieces) < MOST_PARAMETERS:
        piece = f"{name}*{len(pieces)}"
        if f"{piece}*" not in found and piece not in found:
            break
        encoded = f"{piece}*" in found
        pieces.append((found[f"{piece}*" if encoded else piece], encoded))
    return _extended(pieces) if pieces else decode_words(found.get(name, ""))


def _extended(pieces: Sequence[tuple[str, bool]]) -> str:
    """Text out of pieces, each with whether there are percent signs to undo."""
    first, encoded = pieces[0]
    charset = ""
    if encoded and first.count("'") >= 2:
        charset, _language, first = first.split("'", 2)
    pieces = [(first, encoded), *pieces[1:]]
    data = [
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        for text, encoded in pieces
    ]
    return charsets.read(b"".join(data), charset)


def unbase64(data: bytes) -> bytes:
    """Base64 up to its end, without what does not belong there."""
    digits = data.partition(b"=")[0].translate(None, NO_BASE64)
    if len(digits) % 4 == 1:  # six bits are no byte
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def unencoded(data: bytes, encoding: str) -> bytes:
    """The bytes of a part, by its Content-Transfer-Encoding."""
    if encoding == "base64":
        return unbase64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _unuuencoded(data)
    return data


def _unuuencoded(data: bytes) -> bytes:
    """Lines between "begin" and "end"; a line makes 45 bytes, whatever it lacks."""
    _mode, _newline, lines = data.partition(b"begin ")[2].partition(b"\n")
    if not lines:
        return data
    found, size = [], 0
    for line in lines.split(b"\n"):
        if line.strip() == b"end" or size > len(data):
            break
        with suppress(binascii.Error):
            found.append(binascii.a2b_uu(line))
            size += len(found[-1])
    return b"".join(found)
