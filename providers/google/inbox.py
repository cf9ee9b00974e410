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
from ..time_cursor import after, moment, moved, passed

#: https://developers.google.com/workspace/gmail/api/auth/scopes
GMAIL_READONLY = "https://www.googleapis.com/auth/gmail.readonly"
# Gmail lists the newest first: this far back we look for the oldest that is new.
MOST_LISTED = 500


class GmailInbox:
    """Looks for new emails by their time of arrival.

    :param messages: the API's collection of messages.
    :param run: executes one of its requests; raises Outcome.
    """

    def __init__(self, messages: Any, run: Callable[[Any], Json]) -> None:
        self._messages = messages
        self._run = run

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`."""
        fresh, again = self._unseen(cursor)
        now = fresh[:limit]
        rows, unreadable = self._look_at(now, again)
        new = after(cursor, arrivals(rows))
        new_rows = [rows[key] for _at, key in new]
        found, unread = read_chosen(new_rows, choose, self._read)
        behind = moved(cursor, new, unreadable)
        more = bool(new) and len(fresh) > limit
        skipped = len(set(now) & set(unreadable)) + unread
        return Fetched(found, behind, more, skipped)

    def _unseen(self, cursor: Cursor) -> tuple[list[str], list[str]]:
        """The ids of what is new, and of what could not be read before; each the oldest
        first."""
        seen, known = set(cursor.get("seen", ())), passed(cursor)
        listed = [key for key in self._list(cursor)[::-1] if key not in seen]
        fresh = [key for key in listed if key not in known]
        return fresh, [key for key in listed if key in known]

    def _look_at(
        self, fresh: Sequence[str], again: Sequence[str]
    ) -> tuple[dict[str, Row], list[str]]:
        """The rows of these ids, and the ids of what is there but cannot be read."""
        got = one_by_one(fresh, self._row) | once_more(again, self._row)
        deleted = {key for key, row in got.items() if row is None}
        rows = sound([row for row in got.values() if row is not None], _row)
        done = rows.keys() | deleted
        return rows, [key for key in (*again, *fresh) if key not in done]

    def _list(self, cursor: Cursor) -> list[str]:
        """The ids of what has arrived, the newest first."""
        # "after" takes seconds since 1970 too, and leaves that very second out:
        # https://developers.google.com/workspace/gmail/api/guides/filtering
        seconds = int(moment(cursor).timestamp()) - 1
        request = self._messages.list(
            userId="me",
            labelIds=["INBOX"],
            q=f"after:{seconds}",
            maxResults=MOST_LISTED,
        )
        entries = self._run(request).get("messages")
        found = [entry.get("id") for entry in dicts(entries)]
        return list(dict.fromkeys(key for key in found if isinstance(key, str)))

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
