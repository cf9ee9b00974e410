"""Runs `emulate`, somebody else's Google and Microsoft, behind TLS."""

import re
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import requests
import trustme
from lib import node

FILES = Path(__file__).with_name("emulate")
CLIENT_ID, CLIENT_SECRET = "emulated-client-id", "emulated-client-secret"
REDIRECT = "http://127.0.0.1:8069/account_email_connector/callback"
PERSON = "clara@greenfield.example"
SEED = f"""
{{service}}:
  users:
    - {{email: {PERSON}, name: Clara Green}}
    - {{email: somebody@else.example, name: Somebody Else}}
  oauth_clients:
    - client_id: {CLIENT_ID}
      client_secret: {CLIENT_SECRET}
      name: Odoo
      redirect_uris: [{REDIRECT}]
"""


@contextmanager
def emulating(service, directory):
    """Run one service; yields its URL and the file of the CA to trust."""
    ca = trustme.CA()
    ca_file = directory / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    seed = directory / "seed.yaml"
    seed.write_text(SEED.replace("{service}", service))
    port = _free_port()
    with _tls_front(ca, port) as front:
        url = f"https://localhost:{front}"
        program = node.modules(FILES) / "emulate/dist/index.js"
        command = [node.node(), "--require", FILES / "loopback.cjs", program, "start"]
        options = ["-p", port, "-s", service, "--seed", seed, "--base-url", url]
        process = subprocess.Popen(
            [str(word) for word in command + options], stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port, process)
            yield url, str(ca_file)
        finally:
            process.kill()
            process.wait()


def click(url, ca_file):
    """Choose the person on the page of *url*; returns the callback's URL."""
    with requests.Session() as browser:
        browser.trust_env = False
        browser.verify = ca_file
        page = browser.get(url, timeout=10)
        page.raise_for_status()
        forms = re.findall(
            r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.S
        )
        for action, inside in forms:
            inputs = re.findall(r'name="([^"]+)" value="([^"]*)"', inside)
            fields = {name: unescape(value) for name, value in inputs}
            if fields["email"] == PERSON:
                # the page names its own address, which is the TLS front's
                target = urljoin(url, unescape(action))
                answer = browser.post(
                    target, data=fields, timeout=10, allow_redirects=False
                )
                return answer.headers["Location"]
    raise LookupError(f"{PERSON} is not on the page")


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _wait_for(port, process):
    for _try in range(200):
        if process.poll() is not None:
            break
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("emulate does not start")


@contextmanager
def _tls_front(ca, port):
    """Take TLS connections and pass what they say to *port*; yields its own port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(
            target=_accept, args=(server, context, port), daemon=True
        ).start()
        yield server.getsockname()[1]


def _accept(server, context, port):
    while True:
        try:
            line, _address = server.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(line, context, port), daemon=True).start()


def _serve(line, context, port):
    with (
        context.wrap_socket(line, server_side=True) as outside,
        socket.create_connection(("127.0.0.1", port)) as inside,
    ):
        back = threading.Thread(target=_copy, args=(inside, outside), daemon=True)
        back.start()
        _copy(outside, inside)
        back.join(10)


def _copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
