"""What is new in the Inbox, by IMAP. It is read, and nothing in it is changed."""

from datetime import datetime, timedelta, timezone

from imapclient.exceptions import IMAPClientError

from .imap_session import ImapSession, imap_errors, imap_outcome
from .incoming import HEADERS, LONGEST, Fetched, Found, Head, read_headers
from .outcomes import Unavailable
from .reasons import Reason

HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADERS).upper()})]"
BODY = f"BODY.PEEK[]<0.{LONGEST}>"


class Inbox(ImapSession):
    """Looks for new emails by their UIDs.

    A cursor is ``{"at": ISO 8601, "validity": int, "uid": int}``: when it was looked
    last, and the last UID then, which counts as long as UIDVALIDITY is the same
    (https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1). Otherwise the emails since
    that day are looked at again. The first cursor has a moment only: what has arrived
    before it is not looked at.
    """

    def fetch_since(self, cursor, choose, limit):
        """See :meth:`~.base.Mailbox.fetch_since`."""
        with imap_errors():
            self._ready()
            try:
                return self._fetch(cursor, choose, limit)
            except IMAPClientError as error:
                self.close()
                # Its text may be what could not be read: somebody's email.
                raise imap_outcome(
                    Unavailable, Reason.PROVIDER_DOWN, type(error).__name__
                ) from None

    def _fetch(self, cursor, choose, limit):
        now = datetime.now(timezone.utc)
        box = self._client.select_folder("INBOX", readonly=True)
        validity = box[b"UIDVALIDITY"]
        uids = self._new_uids(cursor, validity)
        now_seen, more = uids[:limit], len(uids) > limit
        chosen = choose(self._heads(now_seen)) if now_seen else ()
        found = [self._read(int(head.key)) for head in chosen]
        last = now_seen[-1] if now_seen else self._last_uid(cursor, box)
        cursor = {"at": now.isoformat(), "validity": validity, "uid": last}
        return Fetched([each for each in found if each], cursor, more)

    def _new_uids(self, cursor, validity):
        """The UIDs after the cursor, in their order."""
        if cursor.get("validity") == validity:
            last = cursor["uid"]
            # "n:*" is never empty: it always has the last email in it.
            found = self._client.search(["UID", f"{last + 1}:*"])
            return sorted(uid for uid in found if uid > last)
        # SINCE compares days, without a time zone.
        begin = datetime.fromisoformat(cursor["at"]).replace(microsecond=0)
        uids = self._client.search(["SINCE", begin.date() - timedelta(days=1)])
        first_look = "validity" not in cursor
        return sorted(self._arrived_since(begin, uids) if first_look else uids)

    def _arrived_since(self, begin, uids):
        """Leave out what came while nobody wanted it to be read."""
        arrived = self._client.fetch(uids, ["INTERNALDATE"]) if uids else {}
        return [uid for uid, data in arrived.items() if data[b"INTERNALDATE"] >= begin]

    def _last_uid(self, cursor, box):
        """From where to go on if there is nothing new."""
        if cursor.get("validity") == box[b"UIDVALIDITY"]:
            return cursor["uid"]
        if box.get(b"UIDNEXT"):
            return box[b"UIDNEXT"] - 1
        return max(self._client.search(), default=0)

    def _heads(self, uids):
        found = self._client.fetch(uids, [HEAD])
        return [
            Head(str(uid), read_headers(_item(found[uid], b"BODY[HEADER")))
            for uid in uids
            if uid in found  # it may have been moved meanwhile
        ]

    def _read(self, uid):
        found = self._client.fetch([uid], [BODY]).get(uid)
        return Found(_item(found, b"BODY[]")) if found else None


def _item(data, name):
    """The bytes of what the server calls by a name that begins with *name*."""
    return next((v or b"" for k, v in data.items() if k.startswith(name)), b"")
