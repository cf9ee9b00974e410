"""What core's ``mail.mail._send`` takes for an SMTP session."""

import logging
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2

from odoo import fields

from ...providers.envelope import outgoing_email
from ...providers.outcomes import Outcome
from ...texts import failure_text
from ...tools import locks
from ...tools.apart import lines
from ...tools.locks import Busy
from ..mailbox import condition, habit
from ..mailbox.sender import sender_of
from ..secrets import mailboxes
from ..secrets.box import Box, bare, guarded

_logger = logging.getLogger(__name__)

#: Where core's methods find the :class:`Attempt` that they are part of.
CONTEXT_KEY = "email_connector_attempt"

#: The connection by which lines are written is gone, and stays so for this session.
LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)
#: The sign-in of a mailbox that may be used, and whether follow-ups go by themselves.
STILL = """
    SELECT connected_at, email, chasing = 'on' FROM account_email_connector
     WHERE id = %s AND state = 'connected'
       AND (wait_until IS NULL OR wait_until <= %s)
"""


@dataclass
class Attempt:
    """What the rest of Odoo may know of an email that is being sent.

    It stands in the context of everything that is called meanwhile, so it leads to no
    mailbox: that holds a secret.

    :param attachment_limit: how many bytes of files the provider takes; None: any.
    :param outcome: what stood in the way (an ``Outcome``), if something did.
    :param waits: whether the email is tried again then: so nobody is told that it
        failed.
    """

    attachment_limit: int | None = None
    outcome: Outcome | None = None
    waits: bool = False


def attempt_of(env):
    """The :class:`Attempt` that *env* is part of. A client may put anything there."""
    attempt = env.context.get(CONTEXT_KEY)
    return attempt if isinstance(attempt, Attempt) else None


@contextmanager
def open_session(connector):
    """Yield a :class:`MailSession`; without a secret the connector is broken."""
    with lines(connector.env) as own:
        session = _session(connector, own)
        try:
            yield session
        finally:
            session.quit()
        session.note_habit()


def _session(connector, own):
    try:
        return MailSession(connector, mailboxes.open_mailbox(connector, own), own)
    except Outcome as outcome:
        problem = bare(outcome)
    condition.note_outcome(connector, problem)
    # Nobody asks for a mailbox: the connector is not usable any more.
    return MailSession(connector, None, own)


