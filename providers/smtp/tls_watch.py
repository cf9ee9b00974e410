"""Is a server silent, or does it wait for TLS? Asked while its greeting is waited for.

A greeting may take its time: tarpits and look-ups of the client's name make it 12 to 30
seconds (https://www.postfix.org/POSTSCREEN_README.html#pregreet), and RFC 5321,
4.5.3.2.1, has minutes. Whoever chose the wrong encryption shall not wait that long.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType


class TlsWatch:
    """Ask once, when nothing was said for a while; hang up if TLS was expected.

    :param sock: the line on which nothing is said.
    :param seconds: that while.
    :param speaks_tls: asks, on a line of its own.
    """

    def __init__(
        self, sock: socket.socket, seconds: float, speaks_tls: Callable[[], bool]
    ) -> None:
        self._sock = sock
        self._speaks_tls = speaks_tls
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        self._found: bool | None = None

    def __enter__(self) -> "TlsWatch":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def found(self) -> bool:
        """Whether the server expects TLS; no greeting came."""
        self._timer.cancel()
        return self._speaks_tls() if self._found is None else self._found

    def _look(self) -> None:
        self._found = False
        if self._speaks_tls():
            self._found = True
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
