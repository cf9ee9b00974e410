"""An Odoo server and our stand-in for Microsoft and Google, for tests in a browser."""

import contextlib
import os
from urllib.parse import urlencode

import env
import office
from browser import wait_for
from standin import StandIn

MICROSOFT = "5a7d1000-0000-4000-8000-000000000001", "standin-microsoft-secret"
GOOGLE = "standin.apps.googleusercontent.com", "GOCSPX-standin-google-secret"
PASSWORD = "planted-user-password"
CALLBACK = "/account_email_connector/{}/callback"

SETUP = """
import datetime
from odoo import Command
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
env.company.name = "Blue Lake"
other = env["res.company"].create({{"name": "Green Field"}})
charts = env["account.chart.template"]
charts.try_loading("generic_coa", company=other, install_demo=False)
both = env.company + other
groups = ["base.group_user", "account.group_account_manager"]
def user(login, *more, companies=both):
    return env["res.users"].create({{
        "name": login.capitalize(), "login": login, "password": {password!r},
        "email": login + "@odoo.example",
        "company_id": companies[0].id, "company_ids": [Command.set(companies.ids)],
        "group_ids": [Command.set([env.ref(g).id for g in (*groups, *more)])],
    }})
user("blue", companies=env.company); user("green", companies=other)
user("both")
user("sysop", "base.group_system")
App = env["account.email.oauth.app"]
App.create({{"name": "Odoo at Microsoft", "provider": "microsoft",
            "audience": "common",
            "client_id": {microsoft[0]!r}, "client_secret": {microsoft[1]!r}}})
App.create({{"name": "Odoo at Google", "provider": "google",
            "client_id": {google[0]!r}, "client_secret": {google[1]!r}}})
today = datetime.date.today()
for company, name in zip(both, ("Zora", "Zeno")):
    customer = env["res.partner"].create(
        {{"name": name, "email": name.lower() + "@customer.example"}})
    move = env["account.move"].with_company(company).create({{
        "move_type": "out_invoice", "partner_id": customer.id,
        "invoice_date": today - datetime.timedelta(40),
        "invoice_date_due": today - datetime.timedelta(5),
        "invoice_line_ids": [Command.create(
            {{"name": "Work", "price_unit": 100, "tax_ids": [Command.clear()]}})],
    }})
    move.action_post()
at_any_hour(env)
# In a new database everything is due at once: a person decides when it begins here.
later = env.cr.now() + datetime.timedelta(hours=1)
env.ref("account_email_connector.ir_cron_followups").nextcall = later
env.cr.commit()
"""


class World:
    """One Odoo server with two companies, and the stand-in.

    :param port: the server's; *url* where people open it, if not there.
    :ivar box: the ``env.Sandbox``; *database* its database; *server* the Odoo server.
    :ivar standin: the :class:`StandIn`.
    """

    def __init__(self, box, name, *options, port=None, url=None):
        self.box = box
        self.seen = []  # what came back, to be searched for secrets
        port = port or env.free_ports()[0]
        self.url = url or f"http://127.0.0.1:{port}"
        self.standin = StandIn(redirect_bases=[self.url])
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self.standin)
        os.chmod(self.standin.ca_file, 0o644)
        self.variables = {
            "ACCOUNT_EMAIL_CONNECTOR_STANDIN": " ".join(
                [self.standin.url, self.standin.tls_url, str(self.standin.ca_file)]
            ),
            # google-auth-oauthlib refuses a page without TLS; this one is on loopback
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        }
        self.database = box.database(name)
        setup = office.BEGIN + SETUP.format(
            url=self.url, password=PASSWORD, microsoft=MICROSOFT, google=GOOGLE
        )
        self.shell(setup)
        self.server = self._stack.enter_context(
            box.serve(self.database, *options, env=self.variables, port=port)
        )

    def close(self):
        """Stop everything."""
        self._stack.close()

    def shell(self, code, timeout=300):
        """Run *code* in ``odoo shell``; returns what it printed."""
        return self.box.shell(self.database, code, env=self.variables, timeout=timeout)

    def sql(self, statement):
        """Run SQL as psql does; returns its text."""
        return self.box.cluster.sql(statement, self.database)

    def sent(self, address):
        """The emails in the Sent folder of *address* at the provider."""
        return self.standin.control.mailbox(address=address)["sent"]

    def start_anew(self):
        """Forget every mailbox, and what the providers know."""
        self.sql("DELETE FROM account_email_connector_credential")
        self.sql("DELETE FROM account_email_approval")
        self.sql(
            """UPDATE account_email_connector
                  SET state = 'disconnected', provider = NULL, email = NULL,
                      oauth_app_id = NULL, oauth_account_id = NULL, send_as = NULL,
                      error_reason = NULL, chasing = 'new',
                      wait_until = NULL, unavailable_since = NULL, checked_at = NULL"""
        )
        self.standin.control.reset()

    def connector(self, company="Blue Lake"):
        """The state, the address and the provider of a company's mailbox."""
        return self.sql(
            f"""SELECT coalesce(c.state, '') || ' ' || coalesce(c.email, '')
                  FROM account_email_connector c JOIN res_company r ON r.id = company_id
                 WHERE r.name = '{company}'"""
        ).strip()


def log_in(browser, world, login, page="/odoo"):
    """Sign in to Odoo with its own form, and come to *page*."""
    browser.open(f"{world.url}/web/login?{urlencode({'redirect': page})}")
    browser.type("input[name=login]", login)
    browser.type("input[name=password]", PASSWORD)
    browser.click("Log in")
    browser.wait_url("/odoo")
    bar = "document.querySelector('.o_main_navbar') !== null"
    if not wait_for(lambda: browser.run(bar), 30, fails=False):
        browser.reload()  # the first page of a new database makes its own scripts
        wait_for(lambda: browser.run(bar))


def open_mailbox(browser, world):
    """Open the mailbox of the company in use."""
    browser.open(
        f"{world.url}/odoo/action-account_email_connector.action_open_connector"
    )


def choose(browser, world, account):
    """Pick an account on the provider's page, also one it has not seen here."""
    browser.wait_url(world.standin.url)
    browser.see("to continue to")
    if not browser.sees(account):
        browser.click("Use another account")
        browser.see(account)
    browser.click(account, selector="button")
