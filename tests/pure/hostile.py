"""Servers that misbehave on purpose, and what it costs us to listen to them."""

import contextlib
import io
import itertools
import socket
import threading
import time
import tracemalloc

from account_email_connector.providers.bounded import Answers
from account_email_connector.providers.outcomes import Outcome
from processor import spent

# What is bounded takes 0.3 s at most, here and at rest: a flood of 20,000 lines. What
# is not, takes all of the two seconds for which :func:`flood` goes on.
SECONDS, BYTES = 0.6, 32 * 2**20


class FakeSocket:
    """What the product asks of a socket; what is read, and sent, its heirs know."""

    def __init__(self, timeout):
        self._timeout = timeout

    def send(self, data):
        self.sendall(data)
        return len(data)

    def gettimeout(self):
        return self._timeout

    def settimeout(self, seconds):
        self._timeout = seconds

    def getsockname(self):
        return ("192.0.2.1", 25)

    def shutdown(self, how):
        pass

    def close(self):
        pass


class Line(FakeSocket):
    """A socket of which the other side says what *answer* returns, until it is b"".

    :param answer: called with each line that was sent to it; at first with b"".
    """

    def __init__(self, answer):
        super().__init__(5)
        self._answer = answer
        self._said = io.BytesIO(answer(b""))
        self._heard = b""

    def makefile(self, mode, *_args, **_options):
        assert mode == "rb"
        return Answers(self._said, self)

    def sendall(self, data):
        *lines, self._heard = (self._heard + bytes(data)).split(b"\n")
        for line in lines:
            place = self._said.tell()
            self._said.seek(0, io.SEEK_END)
            self._said.write(self._answer(line.strip()))
            self._said.seek(place)


def outcome_of(action):
    """Return what an action ends with: an Outcome, or what it returned."""
    try:
        return action()
    except Outcome as outcome:
        return outcome


def cost(action):
    """Do it twice. Return what it ended with, seconds of a quick processor, and bytes.

    Memory is not measured at the same time, because that takes time.
    """
    result, seconds = spent(lambda: outcome_of(action), SECONDS)
    tracemalloc.start()
    try:
        outcome_of(action)
        return result, seconds, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cheap(action):
    """Return what an action ends with; fail if it costs much."""
    result, seconds, peak = cost(action)
    for _again in range(3):  # on a busy machine one measure says little
        if seconds < SECONDS:
            break
        seconds = cost(action)[1]
    assert seconds < SECONDS, f"{seconds:.2f} s of the processor: {result!r}"
    assert peak < BYTES, f"{peak >> 20} MB: {result!r}"
    return result


@contextlib.contextmanager
def serving(talk, context=None):
    """Let *talk* have each connection to a port of this machine; yields its number."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock):
        with contextlib.suppress(OSError), sock:
            talk(context.wrap_socket(sock, server_side=True) if context else sock)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                sock, _address = listener.accept()
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def flood(piece, before=b"", seconds=2):
    """Say something for ever."""

    def talk(sock):
        sock.sendall(before)
        end = time.monotonic() + seconds
        block = piece * (64 * 1024 // len(piece) + 1)
        while time.monotonic() < end:
            sock.sendall(block)

    return talk


def drip(piece, before=b"", pause=0.1, seconds=10):
    """Say a byte now and then, so that there always comes something."""

    def talk(sock):
        sock.sendall(before)
        for _number, byte in zip(range(int(seconds / pause)), itertools.cycle(piece)):
            sock.sendall(bytes([byte]))
            time.sleep(pause)

    return talk
