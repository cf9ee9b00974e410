"""From a provider's error to an outcome: the row of a table, and what goes with it."""

import random
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from ..outcomes import Throttled, one_line
from ..reasons import Reason

LONGEST_WAIT = 24 * 3600


class Verdict(NamedTuple):
    """One row of a table of errors.

    :param outcome: the class of :mod:`.outcomes` to raise.
    :param reason: what to tell the user.
    :param wait: seconds to wait if the provider names no time; Throttled only.
    :param spread: up to so many seconds more, at random: what was refused at the same
        moment shall not come back at the same moment.
    """

    outcome: type
    reason: Reason
    wait: int | None = None
    spread: int = 0

    def raised(self, *, retry_after=None, hidden=(), **details):
        """Return the outcome, ready to be raised.

        :param retry_after: seconds, if the provider named a time.
        :param hidden: secrets that the provider's words must not repeat.
        :param details: ``code``, ``detail``, ``correlation_id``.
        """
        if issubclass(self.outcome, Throttled) and retry_after is None:
            later = random.randint(0, self.spread)  # nosec B311 # may be guessed
            retry_after = (self.wait or 60) + later
        details["detail"] = without(details.get("detail", ""), hidden)
        for name in ("code", "correlation_id"):  # a callback brings anything
            details[name] = one_line(details.get(name, ""), 80)
        return self.outcome(self.reason, retry_after=retry_after, **details)


def without(text, hidden):
    """Return *text* with each of the secrets in *hidden* blotted out."""
    for secret in filter(None, hidden):
        text = text.replace(secret, "•••")
    return text


def retry_after(headers):
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


def retry_time(text, headers):
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


def _http_date(value):
    """Return an HTTP date as an aware datetime, None if it is none."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _seconds(delta):
    return min(max(int(delta.total_seconds()), 0), LONGEST_WAIT)
