"""Where the providers lead browsers back to: the addresses of this Odoo.

The first two functions are the ``compute`` of the app's fields.
"""

from urllib.parse import urlsplit

from odoo import api

from ...providers.registry import OAUTH, provider

ROUTE = "/account_email_connector"


@api.depends("provider")
@api.depends_context("lang")
def uris(apps):
    for app in apps:
        name = app.provider or OAUTH[0]
        base = f"{app.get_base_url()}{ROUTE}/{name}"
        app.redirect_uri = f"{base}/callback"
        asks = provider(name).asks_administrator
        app.approval_redirect_uri = f"{base}/admin_consent" if asks else False


@api.depends("redirect_uri")
@api.depends_context("lang")
def warning(apps):
    for app in apps:
        app.redirect_warning = not _is_taken(app.redirect_uri) and (
            app.env._(
                "Microsoft and Google take no redirect URI with plain http, except "
                "for localhost: nobody could sign in. Let Odoo be reached by "
                "https, then have that address in the system parameter "
                "web.base.url: an administrator who signs in to Odoo under it sets "
                "it, unless web.base.url.freeze is set."
            )
        )


def _is_taken(uri):
    """Whether the providers lead browsers to *uri*.

    https://learn.microsoft.com/entra/identity-platform/reply-url
    https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
    """
    parts = urlsplit(uri)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1")
