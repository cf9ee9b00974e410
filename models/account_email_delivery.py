"""The journal: one row for each email that was handed to a mailbox.

Before any network I/O the row is committed in its own transaction, and so is the
receipt after it. Whatever happens to Odoo's own transaction (a rollback, a replayed
request, ``kill -9``), the journal knows, and nothing is sent twice.
"""

import hashlib
import logging
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

import psycopg2
from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.mailbox import copies
from ..providers.base import SentCopy
from ..providers.outcomes import (
    Outcome,
    OutcomeUnknown,
    Rejected,
    StillUnknown,
    Unavailable,
)
from ..providers.reasons import Reason
from ..texts import choices
from ..tools.apart import apart, held
from ..tools.locks import Busy

_logger = logging.getLogger(__name__)


#: A row that says that the email is being sent, if none forbids it.
CLAIM = """
    INSERT INTO account_email_delivery AS delivery (
        connector_id, company_id, sender, recipients, subject,
        message_id, envelope_key, mail_id, state, attempts, started_at, handed_at,
        create_date, create_uid, write_date, write_uid)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'sending', 1,
            now() at time zone 'utc', NULL,
            now() at time zone 'utc', %s, now() at time zone 'utc', %s)
    ON CONFLICT (message_id, envelope_key) DO UPDATE
       SET state = 'sending', attempts = delivery.attempts + 1,
           sender = excluded.sender,  -- perhaps reconnected meanwhile
           started_at = excluded.started_at, handed_at = NULL,
           reason = NULL, code = NULL, detail = NULL, retry_at = NULL
     WHERE delivery.state IN ('deferred', 'rejected')
        OR delivery.state = 'sending' AND delivery.handed_at IS NULL
 RETURNING id, attempts
"""


