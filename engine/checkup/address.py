"""Under which address browsers reach Odoo, and whether sign-ins come back to it."""

from urllib.parse import urlsplit

from odoo.exceptions import RedirectWarning, UserError
from odoo.http import request

from .finding import BAD, FACT, GOOD, LOOK, Finding


def findings(env):
    """The base URL, and the redirect URIs that go with it.

    :param env: a superuser's.
    """
    base = env["ir.config_parameter"].get_base_url()
    yield _base_url(env, base)
    apps = env["account.email.oauth.app"].search([])
    for app in apps:
        uris = ", ".join(filter(None, (app.redirect_uri, app.approval_redirect_uri)))
        wrong = app.redirect_warning
        title = env._("Redirect URI of %s", app.name)
        yield Finding(title, BAD if wrong else FACT, uris, wrong or "")


def _base_url(env, base):
    title, here = env._("Address of Odoo"), _other_host(base)
    if below := below_a_path(env, base):
        return Finding(title, BAD, base, below)
    if here:
        said = env._("%(base)s, but you are at %(here)s", base=base, here=here)
        return Finding(title, LOOK, said, elsewhere(env, base))
    return Finding(title, GOOD, base)


def elsewhere(env, base):
    """What to do for whoever is at another address than sign-ins come back to."""
    return env._(
        "A sign-in at Microsoft or Google comes back to %s, where you are not signed "
        "in to Odoo. Open Odoo under that address; or an administrator sets the "
        "system parameter web.base.url to yours.",
        base,
    )


def below_a_path(env, base):
    """What to do where a base URL has a path, as one that was copied from a browser;
    False where it has none.

    Nothing of Odoo 19 is below a path: its pages ask for ``/odoo``, ``/web`` and
    ``/websocket`` of the host, and it heeds no ``X-Forwarded-Prefix`` (``ProxyFix`` in
    ``odoo/http.py``).
    """
    if not urlsplit(base).path.strip("/"):
        return False
    return env._(
        "Odoo is at the top of its host, never below a path: no sign-in at Microsoft "
        "or Google would come back to %s. An administrator removes what follows the "
        "host from the system parameter web.base.url.",
        base,
    )


def opened_under():
    """The host, with its port, under which the browser has opened Odoo: it says so
    itself, a proxy in between may not. None where no browser asks."""
    origin = request and request.httprequest.headers.get("Origin")
    return host_of(origin) if origin else None


def _other_host(base):
    """Where the browser is, if sign-ins come back to another host; else None."""
    here, home = opened_under(), host_of(base)
    return here if here and home and here != home else None


def check(env):
    """
    :raises RedirectWarning: a sign-in would come back to where the user is not.
    :raises UserError: it would come back to no page of Odoo's.
    """
    base = env["ir.config_parameter"].get_base_url()
    if below := below_a_path(env, base):
        raise UserError(below)
    if _other_host(base):
        there = {"type": "ir.actions.act_url", "url": base, "target": "self"}
        raise RedirectWarning(elsewhere(env, base), there, env._("Open it there"))


def host_of(url):
    """The host of *url*, with its port if that is not the usual one.

    >>> host_of("https://Odoo.example.com:443/web")
    'odoo.example.com'
    """
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        # Browsers tell it in ASCII, Odoo keeps it as people write it.
        return f"{(parts.hostname or '').encode('idna').decode()}{port}"
    except ValueError:  # no port, or no name
        return ""
