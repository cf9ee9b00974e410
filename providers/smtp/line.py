"""smtplib's commands over a connection of ours, and replies that are really SMTP's."""

import math
import re
import smtplib
import socket
import time
from contextlib import suppress
from dataclasses import replace
from select import select
from typing import cast

from ..bounded import Answers, Bound, Socket, TlsSocket, TooMuch
from ..deadline import Deadline

REPLY = Bound(size=64 * 1024, text=64 * 1024, lines=500, line_patience=1)
NOTHING = Bound(size=0, text=0, lines=0)
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


#: A code, and words.
Reply = tuple[int, bytes]


class NotSmtp(smtplib.SMTPException):
    """The answer is no reply of a mail server. It is kept nowhere: whoever names a host
    and a port of somebody else's would read there what its service says."""


class SmtpLine(smtplib.SMTP):
    """A connection that stands.

    :param sock: a :class:`~..bounded.Socket` or :class:`~..bounded.TlsSocket`.
    :param name: what we call ourselves; by default, our address.
    """

    # What its own ``auth_…`` look for, while they are asked to sign in.
    user: str
    password: str

    def __init__(self, sock: socket.socket, name: str = "") -> None:
        # A host name behind NAT says nothing, and looking it up can take long:
        # RFC 5321, 4.1.3 has the address for that.
        address = sock.getsockname()[0]
        literal = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
        super().__init__(local_hostname=name or literal)
        self.sock = sock
        self.spare: float = SPARE
        #: By when the last reply must have come; of the clock that only goes forward.
        self.deadline: float = math.inf
        #: Whether all lines of the last reply said the same, as they have to, and a no
        #: was not cut off: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
        self.is_clear = True

    def standing(self) -> socket.socket:
        """The socket.

        :raises OSError: the line was cut.
        """
        if self.sock is None:
            raise OSError("the line was cut")
        return self.sock

    def keep(self, deadline: Deadline) -> None:
        """Let whatever is read from here on have come by *deadline*."""
        if isinstance(self.sock, (Socket, TlsSocket)):
            self.sock.deadline = deadline

    def listen(self) -> None:
        """Wait for the server to begin to speak, as long as there is time at all.

        :raises SMTPServerDisconnected: it does not; its context says why.
        """
        limit = self.standing().gettimeout()
        left = max(self.deadline - time.monotonic(), 0.1)
        self.standing().settimeout(left if left < math.inf else limit)
        try:
            self._answers(replace(REPLY, patience=1)).peek(1)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(type(error).__name__) from error
        self.standing().settimeout(limit)

    def getreply(self, form: re.Pattern[bytes] = REPLY_LINE) -> Reply:
        """Return a reply: its code, and its words, line by line, as bytes.

        smtplib's own collects lines for as long as they come, whatever they say.

        :param form: a regular expression that each line fits.
        :raises NotSmtp: it is none.
        :raises SMTPServerDisconnected: there is none; its context says why.
        """
        began, limit = time.monotonic(), self.standing().gettimeout()
        patience = 1 + self.spare
        if limit:
            patience = min(patience, max(self.deadline - began, 0) / limit)
        answers = self._answers(replace(REPLY, patience=patience))
        words, said, more = [], set(), True
        while more:
            line = self._line(answers, form)
            said.add(line[:3] if line.startswith(b"4") else line[:1])
            words.append(line[4:].strip())
            more = line[3:4] == b"-"
        whole = line.endswith(b"\n") or line.startswith(b"2")
        self.is_clear = whole and len(said) == 1
        waited = time.monotonic() - began
        overdrawn = max(waited / limit - 1, 0) if limit else 0
        self.spare = max(self.spare - overdrawn, 0)
        return int(line[:3]), b"\n".join(words)

    def has_spoken(self) -> bool:
        """Whether the server has said something that was not yet read."""
        if self.file is None:
            return False
        try:
            return bool(self._answers(NOTHING).peek(1))
        except TooMuch:  # of what has come nothing is left
            return _is_waiting(self.standing())

    def _answers(self, bound: Bound) -> Answers:
        """What the server says from here on, within *bound*."""
        if self.file is None:
            self.file = self.standing().makefile("rb")
        answers = cast(Answers, self.file)
        answers.begin(bound)
        return answers

    def _line(self, answers: Answers, form: re.Pattern[bytes]) -> bytes:
        try:
            line = answers.readline()
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(type(error).__name__) from error
        if form.fullmatch(line):
            return line
        self.close()
        if CUT_LINE.fullmatch(line):
            raise smtplib.SMTPServerDisconnected("the end")
        raise NotSmtp


def _is_waiting(sock: socket.socket) -> bool:
    """Whether something is to be read on a plain socket. Encrypted, something may be
    that says nothing. The end is no answer either."""
    if not isinstance(sock, Socket):
        return False
    with suppress(OSError):
        return bool(select([sock], [], [], 0)[0] and sock.recv(1, socket.MSG_PEEK))
    return False


def as_bytes(words: bytes | str) -> bytes:
    """A server's words, which are bytes; smtplib's errors might have a text."""
    return words if isinstance(words, bytes) else words.encode()
