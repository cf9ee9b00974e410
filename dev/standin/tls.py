"""TLS for the stand-in: a certificate authority of its own."""

import ssl
import tempfile
from pathlib import Path


def make_certificates(directory=None):
    """Make (or find again in *directory*) a CA and a server certificate.

    :return: the paths of the CA and of the server's certificate and key.
    """
    import trustme  # only where TLS is wanted

    directory = Path(directory or tempfile.mkdtemp(prefix="standin-tls-"))
    ca, server = directory / "ca.pem", directory / "server.pem"
    if not (ca.exists() and server.exists()):
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        server.touch(mode=0o600)
        certificate.private_key_and_cert_chain_pem.write_to_path(str(server))
        authority.cert_pem.write_to_path(str(ca))
    return str(ca), str(server)


def server_context(certificate):
    """Return an SSLContext for a server with this certificate-and-key file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