class AccountEmailDelivery(models.Model):
    _name = "account.email.delivery"
    _inherit = ["account.email.export"]
    _description = "Email Delivery"
    _order = "id desc"
    _rec_name = "subject"

    connector_id = fields.Many2one(
        "account.email.connector",
        "Mailbox",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    sender = fields.Char("From", required=True, readonly=True)
    recipients = fields.Char(readonly=True, help="The envelope's recipients.")
    refused = fields.Json(
        "Refused recipients",
        readonly=True,
        help="Of an accepted email: what the server said, by address.",
    )
    subject = fields.Char(readonly=True)
    message_id = fields.Char("Message-ID", required=True, readonly=True)
    envelope_key = fields.Char(required=True, readonly=True)
    # Not a Many2one: the row is committed on its own, the mail perhaps never.
    mail_id = fields.Integer("Outgoing Email", readonly=True)
    state = fields.Selection(choices.DELIVERY_STATES, required=True, readonly=True)
    attempts = fields.Integer(default=1, readonly=True)
    started_at = fields.Datetime("Started on", readonly=True)
    handed_at = fields.Datetime(
        readonly=True,
        help="Since when the last attempt may have been sent. Empty: it did not get "
        "that far.",
    )
    accepted_at = fields.Datetime("Accepted on", readonly=True)
    retry_at = fields.Datetime(readonly=True)
    reason = fields.Char(readonly=True)
    code = fields.Char(readonly=True)
    detail = fields.Char("What the server said", readonly=True)
    correlation_id = fields.Char("Correlation ID", readonly=True)
    provider_message_id = fields.Char("Message at the provider", readonly=True)
    seen_message_id = fields.Char(
        "Message-ID at the recipient",
        readonly=True,
        index="btree_not_null",
        help="Some providers replace the Message-ID: this is the one that counts.",
    )
    thread_id = fields.Char(readonly=True, index="btree_not_null")
    web_link = fields.Char(readonly=True)
    sent_copy = fields.Selection(choices.FILED_COPIES, "Copy in Sent", readonly=True)
    sent_copy_warning = fields.Char(readonly=True)
    sent_copy_tries = fields.Integer(readonly=True)
    sent_copy_retry_at = fields.Datetime(readonly=True)

    # The claim: two workers cannot both insert this pair.
    _message_envelope = models.UniqueIndex("(message_id, envelope_key)")
    _sender_accepted = models.Index("(sender, accepted_at)")
    # Those that are missing: the mailbox's page counts what failed, too.
    _copy_owed = models.Index(
        "(connector_id) WHERE sent_copy IN ('owed', 'held', 'failed')"
    )

    @api.model
    def _deliver(self, connector, mailbox, email, mail_id=0, own=None, is_held=False):
        """Hand *email* (an ``OutgoingEmail``) to *mailbox*, at most once ever.

        :param own: see :meth:`_journal`.
        :param is_held: whether the caller holds the email's lock.
        :return: the id of its row in the journal, which says ``accepted``.
        :raises Outcome: whatever stood in the way; ``OutcomeUnknown`` also for an
            email whose earlier attempt ended without an answer.
        :raises locks.Busy: while another worker is sending this very email.
        """
        envelope = ", ".join(sorted(set(email.recipients)))
        key = hashlib.sha256(envelope.encode()).hexdigest()
        lock = None if is_held else self._lock(email.message_id)
        with self._journal(lock, own) as journal:
            claimed = journal._claim(connector, email, envelope, key, mail_id)
            if claimed:
                delivery_id = journal._attempt(*claimed, mailbox, email)
                journal._file_copy(delivery_id, mailbox, email)
            else:
                delivery_id = journal._earlier_attempt(mailbox, email, key)
                journal._file_owed_copy(delivery_id, mailbox, email)
        return delivery_id

    @api.model
    def _lock(self, message_id):
        """The name of the lock of an email, whoever it goes to."""
        return f"delivery {message_id}"

    @contextmanager
    def _journal(self, lock, own=None):
        """This model in a transaction apart, which commits each line: a rollback of
        ours cannot undo it. It is there before anything is sent, so that the receipt
        never lacks a connection to be written by.

        :param lock: the name of the lock to hold meanwhile; None if it is held.
        :param own: the environment of a session, which is apart already.
        :raises locks.Busy: if the lock is taken.
        """
        locked = held(self.env, lock) if lock else nullcontext()
        with locked, nullcontext(own) if own else apart(self.env) as env:
            env.cr.rollback()  # what broke off before, if something did
            yield self.with_env(env)

    def _write_line(self, query):
        """Execute *query* (SQL) and commit; return its first row, if there is any."""
        cr = self.env.cr
        cr.execute(query)
        row = cr.fetchone() if cr.description else None
        # The cursor is the journal's own: see _journal.
        cr.commit()  # pylint: disable=invalid-commit
        return row

    def _claim(self, connector, email, envelope, key, mail_id):
        """Commit a row that says ``sending``.

        An attempt proven not accepted (``deferred``, ``rejected``) may be repeated, and
        one that was cut off before it could leave.

        :return: (its id, which attempt it is), None if an earlier one forbids it.
        """
        return self._write_line(
            SQL(
                CLAIM,
                connector.id,
                connector.company_id.id,
                email.sender,
                envelope,
                email.message["Subject"] or "",
                email.message_id,
                key,
                mail_id,
                self.env.uid,
                self.env.uid,
            )
        )

    def _attempt(self, delivery_id, number, mailbox, email):
        """Let *mailbox* send it; return *delivery_id*.

        :param number: which attempt this is.
        """
        leaving = partial(self._record_leaving, delivery_id, number)
        try:
            receipt = mailbox.send(replace(email, leaving=leaving))
        except (psycopg2.Error, Busy):
            raise  # of leaving: the line stays as it is, nothing has left
        except OutcomeUnknown as outcome:
            self._record_outcome(delivery_id, outcome, number)
            if not self._surely_sent(delivery_id, mailbox, email.message_id):
                raise
            self._record_found(delivery_id)
        except Outcome as outcome:
            self._record_outcome(delivery_id, outcome, number)
            raise
        except Exception as error:
            _logger.exception("A mailbox failed in a way that it should not.")
            name = type(error).__name__
            outcome = OutcomeUnknown(Reason.MAYBE_SENT, code="defect", detail=name)
            self._record_outcome(delivery_id, outcome, number)
            raise outcome from error
        else:
            self._record_receipt(delivery_id, number, receipt)
        return delivery_id

    def _record_leaving(self, delivery_id, number):
        """Commit that from now on it may leave.

        :raises locks.Busy: somebody else has taken this attempt for dead.
        """
        row = self._write_line(
            SQL(
                """UPDATE account_email_delivery
                      SET handed_at = clock_timestamp() at time zone 'utc'
                    WHERE id = %s AND attempts = %s
                      AND state = 'sending' AND handed_at IS NULL
                RETURNING id""",
                delivery_id,
                number,
            )
        )
        if not row:
            raise Busy(f"delivery {delivery_id}")

    def _earlier_attempt(self, mailbox, email, key):
        """What to make of an email that is in the journal already.

        We hold its lock: whoever wrote ``sending`` is dead, and nobody knows how far
        it came.
        """
        delivery_id, state = self._write_line(
            SQL(
                """SELECT id, state FROM account_email_delivery
                    WHERE message_id = %s AND envelope_key = %s""",
                email.message_id,
                key,
            )
        )
        if state != "accepted":
            self._look_up(delivery_id, mailbox, email.message_id)
        return delivery_id

    def _resolve(self, mailbox, own=None):
        """Find out, if it can be, whether an interrupted attempt was accepted.

        :param mailbox: whom to ask; None if it cannot be asked.
        :param own: see :meth:`_journal`; then the caller holds the email's lock.
        :raises OutcomeUnknown: if nobody can tell.
        :raises Unavailable: it has provably not left, and may be tried again.
        :raises locks.Busy: if its attempt is still under way.
        """
        self.ensure_one()
        message_id = self.message_id
        lock = None if own else self._lock(message_id)
        with self._journal(lock, own) as journal:
            journal._look_up(self.id, mailbox, message_id)

    def _written_to(self):
        """The envelope's addresses, in lower case; none of no delivery."""
        return self.recipients.lower().split(", ") if self.recipients else []

    def _reached(self):
        """Those of them whom the server accepted."""
        refused = {address.lower() for address in self.refused or {}}
        return [each for each in self._written_to() if each not in refused]

    def _found_by_person(self):
        """Take a person's word that the mailbox accepted it when it was tried."""
        for delivery in self:
            delivery.write(
                {
                    "state": "accepted",
                    "accepted_at": delivery.started_at,
                    "reason": False,
                    "detail": self.env._("Confirmed by %s.", self.env.user.name),
                    "sent_copy": delivery.sent_copy or "owed",
                }
            )

    def _look_up(self, delivery_id, mailbox, message_id):
        """Ask the mailbox.

        An attempt that was taken for dead may live, and write down its answer at this
        moment: that counts.
        """
        self._give_back(delivery_id)
        if mailbox and self._surely_sent(delivery_id, mailbox, message_id):
            self._record_found(delivery_id)
            return
        outcome = StillUnknown(Reason.MAYBE_SENT)
        self._record_outcome(delivery_id, outcome)
        raise outcome

    def _surely_sent(self, delivery_id, mailbox, message_id):
        """Whether it lies in the mailbox's Sent folder, where it is found by its
        Message-ID. The emails of one message share that, to several people, and those
        that Odoo's own server sends to colleagues: then one proves nothing of another.
        """
        others = self._write_line(
            SQL(
                """SELECT 1 FROM account_email_delivery other
                    WHERE other.message_id = %(header)s AND other.id <> %(id)s
                    UNION ALL
                   SELECT 1 FROM account_email_delivery own
                     JOIN mail_mail mail ON mail.id = own.mail_id
                     JOIN mail_notification told
                          ON told.mail_message_id = mail.mail_message_id
                         AND told.notification_type = 'email'
                         AND told.mail_mail_id IS DISTINCT FROM mail.id
                    WHERE own.id = %(id)s
                    LIMIT 1""",
                header=message_id,
                id=delivery_id,
            )
        )
        return not others and mailbox.surely_sent(message_id)

    def _give_back(self, delivery_id):
        """Let an attempt that was cut off before it could leave be none.

        Should it live after all, it finds out before it sends (_record_leaving).

        :raises Unavailable: it was so.
        """
        reason = Reason.CONNECTION_LOST
        row = self._write_line(
            SQL(
                """UPDATE account_email_delivery SET state = 'deferred', reason = %s
                    WHERE id = %s AND state = 'sending' AND handed_at IS NULL
                RETURNING id""",
                str(reason),
                delivery_id,
            )
        )
        if row:
            raise Unavailable(reason)

    def _file_owed_copy(self, delivery_id, mailbox, email):
        """File the copy of one whose filing was cut off, or has to wait."""
        (already,) = self._write_line(
            SQL(
                "SELECT sent_copy FROM account_email_delivery WHERE id = %s",
                delivery_id,
            )
        )
        if already in (None, "owed", "held"):
            self._file_copy(delivery_id, mailbox, email)

    def _file_copy(self, delivery_id, mailbox, email):
        """File the copy in Sent. What stands in its way for now leaves it owed."""
        try:
            copy = mailbox.file_copy(email)
        except Exception as error:
            _logger.exception("A copy failed in a way that it should not.")
            copy = SentCopy("failed", type(error).__name__)
        if copy.warning:
            _logger.warning(
                "The copy of %s was not filed: %s", email.message_id, copy.warning
            )
        values = {"sent_copy": copy.state, "sent_copy_warning": copy.warning or None}
        if copy.state in ("owed", "held"):
            values |= self._next_try_of_copy(delivery_id, copy.state)
        self._record(delivery_id, **values)

    def _next_try_of_copy(self, delivery_id, state):
        """What is written of a copy that could not be filed now. It is made once more
        from the follow-up's email; of others nothing is kept to make it from."""
        tries, is_followup = self._write_line(
            SQL(
                """SELECT COALESCE(delivery.sent_copy_tries, 0) + 1,
                          mail.email_followup_id IS NOT NULL
                     FROM account_email_delivery delivery
                LEFT JOIN mail_mail mail ON mail.id = delivery.mail_id
                    WHERE delivery.id = %s""",
                delivery_id,
            )
        )
        if not is_followup:
            return {"sent_copy": "failed"}
        if state == "held":  # however often
            return {
                "sent_copy_retry_at": fields.Datetime.to_string(copies.held_until())
            }
        retry_at = copies.retry_at(tries)
        if not retry_at:
            return {"sent_copy": "failed"}
        at = fields.Datetime.to_string(retry_at)
        return {"sent_copy_tries": tries, "sent_copy_retry_at": at}

    def _record_receipt(self, delivery_id, number, receipt):
        """Attempt *number* was accepted, whatever was thought of it meanwhile."""
        refused = "; ".join(f"{a}: {why}" for a, why in (receipt.refused or {}).items())
        self._record(
            delivery_id,
            SQL("attempts = %s", number),
            state="accepted",
            accepted_at=fields.Datetime.to_string(
                receipt.accepted_at.replace(tzinfo=None)
            ),
            seen_message_id=receipt.message_id,
            provider_message_id=receipt.provider_message_id or None,
            thread_id=receipt.thread_id or None,
            web_link=receipt.web_link or None,
            detail=refused or None,
            refused=Json(receipt.refused) if receipt.refused else None,
        )

    def _record_found(self, delivery_id):
        """It lies in the Sent folder: it was accepted, with whatever answer."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        nothing = dict.fromkeys(("reason", "code", "detail", "correlation_id"))
        self._record(delivery_id, state="accepted", accepted_at=now, **nothing)

    def _record_outcome(self, delivery_id, outcome, number=None):
        """
        :param number: of the attempt that found out; another one, which took it for
            dead, may have gone on. None: whoever looked it up afterwards, and knows
            less than an attempt that has its answer.
        """
        state = "deferred"
        if isinstance(outcome, Rejected):
            state = "rejected"
        elif isinstance(outcome, OutcomeUnknown):
            state = "unknown"
        values = {"state": state, "reason": str(outcome.reason)}
        if not isinstance(outcome, StillUnknown):  # what is known of the attempt stays
            for name in ("code", "detail", "correlation_id"):
                values[name] = getattr(outcome, name) or None
        mine = SQL("attempts = %s AND state = 'sending'", number)
        open_yet = SQL("state IN ('sending', 'unknown')")
        self._record(delivery_id, mine if number else open_yet, **values)

    def _record(self, delivery_id, condition=None, /, **values):
        """Write plain column values, if *condition* (SQL) holds."""
        assignments = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        )
        self._write_line(
            SQL(
                """UPDATE account_email_delivery
                      SET %s, write_date = now() at time zone 'utc'
                    WHERE id = %s AND %s""",
                assignments,
                delivery_id,
                condition or SQL("TRUE"),
            )
        )
