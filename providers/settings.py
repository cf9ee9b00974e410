"""How to reach a mailbox behind SMTP and IMAP."""

from dataclasses import dataclass, field

from .reach import EVERYWHERE, Reach


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
