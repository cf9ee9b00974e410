"""A real nginx before Odoo, as Odoo's documentation configures it: TLS, another host
name, the websocket to the process that serves it."""

import base64
import contextlib
import hashlib
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate
from daemon import directory, running
from lib import debs

CONF = """
daemon off;
master_process off;
pid {here}/pid;
error_log {here}/error.log;
events {{}}
http {{
  access_log {here}/access.log;
  {temporary}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name {host};
    ssl_certificate {here}/server.pem;
    ssl_certificate_key {here}/server.pem;
    client_max_body_size 20m;
    proxy_read_timeout 120s;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    location /websocket {{
      proxy_pass http://127.0.0.1:{evented};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
    location / {{
      proxy_redirect off;
      proxy_pass http://127.0.0.1:{odoo};
    }}
  }}
}}
"""
#: What it would keep under /var, and an ordinary user may not write.
KEPT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Front:
    """A running nginx.

    :ivar url: what people open.
    :ivar host: its name; *pin* its certificate, as Chromium names it.
    """

    def __init__(self, host, port, here, pin):
        self.host, self.pin = host, pin
        self.url = f"https://{host}:{port}"
        self._log = here / "access.log"

    def requests(self):
        """The lines of its log."""
        return self._log.read_text().splitlines()


@contextlib.contextmanager
def before(host, odoo, evented):
    """Run nginx before an Odoo that listens, or will, on these two ports.

    :param host: the name by which people know it
    """
    program = debs.unpacked("nginx") / "usr/sbin/nginx"
    with directory("nginx") as here:
        pin = _certify(host, here / "server.pem")
        temporary = " ".join(f"{each}_temp_path {here}/{each};" for each in KEPT)

        given = {"host": host, "here": here, "odoo": odoo, "evented": evented}

        def launch(port):
            conf = here / "nginx.conf"
            conf.write_text(CONF.format(port=port, temporary=temporary, **given))
            return [program, "-p", here, "-e", here / "error.log", "-c", conf], {}

        with running(launch) as (port,):
            yield Front(host, port, here, pin)


def _certify(host, path: Path):
    """Write a certificate with its key; return the hash of its public key."""
    issued = trustme.CA().issue_cert(host)
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    certificate = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
