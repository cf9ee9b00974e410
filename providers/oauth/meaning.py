"""From a provider's error to an outcome: the row of a table, and what goes with it."""

import random
from collections.abc import Iterable
from typing import NamedTuple

from ..outcomes import Outcome, Throttled, one_line
from ..reasons import Reason


class Meaning(NamedTuple):
    """What a provider's error means: one row of a table of errors.

    :param outcome: the class of :mod:`..outcomes` to raise.
    :param reason: what to tell the user.
    :param wait: seconds to wait if the provider names no time; Throttled only.
    :param spread: up to so many seconds more, at random: what was refused at the same
        moment shall not come back at the same moment.
    """

    outcome: type[Outcome]
    reason: Reason
    wait: int | None = None
    spread: int = 0

    def raised(
        self,
        *,
        code: str = "",
        detail: str = "",
        correlation_id: str = "",
        retry_after: int | None = None,
        hidden: Iterable[str | None] = (),
    ) -> Outcome:
        """Return the outcome, ready to be raised.

        :param retry_after: seconds, if the provider named a time.
        :param hidden: secrets that the provider's words must not repeat.
        """
        if issubclass(self.outcome, Throttled) and retry_after is None:
            later = random.randint(0, self.spread)  # nosec B311 # may be guessed
            retry_after = (self.wait or 60) + later
        return self.outcome(  # a callback brings anything
            self.reason,
            code=one_line(code, 80),
            detail=without(detail, hidden),
            correlation_id=one_line(correlation_id, 80),
            retry_after=retry_after,
        )


def refused(status: int) -> bool:
    """Whether this status says that the request was not carried out; 408 does not.

    Nor does a server's fault, but for what it cannot do or has no room for:
    https://www.rfc-editor.org/rfc/rfc9110#section-15.5 and section-15.6,
    https://www.rfc-editor.org/rfc/rfc4918#section-11.5
    """
    return (400 <= status < 500 and status != 408) or status in (501, 505, 507)


def without(text: str, hidden: Iterable[str | None]) -> str:
    """Return *text* with each of the secrets in *hidden* blotted out."""
    for secret in filter(None, hidden):
        text = text.replace(secret, "•••")
    return text
