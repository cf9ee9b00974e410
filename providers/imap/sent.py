"""The Sent folder of a mailbox, by IMAP.

It is the one that was chosen, or that the server calls so, or that has a usual name. A
new mailbox may have none yet: then it is created, as mail programs do. Where there is a
folder of which nobody knows what it is for, that may be it, under a name that nobody
has listed: then a person chooses.

A copy is filed there with ``\\Seen`` and the email's date; it shows ``Bcc``, as the
copies of mail programs do. ``sent_copy`` decides:

- ``auto``: not for servers known to file what they send (:data:`FILES_ITSELF`): there
  we only wait a moment to see it. They may replace the Message-ID, so not finding it
  proves nothing, and a second copy of each email would be worse. Everywhere else it
  is filed unless an email with its Message-ID already lies there; what the server does
  by itself is learnt, see :class:`SentFolder`.
- ``always``: the former is not asked, for every server.
- ``never``: no copy.
"""

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import imapclient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from ..base import SentCopy
from ..outcomes import Outcome
from ..progress import Step
from ..reasons import Reason
from ..settings import SmtpSettings
from .folders import Folders, or_else
from .habit import PROVIDER, Habit
from .session import imap_errors

# Gmail, Outlook.com, Exchange Online and Zoho keep what is sent through their SMTP.
FILES_ITSELF = re.compile(
    r"(^|\.)(gmail|googlemail|office365|outlook|hotmail|live|zoho)\.\w+$", re.IGNORECASE
)
GMAIL = (
    "X-GM-EXT-1"  # https://developers.google.com/workspace/gmail/imap/imap-extensions
)
SLOW_LINE = 125_000  # bytes a second: 1 Mbit/s
LONGEST_APPEND = 25  # seconds: see smtp.body.BODY_SECONDS
WAITS = (0, 1, 2)  # seconds between looks into a Sent folder that may fill itself
#: The sign-in was refused: asked again with the same, the server may lock the account.
#: All else may be tried again, and is mended on the server's side, or in the settings.
REFUSALS = (Reason.WRONG_PASSWORD, Reason.APP_PASSWORD_NEEDED, Reason.SIGN_IN_DISABLED)
LAST_WAITS = (0, 2, 3)  # the same for the last email, which no other one follows
# How many of the newest copies are looked at where the server does not search.
NEWEST = 50
MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"


class Copy(NamedTuple):
    """A copy to file.

    :param data: its bytes.
    :param message_ids: under which ids the server may have filed it.
    :param date: an aware datetime.
    """

    data: bytes
    message_ids: tuple[str, ...]
    date: datetime


