"""What is new in the Inbox, by Microsoft Graph. Needs ``Mail.Read``."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Protocol
from urllib.parse import quote

from ..inbox_rows import (
    Row,
    arrivals,
    once_more,
    one_by_one,
    read_chosen,
    sound,
)
from ..incoming import (
    LONGEST,
    Choose,
    Cursor,
    Fetched,
    Filed,
    Found,
    Head,
    from_pairs,
)
from ..oauth.answer import Answer, Json, dicts
from ..outcomes import Unavailable
from ..reasons import Reason
from ..time_cursor import after, moment, moved, passed
from .codes import graph_outcome

#: https://learn.microsoft.com/graph/permissions-reference#mailread
MAIL_READ, MAIL_READ_SHARED = "Mail.Read", "Mail.Read.Shared"
# The headers come only if asked for:
# https://learn.microsoft.com/graph/api/resources/message
SELECT, HEADERS = "id,receivedDateTime,conversationId", "internetMessageHeaders"


def reading_scopes(shared: bool) -> tuple[str, ...]:
    """What is asked for at the sign-in, besides the permission to send.

    :param shared: True for a shared mailbox, into which the answers come then.
    """
    return (MAIL_READ, MAIL_READ_SHARED) if shared else (MAIL_READ,)


class Call(Protocol):
    """Asks Graph."""

    def __call__(self, method: str, url: str, *, longest: int | None = None) -> Answer:
        """Ask it; see :meth:`~..oauth.http.Wire.call`."""


class GraphInbox:
    """Looks for new emails by their time of arrival.

    :param base: the mailbox's URL.
    """

    def __init__(self, call: Call, base: str) -> None:
        self._call = call
        self._base = base

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`."""
        known = passed(cursor)
        top = limit + len(cursor.get("seen", ())) + len(known)
        listed, too_long = self._list(cursor, top)
        rows = sound(listed, _row)
        new = after(cursor, arrivals(rows))[:limit]
        new_rows = [rows[key] for _at, key in new]
        found, unread = read_chosen(new_rows, choose, self._read)
        keys = [row.get("id") for row in listed] + too_long
        broken = [key for key in keys if not (isinstance(key, str) and key in rows)]
        behind = moved(cursor, new, [key for key in broken if isinstance(key, str)])
        skipped = sum(key not in known for key in broken) + unread
        # A full page: there may be another one.
        return Fetched(found, behind, bool(new) and len(keys) >= top, skipped)

    def find_filed(self, message_id: str) -> Filed | None:
        """See :meth:`~..base.Mailbox.find_filed`."""
        escaped = message_id.replace("'", "''")
        wanted = quote(f"internetMessageId eq '{escaped}'")
        sent = f"{self._base}/mailFolders/sentitems/messages"
        select = "conversationId,webLink"
        answer = self._ask(f"{sent}?$select={select}&$top=1&$filter={wanted}")
        for row in dicts(answer.get("value")):
            thread_id, link = row.get("conversationId"), row.get("webLink")
            return Filed(str(thread_id or ""), str(link or ""))
        return None

    def _list(self, cursor: Cursor, top: int) -> tuple[list[Json], list[str]]:
        """What is listed, and the keys of those that are too long to be looked at."""
        at = moment(cursor).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = quote(f"receivedDateTime ge {at}")
        url = (
            f"{self._base}/mailFolders/inbox/messages?$top={top}"
            f"&$orderby=receivedDateTime%20asc&$filter={wanted}&$select="
        )
        try:
            return dicts(self._ask(f"{url}{SELECT},{HEADERS}").get("value")), []
        except Unavailable as outcome:
            if outcome.reason is not Reason.ANSWER_TOO_LONG:
                raise
        return self._list_by_parts(f"{url}{SELECT}", passed(cursor))

    def _list_by_parts(
        self, url: str, known: Sequence[str]
    ) -> tuple[list[Json], list[str]]:
        """The same, if it is too long at once: first the emails, then each one's
        headers by itself."""
        rows = {str(row.get("id")): row for row in dicts(self._ask(url).get("value"))}
        again = [key for key in rows if key in known]
        fresh = [key for key in rows if key not in known]
        got = one_by_one(fresh, self._headers) | once_more(again, self._headers)
        too_long = [key for key in rows if key not in got]
        return [rows[key] | got[key] for key in got], too_long

    def _headers(self, key: str) -> Json:
        return self._ask(f"{self._base}/messages/{quote(key)}?$select={HEADERS}")

    def _read(self, row: Row) -> Found | None:
        url = f"{self._base}/messages/{quote(row.head.key)}/$value"
        answer = self._call("GET", url, longest=LONGEST)
        if answer.status == 404:  # moved or deleted meanwhile
            return None
        return Found(_checked(answer).content, row.head.thread_id)

    def _ask(self, url: str) -> Json:
        return _checked(self._call("GET", url)).success()


def _checked(answer: Answer) -> Answer:
    """Return *answer* if it is a success.

    :raises Outcome: if it is not.
    """
    if answer.status == 200:
        return answer
    raise graph_outcome(answer, sending=False)


def _row(row: Json) -> Row:
    headers = row.get("internetMessageHeaders") or ()
    pairs = [(pair.get("name"), pair.get("value")) for pair in headers]
    at = datetime.fromisoformat(row["receivedDateTime"].replace("Z", "+00:00"))
    head = Head(row["id"], from_pairs(pairs), str(row.get("conversationId") or ""))
    return Row(at.astimezone(timezone.utc), head)
