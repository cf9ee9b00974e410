"""What a bounce about us means for the mailbox: what a reply of the same words would.

Graph answers 202 to everything, and a hoster may take an email that its limit forbids:
then the refusal comes by email only. It is read by the table of replies, so that both
are one truth.
"""

import re

from ..outcomes import AdminActionRequired, Outcome, Throttled
from ..reasons import Reason
from ..smtp.codes import ENHANCED, classify

# "550 ", "550-5.7.26 ", "#5.7.1 smtp;550 5.7.1 ", as reports have it before the words.
REPLY = re.compile(r"^\W*(?:smtp;\s*)?(?:([45]\d\d)[\s-]+)?", re.I)


def outcome_of(status: str, words: str) -> Outcome | None:
    """What the mailbox is to do about what a bounce says.

    A limit makes it wait. What breaks it has to be unambiguous: the enhanced code alone
    says so, or words that only the sender's own server has. "Relay access denied" and
    "sender rejected", with 5.7.1 as all the world uses it, may be one recipient's
    server that is set up wrongly, or its opinion of a network: of that a person hears.

    :param status: the enhanced status code, or nothing.
    :param words: what the server said.
    :return: a :class:`~..outcomes.Throttled` or an
        :class:`~..outcomes.AdminActionRequired`; None if it proves neither.
    """
    outcome = as_reply(status, words)
    if isinstance(outcome, Throttled):
        return outcome
    is_broken = isinstance(outcome, AdminActionRequired) and (
        outcome.reason is Reason.SEND_AS_DENIED
        or isinstance(as_reply(status, words[: _begin(words)]), AdminActionRequired)
    )
    return outcome if is_broken else None


def as_reply(status: str, words: str) -> Outcome:
    """What the same words mean as a reply to RCPT."""
    begin = REPLY.match(words)
    code = int((begin and begin[1]) or (450 if status.startswith("4") else 550))
    text = words[_begin(words) :]
    if not ENHANCED.match(text):
        text = f"{status} {text}"
    return classify(code, text, "rcpt")


def _begin(words: str) -> int:
    """Where the text of a reply begins, after its code."""
    begin = REPLY.match(words)
    return begin.end() if begin else 0
