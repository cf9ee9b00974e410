"""What is new in the Inbox, by the Gmail API. Needs ``gmail.readonly``."""

import base64
import binascii
from datetime import datetime, timezone

from .incoming import HEADERS, LONGEST, Fetched, Found, Head, from_pairs
from .outcomes import Rejected
from .time_cursor import after, moment, moved

#: https://developers.google.com/workspace/gmail/api/auth/scopes
READING = "https://www.googleapis.com/auth/gmail.readonly"
# Gmail lists the newest first: this far back we look for the oldest that is new.
MOST_LISTED = 500


class GmailInbox:
    """Looks for new emails by their time of arrival.

    :param messages: the API's collection of messages.
    :param run: executes one of its requests; raises Outcome.
    """

    def __init__(self, messages, run):
        self._messages = messages
        self._run = run

    def fetch_since(self, cursor, choose, limit):
        """See :meth:`~.base.Mailbox.fetch_since`."""
        seen = set(cursor.get("seen", ()))
        listed = [key for key in self._list(cursor) if key not in seen]
        looked_at = listed[::-1][:limit]
        rows = [row for row in map(self._row, looked_at) if row]
        new = after(cursor, [(_time(row), row["id"]) for row in rows])
        heads = {row["id"]: _head(row) for row in rows}
        chosen = choose([heads[key] for _at, key in new]) if new else ()
        sizes = {row["id"]: row.get("sizeEstimate", 0) for row in rows}
        found = [self._read(head, sizes[head.key]) for head in chosen]
        more = len(listed) > limit
        return Fetched([each for each in found if each], moved(cursor, new), more)

    def _list(self, cursor):
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
        return [entry["id"] for entry in self._run(request).get("messages", ())]

    def _row(self, key):
        return self._get(key, format="metadata", metadataHeaders=list(HEADERS))

    def _read(self, head, size):
        """The email; of a huge one, which cannot be read in part, its beginning."""
        if size > LONGEST:
            return self._beginning(head)
        row = self._get(head.key, format="raw")
        try:
            return row and Found(_decoded(row["raw"]), head.thread_id)
        except (KeyError, ValueError, binascii.Error):
            return None

    def _beginning(self, head):
        row = self._get(head.key, format="minimal")
        if not row:
            return None
        names = [name for name in head.headers if name.lower() != "content-type"]
        lines = [f"{name}: {head.headers[name]}" for name in names]
        lines += ["Content-Type: text/plain; charset=utf-8", "", row.get("snippet", "")]
        return Found("\r\n".join(lines).encode("utf-8", "replace"), head.thread_id)

    def _get(self, key, **how):
        """A message as a dict; None if it was deleted meanwhile."""
        try:
            return self._run(self._messages.get(userId="me", id=key, **how))
        except Rejected as refusal:
            if refusal.code not in ("404", "notFound"):
                raise
            return None


def _head(row):
    headers = row.get("payload", {}).get("headers", ())
    pairs = [(pair.get("name"), pair.get("value")) for pair in headers]
    return Head(row["id"], from_pairs(pairs), row.get("threadId", ""))


def _time(row):
    return datetime.fromtimestamp(int(row["internalDate"]) / 1000, timezone.utc)


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
