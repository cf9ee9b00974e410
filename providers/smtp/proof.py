"""What proves something: that there is nobody, that his mailbox is full, that an email
is one of a kind that is not taken.

Replies and bounces are read by it. A phrase such as "user unknown" proves it only where
nothing beside it says that it is our own address, name or sign-in which is unknown, and
where the server is not ill: a directory which is down knows nobody.
"""

import re

# There is nobody at this address: Postfix "User unknown in … table", sendmail, Exim
# "Unrouteable address", qmail "no mailbox here by that name", Exchange
# "RecipientNotFound", Yahoo "doesn't have a … account"
# (https://senders.yahooinc.com/smtp-error-codes/), Gmail "account that you tried to
# reach does not exist". Not "Recipient address rejected", which Postfix puts before
# anything that a policy says, nor "mailbox unavailable", which is said "for policy
# reasons" as well (https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3). Nor "users"
# and "recipients": of too many of them a limit speaks.
# "Account" and "user" may be the one that sends.
_HE = r"(recipient|mailbox|addressee)"
_WHO = r"(user|recipient|mailbox|addressee|local part|person)"
_NO_LIST = r"(?! (list|limit|count|rate|number)\b)"
_IS = r"(is |was |does |has |could )?(been |be )?"
_REACHED = r"((that )?you (tried|are trying|were trying) to (reach|contact) )?"
NOBODY = re.compile(
    r"(no such|unknown|invalid|non-?exist(ent|ing)|undeliverable|bad|no valid|illegal) "
    rf"((local|e-?mail|virtual|destination|recipient|mail) )*{_WHO}\b{_NO_LIST}"
    r"|no valid recipients|(no such|unknown|invalid|undeliverable|bad) (recipient"
    r"|destination|delivery|mailbox) address|no such (account|address|local user)"
    rf"|\b{_WHO} ((e-?mail|address|name|id|here) )*{_REACHED}{_IS}"
    r"(unknown|not? (be )?(found|known|exist|a (known|valid))"
    r"|does ?n[o']t exist|n't exist"
    r"|invalid|undeliverable)"
    rf"|\b{_HE} ((e-?mail|address|name|account) )*{_IS}"
    r"(disabled|inactive|deactivated|discontinued|no longer|suspended)"
    rf"|account {_REACHED}(does not exist|doesn't exist)"
    r"|account that you tried to reach is (disabled|inactive)"
    r"|no mailbox here|unroute?able"
    r"|does(n't| not) have an? \S+ account|mailbox name not allowed|recipientnotfound"
    r"|no longer (on|at) this server|address does not exist"
    rf"|\b{_WHO} (\S+ ){{0,4}}not listed in (the )?(domino|public name)"
    r"|recipient address rejected: (need fully|domain not found"
    r"|undeliverable)|#5\.1\.1\b",
    re.IGNORECASE,
)
# His mailbox takes nothing any more: RFC 3463, 3.3.
FULL = re.compile(
    rf"(mailbox|inbox|recipient|user|account)('s)? {_REACHED}(\w+ ){{0,3}}"
    r"(full|over ?-?quota"
    r"|exceeded (its|the|his|their) (mailbox |disk |storage )?quota)|mailbox size limit"
    r"|(out of|no|insufficient) (\w+ )?space (in|for) (the )?(mailbox|user|recipient)",
    re.IGNORECASE,
)
# Enhanced codes of the recipient: RFC 3463, 3.2 and 3.3.
CODED = re.compile(r"\s*5\.(1\.[1-46]|1\.10|2\.[12])\b")

# Whose address, name or sign-in it is: ours, in the envelope, the header, at EHLO or
# AUTH. "Your message" is what it is about, not who.
_YOUR = (
    r"\byour\b(?! (e-?)?(mail|message|attachment|recipient|request|contact)s?\b"
    r"(?! (address|account|domain|user|server|host)))"
)
_SENDER = (
    r"\bsenders?\b|\boriginat\w+|\b(return|reverse)[- ]?path|\benvelope"
    r"|\bauth\b|\bauthenticat\w+|\b(helo|ehlo|hello)\b|\bclient\b|\bmail ?from\b"
    r"|\bsending (user|mailbox|address|account|domain|host|server|ip)\b"
    r"|\bfrom (address|header|domain|user|mailbox|account|field|line)"
    r"|\b(in|of|for|the) \W?from\b|reverse dns|\brdns\b|\bptr\b"
)
_OURS = re.compile(rf"{_SENDER}|{_YOUR}|\bout(going|bound)\b", re.IGNORECASE)
_SEND = r"(?<![\w-])send(ing)?\b(?!( \w+){0,3} to\b)"
_OF_US = re.compile(rf"{_OURS.pattern}|{_SEND}", re.IGNORECASE)
# The same, where much may be said: a notice is written to "you", of what you sent.
_STATED = re.compile(
    rf"{_SENDER}|\byour ([\w-]+ ){{0,2}}(account|mailbox|domain|ip|address|server|host"
    r"|user|network|name|identity|tenant|organi[sz]ation)"
    r"|((not|n't|cannot|for|to|from) |\W)sending\b(?!( \w+){0,3} to\b)"
    r"|(not|n't|cannot|may) send\b(?!( \w+){0,3} to\b)",
    re.IGNORECASE,
)
# "Sender address rejected: User unknown", "Callback to return path failed: …"
_REFUSED = re.compile(
    r"reject|refus|\bden(y|ied)|verif|\bfail|call-?(out|back)", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"(?<!recipient address rejected)[:;,!?](?=\s)|\.(?=\s|$)|\s-+\s|\(in reply",
    re.IGNORECASE,
)

