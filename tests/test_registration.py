from odoo.tests import new_test_user, tagged

from ..engine.mailbox import condition, sign_in_notice
from ..providers.google.codes import sign_in_outcome
from ..providers.microsoft.codes import identity_outcome
from ..providers.outcomes import AdminActionRequired
from ..providers.reasons import Reason
from ..texts import TEXTS, outcome_text, provider_text
from ..texts.outcomes.registration import VALUES
from .oauth_common import OAuthCommon

#: AADSTS number: what its text names, and the value beside it
MICROSOFT_SAYS = {
    50011: ("Authorized redirect URIs", "redirect_uri"),
    500112: ("Authentication, platform Web", "redirect_uri"),
    500113: ("or none", "redirect_uri"),
    9002327: ("to the platform Web", "redirect_uri"),
    700025: ("to the platform Web", "redirect_uri"),
    7000218: ("to the platform Web", "redirect_uri"),
    700016: ("Application (client) ID", "client_id"),
    90002: ("Directory (tenant) ID", "tenant_id"),
    50194: ("One organization only", None),
    50059: ("One organization only", None),
    650057: ("Mail.Send, User.Read", None),
    7000215: ("Value is meant, not its ID", None),
    7000222: ("create a new one", None),
    50020: ("account of that organization", None),
    7000112: ("Enabled for users to sign in", "client_id"),
}
GOOGLE_SAYS = {
    "redirect_uri_mismatch": ("Authorized redirect URIs", "redirect_uri"),
    "invalid_client": ("client secret", "client_id"),
    "deleted_client": ("create a new client", "client_id"),
    "disabled_client": ("switch it on again", "client_id"),
    "org_internal": ("Internal", "client_id"),
    "admin_policy_enforced": ("Manage third-party app access", "client_id"),
    "invalid_scope": ("gmail.send", None),
}


@tagged("post_install", "-at_install")
class TestRegistration(OAuthCommon):
    """Each mistake says which field is wrong, and the value that belongs there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apps["microsoft"].write({"audience": "tenant", "tenant_id": "acme.example"})
        cls.connector = cls.connector.with_user(
            new_test_user(
                cls.env,
                "registration_manager",
                "account.group_account_manager",
                company_id=cls.company.id,
            )
        )

    def outcomes(self):
        """(provider, outcome, words, value's field) of each mistake."""
        for number, (words, field) in MICROSOFT_SAYS.items():
            said = {"error": "invalid_grant", "error_description": f"AADSTS{number}: x"}
            yield "microsoft", identity_outcome(said, {}), words, field
        for error, (words, field) in GOOGLE_SAYS.items():
            said = {"error": error, "error_description": "Unauthorized"}
            yield "google", sign_in_outcome(said, {}), words, field

    def check(self, text, provider, words, field):
        self.assertIn(words, text)
        value = self.apps[provider][field] if field else ""
        self.assertTrue(value or not field)
        self.assertIn(value, text)

    def test_where_the_sign_in_ended(self):
        for provider, outcome, words, field in self.outcomes():
            with self.subTest(outcome.code):
                notice = sign_in_notice.notice(self.connector, provider, outcome)
                self.check(notice["text"], provider, words, field)
                self.assertIn(outcome.code, notice["detail"])

    def test_at_a_mailbox_that_broke(self):
        for provider, outcome, words, field in self.outcomes():
            app = self.apps[provider]
            self.connector.sudo().write({"provider": provider, "oauth_app_id": app.id})
            with self.subTest(outcome.code):
                condition.break_off(self.connector.sudo(), outcome)
                self.check(self.connector.error_text, provider, words, field)

    def test_where_the_sign_in_cannot_begin(self):
        app = self.apps["microsoft"]
        said = {"error": "invalid_tenant", "error_description": "AADSTS90002: x"}
        outcome = identity_outcome(said, {})
        more = provider_text(self.env, "microsoft", outcome.reason, app)
        text = outcome_text(self.env, outcome, more)
        self.assertIn("The tenant ID in Odoo: acme.example", text)

    def test_google_has_no_tenant(self):
        for error in ("invalid_client", "deleted_client", "redirect_uri_mismatch"):
            with self.subTest(error):
                reason = sign_in_outcome({"error": error}, {}).reason
                self.assertNotIn("enant", str(TEXTS[reason]))

    def test_the_secret_is_never_a_value(self):
        self.assertEqual(
            {field for _label, field in VALUES.values()},
            {"client_id", "redirect_uri", "tenant_id"},
        )

    def test_an_accountant_sees_the_words_without_the_values(self):
        self.connector.sudo().write(
            {"provider": "google", "oauth_app_id": self.apps["google"].id}
        )
        condition.break_off(
            self.connector.sudo(), AdminActionRequired(Reason.APP_REDIRECT_URI)
        )
        user = new_test_user(
            self.env,
            "registration_accountant",
            "account.group_account_user",
            company_id=self.company.id,
        )
        connector = self.connector.with_user(user)
        self.assertIn("redirect URI", connector.error_text)
        self.assertNotIn(self.apps["google"].redirect_uri, connector.error_text)
