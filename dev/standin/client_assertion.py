"""A client that proves itself by its certificate, and shows no secret.

learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
from datetime import datetime, timezone

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from .microsoft_errors import refuse

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def check(call, app, tenant, names):
    """:raises Refused: it is not signed with the key of one of the app's certificates,
    or is for somebody else, or another time."""
    assertion = call.form.get("client_assertion", "")
    certificate = _signer(app, assertion)
    if certificate is None:
        refuse(call, "700027", **names)
    now = call.store.clock.now()
    if not _holds(certificate, now):
        refuse(call, "1000502", **names)
    try:
        claims = jwt.decode(
            assertion,
            certificate.public_key(),
            ["PS256", "RS256"],
            audience=f"{call.host_url}{tenant}/oauth2/v2.0/token",
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        refuse(call, "700027", **names)
    if not claims.get("iss") == claims.get("sub") == app.client_id:
        refuse(call, "700021", **names)
    if not claims.get("nbf", 0) <= now < claims.get("exp", 0):
        refuse(call, "700024", **names)


def _signer(app, assertion):
    """The certificate that the header names by its thumbprint; None: not uploaded."""
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError:
        return None
    named = str(header.get("x5t#S256", "")).rstrip("=")  # msal leaves the padding
    for pem in app.certificates:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if named == _thumbprint(certificate):
            return certificate
    return None


def _thumbprint(certificate):
    digest = certificate.fingerprint(hashes.SHA256())
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _holds(certificate, now):
    at = datetime.fromtimestamp(now, timezone.utc)
    return _instant(certificate, "before") <= at < _instant(certificate, "after")


def _instant(certificate, which):
    """When it begins, or ends; cryptography before 42 leaves the time zone out."""
    name = f"not_valid_{which}"
    if hasattr(certificate, f"{name}_utc"):
        return getattr(certificate, f"{name}_utc")
    return getattr(certificate, name).replace(tzinfo=timezone.utc)
