"""What is new in the Inbox, by Microsoft Graph. Needs ``Mail.Read``."""

from datetime import datetime
from urllib.parse import quote

from .incoming import LONGEST, Fetched, Filed, Found, Head, from_pairs
from .microsoft_codes import graph_outcome
from .time_cursor import after, moment, moved

#: https://learn.microsoft.com/graph/permissions-reference#mailread
READING, READING_SHARED = "Mail.Read", "Mail.Read.Shared"
# The headers come only if asked for:
# https://learn.microsoft.com/graph/api/resources/message
SELECT = "id,receivedDateTime,conversationId,internetMessageHeaders"


def reading_scopes(shared):
    """What is asked for at the sign-in, besides the permission to send.

    :param shared: True for a shared mailbox, into which the answers come then.
    """
    return (READING, READING_SHARED) if shared else (READING,)


class GraphInbox:
    """Looks for new emails by their time of arrival.

    :param call: asks Graph: method, URL and options in, an ``Answer`` out.
    :param base: the mailbox's URL.
    """

    def __init__(self, call, base):
        self._call = call
        self._base = base

    def fetch_since(self, cursor, choose, limit):
        """See :meth:`~.base.Mailbox.fetch_since`."""
        rows = {row["id"]: row for row in self._list(cursor, limit)}
        arrived = [(_time(row), key) for key, row in rows.items()]
        new = after(cursor, arrived)[:limit]
        heads = [_head(rows[key]) for _at, key in new]
        found = [self._read(head) for head in (choose(heads) if heads else ())]
        # A full page: there may be another one.
        more = len(rows) >= limit + len(cursor.get("seen", ()))
        return Fetched([each for each in found if each], moved(cursor, new), more)

    def find_filed(self, message_id):
        """See :meth:`~.microsoft.MicrosoftMailbox.find_filed`."""
        escaped = message_id.replace("'", "''")
        wanted = quote(f"internetMessageId eq '{escaped}'")
        sent = f"{self._base}/mailFolders/sentitems/messages"
        select = "conversationId,webLink"
        answer = self._ask(f"{sent}?$select={select}&$top=1&$filter={wanted}")
        for row in answer.json().get("value") or ():
            return Filed(row.get("conversationId") or "", row.get("webLink") or "")
        return None

    def _list(self, cursor, limit):
        at = moment(cursor).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = quote(f"receivedDateTime ge {at}")
        top = limit + len(cursor.get("seen", ()))
        answer = self._ask(
            f"{self._base}/mailFolders/inbox/messages?$select={SELECT}&$top={top}"
            f"&$orderby=receivedDateTime%20asc&$filter={wanted}"
        )
        return answer.json().get("value") or []

    def _read(self, head):
        url = f"{self._base}/messages/{quote(head.key)}/$value"
        answer = self._call("GET", url, longest=LONGEST)
        if answer.status == 404:  # moved or deleted meanwhile
            return None
        return Found(_checked(answer).content, head.thread_id)

    def _ask(self, url):
        return _checked(self._call("GET", url))


def _checked(answer):
    """Return *answer* if it is a success.

    :raises Outcome: if it is not.
    """
    if answer.status == 200 and not answer.cut:
        return answer
    raise graph_outcome(answer, sending=False)


def _head(row):
    headers = row.get("internetMessageHeaders") or ()
    pairs = [(pair.get("name"), pair.get("value")) for pair in headers]
    return Head(row["id"], from_pairs(pairs), row.get("conversationId") or "")


def _time(row):
    return datetime.fromisoformat(row["receivedDateTime"].replace("Z", "+00:00"))
