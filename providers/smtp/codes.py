"""What an SMTP server's refusal means, as data.

What it says about *us* (how much we send, from where, as whom) stops or slows the
mailbox, once. An email is refused for good only where the refusal proves something
about its recipient, or about itself. What proves neither waits, and is tried again: an
email too late is mended by a person, a customer struck out is not.

Sources: RFC 5321, RFC 3463 (enhanced codes), RFC 4954 (sign-in), RFC 7372 (SPF, DKIM),
https://support.google.com/a/answer/3726730 (Gmail),
https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online;
for words without a code, see :mod:`.about`.
"""

import re

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
from . import about, proof
from .rule import (
    ABOUT_SENDER,
    AFTER_SIGN_IN,
    DAY,
    HOUR,
    ONE_EMAIL,
    SENDING,
    Rule,
    limits,
)

ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")
TOO_MUCH = r"too (many|fast|much)|\brate( ?-?limit\w*)?\b|concurrent|throttl"
APP_PASSWORD = r"app(lication)?[- ]?(specific)?[- ]?password"  # nosec B105 # a pattern
# Gmail 5.7.26 to 30, RFC 7372, Outlook 5.7.515, Exchange 5.7.509 (DMARC)
DAILY = r"5\.(4\.5|7\.23[236]|1\.90)"
UNPROVEN = r"5\.7\.(2[0-4]|2[67]|30|509|515)"
# Exchange: banned and suspected senders, organizations beyond their threshold
MS_BLOCKED = r"5\.7\.(50[1-3]|511|7[0-57-9]\d|76\d)"
# its banned addresses, and Gmail's without a name in the DNS (5.7.25)
MS_CLIENT = r"5\.7\.(25|50[678]|510|6[0-4]\d)"
SEND_AS = "SendAsDenied|not owned by user|permissions? to send as"
# In this order: "Client host rejected", for the sender's sake, is about the client.
ABOUT_US = (
    (Reason.RELAY_DENIED, about.RELAY, about.is_his),
    (Reason.MAILBOX_BLOCKED, about.ACCOUNT, about.is_his),
    (Reason.SENDER_DOMAIN, about.DOMAIN, about.is_his),
    (Reason.CLIENT_REFUSED, about.CLIENT, about.is_of_one),
    (Reason.SENDER_REFUSED, about.SENDER, about.is_of_one),
)

