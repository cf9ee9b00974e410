"""smtplib's commands over a connection of ours, and replies that are really SMTP's."""

import re
import smtplib

from .bounded import Bound

REPLY = Bound(size=64 * 1024, text=64 * 1024, lines=500)
# https://www.rfc-editor.org/rfc/rfc5321#section-4.2
REPLY_LINE = re.compile(rb"[2-5][0-9]{2}([ -][^\n]*)?\r?\n?")
CUT_LINE = re.compile(rb"([2-5][0-9]?)?")


class NotSmtp(smtplib.SMTPException):
    """The answer is no reply of a mail server. It is kept nowhere: whoever names a host
    and a port of somebody else's would read there what its service says."""


class SmtpLine(smtplib.SMTP):
    """A connection that stands.

    :param sock: a :class:`~.bounded.Socket` or :class:`~.bounded.TlsSocket`.
    """

    def __init__(self, sock):
        # A host name behind NAT says nothing, and looking it up can take long:
        # RFC 5321, 4.1.3 has the address for that.
        name = sock.getsockname()[0]
        literal = f"[IPv6:{name}]" if ":" in name else f"[{name}]"
        super().__init__(local_hostname=literal)
        self.sock = sock

    def getreply(self):
        """Return a reply: its code, and its words, line by line, as bytes.

        smtplib's own collects lines for as long as they come, whatever they say.

        :raises NotSmtp: it is none.
        :raises SMTPServerDisconnected: there is none; its context says why.
        """
        if self.file is None:
            self.file = self.sock.makefile("rb")
        self.file.begin(REPLY)
        words, more = [], True
        while more:
            line = self._line()
            words.append(line[4:].strip())
            more = line[3:4] == b"-"
        return int(line[:3]), b"\n".join(words)

    def _line(self):
        try:
            line = self.file.readline()
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(type(error).__name__) from error
        if REPLY_LINE.fullmatch(line):
            return line
        self.close()
        if CUT_LINE.fullmatch(line):
            raise smtplib.SMTPServerDisconnected("the end")
        raise NotSmtp
