"""What the demo does in browsers: run by the environment's Python.

An administrator of Odoo registers the apps; the accounting administrator signs in with
Microsoft and Google. Odoo is asked as its web client asks, the sign-in comes back
through Odoo's own callback, and the providers' pages are clicked by `standin.person`.
The only argument is JSON: what `main` takes.
"""

import json
import sys

import requests
from samples import people
from standin.person import Person
from standin.seed import DEFAULT

TIMEOUT = 60  # seconds; the first page of a new Odoo takes some
PUBLISHED = {  # which of the stand-in's apps
    "microsoft": "5a7d1000-0000-4000-8000-000000000001",
    "google": "standin.apps.googleusercontent.com",
}


class Odoo:
    """A user's browser at Odoo.

    :param url: of Odoo; *database* its database.
    :param login: the user's, the same as the password.
    """

    def __init__(self, url, database, login):
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        values = {"db": database, "login": login, "password": login}
        self._post("/web/session/authenticate", values)

    def call(self, model, method, *arguments, **context):
        """Call a method as the web client does; return what it returns."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": arguments,
                "kwargs": {"context": context} if context else {},
            },
        )

    def _post(self, path, params):
        answer = self.http.post(
            self.url + path,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        content = answer.json()
        if "error" in content:
            raise SystemExit(content["error"]["data"]["debug"])
        return content["result"]


def register_apps(odoo):
    """Register the stand-in's apps, and where Odoo is: they redirect to there."""
    set_param = ("ir.config_parameter", "set_param")
    odoo.call(*set_param, "web.base.url", odoo.url)
    odoo.call(*set_param, "web.base.url.freeze", "True")
    seed = {app["client_id"]: app for app in json.loads(DEFAULT.read_text())["apps"]}
    for provider, client_id in PUBLISHED.items():
        values = {
            "name": f"Odoo at {provider.capitalize()}",
            "provider": provider,
            "client_id": client_id,
            "client_secret": seed[client_id]["secret"],
            "audience": "common",
        }
        odoo.call("account.email.oauth.app", "create", [values])


def sign_in(odoo, standin, company, provider, address):
    """Sign in to the mailbox of a company, from its form and back to it."""
    model = "account.email.connector"
    ((company_id, _name),) = odoo.call("res.company", "name_search", company)
    context = {"allowed_company_ids": [company_id]}
    connector = odoo.call(model, "action_open", **context)["res_id"]
    page = odoo.call(model, f"action_sign_in_{provider}", [connector], **context)
    callback = Person(standin).sign_in(page["url"], address)
    odoo.http.get(callback, timeout=TIMEOUT).raise_for_status()
    names = ["state", "email", "notice_title", "notice_text"]
    (form,) = odoo.call(model, "read", [connector], names, **context)
    if (form["state"], form["email"]) != ("connected", address):
        raise SystemExit(f"{company} was not connected: {form}")


def main(url, database, standin):
    register_apps(Odoo(url, database, "admin"))
    manager = Odoo(url, database, "manager")
    for company, (provider, address) in people.SIGN_INS.items():
        sign_in(manager, standin, company, provider, address)


main(**json.loads(sys.argv[1]))
