"""Seal anew, with the first key, what a former one has sealed: so that can go one day.

What people are typing, and sign-ins that are under way, live for an hour at most: they
are left alone.
"""

import logging

from psycopg2.extensions import TransactionRollbackError

from odoo.tools import SQL

from ...providers.outcomes import AdminActionRequired
from ...tools import locks, vault
from ...tools.apart import apart

_logger = logging.getLogger(__name__)


def seal_anew(env):
    """Seal the secrets of all mailboxes and apps with the first key. Commits each.

    What another worker is changing at this moment is its business: it seals with the
    first key by itself.

    :param env: with the right to them, which no user has.
    """
    credentials = env["account.email.connector.credential"].search([])
    apps = env["account.email.oauth.app"].with_context(active_test=False)
    apps = apps.search(
        ["|", ("sealed_secret", "!=", False), ("next_sealed", "!=", False)]
    )
    try:
        done = sum(
            _seal_anew(credential, "sealed", f"token {credential.connector_id.id}")
            for credential in credentials
        )
        done += sum(
            _seal_anew(app, name, f"app {app.id}")
            for app in apps
            for name in ("sealed_secret", "next_sealed")
        )
    except AdminActionRequired:
        return  # each mailbox says so
    if done:
        _logger.info("%s secrets were sealed anew with the first key.", done)


def _seal_anew(record, name, lock):
    """Seal the field *name* of *record* with the first key.

    A token is refreshed under its own lock, see ``stored_token``: a fresh one is never
    lost because of us.

    :return: whether there was something to do, and it is done.
    """
    names = {"table": SQL.identifier(record._table), "column": SQL.identifier(name)}
    try:
        with apart(record.env, lock) as own:
            done = _replace(own.cr, record.id, names)
    except (locks.Busy, TransactionRollbackError):
        return False
    record.invalidate_recordset([name])  # it was written past the ORM
    return done


def _replace(cr, id_, names):
    """Seal the column of a table (*names*) anew in one row; see :func:`_seal_anew`."""
    cr.execute(
        SQL("SELECT %(column)s FROM %(table)s WHERE id = %(id)s", id=id_, **names)
    )
    row = cr.fetchone()
    renewed = row and row[0] and vault.seal_anew(row[0])
    if not renewed:
        return False
    cr.execute(
        SQL(
            """UPDATE %(table)s SET %(column)s = %(renewed)s
                WHERE id = %(id)s AND %(column)s = %(kept)s""",
            id=id_,
            renewed=renewed,
            kept=row[0],
            **names,
        ),
        log_exceptions=False,
    )
    return True
