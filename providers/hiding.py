"""A secret that a server repeats is shown to nobody, whatever it has made of it."""

import base64
from collections.abc import Iterator

#: What has so many bytes in a row in common with a secret is taken for a part of it.
SHORTEST = 8


def without(words: bytes, password: str, user: str = "") -> bytes:
    """*words* with ``***`` in place of a password and its parts.

    In clear, in quotes (RFC 9051, 4.3), or in base64: alone, along with the *user*, as
    a sign-in with PLAIN has it (RFC 4616), or anywhere in another text. A password
    shorter than a part is looked for as a whole.
    """
    hidden = bytearray(len(words))
    found: dict[int, set[bytes]] = {}
    for form in _forms(_utf8(password), _utf8(user)):
        size = min(len(form), SHORTEST)
        some = (form[at : at + size] for at in range(len(form) - size + 1))
        found.setdefault(size, set()).update(some)
    for size, parts in found.items():
        for at in range(len(words) - size + 1):
            if words[at : at + size] in parts:
                hidden[at : at + size] = b"\1" * size
    shown, before = bytearray(), 0
    for byte, hides in zip(words, hidden, strict=True):
        if not hides:
            shown.append(byte)
        elif not before:
            shown += b"***"
        before = hides
    return bytes(shown)


def _forms(password: bytes, user: bytes) -> Iterator[bytes]:
    if not password:
        return
    yield password
    yield password.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    yield base64.b64encode(password)
    yield base64.b64encode(b"\0%s\0%s" % (user, password))
    yield base64.b64encode(b"%s\0%s\0%s" % (user, user, password))
    for before in range(3):  # what stands around it changes the characters at its edges
        bits = 8 * (before + len(password))
        form = base64.b64encode(bytes(before) + password)
        form = form[-(-8 * before // 6) : bits // 6]
        if len(form) >= SHORTEST:
            yield form


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
