"""Our stand-in for Microsoft and Google: start it, and look into its mailboxes."""

import base64
import contextlib
import email
import email.policy
import json
import urllib.parse
import urllib.request

from .cache import CHECKOUT
from .console import serving


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
        return self._ask("log")

    def revoke(self, address):
        """Take the grant of *address* away, as its owner can on the provider's page."""
        self._ask("revoke", json.dumps({"account": address}).encode())

    def _folder(self, address, folder):
        found = self._ask(f"mailbox/{urllib.parse.quote(address)}")[folder]
        return [
            email.message_from_bytes(
                base64.b64decode(each["source"]), policy=email.policy.default
            )
            for each in reversed(found)
        ]

    def _ask(self, path, data=None):
        """Run a verb of `standin.control`; with *data*, JSON, by POST."""
        # Never through a proxy: it is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(
            f"{self.url}/_control/{path}",
            data=data,
            headers={"Content-Type": "application/json"},
        )
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)["result"]


@contextlib.contextmanager
def start(box, odoo_url):
    """Start it on free ports, for an Odoo at *odoo_url*; gives a `StandIn`."""
    directory = box.directory / "standin"
    directory.mkdir(mode=0o700)
    command = [box.python, "-m", "standin", "--port", "0", "--tls-port", "0"]
    command += ["--state", directory, "--redirect-base", odoo_url]
    log = box.directory / "standin.log"
    with serving(command, "The stand-in", log, cwd=CHECKOUT / "dev") as line:
        _url, *words = line.split(maxsplit=3)
        yield StandIn(*(word.strip() for word in words))
