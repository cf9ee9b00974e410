"""The page of a mailbox says how it is and what one can do; who sees it has a menu."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import unquote

from lxml.etree import fromstring

from odoo import fields
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..engine.mailbox import condition
from ..providers.outcomes import AdminActionRequired, SignInRequired, Throttled
from ..providers.reasons import Reason
from .oauth_common import OAuthCommon

ADMINISTRATOR = "it@acme.example"


@tagged("post_install", "-at_install")
class TestMailboxPage(OAuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect(cls.company, "accounting@acme.example")
        cls.manager, cls.clerk, cls.auditor = (
            new_test_user(
                cls.env,
                f"page_{group}",
                f"base.group_user,account.group_account_{group}",
                email=f"{group}@acme.example",
                company_id=cls.company.id,
            )
            for group in ("manager", "invoice", "readonly")
        )

    def note(self, outcome):
        with self.enter_registry_test_mode():
            condition.note_outcome(self.connector, outcome)

    def view(self, kind):
        arch = self.connector.with_user(self.manager).get_view(view_type=kind)["arch"]
        return fromstring(arch)

    # -- how it is ---------------------------------------------------------------------

    def test_how_it_is_in_a_word(self):
        self.assertEqual(self.connector.health, "connected")
        self.note(Throttled(Reason.TOO_FAST, retry_after=600))
        self.assertEqual(self.connector.health, "waiting")
        self.note(SignInRequired(Reason.WRONG_PASSWORD))
        self.assertEqual(self.connector.health, "sign_in")
        self.note(AdminActionRequired(Reason.MAILBOX_FULL))
        self.assertEqual(self.connector.health, "error")
        self.connector.action_disconnect()
        self.assertEqual(self.connector.health, "disconnected")
        approval = self.ask_for_approval()
        self.assertEqual(self.connector.health, "approval")
        approval.approved_at = approval.asked_at
        self.assertEqual(self.connector.health, "approved")

    def test_when_the_last_one_left_as_people_say_it(self):
        now = fields.Datetime.now()
        self.env["account.email.delivery"].sudo().create(
            {
                "connector_id": self.connector.id,
                "company_id": self.company.id,
                "sender": self.connector.email,
                "recipients": "pay@customer.example",
                "message_id": "<1@acme.example>",
                "envelope_key": "1",
                "state": "accepted",
                "accepted_at": now,
                "started_at": now,
            }
        )
        self.env.flush_all()
        for later, told in (
            (timedelta(hours=3), "3 hours ago"),
            (timedelta(), "1 second ago"),
        ):
            self.env.invalidate_all()
            with freeze_time(now + later):
                self.assertEqual(self.connector.last_sent, told)

    def test_the_title_is_the_address_that_is_connected_now(self):
        self.assertIn("accounting@acme.example", self.connector.display_name)
        self.connector.action_disconnect()
        self.assertNotIn("@", self.connector.display_name)
        self.connect(self.company, "billing@acme.example")
        self.assertIn("billing@acme.example", self.connector.display_name)

    def test_what_the_server_said_is_there_once_without_its_code(self):
        self.note(SignInRequired(Reason.WRONG_PASSWORD, code="535", detail="No"))
        self.assertTrue(self.connector.error_is_quote)
        box = self.view("form").xpath("//div[hasclass('alert-danger')]")[0]
        self.assertEqual(len(box.xpath(".//field[@name='error_detail']")), 1)
        self.assertFalse(box.xpath(".//field[@name='error_said']"))
        (code,) = box.xpath(".//field[@name='error_code']/..")
        self.assertEqual(code.get("invisible"), "1", "for developers")

    def test_each_button_says_what_it_does(self):
        rows = self.view("form").xpath("//div[@name='actions']/div")
        self.assertGreater(len(rows), 5)
        for row in rows:
            (button,) = row.xpath(".//button")
            words = " ".join("".join(row.itertext()).split())
            self.assertRegex(words, r"\w.+\.$", button.get("string"))

    def test_what_waits_is_a_click_away(self):
        self.invoice(40)
        followup = self.plan()
        self.assertEqual(self.connector.waiting_count, 1)
        action = self.env.ref("account_email_connector.action_waiting")
        (button,) = self.view("form").xpath(f"//button[@name='{action.id}']")
        self.assertEqual(button.get("invisible"), "not waiting_followups")
        domain = safe_eval(action.domain, {"active_id": self.connector.id})
        found = self.env[action.res_model].with_user(self.clerk).search(domain)
        self.assertEqual(found, followup)

    # -- who gets there ----------------------------------------------------------------

    def test_who_may_see_it_has_a_menu(self):
        menu = self.env.ref("account_email_connector.menu_mailbox")
        for user in (self.clerk, self.auditor):
            with self.subTest(user.login):
                self.assertIn(menu.id, menu.with_user(user).load_menus(False))
                action = menu.action.with_user(user).run()
                self.assertEqual(action["res_id"], self.connector.id)

    def test_who_may_only_look_makes_no_mailbox(self):
        self.connector.unlink()
        connectors = self.env["account.email.connector"]
        action = connectors.with_user(self.clerk).action_open()
        self.assertFalse(action.get("res_id"))
        self.assertFalse(connectors.search([("company_id", "=", self.company.id)]))

    def test_a_to_do_opens_a_list_that_says_which_mailbox(self):
        for kind in ("list", "kanban"):
            arch = self.view(kind)
            names = {node.get("name") for node in arch.iter("field")}
            self.assertEqual(arch.get("create"), "0", kind)
            self.assertLessEqual(
                {"company_id", "sender_address", "health", "waiting_count"}, names
            )
        filters = {node.get("name") for node in self.view("search").iter("filter")}
        self.assertLessEqual({"filter_activities_my", "activities_today"}, filters)

    # -- waiting for an administrator --------------------------------------------------

    def ask_for_approval(self):
        """A sign-in at Microsoft asked for it; there is no mailbox yet."""
        self.connector.action_disconnect()
        self.connector.write(
            {
                "state": "pending_approval",
                "provider": "microsoft",
                "oauth_app_id": self.apps["microsoft"].id,
                "error_reason": "approval_required",
            }
        )
        asked = {"connector_id": self.connector.id, "asked_at": fields.Datetime.now()}
        return self.env["account.email.approval"].sudo().create(asked)

    def mail_the_link(self, **server):
        """As a manager, with a mail server of Odoo's that does this."""
        forms = self.env["account.email.connector.approval"].with_user(self.manager)
        form = forms.create({"connector_id": self.connector.id, "email": ADMINISTRATOR})
        with (
            patch.object(IrMail_Server, "_disable_send", lambda *args: False),
            patch.object(IrMail_Server, "_connect__", **server),
            patch.object(IrMail_Server, "send_email", return_value="<1@acme.example>"),
        ):
            return form.action_send()["params"]

    def test_a_link_that_left_was_sent(self):
        self.ask_for_approval()
        told = self.mail_the_link()
        self.assertEqual(told["type"], "success")
        self.assertIn(f"was sent to {ADMINISTRATOR}", told["message"])
        self.assertEqual(self.connector.approval_mail_text, told["message"])
        self.assertTrue(self.connector.approval_mail_left)

    def test_a_link_that_did_not_leave_is_said_to_be_there_to_copy(self):
        self.ask_for_approval()
        told = self.mail_the_link(side_effect=ConnectionRefusedError())
        self.assertEqual(told["type"], "danger")
        self.assertIn("could not be sent", told["message"])
        self.assertFalse(self.connector.approval_mail_left)
        self.assertEqual(self.connector.approval_mail_text, told["message"])
        noted = self.connector.message_ids[0].body
        self.assertIn("could not be sent", noted)
        self.assertNotIn("was sent", noted)

    def test_ones_own_email_program_gets_the_link(self):
        self.ask_for_approval()
        connector = self.connector.with_user(self.manager)
        link = fromstring(str(connector.approval_mailto)).get("href")
        self.assertTrue(link.startswith("mailto:?subject="), link)
        self.assertIn(connector.approval_url, unquote(link))
