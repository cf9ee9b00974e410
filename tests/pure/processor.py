"""What something costs the processor, told alike on a quick and on a busy machine."""

import re
import time

# What `_work` takes on the machine on which the tests' bounds were found, at rest.
QUIET = 0.010
_PIECE = re.compile(rb"(\w+)=(\d+);")


def spent(action, enough=0):
    """Return what an action returns, and what it cost in seconds of a quick machine.

    The seconds of the processor of this thread, divided by how much slower known work
    is on this machine, at this moment, than where the bounds of the tests were found.

    :param enough: what takes less even here is not compared with known work, which
        takes far longer than most of what is measured; what takes more is done again,
        between two pieces of known work: others may have been busy.
    """
    if enough:
        result, taken = _timed(action)
        if taken < enough:
            return result, taken
    before = _work()
    result, taken = _timed(action)
    slowness = min(before, _work()) / QUIET  # what interrupts one of them says nothing
    return result, taken / max(slowness, 1)


def _timed(action):
    started = time.thread_time()
    result = action()
    return result, time.thread_time() - started


def _work():
    """Seconds that this machine takes now for a little of what parsers do."""
    started = time.thread_time()
    text = b"".join(b"name%d=%d;" % (number, number) for number in range(20_000))
    found = {name: int(value) for name, value in _PIECE.findall(text)}
    assert len(found) == 20_000
    return time.thread_time() - started
