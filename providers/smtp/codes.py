"""What an SMTP server's refusal means, as data.

Sources: RFC 5321, RFC 3463 (enhanced codes), RFC 4954 (sign-in),
https://support.google.com/a/answer/3726730 (Gmail),
https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online
"""

import re
from dataclasses import dataclass

from ..outcomes import (
    AdminActionRequired,
    Outcome,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
    one_line,
)
from ..reasons import Reason

# Where a server answers: when we connect, EHLO and STARTTLS, sign-in, MAIL, RCPT, DATA,
# and after the final dot.
STAGES = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "dot")
# What is said here for now is about one email; others may pass.
ONE_EMAIL = ("rcpt", "data", "dot")
# What is said about a recipient may be about his server's limits, not about ours.
ABOUT_SENDER = tuple(stage for stage in STAGES if stage != "rcpt")
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")
HOUR = 3600
DAY = 24 * HOUR
TOO_MUCH = r"too (many|fast|much)|\brate\b|concurrent|throttl"
APP_PASSWORD = r"app(lication)?[- ]?(specific)?[- ]?password"  # nosec B105 # a pattern


@dataclass(frozen=True)
class Rule:
    """A refusal, and what it means; an empty field fits all.

    :param code: regular expression for the reply code.
    :param enhanced: for the enhanced status code (``5.7.8``), absent ones are empty.
    :param words: to be found in the words, in any letter case.
    :param stages: where it is said.
    :param retry_after: seconds.
    """

    outcome: type[Outcome]
    reason: Reason
    code: str = ""
    enhanced: str = ""
    words: str = ""
    stages: tuple[str, ...] = STAGES
    retry_after: int | None = None

    def fits(self, code: str, enhanced: str, words: str, stage: str) -> bool:
        return bool(
            stage in self.stages
            and (not self.code or re.fullmatch(self.code, code))
            and (not self.enhanced or re.fullmatch(self.enhanced, enhanced))
            and (not self.words or re.search(self.words, words, re.IGNORECASE))
        )


