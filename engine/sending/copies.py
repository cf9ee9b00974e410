"""Copies that are filed later: of emails that a person says were sent, of those that
were interrupted, and of those whose Sent folder was out of reach, or refused the
sign-in.

The email is made once more, as it was, and goes into the Sent folder only.
"""

import logging
from datetime import timezone
from email.utils import format_datetime

import psycopg2

from odoo import fields

from ...providers.envelope import with_ascii_domain
from ...providers.outcomes import Outcome
from ...tools.locks import Busy
from .. import cron
from ..followup import telling
from ..mailbox.copies import failed
from .mail_session import CONTEXT_KEY, open_session

_logger = logging.getLogger(__name__)

#: In one run, before it sends: what is left over comes with the next, which is soon.
MOST = 20


def file_owed(connector):
    """File what *connector* owes to its Sent folder. Commits each.

    We hold the connector's lock. A mailbox that cannot be used now is asked later.
    """
    followups = _owed(connector, limit=MOST) if connector._usable() else None
    if not followups:
        return
    if len(followups) == MOST:
        cron.run_followups(connector.env)
    with open_session(connector) as session:
        for followup in followups:
            try:
                _file(followup, session)
            except (psycopg2.OperationalError, Busy):
                # Somebody changed the same rows: in the next run, which looks first.
                followup.env.cr.rollback()
            except Exception as error:
                _logger.exception("The copy of follow-up %s failed.", followup.id)
                followup.env.cr.rollback()
                _fail(followup, type(error).__name__)
            is_away = _is_put_off(followup.delivery_id)
            if is_away:  # the others are not tried in vain
                _put_off_others(connector, followup.delivery_id)
            # The cursor is the drain's own.
            followup.env.cr.commit()  # pylint: disable=invalid-commit
            if is_away:
                break


def _owed(connector, **options):
    """The follow-ups whose copies may be filed now."""
    return connector.env["account.email.followup"].search(
        [
            ("connector_id", "=", connector.id),
            ("state", "=", "sent"),
            ("delivery_id.sent_copy", "in", ("owed", "held")),
            "|",
            ("delivery_id.sent_copy_retry_at", "=", False),
            ("delivery_id.sent_copy_retry_at", "<=", fields.Datetime.now()),
        ],
        **options,
    )


def _is_put_off(delivery):
    """Whether its folder is out of reach, or refuses the sign-in."""
    retry_at = delivery.sent_copy_retry_at
    return bool(retry_at and retry_at > fields.Datetime.now())


def _put_off_others(connector, delivery):
    """It has tried for all: also for those whose turn comes a little later, where it is
    the sign-in that is refused."""
    others, retry_at = _owed(connector).delivery_id, delivery.sent_copy_retry_at
    if delivery.sent_copy == "held":
        others |= others.search(
            [
                ("connector_id", "=", connector.id),
                ("sent_copy", "=", "held"),
                ("sent_copy_retry_at", "<", retry_at),
            ]
        )
    others.sent_copy_retry_at = retry_at


def _file(followup, session):
    delivery, mail = followup.delivery_id, followup.mail_id
    if not session.mailbox():
        return  # its secret is out of reach: see open_session
    sender = with_ascii_domain(session.connector.sender_address)
    if not mail or with_ascii_domain(delivery.sender) != sender:
        words = followup.env._("the email or the mailbox is not the same any more")
        _fail(followup, words)
        return
    filing = Filing(session, delivery)
    mail.state = "outgoing"  # core's method takes no other
    mail.with_context(**{CONTEXT_KEY: session.attempt})._send(smtp_session=filing)
    telling.show(followup, "sent")
    # A new snapshot: it sees what the journal has committed.
    followup.env.cr.commit()  # pylint: disable=invalid-commit
    is_missing = delivery.sent_copy in ("owed", "held", "failed")
    if is_missing and not _is_put_off(delivery):
        _fail(followup, filing.problem or delivery.sent_copy_warning or "")


def _fail(followup, words):
    """Say that it could not be done: it is not tried again."""
    followup.delivery_id.write({"sent_copy": "failed", "sent_copy_warning": words})
    followup._message_log(body=failed(followup.env, words))


class Filing:
    """What core's ``_send`` takes for an SMTP session: it sends nothing.

    :ivar problem: why nothing could be filed.
    """

    def __init__(self, session, delivery):
        self._session = session
        self._delivery = delivery
        self.from_filter = session.from_filter
        self.smtp_from = session.smtp_from
        self.problem = ""

    def send_message(self, message, smtp_from, smtp_to_list):
        """File *message*, with the date on which it was sent."""
        sent_at = self._delivery.started_at.replace(tzinfo=timezone.utc)
        del message["Date"]
        message["Date"] = format_datetime(sent_at)
        try:
            self._session.file(self._delivery, message, smtp_from, smtp_to_list)
        except Outcome as outcome:
            self.problem = str(outcome)

    def quit(self):
        """The session's owner does that."""
