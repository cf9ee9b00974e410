"""Which mail servers this Odoo may ask: two options in ``odoo.conf``.

Both are off; the environment has the same in capital letters::

    account_email_connector_forbid_private_networks = True
    account_email_connector_allow_loopback = True

The first is for servers behind whose firewall nobody's mail server stands. The second
is for a mail server on Odoo's own machine, and for developers. They are no fields and
no system parameters: the people whom they bind could change those.
"""

import os

from odoo.tools import config, str2bool

from ..providers.reach import Reach

ALLOW_LOOPBACK = "account_email_connector_allow_loopback"
FORBID_PRIVATE = "account_email_connector_forbid_private_networks"


def reach():
    """Return the ``Reach`` that is configured."""
    return Reach(loopback=_is_on(ALLOW_LOOPBACK), private=not _is_on(FORBID_PRIVATE))


def _is_on(option):
    given = config.get(option) or os.environ.get(option.upper()) or ""
    return str2bool(str(given), default=False)
