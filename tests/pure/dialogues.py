"""Servers that misbehave as they are told, on a clock that only they move.

What one does is a list of events: bytes that it says, :data:`STALL` (nothing any more),
:data:`CUT` (it hangs up), or a number of seconds in which nothing comes; :data:`USUAL`
is what it should say.
"""

import re
from types import SimpleNamespace

from account_email_connector.providers.bounded import Answers, Pieces
from hostile import FakeSocket

STALL, CUT, USUAL = "stall", "cut", "usual"
# What the final dot is answered with where it was not accepted for sure. After 4.4.x,
# and 421 alone, it may have been: see smtp.codes.
REFUSED = re.compile(rb"5\d\d|421[ -]4\.(?!4\.)|(?!421)4\d\d(?:[ -](?!4\.4\.)|$)")


class Clock:
    """What the product takes for ``time``."""

    def __init__(self):
        self.now = 1000.0

    def advance(self, seconds):
        self.now += seconds

    def patch(self, patch, *modules):
        fake = SimpleNamespace(monotonic=lambda: self.now, sleep=self.advance)
        for module in modules:
            patch.setattr(module, "time", fake)


class Wire(FakeSocket):
    """A socket to a server that hears lines and does what it likes.

    :param server: has ``hear(line)``, called with each, and at first with None; returns
        events.
    """

    def __init__(self, clock, server):
        super().__init__(5.0)
        self.clock = clock
        self._server = server
        self._events = list(server.hear(None))
        self._heard = b""

    # -- what the product asks of a socket

    def makefile(self, mode, *_args, **_options):
        return Answers(_Ear(self), self)

    def sendall(self, data):
        if self._events[:1] == [CUT]:
            raise ConnectionResetError("cut")
        *lines, self._heard = (self._heard + bytes(data)).split(b"\n")
        for line in lines:
            self._events += self._server.hear(line.rstrip(b"\r"))

    # -- what comes of it

    def read(self, size):
        """All that has been said by now; it may take its time."""
        waited = 0
        while self._events and isinstance(self._events[0], (int, float)):
            waited += self._events.pop(0)
            if waited > self._timeout:
                self._events.insert(0, waited - self._timeout)
                return self._silence()
        self.clock.advance(waited)
        if not self._events or self._events[0] == STALL:
            return self._silence()
        if self._events[0] == CUT:
            return b""
        said = b""
        while self._events and isinstance(self._events[0], bytes):
            said += self._events.pop(0)
        if said[size:]:
            self._events.insert(0, said[size:])
        return said[:size]

    def _silence(self):
        self.clock.advance(self._timeout)
        raise TimeoutError("timed out")


class _Ear(Pieces):
    """The file from which a Wire is read."""

    def __init__(self, wire):
        self._wire = wire

    def readinto(self, buffer):
        said = self._wire.read(len(buffer))
        buffer[: len(said)] = said
        return len(said)

    def close(self):
        pass


class SmtpTruth:
    """A server, all its connections, and what it has really accepted.

    :param odd: ``{(stage, n): (events, counts)}``: what it does the nth time at a stage
        instead of what it should; *counts*: whether it accepts where its answer to the
        final dot does not say so.
    """

    def __init__(self, odd, extensions=()):
        self._odd = odd
        self._asked = {}
        self.hello = [b"hi", *extensions]
        self.accepted = []

    def connection(self):
        return _SmtpConnection(self)

    def does(self, stage, usual):
        number = self._asked.get(stage, 0)
        self._asked[stage] = number + 1
        events, counts = self._odd.get((stage, number), ([USUAL], False))
        return [usual if each is USUAL else each for each in events], counts


STAGES = {
    b"EHLO": "ehlo",
    b"HELO": "ehlo",
    b"STARTTLS": "starttls",
    b"AUTH": "auth",
    b"MAIL": "mail",
    b"RCPT": "rcpt",
    b"RSET": "rset",
    b"DATA": "data",
}


