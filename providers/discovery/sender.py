"""What the DNS says of who may send emails for a domain: SPF, DKIM and DMARC.

Mail servers of those who are written to look at it before they take an email. Nothing
here is guessed: where the DNS gives no answer, or only the mail provider knows the name
to ask for, that is what is said.

https://www.rfc-editor.org/rfc/rfc7208 (SPF), 6376 (DKIM), 7489 (DMARC)
"""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

from .lookup import Lookup

#: Somebody waits before a page.
SECONDS = 5
QUESTION_SECONDS = 1.5
#: More look-ups than these, and mail servers give up: RFC 7208, 4.6.4
MOST_INCLUDES = 10
#: Of a record, as it is shown.
LONGEST_RECORD = 400
#: What an SPF record asks of each email anew: whom it names, nobody can read in it.
DEPENDS = re.compile(r"%\{|(^| )[+?~-]?exists:", re.IGNORECASE)
#: No domains of the public DNS: https://www.rfc-editor.org/rfc/rfc6761, 6762 and 2606
PRIVATE = {
    *("example", "home", "internal", "invalid", "lan", "local", "localhost", "test")
}


@dataclass(frozen=True)
class Host:
    """Who sends for the domain.

    :param includes: what an SPF record names it by; first the one to recommend.
    :param selectors: under which its DKIM keys stand, unless others were chosen.
    """

    name: str
    includes: tuple[str, ...]
    selectors: tuple[str, ...]


# https://learn.microsoft.com/defender-office-365/email-authentication-spf-configure
# https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure
_MICROSOFT = (
    "spf.protection.outlook.com",
    "spf.protection.office365.us",
    "spf.protection.partner.outlook.cn",
)
_MICROSOFT_SELECTORS = ("selector1", "selector2")


def _microsoft(first: str) -> Host:
    others = tuple(name for name in _MICROSOFT if name != first)
    return Host("Microsoft", (first, *others), _MICROSOFT_SELECTORS)


#: By provider; Microsoft's by its cloud.
HOSTS = {
    "microsoft": _microsoft(_MICROSOFT[0]),
    "microsoft us_gov": _microsoft(_MICROSOFT[1]),
    "microsoft china": _microsoft(_MICROSOFT[2]),
    # https://support.google.com/a/answer/33786 and 180504
    "google": Host("Google", ("_spf.google.com",), ("google",)),
}


class State(str, Enum):
    """What was found of one of the three; each has its text."""

    NAMED = "named"  #: SPF: the host may send
    PRESENT = "present"  #: SPF: there is a record; whose servers are meant, is unknown
    NOT_NAMED = "not_named"  #: SPF: there is a record, without the host
    SEVERAL = "several"  #: SPF: more than one record, so that none counts
    KEY = "key"  #: DKIM: there is a key
    UNKNOWN = "unknown"  #: DKIM: under which name the key stands, nobody knows
    ENFORCED = "enforced"  #: DMARC: a policy of quarantine or reject
    WATCHING = "watching"  #: DMARC: a policy of none
    MISSING = "missing"
    NO_ANSWER = "no_answer"  #: the DNS did not say


@dataclass(frozen=True)
class Finding:
    """One of the three.

    :param subject: ``spf``, ``dkim`` or ``dmarc``.
    :param at: the name in the DNS.
    :param record: what stands there.
    """

    subject: str
    state: State
    at: str
    record: str = ""


def is_public(domain: str) -> bool:
    """Whether the domain can be in the public DNS at all."""
    ending = domain.rpartition(".")[2]
    return "." in domain and ending not in PRIVATE and not ending.isdigit()


def look(domain: str, host: Host | None, lookup: Lookup | None = None) -> list[Finding]:
    """Look up all three, side by side, within :data:`SECONDS`. It never raises.

    :param domain: of the sender's address, in ASCII.
    :param host: who sends for it, if that is one whose names are known.
    """
    asking = _Asking(lookup or Lookup(), time.monotonic() + SECONDS)
    with ThreadPoolExecutor(3) as pool:
        parts = (
            pool.submit(_spf, asking, domain, host),
            pool.submit(_dkim, asking, domain, host),
            pool.submit(_dmarc, asking, domain),
        )
        return [part.result() for part in parts]


