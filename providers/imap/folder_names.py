"""Which of a mailbox's folders is its Sent folder: by its use, or by its name."""

from collections.abc import Iterable, Sequence

from imapclient.imap_utf7 import decode as decode_utf7

from .line import Folder, Namespaces
from .sent_names import ELSE, RANKS, folded

# Flags of folders that have another use, or cannot hold emails:
# https://www.rfc-editor.org/rfc/rfc6154#section-2
# https://www.rfc-editor.org/rfc/rfc9051#section-7.3.1
NO_FOLDER = (b"\\noselect", b"\\nonexistent")
OTHER_USES = (
    *(b"\\all", b"\\archive", b"\\drafts", b"\\flagged", b"\\important", b"\\junk"),
    *(b"\\spam", b"\\trash", b"\\inbox", b"\\noselect", b"\\nonexistent"),
)
MOST_CHOICES = 500  # folders among which a person may choose


def marked(folders: Iterable[Folder]) -> bytes:
    """The folder that the server marks as Sent; empty if it marks none. Of several the
    highest: a colleague's mailbox has one, too."""
    found = [
        (_depth(name, delimiter), number, name)
        for number, (flags, delimiter, name) in enumerate(folders)
        if has_flag(flags, b"\\sent") and not has_flag(flags, *NO_FOLDER)
    ]
    return min(found)[2] if found else b""


def named(folders: Iterable[Folder]) -> bytes:
    """The folder with a usual name; empty if there is none. Of several the highest,
    because an archive or a colleague's mailbox may have one, too."""
    found: list[tuple[int, int, bytes]] = []
    for flags, delimiter, name in folders:
        rank = RANKS.get(folded(_path(name, delimiter)[-1]))
        if rank is not None and not has_flag(flags, *NO_FOLDER):
            found.append((_depth(name, delimiter), rank, name))
    return min(found)[2] if found else b""


def has_flag(flags: Iterable[bytes], *wanted: bytes) -> bool:
    """Whether one of these is among a folder's flags; *wanted* is in lower case."""
    return not {flag.lower() for flag in flags}.isdisjoint(wanted)


def may_be_sent(flags: bytes, delimiter: bytes | None, name: bytes) -> bool:
    """Whether to look at a folder more closely: this is asked for each of thousands."""
    if b"\\sent" in flags.lower():
        return True
    return _last(delimiter, name) in RANKS


class Survey:
    """Sees all folders pass by, and keeps none: how names are put together here, and
    whether there is a folder of which nobody knows what it is for. Who does not even
    list INBOX, which always is there, has not told which folders there are."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self.delimiter = b"."
        self._has_inbox = False
        self._has_unknown = False

    @property
    def is_clear(self) -> bool:
        """Whether it is known what all folders are for."""
        return self._has_inbox and not self._has_unknown

    def __call__(self, flags: bytes, delimiter: bytes | None, name: bytes) -> bool:
        self.delimiter = delimiter or self.delimiter
        self._has_inbox |= name.upper() == b"INBOX"
        if not self._has_unknown and _depth(name, delimiter) == 1:
            own = self._namespaces.is_own(name)
            used = has_flag(flags.split(), *OTHER_USES)
            self._has_unknown = own and not used and _last(delimiter, name) not in ELSE
        return False


class Choices:
    """Keeps what a person may choose from, up to a number."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._left = MOST_CHOICES

    def __call__(self, flags: bytes, delimiter: bytes | None, name: bytes) -> bool:
        wanted = (
            self._left > 0
            and not has_flag(flags.split(), *NO_FOLDER)
            and name.upper() != b"INBOX"
            and self._namespaces.is_own(name)
        )
        self._left -= wanted
        return wanted


def readable(name: bytes) -> str:
    """A folder's name as people see it, however the server writes it: in modified
    UTF-7 as it should, in UTF-8 as many do, or in neither.

    https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3
    """
    try:
        return str(decode_utf7(name)) if name.isascii() else name.decode()
    except ValueError:
        return name.decode("latin-1")


def places(namespaces: Namespaces, delimiter: bytes, name: bytes) -> Sequence[bytes]:
    """Under which names a new folder may be created, the likeliest first. Some servers
    have all folders below INBOX, and not all of them say so."""
    prefixes = [*namespaces.own[:1], b"", b"INBOX" + delimiter]
    full = [name if name.startswith(p) else p + name for p in prefixes]
    return list(dict.fromkeys(full))


def _last(delimiter: bytes | None, name: bytes) -> str:
    """The last part of a name, to compare it. Python's UTF-7 is not IMAP's, but as good
    for the names that we know, and much faster."""
    last = name.rsplit(delimiter, 1)[-1] if delimiter else name
    try:
        if last.isascii() and b"&" in last:
            words = last.replace(b"&", b"+").replace(b",", b"/").decode("utf-7")
        else:
            words = last.decode()
    except UnicodeError:
        words = last.decode("latin-1")
    return folded(words)


def _path(name: bytes, delimiter: bytes | None) -> list[str]:
    words = readable(name)
    return words.split(readable(delimiter)) if delimiter else [words]


def _depth(name: bytes, delimiter: bytes | None) -> int:
    """How far down a folder lies. All may be below INBOX, a common namespace."""
    path = name.split(delimiter) if delimiter else [name]
    return len(path) - (len(path) > 1 and path[0].upper() == b"INBOX")
