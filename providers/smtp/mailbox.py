"""A mailbox behind SMTP for sending, and optionally IMAP for its Sent folder."""

import re
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from ..base import Mailbox, OutgoingEmail, Receipt, SentCopy
from ..deadline import NEVER, Deadline
from ..envelope import envelope_address, written_to
from ..imap.inbox import Inbox
from ..imap.sent import SentFolder
from ..incoming import Choose, Cursor, Fetched
from ..outcomes import (
    Outcome,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
    one_line,
)
from ..settings import SmtpSettings
from ..wire_format import needs_smtputf8, to_bytes, whole_bytes
from .session import SmtpSession

# Exchange replaces the Message-ID and names its own after accepting:
# "2.0.0 OK <AM0P…@AM0P….eurprd04.prod.outlook.com> [Hostname=…]"
REPLACED_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+\.outlook\.com>")


# How often the time limit may be waited by a check, of SMTP and IMAP together. Taking
# leave of both takes up to 4 seconds more: a minute in all, as the user is told.
PATIENCE = 5.5


class SmtpMailbox(Mailbox):
    """Sends by SMTP over one connection, which it opens when needed.

    After a refused sign-in it does not try again: several attempts lock accounts.
    """

    names_refusals = True

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._session: SmtpSession | None = None
        self._refused: SignInRequired | None = None
        self._sent_folder = SentFolder(settings)
        self._inbox = Inbox(settings)
        self._replaced: dict[str, str] = {}
        self._deadline: Deadline | None = None
        self._end = NEVER

    def end_by(self, end: Deadline) -> None:
        """See :meth:`Mailbox.end_by`."""
        self._end = end
        self._sent_folder.end_by(end)

    def check(self) -> None:
        """Sign in on SMTP, and on IMAP if there is one; see :meth:`Mailbox.check`."""
        self.close()
        self._refused = None
        settings = self._settings
        self._sent_folder = SentFolder(settings)
        self._sent_folder.end_by(self._end)
        self._deadline = Deadline(PATIENCE * settings.timeout)
        if not settings.imap_host:
            self._session = self._open(self._deadline)
            return
        # However slow SMTP is, one step's time remains for IMAP.
        self._session = self._open(self._deadline.before(settings.timeout))
        self._sent_folder.open(self._deadline)

    def send(self, email: OutgoingEmail) -> Receipt:
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
        words = session.transfer(data, email.leaving)
        replaced = REPLACED_MESSAGE_ID.search(words)
        message_id = replaced.group() if replaced else email.message_id
        self._replaced[email.message_id] = message_id
        return Receipt(
            accepted_at=datetime.now(timezone.utc),
            message_id=message_id,
            provider_message_id=one_line(words, 200),
            refused=refused or None,
        )

    def file_copy(self, email: OutgoingEmail) -> SentCopy:
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

    def sent_folders(self) -> list[str]:
        """See :meth:`Mailbox.sent_folders`. Needs IMAP. After a check it has what is
        left of its time."""
        if not self._settings.imap_host:
            return []
        return self._sent_folder.choices(self._deadline)

    @property
    def sent_habit(self) -> str:
        """See :attr:`Mailbox.sent_habit`."""
        return self._sent_folder.remembered

    def find_sent(self, message_id: str) -> bool | None:
        """See :meth:`Mailbox.find_sent`. Needs IMAP."""
        if not self._settings.imap_host:
            return None
        return self._sent_folder.find(message_id) or None

    def count_sent(self, message_id: str) -> int | None:
        """See :meth:`Mailbox.count_sent`. Needs IMAP."""
        if not self._settings.imap_host:
            return None
        return self._sent_folder.count([message_id])

    def reads(self) -> bool:
        """See :meth:`Mailbox.reads`."""
        return bool(self._settings.imap_host)

    def refusal_of(self, sender: str, recipient: str) -> Outcome | None:
        """See :meth:`Mailbox.refusal_of`: RCPT, and no DATA."""
        session = self._open()
        try:
            session.begin(sender, b"", utf8=False)
            try:
                session.address([recipient], [recipient])
            except (Rejected, Unavailable) as outcome:
                if not outcome.code:  # nothing was said
                    raise
                return outcome
        finally:
            session.quit()
        return None

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int = 50) -> Fetched:
        """See :meth:`Mailbox.fetch_since`. Needs IMAP; without, there is nothing."""
        if not self._settings.imap_host:
            return super().fetch_since(cursor, choose, limit)
        return self._inbox.fetch_since(cursor, choose, limit)

    def close(self) -> None:
        """See :meth:`Mailbox.close`."""
        session, self._session = self._session, None
        if session:
            session.quit()
        self._sent_folder.finish()
        self._sent_folder.close()
        self._inbox.close()

    def _begin(self, sender: str, data: bytes, utf8: bool) -> SmtpSession:
        """MAIL on the open connection; on a new one if that takes no other email.

        Nothing is on its way before DATA, so trying again is safe. What is refused here
        for another reason than a used connection is refused there too.
        """
        session, self._session = self._session, None
        if session and session.takes_another():
            try:
                session.begin(sender, data, utf8=utf8)
            except Outcome as outcome:
                if _is_for_any_connection(outcome):
                    self._session = session
                    raise
            else:
                self._session = session
                return session
        if session:
            session.abandon()
        self._session = self._open()
        self._session.begin(sender, data, utf8=utf8)
        return self._session

    def _open(self, deadline: Deadline | None = None) -> SmtpSession:
        if self._refused:
            raise self._refused
        try:
            return SmtpSession(self._settings, deadline, self._end)
        except SignInRequired as outcome:
            self._refused = outcome
            raise


def _is_for_any_connection(outcome: Outcome) -> bool:
    """Whether it is about this email, or for the mailbox to wait."""
    hung_up = outcome.code[:3] == "421"
    return isinstance(outcome, (Rejected, Throttled)) and not hung_up


def _date(message: EmailMessage) -> datetime:
    """The message's date, or now."""
    try:
        return parsedate_to_datetime(message["Date"])
    except (TypeError, ValueError):
        return datetime.now(timezone.utc)