# The first that fits counts.
RULES = (
    # A server that relays at once says so when the next server vanished after *its*
    # final dot (Dovecot: "421 4.4.0 Lost connection to relay server").
    Rule(OutcomeUnknown, Reason.MAYBE_SENT, r"4\d\d", r"4\.4\.\d+", "", ("dot",)),
    Rule(OutcomeUnknown, Reason.MAYBE_SENT, "421", "$", "", ("dot",)),
    # Signing in
    Rule(SignInRequired, Reason.APP_PASSWORD_NEEDED, r"5\d\d", "", APP_PASSWORD),
    Rule(SignInRequired, Reason.APP_PASSWORD_NEEDED, "534", r"5\.7\.(9|14)"),
    # Exchange says 5.7.139 for both.
    Rule(
        SignInRequired, Reason.WRONG_PASSWORD, "535", r"5\.7\.139", "credentials were"
    ),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "535", r"5\.7\.139"),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "550", r"5\.7\.30"),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "525|534"),
    Rule(
        AdminActionRequired, Reason.WRONG_ENCRYPTION, "530|538", "", "tls|ssl|encrypt"
    ),
    Rule(AdminActionRequired, Reason.WRONG_ENCRYPTION, "538|523"),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "530"),
    Rule(SignInRequired, Reason.WRONG_PASSWORD, "535"),
    Rule(AdminActionRequired, Reason.AUTH_NOT_OFFERED, "50[0-4]", stages=("auth",)),
    Rule(SignInRequired, Reason.WRONG_PASSWORD, r"5\d\d", stages=("auth",)),
    # "A password transition is needed" (RFC 4954, 4.7.12)
    Rule(SignInRequired, Reason.SIGN_IN_AGAIN, "432", r"(4\.7\.12)?", stages=("auth",)),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "503", "", "auth"),
    # Limits
    Rule(Throttled, Reason.DAILY_LIMIT, "550", r"5\.4\.5", retry_after=DAY),
    Rule(Throttled, Reason.DAILY_LIMIT, "550", r"5\.7\.233", retry_after=DAY),
    Rule(Throttled, Reason.DAILY_LIMIT, "554", "", "SubmissionQuota", retry_after=DAY),
    # The mailbox, and as whom it may send
    Rule(AdminActionRequired, Reason.SENDER_REFUSED, "550", r"5\.1\.8", "domain"),
    Rule(AdminActionRequired, Reason.MAILBOX_BLOCKED, "550", r"5\.1\.8"),
    Rule(AdminActionRequired, Reason.SEND_AS_DENIED, r"5\d\d", r"5\.7\.60"),
    Rule(AdminActionRequired, Reason.SEND_AS_DENIED, "554", r"5\.2\.252"),
    Rule(
        AdminActionRequired,
        Reason.SEND_AS_DENIED,
        r"5\d\d",
        "",
        "SendAsDenied|not owned by user|permissions? to send as",
    ),
    # Later: the recipient's address or mailbox (RFC 3463, 3.2 and 3.3), even one that
    # "receives mail at a rate …" (Gmail), or more recipients than fit (RFC 5321,
    # 4.5.3.1.10)
    Rule(Unavailable, Reason.DEFERRED, r"45\d", r"4\.[12]\.\d+", "", ONE_EMAIL),
    Rule(Unavailable, Reason.DEFERRED, "452", r"4\.5\.3", "", ("rcpt",)),
    # the mailbox is too fast: for all that it sends
    Rule(Throttled, Reason.TOO_FAST, "432"),
    # Too many sign-ins: not Throttled, which may go on for ever without anybody hearing
    # of it. A mailbox that lets nobody in for a day is an error.
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"4\d\d",
        "",
        TOO_MUCH,
        ("auth",),
        retry_after=HOUR,
    ),
    Rule(
        Throttled,
        Reason.TOO_FAST,
        r"4\d\d",
        "",
        TOO_MUCH,
        ABOUT_SENDER,
    ),
    # the server hangs up, has no room, or takes nothing (RFC 3463, 3.4)
    Rule(Unavailable, Reason.PROVIDER_DOWN, "421"),
    Rule(Unavailable, Reason.PROVIDER_DOWN, r"4\d\d", r"4\.3\.[12]"),
    # this email: a greylist, a filter that is away
    Rule(Unavailable, Reason.DEFERRED, r"4\d\d", "", "", ONE_EMAIL),
    Rule(Unavailable, Reason.PROVIDER_DOWN, r"4\d\d"),
    # This machine
    Rule(
        AdminActionRequired,
        Reason.CLIENT_REFUSED,
        r"5\d\d",
        stages=("greeting", "ehlo"),
    ),
    # This email
    Rule(Rejected, Reason.RECIPIENT_REFUSED, "552", r"5\.2\.2"),
    Rule(Rejected, Reason.MESSAGE_TOO_LARGE, "552", r"5\.(3\.4|2\.3)"),
    Rule(Rejected, Reason.MESSAGE_TOO_LARGE, "552", "", "size|large|big|long|exceed"),
    Rule(Rejected, Reason.RECIPIENT_REFUSED, r"5\d\d", r"5\.1\.[1-36]"),
    Rule(Rejected, Reason.MESSAGE_REFUSED, "555", stages=("mail",)),
    Rule(
        Rejected, Reason.MESSAGE_REFUSED, r"5\d\d", r"5\.(5\.4|6\.\d+)", "", ("mail",)
    ),
    # Nothing but the sender is known then, and that is the same in all emails.
    Rule(AdminActionRequired, Reason.SENDER_REFUSED, r"5\d\d", stages=("mail",)),
    Rule(Rejected, Reason.RECIPIENT_REFUSED, r"5\d\d", stages=("rcpt",)),
    Rule(Rejected, Reason.MESSAGE_REFUSED, r"5\d\d"),
    # No SMTP at all; of a server that has signed us in we believe that it is one
    Rule(
        AdminActionRequired,
        Reason.NOT_A_MAIL_SERVER,
        "-1",
        stages=("greeting", "ehlo", "auth"),
    ),
    Rule(AdminActionRequired, Reason.NOT_A_MAIL_SERVER, stages=("greeting",)),
    Rule(OutcomeUnknown, Reason.MAYBE_SENT, stages=("dot",)),
    Rule(Unavailable, Reason.PROVIDER_DOWN),
)


def classify(
    code: int, words: str | bytes, stage: str, *, shown: bool = True
) -> Outcome:
    """Return the outcome of a server's refusal.

    :param code: the reply code, an int; -1 for a reply without one.
    :param words: what follows it, bytes or str, lines separated by line breaks.
    :param stage: one of :data:`STAGES`.
    :param shown: whether its words may be shown: who says them is a mail server. Of
        what is none, nothing is.
    """
    words = one_line(words, 2000)  # all the rules look at all of it
    status = enhanced_code(words)
    rule = next(rule for rule in RULES if rule.fits(str(code), status, words, stage))
    is_other = rule.reason is Reason.NOT_A_MAIL_SERVER
    return rule.outcome(
        rule.reason,
        code="" if is_other or code < 0 else f"{code} {status}".strip(),
        detail=ENHANCED.sub(" ", words) if shown and not is_other else "",
        retry_after=rule.retry_after,
        service="smtp",
    )


def enhanced_code(words: str) -> str:
    """The enhanced status code (RFC 3463) that *words* begin with, or an empty string.

    >>> enhanced_code("5.7.8 Username and Password not accepted")
    '5.7.8'
    """
    found = ENHANCED.match(words)
    return found.group(1) if found else ""
