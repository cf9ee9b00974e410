from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.mailbox import condition
from ..engine.mailbox.sender import sender_of
from ..engine.mailbox.serving import connector_of
from ..engine.secrets import sealed
from ..engine.sending.mail_session import open_session
from ..providers.outcomes import SignInRequired, Throttled, Unavailable
from ..providers.reasons import Reason
from ..tools import vault
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestConnector(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "connector_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
        )
        cls.as_manager = cls.connector.with_user(cls.manager)

    def secret(self):
        return sealed.load(self.connector)

    def test_secret_is_encrypted_in_the_database(self):
        self.env.cr.execute("SELECT * FROM account_email_connector_credential")
        self.assertNotIn("planted-secret", str(self.env.cr.fetchall()))
        self.assertEqual(self.secret(), {"password": "planted-secret"})

    def test_another_address_is_refused_while_one_is_linked(self):
        for state in ("connected", "error", "pending_approval"):
            self.connector.state = state
            with self.assertRaisesRegex(UserError, "Disconnect it before"):
                self.as_manager._connect("other@acme.example", {}, {})
            self.assertEqual(self.connector.email, "accounting@acme.example")
            self.assertEqual(self.secret(), {"password": "planted-secret"})

    def test_the_same_address_reconnects(self):
        condition.break_off(
            self.connector, SignInRequired(Reason.WRONG_PASSWORD, code="535")
        )
        self.assertEqual(self.connector.state, "error")
        self.as_manager._connect("Accounting@ACME.example", {"password": "new"}, {})
        self.assertEqual(self.connector.state, "connected")
        self.assertFalse(self.connector.error_title)
        self.assertEqual(self.connector.connected_by_id, self.manager)
        self.assertEqual(self.secret(), {"password": "new"})

    def test_what_waits_goes_when_it_is_connected(self):
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.as_manager._connect("accounting@acme.example", {"password": "new"}, {})
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_disconnect_forgets_the_secret(self):
        self.as_manager.action_disconnect()
        self.assertEqual(self.connector.state, "disconnected")
        with self.assertRaises(vault.SecretLost):
            self.secret()
        self.as_manager._connect("other@acme.example", {"password": "x"}, {})
        self.assertEqual(self.connector.email, "other@acme.example")

    def test_two_companies_may_share_an_address(self):
        other = self._create_company(name="Other")
        connector = self.connect(other, self.connector.email)
        self.as_manager.action_disconnect()
        self.assertEqual(connector.state, "connected")

    def test_what_a_sign_in_settles_cannot_be_written(self):
        for values in ({"state": "connected"}, {"email": "x@y.example"}):
            with self.assertRaises(AccessError):
                self.as_manager.write(values)
        self.as_manager.sender_name = "Anna"  # this can

    def test_no_default_stands_in_for_a_sign_in(self):
        other = self._create_company(name="Other")
        self.manager.company_ids |= other
        env = self.env(user=self.manager)
        env["ir.default"].set(
            "account.email.connector", "smtp_host", "smtp.evil.example", user_id=True
        )
        connectors = env["account.email.connector"].with_context(
            allowed_company_ids=other.ids,
            default_state="connected",
            default_email="boss@acme.example",
        )
        connector = connectors.create({})
        self.assertEqual(connector.company_id, other)
        self.assertEqual(connector.state, "disconnected")
        self.assertFalse(connector.email or connector.smtp_host)

    def test_a_name_of_several_lines_is_one_in_the_sender(self):
        self.connector.sender_name = "Acme\nAccounting"
        self.assertEqual(
            sender_of(self.connector), '"Acme Accounting" <accounting@acme.example>'
        )

    def test_one_connector_per_company(self):
        with (
            self.assertRaisesRegex(Exception, "one_per_company"),
            mute_logger("odoo.sql_db"),
        ):
            self.env["account.email.connector"].create({"company_id": self.company.id})

    def test_a_lost_key_asks_to_reconnect(self):
        self.env.cr.execute("UPDATE account_email_connector_credential SET sealed='x'")
        self.env.invalidate_all()
        with open_session(self.connector):
            self.assertFalse(self.connector._usable())
        self.assertEqual(self.connector.state, "error")
        self.assertIn("cannot be read", self.connector.error_title)

    def test_throttled_waits_for_every_company_on_the_address(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        condition.note_outcome(
            self.connector, Throttled(Reason.TOO_FAST, retry_after=600)
        )
        self.assertFalse(self.connector._usable())
        self.assertFalse(other._usable())
        self.assertEqual(self.connector.state, "connected")
        condition.note_success(other)
        self.assertTrue(self.connector._usable())

    def test_a_short_wait_does_not_cut_a_long_one(self):
        condition.note_outcome(
            self.connector, Throttled(Reason.DAILY_LIMIT, retry_after=86400)
        )
        until = self.connector.wait_until
        condition.note_outcome(
            self.connector, Throttled(Reason.TOO_FAST, retry_after=60)
        )
        self.assertEqual(self.connector.wait_until, until)

    def test_a_system_administrator_without_invoicing_opens_it(self):
        system = new_test_user(
            self.env, "connector_it", "base.group_system", company_id=self.company.id
        )
        self.invoice(40)
        self.plan()
        self.env.invalidate_all()
        self.assertEqual(self.connector.with_user(system).waiting_count, 1)

    def test_a_server_that_stays_away_becomes_an_error(self):
        condition.note_outcome(self.connector, Unavailable(Reason.PORT_FILTERED))
        self.assertEqual(self.connector.state, "connected")
        begun = fields.Datetime.now()
        for hours in (8, 16, 25):  # as when nothing is sent in the night
            self.assertEqual(self.connector.state, "connected")
            with freeze_time(begun + timedelta(hours=hours)):
                condition.note_outcome(
                    self.connector, Unavailable(Reason.PORT_FILTERED)
                )
        self.assertEqual(self.connector.state, "error")

    def test_a_proxy_whose_certificate_nobody_trusts_holds_the_mailbox(self):
        """Else each follow-up is tried for two days, and fails by itself."""
        condition.note_outcome(
            self.connector, Unavailable(Reason.CERTIFICATE_NOT_TRUSTED)
        )
        self.assertFalse(self.connector._usable())
        self.assertIn("certificate is not trusted", self.connector.wait_text)

    def test_a_moment_on_friday_and_one_on_monday_are_no_error(self):
        """But two hours on Monday: who sends on Mondays only hears of it, too."""
        begun = fields.Datetime.now()
        for hours in (0, 64, 64.5):
            with freeze_time(begun + timedelta(hours=hours)):
                condition.note_outcome(
                    self.connector, Unavailable(Reason.CONNECTION_LOST)
                )
            self.assertEqual(self.connector.state, "connected")
        with freeze_time(begun + timedelta(hours=64 + 2)):
            condition.note_outcome(self.connector, Unavailable(Reason.CONNECTION_LOST))
        self.assertEqual(self.connector.state, "error")

    def test_a_copy_of_the_database_sends_nothing(self):
        """Not even one on the same server, with its key, that nobody neutralized."""
        self.invoice(40)
        self.plan()
        # as odoo.service.db does with a copy
        self.env["ir.config_parameter"].init(force=True)
        with open_session(self.connector):
            self.assertFalse(self.connector._usable())
        self.assertEqual(self.connector.error_reason, "credential_lost")
        self.as_manager._connect("accounting@acme.example", {"password": "new"}, {})
        with open_session(self.connector):
            self.assertTrue(self.connector._usable())

    def test_neutralize_disconnects(self):
        for query in get_neutralization_queries(["account_email_connector"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual(self.connector.state, "disconnected")
        self.assertEqual(self.connector.chasing, "new", "a test mailbox chases nobody")
        with self.assertRaises(vault.SecretLost):
            self.secret()

    def test_an_older_database_is_neutralized_too(self):
        """By the new code, before it is updated."""
        self.env.cr.execute(
            "ALTER TABLE account_email_connector DROP COLUMN connected_in;"
            "ALTER TABLE account_email_oauth_app DROP COLUMN next_sealed;"
            "DROP TABLE account_email_approval"
        )
        for query in get_neutralization_queries(["account_email_connector"]):
            self.env.cr.execute(query)
        self.env.cr.execute("SELECT DISTINCT state FROM account_email_connector")
        self.assertEqual(self.env.cr.fetchall(), [("disconnected",)])

    def test_a_branch_uses_its_parents_mailbox(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.assertEqual(connector_of(branch), self.connector)
        own = self.connect(branch, "branch@acme.example")
        self.assertEqual(connector_of(branch), own)
        condition.break_off(own, SignInRequired(Reason.WRONG_PASSWORD))
        self.assertEqual(connector_of(branch), own, "its emails wait for it")

    def test_a_branch_keeps_its_parents_mailbox_until_its_own_is_connected(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        Connector = self.env["account.email.connector"]
        own = Connector.create({"company_id": branch.id}).sudo()
        for state in ("disconnected", "pending_approval"):
            own.state = state
            self.assertEqual(connector_of(branch), self.connector, state)
