"""Emails of Odoo's that wait for their mailbox: nothing is lost, nor sent by another.

They stay in Odoo's queue, which looks at them once an hour, and note for whom they
wait. While the mailbox is not connected, they wait for two days at most, as on mail
servers; then they are shown as failed. One that is at work, and has to pause, is waited
for as long as it takes. Mails and connectors come here as a superuser's.
"""

import logging
from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.tools import SQL

from ...providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ...tools.waits import RETRY_AFTER
from .. import cron

_logger = logging.getLogger(__name__)

#: What was not accepted for so long is shown as failed.
TRY_AT_MOST = timedelta(days=2)
#: A mailbox that is back calls for what waits: this is for what nobody has told.
LOOK_AGAIN = timedelta(hours=1)
#: What stands in the way of one email that is tried again.
WAITS = (Throttled, Unavailable)
#: What ends when somebody reconnects the mailbox.
BREAKS = (SignInRequired, AdminActionRequired)


def hold(mails, connector):
    """*connector* takes nothing now: let *mails* wait. One statement for all, unless
    their time ends within the hour."""
    queued = mails.exists().filtered(lambda mail: mail.state == "outgoing")
    if connector.state == "connected":  # it is as if they were handed in then
        at = connector.wait_until or fields.Datetime.now()
        put_off(queued, connector, at, since=at)
        return
    late = queued.filtered(_is_late)
    _give_up(late, connector)
    later = fields.Datetime.now() + LOOK_AGAIN
    queued -= late
    for at, some in queued.grouped(lambda mail: min(later, _until(mail))).items():
        put_off(some, connector, at)


def may_wait(mail, outcome):
    """Whether *mail*, which was not accepted because of *outcome*, is tried again.

    What tells of an incident does not wait for a mailbox that has broken, too: there
    may be a third (:mod:`..mailbox.elsewhere`).
    """
    kinds = WAITS if mail.email_incident_id else WAITS + BREAKS
    return isinstance(outcome, kinds) and not _is_late(mail)


def heed(mail, session):
    """Wait and try again what *session* could not get rid of, or what only the journal
    can tell of."""
    if session.attempt.waits or (session.undecided and not _is_late(mail)):
        wait, mailbox = _how_long(session.outcome), session.connector
        # One that only its receiver has put off does not go when others may.
        waits_for = mailbox.browse() if mailbox._usable() else mailbox
        put_off(mail, waits_for, fields.Datetime.now() + wait)


def _how_long(outcome):
    if isinstance(outcome, BREAKS):
        return LOOK_AGAIN
    return timedelta(seconds=(outcome and outcome.retry_after) or RETRY_AFTER)


def put_off(mails, connector, at, since=None):
    """Leave *mails* to the queue, which takes them up again *at* a time.

    :param since: from when their two days count; by default as before, or from now on.
    """
    if not mails:
        return
    values = {
        "state": "outgoing",
        "scheduled_date": at,
        "failure_type": False,
        "email_waits_for_id": connector.id,
    }
    for known, some in mails.grouped("email_waits_since").items():
        counts = since or known or fields.Datetime.now()
        some.write({**values, "email_waits_since": counts})
    shown_as_failed = [
        ("mail_mail_id", "in", mails.ids),
        ("notification_status", "=", "exception"),
    ]
    mails.env["mail.notification"].search(shown_as_failed).write(
        {"notification_status": "ready", "failure_type": False}
    )
    cron.run_emails(mails.env, at)


def _until(mail):
    """When it has waited for long enough: it may have been meant for a later day."""
    return (mail.email_waits_since or fields.Datetime.now()) + TRY_AT_MOST


def _is_late(mail):
    return _until(mail) <= fields.Datetime.now()


def _give_up(mails, connector):
    """Show them as failed. Who retries one has it looked at anew: it is free then."""
    text = mails.env._(
        "This email waited two days for the mailbox of %(company)s, which is not "
        "connected. Reconnect it, then retry.",
        company=connector.company_id.name,
    )
    _fail(mails, text)


