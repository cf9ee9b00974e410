"""Where the providers lead browsers back to: the addresses of this Odoo.

The first two functions are the ``compute`` of the app's fields.
"""

from urllib.parse import urlsplit

from odoo import api

from ...providers.discovery import sender
from ...providers.registry import OAUTH, provider
from ..checkup import address

ROUTE = "/account_email_connector"
THIS_MACHINE = ("localhost", "127.0.0.1")


@api.depends("provider")
@api.depends_context("lang")
def uris(apps):
    for app in apps:
        name = app.provider or OAUTH[0]
        base = f"{app.get_base_url().rstrip('/')}{ROUTE}/{name}"
        app.redirect_uri = f"{base}/callback"
        asks = provider(name).asks_administrator
        app.approval_redirect_uri = f"{base}/admin_consent" if asks else False


@api.depends("provider", "redirect_uri")
@api.depends_context("lang")
def warning(apps):
    for app in apps:
        parts = urlsplit(app.redirect_uri)
        below = address.below_a_path(app.env, app.get_base_url())
        app.redirect_warning = below or _warning(
            app, parts.scheme, parts.hostname or ""
        )


def _warning(app, scheme, host):
    """Why the provider would not lead browsers to this address; False if it does."""
    form = provider(app.provider or OAUTH[0]).app
    known = host in THIS_MACHINE or sender.is_public(host)
    if scheme == "https" and (known or not form.public_names):
        return False
    if scheme == "https":
        return app.env._(
            "Google accepts no redirect URI with an IP address, or with a name that is "
            "known in your network only (.local, .lan): nobody could sign in. Give "
            "Odoo a name under a public domain, in the system parameter web.base.url; "
            "it need not be reachable from the internet."
        )
    if host in form.plain_http:
        return False
    if host == "127.0.0.1":
        return app.env._(
            "Entra's form refuses http://127.0.0.1: set the system parameter "
            "web.base.url to http://localhost, and open Odoo under that address."
        )
    return app.env._(
        "Microsoft and Google accept no redirect URI with plain http, except for "
        "localhost: nobody could sign in. Make Odoo reachable by https, then set the "
        "system parameter web.base.url to that address: it is set when an "
        "administrator signs in to Odoo under it, unless web.base.url.freeze is set."
    )
