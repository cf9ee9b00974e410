"""Odoo as in production: two worker processes behind nginx, with TLS and another name.

Not below a path, as nothing of Odoo can be: its pages ask for ``/odoo``, ``/web`` and
``/websocket`` of the host, and of what a proxy tells it heeds no ``X-Forwarded-Prefix``
(``ProxyFix`` in ``odoo/http.py``). Such a base URL is a mistake, and is said to be one.
"""

import contextlib
import os
import re
import signal

import env
import nginx
import pytest
from browser import Browser, wait_for
from oauth_world import World, choose, log_in, open_mailbox

HOST = "books.bluelake.example"
ANNA = "anna@bluelake.example"
WORKER = re.compile(r"Worker WorkerHTTP \((\d+)\) alive")
# Who answered what: "2026-12-01 02:40:04,123 4711 INFO … "POST /web/… HTTP/1.0" 200"
ANSWER = re.compile(r'^\S+ \S+ (\d+) INFO \S+ werkzeug: .*"(?:GET|POST) (\S+)', re.M)


@pytest.fixture(scope="module")
def front():
    odoo, evented = env.free_ports(2)
    with nginx.before(HOST, odoo, evented) as front:
        front.odoo, front.evented = odoo, evented
        yield front


@pytest.fixture(scope="module")
def world(box, front):
    options = ("--workers=2", "--max-cron-threads=0", "--proxy-mode")
    evented = f"--gevent-port={front.evented}"
    world = World(
        box, "proxy_workers", *options, evented, port=front.odoo, url=front.url
    )
    yield world
    world.server.kill()  # it would let nginx's connections end by themselves
    world.close()


def person(front):
    return Browser(known=[front.host], pins=[front.pin])


class Workers:
    """The two processes that answer; the websocket is served by a third."""

    def __init__(self, server):
        self._server = server
        self.pids = wait_for(self._alive)

    def _alive(self):
        pids = {int(pid) for pid in WORKER.findall(self._log())}
        return sorted(pids) if len(pids) == 2 else None

    def _log(self):
        return self._server.log.read_text(errors="replace")

    @contextlib.contextmanager
    def only(self, pid):
        """The other one stands still: *pid* answers everything."""
        (other,) = set(self.pids) - {pid}
        os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(other, signal.SIGCONT)

    def that_answered(self, path):
        """Who answered the requests whose path contains this."""
        found = ANSWER.findall(self._log())
        return {int(pid) for pid, asked in found if path in asked}


def test_sign_in_callback_and_the_banner_of_the_other_worker(world, front):
    workers = Workers(world.server)
    first, second = workers.pids
    with person(front) as anna, person(front) as colleague:
        log_in(anna, world, "blue")
        open_mailbox(anna, world)
        anna.click("Sign in with Microsoft")
        choose(anna, world, ANNA)
        anna.click("Accept")
        anna.wait_url(f"{front.url}/odoo/email-connector/")
        anna.see(f"they leave from {ANNA}")

        log_in(colleague, world, "both")
        with workers.only(second):
            colleague.open(f"{world.url}/odoo/customer-invoices")
            colleague.see("INV/")
            colleague.run("window.stillTheSame = true")
        assert workers.that_answered("/odoo/customer-invoices") == {second}

        world.standin.control.revoke(account=ANNA)
        world.standin.control.expire_tokens(account=ANNA)
        with workers.only(first):
            anna.click("Send a test email")
            anna.see("You have to sign in again")
        assert workers.that_answered("/action_send_test") == {first}
        colleague.see("You have to sign in again")

        anna.click("Reconnect", number=-1)
        choose(anna, world, ANNA)
        anna.wait_url(f"{front.url}/odoo/email-connector/")
        anna.see(f"they leave from {ANNA}")
        colleague.see_no_more("You have to sign in again")
        assert colleague.run("stillTheSame"), "it was not loaded anew"
        assert not colleague.errors
    # nginx notes it at its end: the socket was one, to the process that serves it.
    upgraded = '"GET /websocket', '" 101 '
    wait_for(lambda: any(all(w in each for w in upgraded) for each in front.requests()))


def test_past_the_proxy_it_is_said_before_the_sign_in(world, front):
    world.start_anew()
    with Browser() as browser:
        past = f"http://127.0.0.1:{front.odoo}"
        log_in(browser, world.server, "blue")
        open_mailbox(browser, world.server)
        browser.click("Sign in with Microsoft")
        browser.see(f"comes back to {front.url}")
        assert past in browser.url


BASE = """
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env.cr.commit()
env.registry.signal_changes()  # the workers have the other one in memory
"""


def test_a_base_url_with_a_path_is_said_before_the_sign_in(world, front, tmp_path):
    world.start_anew()
    wrong = f"{front.url}/odoo"  # as it was copied from a browser
    world.shell(BASE.format(url=wrong))
    try:
        with person(front) as browser:
            log_in(browser, world, "blue")
            open_mailbox(browser, world)
            browser.click("Sign in with Microsoft")
            browser.see("Odoo is at the top of its host")
            browser.see(wrong)
            browser.screenshot(tmp_path / "path.png")
    finally:
        world.shell(BASE.format(url=front.url))