class _SmtpConnection:
    def __init__(self, truth):
        self._truth = truth
        self._body = None

    def hear(self, line):
        if line is None:
            return self._truth.does("greeting", b"220 hi\r\n")[0]
        if self._body is None:
            return self._command(line)
        if line != b".":
            self._body.append(line)
            return []
        events, counts = self._truth.does("dot", b"250 2.0.0 accepted\r\n")
        if really_accepted(events, counts):
            self._truth.accepted.append(message_id(self._body))
        self._body = None
        return events

    def _command(self, line):
        stage = STAGES.get(line.split(b" ")[0].upper())
        if not stage:
            return [b"221 bye\r\n" if line == b"QUIT" else b"500 what?\r\n"]
        events, _counts = self._truth.does(stage, self._usual(stage))
        if stage == "data" and events[:1] and as_bytes(events).startswith(b"354"):
            self._body = []
        return events

    def _usual(self, stage):
        if stage == "ehlo":
            *lines, last = self._truth.hello
            return b"".join(b"250-%s\r\n" % x for x in lines) + b"250 %s\r\n" % last
        codes = {"data": b"354", "auth": b"235", "starttls": b"220"}
        return codes.get(stage, b"250") + b" ok\r\n"


def as_bytes(events):
    """What is said until it stalls or hangs up."""
    said = b""
    for event in events:
        if event in (STALL, CUT):
            break
        said += event if isinstance(event, bytes) else b""
    return said


def really_accepted(events, counts):
    """Whether a server that answers the final dot so has accepted the email.

    Where the standard does not say, *counts* does.
    """
    reply = first_reply(as_bytes(events))
    if not reply:
        return counts
    if all(line.startswith(b"2") for line in reply):
        return True
    refused = all(line[:1] in b"45" for line in reply)
    return counts and not (refused and REFUSED.match(reply[0]))


def first_reply(said):
    """Its lines, if there is one, and it is whole."""
    lines = re.match(rb"(?:[2-5]\d\d-[^\n]*\n)*[2-5]\d\d(?: [^\n]*)?\n", said)
    return lines[0].split(b"\n")[:-1] if lines else []


def message_id(lines):
    named = (line for line in lines if line.lower().startswith(b"message-id:"))
    return next(named, b"?").partition(b":")[2].strip().decode()


HEADER = b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\n"
BOX = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 13] ok\r\n"
IMAP_ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n",
    b"AUTHENTICATE": b"+ \r\n",
    b"EXAMINE": BOX,
    b"SELECT": BOX,
    b"SEARCH": b"* SEARCH 11 12\r\n",
    b"LIST": b'* LIST (\\Sent) "/" Sent\r\n',
    b"APPEND": b"+ go\r\n",
    b"FETCH": b"".join(
        b"* %d FETCH (UID %d %s {%d}\r\n" % (uid - 10, uid, part, len(HEADER))
        + HEADER
        + b' INTERNALDATE "01-Feb-2026 10:00:00 +0000")\r\n'
        for uid in (11, 12)
        for part in (b"BODY[HEADER.FIELDS (FROM)]", b"BODY[]<0>")
    ),
}


class ImapTruth:
    """A server, all its connections.

    :ivar filed: how many copies have come as a whole.
    :param odd: ``{(command, n): events}``; in what it says ``%T`` is the command's tag,
        and :data:`USUAL` what it should say.
    """

    def __init__(self, odd):
        self._odd = odd
        self._asked = {}
        self.filed = 0

    def connection(self):
        return _ImapConnection(self)

    def does(self, command, tag, usual):
        number = self._asked.get(command, 0)
        self._asked[command] = number + 1
        events = self._odd.get((command, number), [USUAL])
        events = [usual if each is USUAL else each for each in events]
        return [e.replace(b"%T", tag) if isinstance(e, bytes) else e for e in events]


class _ImapConnection:
    def __init__(self, truth):
        self._truth = truth
        self._awaited = 0
        self._tag = b"*"

    def hear(self, line):
        if line is None:
            return self._truth.does(b"", b"*", b"* OK hi\r\n")
        if self._awaited:
            return self._literal(line)
        tag, _space, command = line.partition(b" ")
        if not re.fullmatch(rb"[A-P]{4}[0-9]+", tag):
            return []
        self._tag = tag
        name = command.upper().removeprefix(b"UID ").split(b" ")[0]
        end = b"" if name == b"APPEND" else b"%T OK done\r\n"
        if name == b"APPEND":
            size = re.search(rb"\{([0-9]+)\}$", line)
            self._awaited = int(size[1]) + 2 if size else 0
        return self._truth.does(name, tag, IMAP_ANSWERS.get(name, b"") + end)

    def _literal(self, line):
        self._awaited = max(self._awaited - len(line) - 2, 0)
        if self._awaited:
            return []
        self._truth.filed += 1
        return self._truth.does(b"FILED", self._tag, b"%T OK filed\r\n")
