"""A user of Odoo with a browser's session, but without the browser."""

import re
from urllib.parse import parse_qsl, urlsplit

import requests
from oauth_world import PASSWORD
from standin.person import Person

ANNA, PAUL = "anna@bluelake.example", "paul@bluelake.example"
CLARA = "clara@greenfield.example"
ACCOUNT = {"microsoft": ANNA, "google": CLARA}


class User:
    """Signed in to Odoo.

    What comes back is kept in ``world.seen``.
    """

    def __init__(self, world, login):
        self.world = world
        self.http = requests.Session()
        self.http.trust_env = False
        page = self.http.get(f"{world.url}/web/login", timeout=60).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"login": login, "password": PASSWORD, "csrf_token": token}
        answer = self.http.post(f"{world.url}/web/login", data=form, timeout=60)
        assert "/odoo" in answer.url, answer.url

    def call(self, method, ids, company=None, model="account.email.connector", **more):
        """Call *method* as the web client does; returns its answer."""
        context = {"allowed_company_ids": [company]} if company else {}
        params = {
            "model": model,
            "method": method,
            "args": [ids],
            "kwargs": {"context": context, **more},
        }
        answer = self.http.post(
            f"{self.world.url}/web/dataset/call_kw",
            json={"jsonrpc": "2.0", "params": params},
            timeout=60,
        )
        self.world.seen.append(answer.text)
        return answer.json()

    def begin(self, provider, connector, company=None):
        """Press the button; returns the provider's page."""
        answer = self.call(f"action_sign_in_{provider}", [connector], company)
        return answer["result"]["url"]

    def get(self, url):
        """Open *url* without following where it leads."""
        answer = self.http.get(url, allow_redirects=False, timeout=60)
        self.world.seen.append(f"{answer.headers}{answer.text}")
        return answer


def good_callback(world, url, provider):
    """Sign in at the provider; returns the callback's address, not opened."""
    return Person(world.standin.url).sign_in(url, ACCOUNT[provider])


def query(url):
    """The query of *url* as a dict."""
    return dict(parse_qsl(urlsplit(url).query))


def connectors(world):
    """The ids of the mailboxes, and of their companies, by name; made if need be."""
    rows = world.sql(
        """INSERT INTO account_email_connector
                  (company_id, state, sent_copy, create_uid, write_uid)
           SELECT id, 'disconnected', 'auto', 1, 1 FROM res_company
               ON CONFLICT DO NOTHING;
           SELECT r.name || '|' || c.id || '|' || r.id
             FROM account_email_connector c JOIN res_company r ON r.id = company_id"""
    )
    found = [row.split("|") for row in rows.splitlines() if "|" in row]
    return {name: (int(id_), int(company)) for name, id_, company in found}
