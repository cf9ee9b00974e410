"""Who files what is sent in the Sent folder: learnt, and remembered between sessions.

As a text, which is opaque to everybody else: one of the words below, and where a copy
is still to be looked at again, when it was left there, and its Message-IDs.
"""

import re
import time
from collections.abc import Iterable

#: Who is known to file what is sent; else an empty string.
PROVIDER, OURS = "provider", "ours"
# The provider does, but later than we wait; nothing is known, but a copy is looked at.
LATE, UNKNOWN = "provider_late", "unknown"
LOOK_BACK = 60  # seconds in which a server surely files by itself, if it does
# A text that can be kept: a Message-ID may be of any length, and hold anything.
LONGEST = 400
MESSAGE_ID = re.compile(r"<[^<>\s]+>")


class Habit:
    """What is known of one server.

    :param text: what was remembered of it.

    :ivar who: ``PROVIDER``, ``OURS``, or empty.
    :ivar late: the provider files, but later than we wait.
    :ivar probe: the Message-IDs of a copy that is looked at again. We have filed it: if
        there is a second one by then, the server files late. Or a late server should
        have filed it: if there is none, it has stopped to.
    """

    def __init__(self, text: str = "") -> None:
        word, _, rest = text.partition(" ")
        since, *ids = rest.split(" ")
        self.late = word == LATE
        self.who = PROVIDER if self.late else word if word in (PROVIDER, OURS) else ""
        self.probe: tuple[str, ...] = ()
        self._since = 0.0
        if re.fullmatch("[0-9]{1,12}", since) and all(map(MESSAGE_ID.fullmatch, ids)):
            self._since, self.probe = float(since), tuple(ids)
        self._sure = not self.probe

    def __str__(self) -> str:
        word = LATE if self.late else self.who
        if not self.probe or (self._sure and not self.late):
            return word
        return " ".join((word or UNKNOWN, str(int(self._since)), *self.probe))

    def is_provider(self, late: bool = False) -> None:
        """It is the provider who files, perhaps *late*: that it remains for good, so
        that no day on which it is faster or slower doubles an email."""
        self.who, self.late, self.probe = PROVIDER, self.late or late, ()

    def is_unknown(self) -> None:
        """What was known is not true any more."""
        self.who, self.late, self.probe, self._sure = "", False, (), False

    def is_ours(self) -> None:
        """We have waited for the provider in vain."""
        self.who, self._sure = OURS, False

    def watch(self, message_ids: Iterable[str]) -> None:
        """Have the copy with these ids looked at again, unless another one is."""
        ids = tuple(message_ids)
        if self.probe or not all(map(MESSAGE_ID.fullmatch, ids)):
            return
        if sum(map(len, ids)) <= LONGEST:
            self._since, self.probe = time.time(), ids

    def seen(self, copies: int | None) -> None:
        """The folder holds so many *copies* of what is looked at; None: nobody knows.

        Who has waited, and sees nothing then, is sure.
        """
        over = abs(time.time() - self._since) > LOOK_BACK
        if self.late:
            if copies:
                self.probe = ()
            elif over:
                self.is_unknown()
        elif (copies or 0) > 1:
            self.is_provider(late=True)
        elif over:
            self.probe, self._sure = (), bool(self.who)