@dataclass(frozen=True)
class _Asking:
    lookup: Lookup
    until: float

    def texts(self, name: str) -> list[str] | None:
        """The texts of a name; None if there was no answer, or no time is left."""
        left = self.until - time.monotonic()
        if left <= 0:
            return None
        return self.lookup.txt(name, min(left, QUESTION_SECONDS))


# -- SPF -------------------------------------------------------------------------------


def _spf(asking: _Asking, domain: str, host: Host | None) -> Finding:
    texts = asking.texts(domain)
    records = _spf_of(texts or [])
    if texts is None:
        return Finding("spf", State.NO_ANSWER, domain)
    if not records:
        return Finding("spf", State.MISSING, domain)
    state = State.SEVERAL
    if len(records) == 1:
        state = _names(asking, records[0], host) if host else State.PRESENT
    return Finding("spf", state, domain, "\n".join(map(_shown, records)))


def _spf_of(texts: list[str]) -> list[str]:
    return [text for text in texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]


def _names(asking: _Asking, record: str, host: Host) -> State:
    """Whether *record* names the host, itself or in what it includes."""
    waiting, asked, answered, depends = [record], 0, True, False
    while waiting:
        seen = waiting.pop(0)
        depends = depends or bool(DEPENDS.search(seen))
        for name in _included(seen):
            if name in host.includes:
                return State.NAMED
            if asked < MOST_INCLUDES:
                asked += 1
                texts = asking.texts(name)
                answered = answered and texts is not None
                waiting += _spf_of(texts or [])
    if depends:
        return State.PRESENT
    return State.NOT_NAMED if answered else State.NO_ANSWER


def _included(record: str) -> Iterator[str]:
    """The names of other records that this one goes by."""
    for term in record.lower().split():
        found = re.fullmatch(r"(?:\+?include:|redirect=)([^%\s]{1,253})", term)
        if found:
            yield found[1].rstrip(".")


# -- DKIM ------------------------------------------------------------------------------


def _dkim(asking: _Asking, domain: str, host: Host | None) -> Finding:
    if host is None:
        return Finding("dkim", State.UNKNOWN, f"_domainkey.{domain}")
    names = [f"{selector}._domainkey.{domain}" for selector in host.selectors]
    answered = True
    for name in names:
        texts = asking.texts(name)
        answered = answered and texts is not None
        keys = [text for text in texts or [] if re.search(r"\bp=\s*\w", text)]
        if keys:
            return Finding("dkim", State.KEY, name, _shown(keys[0]))
    state = State.MISSING if answered else State.NO_ANSWER
    return Finding("dkim", state, ", ".join(names))


# -- DMARC -----------------------------------------------------------------------------


def _dmarc(asking: _Asking, domain: str) -> Finding:
    """The domain's own policy; else of the next one above it that has any."""
    for name in _and_above(domain):
        texts = asking.texts(f"_dmarc.{name}")
        if texts is None:
            return Finding("dmarc", State.NO_ANSWER, f"_dmarc.{name}")
        records = [text for text in texts if re.match(r"v=DMARC1\s*(;|$)", text)]
        if len(records) == 1:
            return _policy(records[0], name, domain)
    return Finding("dmarc", State.MISSING, f"_dmarc.{domain}")


def _policy(record: str, name: str, domain: str) -> Finding:
    """What the policy at *name* says of *domain*; one without any asks for nothing."""
    said = dict(re.findall(r"\b(p|sp)\s*=\s*(\w+)", record.lower()))
    policy = said.get("sp") if name != domain else None
    enforced = (policy or said.get("p")) in ("quarantine", "reject")
    state = State.ENFORCED if enforced else State.WATCHING
    return Finding("dmarc", state, f"_dmarc.{name}", _shown(record))


def _and_above(domain: str) -> Iterator[str]:
    """
    >>> list(_and_above("mail.firm.com"))
    ['mail.firm.com', 'firm.com']
    """
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def _shown(record: str) -> str:
    """A record as it can be shown; a stranger wrote it."""
    text = "".join(char if char.isprintable() else "?" for char in record)
    return text if len(text) <= LONGEST_RECORD else f"{text[:LONGEST_RECORD]}…"