class SentFolder(Folders):
    """The folder for sent emails, wherever the server keeps it.

    ``_habit`` is what is known of a server that is on no list. *provider*: an email has
    come into the folder by itself while we waited for it. We wait for each then; one
    that does not come is filed with the next email, or at the end, and from there on
    nothing is known. *ours*: we have waited, and none came.

    A copy that we have filed is looked at again, in the next session if need be: where
    there are two of it, the provider files *late*. From there on we do not file, and
    look with the next email whether the last one has come. If not, nothing is known.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        super().__init__(settings)
        self._files_itself = False
        self._searches = True
        self._waits: tuple[int, ...] = WAITS
        self._habit = Habit(settings.sent_habit)
        self._owed: Copy | None = None

    @property
    def habit(self) -> str:
        """Who is known by now to file what is sent; may be empty."""
        return self._habit.who

    @property
    def remembered(self) -> str:
        """What is to be told next time as ``settings.sent_habit``."""
        return str(self._habit)

    def file(self, data: bytes, message_ids: Iterable[str], date: datetime) -> SentCopy:
        """File a copy if it is to be filed. Never raises an Outcome.

        :param data: the copy, as bytes.
        :param message_ids: under which ids the server may have filed it.
        :param date: an aware datetime.
        :return: a :class:`SentCopy`.
        """
        try:
            with imap_errors():
                self._ready()
                return self._settle(Copy(data, tuple(message_ids), date))
        except Outcome as outcome:
            self.close()
            state = "held" if outcome.reason in REFUSALS else "owed"
            return SentCopy(state, str(outcome), self.habit)

    def finish(self) -> None:
        """No other email follows: file what is still owed. Never raises an Outcome."""
        owed, self._owed = self._owed, None
        if not owed:
            return
        with suppress(Outcome), imap_errors():
            self._ready()
            self._file_owed(owed, self._comes(owed, LAST_WAITS))

    def _settle(self, copy: Copy) -> SentCopy:
        auto = self._settings.sent_copy == "auto"
        if auto:
            self._look_back()
        if auto and (self._files_itself or self.habit == PROVIDER):
            return self._watch(copy)
        if self._holds(copy):
            return SentCopy("by_provider", habit=self.habit)
        if auto and not self.habit:
            if self._comes(copy, WAITS[1:]):
                self._habit.is_provider()
                return SentCopy("by_provider", habit=self.habit)
            self._habit.is_ours()
        self._append(copy)
        if auto:
            self._habit.watch(copy.message_ids)
        return SentCopy("filed", habit=self.habit)

    def _watch(self, copy: Copy) -> SentCopy:
        """Look for what the provider files, until it is there or some seconds are over.

        Once in vain is enough: then it replaces the Message-ID, or is slow today.
        """
        late = self._habit.late and not self._files_itself
        if self._comes(copy, (0,) if late else self._waits):
            return SentCopy("by_provider", habit=self.habit)
        if self._files_itself:
            self._waits = (0,)
        elif late:
            self._habit.watch(copy.message_ids)
        else:
            self._owed = copy
            self._habit.is_unknown()
        missing = "not seen in the Sent folder yet"
        return SentCopy("by_provider", missing, self.habit)

    def _look_back(self) -> None:
        """What has the server done with the emails before this one?"""
        probe, owed = self._habit.probe, self._owed
        self._owed = None
        if probe:
            self._habit.seen(self._count(Copy(b"", probe, datetime.max)))
        if owed:
            self._file_owed(owed, self._holds(owed))

    def _file_owed(self, owed: Copy, has_come: bool) -> None:
        if has_come:
            self._habit.is_provider()
            return
        self._append(owed)
        self._habit.watch(owed.message_ids)

    def _comes(self, copy: Copy, waits: Iterable[int]) -> bool:
        for seconds in waits:
            time.sleep(seconds)
            if self._holds(copy):
                return True
        return False

    def _append(self, copy: Copy) -> None:
        """Transmit the copy. The socket's timeout counts for all of it, so that a large
        one needs a longer one (https://docs.python.org/3/library/socket.html
        #socket.socket.sendall).
        """
        sock = self._line().socket()
        usual = sock.gettimeout()
        seconds = min(usual + len(copy.data) / SLOW_LINE, LONGEST_APPEND)
        sock.settimeout(max(usual, seconds))
        self._line().append(self._name, copy.data, (imapclient.SEEN,), copy.date)
        sock.settimeout(usual)

    def find(self, message_id: str) -> bool | None:
        """Whether an email lies in the folder; None if that cannot be told."""
        count = self.count([message_id])
        return None if count is None else count > 0

    def count(self, message_ids: Iterable[str]) -> int | None:
        """How many emails with one of these ids lie in the folder; None if that cannot
        be told."""
        try:
            with imap_errors():
                self._ready()
                self._name = self._name or self._find_folder()
                if not self._name:
                    return None
                return self._count(Copy(b"", tuple(message_ids), datetime.max))
        except Outcome:
            self.close()
            return None

    def _look_around(self) -> None:
        # Names as the server writes them, because not all do as RFC 3501, 5.1.3 says.
        self._line().folder_encode = False
        hosts = (self._settings.host, self._settings.imap_host)
        self._files_itself = self._line().has_capability(GMAIL) or any(
            FILES_ITSELF.search(host) for host in hosts
        )
        self._name = b""
        if self._settings.sent_copy == "never":
            return  # then nobody needs to know it, and there may be thousands
        # Who files by itself has one, which may be hidden from IMAP: Gmail's can be.
        self._tell(Step.LOOKING_FOR_SENT)
        auto = self._settings.sent_copy == "auto"
        self._name = self._look_for_sent(create=not (auto and self._files_itself))
        if not self._name:
            raise self._not_found()

    def _holds(self, copy: Copy) -> bool:
        return bool(self._count(copy))

    def _count(self, copy: Copy) -> int | None:
        """How many emails with one of its ids lie in the folder; None if that cannot be
        told. A server need not search by every header, or is too slow at it."""
        self._line().select_folder(self._name, readonly=True)
        if self._searches:
            found = self._search(copy.message_ids)
            if found is not None:
                return found
            self._searches = False
        box = self._line().select_folder(self._name, readonly=True)
        return self._count_newest(copy, box.get(b"EXISTS", 0)) or None

    def _search(self, message_ids: Iterable[str]) -> int | None:
        """The same; None if the server does not search."""
        line = self._line()
        try:
            ways = [["HEADER", "Message-ID", each] for each in message_ids]
            return max(len(line.search(way)) for way in ways)
        except IMAPClientAbortError:
            raise
        except TimeoutError:  # what comes next may be its answer: another line
            self.open()
        except IMAPClientError:
            return None
        return None

    def _count_newest(self, copy: Copy, emails: int) -> int:
        if not emails:
            return 0
        line = self._line()
        line.use_uid = False
        numbers = range(max(1, emails - NEWEST + 1), emails + 1)
        nothing: dict[int, Any] = {}
        try:
            rows = or_else(lambda: line.fetch(numbers, [MESSAGE_ID]), nothing)
        finally:
            line.use_uid = True
        ids = [each.encode() for each in copy.message_ids]
        heads = [b" ".join(filter(_is_text, row.values())) for row in rows.values()]
        return sum(any(id_ in head for id_ in ids) for head in heads)


def _is_text(value: object) -> bool:
    return isinstance(value, bytes)
