"""Authorization servers of somebody else's, from npm, behind TLS."""

import html
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
import trustme
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import Endpoints, OAuthApp
from daemon import directory, running
from lib import node

FILES = Path(__file__).with_name("oauth")
REDIRECT = "http://localhost:8069/callback"
PERSON = "pat@acme.example"
SIGN_INS = {"google": google_signin, "microsoft": microsoft_signin}
MAILBOXES = {"google": GoogleMailbox, "microsoft": MicrosoftMailbox}


@contextmanager
def program(name):
    """Run one of the files in ``oauth/``; yields its URL, and the file of its CA."""
    with directory(name) as root:
        ca = trustme.CA()
        cert = ca.issue_cert("localhost")
        ca.cert_pem.write_to_path(root / "ca.pem")
        cert.private_key_pem.write_to_path(root / "key.pem")
        chain = b"".join(pem.bytes() for pem in cert.cert_chain_pems)
        (root / "cert.pem").write_bytes(chain)
        # Node looks for modules beside a file, and nowhere else.
        (root / "node_modules").symlink_to(node.modules(FILES))
        script = shutil.copy(FILES / f"{name}.mjs", root)

        def launch(port):
            # that this Node.js is not the newest is nobody's business here
            quiet = ["--no-warnings"]
            return [node.node(), *quiet, script, root, port, REDIRECT], {}

        with running(launch) as (port,):
            yield f"https://localhost:{port}", str(root / "ca.pem")


def app_at(provider, url, ca_file, *, google_at="/google", **changes):
    """The app at one of the two.

    :param google_at: where Google's lies.
    """
    ends = {"login": url, "graph": url}
    if provider == "google":
        ends = {
            "google_auth": f"{url}{google_at}/auth",
            "google_token": f"{url}{google_at}/token",
            "google_revoke": f"{url}{google_at}/revoke",
            "gmail": f"{url}/",
        }
    endpoints = Endpoints(**ends)
    values = {"client_id": "app", "client_secret": "secret-of-the-app"} | changes
    return OAuthApp(provider, endpoints=endpoints, ca_file=ca_file, **values)


def through_the_pages(url, ca_file, *, consent=True):
    """Sign in on oidc-provider's pages; returns the callback's parameters."""
    # "select_account consent" is the providers' own
    url = re.sub(r"prompt=[^&]+", "prompt=consent", url)
    with requests.Session() as web:
        web.trust_env, web.verify = False, ca_file
        for _page in range(20):
            answer = web.get(url, allow_redirects=False, timeout=10)
            if not answer.is_redirect:
                answer = _submit(web, answer, consent)
            url = urljoin(answer.url, answer.headers["Location"])
            if url.startswith(REDIRECT):
                return dict(parse_qsl(urlsplit(url).query))
    raise LookupError(f"no way back from {url}")


def _submit(web, page, consent):
    page.raise_for_status()
    if 'name="login"' not in page.text and not consent:
        abort = re.search(r'href="([^"]+abort)"', page.text)[1]
        target = urljoin(page.url, html.unescape(abort))
        return web.get(target, allow_redirects=False, timeout=10)
    action = re.search(r'<form[^>]+action="([^"]+)"', page.text)[1]
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    if 'name="login"' in page.text:
        form |= {"login": PERSON, "password": "x"}
    target = urljoin(page.url, html.unescape(action))
    return web.post(target, data=form, allow_redirects=False, timeout=10)
