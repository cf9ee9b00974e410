"""What is new in the Inbox, by IMAP. It is read, and nothing in it is changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from ..bounded import NONSENSE
from ..incoming import (
    HEADERS,
    LONGEST,
    Choose,
    Cursor,
    Fetched,
    Found,
    Head,
    read_headers,
)
from ..outcomes import Outcome, Unavailable
from ..reasons import Reason
from .session import ImapSession, imap_errors, imap_outcome

HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADERS).upper()})]"
BODY = f"BODY.PEEK[]<0.{LONGEST}>"
# How a server fails to give out an email: it says so, hangs up, or talks nonsense.
FAILURES = (IMAPClientError, OSError, *NONSENSE)
# So often in one look it is connected again after an email at which it hangs up.
MOST_LOST = 3
DATES_AT_ONCE = 1000
# How often it is asked again for dates that it refuses: some twenty broken emails.
MOST_REFUSALS = 200
# An email may be listed after so many UIDs that follow it.
BACK = 100
# So many emails' UIDs are asked for at once: some 100 kB. More emails than the other
# number are in no Inbox, whatever a server says.
WINDOW, MOST_EMAILS = 10_000, 10_000_000

#: What a server says of a folder.
Box = Mapping[bytes, Any]
#: The headers of some emails, by their UIDs.
Headers = dict[int, bytes]


class Inbox(ImapSession):
    """Looks for new emails by their UIDs.

    A cursor is ``{"at": ISO 8601, "validity": int, "uid": int, "from": int, "seen":
    [int]}``: when all that was there was looked at; the last UID that was looked at,
    which counts as long as UIDVALIDITY is the same
    (https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1); behind which UID emails
    are listed, and which of them were looked at. It keeps this:

        **Every email that arrives after the first cursor's moment, and that is listed
        before BACK UIDs more have been looked at, is handed out exactly once.**

    Servers should list emails in the order of their UIDs, but one that copies them from
    another one, or delivers several at once, may be late with some. After UIDVALIDITY
    has changed the emails since the day of ``at`` are handed out once more; what was
    dealt with is dropped by its Message-ID in ``account.email.incoming``. The first
    cursor has a moment only: what has arrived before it is not looked at.

    An email that the server cannot give out is passed over, and counted: it must not
    hide those that come after it. One that it lists but says nothing of is asked for
    again, until BACK UIDs more were looked at.
    """

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`."""
        self._broken: set[int] = set()
        self._undated: set[int] = set()
        self._lost = self._refusals = 0
        with imap_errors():
            self._ready()
        with self._reading():
            now = datetime.now(timezone.utc)
            box = self._select()
            uids = self._new_uids(cursor, box, limit)
            last = 0 if uids else self._last_uid(cursor, box)
            if not uids and cursor.get("validity") != self._validity:
                uids = self._new_uids(cursor, box, limit)  # what came meanwhile
            looked, raw = self._look_at(uids[:limit], uids[limit:])
        chosen = choose([_head(uid, raw[uid]) for uid in raw]) if looked else ()
        with self._reading():
            found = [self._read(int(head.key), raw) for head in chosen]
        more = len(uids) > len(looked)
        behind = {
            **self._behind(cursor, last, looked, self._broken | raw.keys()),
            "at": cursor["at"] if more else now.isoformat(),
        }
        skipped = len(self._broken | self._undated)
        return Fetched([each for each in found if each], behind, more, skipped)

    def _behind(
        self, cursor: Cursor, last: int, looked: Sequence[int], told: Collection[int]
    ) -> Cursor:
        """The cursor behind those that were *looked* at. It goes back over those of
        which the server has *told* nothing."""
        same = cursor.get("validity") == self._validity
        uid = max([last, *looked, cursor["uid"] if same else 0])
        begin = self._begin(cursor) if same else uid
        seen = {*cursor.get("seen", ())} if same else set()
        begin = max(begin, uid - BACK)
        kept = sorted(each for each in seen.union(told) if each > begin)
        return {"validity": self._validity, "uid": uid, "from": begin, "seen": kept}

    def _begin(self, cursor: Cursor) -> int:
        """Behind which UID emails are listed; 0 if UIDVALIDITY has changed."""
        if cursor.get("validity") != self._validity:
            return 0
        return int(cursor["from"] if "from" in cursor else cursor["uid"])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what goes wrong into an outcome. Its text is not passed on: it may be
        what could not be read, somebody's email."""
        try:
            with imap_errors():
                yield
        except Outcome as outcome:
            self.close()
            words = type(outcome.__cause__ or outcome).__name__
            raise imap_outcome(type(outcome), outcome.reason, words) from None

    def _select(self) -> Box:
        box: Box = self._line().select_folder("INBOX", readonly=True)
        self._validity: int = box[b"UIDVALIDITY"]
        return box

    def _new_uids(self, cursor: Cursor, box: Box, limit: int) -> list[int]:
        """The UIDs after the cursor, in their order; of very many, more than *limit* of
        the first."""
        last = self._begin(cursor)
        seen: Collection[int] = ()
        since: list[str | date] = []
        # SINCE compares days, without a time zone.
        begin = datetime.fromisoformat(cursor["at"]).replace(microsecond=0)
        if cursor.get("validity") == self._validity:
            seen = frozenset(cursor.get("seen", ()))
        else:
            since = ["SINCE", begin.date() - timedelta(days=1)]
        uids: list[int] = []
        for first, end in self._windows(last, min(box.get(b"EXISTS", 0), MOST_EMAILS)):
            # "n:*" is never empty: it always has the last email in it.
            found = self._line().search(["UID", f"{first}:{end}", *since])
            some = sorted({uid for uid in found if uid >= first}.difference(seen))
            first_look = "validity" not in cursor
            uids += self._arrived_since(begin, some) if first_look else some
            if len(uids) > limit:
                break
        return uids

    def _windows(self, last: int, emails: int) -> Iterator[tuple[int, int | str]]:
        """Yield ranges of UIDs, (first, end), behind *last*, none of them with many
        more than WINDOW emails.

        UIDs may have gaps of millions, so it is by the emails' numbers, which have
        none, that the ends of the ranges are found. Numbers move when an email is
        deleted, so it is UIDs that are asked for.
        https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.2
        """
        number = self._number_before(last, emails)
        while emails - number > WINDOW:
            number += WINDOW
            end = self._uid_of(number)
            if end > last:
                yield last + 1, end
                last = end
        yield last + 1, "*"

    def _number_before(self, last: int, emails: int) -> int:
        """A number of an email up to UID *last*, or 0; at most WINDOW before the first
        that comes after it."""
        low, high = 0, emails
        while last and high - low > WINDOW:
            middle = (low + high) // 2
            if self._uid_of(middle) > last:
                high = middle
            else:
                low = middle
        return low

    def _uid_of(self, number: int) -> int:
        return max(self._line().search([str(number)]), default=0)

    def _arrived_since(self, begin: datetime, uids: Sequence[int]) -> list[int]:
        """Leave out what came while nobody wanted it to be read."""
        dates: dict[int, Any] = {}
        for first in range(0, len(uids), DATES_AT_ONCE):
            dates |= self._dates(uids[first : first + DATES_AT_ONCE])
        return [uid for uid in uids if dates.get(uid) and dates[uid] >= begin]

    def _dates(self, uids: Sequence[int]) -> dict[int, Any]:
        """When these arrived. Where the server refuses to say so of one, the halves are
        asked for, until it stands alone: of that it is not known that it is new."""
        try:
            found = self._line().fetch(uids, ["INTERNALDATE"])
        except IMAPClient.AbortError:
            raise
        except IMAPClientError:
            self._refusals += 1
            if len(uids) == 1 or self._refusals > MOST_REFUSALS:
                self._undated.update(uids)
                return {}
            middle = len(uids) // 2
            return self._dates(uids[:middle]) | self._dates(uids[middle:])
        return {uid: data.get(b"INTERNALDATE") for uid, data in found.items()}

    def _last_uid(self, cursor: Cursor, box: Box) -> int:
        """From where to go on if there is nothing new."""
        if cursor.get("validity") == self._validity:
            return int(cursor["uid"])
        if box.get(b"UIDNEXT"):
            return int(box[b"UIDNEXT"]) - 1
        # "*" is the last one: https://www.rfc-editor.org/rfc/rfc9051#section-9
        return max(self._line().search(["UID", "*"]), default=0)

    def _look_at(
        self, uids: Sequence[int], later: Sequence[int]
    ) -> tuple[Sequence[int], Headers]:
        """The headers of a page of emails; one by one if not all can be had.

        :param later: the UIDs of the emails after them.
        :return: the UIDs that were looked at, and the headers as ``{uid: bytes}``.
        :raises Exception: the server gives out none at all.
        """
        if not uids:
            return [], {}
        try:
            return uids, self._ask(uids, HEAD)
        except FAILURES as error:
            self._go_on(error)
        seen: list[int] = []
        found: Headers = {}
        failed: Exception | None = None
        for uid in uids:
            seen.append(uid)
            try:
                found |= self._ask([uid], HEAD)
            except FAILURES as error:
                failed = error
                self._broken.add(uid)
                self._go_on(error)
            if self._lost > MOST_LOST:
                break
        all_failed = len(self._broken) == len(seen)
        if failed and all_failed and not self._gives_another(seen, later):
            raise failed
        return seen, found

    def _gives_another(self, uids: Sequence[int], later: Sequence[int]) -> bool:
        """Whether it is these emails that are broken, not the server: the next one
        after them, or the first of all, can be read."""
        first = self._line().search(["1"])
        for uid in {*later[:1], *first} - {*uids}:
            try:
                if self._ask([uid], HEAD):
                    return True
            except FAILURES as error:
                self._go_on(error)
        return False

    def _read(self, uid: int, raw: Headers) -> Found | None:
        """An email; of a broken one its headers, which often tell enough."""
        if self._lost <= MOST_LOST:
            try:
                found = self._ask([uid], BODY)
                return Found(found[uid]) if uid in found else None
            except FAILURES as error:
                self._go_on(error)
        self._broken.add(uid)
        return Found(raw[uid])

    def _ask(self, uids: Sequence[int], item: str) -> Headers:
        """Fetch *item* of each as ``{uid: bytes}``; some may have been moved.

        :raises TypeError: it is no text.
        """
        name = item.replace(".PEEK", "").partition("<")[0].partition(".FIELDS")[0]
        found: Headers = {}
        for uid, data in self._line().fetch(uids, [item]).items():
            for key, value in data.items():
                if key.startswith(name.encode()):
                    found[uid] = b"".join(filter(None, [value]))[:LONGEST]
        return {uid: found[uid] for uid in uids if uid in found}

    def _go_on(self, error: Exception) -> None:
        """After an email could not be had: on a new connection unless the server has
        ended its answer, and we know where the next one begins."""
        abort = isinstance(error, IMAPClient.AbortError)
        if isinstance(error, IMAPClientError) and not abort:
            return
        self._lost += 1
        validity = self._validity
        self.open()
        self._select()
        if self._validity != validity:
            raise imap_outcome(Unavailable, Reason.PROVIDER_DOWN, "UIDVALIDITY")


def _head(uid: int, raw: bytes) -> Head:
    return Head(str(uid), read_headers(raw))
