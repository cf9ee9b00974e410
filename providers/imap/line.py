"""imaplib and IMAPClient over a connection of ours."""

# IMAPClient comes without types.
# mypy: allow-subclassing-any

import imaplib
import re
import socket
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from imapclient import IMAPClient

from ..bounded import Answers, Bound, TooMuch

# What one command is answered with: a page of headers, for example. IMAPClient looks at
# each byte of the lines, but not at the literals between them. Lines may be about other
# emails too: another program deletes thousands.
ANSWER = Bound(size=8 * 2**20, text=256 * 1024, lines=10_000, patience=3)
# The folders of a mailbox: of these IMAPClient gets to see a few only.
FOLDERS = Bound(size=8 * 2**20, text=4 * 2**20, lines=30_000, patience=3)
FOLDER = re.compile(rb'\((.*?)\) +(?:"\\?(.)"|NIL) +(.*)', re.DOTALL | re.IGNORECASE)
# https://www.rfc-editor.org/rfc/rfc9051#section-7.1
GREETING = re.compile(rb"\* (OK|PREAUTH|BYE)\b", re.IGNORECASE)


#: A line of imaplib; with a literal, what stands before it, and the literal.
Line = bytes | tuple[bytes, bytes]
#: Whether a folder is wanted: asked with its flags, delimiter and name.
Wanted = Callable[[bytes, bytes | None, bytes], bool]
#: A folder: its flags, delimiter and name.
Folder = tuple[tuple[bytes, ...], bytes | None, bytes]


class Namespaces(NamedTuple):
    """The prefixes of the user's own folders, and of other people's.

    https://www.rfc-editor.org/rfc/rfc9051#section-6.3.10
    """

    own: tuple[bytes, ...] = ()
    others: tuple[bytes, ...] = ()

    def is_own(self, name: bytes) -> bool:
        """Whether a folder is the user's: the longest prefix tells. One that has none
        of them is."""
        having = [p for p in (*self.own, *self.others) if name.startswith(p)]
        longest = max(having, key=len, default=b"")
        return longest in self.own or longest not in self.others


class NotImap(imaplib.IMAP4.error):
    """The greeting is none of a mail server. It is kept nowhere: whoever names a host
    and a port of somebody else's would read there what its service says."""


class ImapLine(IMAPClient):
    """A connection that stands, and has greeted.

    :param sock: a :class:`~..bounded.Socket` or :class:`~..bounded.TlsSocket`.
    :raises NotImap: another service answers.
    """

    def __init__(self, host: str, sock: socket.socket) -> None:
        self._connected = sock
        super().__init__(host, ssl=False, timeout=sock.gettimeout())
        self._imap.debug = 0  # else each byte is logged: other people's emails
        # With their own time zone: when summer time ends, one hour of this machine's
        # local time comes twice.
        self.normalise_times = False

    def folders(self, wanted: Wanted, *, special: bool = False) -> list[Folder]:
        """As :meth:`list_folders`, but only those that are wanted: a mailbox may have
        thousands, and to understand a name takes longer than to read it.

        :param wanted: called with a folder's flags, delimiter and name as bytes, just
            as the server writes them.
        :param special: ask for those only that have a use, such as Sent:
            https://www.rfc-editor.org/rfc/rfc6154#section-3
        """
        where = '(SPECIAL-USE) ""' if special else '""'
        done, lines = self._imap.list(where, '"*"')
        self._checkok("list", done, lines)
        kept = [line for line in lines if line and _may_be(line, wanted)]
        words = (line[0] if isinstance(line, tuple) else line for line in kept)
        if sum(map(len, words)) > ANSWER.text:
            raise TooMuch("too many folders")
        found = self._proc_folder_list(kept)
        # A name of digits only comes as text.
        return [
            (flags, mark, name if isinstance(name, bytes) else str(name).encode())
            for flags, mark, name in found
        ]

    def namespaces(self) -> Namespaces:
        """Where the user's own folders are."""
        kinds = [[prefix for prefix, _ in kind or ()] for kind in self.namespace()]
        return Namespaces(tuple(kinds[0]), tuple(kinds[1] + kinds[2]))

    def _normalise_folder(self, folder_name: bytes | str) -> bytes:
        """A name as the server has written it: not all do so in ASCII, as they should.
        https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3"""
        raw = folder_name.encode() if isinstance(folder_name, str) else folder_name
        escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        return b'"' + escaped + b'"'

    def _create_IMAP4(self) -> "_Imap4":
        return _Imap4(self.host, self._connected)


def _may_be(line: Line, wanted: Wanted) -> bool:
    """Whether a line of imaplib is about a folder that is wanted.

    :param line: bytes; with a literal, a tuple of what stands before it, and the name.
    """
    before, literal = line if isinstance(line, tuple) else (line, None)
    found = FOLDER.match(before)
    if not found:
        return True  # IMAPClient knows what to say of it
    flags, delimiter, name = found.groups()
    return wanted(flags, delimiter, name.strip(b' "') if literal is None else literal)


class _Imap4(imaplib.IMAP4):
    def __init__(self, host: str, sock: socket.socket) -> None:
        self._connected = sock
        self._greeted = False
        self._bound = ANSWER
        super().__init__(host)

    @property
    def _answers(self) -> Answers:
        return cast(Answers, self.file)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._connected

    def readline(self) -> bytes:
        if not self._greeted:
            self._answers.begin(ANSWER)
        line = self._answers.readline()
        if line and not self._greeted and not GREETING.match(line):
            raise NotImap
        self._greeted = True
        return line

    def _command(self, name: str, *args: Any) -> Any:
        self._bound = FOLDERS if name == "LIST" else ANSWER
        try:
            return cast(Any, super())._command(name, *args)
        finally:
            self._bound = ANSWER

    def _new_tag(self) -> bytes:
        """A command begins, and with it another answer."""
        self._answers.begin(self._bound)
        return bytes(cast(Any, super())._new_tag())
