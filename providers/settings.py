"""How to reach a mailbox behind SMTP and IMAP."""

import re
from dataclasses import dataclass, field

from .progress import Tell, nobody
from .reach import EVERYWHERE, Reach

# No-break and figure spaces, which look like one that was typed
SPACES = re.compile("[\u00a0\u2007\u202f]")
AT_ENDS = "\r\n\t\u2028\u2029\u00a0\u2007\u202f"
# What has no width: nobody sees it
NOTHING = re.compile("[\u200b\u2060\ufeff]")


@dataclass(frozen=True)
class SmtpSettings:
    """How to reach a mailbox.

    :param encryption: ``ssl`` (TLS from the start), ``starttls`` or ``none``.
    :param user: empty for a server that asks for no sign-in.
    :param imap_host: empty without IMAP: then there is no copy in the Sent folder.
    :param imap_user: if it differs from *user*; the password is the same.
    :param sent_copy: ``auto``, ``always`` or ``never``, see :mod:`.imap.sent`.
    :param sent_folder: the Sent folder as people see its name; empty: it is found.
    :param sent_habit: who is known to file what is sent, see :mod:`.imap.sent`.
    :param ca_file: trust only the authorities in this file, not the system's.
    :param timeout: seconds for each step of connecting and signing in.
    :param data_timeout: seconds for each answer while an email is handed over.
    :param reach: at which addresses the servers may be.
    :param tell: is told what signing in is doing.
    """

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)
    imap_host: str = ""
    imap_port: int = 993
    imap_encryption: str = "ssl"
    imap_user: str = ""
    sent_copy: str = "auto"
    sent_folder: str = ""
    sent_habit: str = ""
    ca_file: str = ""
    timeout: float = 10
    data_timeout: float = 40
    reach: Reach = EVERYWHERE
    tell: Tell = field(default=nobody, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "password", as_meant(self.password))


def as_meant(password: str) -> str:
    """A password without what is pasted along with it, and never typed.

    Google shows app passwords in groups, between no-break spaces
    (https://support.google.com/accounts/answer/185833); a line of a table or an email
    brings its end along. Spaces that one can type may be meant, at its ends too.

    >>> as_meant("abcd\\u00a0efgh\\r\\n")
    'abcd efgh'
    """
    return SPACES.sub(" ", NOTHING.sub("", password).strip(AT_ENDS))
