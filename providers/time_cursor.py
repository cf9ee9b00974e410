"""Where a look into a mailbox ended, if it can be asked by time only."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from .incoming import Cursor

# Of so many that cannot be read a cursor knows that they have been counted. Their keys
# are the provider's: Graph's have some 150 characters.
MOST_PASSED, LONGEST_KEY = 200, 1000

#: When an email arrived, and its key.
Arrival = tuple[datetime, str]


def after(cursor: Cursor, arrived: Iterable[Arrival]) -> list[Arrival]:
    """Leave out what was looked at before, and what came before anybody wanted that.

    :param cursor: ``{"at": ISO 8601, "seen": [key], "passed": [key]}``: the latest
        arrival that was looked at, everything that arrived in that very second, and
        what could not be read.
    :param arrived: list of (datetime, key), from about that second on.
    :return: list of the same, the oldest first.
    """
    begin = moment(cursor).replace(microsecond=0)
    seen = set(cursor.get("seen", ()))
    return sorted((at, key) for at, key in arrived if at >= begin and key not in seen)


def passed(cursor: Cursor) -> list[str]:
    """The keys of what could not be read when it was looked last, as a list."""
    return list(cursor.get("passed", ()))


def moved(
    cursor: Cursor, looked_at: Sequence[Arrival], broken: Iterable[str] = ()
) -> Cursor:
    """Return the cursor behind *looked_at*, a list as :func:`after` returns it.

    :param broken: the keys of what cannot be read, now or as before. While it is the
        newest it is listed at each look: without its key it would be counted each time.
    """
    cursor = {name: cursor[name] for name in cursor if name != "passed"}
    known = [key for key in broken if len(key) <= LONGEST_KEY][-MOST_PASSED:]
    return _behind(cursor, looked_at) | ({"passed": known} if known else {})


def _behind(cursor: Cursor, looked_at: Sequence[Arrival]) -> Cursor:
    if not looked_at:
        return cursor
    last = looked_at[-1][0].replace(microsecond=0)
    seen = [key for at, key in looked_at if at.replace(microsecond=0) == last]
    if last == moment(cursor).replace(microsecond=0):
        seen = [*cursor.get("seen", ()), *seen]
    return {"at": last.isoformat(), "seen": seen}


def moment(cursor: Cursor) -> datetime:
    """The cursor's moment, as an aware datetime in UTC."""
    return datetime.fromisoformat(cursor["at"]).astimezone(timezone.utc)
