"""What a bounce means: which of seven things a server has said, by its code and words.

Only proof about the address gives it up. Where code and words differ, and for words
that no row has seen, the reading errs on the side of waiting: an email too late is
mended by a person, a customer who is struck out is not.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from ..outcomes import AdminActionRequired, Throttled, one_line
from ..reasons import Reason
from ..smtp import about, proof
from .about_us import as_reply
from .delivery_status import STATUS


class Cause(str, Enum):
    """Why an email did not arrive; the value is the key of the user's text."""

    ADDRESS = "address"  #: there is no such address: no other email will arrive
    FULL = "full"  #: the mailbox has no room
    TOO_LARGE = "too_large"  #: this email is too large
    EXPIRED = "expired"  #: the server could not be reached for days
    BLOCKED = "blocked"  #: the other side does not want this email
    US = "us"  #: our own mailbox, domain or provider is at fault
    SOFT = "soft"  #: something else, which may pass


class Row(NamedTuple):
    """A bounce that is known; an empty field fits all.

    :param status: regular expression for the whole enhanced status code; one that
        begins with "|" also fits where there is none.
    :param words: to be found in the words, in any letter case.
    :param holds: what has to be true of them.
    :param is_his: the words have to be said of the recipient, not of us.
    """

    cause: Cause
    status: str = ""
    words: str = ""
    holds: Callable[[str], bool] | None = None
    is_his: bool = False


# What words say, whatever the code: servers use 550 and 5.1.1 for nearly everything.
_FULL = (
    r"over\s?-?quota|mailbox size limit"
    r"|quota (?:is |has been |was )?(?:exceeded|full|reached)"
    r"|mailbox (?:\S+ ){0,3}(?:is |has )?(?:been )?(?:full|over)|(?:exceed\w*|over"
    r"|out of) (?:\S+ ){0,5}(?:quota|storage|disk)"
    r"|insufficient (?:system )?(?:storage|disk)|reached disk quota"
    r"|not enough (?:storage|space|disk)|storage (?:limit|full)|space has been used up"
    r"|voll\b|bo[iî]te (?:\S+ ){0,5}pleine|buz[óo]n (?:\S+ ){0,4}lleno"
    r"|casella (?:\S+ ){0,4}piena|postbus (?:\S+ ){0,4}vol\b|quotaexceeded"
)
_TOO_LARGE = (
    r"(?:message|mail|size|content)\b.{0,40}(?:too (?:large|big)"
    r"|exceeds?\b.{0,30}(?:limit|maximum|size|fixed))|too (?:large|big)\b"
    r"|exceed\w* (?:the )?(?:maximum )?(?:incoming |fixed )?(?:maximum )?message size"
    r"|maximum message size"
)
_LIMIT = (
    r"(?:hourly|daily|send|sending|outgoing|outbound|external recipient|rate"
    r"|message submission) (?:\S+ ){0,3}(?:limit|quota|rate)|(?:limit"
    r"|quota) (?:\S+ ){0,4}(?:per|each|an|a) (?:hour|day|minute|domain)"
    r"|max(?:imum)? (?:defers|emails|messages) (?:and failures )?per"
    r"|exceed\w* (?:\S+ ){0,4}(?:emails?|messages?|recipients) (?:per|an?) (?:hour"
    r"|day)|too many (?:messages|emails|recipients) (?:\S+ ){0,3}(?:sent|today"
    r"|this hour)|sending (?:has been |is )?(?:suspended|disabled|blocked)"
    r"|submission ?quota"
)
_SENDER = (
    r"relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed))|not (?:permitted"
    r"|allowed|authorized) to relay|sender (?:address )?(?:\S+ )?(?:rejected"
    r"|is not allowed|not allowed|denied|blocked|unknown|verify failed)"
    r"|not allowed to send as|domain (?:of|for) (?:the )?sender"
    r"|unauthenticated (?:e?mail|sender)|authentication (?:is )?required"
    r"|bad outbound sender|account (?:\S+ )?(?:suspended|compromised|blocked (?:from"
    r"|for) sending)|helo command rejected|client host rejected"
    r"|\b(?:spf|dkim|dmarc)\b(?!=pass)"
)
_BLOCKED = (
    r"spam|block(?:ed|\s?list)|black\s?list|dnsbl|\brbl\b|spamhaus|barracuda"
    r"|reputation|policy|virus|malware|content (?:rejected|reject|filter)"
    r"|not accepted for|grey\s?list|gr[ae]ylist|try again later"
    r"|rejected by (?:\S+ )?(?:filter|rule)|banned|denied by|access denied"
    r"|permission denied|restricted|not authoriz|recipient preferences"
    r"|only accepting (?:e?mail|messages) from"
)
_GONE = (
    r"(?:user|recipient|mailbox|address|account|alias"
    r"|recipient address)\b[^.;]{0,60}(?:\bunknown\b|not found|does ?n[o']t exist"
    r"|do(?:es)? not exist|could(?:n't| not) be found|no longer (?:exist|available"
    r"|valid|active|in use|on server)|is (?:not a )?(?:known|valid) user|not listed"
    r"|disabled|deactivated|invalid|inactive)|(?:unknown|no such|invalid"
    r"|non-?existent) (?:local |virtual )?(?:user|recipient|mailbox|address|account"
    r"|userid|person)\b|no mailbox (?:here )?by that name|recipientnotfound"
    r"|not a (?:known|valid|local) (?:user|recipient|mailbox|address)"
    r"|user does ?n[o'’]t have an? \S+ account|no one at this address"
    r"|unknown (?:or illegal )?alias|unrouteable address|(?:host"
    r"|domain)(?: or domain)?(?: name)? (?:unknown|not found|does not exist)"
    r"|no such (?:domain|host)|null ?mx|does not like recipient\.?.{0,60}unknown"
)

