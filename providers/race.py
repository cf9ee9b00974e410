"""Connect to a host of several addresses, some of which may lead nowhere.

"Happy Eyeballs": the next address is tried a moment later, while the one before it is
still waited for, IPv6 and IPv4 in turns. The first that answers is taken.
https://www.rfc-editor.org/rfc/rfc8305
"""

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import Any

from .bounded import Socket

#: As ``socket.getaddrinfo`` gives it: family, kind, protocol, name, address.
Found = tuple[int, int, int, str, Any]
#: Called with a family and an address; raises an OSError for what may not be asked.
Check = Callable[[int, Any], None]
#: Called with the number of an address, from 1.
Told = Callable[[int], None]

# https://www.rfc-editor.org/rfc/rfc8305#section-5 has 0.25 s, for browsers. A mail
# server may be told more than one connection at once; it is to be the exception.
HEAD_START = 1.0
# More than any provider has; each costs a socket.
MOST_ADDRESSES = 12
# The more an error says, the later: an IPv6 that this machine has not hides nothing.
TELLING = (
    *(errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.ENETUNREACH, errno.EHOSTUNREACH),
    *(errno.EACCES, errno.EPERM, errno.ETIMEDOUT, errno.ECONNRESET),
    errno.ECONNREFUSED,
)


def to_nobody(number: int) -> None:
    """Nobody waits."""


def in_turns(found: Sequence[Found]) -> list[Found]:
    """The addresses, each once, the families in turns, that of the first one first."""
    each = list(dict.fromkeys(found))
    if not each:
        return []
    first = [one for one in each if one[0] == each[0][0]]
    others = [one for one in each if one[0] != each[0][0]]
    turns = chain.from_iterable(zip_longest(first, others))
    return [one for one in turns if one][:MOST_ADDRESSES]


def connect(
    found: Sequence[Found],
    timeout: float,
    check: Check,
    told: Told = to_nobody,
) -> Socket:
    """Return a socket that is connected to one of these addresses.

    :param timeout: seconds for all of them together.
    :param told: called with 1, 2, … as each is begun with.
    :raises OSError: none answers: what says most about why.
    """
    race = _Race(timeout, check, told)
    try:
        return race.run(in_turns(found))
    finally:
        race.end()


class _Race:
    def __init__(self, timeout: float, check: Check, told: Told) -> None:
        self._until = time.monotonic() + timeout
        self._head_start = HEAD_START
        self._check = check
        self._told = told
        self._begun = 0
        self._running = selectors.DefaultSelector()
        self._errors: list[OSError] = []

    def run(self, found: list[Found]) -> Socket:
        self._head_start = min(HEAD_START, self._left() / (len(found) + 1))
        while found or self._running.get_map():
            if self._left() <= 0:
                self._errors.append(TimeoutError(errno.ETIMEDOUT, "timed out"))
                break
            if found:
                self._start(found.pop(0))
            winner = self._wait(self._head_start if found else self._left())
            if winner:
                return winner
        nothing = ConnectionRefusedError(errno.ECONNREFUSED, "no address")
        raise max(self._errors, key=_telling, default=nothing)

    def end(self) -> None:
        """Give up those that are still waited for."""
        for key in list(self._running.get_map().values()):
            self._give_up(key.fileobj)
        self._running.close()

    def _left(self) -> float:
        return self._until - time.monotonic()

    def _start(self, one: Found) -> None:
        family, kind, protocol, _name, address = one
        self._begun += 1
        self._told(self._begun)
        try:
            sock = Socket(family, kind, protocol)
        except OSError as error:
            self._errors.append(error)
            return
        try:
            self._check(family, address)
            sock.setblocking(False)
            failed = sock.connect_ex(address)
            if failed not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
                raise OSError(failed, os.strerror(failed))
        except OSError as error:
            sock.close()
            self._errors.append(error)
        else:
            self._running.register(sock, selectors.EVENT_WRITE)

    def _wait(self, seconds: float) -> Socket | None:
        """The first that is connected; None after *seconds*, or if one has failed."""
        if not self._running.get_map():
            return None
        for key, _events in self._running.select(max(min(seconds, self._left()), 0)):
            sock: Any = key.fileobj
            failed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not failed:
                self._running.unregister(sock)
                return sock  # type: ignore[no-any-return]
            self._errors.append(OSError(failed, os.strerror(failed)))
            self._give_up(sock)
        return None

    def _give_up(self, sock: Any) -> None:
        self._running.unregister(sock)
        sock.close()


def _telling(error: OSError) -> int:
    number = error.errno
    return TELLING.index(number) if number in TELLING else -1
