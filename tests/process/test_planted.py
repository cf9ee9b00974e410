"""Planted secrets come out nowhere: typed in a browser, refused, logged in detail."""

import base64

import env
import oauth_user
import pytest
from browser import Browser
from oauth_user import User, good_callback
from oauth_world import GOOGLE, MICROSOFT, World, log_in, open_mailbox

TYPED = "planted-typed-Pa55word"
#: Keeps what the server answers, and what stands in the page's own memory.
LISTEN = """
window.__answers = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...given) {
    this.addEventListener("load", () => {
        if (["", "text"].includes(this.responseType)) {
            window.__answers.push(this.responseText);
        }
    });
    return send.apply(this, given);
};
const ask = window.fetch;
window.fetch = async (...given) => {
    const answer = await ask(...given);
    answer.clone().text().then((text) => window.__answers.push(text));
    return answer;
};
"""
SEEN = """
JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll("input")].map((each) => each.value),
    Object.entries(localStorage), Object.entries(sessionStorage),
    document.cookie, window.__answers,
])
"""


@pytest.fixture(scope="module")
def world(box):
    world = World(box, "planted", "--max-cron-threads=0", "--log-handler=:DEBUG")
    yield world
    world.close()


def refused_in_a_browser(world):
    """Enter a mailbox whose server is not there; return all that the browser has."""
    (closed,) = env.free_ports()
    with Browser() as browser:
        browser._do("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        log_in(browser, world, "blue")
        open_mailbox(browser, world)
        browser.click("Connect manually")
        browser.see("SMTP server")
        for name, value in (
            ("email", "billing@acme.example"),
            ("password", TYPED),
            ("host", "127.0.0.1"),
            ("port", str(closed)),
        ):
            browser.type(f".modal div[name={name}] input", value)
        browser.click("Log in")
        browser.see("The server refuses this port", patience=60)
        return browser.run(SEEN)


def test_nowhere(world, box):
    browser = refused_in_a_browser(world)
    assert "The server refuses this port" in browser
    user = User(world, "both")
    connectors = oauth_user.connectors(world)
    for provider, name in (("microsoft", "Blue Lake"), ("google", "Green Field")):
        page = user.begin(provider, *connectors[name])
        user.get(good_callback(world, page, provider))
    world.shell(
        "from odoo.addons.account_email_connector.engine.mailbox import test_email\n"
        "for connector in env['account.email.connector'].search([]):\n"
        "    if connector.state == 'connected':\n"
        "        test_email.send(connector)\n"
        "env.cr.commit()"
    )
    store = world.standin.store
    key = (box.cluster.odoo_data / "account_email_connector.key").read_text()
    secrets = {TYPED, base64.b64encode(TYPED.encode()).decode(), key}
    secrets |= {MICROSOFT[1], GOOGLE[1], *store.access, *store.refresh, *store.codes}
    assert len(secrets) > 8
    dump = box.dump(world.database)
    places = {
        "browser": browser,
        "log": world.server.log.read_text(),
        "dump": dump,
        "answers": "".join(world.seen),
    }
    assert " DEBUG " in places["log"]
    for secret in secrets:
        for place, text in places.items():
            assert secret not in text, f"{secret[:12]}… is in the {place}"
