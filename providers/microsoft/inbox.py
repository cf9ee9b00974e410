"""What is new in the Inbox, by Microsoft Graph. Needs ``Mail.Read``."""

from collections.abc import Mapping, Sequence
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
from ..time_cursor import Arrival, after, moment, moved, passed, seen
from .codes import graph_outcome

#: https://learn.microsoft.com/graph/permissions-reference#mailread
MAIL_READ, MAIL_READ_SHARED = "Mail.Read", "Mail.Read.Shared"
# The headers come only if asked for:
# https://learn.microsoft.com/graph/api/resources/message
SELECT, HEADERS = "id,receivedDateTime,conversationId", "internetMessageHeaders"
# A page has at most so many. More pages are asked for if nothing on one of them is new.
# https://learn.microsoft.com/graph/api/user-list-messages
MOST_LISTED, MOST_PAGES = 1000, 20


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
    """Looks for new emails by their time of arrival, as :mod:`..time_cursor` says.

    :param base: the mailbox's URL.
    """

    def __init__(self, call: Call, base: str) -> None:
        self._call = call
        self._base = base

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`."""
        listed, later = self._list(cursor, limit)
        there = sound(listed, _row)
        fresh, again = _unseen(cursor, there)
        left = {key for _at, key in fresh[limit:]}
        rows = _full(listed, self._heads(there, fresh[:limit], again))
        new = sorted(arrivals(rows))
        new_rows = [rows[key] for _at, key in new]
        found, unread = read_chosen(new_rows, choose, self._read)
        done = rows.keys() | seen(cursor).keys() | left
        broken = [row.get("id") for row in listed if _key(row) not in done]
        unreadable = [key for key in broken if isinstance(key, str)]
        behind = moved(cursor, new, unreadable, later=later)
        known = passed(cursor)
        skipped = sum(key not in known for key in broken) + unread
        return Fetched(found, behind, bool(new) and (later or bool(left)), skipped)

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

    def _list(self, cursor: Cursor, limit: int) -> tuple[list[Json], bool]:
        """What has arrived, the oldest first, up to a page in which something is new;
        and whether there is more."""
        known = seen(cursor).keys() | set(passed(cursor))
        top = min(limit + len(known) + 1, MOST_LISTED)
        listed: list[Json] = []
        later = False
        for _page in range(MOST_PAGES):
            answer = self._ask(self._url(moment(cursor), top, SELECT, len(listed)))
            rows = dicts(answer.get("value"))
            listed += rows
            later = bool(answer.get("@odata.nextLink")) or len(rows) >= top
            if not later or any(_key(row) not in known for row in rows):
                break
        return listed, later

    def _url(self, begin: datetime, top: int, select: str, skip: int = 0) -> str:
        at = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"{self._base}/mailFolders/inbox/messages?$top={top}"
            + (f"&$skip={skip}" if skip else "")
            + f"&$orderby=receivedDateTime%20asc&$select={select}&$filter="
            + quote(f"receivedDateTime ge {at}")
        )

    def _heads(
        self, rows: Mapping[str, Row], fresh: Sequence[Arrival], again: Sequence[str]
    ) -> dict[str, Json]:
        """These emails' headers: on a page, if that is not too long; of those that are
        not on it one by one."""
        wanted = {key for _at, key in fresh}
        got = {key: row for key, row in self._page(rows, fresh) if key in wanted}
        left = [key for _at, key in fresh if key not in got]
        return got | one_by_one(left, self._head) | once_more(again, self._head)

    def _page(
        self, rows: Mapping[str, Row], fresh: Sequence[Arrival]
    ) -> list[tuple[str, Json]]:
        """A page that begins with the first of *fresh*, as long as to have the last."""
        if not fresh:
            return []
        first, last = fresh[0][0].replace(microsecond=0), fresh[-1][0]
        top = sum(first <= row.at <= last for row in rows.values())
        try:
            answer = self._ask(self._url(first, top, f"{SELECT},{HEADERS}"))
        except Unavailable as outcome:
            if outcome.reason is not Reason.ANSWER_TOO_LONG:
                raise
            return []
        return [(_key(row), row) for row in dicts(answer.get("value"))]

    def _head(self, key: str) -> Json:
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


def _unseen(cursor: Cursor, rows: Mapping[str, Row]) -> tuple[list[Arrival], list[str]]:
    """What is new, the oldest first, and the keys of what could not be read before."""
    arrived, known = after(cursor, arrivals(rows)), passed(cursor)
    fresh = [(at, key) for at, key in arrived if key not in known]
    return fresh, [key for _at, key in arrived if key in known]


def _full(listed: Sequence[Json], heads: Mapping[str, Json]) -> dict[str, Row]:
    """The rows of those of which the headers could be had."""
    full = [row | heads[_key(row)] for row in listed if _key(row) in heads]
    return sound(full, _row)


def _key(row: Json) -> str:
    """An email's id; empty if it has none."""
    key = row.get("id")
    return key if isinstance(key, str) else ""


def _row(row: Json) -> Row:
    headers = row.get("internetMessageHeaders") or ()
    pairs = [(pair.get("name"), pair.get("value")) for pair in headers]
    at = datetime.fromisoformat(row["receivedDateTime"].replace("Z", "+00:00"))
    head = Head(row["id"], from_pairs(pairs), str(row.get("conversationId") or ""))
    return Row(at.astimezone(timezone.utc), head)
