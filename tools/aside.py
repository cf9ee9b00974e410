"""Work in a thread of its own, which tells here what it is doing."""

import queue
import threading
from contextlib import suppress


def aside(work, heed):
    """Let *work* run in a thread of its own until it is over; return what it returns.

    Its frames are none below which *heed* runs: what they hold leads nowhere from here.
    It has no database: what it finds out is told.

    :param work: called with a function ``tell``, which takes anything, at any time.
    :param heed: called here with each thing that was told.
    :raises Exception: whatever *work* raises; what *heed* raises, once that is over.
    """
    told = queue.SimpleQueue()
    thread = _Work(work, told)
    thread.start()
    try:
        while (thing := told.get()) is not _OVER:
            heed(thing)
    finally:
        with suppress(RuntimeError):
            thread.join()
    return thread.result()


_OVER = object()


class _Work(threading.Thread):
    def __init__(self, work, told):
        super().__init__(name="account_email_connector", daemon=True)
        self._work, self._told = work, told
        self._returned = self._raised = None

    def run(self):
        """Work."""
        try:
            self._returned = self._work(self._told.put)
        except BaseException as error:  # noqa: BLE001  # it is raised where one waits
            self._raised = error
        finally:
            self._work = None
            self._told.put(_OVER)

    def result(self):
        """What came of it."""
        raised, self._raised = self._raised, None
        if raised:
            raise raised
        return self._returned
