"""The certificate of an app, as its form shows it: made, downloaded, taken into use."""

import base64

from odoo import api
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...providers.registry import OAUTH, provider
from ...tools.actions import RELOAD, notify
from ..secrets import certificates, own_certificate
from . import expiry

#: Fields of the app: what it proves itself by, and what waits.
GONE = dict.fromkeys(
    ("sealed_secret", "certificate", "next_sealed", "next_certificate"), False
)


@api.depends("certificate", "next_certificate")
@api.depends_context("lang")
def shown(apps):
    """The ``compute`` of what is public: nothing of a key."""
    for app in apps:
        public = app.next_certificate or app.certificate
        app.has_certificate = bool(app.certificate)
        app.certificate_waits = bool(app.next_certificate)
        app.certificate_file = public and base64.b64encode(public.encode())
        app.certificate_text = app.certificate and certificates.thumbprint(
            app.certificate
        )
        app.next_certificate_text = app.next_certificate and _text(
            app.env, app.next_certificate
        )


def _text(env, pem):
    return env._(
        "Thumbprint %(thumbprint)s, valid until %(day)s",
        thumbprint=certificates.thumbprint(pem),
        day=format_date(env, certificates.expires_on(pem)),
    )


def make(app):
    """Make one, which waits until it is used.

    :raises UserError: the provider takes none.
    """
    _check_takes(app)
    certificates.make(app)


def _check_takes(app):
    if not provider(app.provider or OAUTH[0]).app.certificates:
        raise UserError(app.env._("This provider takes a client secret only."))


def bring(app, file):
    """Take a certificate that was made elsewhere, with its key: it waits until it is
    used.

    :param file: both as PEM, in base64.
    :raises UserError: the provider takes none, or not this one.
    """
    _check_takes(app)
    app.write(own_certificate.values(app, file))


def use(app):
    """Take the one that waits into use, in place of the secret or the former one.

    :raises UserError: none waits.
    """
    if not (app.certificate_waits and app.next_sealed):  # a copy has no key
        raise UserError(app.env._("Make a certificate first."))
    certificates.use(app)
    expiry.forget(app)
    text = app.env._("The app now signs in to Microsoft with its certificate.")
    return notify("success", text, then=RELOAD)


def download(app):
    """Hand out the certificate: the public part."""
    return {
        "type": "ir.actions.act_url",
        "url": f"/web/content/{app._name}/{app.id}/certificate_file/odoo.cer"
        "?download=true",
        "target": "download",
    }
