"""The certificate by which an app proves itself: made here, and its key kept here.

Odoo makes the key and the certificate. The certificate is public: an administrator
downloads it, and uploads it at the provider. The key is sealed at once, is never shown,
and leaves in no other way than as a signature. A new one waits beside what is in use
until somebody says that the provider has it, so that no mailbox stops meanwhile.
"""

from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from . import sealed
from .box import guarded

#: Entra takes any length, policies may forbid more than this.
VALID_FOR = timedelta(days=730)
#: Clocks differ.
SINCE = timedelta(hours=1)
KEY_BITS = 3072


def make(app):
    """Make a key and a certificate for *app* (a superuser's), which wait beside what is
    in use.

    :raises UserError: if there is no key to seal it with.
    """
    app.write(_made(app))


@guarded
def _made(app):
    """The values to write: sealed. The key is gone when other people's code may run."""
    key = rsa.generate_private_key(65537, KEY_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return {
        "next_sealed": sealed.seal_input(app.env, pem, sealed.purpose_of_app(app)),
        "next_certificate": _self_signed(app, key),
    }


def _self_signed(app, key):
    """The certificate of *key*, in PEM. Providers look at the key only."""
    name = f"Odoo {app.client_id}"[:64]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SINCE)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def use(app):
    """From now on, *app* (a superuser's) proves itself by what waits."""
    app.write(
        {
            "sealed_secret": app.next_sealed,
            "certificate": app.next_certificate,
            "next_sealed": False,
            "next_certificate": False,
            "secret_expires_on": expires_on(app.next_certificate),
        }
    )


def expires_on(pem):
    """The day on which a certificate ends, in UTC."""
    certificate = _read(pem)
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_after_utc.date()
    return certificate.not_valid_after.date()  # cryptography before 42


def thumbprint(pem):
    """How Entra's list names a certificate: by its SHA-1, as a label only."""
    return _read(pem).fingerprint(hashes.SHA1()).hex().upper()  # nosec


def _read(pem):
    return x509.load_pem_x509_certificate(pem.encode())
