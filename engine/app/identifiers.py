"""What administrators copy from the provider's pages: made tidy, and looked at.

Nothing here asks the provider. It is said at once what cannot be right, and where the
right one stands.
"""

import re

from odoo.exceptions import ValidationError

from ...providers.registry import GUID, provider
from ...texts import WRONG_CLIENT_ID


def tidied(vals):
    """*vals* with the identifiers in it made tidy."""
    names = vals.keys() & {"client_id", "tenant_id"}
    return vals | {name: tidy(vals[name]) for name in names}


def tidy(identifier):
    """*identifier* without the spaces of a copy; a GUID as Microsoft writes it.

    Microsoft takes capital letters as well, but its tokens then name another client.
    """
    identifier = (identifier or "").strip()
    return identifier.lower() if GUID.fullmatch(identifier) else identifier


def check(app):
    """:raises ValidationError: the client ID or the tenant's ID can be none."""
    form = provider(app.provider).app
    if not form.client_id.fullmatch(app.client_id):
        raise ValidationError(app.env._(WRONG_CLIENT_ID[app.provider]))
    has_tenant = form.has_tenants and app.audience == "tenant"
    if has_tenant and not _is_tenant(app.tenant_id or ""):
        raise ValidationError(
            app.env._(
                "Enter the Directory (tenant) ID from the app's overview page "
                "in Entra: it looks like "
                "00000000-0000-0000-0000-000000000000."
            )
        )


def check_secret(app, secret):
    """:raises ValidationError: *secret* is only the secret's ID."""
    secret_id = provider(app.provider).app.secret_id
    if secret_id and secret_id.fullmatch(secret):
        raise ValidationError(
            app.env._(
                "This is the secret's ID. Enter its Value: Entra shows it only "
                "once, right after you created the secret."
            )
        )


def _is_tenant(text):
    """A tenant's id, or one of its domains."""
    return bool(GUID.fullmatch(text) or re.fullmatch(r"[\w-]+(\.[\w-]+)+", text))
