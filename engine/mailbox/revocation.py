"""Take back what an account has granted, which takes it from every company's mailbox.

Microsoft has no such thing for one app: the token is forgotten, and what is left can be
removed by an administrator in Entra, under *Enterprise applications*.
"""

import logging
from contextlib import contextmanager

from odoo.exceptions import UserError

from ...providers import registry
from ...providers.outcomes import Outcome
from ...rules import IN_SERVICE
from ...tools import locks
from ...tools.apart import apart, held
from ..secrets import sealed, signing_in

_logger = logging.getLogger(__name__)

#: Far above what the provider may take for it (``TOKEN_TIMEOUT``), in seconds.
LONGEST = 60


def revoke(connector, leaving):
    """Take the grant of *connector* back, unless another company uses it.

    :param leaving: all mailboxes that are being disconnected.
    :return: False if the provider could not be told.
    :raises UserError: somebody is at it, and takes long.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if not known or not known.revokes_grants or not connector.oauth_account_id:
        return True
    if not sealed.is_at_home(connector):  # it is the grant of the original
        return True
    _lock(connector)
    if _is_used_beside(connector, leaving):
        return True
    try:
        return signing_in.revoke(connector)
    except Outcome as outcome:
        _logger.info("%s's grant was not revoked: %s", known.name, outcome)
        return False


def _lock(connector):
    """Until our transaction ends, nobody else gets or revokes a grant of the app."""
    name = connector.oauth_app_id._grants_lock()
    try:
        locks.take(connector.env.cr, name, wait=LONGEST)
    except locks.Busy:
        raise UserError(
            connector.env._(
                "Another mailbox is being connected or disconnected with the same app "
                "right now. Nothing was changed: try again in a minute."
            )
        ) from None


def _is_used_beside(connector, leaving):
    """Whether the account serves another mailbox by the same client.

    Asked in a transaction of its own: ours may have begun before others connected or
    disconnected.
    """
    client_id = connector.oauth_app_id.client_id
    with apart(connector.env) as own:
        connectors = connector.with_env(own)
        return bool(
            connectors.with_context(active_test=False).search_count(
                [
                    ("id", "not in", leaving.ids),
                    ("oauth_app_id.client_id", "=", client_id),
                    ("oauth_account_id", "=", connector.oauth_account_id),
                    ("state", "in", IN_SERVICE),
                ],
                limit=1,
            )
        )


@contextmanager
def none_of(app):
    """Until others can see the new grant to *app*, no company that leaves revokes it.

    :raises UserError: one is leaving, and takes long.
    """
    try:
        with held(app.env, app._grants_lock(), wait=LONGEST, shared=True):
            yield
    except locks.Busy:
        raise UserError(
            app.env._(
                "A mailbox that uses the same app is being disconnected right now. "
                "Nothing was changed: try again in a minute."
            )
        ) from None
