"""A mailbox behind SMTP for sending, and optionally IMAP for its Sent folder."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ..base import Mailbox, Receipt, SentCopy
from ..envelope import (
    envelope_address,
    needs_smtputf8,
    to_bytes,
    whole_bytes,
    written_to,
)
from ..imap.inbox import Inbox
from ..imap.sent import SentFolder
from ..outcomes import Rejected, SignInRequired, Throttled, Unavailable, one_line
from ..reach import EVERYWHERE, Reach
from .session import SmtpSession

# Exchange replaces the Message-ID and names its own after accepting:
# "2.0.0 OK <AM0P…@AM0P….eurprd04.prod.outlook.com> [Hostname=…]"
REPLACED_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+\.outlook\.com>")


@dataclass(frozen=True)
class SmtpSettings:
    """How to reach a mailbox.

    :param encryption: ``ssl`` (TLS from the start), ``starttls`` or ``none``.
    :param user: empty for a server that asks for no sign-in.
    :param imap_host: empty without IMAP: then there is no copy in the Sent folder.
    :param imap_user: if it differs from *user*; the password is the same.
    :param sent_copy: ``auto``, ``always`` or ``never``, see :mod:`.imap`.
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
    ca_file: str = ""
    timeout: float = 10
    data_timeout: float = 40
    reach: Reach = EVERYWHERE


class SmtpMailbox(Mailbox):
    """Sends by SMTP over one connection, which it opens when needed.

    After a refused sign-in it does not try again: several attempts lock accounts.
    """

    def __init__(self, settings):
        self._settings = settings
        self._session = None
        self._refused = None
        self._sent_folder = SentFolder(settings)
        self._inbox = Inbox(settings)
        self._replaced = {}

    def check(self):
        """Sign in on SMTP, and on IMAP if there is one; see :meth:`Mailbox.check`."""
        self.close()
        self._refused = None
        self._sent_folder = SentFolder(self._settings)
        self._session = self._open()
        if self._settings.imap_host:
            self._sent_folder.open()

    def send(self, email):
        """See :meth:`Mailbox.send`; some recipients may be ``refused``.

        If nobody of ``To`` is accepted, those who get a copy get none either: the
        email has not reached whom it is for.
        """
        recipients = [envelope_address(address) for address in email.recipients]
        sender = envelope_address(email.sender)
        utf8 = needs_smtputf8(email.message, sender, *recipients)
        data = to_bytes(email.message, utf8=utf8)
        session = self._begin(sender, data, utf8)
        refused = session.address(recipients, written_to(email.message, recipients))
        words = session.transfer(data)
        replaced = REPLACED_MESSAGE_ID.search(words)
        message_id = replaced.group() if replaced else email.message_id
        self._replaced[email.message_id] = message_id
        return Receipt(
            accepted_at=datetime.now(timezone.utc),
            message_id=message_id,
            provider_message_id=one_line(words, 200),
            refused=refused or None,
        )

    def file_copy(self, email):
        """File the email, with its ``Bcc`` as mail programs do, unless that is done."""
        if not self._settings.imap_host or self._settings.sent_copy == "never":
            return SentCopy("off")
        own = email.message_id
        try:
            copy = whole_bytes(email.message)
        except Rejected as outcome:
            return SentCopy("failed", str(outcome))
        ids = dict.fromkeys([self._replaced.get(own, own), own])
        return self._sent_folder.file(copy, ids, _date(email.message))

    def find_sent(self, message_id):
        if not self._settings.imap_host:
            return None
        return self._sent_folder.find(message_id) or None

    def fetch_since(self, cursor, choose, limit=50):
        """See :meth:`Mailbox.fetch_since`. Needs IMAP; without, there is nothing."""
        if not self._settings.imap_host:
            return super().fetch_since(cursor, choose, limit)
        return self._inbox.fetch_since(cursor, choose, limit)

    def close(self):
        session, self._session = self._session, None
        if session:
            session.quit()
        self._sent_folder.close()
        self._inbox.close()

    def _begin(self, sender, data, utf8):
        """MAIL on the open connection; on a new one if the server has dropped that.

        Nothing is on its way before DATA, so trying again is safe.
        """
        if self._session:
            try:
                self._session.reset()
                self._session.begin(sender, data, utf8=utf8)
                return self._session
            except (Throttled, Unavailable) as outcome:
                if isinstance(outcome, Throttled) and outcome.code[:3] != "421":
                    raise  # it is for the mailbox to wait, not for a new connection
                self._session.abandon()
                self._session = None
        self._session = self._open()
        self._session.begin(sender, data, utf8=utf8)
        return self._session

    def _open(self):
        if self._refused:
            raise self._refused
        try:
            return SmtpSession(self._settings)
        except SignInRequired as outcome:
            self._refused = outcome
            raise


def _date(message):
    """The message's date, or now."""
    try:
        return parsedate_to_datetime(message["Date"])
    except (TypeError, ValueError):
        return datetime.now(timezone.utc)
