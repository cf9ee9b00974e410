"""Servers on a clock of their own: they take hours, and the test takes no time."""

import io
import socket
import time

from account_email_connector.providers import bounded, network
from account_email_connector.providers.imap import session as imap_session
from account_email_connector.providers.smtp import session as smtp_session

SMTP, IMAP = 2525, 1143


class Clock:
    """Goes on when somebody waits, and otherwise stands still."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def wait(self, seconds, limit):
        """Wait *seconds*, but not longer than *limit*.

        :raises TimeoutError: the limit came first.
        """
        self.now += min(seconds, limit)
        if seconds > limit:
            raise TimeoutError("timed out")


class Line(bounded.Socket):
    """A connected socket.

    :param script: what the other side says: pairs of the seconds until it comes, and
        bytes. Then it is silent.
    """

    def __init__(self, clock, script):
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self.clock, self.script = clock, list(script)

    def makefile(self, mode="r", buffering=None, **options):
        return bounded.Answers(_Arriving(self), self)

    def sendall(self, data, *args):
        pass

    def getpeername(self):
        return ("192.0.2.1", 25)


class _Arriving(io.RawIOBase):
    def __init__(self, line):
        self.line = line

    def readable(self):
        return True

    def readinto(self, buffer):
        line, limit = self.line, self.line.gettimeout()
        seconds, said = line.script.pop(0) if line.script else (1e9, b"")
        line.clock.wait(seconds, 1e9 if limit is None else limit)
        buffer[: len(said)] = said
        return len(said)


class World:
    """The network: which server says what, and how long its name and its way take."""

    def __init__(self, clock):
        self.clock = clock
        self.scripts = {}
        self.resolving = self.connecting = 0.0

    def resolve(self, host, port, timeout):
        try:
            self.clock.wait(self.resolving, timeout)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer") from None
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]

    def connect(self, found, timeout, check, told):
        told(1)
        self.clock.wait(self.connecting, timeout)
        scripts = self.scripts[found[0][4][1]]
        return Line(self.clock, scripts.pop(0) if scripts else [])

    def speaks_tls(self, host, port, timeout, context, reach):
        self.clock.now += 3 * timeout
        return False


def fake(monkeypatch):
    """Put a :class:`World` in place of the network and the clock; return it."""
    clock = Clock()
    world = World(clock)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(network, "_resolve", world.resolve)
    monkeypatch.setattr(network, "connect", world.connect)
    for module in (smtp_session, imap_session):
        monkeypatch.setattr(module, "speaks_tls", world.speaks_tls)
    return world