# A server that is ill, or wants to be asked again, has found out nothing. "Mailbox
# unavailable" is the RFC's own 550, and never a proof.
_PART = r"(database|ldap|directory|lookup|scanner|filter|backend|antivirus)"
_ILL = r"(down|fail\w*|error|unreachable|problem|busy)"
PASSING = (
    r"temporar|time(d)?[- ]?out|\boffline\b|gr[ae]y-? ?list|\blater\b"
    r"|(again|back|retry) in\b"
    r"|(could|can|was|is) ?(not|n't|unable to) (be )?(connect|reach|contact)"
    r"|unable to (connect|reach|contact)"
    r"|(?<!box )(?<!box is )(?<!user )(?<!user is )(?<!recipient )(?<!account )"
    r"(?<!address )(unavailable|not available)"
    rf"|\b{_PART}\b( \w+){{0,2}} {_ILL}\b"
    rf"|\b{_ILL} (of|in|with|on|at) (the |our )?{_PART}\b"
    r"|(internal|due to|because of) (an? )?(server|system) error"
    r"|server is (down|busy|unreachable)"
    r"|(not enough|insufficient|out of|no) (\w+ )?(disk|memory)"
    r"|(disk|queue) (is )?full"
)
_PASSING = re.compile(PASSING, re.IGNORECASE)

# What is written in one email; a server has read it, so only after the final dot.
_CONTENT = re.compile(
    r"\bspam|virus|malware|phish|infected|trojan|unsolicited|\bbulk\b|\bcontents?\b"
    r"|attachment|\b(url|uri|link)s?\b|forbidden file|banned (file|name)|\bheaders?\b"
    r"|malformed|\brfc ?-?5?[28]22|line (is )?too long|lines? length"
    r"|\bmime\b|bare (lf|cr)"
    r"|smtputf8|8-?bit|corrupt",
    re.IGNORECASE,
)
# What of the email; without, "spam" is what somebody sends.
_EMAIL = re.compile(
    r"\b(messages?|e-?mails?|contents?|attachments?|headers?|body|files?|links?"
    r"|ur[il]s?|lines?)\b|\bmails?\b(?! (server|system|host|filter|account))"
    r"|(virus|malware|trojan)\w* (\w+ )?(found|detected)|smtputf8|8-?bit|\bmime\b"
    r"|bare (lf|cr)|\brfc",
    re.IGNORECASE,
)
_WHO_SENDS = re.compile(
    rf"{_OURS.pattern}|\byou\b|\baccounts?\b|spammer|\blimit|\bquota", re.IGNORECASE
)


def nobody(said: str) -> bool:
    """Whether it is proven that there is nobody at the recipient's address.

    >>> nobody("Your message was not delivered: user unknown")
    True
    >>> nobody("Reverse path verification failed: user unknown")
    False
    """
    return proves(NOBODY, said) and not is_passing(said)


def full(said: str) -> bool:
    """Whether it is proven that the recipient's mailbox is full."""
    return proves(FULL, said)


def is_about_him(said: str) -> bool:
    """Whether words alone prove something about the recipient."""
    return nobody(said) or full(said)


def by_code(said: str) -> bool:
    """Whether an enhanced code about the recipient, which *said* begins with, is true.

    It is not talked away by words that prove nothing, but for those about us.
    """
    return bool(CODED.match(said)) and holds(said)


def holds(said: str) -> bool:
    """Whether what a code says of the recipient is not about something else."""
    if is_about_him(said):
        return True
    is_other = _STATED.search(said) or re.search("limit", said, re.IGNORECASE)
    return not (is_other or is_passing(said))


def content(said: str) -> bool:
    """Whether it is the email that is refused, for what is written in it.

    >>> content("Message looks like spam"), content("You are sending spam messages")
    (True, False)
    >>> content("Spam")
    True
    """
    is_all = len(said.split()) <= 2  # who hears no more has sent nothing but this
    clauses = _CLAUSE.split(said)
    is_content = any(
        _CONTENT.search(each) and not _WHO_SENDS.search(each)
        for each in filter(None, clauses)
    )
    is_of_email = is_all or bool(_EMAIL.search(said))
    return is_content and is_of_email and not is_passing(said)


def is_passing(said: str) -> bool:
    """Whether it speaks of a trouble that passes."""
    return bool(_PASSING.search(said))


def proves(phrase: re.Pattern[str], said: str) -> bool:
    """Whether *phrase* is said, and not about us.

    Whose words in the same clause say so, or that it is the reason why something of
    ours is refused.
    """
    clauses = [each for each in _CLAUSE.split(said) if each]
    if any(_OURS.search(each) and _REFUSED.search(each) for each in clauses):
        return False
    return any(phrase.search(each) and not _OF_US.search(each) for each in clauses)
