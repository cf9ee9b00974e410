from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import tagged
from odoo.tools import config

from ..engine.mailbox import condition, health
from ..engine.mailbox.condition import NO_TROUBLE
from ..engine.secrets import mailboxes, rotation, sealed
from ..engine.sending.mail_session import open_session
from ..providers.outcomes import SignInRequired
from ..providers.reasons import Reason
from ..tools import locks, vault
from .common import ConnectorCommon

ROTATION = "odoo.addons.account_email_connector.engine.secrets.rotation"
HEALTH = "account_email_connector.ir_cron_health"


def key():
    return Fernet.generate_key().decode()


class KeysCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old, cls.new = key(), key()
        with cls.keys(cls.old):
            cls.connector._connect("accounting@acme.example", {"password": "x"}, {})

    @staticmethod
    def keys(*keys):
        """The keys that stand in ``odoo.conf``."""
        return patch.dict(config.options, {vault.CONFIG_OPTION: ",".join(keys)})

    def opens(self, *keys):
        with self.keys(*keys):
            self.connector.invalidate_recordset()
            return mailboxes.opens(self.connector)

    def check_health(self):
        """The daily action."""
        with self.enter_registry_test_mode():
            self.env.ref(HEALTH).method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMendedKeys(KeysCommon):
    """What lacked its key goes on when that is back; nothing else does."""

    def lose_key(self, *keys):
        with self.keys(*keys), open_session(self.connector):
            self.assertEqual(self.connector.state, "error")

    def mend(self, *keys):
        with self.keys(*keys):
            health.mend_keys(self.connector)
        return self.connector.state

    def test_a_key_that_is_repaired_or_put_back(self):
        for wrong, reason in (
            ("a typing error", "key_unusable"),
            (self.new, "credential_lost"),
        ):
            self.lose_key(wrong)
            self.assertEqual(self.connector.error_reason, reason)
            self.assertTrue(self.connector.activity_ids)
            self.assertEqual(self.mend(wrong), "error", "nothing has changed")
            self.assertEqual(self.mend(self.old), "connected")
            self.assertFalse(self.connector.activity_ids)
            for name in NO_TROUBLE:
                self.assertFalse(self.connector[name], name)

    def test_the_scheduled_actions_do_it(self):
        for action in ("account_email_connector.ir_cron_followups", HEALTH):
            self.lose_key("a typing error")
            with self.keys(self.old), self.enter_registry_test_mode():
                self.env.ref(action).method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self.connector.state, "connected", action)

    def test_a_mailbox_with_another_trouble_stays_broken(self):
        for outcome in (
            SignInRequired(Reason.WRONG_PASSWORD),
            SignInRequired(Reason.SIGN_IN_AGAIN),
        ):
            condition.note_outcome(self.connector, outcome)
            self.assertEqual(self.mend(self.old), "error")

    def test_one_that_was_disconnected_stays_so(self):
        self.lose_key("a typing error")
        self.connector.action_disconnect()
        self.assertEqual(self.mend(self.old), "disconnected")

    def test_a_copy_stays_broken(self):
        self.env["ir.config_parameter"].init(force=True)  # as Odoo does with a copy
        self.lose_key(self.old)
        self.assertEqual(self.mend(self.old), "error")


@tagged("post_install", "-at_install")
class TestRotatedKeys(KeysCommon):
    """With both keys there, the daily action seals everything with the new one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {
            "name": "Google",
            "provider": "google",
            "client_id": "1.apps.googleusercontent.com",
            "client_secret": "planted",
            "active": False,
        }
        with cls.keys(cls.old):
            cls.app = cls.env["account.email.oauth.app"].sudo().create(values)

    def seal_anew(self, *keys):
        with self.keys(*keys), self.enter_registry_test_mode():
            rotation.seal_anew(self.env(su=True))

    def test_then_the_old_one_can_go(self):
        self.assertFalse(self.opens(self.new))
        with self.keys(self.new, self.old), self.assertLogs(ROTATION) as logs:
            self.check_health()
        self.assertIn("2 secrets", logs.output[0])
        self.assertTrue(self.opens(self.new))
        with self.keys(self.new):
            self.assertEqual(sealed.load(self.connector), {"password": "x"})
            self.assertEqual(mailboxes.oauth_app(self.app).client_secret, "planted")

    def test_nothing_is_said_where_nothing_was_done(self):
        for keys in ([self.old], [self.new], ["a typing error"]):
            with self.assertNoLogs(ROTATION):
                self.seal_anew(*keys)
        self.assertTrue(self.opens(self.old))

    def test_a_token_that_is_being_refreshed_is_left_alone(self):
        with patch.object(locks, "kept", side_effect=locks.Busy) as taken:
            self.seal_anew(self.new, self.old)
        self.assertIn(f"token {self.connector.id}", str(taken.call_args_list))
        self.assertFalse(self.opens(self.new))

    def test_what_was_replaced_meanwhile_is_left_alone(self):
        def replaced_meanwhile(_kept):
            self.env.cr.execute(
                "UPDATE account_email_connector_credential SET sealed = 'replaced'"
            )
            return "sealed anew"

        with patch.object(vault, "seal_anew", side_effect=replaced_meanwhile):
            self.seal_anew(self.old)
        self.env.cr.execute("SELECT sealed FROM account_email_connector_credential")
        self.assertEqual(set(self.env.cr.fetchall()), {("replaced",)})
