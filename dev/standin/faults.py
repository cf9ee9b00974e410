"""Faults on command: which call shall go wrong, and how."""

import itertools
import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase


@dataclass
class Fault:
    """What goes wrong with the next *times* calls of *endpoint*.

    :param endpoint: a pattern of endpoint names, such as ``graph.sendMail``.
    :param fault: a name of :mod:`.fault_table`, or empty: a normal answer.
    :param times: how often, -1: until cleared.
    :param account: only calls of this account; *client_id* likewise.
    :param when: ``before`` (nothing is done) or ``after`` (the mail is accepted and
        filed, then the fault is answered).
    :param status, body, headers: a literal answer instead of a named fault.
    :param retry_after: seconds; as an HTTP date with *retry_after_date*.
    :param delay: seconds to wait before the answer.
    :param cut: reset the connection after so many bytes of the answer.
    :param cut_read: reset it after so many bytes of the request's body were read.
    :param channel: sign-in errors, ``page`` or ``callback``, if not the usual one.
    """

    endpoint: str
    fault: str = ""
    times: int = 1
    account: str = ""
    client_id: str = ""
    when: str = "before"
    status: int = 0
    body: object = None
    headers: dict = field(default_factory=dict)
    retry_after: int | None = None
    retry_after_date: bool = False
    delay: float = 0.0
    cut: int | None = None
    cut_read: int | None = None
    channel: str = ""
    id: int = 0

    @property
    def answers(self):
        """Whether it replaces the normal answer."""
        return bool(self.fault or self.status)

    @property
    def is_personal(self):
        """Whether it depends on who calls."""
        return bool(self.account or self.client_id)

    def concerns(self, account, client_id):
        """Whether it is for the calls of this account by this client."""
        return self.account in ("", account) and self.client_id in ("", client_id)


class Faults:
    """The faults that are waiting for their call; thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting = []
        self._ids = itertools.count(1)

    def add(self, endpoint, fault=None, **how):
        """Add a :class:`Fault`; return its id.

        :raises TypeError: on an unknown option.
        """
        options = {name: value for name, value in how.items() if value is not None}
        new = Fault(endpoint, str(fault or ""), **options)
        with self._lock:
            new.id = next(self._ids)
            self._waiting.append(new)
        return new.id

    def take(self, endpoint, who=None):
        """Return the first fault for a call of *endpoint*, or None; count it down.

        :param who: a callable that returns the call's (account, client id); asked only
            when a fault depends on it.
        """
        with self._lock:
            caller = None
            for waiting in self._waiting:
                if not fnmatchcase(endpoint, waiting.endpoint):
                    continue
                if waiting.is_personal:
                    caller = caller or (who() if who else ("", ""))
                    if not waiting.concerns(*caller):
                        continue
                self._count_down(waiting)
                return waiting
        return None

    def _count_down(self, fault):
        fault.times -= 1
        if fault.times == 0:
            self._waiting.remove(fault)

    def list(self):
        """Return the waiting faults as dicts."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self, fault_id=None):
        """Drop all waiting faults, or the one with this id."""
        with self._lock:
            self._waiting = [
                fault for fault in self._waiting if fault_id not in (None, fault.id)
            ]
