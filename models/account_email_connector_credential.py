import json
import logging
from contextlib import ExitStack, contextmanager

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..providers.outcomes import Outcome, SignInRequired, Unavailable
from ..providers.reasons import Reason
from ..texts import outcome_text
from ..tools import locks, vault

_logger = logging.getLogger(__name__)

#: Far above what asking for a token may take (``TOKEN_TIMEOUT``), in seconds.
LONGEST_REFRESH = 90


class AccountEmailConnectorCredential(models.Model):
    """The secret of one mailbox, encrypted. No access right is ever given on it."""

    _name = "account.email.connector.credential"
    _description = "Email Connector Credential"

    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    sealed = fields.Text(required=True, groups=NO_ACCESS)

    _one_per_connector = models.UniqueIndex("(connector_id)")

    @api.model
    def _seal_input(self, secret):
        """Encrypt what a user has entered.

        :raises UserError: if there is no key to do it with.
        """
        try:
            return vault.seal(secret)
        except Outcome as outcome:
            raise UserError(outcome_text(self.env, outcome)) from None

    @api.model
    def _store(self, connector, secret):
        """Keep *secret* (a JSON-serialisable dict) in place of the former one."""
        sealed = _sealed(secret, self._database())
        credential = self.sudo().search([("connector_id", "=", connector.id)])
        if credential:
            credential.sealed = sealed
        else:
            self.sudo().create({"connector_id": connector.id, "sealed": sealed})

    @api.model
    def _database(self):
        """What a copy of the database, made by Odoo, has another one of.

        Two that send from one mailbox would write to each customer twice. A backup that
        is restored as "moved" keeps it.
        """
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    @api.model
    def _load(self, connector):
        """Return the secret (dict) of *connector*.

        :raises vault.SecretLost: if there is none, no key opens it, or it was given to
            the database that this one is a copy of.
        """
        credential = self.sudo().search([("connector_id", "=", connector.id)])
        if not credential:
            raise vault.SecretLost()
        # A refreshed token is written past the ORM.
        credential.invalidate_recordset(["sealed"])
        secret = json.loads(vault.unseal(credential.sealed))
        here = self._database()
        if secret.pop("database", here) != here:
            raise vault.SecretLost()
        return secret

    @api.model
    def _forget(self, connectors):
        """Delete the secrets of *connectors*."""
        self.sudo().search([("connector_id", "in", connectors.ids)]).unlink()


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
        self.token = None
        credentials = connector.env["account.email.connector.credential"]
        self._database = credentials._database()
        try:
            # By the connector's own transaction, which may not be committed yet.
            secret = credentials._load(connector)
            self.token = secret["token"]
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
                sealed = self._read()
            except locks.Busy:
                raise Unavailable(Reason.SERVER_SILENT, detail=name) from None
            except psycopg2.Error as error:
                words = type(error).__name__
                raise Unavailable(Reason.SERVER_SILENT, detail=words) from error
            if sealed:
                self.token = _opened(sealed) or self.token
            try:
                yield self.token if sealed else None
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
            sealed = self._read(cr)
            if not sealed or _opened(sealed) != self.token:
                _logger.info("A token was refreshed that has been replaced meanwhile.")
                return False
            try:
                cr.execute(
                    """UPDATE account_email_connector_credential
                          SET sealed = %s, write_date = now() at time zone 'utc'
                        WHERE connector_id = %s AND sealed = %s""",
                    [
                        _sealed({"token": token}, self._database),
                        self._connector_id,
                        sealed,
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


def _let_go(stack):
    """Let go of the lock that *stack* holds. It is gone with its connection, too."""
    try:
        stack.close()
    except psycopg2.Error as error:
        _logger.warning("The lock of a token was lost: %s", type(error).__name__)


def _sealed(secret, database):
    """The secret (dict) of one database, encrypted."""
    return vault.seal(json.dumps(secret | {"database": database}))


def _opened(sealed):
    try:
        return json.loads(vault.unseal(sealed)).get("token")
    except vault.SecretLost:
        return None
