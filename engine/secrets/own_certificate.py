"""A certificate and its key that an administrator brings, instead of those made here.

The key is sealed at once, as one made here is, and never shown again.
"""

import base64
import binascii
import re
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from odoo.exceptions import UserError

from . import sealed
from .box import guarded

#: What msal signs with is RSA; below so many bits it can be broken.
LEAST_BITS = 2048
LONGEST = 64 * 1024
# Base64 has no dash: a block ends where the next begins, however many begin.
CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
PRIVATE_KEY = re.compile(
    rb"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[^-]+-----END \1?PRIVATE KEY-----"
)
#: The older form says it in the key's own headers: RFC 1421.
ENCRYPTED = re.compile(rb"BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type:.*ENCRYPTED", re.M)


@guarded
def values(app, file):
    """What to write on *app* (a superuser's): both, the key sealed, waiting beside what
    is in use.

    :param file: the PEM, in base64.
    :raises UserError: it is no such file, or cannot be used.
    """
    env = app.env
    pem = _decoded(env, file)
    key = _key(env, pem)
    certificate = _its_certificate(env, pem, key)
    _check_dates(env, certificate)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return {
        "next_sealed": sealed.seal_input(env, text, sealed.purpose_of_app(app)),
        "next_certificate": certificate.public_bytes(
            serialization.Encoding.PEM
        ).decode(),
    }


def _decoded(env, file):
    try:
        pem = base64.b64decode(file, validate=True)
    except (binascii.Error, TypeError, ValueError):
        pem = b""
    if len(pem) > LONGEST or not CERTIFICATE.search(pem):
        raise UserError(
            env._(
                "This is no PEM file with a certificate. Of a PFX file, make one: "
                "openssl pkcs12 -in own.pfx -nodes -out own.pem"
            )
        )
    return pem


def _key(env, pem):
    if ENCRYPTED.search(pem):
        raise UserError(
            env._("The private key is encrypted with a password. Enter it without.")
        )
    found = PRIVATE_KEY.search(pem)
    if not found:
        raise UserError(env._("There is no private key in this file."))
    try:
        key = serialization.load_pem_private_key(found[0], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UserError(env._("The private key cannot be read.")) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise UserError(
            env._("The key must be an RSA key of %s bits or more.", LEAST_BITS)
        )
    return key


def _its_certificate(env, pem, key):
    """That of the key, of all in the file: often its issuers' are there, too."""
    numbers = key.public_key().public_numbers()
    for found in CERTIFICATE.findall(pem):
        try:
            certificate = x509.load_pem_x509_certificate(found)
            public = certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(public, rsa.RSAPublicKey) and public.public_numbers() == numbers:
            return certificate
    raise UserError(env._("The certificate in this file is not that of its key."))


def _check_dates(env, certificate):
    now = datetime.now(timezone.utc)
    if hasattr(certificate, "not_valid_after_utc"):
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    else:  # cryptography before 42
        begins = certificate.not_valid_before.replace(tzinfo=timezone.utc)
        ends = certificate.not_valid_after.replace(tzinfo=timezone.utc)
    if not begins <= now <= ends:
        raise UserError(env._("The certificate has expired, or is not valid yet."))