class MailSession:
    """Hands core's emails to one connector's mailbox, through the journal.

    Core asks three things of a session: ``send_message``, ``quit``, and the attributes
    ``from_filter`` and ``smtp_from``, which make it keep our address as the sender
    (``IrMailServer._prepare_email_message__``).

    After a ``send_message`` one of these is set: :attr:`delivery` (the journal's row),
    :attr:`outcome`, or :attr:`undecided` if another worker is sending this very email,
    or the database failed: a later look into the journal tells how far it came.

    :param own: an environment for lines apart (:mod:`...tools.apart`). On it is
        committed at once what no rollback may lose: the journal's lines, and a token
        that was refreshed.
    """

    def __init__(self, connector, mailbox, own):
        self.connector = connector
        self._own = own
        self.mailbox = Box(mailbox)  # not for what core calls while an email leaves
        self.from_filter = connector.sender_address
        self.mail_id = 0
        self.thread_id = ""
        self._held = set()
        self._lost = False
        self._sign_in = self._present_sign_in()
        self._habit = connector.sent_habit or ""
        self.start(0)

    @property
    def outcome(self):
        """What stood in the way of the last email, if something did."""
        return self.attempt.outcome

    def usable(self):
        """Whether an email may be handed to the mailbox now, and it is still the one
        that is connected, as our transaction sees it."""
        same = self._sign_in == self._present_sign_in()
        return not self._lost and same and self.connector._usable()

    def still_usable(self, wanted=True):
        """Whether the same may be used as others have left it by now. They may have
        disconnected it, or stopped follow-ups, after our transaction began.

        :param wanted: whether a person wants the next email sent, so that it goes after
            a stop too.
        """
        if self._lost:
            return False
        cr = self._own.cr
        try:
            cr.execute(STILL, [self.connector.id, fields.Datetime.now()])
            row = cr.fetchone()
            cr.commit()  # the cursor is the session's  # pylint: disable=invalid-commit
        except psycopg2.Error:
            self._lost = True
        if self._lost or not row or row[:2] != self._sign_in[:2]:
            return False
        return wanted or row[2]

    @contextmanager
    def holding(self, message_ids):
        """Hold the locks of these emails, taken by one statement of our transaction,
        which ends with it. Somebody else has those that cannot be taken."""
        lock = self.delivery._lock
        names = {lock(message_id): message_id for message_id in message_ids}
        taken = locks.take_free(self.connector.env.cr, names)
        self._held = {names[name] for name in taken}
        try:
            yield
        finally:
            self._held = set()

    def heed(self, accepted=False):
        """Draw the consequences of the last email for the mailbox.

        They are none if it was disconnected, or connected anew, while the email left.

        :param accepted: whether one before it was.
        """
        connector = self.connector
        if self._sign_in != self._present_sign_in():
            return
        if accepted or (self.delivery and not self.outcome):
            condition.note_success(connector)
        if self.outcome:
            condition.note_outcome(connector, self.outcome)

    def _present_sign_in(self):
        connector = self.connector
        return connector.connected_at, connector.email, sender_of(connector)

    def start(self, mail_id, thread_id="", person=""):
        """Forget the former email; the next one is mail.mail *mail_id*.

        :param person: the name of who wrote it, if a person of the house did.
        """
        self.smtp_from = sender_of(self.connector, person)
        self.mail_id = mail_id
        self.thread_id = thread_id
        self.delivery = self.connector.env["account.email.delivery"]
        mailbox = self.mailbox()
        self.attempt = Attempt(mailbox.attachment_limit if mailbox else None)
        self.undecided = False

    def send_message(self, message, smtp_from, smtp_to_list):
        """Send *message* to *smtp_to_list*, at most once.

        :raises Refused: with the user's text; core stores it on the mail.
        """
        refused = self._hand_over(message, smtp_from, smtp_to_list)
        if refused:
            raise refused

    @guarded
    def _hand_over(self, message, smtp_from, smtp_to_list):
        """Send it.

        :return: a :class:`Refused` if it did not leave.
        """
        journal = self.delivery
        try:
            email = outgoing_email(message, smtp_from, smtp_to_list, self.thread_id)
            delivery_id = journal._deliver(
                self.connector,
                self.mailbox(),
                email,
                self.mail_id,
                self._own,
                is_held=email.message_id in self._held,
            )
        except Outcome as outcome:
            self.attempt.outcome = bare(outcome)
            return Refused(failure_text(self.connector.env, outcome))
        except (Busy, psycopg2.Error) as error:
            self.undecided = True
            self._lost = isinstance(error, LOST)
            return Refused("")
        self.delivery = journal.browse(delivery_id)
        return None

    @guarded
    def resolve(self, delivery):
        """Ask the mailbox about an attempt that was interrupted.

        :param delivery: the journal's row. What stands in the way: see its method.
        """
        with self.holding([delivery.message_id]):
            self._check_held(delivery)
            delivery._resolve(self.mailbox(), self._own)

    @guarded
    def file(self, delivery, message, smtp_from, smtp_to_list):
        """File the copy of an email that was sent; nothing is sent.

        :param delivery: the journal's row of the email.
        :raises Outcome: it cannot be written down.
        :raises Busy: somebody else is at this email.
        """
        email = outgoing_email(message, smtp_from, smtp_to_list)
        with self.holding([delivery.message_id]):
            self._check_held(delivery)
            with delivery._journal(None, self._own) as journal:
                journal._file_owed_copy(delivery.id, self.mailbox(), email)

    def _check_held(self, delivery):
        if delivery.message_id not in self._held:
            raise Busy(delivery.message_id)

    def quit(self):
        """Let go of the mailbox's connections."""
        if self.mailbox():
            self.mailbox().close()

    def note_habit(self):
        """Remember what the mailbox, which is closed, has learnt in this session. What
        somebody else writes at the same time goes before it."""
        connector = self.connector
        if not self.mailbox() or self.mailbox().sent_habit == self._habit:
            return
        try:
            with connector.env.cr.savepoint():
                if self._sign_in == self._present_sign_in():
                    habit.note(connector, self.mailbox)
        except psycopg2.OperationalError as error:
            _logger.info("%s: its habit waits: %s", connector.email, error)


class Refused(Exception):
    """Tells core that an email did not leave."""


class _WithoutTraceback(logging.Filter):
    """Core logs a traceback for each email that did not leave.

    What a server refuses is no defect of ours: the connector logs it in one line.
    """

    def filter(self, record):
        error = record.exc_info and record.exc_info[1]
        return not (error and isinstance(error.__context__, Refused))


logging.getLogger("odoo.addons.mail.models.mail_mail").addFilter(_WithoutTraceback())
