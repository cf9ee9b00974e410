"""Signing keys, ID tokens and the tables of codes and tokens."""

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from .model import Code, Token
from .store import new_secret

CODE_LIFE = 600  # seconds; Microsoft: about ten minutes
ACCESS_LIFE = 3599  # seconds, as both providers answer
KEY_ID = "standin-1"


class Keys:
    """The RSA key that signs ID tokens (RS256).

    :param directory: where to keep it over restarts, or None.
    """

    def __init__(self, directory=None):
        file = Path(directory) / "signing.pem" if directory else None
        if file and file.exists():
            self.private = serialization.load_pem_private_key(file.read_bytes(), None)
        else:
            self.private = rsa.generate_private_key(65537, 2048)
        if file and not file.exists():
            file.touch(mode=0o600)
            file.write_bytes(self._pem())
        self._certificate = None

    def _pem(self):
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def sign(self, claims):
        """Return *claims* as a signed JSON Web Token."""
        return jwt.encode(claims, self.private, "RS256", headers={"kid": KEY_ID})

    def jwks(self):
        """Return the public key as a JSON Web Key Set (RFC 7517)."""
        key = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [key | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def certificate(self):
        """Return a self-signed certificate of the key as PEM text."""
        if self._certificate is None:
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
            start = datetime(2020, 1, 1, tzinfo=timezone.utc)
            builder = (
                x509.CertificateBuilder(name, name, self.private.public_key(), 1)
                .not_valid_before(start)
                .not_valid_after(start + timedelta(days=36500))
            )
            signed = builder.sign(self.private, hashes.SHA256())
            pem = signed.public_bytes(serialization.Encoding.PEM)
            self._certificate = pem.decode()
        return self._certificate


def s256(verifier):
    """Return the PKCE challenge of *verifier* (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def issue_code(store, flow, scopes, prefix, size):
    """Issue a code for what the person agreed to in *flow*; return it."""
    code = Code(
        new_secret(prefix, size),
        flow.client_id,
        flow.account,
        flow.params["redirect_uri"],
        sorted(scopes),
        flow.params.get("code_challenge", ""),
        flow.params.get("nonce", ""),
        store.clock.now() + CODE_LIFE,
    )
    store.codes[code.value] = code
    return code


def issue_token(table, store, client_id, account, scopes, prefix, size, life):
    """Issue an access or refresh token into *table*; return its record."""
    now = store.clock.now()
    token = Token(
        new_secret(prefix, size), client_id, account, sorted(scopes), now, now + life
    )
    table[token.value] = token
    return token