# Codes that mean many things, or none.
_VAGUE = r"|5\.(?:0\.\d+|1\.0|2\.[01]|4\.[14]|5\.\d+)"

# RFC: https://www.rfc-editor.org/rfc/rfc3463 and the codes that IANA keeps:
# https://www.iana.org/assignments/smtp-enhanced-status-codes
# Exchange Online: https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online
# Gmail: https://support.google.com/a/answer/3726730
# The first row that fits counts. These say what they say, whatever the words.
CODES = (
    # Exchange Online's directory has no such address: so it is at the edge.
    Row(
        Cause.ADDRESS,
        r"5\.(?:4\.1|7\.504)",
        r"recipient address rejected: access denied",
    ),
    # Exchange Online, of one recipient: he takes email of some senders only (5.7.1xx,
    # "authentication required" of his group, 5.7.57), or of none like us (5.7.507,
    # 513), or not by IPv6 (510); one email is malformed (512); or our own organization
    # has forbidden to write to him (703).
    Row(Cause.BLOCKED, r"5\.7\.(?:1[23]\d|57|507|510|512|513|703)"),
    Row(Cause.BLOCKED, words=r"RESOLVER\.RST\.(?:\w*auth|sender|restrict)"),
    # Exchange Online: the server there has no TLS as its domain promises (DANE).
    Row(Cause.SOFT, r"[45]\.7\.32[1-5]"),
    # About us, by a code that says nothing else. Exchange Online: 5.7.232, 233, 236
    # (limits of a tenant to others), 5.7.5xx and 7xx (a sender or tenant that is
    # blocked, 5.7.515: not authenticated at outlook.com), 5.1.8 and 5.1.90 (too much
    # was sent), 5.2.252 and 5.7.60 (may not send as). Gmail: 5.4.5 (daily limit),
    # 5.7.26 and the codes of RFC 7372 (SPF, DKIM, reverse DNS). 5.1.7, 5.1.8: RFC, the
    # sender's address. 5.7.27: RFC 7505, the sender's domain takes no email.
    Row(
        Cause.US,
        r"[45]\.1\.(?:7|8|90)|[45]\.7\.(?:2[0-9]|60|58|68|232|233|236|5\d\d|7\d\d)"
        r"|[45]\.2\.25[0-4]|5\.4\.5",
    ),
    # Exchange Online: an IP address of the sender's that is banned.
    Row(Cause.US, r"5\.7\.6(?:0[6-9]|[1-4]\d)"),
    Row(Cause.US, words=r"send ?as ?denied"),
    # Exchange, of the recipient's store; what is about us is STOREDRV.Submit.
    Row(Cause.FULL, words=r"storedrv\.deliver.{0,80}quota"),
    Row(Cause.SOFT, r"4\.\d+\.\d+", r"storedrv\.deliver"),
    # RFC 5321, 4.2.3: the words of 552, of his storage, with "quota" at GMX.
    Row(
        Cause.FULL, words=r"mail action aborted\b.{0,20}(?:storage|quota)", is_his=True
    ),
)
# Then what is about us, as it would be in a reply; and then these.
ROWS = (
    Row(Cause.US, words=_LIMIT),
    # Who may write to one recipient is his affair.
    Row(
        Cause.BLOCKED,
        r"|[45]\.(?:0|1|5|7)\.\d+",
        about.RESTRICTED,
        lambda said: not proof.is_about_him(said),
    ),
    # cPanel, Exim, OVH, IONOS, Zoho say so with any code.
    Row(Cause.US, r"|[45]\.(?:0|1|5|7)\.\d+", _SENDER),
    # RFC: X.2.2 mailbox full, X.3.1 the system is full. Words alone: Exim's "550".
    Row(Cause.FULL, r"[45]\.(?:2\.2|3\.1)", holds=proof.holds),
    Row(Cause.FULL, words=_FULL, is_his=True),
    # RFC: X.2.3 for this mailbox, X.3.4 for this system.
    Row(Cause.TOO_LARGE, r"[45]\.(?:2\.3|3\.4)"),
    Row(Cause.TOO_LARGE, words=_TOO_LARGE),
    # RFC: X.4.7. Exchange Online: 5.4.300 and 316, expired. 4.4.x: the way there.
    Row(Cause.EXPIRED, r"[45]\.4\.(?:7|300|316)|4\.4\.\d+"),
    Row(
        Cause.EXPIRED,
        words=r"(?:delivery time|message|retry time(?:out)?) (?:has )?(?:been )?"
        r"(?:expired|exceeded|not reached)|retry timeout|too old|retries exhausted"
        r"|aborted after|in (?:the )?queue too long",
    ),
    # For now: whatever it is about, it may pass (RFC 3463, section 2).
    Row(Cause.BLOCKED, r"4\.\d+\.\d+", _BLOCKED),
    Row(Cause.SOFT, r"4\.\d+\.\d+"),
    # RFC 3463: X.7.1 and its like, a policy of the other side. Exchange Online:
    # 5.7.1xx, the recipient takes email of some senders only.
    Row(Cause.BLOCKED, r"5\.7\.\d+"),
    # Words of a filter win over a code of an address: Proofpoint and others give 5.1.1
    # or 5.1.0 for what their policy refuses.
    Row(Cause.BLOCKED, words=_BLOCKED),
    # RFC: X.1.1, 2, 3, 6: no such mailbox, no such domain, no address, moved. X.1.10:
    # no such recipient (Exchange Online), or RFC 7505, the domain takes no email.
    # 5.1.11: Exchange's old way of writing one; 5.4.310: its domain does not exist.
    Row(Cause.ADDRESS, r"5\.(?:1\.(?:1|2|3|6|10|11)|4\.310)", holds=proof.holds),
    # Postfix's 5.4.4: the domain does not exist. 5.2.1: RFC, disabled; Gmail says so,
    # too. Only with words, as these codes say other things also.
    Row(Cause.ADDRESS, _VAGUE, holds=proof.nobody),
    Row(
        Cause.ADDRESS,
        _VAGUE,
        _GONE,
        lambda said: not proof.is_passing(said),
        is_his=True,
    ),
)
CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.])")
#: Why a reply of the same words would stop the mailbox, whoever says them. What is said
#: against our network or our relaying may be the opinion of one server.
OURS = {
    Reason.SENDER_REFUSED,
    Reason.SENDER_DOMAIN,
    Reason.MAILBOX_BLOCKED,
    Reason.SEND_AS_DENIED,
}


