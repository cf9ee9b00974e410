"""A mailbox that has bad days, and knows what customers really got."""

from collections import Counter
from dataclasses import replace

from ...providers.outcomes import OutcomeUnknown, Rejected, Throttled
from ...providers.reasons import Reason
from ..common import MemoryMailbox


class MoodyMailbox(MemoryMailbox):
    """Takes emails, refuses some addresses, and sometimes does not answer.

    :param chance: a seeded ``random.Random``.
    """

    def __init__(self, chance):
        super().__init__()
        self.chance = chance
        self.storm = None  # makes the outcome of every attempt, while it lasts
        self.emails_before_throttle = None
        self.refused_addresses = set()
        self.received = []  # Message-IDs of what has really reached the customers
        self.counts = Counter()
        self.auditor = None

    def send(self, email):
        if email.recipients == (email.sender,):
            return super().send(email)  # it is connected again: no customer's
        self._show(self.auditor.look_at_attempt, email)
        email.leaving()
        if self.storm:
            self._fail(self.storm())
        if self.refused_addresses & set(email.recipients):
            self._fail(Rejected(Reason.RECIPIENT_REFUSED, detail="550 No such user"))
        if self.emails_before_throttle is not None:
            if not self.emails_before_throttle:
                self._fail(Throttled(Reason.TOO_FAST, retry_after=3600))
            self.emails_before_throttle -= 1
        if self.chance.random() < 0.02:
            self._keep_silent(email)
        self._take(email)
        return super().send(replace(email, leaving=int))

    def _fail(self, outcome):
        self.counts[type(outcome).__name__] += 1
        raise outcome

    def _keep_silent(self, email):
        """The connection is cut: it may have been taken, and Sent may tell so."""
        if self.chance.random() < 0.6:
            self._take(email)
            if self.chance.random() < 0.4:
                self.lies_in_sent.add(email.message_id)
        self._fail(OutcomeUnknown(Reason.MAYBE_SENT))

    def _take(self, email):
        self.received.append(email.message_id)
        self._show(self.auditor.look_at_received, email)

    def _show(self, look, email):
        """The journal would take a fault for an answer of the mailbox.

        `TestYear` raises it again, whatever it is.
        """
        try:
            look(email)
        except Exception as fault:  # noqa: BLE001
            self.auditor.faults.append(fault)
