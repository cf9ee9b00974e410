"""Emails as the APIs list them: one that cannot be read is passed over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, TypeVar

from .bounded import NONSENSE
from .incoming import Choose, Found, Head
from .outcomes import Unavailable
from .reasons import Reason
from .time_cursor import Arrival

# What may be said of one email, or of all. A message that Exchange cannot read comes
# as "500", again and again.
PERHAPS_ONE = (Reason.PROVIDER_DOWN, Reason.ANSWER_TOO_LONG)
# So many of those that were passed over are asked for again at each look.
MOST_AGAIN = 10


Item = TypeVar("Item")
Key = TypeVar("Key")


class Row(NamedTuple):
    """An email that is listed.

    :param at: when it arrived, an aware datetime.
    :param size: its bytes, 0 if they are not told.
    """

    at: datetime
    head: Head
    size: int = 0


def sound(rows: object, read: Callable[[Any], Row]) -> dict[str, Row]:
    """Read what an API lists, whatever that is.

    :param read: makes a :class:`Row` of one of *rows*.
    :return: ``{key: Row}`` of those that have a key, and a time, which is not in the
        future: behind that nothing would ever be looked at again.
    """
    found = {}
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    for each in rows if isinstance(rows, (list, tuple)) else ():
        try:
            row = read(each)
            if isinstance(row.head.key, str) and row.at < tomorrow:
                found[row.head.key] = row
        except NONSENSE:
            continue
    return found


def arrivals(rows: Mapping[str, Row]) -> list[Arrival]:
    """When each of the *rows* arrived: what a cursor looks at."""
    return [(row.at, key) for key, row in rows.items()]


def one_by_one(items: Iterable[Key], read: Callable[[Key], Item]) -> dict[Key, Item]:
    """Read each; what fails once may go the second time.

    :param items: hashable.
    :return: ``{item: what was read}``, without those that could not be read.
    :raises Outcome: it is not one email's fault, or several are all that there are.
    """
    done: dict[Key, Item] = {}
    failed: list[Unavailable] = []
    for item in items:
        try:
            done[item] = _twice(read, item)
        except Unavailable as outcome:
            if outcome.reason not in PERHAPS_ONE:
                raise
            failed.append(outcome)
    if len(failed) > 1 and not done:
        raise failed[-1]
    return done


def once_more(items: Sequence[Key], read: Callable[[Key], Item]) -> dict[Key, Item]:
    """Read what was passed over before. It may go now; if not, that was told already.

    :return: as :func:`one_by_one`.
    """
    done: dict[Key, Item] = {}
    for item in items[-MOST_AGAIN:]:
        try:
            done[item] = read(item)
        except Unavailable as outcome:
            if outcome.reason not in PERHAPS_ONE:
                raise
    return done


def _twice(read: Callable[[Key], Item], item: Key) -> Item:
    try:
        return read(item)
    except Unavailable as outcome:
        if outcome.reason not in PERHAPS_ONE:
            raise
    return read(item)


def read_chosen(
    rows: Sequence[Row], choose: Choose, read: Callable[[Row], Found | None]
) -> tuple[list[Found], int]:
    """Read those of the *rows* that are chosen; of a broken one, only its headers.

    :param choose: is asked only if there is something to choose from.
    :param read: gives the :class:`~.incoming.Found` of a row, None if it is gone.
    :return: a list of them, and how many are broken.
    """
    by_key = {row.head.key: row for row in rows}
    heads = list(choose([row.head for row in rows])) if rows else []
    done = one_by_one([head.key for head in heads], lambda key: read(by_key[key]))
    found = [done[h.key] if h.key in done else beginning(h) for h in heads]
    return [each for each in found if each], len(heads) - len(done)


def beginning(head: Head, text: str = "") -> Found:
    """An email as far as it is known: its headers, and perhaps its first words."""
    names = [name for name in head.headers if name.lower() != "content-type"]
    lines = [f"{name}: {head.headers[name]}" for name in names]
    lines += ["Content-Type: text/plain; charset=utf-8", "", text]
    return Found("\r\n".join(lines).encode("utf-8", "replace"), head.thread_id)
