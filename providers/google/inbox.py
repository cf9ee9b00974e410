"""What is new in the Inbox, by the Gmail API. Needs ``gmail.readonly``."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from ..bounded import NONSENSE
from ..inbox_rows import (
    Row,
    arrivals,
    beginning,
    once_more,
    one_by_one,
    read_chosen,
    sound,
)
from ..incoming import (
    HEADERS,
    LONGEST,
    Choose,
    Cursor,
    Fetched,
    Found,
    Head,
    from_pairs,
)
from ..oauth.answer import Json, dicts
from ..outcomes import Rejected
from ..time_cursor import after, moment, moved, passed, seen

#: https://developers.google.com/workspace/gmail/api/auth/scopes
GMAIL_READONLY = "https://www.googleapis.com/auth/gmail.readonly"
# Gmail lists the newest first: so far back we look for the oldest that is new, and if
# that does not reach, in less time. A page has at most:
# https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
MOST_LISTED, MOST_PAGES = 500, 4
A_DAY = 24 * 3600  # in seconds: dates may lie in the future


class GmailInbox:
    """Looks for new emails by their time of arrival, as :mod:`..time_cursor` says.

    :param messages: the API's collection of messages.
    :param run: executes one of its requests; raises Outcome.
    """

    def __init__(self, messages: Any, run: Callable[[Any], Json]) -> None:
        self._messages = messages
        self._run = run

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`.

        In which order ids are listed, Gmail does not promise: the cursor stays where it
        is until all that is listed was looked at.
        """
        fresh, again, later = self._unseen(cursor)
        now = fresh[:limit]
        rows, unreadable = self._look_at(now, again)
        new = after(cursor, arrivals(rows))
        new_rows = [rows[key] for _at, key in new]
        found, unread = read_chosen(new_rows, choose, self._read)
        whole = len(now) == len(fresh)
        arrived = sorted(arrivals(rows))
        behind = moved(cursor, arrived, unreadable, whole=whole, later=later)
        more = bool(new) and (later or not whole)
        skipped = len(set(now) & set(unreadable)) + unread
        return Fetched(found, behind, more, skipped)

    def _unseen(self, cursor: Cursor) -> tuple[list[str], list[str], bool]:
        """The ids of what is new, and of what could not be read before, each the oldest
        first; and whether there is more that came after them."""
        known = passed(cursor)
        done = seen(cursor).keys()
        ids, later = self._oldest(moment(cursor), {*done, *known})
        listed = [key for key in reversed(ids) if key not in done]
        fresh = [key for key in listed if key not in known]
        return fresh, [key for key in listed if key in known], later

    def _oldest(self, since: datetime, known: set[str]) -> tuple[list[str], bool]:
        """The ids of what has arrived, and whether there is more that came after them:
        if the oldest are on no page, less time is looked at."""
        begin = int(since.timestamp())
        end = int(datetime.now(timezone.utc).timestamp()) + A_DAY
        ids, rest = self._list(begin, None)
        later = rest
        while rest and end - begin > 1:
            middle = (begin + end) // 2
            ids, rest = self._list(begin, middle)
            if known.issuperset(ids):
                begin, rest = middle, True
            else:
                end = middle
        return ids, later

    def _look_at(
        self, fresh: Sequence[str], again: Sequence[str]
    ) -> tuple[dict[str, Row], list[str]]:
        """The rows of these ids, and the ids of what is there but cannot be read."""
        got = one_by_one(fresh, self._row) | once_more(again, self._row)
        deleted = {key for key, row in got.items() if row is None}
        rows = sound([row for row in got.values() if row is not None], _row)
        done = rows.keys() | deleted
        return rows, [key for key in (*again, *fresh) if key not in done]

    def _list(self, begin: int, end: int | None) -> tuple[list[str], bool]:
        """The ids of what has arrived, the newest first, and whether there are older
        ones.

        :param begin: seconds since 1970.
        :param end: the same; nothing of that second, or later.
        """
        # "after" takes seconds since 1970 too, and leaves that very second out:
        # https://developers.google.com/workspace/gmail/api/guides/filtering
        query = f"after:{begin - 1}" + (f" before:{end}" if end else "")
        ask = {"userId": "me", "labelIds": ["INBOX"], "q": query}
        found: dict[str, None] = {}
        for _page in range(MOST_PAGES):
            answer = self._run(self._messages.list(**ask, maxResults=MOST_LISTED))
            ids = [entry.get("id") for entry in dicts(answer.get("messages"))]
            found |= dict.fromkeys(key for key in ids if isinstance(key, str))
            token = answer.get("nextPageToken")
            if not (token and isinstance(token, str)):
                return list(found), False
            ask["pageToken"] = token
        return list(found), True

    def _row(self, key: str) -> Json | None:
        return self._get(key, format="metadata", metadataHeaders=list(HEADERS))

    def _read(self, row: Row) -> Found | None:
        """The email; of a huge one, which cannot be read in part, its beginning."""
        if row.size > LONGEST:
            return self._beginning(row.head)
        got = self._get(row.head.key, format="raw")
        if not got:
            return None
        try:
            return Found(_decoded(got["raw"])[:LONGEST], row.head.thread_id)
        except NONSENSE:
            return beginning(row.head)

    def _beginning(self, head: Head) -> Found | None:
        row = self._get(head.key, format="minimal")
        return beginning(head, str(row.get("snippet") or "")) if row else None

    def _get(self, key: str, **how: object) -> Json | None:
        """A message as a dict; None if it was deleted meanwhile."""
        try:
            return self._run(self._messages.get(userId="me", id=key, **how))
        except Rejected as refusal:
            if refusal.code not in ("404", "notFound"):
                raise
            return None


def _row(row: Json) -> Row:
    headers = row.get("payload", {}).get("headers", ())
    pairs = [(pair.get("name"), pair.get("value")) for pair in headers]
    at = datetime.fromtimestamp(int(row["internalDate"]) / 1000, timezone.utc)
    head = Head(row["id"], from_pairs(pairs), str(row.get("threadId") or ""))
    return Row(at, head, int(row.get("sizeEstimate") or 0))


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
