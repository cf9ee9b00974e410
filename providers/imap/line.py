"""imaplib and IMAPClient over a connection of ours."""

import imaplib
import re

from imapclient import IMAPClient

from ..bounded import Bound, TooMuch

# What one command is answered with: a page of headers, for example. IMAPClient looks at
# each byte of the lines, but not at the literals between them. Lines may be about other
# emails too: another program deletes thousands.
ANSWER = Bound(size=8 * 2**20, text=256 * 1024, lines=10_000, patience=3)
# The folders of a mailbox: of these IMAPClient gets to see a few only.
FOLDERS = Bound(size=8 * 2**20, text=4 * 2**20, lines=30_000, patience=3)
FOLDER = re.compile(rb'\((.*?)\) +(?:"\\?(.)"|NIL) +(.*)', re.DOTALL | re.IGNORECASE)
# https://www.rfc-editor.org/rfc/rfc9051#section-7.1
GREETING = re.compile(rb"\* (OK|PREAUTH|BYE)\b", re.IGNORECASE)


class NotImap(imaplib.IMAP4.error):
    """The greeting is none of a mail server. It is kept nowhere: whoever names a host
    and a port of somebody else's would read there what its service says."""


class ImapLine(IMAPClient):
    """A connection that stands, and has greeted.

    :param sock: a :class:`~.bounded.Socket` or :class:`~.bounded.TlsSocket`.
    :raises NotImap: another service answers.
    """

    def __init__(self, host, sock):
        self._connected = sock
        super().__init__(host, ssl=False, timeout=sock.gettimeout())
        self._imap.debug = 0  # else each byte is logged: other people's emails
        # With their own time zone: when summer time ends, one hour of this machine's
        # local time comes twice.
        self.normalise_times = False

    def folders(self, wanted, *, special=False):
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
        return self._proc_folder_list(kept)

    def _create_IMAP4(self):
        return _Imap4(self.host, self._connected)


def _may_be(line, wanted):
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
    def __init__(self, host, sock):
        self._connected = sock
        self._greeted = False
        self._bound = ANSWER
        super().__init__(host)

    def _create_socket(self, timeout):
        return self._connected

    def readline(self):
        if not self._greeted:
            self.file.begin(ANSWER)
        line = self.file.readline()
        if line and not self._greeted and not GREETING.match(line):
            raise NotImap
        self._greeted = True
        return line

    def _command(self, name, *args):
        self._bound = FOLDERS if name == "LIST" else ANSWER
        try:
            return super()._command(name, *args)
        finally:
            self._bound = ANSWER

    def _new_tag(self):
        """A command begins, and with it another answer."""
        self.file.begin(self._bound)
        return super()._new_tag()
