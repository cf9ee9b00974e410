"""To read what comes back to follow-ups, where the user has switched that on.

How far an Inbox was read is in a row of its own (``account.email.inbox``), so that
reading never waits for sending, nor the other way round. Connectors come here as a
superuser's.
"""

import logging
from contextlib import contextmanager
from datetime import timedelta, timezone

import psycopg2

from odoo import fields
from odoo.exceptions import UserError

from ...providers import registry
from ...providers.outcomes import Outcome, Unavailable
from ...providers.reasons import Reason
from ...texts import reason_text, said
from ...tools.apart import apart
from ...tools.locks import Busy
from .. import cron, incoming
from ..mailbox import sign_in_notice
from ..secrets import mailboxes

_logger = logging.getLogger(__name__)

#: Nothing stands in the way of reading.
NO_TROUBLE = {"reason": False, "code": False, "detail": False, "retry_at": False}


# -- switching it on and off -----------------------------------------------------------


def switch(connector):
    """It was switched on, or off: from now on that holds.

    :raises UserError: if it was switched on, and there is nothing to read by.
    """
    if connector.reads_replies and lacks_server(connector):
        raise UserError(hint(connector))
    reset(connector)
    sign_in_notice.forget()
    if connector.reads_replies:
        cron.run_incoming(connector.env)


@contextmanager
def switching(connectors, vals):
    """Heed that *vals*, which are written within, switch it on or off."""
    changed = connectors.browse()
    if "reads_replies" in vals:
        wanted = bool(vals["reads_replies"])
        changed = connectors.filtered(lambda c: c.reads_replies != wanted)
    yield
    for connector in changed:
        switch(connector)


def reset(connector):
    """Begin to read now, with nothing in the way; or not at all, if it is off."""
    # The providers' clocks have whole seconds: in this one, something may have come
    # while it was off.
    begin = fields.Datetime.now() + timedelta(seconds=1)
    begin = begin.replace(tzinfo=timezone.utc).isoformat()
    values = {
        **NO_TROUBLE,
        "looked_at": False,
        "passed_over": 0,
        "cursor": {"at": begin} if connector.reads_replies else False,
    }
    if connector.inbox_ids:
        connector.inbox_ids.write(values)
    else:
        connector.inbox_ids.create({**values, "connector_id": connector.id})


def note_connected(connector):
    """What kept us from reading may be over."""
    if connector.inbox_ids:
        connector.inbox_ids.write(NO_TROUBLE)
    else:
        reset(connector)


def note_granted(connector, provider, grant):
    """Heed whether a sign-in at *provider* has allowed to read, too."""
    wanted = scopes(connector, provider)
    connector.inbox_ids.granted = bool(wanted) and grant.covers(wanted)


def stop(connectors):
    """The next mailbox is not read before somebody wants that."""
    connectors.write({"reads_replies": False})
    connectors.inbox_ids.unlink()


def scopes(connector, provider, send_as=""):
    """What to ask *provider* for at a sign-in, besides the permission to send.

    :param provider: a row of the registry.
    :param send_as: the other address to send as, if another one than now.
    """
    if not connector.reads_replies:
        return ()
    return provider.reading_scopes(bool(send_as or connector.send_as))


# -- what stands in the way ------------------------------------------------------------


def lacks_server(connector):
    """Whether there is no server to read from: SMTP only sends."""
    return _by_imap(connector) and not connector.imap_host


def lacks_permission(connector):
    """Whether the sign-in gave no permission to read."""
    return not _by_imap(connector) and not connector.inbox_ids.granted


def _by_imap(connector):
    known = registry.PROVIDERS.get(connector.provider)
    return bool(known) and not known.uses_oauth


def hint(connector):
    """What keeps us from reading, and what to do; False if nothing does."""
    env, inbox = connector.env, connector.inbox_ids
    if lacks_server(connector):
        return env._(
            "Answers are read by IMAP: enter the IMAP server, under Change settings."
        )
    if lacks_permission(connector):
        return env._(
            "Sign in once more and allow reading. Until then, follow-ups are sent as "
            "before, and answers are not recognized."
        )
    if not inbox.reason:
        return bool(inbox.passed_over) and env._(
            "Emails that could not be read were skipped: %s. Check the Inbox yourself.",
            inbox.passed_over,
        )
    title, text = reason_text(env, inbox.reason)
    words = env._(
        "The Inbox cannot be read; sending goes on. %(title)s. %(text)s",
        title=title,
        text=text,
    )
    return f"{words} {said(inbox.code, inbox.detail)}".strip()


# -- reading ---------------------------------------------------------------------------


def read_all(connectors):
    """Look into the Inboxes that are due, each in a transaction of its own.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    progress = connectors.env["ir.cron"]
    due = to_read(connectors)
    progress._commit_progress(remaining=len(due))
    for connector in due:
        _read_apart(connector)
        if not progress._commit_progress(1):
            break


def to_read(connectors):
    """The connectors whose Inbox may be read now, the longest waiting first.

    One that may not send until tomorrow is read: who answers meanwhile is left alone,
    and of twelve that it sent too many, twelve come back.
    """
    on = connectors.search([("reads_replies", "=", True), ("state", "=", "connected")])
    inboxes = connectors.env["account.email.inbox"].search(
        [
            ("connector_id", "in", on.ids),
            "|",
            ("retry_at", "=", False),
            ("retry_at", "<=", fields.Datetime.now()),
        ],
        order="looked_at NULLS FIRST, id",
    )
    return inboxes.connector_id.filtered(
        lambda c: not lacks_server(c) and not lacks_permission(c)
    )


def _read_apart(connector):
    """Read one Inbox in a transaction of its own; a fault ends here."""
    try:
        with apart(connector.env(context={}), f"inbox {connector.id}") as own:
            read(connector.with_env(own))
    except Busy:
        return  # another worker is at it
    except psycopg2.OperationalError:
        _logger.info("Inbox %s waits for another transaction.", connector.id)
    except Exception as error:  # noqa: BLE001
        # No traceback and no text: there may be somebody's email in them.
        _logger.error("Inbox %s: %s", connector.id, type(error).__name__)


def read(connector):
    """Look into the Inbox. What stands in the way is noted; it does not raise."""
    inbox = connector.inbox_ids
    try:
        mailboxes.ask(
            connector, lambda mailbox: incoming.look(connector, mailbox(), inbox)
        )
    except psycopg2.OperationalError:
        raise  # of two that change the same rows, one has to wait
    except Outcome as outcome:
        _logger.info("The Inbox of %s cannot be read: %s", connector.email, outcome)
        _note_unread(inbox, outcome)
    except Exception as error:  # noqa: BLE001  # no traceback, as above
        name = type(error).__name__
        _logger.error("Reading the Inbox of %s failed: %s", connector.email, name)
        _note_unread(inbox, Unavailable(Reason.READING_FAILED, code=name))


def _note_unread(inbox, outcome):
    """Let the mailbox's page say why nothing is read, whatever was begun."""
    inbox.env.cr.rollback()
    inbox._note_outcome(outcome)
