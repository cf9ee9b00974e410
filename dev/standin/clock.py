"""The providers' clock: real time, moved on command."""

import time
from datetime import datetime, timezone
from email.utils import formatdate


class Clock:
    """Seconds since the epoch (UTC), as the providers see them.

    :param base: a callable that returns the real seconds since the epoch.
    """

    def __init__(self, base=time.time):
        self.base = base
        self.offset = 0.0

    def now(self):
        """Return the providers' time as float seconds since the epoch."""
        return self.base() + self.offset

    def advance(self, seconds):
        """Move the clock by *seconds*; tokens and codes age with it."""
        self.offset += seconds

    def datetime(self, at=None):
        """Return *at* (seconds, default: now) as an aware UTC datetime."""
        return datetime.fromtimestamp(self.now() if at is None else at, timezone.utc)

    def iso(self, at=None):
        """Return *at* like ``2026-01-31T12:00:00Z``."""
        return self.datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ")

    def http_date(self, at=None):
        """Return *at* as an HTTP date (RFC 9110, always GMT)."""
        return formatdate(self.now() if at is None else at, usegmt=True)


def seconds(iso):
    """Return the seconds since the epoch of a date like ``2026-01-31T12:00:00Z``."""
    return datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp()
