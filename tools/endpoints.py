"""Where Microsoft and Google are. For development only, they can be the stand-in.

In ``odoo.conf`` (or the environment), the three words that ``dev/standin`` prints when
it is ready::

    account_email_connector_standin = http://127.0.0.1:8070 https://localhost:8443 CA

It is no field and no system parameter: whoever could set it would get every token.
"""

import os

from odoo.tools import config

from ..providers.oauth.app import Endpoints

CONFIG_OPTION = "account_email_connector_standin"
ENVIRONMENT_VARIABLE = "ACCOUNT_EMAIL_CONNECTOR_STANDIN"


def endpoints():
    """Return ``Endpoints`` and the file of certificates to trust; both mostly empty."""
    given = config.get(CONFIG_OPTION) or os.environ.get(ENVIRONMENT_VARIABLE)
    if not given:
        return Endpoints(), ""
    url, tls_url, ca_file = given.split(maxsplit=2)
    return (
        Endpoints(
            login=tls_url,
            consent=url,
            graph=tls_url,
            google_auth=f"{url}/o/oauth2/v2/auth",
            google_token=f"{tls_url}/token",
            google_revoke=f"{tls_url}/revoke",
            gmail=f"{tls_url}/",
        ),
        ca_file.strip(),
    )
