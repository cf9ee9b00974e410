"""A client certificate instead of a secret, by the real msal; the stand-in verifies."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import jwt
import pytest
from account_email_connector.providers.microsoft import signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import Endpoints, OAuthApp
from account_email_connector.providers.outcomes import AdminActionRequired
from account_email_connector.providers.reasons import Reason
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from oauth_samples import an_email
from standin.person import Person
from standin_clients import ANNA, BASE, MICROSOFT, query, session

CALLBACK = f"{BASE}/microsoft/callback"
TWO_YEARS = timedelta(days=730)


def pair(valid=TWO_YEARS):
    """A private key and its certificate, both in PEM."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Odoo")])
    start = datetime.now(timezone.utc) - timedelta(days=800)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(start).not_valid_after(start + valid + valid)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signed = builder.sign(key, hashes.SHA256())
    return pem.decode(), signed.public_bytes(serialization.Encoding.PEM).decode()


OURS, ANOTHER = pair(), pair()
OVER = pair(timedelta(days=30))


@pytest.fixture
def standin(standin):
    standin.control.app(MICROSOFT[0], certificates=[OURS[1], OVER[1]])
    return standin


@pytest.fixture
def app(standin):
    return OAuthApp(
        "microsoft",
        MICROSOFT[0],
        OURS[0],
        endpoints=Endpoints(login=standin.tls_url, graph=standin.tls_url),
        ca_file=str(standin.ca_file),
        certificate=OURS[1],
    )


def sign_in(standin, app):
    begun = signin.start(app, CALLBACK)
    back = Person(standin.url).sign_in(begun.url, ANNA)
    return signin.finish(app, begun.kept, query(back))


def mailbox(app, grant, changes):
    return MicrosoftMailbox(app, grant.token, ANNA, changes.append)


def test_it_signs_in_refreshes_and_sends(standin, app):
    grant = sign_in(standin, app)
    assert grant.address == ANNA
    assert "PRIVATE KEY" not in grant.token + repr(app) + str(grant)
    changes = []
    with_mailbox = mailbox(app, grant, changes)
    with_mailbox.refresh()
    with_mailbox.send(an_email())
    assert changes
    assert len(standin.control.mailbox(ANNA)["sent"]) == 1
    for call in standin.control.calls():
        assert "PRIVATE" not in str(call)


def refused(standin, app):
    with pytest.raises(AdminActionRequired) as caught:
        sign_in(standin, app)
    assert "PRIVATE KEY" not in str(caught.value)
    return caught.value.reason, caught.value.code


def test_one_that_was_not_uploaded(standin, app):
    theirs = replace(app, client_secret=ANOTHER[0], certificate=ANOTHER[1])
    assert refused(standin, theirs) == (Reason.APP_CERTIFICATE, "AADSTS700027")


def test_one_whose_key_is_another(standin, app):
    """The certificate is public: whoever has it, has nothing."""
    forged = replace(app, client_secret=ANOTHER[0])
    assert refused(standin, forged) == (Reason.APP_CERTIFICATE, "AADSTS700027")


def test_one_that_is_over(standin, app):
    over = replace(app, client_secret=OVER[0], certificate=OVER[1])
    assert refused(standin, over) == (Reason.APP_CERTIFICATE, "AADSTS1000502")


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({}, None),
        ({"aud": "https://login.microsoftonline.com/common"}, 700027),
        ({"sub": "another"}, 700021),
        ({"exp": 1}, 700024),
    ],
)
def test_what_is_signed_is_read(standin, app, changes, number):
    begun = signin.start(app, CALLBACK)
    params = query(Person(standin.url).sign_in(begun.url, ANNA))
    url = f"{standin.tls_url}/common/oauth2/v2.0/token"
    now = int(datetime.now(timezone.utc).timestamp())
    claims = {"iss": app.client_id, "sub": app.client_id, "aud": url}
    claims |= {"nbf": now - 5, "exp": now + 600}
    certificate = x509.load_pem_x509_certificate(OURS[1].encode())
    digest = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256()))
    header = {"x5t#S256": digest.rstrip(b"=").decode()}
    data = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:"
        "jwt-bearer",
        "client_assertion": jwt.encode(claims | changes, OURS[0], "PS256", header),
        "code": params["code"],
        "code_verifier": begun.kept["code_verifier"],
        "redirect_uri": CALLBACK,
        "scope": "Mail.Send",
    }
    answer = session(standin).post(url, data=data, timeout=10).json()
    assert answer.get("error_codes") == (number and [number])


def test_a_secret_still_does(standin, app):
    by_secret = replace(app, client_secret=MICROSOFT[1], certificate="")
    assert sign_in(standin, by_secret).address == ANNA
