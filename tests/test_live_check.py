"""An administrator lets a mailbox work once, for real, and is told what came of it."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine.checkup import live, live_page
from ..engine.checkup.finding import BAD, FACT, GOOD, LOOK
from ..providers.google.inbox import GMAIL_READONLY
from ..providers.outcomes import Rejected, SignInRequired
from ..providers.reasons import Reason
from ..tools.locks import Busy
from .common import ConnectorCommon
from .oauth_common import ANNA, CLARA, GOOGLE, MICROSOFT, StandInCommon


class LiveCheckCommon:
    """Runs it as a browser does: in a transaction of its own."""

    def setUp(self):
        super().setUp()
        self.admin = new_test_user(
            self.env, "live_admin", "base.group_system", company_id=self.company.id
        )
        for name, seconds in (("PAUSE", 0), ("SETTLES", 0), ("LOOKS", 2)):
            self.startPatcher(patch.object(live, name, seconds))

    def opened(self, user=None):
        """The page of "Check the server", of *user*."""
        values = {"connector_id": self.connector.id, "report": "[good] Versions: 1"}
        checks = self.env["account.email.connector.check"]
        check = checks.with_user(user or self.admin).sudo().create(values)
        self.env.flush_all()
        return check.with_env(self.env).with_user(user or self.admin)

    def press(self, check):
        """The page that "Run the live check" shows then."""
        with self.registry.cursor() as cr:
            action = check.with_env(check.env(cr=cr)).action_live()
        self.env.invalidate_all()
        return check.browse(action["res_id"])

    def run_it(self):
        """{title: line}, by what is copied; and the page."""
        page = self.press(self.opened())
        lines = [line for line in page.report.splitlines() if line.startswith("[")]
        found = {}
        for line in lines:
            found.setdefault(line.partition("] ")[2].partition(": ")[0], line)
        return found, page


@tagged("post_install", "-at_install", "-standard", "connector_standin")
class TestLiveCheckAtStandIn(LiveCheckCommon, StandInCommon):
    def check(self, account, lines):
        """What is told of a mailbox that works."""
        for title in ("Sign-in", "Account", "Email to itself, with a PDF"):
            self.assertIn(f"[{GOOD}]", lines[title])
        self.assertIn(f"[{GOOD}] Copy in Sent: there, once", lines["Copy in Sent"])
        self.assertEqual(len(self.sent(account)), 1)

    def test_microsoft(self):
        self.standin.control.tenant("bluelake.example", consent="user")
        self.sign_in("microsoft", ANNA, extra_scopes=["Mail.Read"])
        lines, page = self.run_it()
        self.check(ANNA, lines)
        text = page.report
        self.assertIn("mail.read", text)
        self.assertIn(f"[{GOOD}] Arrival: PDF", text)
        self.assertIn(f"[{FACT}] Arrival: Message-ID: as we wrote it", text)
        self.assertIn("[good] Versions: 1", text, "what the server's check has found")
        self.assertIn("ErrorSendAsDenied", text, "what is left to a person")
        self.assertIn("ErrorSendAsDenied", page.by_hand)
        for secret in (*MICROSOFT, ANNA):
            self.assertNotIn(secret, text)

    def test_google_with_another_message_id(self):
        self.sign_in("google", CLARA, extra_scopes=[GMAIL_READONLY])
        lines, page = self.run_it()
        self.check(CLARA, lines)
        other = f"[{FACT}] Arrival: Message-ID: another one than ours: <"
        self.assertIn(other, page.report)
        for secret in (*GOOGLE, CLARA):
            self.assertNotIn(secret, page.report)

    def test_what_may_not_be_read_is_left_to_a_person(self):
        for provider, account in (("microsoft", ANNA), ("google", CLARA)):
            self.connector.action_disconnect()
            self.sign_in(provider, account)
            page = self.press(self.opened())
            self.assertIn(f"[{LOOK}] Account: reading", page.report)
            self.assertIn(f"[{LOOK}] Copy in Sent", page.report)
            self.assertNotIn(f"[{BAD}]", page.report)

    def test_a_part_that_fails_says_so_and_the_others_go_on(self):
        self.standin.control.tenant("bluelake.example", consent="user")
        self.sign_in("microsoft", ANNA, extra_scopes=["Mail.Read"])
        limit = {"fault": "429", "retry_after": 7}
        self.standin.control.add_fault("graph.sendMail", **limit)
        page = self.press(self.opened())
        self.assertIn(f"[{GOOD}] Account", page.report)
        self.assertIn(f"[{BAD}] Email to itself, with a PDF", page.report)
        self.assertIn("for 7 s", page.report)
        self.assertIn(f"[{LOOK}] Arrival: Not tried", page.report)
        self.assertEqual(self.connector.state, "connected")
        self.assertFalse(self.connector.wait_until)


@tagged("post_install", "-at_install")
class TestLiveCheck(LiveCheckCommon, ConnectorCommon):
    def press(self, check):
        with self.mail_leaves(), self.enter_registry_test_mode():
            return super().press(check)

    def test_a_mailbox_that_nobody_may_look_into(self):
        lines, page = self.run_it()
        (email,) = self.mailbox.accepted
        self.assertEqual(email.recipients, (self.connector.email,))
        (pdf,) = email.message.iter_attachments()
        self.assertEqual(pdf.get_filename(), "live-check.pdf")
        self.assertIn(f"[{GOOD}]", lines["Sign-in"])
        self.assertIn(f"[{LOOK}]", lines["Copy in Sent"])
        self.assertNotIn(self.connector.email, page.report)

    def test_after_a_refused_sign_in_nothing_else_is_tried(self):
        """Each attempt with a wrong password may be the one that locks the account."""
        refusal = SignInRequired(Reason.WRONG_PASSWORD, code="535", detail="No")
        with patch.object(self.mailbox, "check", side_effect=refusal):
            lines, _page = self.run_it()
        self.assertIn("535 No", lines["Sign-in"])
        self.assertIn("Not tried", lines["Email to itself, with a PDF"])
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(self.connector.state, "connected", "nothing is changed")

    def test_an_address_is_hidden_however_it_is_written(self):
        self.connector.sudo().write({"email": "anna@a.example"})
        lines = live_page._without_address(
            self.connector, "Not <Anna@A.Example>, anna@a.example; bob@a.example"
        )
        self.assertEqual(lines, "Not <…@A.Example>, …@a.example; bob@a.example")

    def test_a_customer_is_not_told(self):
        words = "550 pay@bluelake.example does not exist"
        self.mailbox.refusals.append(
            Rejected(Reason.RECIPIENT_REFUSED, code="550", detail=words)
        )
        self.assertNotIn("bluelake", self.run_it()[1].report)

    def test_a_defect_of_ours_stays_with_its_part(self):
        with (
            patch.object(self.mailbox, "account", side_effect=KeyError("x")),
            self.assertLogs(level="WARNING"),
        ):
            lines, _page = self.run_it()
        self.assertIn(f"[{BAD}]", lines["Account"])
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_pressed_twice(self):
        running = patch.object(live.apart, "apart", side_effect=Busy("live check"))
        with running, self.assertRaises(UserError):
            self.press(self.opened())
        self.assertFalse(self.mailbox.accepted)

    def test_no_transaction_waits_for_the_network(self):
        """Whatever is asked for, what was read before has ended."""
        ended = []
        rest = live.Run.rest

        def rests(check):
            rest(check)
            ended.append(check)

        def asked(*_args):
            self.assertTrue(ended)
            ended.clear()

        with (
            patch.object(live.Run, "rest", rests),
            patch.object(self.mailbox, "check", asked),
        ):
            self.run_it()

    def test_who_may(self):
        check = self.opened()
        manager = new_test_user(
            self.env,
            "live_manager",
            "account.group_account_manager",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.press(check.with_user(manager))
        other = new_test_user(
            self.env, "live_other", "base.group_system", company_id=self.company.id
        )
        with self.assertRaises(AccessError):
            self.press(check.with_user(other))
        self.connector.action_disconnect()
        with self.assertRaises(UserError):
            self.press(check)
        self.assertFalse(self.mailbox.accepted)
