"""The token of one mailbox, as it is kept in the database, and replaced."""

import logging
from contextlib import ExitStack, contextmanager, nullcontext

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from ...providers.outcomes import SignInRequired, Unavailable
from ...providers.reasons import Reason
from ...tools import locks, vault
from ...tools.apart import apart
from . import sealed

_logger = logging.getLogger(__name__)

#: Far above what asking for a token may take (``TOKEN_TIMEOUT``), in seconds.
LONGEST_REFRESH = 90


class StoredToken:
    """The token of one connector, in the database: where its mailbox keeps it.

    What is saved is committed at once, in a transaction apart, so that no rollback can
    lose a token whose predecessor is spent.

    :param own: the environment of a session, which is apart already, line by line.
    :ivar token: the JSON of the grant, as it was read last.
    :raises SignInRequired: if there is none, or no key opens it.
    """

    def __init__(self, connector, own=None):
        self._env = connector.env
        self._own = own
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
        with ExitStack() as stack:
            kept = self._lock(stack)
            if kept:
                self.token = self._open(kept) or self.token
            yield self.token if kept else None

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

    def _lock(self, stack):
        """Lock the token until *stack* is closed; return it sealed, None if it is gone.

        The lock is on the connection of whoever sends: it needs none of its own while
        the provider is asked.

        :raises Unavailable: see :meth:`refreshing`.
        """
        name = f"token {self._connector_id}"
        try:
            lock = locks.kept(self._env.cr, name, wait=LONGEST_REFRESH)
            stack.enter_context(lock)
            with self._transaction() as cr:
                return self._read(cr)
        except locks.Busy:
            raise Unavailable(Reason.SERVER_SILENT, detail=name) from None
        except psycopg2.Error as error:
            words = type(error).__name__
            raise Unavailable(Reason.SERVER_SILENT, detail=words) from error

    @contextmanager
    def _transaction(self):
        """Yield the cursor of a transaction apart that begins now: it sees what others
        have committed while a lock was waited for."""
        with nullcontext(self._own) if self._own else apart(self._env) as env:
            try:
                yield env.cr
            finally:
                env.cr.commit()  # pylint: disable=invalid-commit

    def _replace(self, token):
        """Write *token* in place of the former one; False if that is gone."""
        try:
            with self._transaction() as cr:
                return self._write(cr, token)
        except psycopg2.Error:
            if not self._own:
                raise
            self._own = None  # its connection is lost: the token must not be
            return self._replace(token)

    def _write(self, cr, token):
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
        return bool(cr.rowcount)

    def _read(self, cr):
        """The sealed secret as it is committed now, None if it is gone."""
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
