"""Where a look into a mailbox ended, if it can be asked by time only."""

from datetime import datetime, timezone


def after(cursor, arrived):
    """Leave out what was looked at before, and what came before anybody wanted that.

    :param cursor: ``{"at": ISO 8601, "seen": [key]}``: the latest arrival that was
        looked at, and everything that arrived in that very second.
    :param arrived: list of (datetime, key), from about that second on.
    :return: list of the same, the oldest first.
    """
    begin = moment(cursor).replace(microsecond=0)
    seen = set(cursor.get("seen", ()))
    return sorted((at, key) for at, key in arrived if at >= begin and key not in seen)


def moved(cursor, looked_at):
    """Return the cursor behind *looked_at*, a list as :func:`after` returns it."""
    if not looked_at:
        return cursor
    last = looked_at[-1][0].replace(microsecond=0)
    seen = [key for at, key in looked_at if at.replace(microsecond=0) == last]
    if last == moment(cursor).replace(microsecond=0):
        seen = [*cursor.get("seen", ()), *seen]
    return {"at": last.isoformat(), "seen": seen}


def moment(cursor):
    """The cursor's moment, as an aware datetime in UTC."""
    return datetime.fromisoformat(cursor["at"]).astimezone(timezone.utc)
