"""An administrator sees on one page how the server stands; and nobody else does."""

import threading
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..engine.checkup import address, page, servers
from ..engine.checkup.finding import BAD, FACT, GOOD, LOOK
from ..engine.mailbox import actions
from ..providers import probe
from ..providers.outcomes import Unavailable
from ..providers.probe import Answered
from ..providers.reasons import Reason
from ..tools import vault
from .oauth_common import OAuthCommon


@tagged("post_install", "-at_install")
class TestCheckup(OAuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect(cls.company, "accounting@acme.example")
        cls.admin = new_test_user(
            cls.env,
            "checkup_admin",
            "base.group_system",
            company_id=cls.company.id,
        )
        cls.manager = new_test_user(
            cls.env,
            "checkup_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
        )

    def setUp(self):
        super().setUp()
        mine = self.env["ir.model.data"].search(
            [("module", "=", "account_email_connector"), ("model", "=", "ir.cron")]
        )
        crons = self.env["ir.cron"].browse(mine.mapped("res_id"))
        crons.nextcall = datetime.now()
        self.answers = {"ask_smtp": Answered(), "ask_imap": Answered()}
        for name in self.answers:
            ask = patch.object(probe, name, lambda *args, name=name: self.answers[name])
            self.startPatcher(ask)

    def found(self):
        """{title: finding}, and what is copied."""
        findings, report = page.look(self.connector)
        return {each.title: each for each in findings}, report

    def test_a_server_in_order(self):
        found, report = self.found()
        wrong = [each for each in found.values() if each.state == BAD]
        self.assertFalse(wrong)
        self.assertEqual(found["SMTP smtp.acme.example:465"].state, GOOD)
        self.assertIn("account_email_connector 19.0.", found["Versions"].said)
        self.assertIn("msal 1.", found["Libraries"].said)
        self.assertIn("[good] Key:", report)

    def test_a_firewall(self):
        """The reason, and what to do, as when the mailbox is connected."""
        blocked = Unavailable(Reason.PORT_FILTERED, service="smtp")
        self.answers["ask_smtp"] = Answered(blocked)
        finding = self.found()[0]["SMTP smtp.acme.example:465"]
        self.assertEqual(finding.state, BAD)
        self.assertTrue(finding.said and finding.todo)

    def test_a_server_that_does_not_answer_is_not_waited_for(self):
        over = threading.Event()
        self.addCleanup(over.set)
        with (
            patch.object(probe, "ask_smtp", lambda *args: over.wait(60)),
            patch.object(servers, "PATIENCE", 0.2),
        ):
            finding = self.found()[0]["SMTP smtp.acme.example:465"]
        self.assertEqual(finding.state, BAD)
        self.assertFalse(over.is_set())

    def test_nothing_is_kept_of_a_mailbox_that_is_not_connected(self):
        self.connector.action_disconnect()
        self.assertEqual(self.found()[0]["Key"].state, GOOD)

    def test_the_address_that_it_should_allow(self):
        def public():
            return self.found()[0]["Public address"]

        self.assertEqual(public().state, LOOK)
        self.answers["ask_smtp"] = Answered(seen_as="10.1.2.3")
        self.assertIn("10.1.2.3", public().said)
        self.assertIn("own network", public().said)
        self.answers["ask_smtp"] = Answered(seen_as="8.8.4.4")
        self.assertEqual((public().state, public().said), (FACT, "8.8.4.4"))
        with patch.dict(config.options, {servers.PUBLIC_ADDRESS: "198.51.100.1"}):
            self.assertEqual(public().said, "198.51.100.1")

    def test_a_clock_that_is_wrong(self):
        self.answers["ask_smtp"] = Answered(ahead=timedelta(minutes=-9))
        clock = self.found()[0]["Clock"]
        self.assertEqual(clock.state, BAD)
        self.assertIn("smtp.acme.example", clock.said)
        self.assertIn("-540 s", clock.said)

    def test_a_key_that_is_another(self):
        other = "x" * 43 + "="
        with patch.dict(config.options, {vault.CONFIG_OPTION: other}):
            found, report = self.found()
        self.assertEqual(found["Key"].state, BAD)
        self.assertNotIn(other, report)
        with patch.dict(config.options, {vault.CONFIG_OPTION: "no key"}):
            found, report = self.found()
        self.assertEqual(found["Key"].state, BAD)
        self.assertNotIn("no key", report)

    def test_nobody_runs_scheduled_actions(self):
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        cron.nextcall = datetime.now() - timedelta(hours=3)
        self.assertEqual(self.found()[0]["Scheduled actions"].state, BAD)
        cron.active = False
        finding = self.found()[0]["Scheduled actions"]
        self.assertIn(cron.name, finding.said)

    def test_a_copy_that_sends_nothing(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertEqual(self.found()[0]["Database"].state, LOOK)

    # -- who, and in which language ----------------------------------------------------

    def test_in_ones_own_language_and_copied_in_english(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.connector.with_context(lang="fr_FR")
        findings, report = page.look(french)
        self.assertIn("Versions", report)
        self.assertNotEqual([each.title for each in findings], list(self.found()[0]))

    def test_for_system_administrators(self):
        action = self.connector.with_user(self.admin).action_check()
        check = self.env[action["res_model"]].browse(action["res_id"])
        mine = check.with_user(self.admin)
        self.assertIn("smtp.acme.example", mine.found)
        self.assertIn("smtp.acme.example", mine.report)
        with self.assertRaises(AccessError):
            self.connector.with_user(self.manager).action_check()
        with self.assertRaises(AccessError):
            check.with_user(self.manager).read(["report"])

    def test_nothing_secret_is_copied(self):
        report = self.found()[1]
        for app in self.apps.values():
            self.assertIn(app.name, report)
            self.assertNotIn(app.client_id, report)
        self.assertNotIn("secret", report)

    # -- another address than web.base.url ---------------------------------------------

    def test_a_sign_in_that_would_come_back_elsewhere(self):
        """It is said before anybody signs in; where the browser does not tell, not."""
        self.env["ir.config_parameter"].set_param(
            "web.base.url", "https://odoo.acme.example"
        )
        with patch.object(address, "opened_under", lambda: "192.0.2.1:8069"):
            with self.assertRaises(RedirectWarning) as caught:
                actions.sign_in(self.connector, "microsoft")
            self.assertIn("https://odoo.acme.example", caught.exception.args[0])
            self.assertEqual(self.found()[0]["Address of Odoo"].state, LOOK)
        for here in ("odoo.acme.example", None):
            with patch.object(address, "opened_under", lambda here=here: here):
                address.check(self.env)

    def test_a_base_url_with_a_path(self):
        """Copied from a browser, say: no page of Odoo's is there."""
        parameters, app = self.env["ir.config_parameter"], self.apps["microsoft"]
        for url, refused in (
            ("https://acme.example/odoo", True),
            ("https://acme.example/books/", True),
            ("https://acme.example/", False),
            ("https://acme.example", False),
        ):
            parameters.set_param("web.base.url", url)
            self.env.invalidate_all()
            with self.subTest(url):
                state = BAD if refused else GOOD
                self.assertEqual(self.found()[0]["Address of Odoo"].state, state)
                self.assertEqual(url in (app.redirect_warning or ""), refused)
        self.assertEqual(
            app.redirect_uri,
            "https://acme.example/account_email_connector/microsoft/callback",
        )
        parameters.set_param("web.base.url", "https://acme.example/odoo")
        with self.assertRaises(UserError) as caught:
            actions.sign_in(self.connector, "microsoft")
        self.assertIn("https://acme.example/odoo", caught.exception.args[0])

    def test_a_host(self):
        self.assertEqual(
            address.host_of("https://Odoo.acme.example:443/web"), "odoo.acme.example"
        )
        self.assertEqual(address.host_of("http://localhost:8069"), "localhost:8069")
        for name in ("https://müller.de", "https://xn--mller-kva.de/"):
            self.assertEqual(address.host_of(name), "xn--mller-kva.de")
        for nonsense in ("null", "https://odoo:port", f"https://{'x' * 70}.de"):
            self.assertEqual(address.host_of(nonsense), "")
