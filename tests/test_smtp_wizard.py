from unittest.mock import Mock, patch

from odoo.tests import tagged

from ..engine.secrets import mailboxes, sealed
from ..providers.outcomes import AdminActionRequired, SignInRequired, Unavailable
from ..providers.reasons import Reason
from ..providers.smtp.ports import PortAnswer
from ..tools import vault
from ..wizard import account_email_connector_smtp as wizard_module
from .common import ConnectorCommon, MemoryMailbox


@tagged("post_install", "-at_install")
class TestSmtpWizard(ConnectorCommon):
    """What the user is told when the sign-in fails, and what stays as it was."""

    def log_in(self, outcome=None, ports=()):
        """Press "Log in" at a mailbox that answers with *outcome*."""
        wizard = self.env["account.email.connector.smtp"].create(
            {
                "connector_id": self.connector.id,
                "email": self.connector.email,
                "user": self.connector.email,
                "encryption": "ssl",
                "sent_copy": "auto",
                "host": "smtp.acme.example",
                "port": 2525,
                "password": "planted-secret",
            }
        )
        mailbox = MemoryMailbox()
        mailbox.check = Mock(side_effect=outcome)
        with (
            patch.object(mailboxes, "SmtpMailbox", lambda settings: mailbox),
            patch.object(
                wizard_module, "diagnose_ports", lambda host, port, reach: ports
            ),
        ):
            action = wizard.action_log_in()
        return wizard, action

    def test_a_wrong_password(self):
        self.connector.state = "error"
        refused = SignInRequired(
            Reason.WRONG_PASSWORD, code="535 5.7.8", detail="Authentication failed"
        )
        wizard, action = self.log_in(refused)
        self.assertEqual((action["res_id"], action["target"]), (wizard.id, "new"))
        self.assertEqual(wizard.failure_title, "User name or password is wrong")
        self.assertIn("app password", wizard.failure_text)
        self.assertEqual(wizard.failure_detail, "535 5.7.8 Authentication failed")
        self.assertNotIn("planted-secret", str(wizard.read()))
        self.assertEqual(self.connector.state, "error", "nothing was connected")

    def test_a_blocked_port_and_which_others_answer(self):
        ports = [PortAnswer(465, "open"), PortAnswer(587, "open")]
        ports.append(PortAnswer(25, "filtered"))
        wizard, _action = self.log_in(Unavailable(Reason.PORT_FILTERED), ports)
        self.assertEqual(wizard.failure_title, "The port is blocked")
        self.assertIn("Ask your IT to open it", wizard.failure_text)
        self.assertIn("do answer: 465, 587.", wizard.failure_text)

    def test_no_port_answers(self):
        ports = [PortAnswer(465, "filtered"), PortAnswer(587, "closed")]
        wizard, _action = self.log_in(Unavailable(Reason.PORT_CLOSED), ports)
        self.assertIn("The ports 465, 587 do not answer either.", wizard.failure_text)

    def test_it_is_the_sent_folder(self):
        refused = SignInRequired(Reason.WRONG_PASSWORD, service="imap")
        wizard, _action = self.log_in(refused)
        self.assertEqual(
            wizard.failure_title,
            "IMAP (Sent folder): User name or password is wrong",
        )
        blocked = Unavailable(Reason.PORT_FILTERED, service="imap")
        wizard, _action = self.log_in(blocked, [PortAnswer(465, "open")])
        self.assertNotIn("465", wizard.failure_text, "that would be SMTP's port")

    def test_a_key_that_cannot_be_used(self):
        self.connector.state = "error"
        unusable = AdminActionRequired(Reason.KEY_UNUSABLE, detail="no such file")
        for failure, title in (
            (vault.SecretLost(), "cannot be read any more"),
            (unusable, "cannot be used"),
        ):
            with patch.object(vault, "unseal", side_effect=failure):
                wizard, _action = self.log_in()
            self.assertIn(title, wizard.failure_title)
        with patch.object(sealed, "keep", side_effect=unusable):
            wizard, _action = self.log_in()
        self.assertIn("cannot be used", wizard.failure_title)
        self.assertEqual(wizard.failure_detail, "no such file")
        self.assertEqual(self.connector.state, "error", "nothing was connected")

    def test_then_it_succeeds(self):
        self.connector.state = "error"
        wizard, action = self.log_in()
        self.assertEqual(action["params"]["title"], "Connected")
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.connector.smtp_port, 2525)
        self.assertFalse(wizard.exists(), "the password does not stay in the wizard")
