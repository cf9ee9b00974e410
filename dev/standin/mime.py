"""Messages as bytes: headers are read and replaced without touching the rest."""

import email
import re
from email import policy
from email.utils import getaddresses

_FIELD = re.compile(rb"^([!-9;-~]+):(.*?\r?\n)(?![ \t])", re.M | re.S)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_PREFIXES = re.compile(r"^\s*((re|fwd?|aw|wg|sv|vs)\s*:\s*)+", re.I)


def split(raw):
    """Return (list of (lower-case name, field bytes), rest from the empty line on)."""
    end = re.search(rb"\r?\n(?=\r?\n)", raw)
    head, rest = (raw[: end.end()], raw[end.end() :]) if end else (raw, b"")
    fields = [
        (match[1].decode("ascii").lower(), match[0]) for match in _FIELD.finditer(head)
    ]
    return fields, rest


def header(raw, name):
    """Return the unfolded value of header *name*, undecoded; empty if missing."""
    for found, data in split(raw)[0]:
        if found == name.lower():
            value = data.partition(b":")[2].decode("utf-8", "replace")
            return " ".join(value.split())
    return ""


def with_headers(raw, values):
    """Return *raw* with headers replaced; a value of None removes the header.

    :param values: ``{name: value}``; new ones come first.
    """
    fields, rest = split(raw)
    newline = b"\r\n" if b"\r\n" in raw[:2000] else b"\n"
    names = {name.lower() for name in values}
    new = [
        f"{name}: {value}".encode() + newline
        for name, value in values.items()
        if value is not None
    ]
    kept = [data for name, data in fields if name not in names]
    return b"".join(new + kept) + rest


def parse(raw):
    """Return *raw* as an EmailMessage."""
    return email.message_from_bytes(raw, policy=policy.default)


def decoded(raw, name):
    """Return header *name*, decoded (RFC 2047)."""
    value = header(raw, name)
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (ValueError, LookupError):
        return value


def addresses(raw, *names):
    """Return [(name, address)] of these headers; addresses in lower case."""
    values = [decoded(raw, name) for name in names]
    pairs = getaddresses([value for value in values if value])
    return [(name, address.lower()) for name, address in pairs if "@" in address]


def recipients(raw):
    """Return the addresses of To, Cc and Bcc, each once, in order."""
    found = addresses(raw, "to", "cc", "bcc")
    return list(dict.fromkeys(address for _name, address in found))


def references(raw):
    """Return the message ids that this message answers, oldest first."""
    value = f"{header(raw, 'references')} {header(raw, 'in-reply-to')}"
    return list(dict.fromkeys(_MESSAGE_ID.findall(value)))


def thread_references(raw):
    """Return the ids by which later messages may name this one's conversation."""
    return references(raw) + _MESSAGE_ID.findall(header(raw, "message-id"))


def topic(raw):
    """Return the subject without its Re: and Fwd:, in lower case."""
    return _PREFIXES.sub("", decoded(raw, "subject")).strip().lower()


def bodies(raw):
    """Return (text, html), empty where the message has none."""
    message = parse(raw)
    found = []
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        try:
            found.append(part.get_content() if part else "")
        except (LookupError, UnicodeError):
            found.append(part.get_payload(decode=True).decode("utf-8", "replace"))
    return tuple(found)


def attachments(raw):
    """Return [(file name, content type, bytes)]."""
    return [
        (
            part.get_filename() or part.get_content_type(),
            part.get_content_type(),
            part.get_payload(decode=True) or b"",
        )
        for part in parse(raw).iter_attachments()
    ]
