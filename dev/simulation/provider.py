"""The border to the provider: a mailbox that fails in every way, and what it has taken.

What it has taken it remembers, whoever is killed: it is another machine.
"""

from dataclasses import dataclass
from datetime import timezone
from threading import current_thread

from odoo.addons.account_email_connector.providers.base import (
    Mailbox,
    Receipt,
    SentCopy,
)
from odoo.addons.account_email_connector.providers.outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from odoo.addons.account_email_connector.providers.reasons import Reason


class Defect(Exception):
    """What no mailbox should raise."""


def _throttled(chance):
    return Throttled(Reason.TOO_FAST, retry_after=chance.choice([1, 40, 3600, 20_000]))


#: How an email may fare: its weight, whether it is taken, and what is said instead of
#: a receipt.
ANSWERS = {
    "taken": (36, True, None),
    "refused": (3, False, lambda _: Rejected(Reason.RECIPIENT_REFUSED, code="550")),
    "deferred": (3, False, lambda _: Unavailable(Reason.DEFERRED, code="450")),
    "throttled": (3, False, _throttled),
    "down": (2, False, lambda _: Unavailable(Reason.PROVIDER_DOWN)),
    "taken, but the answer is lost": (
        4,
        True,
        lambda _: OutcomeUnknown(Reason.MAYBE_SENT),
    ),
    "not taken, and no answer": (3, False, lambda _: OutcomeUnknown(Reason.MAYBE_SENT)),
    "taken, then a defect": (1, True, lambda _: Defect()),
}
#: The same, of what ends before the email may have left.
EARLY = {
    "goes on": (24, None),
    "cut off": (2, lambda _: Unavailable(Reason.CONNECTION_LOST)),
    "throttled at once": (1, _throttled),
    "wants a sign-in": (1, lambda _: SignInRequired(Reason.WRONG_PASSWORD)),
    "wants an admin": (1, lambda _: AdminActionRequired(Reason.SENDER_REFUSED)),
}
#: What the Sent folder tells of an email that was perhaps taken.
TELLS = ("the truth", "nothing", "an error")
SECONDS = (0, 0, 0, 1, 3, 3, 20, 60)


@dataclass
class Attempt:
    """One email that was handed over.

    :ivar followup: the id of its follow-up, None of a test email.
    :ivar stage: how far it came: begun, leaving (Odoo notes that it may leave), left,
        answered.
    :ivar taken_at: the moment at which it was accepted, if it was.
    :ivar disconnected: the moment since when the mailbox was disconnected then.
    :ivar struck: how often its process had been struck before: who has lost its lock
        is taken for dead, and what it finds out comes too late.
    :ivar since: the moment (see :class:`.trace.Trace`) after which its process has not
        come to send another one.
    """

    message_id: str
    followup: int | None
    position: int | None
    recipients: tuple
    process: object
    since: int
    at: object
    struck: int
    stage: str = "begun"
    taken_at: int | None = None
    disconnected: int | None = None


class Provider:
    """What is beyond the border.

    :ivar attempts: all :class:`Attempt`, in order.
    :ivar people: the :class:`.people.People` of the story.
    """

    def __init__(self, clock, scheduler, chance, trace):
        self.clock, self.scheduler, self.chance = clock, scheduler, chance
        self.trace = trace
        self.attempts = []
        self.is_calm = chance.random() < 0.2
        self.tells = chance.choice(TELLS)

    def mailbox(self, *_args):
        """In place of ``mailboxes.open_mailbox``."""
        return SimulatedMailbox(self)

    def of(self, message_id):
        """The attempts at one email."""
        return [each for each in self.attempts if each.message_id == message_id]

    def has_taken(self, message_id):
        """How often."""
        return sum(each.taken_at is not None for each in self.of(message_id))

    def draw(self, table):
        """A name of *table*, by weight; the first one on quiet days."""
        names = list(table)
        if self.is_calm:
            return names[0]
        weights = [row[0] for row in table.values()]
        return self.chance.choices(names, weights)[0]

    def begin(self, email):
        """Note that *email* is handed over.

        :return: the :class:`Attempt`.
        """
        process = current_thread()
        found = self.scheduler.monitor.ask(
            "SELECT id, step_position FROM account_email_followup"
            " WHERE message_id_header = %s",
            email.message_id,
        )
        followup, position = found[0] if found else (None, None)
        attempt = Attempt(
            email.message_id,
            followup,
            position,
            email.recipients,
            process,
            getattr(process, "sent_last", process.began),
            self.clock.now,
            process.struck,
        )
        self.attempts.append(attempt)
        self.trace(f"{process.name} hands over follow-up {followup}")
        return attempt


class SimulatedMailbox(Mailbox):
    """One signed-in mailbox of :class:`Provider`."""

    def __init__(self, provider):
        self._provider = provider

    def check(self):
        """Sign in."""
        self._point()

    def send(self, email):
        """Take *email*, or not, and say so, or not."""
        provider = self._provider
        attempt = provider.begin(email)
        try:
            return self._send(email, attempt)
        finally:
            attempt.process.sent_last = provider.trace.moment

    def _send(self, email, attempt):
        provider = self._provider
        self._point()
        early = provider.draw(EARLY)
        if EARLY[early][1]:
            self._told(early)
            raise EARLY[early][1](provider.chance)
        provider.clock.tick(provider.chance.choice(SECONDS))
        attempt.stage = "leaving"
        email.leaving()
        attempt.stage = "left"
        self._point()
        answer = provider.draw(ANSWERS)
        _weight, is_taken, outcome = ANSWERS[answer]
        if is_taken:
            attempt.taken_at = provider.trace.moment
            attempt.disconnected = provider.people.disconnected
        self._told(answer)
        self._point()
        return self._answer(email, attempt, outcome)

    def _answer(self, email, attempt, outcome):
        provider = self._provider
        said = outcome and outcome(provider.chance)
        if not isinstance(said, (OutcomeUnknown, Defect)):
            attempt.stage = "answered"
        if said:
            raise said
        at = provider.clock.now.replace(tzinfo=timezone.utc)
        return Receipt(at, email.message_id)

    def file_copy(self, email):
        """File it, mostly."""
        self._point()
        draw = self._provider.chance.random()
        if self._provider.is_calm or draw < 0.8:
            return SentCopy("filed")
        if draw < 0.9:
            return SentCopy("failed", "no such folder")
        raise Defect

    def find_sent(self, message_id):
        """The truth, nothing, or an error: as the seed wants it."""
        self._point()
        if self._provider.tells == "an error":
            raise Unavailable(Reason.CONNECTION_LOST)
        knows = self._provider.tells == "the truth"
        return (knows and self._provider.has_taken(message_id) > 0) or None

    def _point(self):
        self._provider.scheduler.point("provider", int)

    def _told(self, what):
        name = current_thread().name
        self._provider.trace(f"{name}'s email: {what}", count=what)
