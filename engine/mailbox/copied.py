"""A copy of the database says what it is before anybody uses it.

The mailboxes of a copy would say that they are connected until the first email is to
leave. So each Odoo process looks when it opens a database: whoever made the copy, by
whatever tool, it is in another place (:func:`..secrets.sealed.place`).
"""

import logging

import psycopg2

from odoo.fields import Domain
from odoo.tools import sql

from ...providers.outcomes import AdminActionRequired
from ...providers.reasons import Reason
from ..secrets import sealed
from . import condition

_logger = logging.getLogger(__name__)


def look(connectors):
    """Take those out of service that were connected in another place.

    Several processes may do so at once: who comes late leaves it to the other. Nothing
    that goes wrong here keeps the database from being opened.

    :param connectors: the model, as a superuser's.
    """
    if not _is_up_to_date(connectors):
        return
    try:
        with connectors.env.cr.savepoint():
            _hold(connectors)
    except psycopg2.Error as error:
        _logger.info("Whether this is a copy was not looked at: %s", error)
    except Exception:
        _logger.exception("Whether this is a copy could not be looked at")


def _is_up_to_date(connectors):
    """Whether the table has what the code knows: else an update is still to come."""
    stored = {f.name for f in connectors._fields.values() if f.store and f.column_type}
    return stored <= sql.table_columns(connectors.env.cr, connectors._table).keys()


def _hold(connectors):
    here = sealed.place(connectors.env)
    elsewhere = Domain("state", "=", "connected") & Domain("place", "!=", here)
    for connector in connectors.search(elsewhere).try_lock_for_update(
        allow_referencing=True
    ):
        _logger.info("%s was connected in another database.", connector.email)
        condition.break_off(connector, AdminActionRequired(Reason.DATABASE_COPIED))


def title(connector):
    """What to say of a mailbox whose database was copied: of which one, if that is
    known; None if it has another name by now as well, or of any other trouble.

    :param connector: as a superuser's.
    """
    env, origin = connector.env, connector.connected_in
    if connector.error_reason != Reason.DATABASE_COPIED:
        return None
    if not origin or origin == env.cr.dbname:
        return None
    return env._("This database is a copy of %s", origin)
