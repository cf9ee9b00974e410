"""A row of the table of refusals: what fits it, and what that means."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..outcomes import Outcome, Throttled
from ..reasons import Reason
from . import about

# Where a server answers: when we connect, EHLO and STARTTLS, sign-in, MAIL, RCPT, DATA,
# and after the final dot.
STAGES = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "dot")
# What is said here for now is about one email; others may pass.
ONE_EMAIL = ("rcpt", "data", "dot")
SENDING = ("mail", *ONE_EMAIL)
AFTER_SIGN_IN = ("mail", "data", "dot")
# What is said about a recipient may be about his server's limits, not about ours.
ABOUT_SENDER = tuple(stage for stage in STAGES if stage != "rcpt")
# To be found in the words: a regular expression, or what looks for it.
Words = str | Callable[[str], bool]
HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Rule:
    """A refusal, and what it means; an empty field fits all.

    :param code: regular expression for the reply code.
    :param enhanced: for the enhanced status code (``5.7.8``), absent ones are empty.
    :param words: to be found in the words, in any letter case.
    :param also: to be found there too.
    :param unless: not to be found there.
    :param stages: where it is said.
    :param retry_after: seconds.
    """

    outcome: type[Outcome]
    reason: Reason
    code: str = ""
    enhanced: str = ""
    words: Words = ""
    also: Words = ""
    unless: Words = ""
    stages: tuple[str, ...] = STAGES
    retry_after: int | None = None

    def fits(self, code: str, enhanced: str, words: str, stage: str) -> bool:
        return bool(
            stage in self.stages
            and (not self.code or re.fullmatch(self.code, code))
            and (not self.enhanced or re.fullmatch(self.enhanced, enhanced))
            and all(has(wanted, words) for wanted in (self.words, self.also))
            and not (self.unless and has(self.unless, words))
        )


def has(wanted: Words, words: str) -> bool:
    """Whether it is found in the words, in any letter case."""
    if callable(wanted):
        return wanted(words)
    return bool(re.search(wanted, words, re.IGNORECASE))


def limits(
    words: str,
    code: str = r"5\d\d",
    unless: Words = about.NO_SENDING,
    stages: tuple[str, ...] = SENDING,
) -> tuple[Rule, Rule]:
    """The rows of a limit to what may be sent: wait for a day where a day is named."""
    day = Rule(
        *(Throttled, Reason.DAILY_LIMIT, code, "", words, about.A_DAY, unless),
        *(stages, DAY),
    )
    hour = Rule(
        *(Throttled, Reason.SENDING_LIMIT, code, "", words, "", unless, stages, HOUR)
    )
    return day, hour
