"""A company whose mailbox is at our stand-in for Microsoft and Google.

The stand-in needs what only a developer has installed, so it is imported late, and
tests that use it are not tagged ``standard``: a plain ``odoo --test-enable`` leaves
them out, ``dev/test`` runs them.
"""

import os
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..engine.mailbox import connecting
from ..engine.secrets.mailboxes import oauth_app
from ..providers.registry import PROVIDERS
from .common import ConnectorCommon

MICROSOFT = "5a7d1000-0000-4000-8000-000000000001", "standin-microsoft-secret"
GOOGLE = "standin.apps.googleusercontent.com", "GOCSPX-standin-google-secret"
ANNA, SHARED = "anna@bluelake.example", "accounts@bluelake.example"
CLARA = "clara@greenfield.example"


class OAuthCommon(ConnectorCommon):
    """Has the apps of the stand-in, registered by an administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connector.action_disconnect()
        App = cls.env["account.email.oauth.app"]
        cls.apps = {}
        for provider, (client_id, secret) in (
            ("microsoft", MICROSOFT),
            ("google", GOOGLE),
        ):
            cls.apps[provider] = App.create(
                {
                    "name": provider.capitalize(),
                    "provider": provider,
                    "client_id": client_id,
                    "audience": "common",
                    "client_secret": secret,
                }
            )


class StandInCommon(OAuthCommon):
    """Has the stand-in running, and signs in to it as a person does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from ..dev.standin import StandIn
        from ..dev.standin.person import Person

        base = cls.env["account.email.oauth.app"].get_base_url()
        cls.standin = StandIn(redirect_bases=[base]).start()
        cls.addClassCleanup(cls.standin.stop)
        cls.person = Person(cls.standin.url)
        places = [cls.standin.url, cls.standin.tls_url, str(cls.standin.ca_file)]
        variables = {
            "ACCOUNT_EMAIL_CONNECTOR_STANDIN": " ".join(places),
            # google-auth-oauthlib refuses a page without TLS; this one is on loopback
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        }
        patcher = patch.dict(os.environ, variables)
        patcher.start()
        cls.addClassCleanup(patcher.stop)

    def setUp(self):
        super().setUp()
        self.standin.control.reset()
        # What must outlive a rollback is committed apart: let it be seen here.
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(
            patch.object(IrMail_Server, "_disable_send", lambda *args: False)
        )

    def sign_in(self, provider, account, connector=None, **options):
        """Connect *connector* as *account*; returns it."""
        connector = (connector or self.connector).sudo()
        app, module = self.apps[provider], PROVIDERS[provider].sign_in
        begun = module.start(oauth_app(app), app.redirect_uri, **options)
        back = self.person.sign_in(begun.url, account)
        params = dict(parse_qsl(urlsplit(back).query))
        grant = module.finish(oauth_app(app), begun.kept, params)
        connecting.take_grant(connector, app, grant)
        connector.chasing = "on"  # how another one begins: test_start
        self.env.flush_all()  # other cursors read it
        return connector

    def sent(self, address):
        """The emails in the Sent folder at the provider."""
        return self.standin.control.mailbox(address)["sent"]

    def run_scheduled_action(self):
        self.env.ref(
            "account_email_connector.ir_cron_followups"
        ).method_direct_trigger()
        self.env.invalidate_all()
