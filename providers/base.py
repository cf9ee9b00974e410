"""A mailbox: check the connection, send one email, file its copy, close."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import ClassVar, TypeVar

from .deadline import Deadline
from .incoming import Choose, Cursor, Fetched, Filed
from .outcomes import Outcome

_logger = logging.getLogger(__name__)

This = TypeVar("This", bound="Mailbox")


def _nobody_asks() -> None:
    """Nobody wants to know when an email leaves."""


@dataclass(frozen=True)
class OutgoingEmail:
    """One email to one envelope.

    :param message: headers and body as the recipients shall see them; its ``To``,
        ``Cc`` and ``Bcc`` have been rebuilt from the envelope (:mod:`.envelope`).
    :param sender: the envelope's sender, a bare address.
    :param recipients: the envelope's recipients, bare addresses, at least one.
    :param thread_id: the provider's conversation to continue, if it has such a thing.
    :param leaving: the mailbox calls it just before what may make the email leave, and
        sends nothing if it raises: whoever was not called knows that nothing has left.
    """

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]
    thread_id: str = ""
    leaving: Callable[[], object] = field(default=_nobody_asks, compare=False)

    @property
    def message_id(self) -> str:
        """The ``Message-ID`` header, with its angle brackets."""
        return str(self.message["Message-ID"] or "")


@dataclass(frozen=True)
class Receipt:
    """The provider's word that it accepted an email.

    :param accepted_at: when, as an aware UTC datetime.
    :param message_id: the ``Message-ID`` that recipients see: providers may replace it.
    :param provider_message_id: the provider's own id, where there is one.
    :param thread_id: the provider's id of the conversation, where there is one.
    :param web_link: opens the sent email in the provider's web mail, where known.
    :param refused: recipients that the server refused while it accepted others,
        as ``{address: "550 5.1.1 words"}``.
    """

    accepted_at: datetime
    message_id: str
    provider_message_id: str = ""
    thread_id: str = ""
    web_link: str = ""
    refused: dict[str, str] | None = None


@dataclass(frozen=True)
class SentCopy:
    """What became of the copy in the mailbox's Sent folder.

    :param state: ``filed`` (by us), ``by_provider``, ``off`` (not wanted or no IMAP),
        ``owed`` (not now: it may be tried again), ``held`` (the sign-in was refused:
        not before one works) or ``failed``.
    :param warning: why it was not filed: a reason, and the provider's own words.
    :param habit: who is known by now to file what is sent there: ``provider``, ``ours``
        (we do), or empty if that is not known.
    """

    state: str
    warning: str = ""
    habit: str = ""


class Mailbox(ABC):
    """One signed-in mailbox. Use it as a context manager; it connects when needed.

    What not every mailbox can do, it can be asked for all the same: it says so.

    :cvar attachment_limit: bytes of files that fit into an email for sure, beside a
        body of 300 kB; None: that depends.
    :cvar finds_filed: whether :meth:`find_filed` can tell anything.
    :cvar names_refusals: whether :meth:`refusal_of` can tell anything.
    """

    attachment_limit: ClassVar[int | None] = None
    finds_filed: ClassVar[bool] = False
    names_refusals: ClassVar[bool] = False

    @property
    def sent_habit(self) -> str:
        """What is known by now of who files what is sent, to be told to the mailbox
        next time. ``provider…``: the provider does; the rest is its own affair. It is
        whole once the mailbox is closed."""
        return ""

    @abstractmethod
    def check(self) -> None:
        """Sign in for real, send nothing.

        :raises Outcome: whatever stands in the way.
        """

    @abstractmethod
    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand one :class:`OutgoingEmail` to the provider, once.

        :return: a :class:`Receipt`.
        :raises Outcome: see :mod:`.outcomes`. Anything but ``OutcomeUnknown`` means:
            proven not accepted.
        """

    def end_by(self, end: Deadline) -> None:
        """Let all that follows be over by then, where that may take longer: somebody
        waits for it. What is not, has failed."""
        return None

    def refresh(self) -> None:
        """Prove that the sign-in is alive, and keep it so, where that costs nothing: a
        needless attempt with a password may lock the account.

        :raises Outcome: whatever stands in the way.
        """
        return None

    def file_copy(self, email: OutgoingEmail) -> SentCopy:
        """File the accepted *email* in the Sent folder. Never raises an Outcome.

        :return: a :class:`SentCopy`.
        """
        return SentCopy("by_provider")

    def alias_verified(self) -> bool | None:
        """Return whether the provider really sends as the other address that it was
        given, None if that cannot be told without sending.

        :raises Outcome: the provider could not be asked.
        """
        return None

    def sent_folders(self) -> list[str]:
        """The folders that may be chosen for the copies, as people see their names.

        :raises Outcome: the provider could not be asked.
        """
        return []

    def find_sent(self, message_id: str) -> bool | None:
        """Look up an email whose outcome is unknown.

        :return: True if it lies in the Sent folder, None if that cannot be told:
            its absence proves nothing.
        :raises Outcome: the provider could not be asked; this is the outcome of the
            question, and says nothing about the email.
        """
        return None

    def count_sent(self, message_id: str) -> int | None:
        """How often an email lies in the Sent folder; None if that cannot be told.

        :raises Outcome: the provider could not be asked.
        """
        return None

    def reads(self) -> bool:
        """Whether we may look into the mailbox: its Sent folder, its Inbox."""
        return False

    def rights(self) -> list[str]:
        """What the sign-in allows, by the provider's own names; nothing with a
        password, which allows all."""
        return []

    def account(self) -> str:
        """The address of whoever is signed in, as the provider says now; empty if it
        does not tell.

        :raises Outcome: the provider could not be asked.
        """
        return ""

    def refusal_of(self, sender: str, recipient: str) -> Outcome | None:
        """What the provider says of a recipient, to whom nothing is sent; None if it
        takes that recipient, or does not say before it has the email.

        :raises Outcome: it did not get that far.
        """
        return None

    def surely_sent(self, message_id: str) -> bool:
        """Whether the mailbox is sure to have sent an email. One that cannot be asked
        is not: the outcome of the question says nothing about that of the email."""
        try:
            return bool(self.find_sent(message_id))
        except Outcome as outcome:
            _logger.info("Nobody could look for %s in Sent: %s", message_id, outcome)
            return False

    def find_filed(self, message_id: str) -> Filed | None:
        """Where an email that was sent lies, if the provider has not said so when it
        took it, but can tell it later.

        :return: None if it is not found, or cannot be told.
        :raises Outcome: the provider could not be asked.
        """
        return None

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int = 50) -> Fetched:
        """Look at what is new in the Inbox; change nothing there.

        :param cursor: where the last look ended; at first ``{"at": …}``, the moment
            from which on to look, as ISO 8601 with its offset.
        :param choose: called with a list of :class:`.incoming.Head`; returns those of
            which the rest shall be read. Of the others nothing more is read.
        :param limit: at how many emails to look at most.
        :return: a :class:`.incoming.Fetched`.
        :raises Outcome: whatever stands in the way.
        """
        return Fetched([], cursor)

    def close(self) -> None:
        """Let go of connections. Never raises."""
        return None

    def __enter__(self: This) -> This:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