def refuse(mails, connector):
    """Show as failed what does not wait for *connector*, and never went elsewhere."""
    text = mails.env._(
        "The mailbox of %(company)s is not connected, so this email was not sent. "
        "Reconnect it, then retry.",
        company=connector.company_id.name,
    )
    _fail(mails, text)


def _fail(mails, text):
    if not mails:
        return
    mails.write(
        {
            "state": "exception",
            "failure_reason": text,
            "email_waits_for_id": False,
            "email_waits_since": False,
        }
    )
    mails._postprocess_sent_message([], [], text, failure_type="mail_smtp")


def release(env):
    """What waits for a mailbox that takes emails again is due now.

    In the queue's own transaction: whoever reconnects a mailbox must not be in the way
    of emails that are being sent. What somebody is at work on is left to them.

    :param env: a superuser's.
    """
    env.flush_all()
    try:
        with env.cr.savepoint():
            env.cr.execute(_release())
    except psycopg2.OperationalError as error:  # somebody has just changed one
        _logger.info("What waits is freed the next time: %s", error)
    env["mail.mail"].invalidate_model(["scheduled_date"])


def _release():
    now = fields.Datetime.now()
    return SQL(
        """UPDATE mail_mail SET scheduled_date = NULL
                WHERE id IN (
                    SELECT mail.id FROM mail_mail mail
                      JOIN account_email_connector connector
                        ON connector.id = mail.email_waits_for_id
                     WHERE mail.state = 'outgoing' AND mail.scheduled_date > %s
                       AND connector.state = 'connected'
                       AND (connector.wait_until IS NULL OR connector.wait_until <= %s)
                       FOR UPDATE OF mail SKIP LOCKED)""",
        now,
        now,
    )


def oldest(queue, batch_size):
    """Let core's run through the *queue* (``mail.mail``) take the oldest of it: of more
    than one run takes, core takes the newest.

    :param queue: a superuser's.
    :return: the queue for this run, and the emails that it takes if it leaves others
        to the next one.
    """
    stored = queue.env["ir.config_parameter"].get_param("mail.mail.queue.batch.size")
    size = int(stored or batch_size) or batch_size
    filters = queue.env.context.get("filters", [])
    found = queue.search([*_due(), *filters], order="id", limit=size + 1)
    if len(found) <= size:
        return queue, found[:0]
    first = [*filters, ("id", "<=", found[size - 1].id)]
    return queue.with_context(filters=first), found[:size]


def has_moved(batch):
    """Whether one of these emails, which were due, has left, failed or been put off."""
    still = [*_due(), ("id", "in", batch.ids)]
    return bool(batch) and batch.search_count(still) < len(batch)


def put_off_stuck(mails):
    """Leave those of *mails* that are still due to a later look: a fault stopped them,
    perhaps by the first of them, without which the others go soon. Follow-ups have
    times of their own.

    They wait for no mailbox: one that works would have them due at once.
    """
    mine = [("id", "in", mails.ids), ("email_followup_id", "=", False)]
    due, now = mails.search([*_due(), *mine], order="id"), fields.Datetime.now()
    nobody = mails.env["account.email.connector"]
    put_off(due[:1], nobody, now + LOOK_AGAIN)
    put_off(due[1:], nobody, now + timedelta(seconds=RETRY_AFTER))


def _due():
    """The domain of what Odoo's queue takes now."""
    now = fields.Datetime.now()
    no_later = ["|", ("scheduled_date", "=", False), ("scheduled_date", "<=", now)]
    return [("state", "=", "outgoing"), *no_later]


def count(connectors):
    """{connector: how many emails wait for it}, besides follow-ups."""
    return dict(
        connectors.env["mail.mail"]._read_group(
            [("email_waits_for_id", "in", connectors.ids), ("state", "=", "outgoing")],
            ["email_waits_for_id"],
            ["__count"],
        )
    )
