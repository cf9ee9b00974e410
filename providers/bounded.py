"""Sockets from which nobody can be made to read for ever.

Whatever a server says is read through :meth:`socket.socket.makefile`: by smtplib, by
imaplib, and by http.client below requests. So the files that these sockets make keep
the bounds, and each of the libraries is bound without knowing it.
"""

import io
import math
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

from .deadline import NEVER, Deadline

# Each piece that arrives costs some microseconds, however small it is.
MOST_PIECES = 20_000


@dataclass(frozen=True)
class Bound:
    """How much one answer may be.

    :param size: bytes in all.
    :param text: bytes of its lines, which have to be understood.
    :param lines: how many lines.
    :param patience: how often the socket's time limit, which counts for each piece,
        may be waited in all.
    :param line_patience: how often it may be waited for each line, if all of the answer
        is lines.
    """

    size: int
    text: int
    lines: int
    patience: float = 1
    line_patience: float = math.inf


# An HTTP server's answer to one request. A page of 50 emails' headers is the longest
# that is asked for: Exchange's are some 15 kB each. Lines are its own headers, and the
# sizes of "chunked", whose chunks may be of some bytes only.
HTTP = Bound(size=2 * 2**20, text=128 * 1024, lines=20_000)
# What libraries raise for an answer that they do not understand: lists in lists, for
# example, go as deep as Python does.
NONSENSE = (
    *(AssertionError, AttributeError, LookupError, OverflowError),
    *(RecursionError, TypeError, ValueError),
)


class TooMuch(OSError):
    """The server has said more than any answer needs to have."""


class Answers(io.BufferedReader):
    """What a server says, one answer at a time; by itself a file is one answer.

    :param file: an unbuffered file of a socket.
    :param sock: that socket: its time limit counts.
    """

    def __init__(self, file: io.RawIOBase, sock: socket.socket) -> None:
        self._pieces = Pieces(file, sock)
        super().__init__(self._pieces)
        self.begin(HTTP)

    def begin(self, bound: Bound) -> None:
        """From here on another answer comes, which has these bounds."""
        self._text, self._lines = bound.text, bound.lines
        self._pieces.begin(bound)

    def readline(self, size: int | None = -1) -> bytes:
        """As in any file.

        :raises TooMuch: there were too many lines, or too long ones.
        """
        self._pieces.begin_line()
        limit = self._text + 1 if size is None or size < 0 else size
        line = super().readline(min(limit, self._text + 1))
        self._lines -= 1
        self._text -= len(line)
        if self._lines < 0 or self._text < 0:
            raise TooMuch("too many lines")
        return line

    def read(self, size: int | None = -1) -> bytes:
        """As in any file.

        :raises TooMuch: that many bytes shall not come. Python would make room for all
            of them first.
        """
        if size is not None and size > self._pieces.left:
            raise TooMuch("too many bytes")
        return super().read(size)


class Pieces(io.RawIOBase):
    """What arrives, up to a number of bytes and of seconds."""

    def __init__(self, file: io.RawIOBase, sock: socket.socket) -> None:
        self._file = file
        self._sock = sock

    def begin(self, bound: Bound) -> None:
        """Start counting."""
        self.left = bound.size
        self._patience, self._line_patience = bound.patience, bound.line_patience
        self._waited = 0.0
        self._pieces = 0
        self.begin_line()

    def begin_line(self) -> None:
        """A line of the answer begins."""
        self._line_began = self._waited

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read a piece.

        :raises TooMuch: there were too many, or too large ones.
        :raises TimeoutError: it has been too long in all.
        """
        if self.left <= 0 or self._pieces >= MOST_PIECES:
            raise TooMuch("too many bytes")
        size = self._wait_for(memoryview(buffer)[: self.left])
        self._pieces += 1
        self.left -= size or 0
        return size

    def _wait_for(self, buffer: memoryview) -> int | None:
        limit = self._sock.gettimeout()
        if limit is None:
            return self._file.readinto(buffer)
        line_waited = self._waited - self._line_began
        left = min(
            limit * self._patience - self._waited,
            limit * self._line_patience - line_waited,
            getattr(self._sock, "deadline", NEVER).left(),
        )
        if left <= 0:
            raise TimeoutError("the answer has no end")
        started = time.monotonic()
        try:
            self._sock.settimeout(min(limit, left))
            return self._file.readinto(buffer)
        finally:
            self._waited += time.monotonic() - started
            self._sock.settimeout(limit)

    def close(self) -> None:
        self._file.close()
        return super().close()


class _Bounded(socket.socket):
    """A socket whose files to read from are :class:`Answers`.

    :ivar deadline: by when the last answer must have come.
    """

    deadline: Deadline = NEVER

    def makefile(
        self, mode: Any = "r", buffering: int | None = None, **options: Any
    ) -> Any:
        if mode != "rb":
            return super().makefile(mode, buffering, **options)
        return Answers(super().makefile("rb", buffering=0), self)


class Socket(_Bounded):
    """A plain one."""


class TlsSocket(_Bounded, ssl.SSLSocket):
    """An encrypted one, which a context makes whose ``sslsocket_class`` this is."""