# The first that fits counts.
RULES = (
    # A server that relays at once says so when the next server vanished after *its*
    # final dot (Dovecot: "421 4.4.0 Lost connection to relay server").
    Rule(OutcomeUnknown, Reason.MAYBE_SENT, r"4\d\d", r"4\.4\.\d+", stages=("dot",)),
    # Nor does one that hangs up say whether, unless it says why.
    Rule(OutcomeUnknown, Reason.MAYBE_SENT, "421", r"([25]\..*)?", stages=("dot",)),
    # Signing in
    Rule(SignInRequired, Reason.APP_PASSWORD_NEEDED, r"5\d\d", "", APP_PASSWORD),
    Rule(SignInRequired, Reason.APP_PASSWORD_NEEDED, "534", r"5\.7\.(9|14)"),
    # Exchange says 5.7.139 for both.
    Rule(
        SignInRequired, Reason.WRONG_PASSWORD, "535", r"5\.7\.139", "credentials were"
    ),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "535", r"5\.7\.139"),
    # Gmail's 5.7.30 is about DKIM.
    Rule(
        AdminActionRequired,
        Reason.SIGN_IN_DISABLED,
        "550",
        r"5\.7\.30",
        unless="dkim",
    ),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "525|534"),
    Rule(
        AdminActionRequired, Reason.WRONG_ENCRYPTION, "530|538", "", "tls|ssl|encrypt"
    ),
    Rule(
        AdminActionRequired,
        Reason.WRONG_ENCRYPTION,
        "538|523",
        stages=("ehlo", "auth"),
    ),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "530"),
    Rule(
        AdminActionRequired,
        Reason.SIGN_IN_DISABLED,
        r"5\d\d",
        words=about.NO_SIGN_IN,
        stages=("auth",),
    ),
    # Nobody has looked at the password, which is not to be called wrong.
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"5\d\d",
        words=about.NOT_LOOKED_AT,
        # Who waits for a person, waits in vain.
        unless=r"contact|administrator|lock|reset|check your|temporary password",
        stages=("auth",),
        retry_after=HOUR,
    ),
    Rule(SignInRequired, Reason.WRONG_PASSWORD, "535"),
    Rule(AdminActionRequired, Reason.AUTH_NOT_OFFERED, "50[0-4]", stages=("auth",)),
    Rule(SignInRequired, Reason.WRONG_PASSWORD, r"5\d\d", stages=("auth",)),
    # "A password transition is needed" (RFC 4954, 4.7.12)
    Rule(SignInRequired, Reason.SIGN_IN_AGAIN, "432", r"(4\.7\.12)?", stages=("auth",)),
    Rule(AdminActionRequired, Reason.SIGN_IN_DISABLED, "503", "", "auth"),
    Rule(
        Rejected,
        Reason.MESSAGE_TOO_LARGE,
        r"5\d\d",
        r"5\.(3\.4|2\.3)",
        unless=f"{about.A_RATE}|{proof.PASSING}",
    ),
    # Limits: enhanced codes of Gmail (5.4.5) and Exchange
    Rule(Throttled, Reason.DAILY_LIMIT, r"5\d\d", DAILY, retry_after=DAY),
    Rule(
        Throttled,
        Reason.DAILY_LIMIT,
        r"5\d\d",
        words="Submission ?Quota",
        retry_after=DAY,
    ),
    # and words, which for now, at RCPT, may be about the recipient's server
    *limits(about.OUR_LIMIT, r"4\d\d", stages=("rcpt",)),
    limits(about.LIMIT, r"4\d\d", stages=AFTER_SIGN_IN)[0],
    *limits(about.OUR_LIMIT),
    *limits(about.LIMIT, unless=about.is_no_limit),
    # Exchange, of a recipient's list of who may write to him: it proves nothing of us
    Rule(Unavailable, Reason.DEFERRED, "550", r"5\.7\.1(2\d|3[0-6])"),
    Rule(Unavailable, Reason.DEFERRED, r"5\d\d", words=r"RESOLVER\.RST"),
    # "receiving mail at a rate that …" (Gmail, of the recipient)
    Rule(Unavailable, Reason.DEFERRED, "550", r"5\.2\.1", r"receiv\w+ (e-?)?mail"),
    # The mailbox, and as whom it may send
    Rule(AdminActionRequired, Reason.SENDER_REFUSED, "550", r"5\.1\.8", "domain"),
    Rule(AdminActionRequired, Reason.MAILBOX_BLOCKED, "550", r"5\.1\.8"),
    Rule(AdminActionRequired, Reason.MAILBOX_BLOCKED, r"5\d\d", MS_BLOCKED),
    Rule(AdminActionRequired, Reason.SEND_AS_DENIED, r"5\d\d", r"5\.7\.60"),
    Rule(AdminActionRequired, Reason.SEND_AS_DENIED, r"5\d\d", r"5\.2\.252"),
    Rule(AdminActionRequired, Reason.SEND_AS_DENIED, r"5\d\d", "", SEND_AS),
    Rule(AdminActionRequired, Reason.RELAY_DENIED, r"5\d\d", r"5\.7\.(54|57|64)"),
    Rule(AdminActionRequired, Reason.SENDER_DOMAIN, r"5\d\d", UNPROVEN),
    Rule(AdminActionRequired, Reason.CLIENT_REFUSED, r"5\d\d", MS_CLIENT),
    Rule(AdminActionRequired, Reason.SENDER_REFUSED, r"5\d\d", r"5\.1\.[78]"),
    *(
        Rule(
            AdminActionRequired,
            reason,
            r"5\d\d",
            words=words,
            unless=unless,
            stages=SENDING,
        )
        for reason, words, unless in ABOUT_US
    ),
    # for now, but of us: every email has the same
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"4\d\d",
        "",
        rf"(sender address|client host|helo command) rejected|{about.RELAY}",
        unless="gr[ea]y",
        stages=("rcpt",),
    ),
    # Later: the recipient's address or mailbox (RFC 3463, 3.2 and 3.3), even one that
    # "receives mail at a rate …" (Gmail), or more recipients than fit (RFC 5321,
    # 4.5.3.1.10)
    Rule(Unavailable, Reason.DEFERRED, r"45\d", r"4\.[12]\.\d+", stages=ONE_EMAIL),
    Rule(Unavailable, Reason.DEFERRED, "452", r"4\.5\.3", stages=("rcpt",)),
    # the mailbox is too fast: for all that it sends
    Rule(Throttled, Reason.TOO_FAST, "432"),
    # Too many sign-ins, or connections: not Throttled, which may go on for ever without
    # anybody hearing of it. A mailbox that lets nobody in for a day is an error.
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"4\d\d",
        words=TOO_MUCH,
        stages=("auth",),
        retry_after=HOUR,
    ),
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"5\d\d",
        words=about.LIMIT,
        stages=("greeting", "ehlo"),
        retry_after=HOUR,
    ),
    Rule(Throttled, Reason.TOO_FAST, r"4\d\d", "", TOO_MUCH, stages=ABOUT_SENDER),
    # the server hangs up, has no room, or takes nothing (RFC 3463, 3.4)
    Rule(Unavailable, Reason.PROVIDER_DOWN, "421"),
    Rule(Unavailable, Reason.PROVIDER_DOWN, r"4\d\d", r"4\.3\.[12]"),
    # this email: a greylist, a filter that is away
    Rule(Unavailable, Reason.DEFERRED, r"4\d\d", stages=ONE_EMAIL),
    Rule(Unavailable, Reason.PROVIDER_DOWN, r"4\d\d"),
    # This machine
    Rule(
        AdminActionRequired,
        Reason.CLIENT_REFUSED,
        r"5\d\d",
        stages=("greeting", "ehlo"),
    ),
    # This email
    Rule(
        Rejected,
        Reason.MESSAGE_TOO_LARGE,
        r"5\d\d",
        words=about.TOO_LARGE,
        unless=f"mailbox (size|is|has)|{about.A_RATE}|{proof.PASSING}",
        stages=SENDING,
    ),
    Rule(Rejected, Reason.MESSAGE_REFUSED, "555", stages=("mail",)),
    Rule(
        Rejected,
        Reason.MESSAGE_REFUSED,
        r"5\d\d",
        r"5\.(5\.4|6\.\d+)",
        stages=("mail",),
    ),
    # Its recipient
    Rule(
        Rejected,
        Reason.RECIPIENT_REFUSED,
        r"5\d\d",
        words=proof.by_code,
        stages=ONE_EMAIL,
    ),
    # Exchange Online, whose directory has no such address
    Rule(
        Rejected, Reason.RECIPIENT_REFUSED, "550", r"5\.4\.1", "recipient address rej"
    ),
    Rule(
        Rejected,
        Reason.RECIPIENT_REFUSED,
        r"5\d\d",
        words=proof.is_about_him,
        stages=ONE_EMAIL,
    ),
    # Its content, which is known after the final dot only
    Rule(
        Rejected,
        Reason.MESSAGE_REFUSED,
        r"5\d\d",
        r"5\.(6\.\d+|7\.512)",
        unless=proof.is_passing,
        stages=("dot",),
    ),
    Rule(
        Rejected,
        Reason.MESSAGE_REFUSED,
        r"5\d\d",
        words=proof.content,
        stages=("dot",),
    ),
    # Nothing but the sender's address is in that line, so it is wrongly written. What
    # else it is, a limit in another language or an illness, all emails have: the server
    # takes nothing, which is an error if it lasts.
    Rule(AdminActionRequired, Reason.SENDER_REFUSED, "50[0-4]", stages=("mail",)),
    Rule(
        Unavailable,
        Reason.PROVIDER_DOWN,
        r"5\d\d",
        stages=("mail",),
        retry_after=HOUR,
    ),
    # No proof of anything: wait. Several in a row, and the whole mailbox waits.
    Rule(Unavailable, Reason.DEFERRED, r"5\d\d", stages=ONE_EMAIL, retry_after=HOUR),
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
    meant = about.said(words)
    rule = next(rule for rule in RULES if rule.fits(str(code), status, meant, stage))
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
