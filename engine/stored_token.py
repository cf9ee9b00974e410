"""The token of one mailbox, as it is kept in the database, and replaced."""

import logging
from contextlib import ExitStack, contextmanager

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from ..providers.outcomes import SignInRequired, Unavailable
from ..providers.reasons import Reason
from ..tools import locks, vault
from . import sealed

_logger = logging.getLogger(__name__)

#: Far above what asking for a token may take (``TOKEN_TIMEOUT``), in seconds.
LONGEST_REFRESH = 90


class StoredToken:
    """The token of one connector, in the database: where its mailbox keeps it.

    What is saved is committed at once, in a transaction of its own, so that no rollback
    can lose a token whose predecessor is spent.

    :ivar token: the JSON of the grant, as it was read last.
    :raises SignInRequired: if there is none, or no key opens it.
    """

    def __init__(self, connector):
        self._registry = connector.env.registry
        self._connector_id = connector.id
        self._purpose = sealed.purpose_of_mailbox(connector)
        self.token = None
        try:
            # By the connector's own transaction, which may not be committed yet.
            self.token = sealed.load(connector)["token"]
        except (vault.SecretLost, KeyError):
            raise SignInRequired(Reason.CREDENTIAL_LOST) from None

    @contextmanager
    def refreshing(self):
        """Hold the token while it is refreshed: one worker at a time.

        Yields the token as it is by then, perhaps refreshed by another worker; None if
        the mailbox was disconnected meanwhile.

        :raises Unavailable: if another worker does not come to its end, or the database
            fails: nothing has been sent yet. What is raised within stays as it is.
        """
        name = f"token {self._connector_id}"
        with ExitStack() as stack:
            try:
                stack.enter_context(
                    locks.awaited(self._registry, name, LONGEST_REFRESH)
                )
                kept = self._read()
            except locks.Busy:
                raise Unavailable(Reason.SERVER_SILENT, detail=name) from None
            except psycopg2.Error as error:
                words = type(error).__name__
                raise Unavailable(Reason.SERVER_SILENT, detail=words) from error
            if kept:
                self.token = self._open(kept) or self.token
            try:
                yield self.token if kept else None
            finally:
                _let_go(stack)

    def save(self, token):
        """Keep *token* in place of the one it was refreshed from.

        One that came from a new sign-in meanwhile is left alone. If the database fails,
        the work goes on with the new one all the same.
        """
        try:
            replaced = not self._replace(token)
        except psycopg2.Error as error:
            _logger.error("A token could not be saved: %s", type(error).__name__)
            replaced = False
        if not replaced:
            self.token = token

    def _replace(self, token):
        """Write *token* in place of the former one; False if that is gone."""
        with self._registry.cursor() as cr:
            kept = self._read(cr)
            if not kept or self._open(kept) != self.token:
                _logger.info("A token was refreshed that has been replaced meanwhile.")
                return False
            try:
                cr.execute(
                    """UPDATE account_email_connector_credential
                          SET sealed = %s, write_date = now() at time zone 'utc'
                        WHERE connector_id = %s AND sealed = %s""",
                    [
                        vault.seal({"token": token}, self._purpose),
                        self._connector_id,
                        kept,
                    ],
                    log_exceptions=False,
                )
            except TransactionRollbackError:
                cr.rollback()  # somebody connects or disconnects at this very moment
                return False
        return True

    def _read(self, cr=None):
        """The sealed secret as it is committed now, None if it is gone."""
        if cr is None:
            with self._registry.cursor() as cr:
                return self._read(cr)
        cr.execute(
            """SELECT sealed FROM account_email_connector_credential
                WHERE connector_id = %s""",
            [self._connector_id],
        )
        row = cr.fetchone()
        return row and row[0]

    def _open(self, kept):
        """The token that is kept; None if it is none of ours any more."""
        try:
            return vault.unseal(kept, self._purpose).get("token")
        except vault.SecretLost:
            return None


def _let_go(stack):
    """Let go of the lock that *stack* holds. It is gone with its connection, too."""
    try:
        stack.close()
    except psycopg2.Error as error:
        _logger.warning("The lock of a token was lost: %s", type(error).__name__)
