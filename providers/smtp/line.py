"""smtplib's commands over a connection of ours, and replies that are really SMTP's."""

import re
import smtplib
import time
from dataclasses import replace

from ..bounded import Bound

REPLY = Bound(size=64 * 1024, text=64 * 1024, lines=500, line_patience=1)
# How often the time limit may be waited in addition, by all replies together: honest
# servers take their time for each line of a greeting, and ten seconds for all of them
# are few (https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2 has minutes). By all
# together, for a sign-in has many replies, and Odoo kills who waits long for each.
SPARE = 3
# https://www.rfc-editor.org/rfc/rfc5321#section-4.2
REPLY_LINE = re.compile(rb"[2-5][0-9]{2}([ -][^\n]*)?\r?\n?")
# After the final dot three digits must do: it has been accepted, and an answer that is
# not understood would leave open whether it was.
LOOSE_LINE = re.compile(rb"[2-5][0-9]{2}([^0-9\n][^\n]*)?\r?\n?")
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
        self.spare = SPARE

    def getreply(self, form=REPLY_LINE):
        """Return a reply: its code, and its words, line by line, as bytes.

        smtplib's own collects lines for as long as they come, whatever they say.

        :param form: a regular expression that each line fits.
        :raises NotSmtp: it is none.
        :raises SMTPServerDisconnected: there is none; its context says why.
        """
        if self.file is None:
            self.file = self.sock.makefile("rb")
        self.file.begin(replace(REPLY, patience=1 + self.spare))
        began, limit = time.monotonic(), self.sock.gettimeout()
        words, more = [], True
        while more:
            line = self._line(form)
            words.append(line[4:].strip())
            more = line[3:4] == b"-"
        overdrawn = max((time.monotonic() - began) / limit - 1, 0)
        self.spare = max(self.spare - overdrawn, 0)
        return int(line[:3]), b"\n".join(words)

    def _line(self, form):
        try:
            line = self.file.readline()
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(type(error).__name__) from error
        if form.fullmatch(line):
            return line
        self.close()
        if CUT_LINE.fullmatch(line):
            raise smtplib.SMTPServerDisconnected("the end")
        raise NotSmtp
