"""Where a look into a mailbox ended, if it can be asked by time only.

A cursor is ``{"at": ISO 8601, "seen": {key: seconds}, "passed": [key]}``: from when on
emails are listed; which of them were looked at, and when those arrived; and what could
not be read. It keeps this:

    **Every email that arrives after the first cursor's moment, and that is listed at a
    look not more than OVERLAP after its arrival, or together with all that came before
    it, is handed out exactly once**, whatever the order of the list and of the looks'
    pages. (If more than MOST_SEEN come within OVERLAP, that is shorter.)

So it never passes what was not looked at, and stays OVERLAP behind the newest that has
no date in the future: one that has is looked at and remembered, and hides nothing.
An email that is handed out once more all the same, because UIDVALIDITY has changed or
the same list was begun again, is dropped by its Message-ID: ``account.email.incoming``.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from .incoming import Cursor

# An email may be listed so much later than one that came after it. Providers promise
# nothing; of Gmail seconds were told.
OVERLAP = timedelta(minutes=10)
# So many that were looked at are remembered. If more come within OVERLAP, that is less.
MOST_SEEN = 700
# Of so many that cannot be read a cursor knows that they have been counted. Their keys
# are the provider's: Graph's have some 150 characters.
MOST_PASSED, LONGEST_KEY = 200, 1000

#: When an email arrived, and its key.
Arrival = tuple[datetime, str]


def seen(cursor: Cursor) -> dict[str, int]:
    """What was looked at, and is still listed: its keys, with when it arrived."""
    known = cursor.get("seen", {})
    if isinstance(known, dict):
        return known
    return dict.fromkeys(known, _second(moment(cursor)))  # of before there was OVERLAP


def after(cursor: Cursor, arrived: Iterable[Arrival]) -> list[Arrival]:
    """Leave out what was looked at before, and what came before anybody wanted that.

    :param arrived: list of (datetime, key), from about the cursor's moment on.
    :return: list of the same, the oldest first.
    """
    begin = moment(cursor).replace(microsecond=0)
    known = seen(cursor)
    return sorted((at, key) for at, key in arrived if at >= begin and key not in known)


def passed(cursor: Cursor) -> list[str]:
    """The keys of what could not be read when it was looked last, as a list."""
    return list(cursor.get("passed", ()))


def moved(
    cursor: Cursor,
    looked_at: Sequence[Arrival],
    broken: Iterable[str] = (),
    *,
    whole: bool = True,
    later: bool = False,
) -> Cursor:
    """Return the cursor behind *looked_at*, a list as :func:`after` returns it.

    :param broken: the keys of what cannot be read, now or as before. While it is the
        newest it is listed at each look: without its key it would be counted each time.
    :param whole: nothing that came before the last of these is still to be looked at.
    :param later: more is listed than was asked for: what could not be read before may
        be among that, and is not forgotten.
    """
    read = {key for _at, key in looked_at}
    before = [key for key in passed(cursor) if later and key not in read]
    cursor = {name: cursor[name] for name in cursor if name != "passed"}
    broken = dict.fromkeys((*before, *broken))
    known = [key for key in broken if len(key) <= LONGEST_KEY][-MOST_PASSED:]
    return _behind(cursor, looked_at, whole) | ({"passed": known} if known else {})


def _behind(cursor: Cursor, looked_at: Sequence[Arrival], whole: bool) -> Cursor:
    if not looked_at:
        return cursor
    begin = _second(moment(cursor))
    known = seen(cursor) | {key: max(_second(at), begin) for at, key in looked_at}
    now = datetime.now(timezone.utc)
    newest = max((_second(at) for at, _key in looked_at if at <= now), default=begin)
    if not whole or newest <= begin:
        return {"at": cursor["at"], "seen": known}
    overlap = int(OVERLAP.total_seconds())
    start = max(begin, newest - overlap, _remembered(known, newest))
    at = cursor["at"] if start == begin else _moment(start).isoformat()
    return {"at": at, "seen": {key: at for key, at in known.items() if at >= start}}


def _remembered(known: dict[str, int], newest: int) -> int:
    """From when on all that is known can be remembered: never after *newest*."""
    times = sorted(known.values(), reverse=True)
    if len(times) <= MOST_SEEN:
        return 0
    return min(times[MOST_SEEN] + 1, newest)


def moment(cursor: Cursor) -> datetime:
    """The cursor's moment, as an aware datetime in UTC."""
    return datetime.fromisoformat(cursor["at"]).astimezone(timezone.utc)


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, timezone.utc)
