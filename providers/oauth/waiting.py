"""How long a provider asks to wait."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 24 * 3600


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Return the seconds that a ``Retry-After`` header asks for, or None.

    A date is measured against the answer's own ``Date``, so that a wrong clock on
    this side neither shortens nor stretches it.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch("[0-9]+", value):  # isdigit knows others, int has a limit
        return min(int(value), LONGEST_WAIT) if len(value) < 10 else LONGEST_WAIT
    until = _http_date(value)
    if until is None:
        return None
    now = _http_date(headers.get("Date")) or datetime.now(timezone.utc)
    return _seconds(until - now)


def retry_time(text: str, headers: Mapping[str, str]) -> int | None:
    """Return the seconds until the time that Gmail's words name, or None.

    They read ``User-rate limit exceeded.  Retry after 2026-11-22T10:00:00.000Z``.
    https://developers.google.com/workspace/gmail/api/guides/handle-errors
    """
    found = re.search(r"[Rr]etry after (\d{4}-\d\d-\d\dT[\d:]+)(?:\.\d+)?Z", text)
    if not found:
        return None
    try:
        until = datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return _seconds(
        until - (_http_date(headers.get("Date")) or datetime.now(timezone.utc))
    )


def _http_date(value: str | None) -> datetime | None:
    """Return an HTTP date as an aware datetime, None if it is none."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _seconds(delta: timedelta) -> int:
    return min(max(int(delta.total_seconds()), 0), LONGEST_WAIT)
