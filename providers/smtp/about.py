"""What a refusal is about, where its words are all that tells.

Most servers send no enhanced code, or 5.7.1 for everything (RFC 3463, 3.8), and Postfix
says at RCPT what it holds against the client, the HELO and the sender
(``smtpd_delay_reject``, https://www.postfix.org/postconf.5.html#smtpd_delay_reject). So
the words are read, without the addresses and links in them. What is about us is looked
for first; whoever is not proven to be refused himself is never struck out.

Each is a regular expression, to be found in any letter case.
"""

import re

from . import proof

# A customer called relay@… or spam@… changes nothing about what is said, nor does the
# name of his server ("host mx.barracuda.example[203.0.113.9] said") or his domain.
NAMES = re.compile(
    r"<[^<>\s]*@[^<>\s]*>|\S+@\S+|https?://\S+"
    r"|\b[\w-]+(?:\.[\w-]+)+\s?(?=\[[\d.:a-f]+\])|(?<=name=)[\w.-]+"
    r"|\b(?<=host )[\w-]+(?:\.[\w-]+)+(?= said)"
    r"|\b(?:(?<=domain )|(?<=named ))[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)

# Of time. cPanel (https://forums.cpanel.net/threads/email-quota.697029/) "per hour",
# Google (https://support.google.com/a/answer/3726730) "daily".
A_DAY = r"\bda(y|ily)\b|24[ -]?h|\btoday\b|tomorrow|\bmonth"
# Too much of one message, or of what lies in a mailbox, is not too many emails.
NO_SENDING = (
    r"\b(size|length|large|big|long|bytes|disk|storage|hops?|receiving)\b"
    r"|receiv\w+ (limit|quota)"
    r"|recipient('s)? (server |domain )?(has |is )?(exceed|reach|over)"
    r"|mailbox (is |has )?(full|over|exceed|quota|reached)"
    r"|(user|recipient|inbox|mailbox|(?<!your )account)('s)? (is |has "
    r"|mailbox )*(over|exceed)\w*"
    r" (its |the |his |their )?(mailbox )?(disk |storage )?quota"
    r"|you (tried|are trying|were trying) to (reach|contact)"
)
# How many may be sent. cPanel: "exceeded the max emails per hour"; "exceeded the max
# defers and failures" (https://my.maxer.com/knowledgebase/226/); policyd: "Policy
# Rejection - Quota Exceeded" (https://faq.active24.com/eng/588328-); Zoho: "Unusual
# sending activity"; IONOS: "Mail send
# limit exceeded" (https://www.ionos.ca/help/email/general-topics/what-are-the-mass-mailing-limits/).
# A wait is the worst that comes of reading it where it is not meant.
LIMIT = (
    r"(exceed|reach|over|above|\bhit\b|surpass).{0,60}"
    r"(limit|quota|\brate\b|allowance|credit|\b(per|an?|this) (hour|day|minute|month))"
    r"|(limit|quota|\brate\b|allowance|credits?\b|\bper (hour|day|minute|month)).{0,60}"
    r"(exceed|reach|over\b|\bhit\b|used up)"
    r"|(hour|dai|month)ly (\w+ ){0,3}(limit|quota|max|cap\b|volume|allotment)"
    r"|(allotment|volume|cap) (for|of|per) (this|an?|the) (hour|day|month)"
    r"|max\w* (\w+ ){0,4}per (hour|day|minute|month)"
    r"|too (many|much) (e-?mail|mail|message|request|connection|session|recipients (per"
    r"|in|this|today))|too (fast|frequent)|\bfreq\b|slow down|throttl|rate ?-?limit"
    r"|(unusual|high|suspicious) (sending|outgoing|volume|rate|amount|number)"
    r"|(out of|no|not enough|insufficient) (\w+ ){0,2}credits"
)
# The same for now (4xx), at RCPT: there the recipient's server may speak of its own.
OUR_LIMIT = (
    r"(send(ing)?|relay|outgoing|outbound|submission|hourly|daily|monthly"
    r"|per[ -](hour|day))"
    r" (\w+ ){0,2}(limit|quota|rate|maximum)|your (\w+ ){0,3}(limit|quota)\b"
    r"|\byou (have |are |'ve )*(exceed|reached|sending too|sent (too|\d))"
    r"|max\w* (\w+ ){0,2}(e-?mails|messages|failures) per"
)

# Whoever is not signed in, or not known, may write to the server's own addresses only.
# Postfix "Relay access denied", Exim "relay not permitted", sendmail "Relaying denied",
# qmail "rcpthosts" (https://cr.yp.to/proto/smtpfail.html), Exchange "Unable to relay".
# "Not in the relay recipient table" is another thing: nobody's denial of relaying.
RELAY = (
    r"\brelay(ing)?\b( \w+){0,3} (denied|(not|n't)\b|prohibited|disallowed|refused"
    r"|forbidden|rejected|disabled)|(unable|not|cannot|n't|never|no|refus\w+|denied)"
    r"( \w+){0,2} relay(ing|ed)?\b(?! recipient)|relaying disallowed|rcpthosts"
    r"|pop[- ]?(before|3? ?first|and then)"
    r"|check (for )?(your )?(new )?mail (first|before)"
    r"|turn on (\w+ )?authentication|\bnot authenticated$"
    r"|\bauth(entication)?\b( command)?( is| was)? (required|needed|first)"
    r"|(must|need to|please|have to|(you|client) (are|is|was) not|not yet) "
    r"(be |been )?(log ?(ged )?(in|on)|sign(ed)? in|authenticat\w*)\b"
)
# Postfix "Client host […] blocked using", "Helo command rejected"; Gmail: "5.7.25 … PTR
# record" (https://support.google.com/a/answer/3726730); Exim: "is in a black list at".
CLIENT = (
    r"client (host|ip|address|server)\b|\b(helo|ehlo)\b|block ?-?list|black ?-?list"
    r"|blocked using|\b(dns|r)bl\b|spamhaus|spamcop|barracuda|\bptr\b|\brdns\b"
    r"|reverse ?-?(dns|name|host|lookup|map|entry)|cannot (find"
    r"|resolve) your (host|ip|rev)"
    r"|your ([\w.-]+ ){0,2}(ip|host|hostname|server|network|mta|address range)\b"
    r"|\bips? ?(address\w*)?( \S+)? (is |was |has been |are )?(\w+ )?(blocked|banned"
    r"|listed|rejected|denied|refused|not (allowed|permitted|authori[sz]ed))"
    r"|(banned|blocked|bad|poor|low)( sending)? ip\b|reputation"
    r"|(host|server) (is |was )?(not (allowed|permitted|authori[sz]ed)|blocked|banned)"
    r"|dynamic (ip|address|pool)|bogus hostname|the ip you"
)
# The sender's domain does not prove that it is his: Gmail 5.7.26, Outlook 5.7.515.
DOMAIN = (
    r"\b(spf|dkim|dmarc)\b(?!=pass)|unauthenticated (e-?mail|mail|sender|message)"
    r"|(sender|domain|mail|email|message)\w* (is |was |has |does |did )?(not |n't |un)"
    r"(pass )?authenticat|(pass|meet|fail)\w* (the )?(required )?authentication"
    r"|sender policy framework|authentication (checks?|results?|requirements?|level)"
)
# As whom it may be sent. Postfix "Sender address rejected", Exim "Sender verify
# failed", qmail "envelope sender", SendGrid "does not match a verified Sender Identity"
# (https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity),
# Amazon "Email address is not verified"
# (https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html).
SENDER = (
    r"\bsenders? ?(\w+ ){0,4}(reject|den(y|ied)|refus|block|not\b|exist|n't"
    r"|invalid|unknown|fail"
    r"|disallow|forbid|mis-?match|must|unverif|unauthori|is on|black|banned|required)"
    r"|(envelope|invalid|bad|unknown|unverified|unauthori[sz]ed|outbound|blocked|banned"
    r"|rejected|denied|reject\w* (the|your)) (e-?mail )?sender|badmailfrom"
    r"|\b(from|return|reply)[- ](address|header|domain|path|email|field)"
    r"|\bmail ?from ?:|(bad|invalid|your) mail ?from|\bfrom:|header from"
    r"|sender's (addr|dom)"
    r"|(address|domain|identit\w+|sender|account)\w* (is |are |has |was )?(not|un|n't)"
    r"( been)? ?verified|verified sender|spoof|domain of (the )?sender|sending domain"
    r"|not (owned by|one of your)|not (permitted|allowed|authori[sz]ed) to send"
    r"(?! ((e-?)?mails? |messages? )?(to|outside)\b)|send(ing)? as\b"
    r"|unregistered domain"
    r"|(may|can|could) ?not send (from|as)|sender id(entity)?\b"
)
# Whose account is closed: "your", or what sends. Without, it may be the customer's.
ACCOUNT = (
    r"your (\w+ ){0,2}(account|mailbox|domain|user|tenant|subscription|service|plan)"
    r"( \w+){0,3} (suspend|block|disabl|lock|restrict|expire|clos|deactivat"
    r"|banned|hacked"
    r"|compromis|not (been )?(allowed|permitted|active|authori|confirm|verif))"
    r"|(out(bound|going)|sending|smtp)( [\w.,-]+){0,5} "
    r"(suspend|block|disabl|restrict|ban|locked)"
    r"|\byou( \w+){0,3} (send(ing)?|sent)( \w+)? (spam|bulk|unsolicited|junk)"
    r"|(sender|account|user)( \w+){0,2} (spammer|send(s|ing) spam)"
    r"|(suspend|block|disabl|restrict|ban)\w*( \w+){0,3} from sending|spam abuse"
    r"|(from|by) your (account|domain|mailbox|organi[sz]ation|address)"
)

# Of how many, not of how large.
A_RATE = (
    rf"{A_DAY}|\bhour|\bminute|number of|volume of|\btoo many (e-?mail|mail|message)"
)

# One email is larger than the server takes: RFC 1870, 6.1; Exim "Message size exceeds
# maximum permitted", Postfix "Message size exceeds fixed limit".
TOO_LARGE = (
    r"(message|mail|e-?mail|data|attachment|body|content)s? (\w+ )?(is |was |are )?"
    r"(too|very) (big|large|long)|(message|mail|e-?mail|data)( file)? size|size limit"
    r"|exceed\w*( \w+){0,4} size|size( \w+){0,4} (exceed|limit|over)|larger than"
    r"|too many bytes|too much (mail )?data|(max\w*|exceed\w*)( \w+){0,3} bytes"
    r"|^(too (big|large))"
)

# Switched off for this user: no password helps.
NO_SIGN_IN = (
    r"\b(smtp|imap|pop3?|basic auth\w*)\b(/\w+)?( \w+){0,4} (not (\w+ )?(enabled"
    r"|permitted|allowed|active)|disabled|deactivated|(turned|switched) off)"
    r"|(not|n't) (permitted|allowed|authori[sz]ed) to use (smtp|imap|pop)"
)

# The sign-in itself is ill, or was asked too often: Cyrus SASL without its saslauthd
# ("generic failure"), Yahoo "Too many bad auth attempts".
NOT_LOOKED_AT = (
    r"temporar\w*( \w+){0,3} (fail\w*|errors?|problem|unavailable)"
    r"|generic failure|connection lost to auth|internal (server )?error"
    r"|(auth\w*|directory|ldap|database|backend) (server |service )?(is )?"
    r"(temporarily )?(unavailable|down|unreachable|offline|timed out)"
    r"|too many (\S+ ){0,3}(attempts|log-?[io]ns|sign-?ins|tries|failures|connections)"
)

# Who may write to one recipient is his affair (Exchange's RESOLVER.RST, groups).
RESTRICTED = (
    r"resolver\.rst|for (this )?group|distribution|mailing ?list|allowed.senders"
    r"|internal (only|senders?|use)|(from|by) (outside|external)|external senders?"
    r"|recipient( \w+){0,3} (only|restrict|not accept)|\bgroup\b|\bmembers?\b"
    r"|\b(recipient|user)('?s)? ([\w-]+ ){0,3}(lists?|book|rules?|contacts?"
    r"|preferences?)\b"
    r"|block(ed|s)? by (the |this )?(recipient|user|addressee)|pre-?approved"
    r"|(recipient|user) (has )?(blocked|rejects|refuses)|address ?book"
)
# What is on a list may be a link in the email, not who sends it.
LINKED = (
    r"(url|uri|link|domain|website)s? (\S+ )?(in|within|found in) (the|your|this)"
    r"|surbl|uribl"
)


def said(words: str) -> str:
    """The words, without addresses and links: those are names, and say nothing.

    >>> said("<relay@spam.example>: user unknown, see https://help.example/spf")
    ': user unknown, see'
    """
    return " ".join(NAMES.sub("", words).split())


def is_his(said: str) -> bool:
    """Whether the recipient is proven to be refused, or it is one recipient's rule."""
    return proof.by_code(said) or _has(RESTRICTED, said)


def is_of_one(said: str) -> bool:
    """Whether it is the recipient's, or about a link in one email."""
    return is_his(said) or _has(LINKED, said)


def is_no_limit(said: str) -> bool:
    """Whether a limit that is named is not one to how much may be sent."""
    return proof.by_code(said) or _has(NO_SENDING, said)


def _has(pattern: str, said: str) -> bool:
    return bool(re.search(pattern, said, re.IGNORECASE))
