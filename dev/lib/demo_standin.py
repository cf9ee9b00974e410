"""Our stand-in for Microsoft and Google: start it, and look into its mailboxes."""

import base64
import contextlib
import email
import email.policy
import json
import subprocess
import urllib.parse
import urllib.request

from .cache import CHECKOUT
from .console import DevError, test_variables


class StandIn:
    """A running stand-in.

    :ivar url: its pages; *variables* tell an Odoo process where it is.
    """

    def __init__(self, url, tls_url, ca_file):
        self.url = url
        self.variables = {
            "ACCOUNT_EMAIL_CONNECTOR_STANDIN": f"{url} {tls_url} {ca_file}",
            # google-auth-oauthlib refuses pages without TLS; these are on loopback
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        }

    def read(self, address):
        """The emails that came to *address*, oldest first."""
        return self._folder(address, "inbox")

    def sent(self, address):
        """The emails in the Sent folder of *address*, oldest first."""
        return self._folder(address, "sent")

    def accepted(self):
        """The log: one entry for each email that was accepted, oldest first."""
        return self._get("log")

    def _folder(self, address, folder):
        found = self._get(f"mailbox/{urllib.parse.quote(address)}")[folder]
        return [
            email.message_from_bytes(
                base64.b64decode(each["source"]), policy=email.policy.default
            )
            for each in reversed(found)
        ]

    def _get(self, path):
        # Never through a proxy: it is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/_control/{path}", timeout=10) as answer:
            return json.load(answer)["result"]


@contextlib.contextmanager
def start(box, odoo_url):
    """Start it on free ports, for an Odoo at *odoo_url*; gives a `StandIn`."""
    directory = box.directory / "standin"
    directory.mkdir(mode=0o700)
    log = box.directory / "standin.log"
    command = [box.python, "-m", "standin", "--port", "0", "--tls-port", "0"]
    command += ["--state", directory, "--redirect-base", odoo_url]
    with open(log, "w") as errors:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=CHECKOUT / "dev",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=test_variables(),
            text=True,
            start_new_session=True,  # Ctrl-C is for us: we stop it after its users
        )
    try:
        words = process.stdout.readline().split(maxsplit=3)
        if not words:
            raise DevError("The stand-in did not start.", log.read_text())
        yield StandIn(*(word.strip() for word in words[1:]))
    finally:
        process.terminate()
        process.wait()
