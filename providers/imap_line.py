"""imaplib and IMAPClient over a connection of ours."""

import imaplib
import re

from imapclient import IMAPClient

from .bounded import Bound

# What one command is answered with: a page of headers, or the folders of a mailbox.
# IMAPClient looks at each byte of the lines, but not at the literals between them.
ANSWER = Bound(size=8 * 2**20, text=256 * 1024, lines=5_000, patience=3)
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

    def _create_IMAP4(self):
        return _Imap4(self.host, self._connected)


class _Imap4(imaplib.IMAP4):
    def __init__(self, host, sock):
        self._connected = sock
        self._greeted = False
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

    def _new_tag(self):
        """A command begins, and with it another answer."""
        self.file.begin(ANSWER)
        return super()._new_tag()
