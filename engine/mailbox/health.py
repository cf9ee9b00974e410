"""Look after the mailboxes once a day, and after their keys at each run."""

import logging
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ...providers import registry
from ...providers.outcomes import AdminActionRequired, Outcome, SignInRequired
from ...providers.reasons import Reason
from .. import cron
from ..safely import safely
from ..secrets import mailboxes, rotation, sealed
from . import condition, domain

_logger = logging.getLogger(__name__)

#: Each is asked once a day, whatever hour the action runs at.
STALE_AFTER = timedelta(hours=20)
#: Whether the secret can be opened is all that stands in the way.
LACKED_KEY = (
    Reason.KEY_UNUSABLE.value,
    Reason.CREDENTIAL_LOST.value,
    Reason.APP_SECRET_LOST.value,
)


def look_after(connectors):
    """Once a day. Keys that are back, servers that are, secrets that a former key has
    sealed, apps whose secret expires, every grant, and domains that are new.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    env = connectors.env
    safely(env, mend_keys, connectors)
    safely(env, ask_again, connectors)
    rotation.seal_anew(env)
    env["account.email.oauth.app"]._warn_of_expiry()
    check_all(connectors)
    domain.check_new(connectors)


def mend_keys(connectors):
    """Take into service again what only lacked its key, where that is back.

    The key was repaired or restored, or another server, which lacks it, has found the
    mailbox broken.

    :param connectors: the model.
    """
    lacked_key = [("state", "=", "error"), ("error_reason", "in", LACKED_KEY)]
    for connector in connectors.search(lacked_key):
        if connector.try_lock_for_update(allow_referencing=True) and mailboxes.opens(
            connector
        ):
            _logger.info("%s: its key is back.", connector.email)
            condition.resume(connector)


def ask_again(connectors):
    """Ask the servers whose being out of reach, or whose certificate, has become an
    error: "we try again later" is true then, too.

    :param connectors: the model.
    """
    # That it lets us sign in shows nothing of one that takes no email.
    away = [str(reason) for reason in condition.SERVER_IS_AWAY - {Reason.ALL_PUT_OFF}]
    lost = Domain([("state", "=", "error"), ("error_reason", "in", away)])
    for connector in connectors.search(lost):
        if connector.try_lock_for_update(allow_referencing=True) and _answers(
            connector
        ):
            _logger.info("%s: its server is back.", connector.email)
            condition.resume(connector)
            cron.run_followups(connector.env)


def _answers(connector):
    try:
        mailboxes.ask(connector, lambda mailbox: mailbox().check())
    except Outcome as outcome:
        _logger.info("%s: %s", connector.email, outcome)
        is_new = outcome.reason != connector.error_reason
        if is_new and isinstance(outcome, (SignInRequired, AdminActionRequired)):
            condition.note_outcome(connector, outcome)  # it is there, and refuses us
        return False
    return True


def check_all(connectors):
    """Refresh every grant once a day: it stays alive, and a broken one is found before
    the run needs it.

    A password is not tried: a needless sign-in may lock the account, and each email
    shows whether it is still good.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    progress = connectors.env["ir.cron"]
    stale = _stale(connectors)
    progress._commit_progress(remaining=len(stale))
    for connector in stale:
        if connector.try_lock_for_update(allow_referencing=True):
            check(connector)
        if not progress._commit_progress(1):
            break


def _stale(connectors):
    now = fields.Datetime.now()
    return connectors.search(
        [
            ("provider", "in", registry.OAUTH),
            ("state", "=", "connected"),
            "|",
            ("checked_at", "=", False),
            ("checked_at", "<", now - STALE_AFTER),
            "|",
            ("wait_until", "=", False),
            ("wait_until", "<", now),
        ],
        order="checked_at NULLS FIRST, id",
    )


def check(connector):
    """Refresh its grant, and heed what becomes of that."""
    try:
        mailboxes.ask(connector, lambda mailbox: mailbox().refresh())
    except Outcome as outcome:
        _logger.info("%s: %s", connector.email, outcome)
        condition.note_outcome(connector, outcome)
    else:
        connector.checked_at = fields.Datetime.now()
        condition.note_signed_in(connector)


def send_from_here(connector):
    """A person says that the database which this one was made from is gone: what waits
    may go."""
    if connector.error_reason != Reason.DATABASE_COPIED:
        return
    sealed.note_place(connector)
    try:
        mailboxes.ask(connector, lambda mailbox: None)
    except Outcome as outcome:  # Odoo's own copies have another name, for example
        condition.note_outcome(connector, outcome)
        return
    condition.resume(connector)
    cron.run_followups(connector.env)
