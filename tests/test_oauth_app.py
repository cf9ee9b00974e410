from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.secrets.mailboxes import oauth_app
from ..providers.reasons import Reason
from ..providers.registry import OAUTH, PROVIDERS
from ..texts import TEXTS, WRONG_CLIENT_ID
from .oauth_common import GOOGLE, MICROSOFT, OAuthCommon

GUID = "11111111-2222-4333-8444-555555555555"


@tagged("post_install", "-at_install")
class TestOAuthApp(OAuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env, f"oauth_{name}", group, company_id=cls.company.id
            )
            for name, group in (
                ("manager", "account.group_account_manager"),
                ("system", "base.group_system"),
            )
        }
        cls.app = cls.apps["microsoft"]

    def fill(self, form):
        """What a form asks for, before it can be saved."""
        form.name, form.client_id, form.client_secret = "New", GUID, "s"
        form.tenant_id = "acme.example"

    def test_the_secret_is_encrypted_and_never_shown(self):
        self.env.cr.execute("SELECT * FROM account_email_oauth_app")
        self.assertNotIn(MICROSOFT[1], str(self.env.cr.fetchall()))
        app = self.app.with_user(self.users["system"])
        (values,) = app.read()
        self.assertFalse(values["client_secret"])
        self.assertTrue(values["has_secret"])
        self.assertNotIn("sealed_secret", values)
        with self.assertRaises(AccessError):
            app.read(["sealed_secret"])
        self.assertEqual(oauth_app(self.app).client_secret, MICROSOFT[1])
        self.assertFalse(self.app.copy().has_secret)

    def test_accounting_managers_only_use_it(self):
        app = self.app.with_user(self.users["manager"])
        self.assertEqual(app.read(["name", "provider"])[0]["name"], "Microsoft")
        for name in ("client_id", "secret_expires_on", "redirect_uri"):
            with self.assertRaises(AccessError):
                app.read([name])
        with self.assertRaises(AccessError):
            app.name = "Mine"
        connector = self.connector.with_user(self.users["manager"])
        self.assertTrue(connector.microsoft_available)
        self.assertFalse(connector.can_register_apps)
        self.assertTrue(
            self.connector.with_user(self.users["system"]).can_register_apps
        )

    def test_another_companys_app_is_not_offered(self):
        other = self._create_company(name="Other")
        self.app.company_ids = other
        self.assertFalse(self.connector._find_app("microsoft"))
        app = self.app.with_user(self.users["manager"])
        self.assertNotIn(app, app.search([]))
        branch = self._create_company(name="Branch", parent_id=other.id)
        self.assertEqual(self.app._for_company(branch, "microsoft"), self.app)

    def test_a_companys_own_app_comes_first(self):
        own = self.app.copy({"client_secret": "own", "company_ids": self.company.ids})
        self.assertEqual(self.app._for_company(self.company, "microsoft"), own)

    def test_what_is_wrong_is_refused_with_a_hint(self):
        google = {"provider": "google", "client_id": GOOGLE[0], "name": "x"}
        cases = [
            ({"client_id": "abc"}, "looks like"),
            ({"client_id": GOOGLE[0]}, "looks like"),
            ({"audience": "tenant"}, "tenant"),
            ({"audience": "tenant", "tenant_id": "not an id"}, "tenant"),
            ({"client_secret": GUID, "audience": "common"}, "secret's ID"),
            ({}, "tenant"),
            ({**google, "client_id": GUID}, "apps.googleusercontent.com"),
        ]
        for values, words in cases:
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self.app.create(
                    {"name": "x", "client_id": GUID, "client_secret": "s", **values}
                )

    def test_each_provider_can_be_chosen(self):
        """What has a row in the registry has its words, too."""
        names = self.env["account.email.connector"]._fields["provider"].get_values
        self.assertEqual(set(names(self.env)), set(PROVIDERS))
        names = self.app._fields["provider"].get_values
        self.assertEqual(set(names(self.env)), set(OAUTH))
        self.assertEqual(set(WRONG_CLIENT_ID), set(OAUTH))

    def test_spaces_of_a_copy_are_cut_off(self):
        self.app.write(
            {
                "client_id": f" {GUID}\n",
                "audience": "tenant",
                "tenant_id": " bluelake.example ",
                "client_secret": " s3cret ",
            }
        )
        app = oauth_app(self.app)
        self.assertEqual((app.client_id, app.tenant), (GUID, "bluelake.example"))
        self.assertEqual(app.client_secret, "s3cret")

    def test_capital_letters_of_a_guid_are_made_small(self):
        """Microsoft's tokens name the client in small ones."""
        self.app.client_id = MICROSOFT[0].upper()
        self.assertEqual(oauth_app(self.app).client_id, MICROSOFT[0])
        copy = self.app.copy({"client_id": GUID.replace("5", "E")})
        self.assertEqual(copy.client_id, GUID.replace("5", "e"))
        google = "1234-AbC.apps.googleusercontent.com"
        self.apps["google"].client_id = google
        self.assertEqual(self.apps["google"].client_id, google)

    def test_redirect_uris_are_shown(self):
        base = self.app.get_base_url()
        route = f"{base}/account_email_connector"
        self.assertEqual(self.app.redirect_uri, f"{route}/microsoft/callback")
        self.assertEqual(
            self.app.approval_redirect_uri, f"{route}/microsoft/admin_consent"
        )
        google = self.apps["google"]
        self.assertEqual(google.redirect_uri, f"{route}/google/callback")
        self.assertFalse(google.approval_redirect_uri)
        with Form(self.app.with_user(self.users["system"]).browse()) as form:
            self.assertEqual(form.redirect_uri, f"{route}/microsoft/callback")
            self.fill(form)

    def test_an_address_that_no_provider_takes_is_warned_of(self):
        cases = {
            "http://odoo.acme.example": True,
            "http://192.168.1.5:8069": True,
            "http://localhost.acme.example": True,
            "https://odoo.acme.example": False,
            "http://localhost:8069": False,
            "http://127.0.0.1:8069": "http://localhost",
            "https://127.0.0.1:8069": False,
        }
        for url, warned in cases.items():
            self.env["ir.config_parameter"].set_param("web.base.url", url)
            with (
                self.subTest(url),
                Form(self.app.with_user(self.users["system"]).browse()) as form,
            ):
                self.assertIn(url, form.redirect_uri)
                self.assertEqual(bool(form.redirect_warning), bool(warned))
                if warned:
                    words = "plain http" if warned is True else warned
                    self.assertIn(words, form.redirect_warning)
                    self.assertIn("web.base.url", form.redirect_warning)
                self.fill(form)

    def test_google_takes_public_names_only(self):
        cases = {
            "https://odoo.acme.com": False,
            "http://127.0.0.1:8069": False,
            "https://odoo.acme.local": "public domain",
            "https://odoo": "public domain",
            "https://10.0.0.7": "public domain",
            "http://odoo.acme.local": "plain http",
        }
        for url, warned in cases.items():
            self.env["ir.config_parameter"].set_param("web.base.url", url)
            self.env.invalidate_all()
            with self.subTest(url):
                self.assertIn(warned or "", self.apps["google"].redirect_warning or "")
                self.assertEqual(
                    bool(self.apps["google"].redirect_warning), bool(warned)
                )

    def test_a_secret_that_expires_is_announced_once(self):
        self.app.secret_expires_on = fields.Date.today() + timedelta(days=20)
        self.assertIn("expires: 20.", self.app.secret_warning)
        for _twice in range(2):
            self.app._warn_of_expiry()
        activity = self.app.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.date_deadline, self.app.secret_expires_on)
        self.assertTrue(activity.user_id.has_group("base.group_system"))
        self.app.write(
            {
                "client_secret": "new",
                "secret_expires_on": fields.Date.today() + timedelta(days=700),
            }
        )
        self.assertFalse(self.app.activity_ids)
        self.assertFalse(self.app.secret_warning)
        self.app.secret_expires_on = fields.Date.today() - timedelta(days=1)
        self.assertIn("has expired", self.app.secret_warning)

    def test_a_new_app_is_of_one_tenant_and_its_end_is_proposed(self):
        """So that somebody is reminded, and people can grant it themselves."""
        in_two_years = fields.Date.today() + relativedelta(months=24)
        with Form(self.app.with_user(self.users["system"]).browse()) as form:
            self.assertEqual(form.audience, "tenant")
            self.assertEqual(form.secret_expires_on, in_two_years)
            form.provider = "google"
            self.assertFalse(form.secret_expires_on)
            form.provider = "microsoft"
            self.fill(form)
        self.assertEqual(form.record.secret_expires_on, in_two_years)
        self.assertFalse(self.apps["google"].secret_expires_on)

    def test_the_day_of_a_former_secret_is_not_that_of_the_new_one(self):
        today = fields.Date.today()
        in_two_years = today + relativedelta(months=24)
        cases = (
            (today + timedelta(days=5), {}, in_two_years),
            (today - timedelta(days=5), {}, in_two_years),
            (today + timedelta(days=200), {}, today + timedelta(days=200)),
            (today, {"secret_expires_on": False}, False),
            (today, {"secret_expires_on": "2099-01-01"}, date(2099, 1, 1)),
        )
        for before, values, after in cases:
            self.app.secret_expires_on = before
            self.app.write({"client_secret": "new", **values})
            with self.subTest(before=before, values=values):
                self.assertEqual(self.app.secret_expires_on, after)

    def test_without_an_app_the_button_says_whom_to_ask(self):
        self.app.active = False
        with self.assertRaisesRegex(UserError, "Ask your Odoo administrator"):
            self.connector.with_user(self.users["manager"]).action_sign_in_microsoft()

    def test_an_app_in_use_is_not_deleted(self):
        self.connector.sudo().oauth_app_id = self.app
        with (
            self.assertRaisesRegex(Exception, "account_email_connector"),
            mute_logger("odoo.sql_db"),
        ):
            self.app.unlink()

    def test_every_reason_has_a_text(self):
        self.assertFalse(set(Reason) - TEXTS.keys())