class _Reader:
    """Rows, ready to be asked."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self._rows = [
            (row, re.compile(row.status), re.compile(row.words, re.I)) for row in rows
        ]

    def cause(self, status: str, said: str) -> Cause | None:
        """That of the first row that fits."""
        for row, code, words in self._rows:
            if code.pattern and not code.fullmatch(status):
                continue
            found = proof.proves(words, said) if row.is_his else words.search(said)
            if found and (not row.holds or row.holds(said)):
                return row.cause
        return None


_BY_CODE, _BY_WORDS = _Reader(CODES), _Reader(ROWS)


def cause_of(status: str, words: str) -> Cause:
    """What a server means.

    :param status: an enhanced status code, or nothing. "5.0.0", which says nothing, is
        replaced by what stands in the words.
    :param words: what it said, bounded.
    """
    words = one_line(words, 2000)
    said = about.said(words)
    status = _best_status(status, said)
    known = _BY_CODE.cause(status, said)
    if known:
        return known
    reply = as_reply(status, words)
    if isinstance(reply, Throttled):
        return Cause.US
    is_admin = isinstance(reply, AdminActionRequired)
    if is_admin and reply.reason in OURS:
        return Cause.US
    cause = _BY_WORDS.cause(status, said) or Cause.SOFT
    return Cause.US if is_admin and cause is Cause.ADDRESS else cause


def _best_status(status: str, words: str) -> str:
    """The code that says most: one in the words, or of a bare "450" its first digit."""
    if status and not status.endswith(".0.0"):
        return status
    stated = STATUS.search(words)
    if stated:
        return stated[0]
    code = CODE.search(words)
    return status or ("4.0.0" if code and code[1] == "4" else "")
