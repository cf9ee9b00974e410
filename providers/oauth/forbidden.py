"""What a 403 means whose code nobody has listed, by the words that the code is made of.

Both providers say two things by a 403: that somebody may not do this, and that somebody
has done too much of it.
https://learn.microsoft.com/graph/errors
https://developers.google.com/workspace/gmail/api/guides/handle-errors
https://developers.google.com/youtube/v3/docs/core_errors#FORBIDDEN
"""

import re

from ..outcomes import AdminActionRequired, Throttled, Unavailable
from ..reasons import Reason
from .meaning import Meaning

TOO_FAST = Meaning(Throttled, Reason.TOO_FAST, wait=60, spread=30)
DENIED = Meaning(AdminActionRequired, Reason.POLICY_BLOCKED)
#: Waited for, and an error if it goes on.
AWAY = Meaning(Unavailable, Reason.PROVIDER_DOWN)

#: How the words begin that say of a limit how long it lasts, of any limit, and that
#: somebody may not.
FOR_LONG = ("daily", "quota")
LIMITS = (*FOR_LONG, "budget", "exceed", "limit", "rate", "throttl")
DENIALS = (
    *("blocked", "deleted", "denied", "disabled", "forbidden", "insufficient"),
    *("licens", "permission", "polic", "privilege", "restrict", "scope", "suspend"),
    *("unauthori", "unverified"),
)


def forbidden(code: str, quota: Meaning) -> Meaning:
    """Return what a 403 means.

    :param code: what it says, perhaps several codes with spaces between; without any it
        means what its status does: access is denied.
    :param quota: what to wait for if so much was enough for long.
    """
    words = words_of(code)
    if _any(words, LIMITS):
        return quota if _any(words, FOR_LONG) else TOO_FAST
    return DENIED if not words or _any(words, DENIALS) else AWAY


def words_of(code: str) -> list[str]:
    """Return "user", "rate", "limit" of ``userRateLimit`` and ``USER_RATE_LIMIT``."""
    return [each.lower() for each in re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", code)]


def _any(words: list[str], beginnings: tuple[str, ...]) -> bool:
    return any(word.startswith(beginnings) for word in words)
