"""Each advice is a button that works there: all reasons, all states, each way out."""

import re
from itertools import combinations, product
from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..engine.mailbox import (
    condition,
    connecting,
    copies,
    health,
    revocation,
    sign_in_notice,
    ways,
)
from ..providers.oauth.app import Grant
from ..providers.outcomes import AdminActionRequired, SignInRequired, Unavailable
from ..providers.reasons import Reason
from ..texts import TEXTS
from .common import ConnectorCommon
from .oauth_common import GOOGLE, MICROSOFT

SHARED = "accounts@acme.example"
#: About one email, or over by itself: no mailbox is lost for it.
NO_ERROR = frozenset(
    {
        Reason.RECIPIENT_REFUSED,
        Reason.MESSAGE_REFUSED,
        Reason.MESSAGE_TOO_LARGE,
        Reason.ADDRESS_INVALID,
        Reason.ADDRESS_NOT_SUPPORTED,
        Reason.DAILY_LIMIT,
        Reason.SENDING_LIMIT,
        Reason.TOO_FAST,
        Reason.PACED,
        Reason.DEFERRED,
        Reason.MAYBE_SENT,
        Reason.READING_FAILED,
        Reason.APP_QUOTA,
    }
)
KINDS = {
    "sign in": ways.SIGN_IN,
    "elsewhere": ways.ELSEWHERE,
    "sending": ways.SENDING,
    "place": ways.PLACE,
    "no error": NO_ERROR,
}
BUTTONS = {
    "test": "Send a test email",
    "reconnect": "Reconnect",
    "send_as": "Send as another address",
    "own_address": "Use the mailbox's own address",
    "disconnect": "Disconnect",
    "send_from_here": "Send from here",
    "let_go": "Disconnect",
}
SIGN_IN_BUTTONS = {
    "disconnected": {"Sign in with Microsoft", "Sign in with Google"},
    "pending_approval": {"Reconnect"},
    "error": {"Reconnect"},
}


class WaysCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.person("manager", "account.group_account_manager")
        cls.clerk = cls.person("clerk", "account.group_account_invoice")
        apps = cls.env["account.email.oauth.app"]
        cls.apps = {
            name: apps.create(
                {
                    "name": name,
                    "provider": name,
                    "client_id": client_id,
                    "audience": "common",
                    "client_secret": secret,
                }
            )
            for name, (client_id, secret) in (
                ("microsoft", MICROSOFT),
                ("google", GOOGLE),
            )
        }

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        # What must outlive a rollback is committed apart: let it be seen here.
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(patch.object(revocation, "revoke", lambda *args: True))

    @classmethod
    def person(cls, name, group):
        return new_test_user(
            cls.env,
            f"ways_{name}",
            f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def connect_with(self, provider, reason=None, send_as=False):
        """A mailbox that was connected with *provider*, and broke for *reason*."""
        self.connector.action_disconnect()
        if provider == "smtp":
            self.connect(self.company, "accounting@acme.example")
        else:
            self.sign_in(provider)
        if send_as:
            self.connector.write({"send_as": SHARED, "sent_items": "shared"})
        if reason:
            condition.break_off(self.connector, AdminActionRequired(reason))
        return self.connector

    def sign_in(self, provider, mailbox_known=True):
        """Sign in on the page of *provider*; return what still stands in the way."""
        scopes, token = ("Mail.Send",), "{}"
        grant = Grant(
            "accounting@acme.example", "1", "", "", scopes, token, mailbox_known
        )
        new = self.connector.state == "disconnected"
        connecting.take_grant(self.connector, self.apps[provider], grant)
        self.connector.sudo().chasing = "on"  # how another one begins: test_start
        return connecting.prove(self.connector, grant, new)

    # -- what a user sees --------------------------------------------------------------

    def page(self, user):
        """The form as *user* gets it, without what is not to be seen now."""
        connector = self.connector.with_user(user)
        arch = connector.get_view(view_type="form")["arch"]
        root = etree.fromstring(arch)
        names = {node.get("name") for node in root.iter("field")} - {None}
        values = {
            name: field.convert_to_read(connector[name], connector)
            for name, field in connector._fields.items()
            if name in names
            and field.type not in ("one2many", "many2many", "properties")
        }
        for node in [*root.iter()]:
            invisible = node.get("invisible") if isinstance(node.tag, str) else None
            if (
                invisible
                and safe_eval(invisible, values)
                and node.getparent() is not None
            ):
                node.getparent().remove(node)
        return root

    def buttons(self, page):
        return {node.get("string") for node in page.iter("button")} - {None}

    def told(self, page):
        """The buttons beside which the page says what they do."""
        rows = page.xpath("//div[@name='actions']/div")
        return {
            row.xpath(".//button/@string")[0]
            for row in rows
            if "".join(row.itertext()).strip()
        }


@tagged("post_install", "-at_install")
class TestWays(WaysCommon):
    def test_every_reason_is_of_one_kind(self):
        """A new one without a way out fails here: say which shows that it is over."""
        self.assertEqual(frozenset().union(*KINDS.values()), set(Reason))
        for one, other in combinations(KINDS, 2):
            self.assertFalse(KINDS[one] & KINDS[other], (one, other))

    def test_what_an_error_advises_is_a_button_there(self):
        self.connect_with("microsoft")
        all_buttons = self.all_buttons()
        for provider, send_as in (
            ("smtp", False),
            *product(("microsoft", "google"), (False, True)),
        ):
            self.connect_with(provider, send_as=send_as)
            # Only Microsoft has shared mailboxes.
            never = {Reason.SHARED_ACCESS_DENIED} if provider == "smtp" else set()
            for reason in set(Reason) - never:
                condition.break_off(self.connector, AdminActionRequired(reason))
                with self.subTest(provider, reason=reason, send_as=send_as):
                    self.check_page(all_buttons)

    def all_buttons(self):
        arch = self.connector.with_user(self.manager).get_view(view_type="form")["arch"]
        return self.buttons(etree.fromstring(arch)) - {"Disconnect"}

    def check_page(self, all_buttons):
        page = self.page(self.manager)
        there = self.buttons(page)
        out = ways.out_of(self.connector)
        self.assertTrue(out)
        # To let go of it, and to keep what it has sent, are no ways out, but there.
        always = {"Disconnect", "Export the delivery log"}
        ways_there = {BUTTONS[way] for way in out} | always
        self.assertEqual(self.told(page), ways_there)
        self.assertLessEqual(ways_there, there)
        text = self.connector.with_user(self.manager).error_text
        if "disconnect" in out:  # the next page has them
            there |= SIGN_IN_BUTTONS["disconnected"]
        for name in all_buttons:
            if re.search(rf"\b{name}\b", text):
                self.assertIn(name, there)
        if re.search("reconnect", text, re.IGNORECASE):
            self.assertIn("Reconnect", there)

    def test_who_may_not_press_them_is_told_whom_to_ask(self):
        self.connect_with("microsoft", Reason.SHARED_ACCESS_DENIED, send_as=True)
        page = self.page(self.clerk)
        self.assertFalse(self.buttons(page) & set(BUTTONS.values()))
        self.assertFalse(self.told(page))
        words = " ".join("".join(page.itertext()).split())
        self.assertIn("Ask an accounting administrator to reconnect.", words)
        self.assertIn("Nothing has been sent since", words)

    def test_of_a_copy_each_is_told_what_they_can_do(self):
        self.connect_with("microsoft", Reason.DATABASE_COPIED)
        for user, told in (
            (self.manager, "If this one is a copy."),
            (
                self.clerk,
                "Ask an accounting administrator which of the two",
            ),
        ):
            with self.subTest(user.login):
                page = self.page(user)
                words = " ".join("".join(page.itertext()).split())
                words += " " + self.connector.with_user(user).error_text
                self.assertIn(told, words)
                self.assertNotIn("To use another account", words)
                self.assertNotIn("to reconnect", words)
                for name in set(BUTTONS.values()) - self.buttons(page):
                    self.assertNotIn(f"press {name}", words)

    def test_where_a_sign_in_can_be_tried_again(self):
        """What a sign-in came to is told in any state: there it can be begun again."""
        self.connect_with("microsoft")
        self.assertIn("Send as another address", self.buttons(self.page(self.manager)))
        for state, names in SIGN_IN_BUTTONS.items():
            self.connector.state = state
            with self.subTest(state):
                self.assertLessEqual(names, self.buttons(self.page(self.manager)))

    # -- pressing them -----------------------------------------------------------------

    def test_each_way_ends_what_is_mended(self):
        for provider, reason, way in self.ways():
            self.connect_with(provider, reason, send_as=provider != "smtp")
            with self.subTest(provider, reason=reason, way=way), self.mail_leaves():
                self.assertFalse(self.press(way, provider))
                expected = "disconnected" if way == "disconnect" else "connected"
                self.assertEqual(self.connector.state, expected)
                self.assertFalse(self.connector.error_reason)

    def test_each_way_says_at_once_what_is_not_mended(self):
        for provider, reason, way in self.ways():
            if way == "disconnect" or (way == "reconnect" and reason in SHOWN):
                continue  # a sign-in that fails says so itself
            self.connect_with(provider, reason, send_as=provider != "smtp")
            self.mailbox.refusals[:] = [AdminActionRequired(reason)]
            with self.subTest(provider, reason=reason, way=way), self.mail_leaves():
                told = self.press(way, provider)
                self.assertEqual(self.connector.state, "error")
                self.assertEqual(self.connector.error_reason, str(reason))
                self.assertIn(str(TEXTS[reason][0]), str(told))

    def ways(self):
        for provider in ("smtp", "microsoft", "google"):
            for reason in set(Reason) - ways.PLACE - NO_ERROR:
                lost = SimpleNamespace(
                    state="error",
                    error_reason=str(reason),
                    provider=provider,
                    send_as=provider != "smtp" and SHARED,
                )
                for way in ways.out_of(lost):
                    yield provider, reason, way

    def press(self, way, provider):
        """Press the button, as a manager; return what is told of trouble."""
        connector = self.connector.with_user(self.manager)
        if way == "reconnect":
            return self.reconnect(provider)
        if way == "send_as":
            return self.send_as(connector)
        action = {
            "test": connector.action_send_test,
            "own_address": connector.action_own_address,
            "disconnect": connector.action_disconnect,
        }[way]()
        params = (action or {}).get("params", {})
        return params if params.get("type") == "danger" else None

    def reconnect(self, provider):
        if provider != "smtp":
            outcome = self.sign_in(provider)
            return outcome and TEXTS[outcome.reason]
        try:
            self.connect(self.company, self.connector.email)
        except AdminActionRequired as outcome:
            return TEXTS[outcome.reason]
        return None

    def send_as(self, connector):
        forms = self.env["account.email.connector.send.as"].with_user(self.manager)
        form = forms.create({"connector_id": connector.id, "address": SHARED})
        form.action_test()
        if form.tested:  # Google
            form.action_confirm()
        return form.failure_title

    def test_a_copy_sends_when_a_person_says_so(self):
        self.connect_with("microsoft", Reason.DATABASE_COPIED)
        with self.mail_leaves():
            self.connector.with_user(self.manager).action_send_from_here()
        self.assertEqual(self.connector.state, "connected")

    def test_until_it_is_proven_nothing_leaves(self):
        """Reconnecting says so at once; no customer's email has to find it out."""
        self.connect_with("microsoft", Reason.SHARED_ACCESS_DENIED, send_as=True)
        since = self.connector.error_since
        self.mailbox.refusals[:] = [AdminActionRequired(Reason.SHARED_ACCESS_DENIED)]
        with self.mail_leaves():
            outcome = self.sign_in("microsoft")
        self.assertEqual(outcome.reason, Reason.SHARED_ACCESS_DENIED)
        self.assertFalse(self.connector._usable())
        self.assertEqual(self.connector.error_since, since, "the same incident")

    def test_a_token_that_outlives_its_grant_proves_nothing(self):
        self.connect_with("microsoft", Reason.SIGN_IN_AGAIN, send_as=True)
        ended = SignInRequired(Reason.SIGN_IN_AGAIN)
        with (
            patch.object(self.mailbox, "refresh", side_effect=ended, create=True),
            self.mail_leaves(),
        ):
            self.connector.action_own_address()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(self.connector.state, "error")
        self.assertFalse(self.connector.send_as, "it was asked for")

    def test_what_a_sign_in_shows_needs_no_email(self):
        self.connect_with("microsoft", Reason.SIGN_IN_AGAIN)
        with self.mail_leaves():
            self.assertFalse(self.sign_in("microsoft"))
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(self.connector.state, "connected")

    def test_an_account_without_a_mailbox_is_let_go_of(self):
        self.connector.action_disconnect()
        self.mailbox.refusals[:] = [AdminActionRequired(Reason.NO_MAILBOX)]
        with self.mail_leaves():
            outcome = self.sign_in("microsoft", mailbox_known=False)
        self.assertEqual(outcome.reason, Reason.NO_MAILBOX)
        self.assertEqual(self.connector.state, "disconnected")
        self.assertFalse(self.connector.activity_ids)
        with self.mail_leaves():
            self.assertFalse(self.sign_in("microsoft", mailbox_known=False))
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_a_server_that_is_back_is_found_by_itself(self):
        """ "We try again later" is said of it."""
        for reason in condition.SERVER_IS_AWAY - {Reason.ALL_PUT_OFF}:
            self.connect_with("smtp", reason)
            with self.subTest(reason), self.mail_leaves():
                down = Unavailable(Reason.CONNECTION_LOST)
                self.mailbox.check = lambda down=down: (_ for _ in ()).throw(down)
                health.ask_again(self.connector)
                self.assertEqual(self.connector.state, "error")
                del self.mailbox.check
                health.ask_again(self.connector)
                self.assertEqual(self.connector.state, "connected")

    def test_one_that_is_back_and_refuses_the_password_says_so(self):
        """Nor is the password tried each day."""
        self.connect_with("smtp", Reason.PROVIDER_DOWN)
        asked = []

        def refuse():
            asked.append(1)
            raise SignInRequired(Reason.WRONG_PASSWORD)

        self.mailbox.check = refuse
        with self.mail_leaves():
            for _day in range(3):
                health.ask_again(self.connector)
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(self.connector.error_reason, "wrong_password")
        self.assertEqual(len(asked), 1)

    def test_one_that_takes_no_email_is_not_back_because_it_can_be_signed_in(self):
        self.connect_with("smtp", Reason.ALL_PUT_OFF)
        health.ask_again(self.connector)
        self.assertEqual(self.connector.state, "error")


SHOWN = ways.SIGN_IN | ways.ELSEWHERE


@tagged("post_install", "-at_install")
class TestCopies(WaysCommon):
    """Where the copies lie, everywhere the same."""

    def check(self, expected, folder="the Sent folder"):
        self.assertEqual(copies.folder_of(self.connector), expected)
        sentence = f"Copies lie in {folder} of {expected}."
        if not expected:
            sentence = "Odoo files no copy in a Sent folder"
        with self.mail_leaves():
            told = self.connector.action_send_test()["params"]["message"]
        email = self.mailbox.accepted.pop()
        notice = self.connector.copies
        for text in (told, notice, email.message.get_content().replace("\n", " ")):
            self.assertIn(sentence, text)

    def test_microsoft(self):
        mailbox = self.connect_with("microsoft")
        self.check(mailbox.email)
        mailbox.write({"send_as": SHARED, "sent_items": "own"})
        self.check(mailbox.email)
        mailbox.sent_items = "shared"
        self.check(SHARED)

    def test_google_files_in_the_accounts_own(self):
        mailbox = self.connect_with("google", send_as=True)
        self.check(mailbox.email)

    def test_a_mail_server(self):
        mailbox = self.connect_with("smtp")
        self.check("")
        mailbox.imap_host = "imap.acme.example"
        self.check(mailbox.email)
        mailbox.sent_copy = "never"
        self.check("")

    def test_a_folder_that_was_chosen(self):
        mailbox = self.connect_with("smtp")
        mailbox.write({"imap_host": "imap.acme.example", "sent_folder": "Verstuurd"})
        self.check(mailbox.email, "the folder Verstuurd")
        mailbox.sent_habit = "provider"  # it came to lie there
        self.check(mailbox.email, "the folder Verstuurd")
        mailbox.sent_copy = "never"
        self.check("")
        mailbox.write({"sent_copy": "auto", "smtp_host": "smtp.office365.com"})
        self.check(mailbox.email)
        mailbox.sent_copy = "always"
        self.check(mailbox.email, "the folder Verstuurd")

    def test_the_test_email_says_from_where_follow_ups_leave(self):
        self.connect_with("microsoft", send_as=True)
        with self.mail_leaves():
            self.connector.action_send_test()
        text = self.mailbox.accepted[0].message.get_content().replace("\n", " ")
        self.assertIn(f"follow-ups of Acme leave from {SHARED}.", text)

    def test_the_notice_after_a_sign_in(self):
        """As it is now, not as it was when the browser came back."""
        mailbox = self.connect_with("microsoft", send_as=True)
        kept = sign_in_notice.notice(mailbox, "microsoft", address=SHARED)
        session = {sign_in_notice.KEY: kept}
        with patch.object(sign_in_notice, "request", SimpleNamespace(session=session)):
            for sent_items, expected in (("shared", SHARED), ("own", mailbox.email)):
                mailbox.sent_items = sent_items
                told = sign_in_notice.present(mailbox)["text"]
                self.assertIn(f"Follow-ups now leave from {SHARED}.", told)
                self.assertIn(f"Copies lie in the Sent folder of {expected}.", told)
