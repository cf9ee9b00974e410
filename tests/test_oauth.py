"""Mailboxes at Microsoft and Google, through the real client libraries."""

from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import make_msgid
from unittest.mock import Mock, patch
from urllib.parse import parse_qs, urlsplit

from psycopg2 import OperationalError
from psycopg2.pool import PoolError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tests.test_cursor import TestCursor
from odoo.tools import mute_logger

from ..engine.mailbox import (
    approving,
    condition,
    connecting,
    health,
    pace,
    sign_in_notice,
    test_email,
)
from ..engine.secrets.stored_token import StoredToken
from ..engine.sending.mail_session import open_session
from ..providers.google.inbox import GMAIL_READONLY
from ..providers.outcomes import AdminActionRequired, SignInRequired, Unavailable
from ..providers.reasons import Reason
from ..tools import locks
from .oauth_common import (
    ANNA,
    CLARA,
    GOOGLE,
    MICROSOFT,
    SHARED,
    StandInCommon,
)

ALIAS = "billing@greenfield.example"


@tagged("post_install", "-at_install", "-standard", "connector_standin")
class TestOAuth(StandInCommon):
    def test_followups_leave_and_lie_in_sent(self):
        for provider, account in (("microsoft", ANNA), ("google", CLARA)):
            with self.subTest(provider):
                self.connector.action_disconnect()
                self.sign_in(provider, account)
                customer = self.customer.copy({"email": f"{provider}@many.example"})
                self.invoice(5, partner=customer)
                self.plan()
                self.run_scheduled_action()
                (mail,) = self.sent(account)
                self.assertEqual(mail["to"].count(f"{provider}@many.example"), 1)
                followup = self.env["account.email.followup"].search(
                    [("partner_id", "=", customer.id)]
                )
                self.assertEqual(followup.state, "sent")
                receipt = followup.delivery_id
                self.assertTrue(receipt.provider_message_id)
                self.assertEqual(receipt.sent_copy, "by_provider")
                if provider == "google":
                    self.assertIn("mail.google.com", receipt.web_link)

    def test_a_conversation_goes_on_at_another_provider(self):
        """Gmail is not told Graph's id of it, which it would refuse."""
        self.sign_in("microsoft", ANNA)
        self.invoice(20)
        first = self.plan()
        self.run_scheduled_action()
        first.delivery_id.thread_id = "AAQkAGI2TjU"
        first.done_on = first.planned_date = self.today - timedelta(days=12)
        self.connector.action_disconnect()
        self.sign_in("google", CLARA)
        second = self.plan()
        self.run_scheduled_action()
        self.assertEqual((first.state, second.state), ("sent", "sent"))
        self.assertEqual(len(self.standin.control.calls("gmail.send")), 1)
        (mail,) = self.sent(CLARA)
        self.assertTrue(mail["subject"].startswith("Re: "))

    def test_a_refreshed_token_is_kept(self):
        connector = self.sign_in("microsoft", ANNA)
        self.standin.control.tenant("bluelake.example", strict_rotation=True)
        token = StoredToken(connector).token
        for _day in range(3):  # each needs the refresh token of the one before
            health.check(connector)
            self.assertEqual(connector.state, "connected")
        self.assertFalse(StoredToken(connector).token == token, "another one by now")

    def test_a_new_sign_in_wins_over_a_late_refresh(self):
        connector = self.sign_in("google", CLARA)
        late = StoredToken(connector)
        self.sign_in("google", CLARA)
        new = StoredToken(connector).token
        late.save('{"token": "late"}')
        self.assertEqual(StoredToken(connector).token, new)
        connector.action_disconnect()
        late.save('{"token": "late"}')
        with self.assertRaises(SignInRequired):
            StoredToken(connector)

    def test_a_database_that_fails_before_anything_is_sent(self):
        stored = StoredToken(self.sign_in("google", CLARA))
        with self.assertRaises(OperationalError), stored.refreshing():
            raise OperationalError("of what is done meanwhile")
        lost = patch.object(TestCursor, "execute", side_effect=OperationalError("lost"))
        self.addCleanup(lost.stop)
        with mute_logger(locks.__name__), stored.refreshing():
            lost.start()  # only the lock is let go of after this
        lost.stop()
        full = {"registry.cursor.side_effect": PoolError("full")}
        stored._env = Mock(cr=self.env.cr, **full)
        with self.assertRaises(Unavailable), stored.refreshing():
            self.fail("without the lock")
        with mute_logger(StoredToken.__module__):
            stored.save('{"token": "new"}')
        self.assertEqual(stored.token, '{"token": "new"}', "the old one may be spent")

    def test_a_mailbox_at_work_alone_holds_three_connections_at_most(self):
        """Also while it sends with a token that has to be refreshed."""
        for provider, account in (("microsoft", ANNA), ("google", CLARA)):
            with self.subTest(provider), self.counting_connections() as held:
                self.connector.action_disconnect()
                self.sign_in(provider, account)
                self.standin.control.expire_tokens(account)
                customer = self.customer.copy({"email": f"{provider}@many.example"})
                self.invoice(5, partner=customer)
                followup = self.plan()
                refreshed = len(self.standin.control.calls(f"{provider}.token"))
                self.run_scheduled_action()
                self.assertEqual(followup.state, "sent")
                calls = self.standin.control.calls(f"{provider}.token")
                self.assertEqual(len(calls), refreshed + 1)
                self.assertLessEqual(max(held), 3)

    @contextmanager
    def counting_connections(self):
        """Yields a list: how many there were whenever one more was opened, less that of
        the scheduled action."""
        opened, held = self.env.registry.cursor, []

        def counted(readonly=False):
            cr = opened(readonly)
            held.append(len(TestCursor._cursors_stack) - 1)
            return cr

        with patch.object(self.env.registry, "cursor", counted):
            yield held

    def test_a_connection_that_is_lost_does_not_lose_a_token(self):
        connector = self.sign_in("google", CLARA)
        own = Mock()
        own.cr.execute.side_effect = OperationalError("lost")
        StoredToken(connector, own).save('{"token": "new"}')
        self.assertEqual(StoredToken(connector).token, '{"token": "new"}')

    def test_the_daily_check_finds_a_broken_grant_before_the_run(self):
        connector = self.sign_in("google", CLARA)
        self.assertTrue(connector.checked_at)
        self.standin.control.revoke(CLARA)
        connector.checked_at = fields.Datetime.now() - timedelta(days=1)
        self.env.ref("account_email_connector.ir_cron_health").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(connector.state, "error")
        self.assertIn("password was changed", connector.error_text)
        self.assertEqual(connector.error_code, "invalid_grant")

    def test_an_app_in_testing_is_recognized_by_its_seven_days(self):
        connector = self.sign_in("google", CLARA)
        connector.connected_at = fields.Datetime.now() - timedelta(days=7)
        condition.break_off(
            connector, SignInRequired(Reason.SIGN_IN_AGAIN, code="invalid_grant")
        )
        self.assertIn("publish the app", connector.error_text)

    def test_a_workspace_that_blocks_needs_the_client_id(self):
        connector = self.sign_in("google", CLARA)
        condition.break_off(connector, AdminActionRequired(Reason.WORKSPACE_BLOCKED))
        self.assertIn("standin.apps.googleusercontent.com", connector.error_text)

    def test_only_google_has_a_box_for_sending(self):
        missing = SignInRequired(Reason.PERMISSION_MISSING, code="ErrorAccessDenied")
        for provider, account in (("microsoft", ANNA), ("google", CLARA)):
            with self.subTest(provider):
                self.connector.action_disconnect()
                connector = self.sign_in(provider, account)
                condition.break_off(connector, missing)
                (activity,) = connector.activity_ids
                self.assertIn("allow the app to send email", connector.error_text)
                for text in (
                    connector.error_text,
                    activity.note,
                    sign_in_notice.notice(connector, provider, missing)["text"],
                ):
                    said = "on your behalf" in text
                    self.assertEqual(said, provider == "google", text)

    def test_a_test_email_that_cannot_leave_is_an_incident(self):
        connector = self.sign_in("google", CLARA)
        self.standin.control.revoke(CLARA)
        answer = connector.action_send_test()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertEqual(connector.state, "error")

    def test_an_outage_of_the_provider_is_no_error(self):
        connector = self.sign_in("microsoft", ANNA)
        self.standin.control.add_fault("microsoft.token", "503")
        health.check(connector)
        self.assertEqual(connector.state, "connected")
        self.assertTrue(connector.wait_until)

    def test_two_short_outages_days_apart_are_no_lost_connection(self):
        connector = self.sign_in("microsoft", ANNA)
        self.standin.control.add_fault("microsoft.token", "503")
        health.check(connector)
        self.assertTrue(connector.is_waiting)
        health.check(connector)  # the day after: all is well
        self.assertFalse(connector.is_waiting)
        self.assertFalse(connector.unavailable_since)
        week_later = fields.Datetime.now() + timedelta(days=7)
        with freeze_time(week_later):
            condition.note_outcome(
                connector, Unavailable(Reason.PROVIDER_DOWN, code="503")
            )
        self.assertEqual(connector.state, "connected")

    def test_the_pace_of_the_provider_is_kept(self):
        connector = self.sign_in("microsoft", ANNA)
        for number in range(32):
            customer = self.customer.copy({"email": f"c{number}@many.example"})
            self.invoice(5, partner=customer)
        self.plan()
        while not connector.wait_until:  # one run may be too short on a slow machine
            self.run_scheduled_action()
        self.assertEqual(len(self.sent(ANNA)), 30)
        self.assertTrue(connector.wait_until > fields.Datetime.now())
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        at = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertTrue(max(at.mapped("call_at")) >= connector.wait_until)
        # A minute later:
        self.env.cr.execute(
            """UPDATE account_email_delivery
                  SET accepted_at = accepted_at - interval '61 s'"""
        )
        connector.wait_until = False
        self.run_scheduled_action()
        self.assertEqual(len(self.sent(ANNA)), 32)

    def test_companies_with_different_aliases_share_the_pace_of_their_account(self):
        connector = self.sign_in("google", CLARA)
        company = self._create_company(name="Other")
        other = self.env["account.email.connector"].create({"company_id": company.id})
        self.sign_in("google", CLARA, other).sudo().send_as = ALIAS
        self.sent_just_now(other, ALIAS, 59)
        self.assertEqual(pace.seconds_to_pause(connector), 0)
        self.sent_just_now(other, ALIAS, 1)
        self.assertGreater(pace.seconds_to_pause(connector), 30)
        self.assertGreater(pace.seconds_to_pause(other), 30)

    def test_another_account_has_a_pace_of_its_own(self):
        connector = self.sign_in("microsoft", ANNA, shared=True)
        connector.send_as = SHARED
        company = self._create_company(name="Other")
        other = self.env["account.email.connector"].create({"company_id": company.id})
        self.sign_in("microsoft", "paul@bluelake.example", other, shared=True)
        other.sudo().send_as = SHARED
        self.sent_just_now(other, SHARED, 30)
        self.assertGreater(pace.seconds_to_pause(other), 30)
        self.assertEqual(pace.seconds_to_pause(connector), 0)

    def sent_just_now(self, connector, sender, count):
        """Let the journal have *count* more emails that were accepted now."""
        self.env["account.email.delivery"].sudo().create(
            [
                {
                    "connector_id": connector.id,
                    "company_id": connector.company_id.id,
                    "sender": sender,
                    "message_id": make_msgid(),
                    "envelope_key": "x",
                    "state": "accepted",
                    "accepted_at": fields.Datetime.now(),
                }
                for _number in range(count)
            ]
        )
        self.env.flush_all()

    def test_another_company_on_the_address_shares_its_pace(self):
        connector = self.sign_in("microsoft", ANNA)
        other = self.env["account.email.connector"].create(
            {"company_id": self._create_company(name="Other").id}
        )
        self.sign_in("microsoft", ANNA, other)
        condition.wait(connector, 60)
        self.assertFalse(other._usable())

    def test_another_address_is_refused_and_nothing_changed(self):
        connector = self.sign_in("microsoft", ANNA)
        token = StoredToken(connector).token
        with self.assertRaisesRegex(UserError, "Disconnect it before"):
            self.sign_in("microsoft", "paul@bluelake.example")
        self.assertEqual(connector.email, ANNA)
        self.assertEqual(StoredToken(connector).token, token)

    def test_google_is_told_only_when_the_last_company_leaves(self):
        first = self.sign_in("google", CLARA)
        second = self.env["account.email.connector"].create(
            {"company_id": self._create_company(name="Other").id}
        )
        self.sign_in("google", CLARA, second)
        first.action_disconnect()
        self.assertFalse(self.standin.control.calls("google.revoke"))
        test_email.send(second.sudo())
        self.assertEqual(len(self.sent(CLARA)), 1)
        second.action_disconnect()
        self.assertEqual(len(self.standin.control.calls("google.revoke")), 1)

    def test_two_apps_of_the_same_client_share_the_grant(self):
        first = self.sign_in("google", CLARA)
        company = self._create_company(name="Other")
        second = self.env["account.email.connector"].create({"company_id": company.id})
        own = self.apps["google"].copy({"client_secret": GOOGLE[1], "active": False})
        with patch.dict(self.apps, google=own):
            self.sign_in("google", CLARA, second)
        first.action_disconnect()
        test_email.send(second.sudo())
        self.assertEqual(len(self.sent(CLARA)), 1)
        second.action_disconnect()
        self.assertEqual(len(self.standin.control.calls("google.revoke")), 1)

    def test_companies_that_leave_together_are_the_last(self):
        first = self.sign_in("google", CLARA)
        company = self._create_company(name="Other")
        second = self.env["account.email.connector"].create({"company_id": company.id})
        self.sign_in("google", CLARA, second)
        (first + second).action_disconnect()
        self.assertTrue(self.standin.control.calls("google.revoke"))

    def test_disconnect_works_without_google(self):
        connector = self.sign_in("google", CLARA)
        self.standin.control.add_fault("google.revoke", "503")
        answer = connector.action_disconnect()
        self.assertEqual(connector.state, "disconnected")
        self.assertIn("myaccount.google.com", str(answer))

    def test_disconnect_says_what_remains_at_google_if_the_key_was_lost(self):
        connector = self.sign_in("google", CLARA)
        credential = self.env["account.email.connector.credential"].sudo()
        credential.search([("connector_id", "=", connector.id)]).sealed = "other key"
        answer = connector.action_disconnect()
        self.assertEqual(connector.state, "disconnected")
        self.assertFalse(self.standin.control.calls("google.revoke"))
        for words in ("not at Google", "cannot be read", CLARA, "myaccount.google.com"):
            self.assertIn(words, str(answer))

    def test_a_shared_mailbox_is_proven_by_a_test(self):
        connector = self.sign_in("microsoft", ANNA, shared=True)
        connecting.use_send_as(connector, SHARED, "own")
        self.assertEqual(connector.send_as, SHARED)
        self.invoice(5)
        self.plan()
        self.run_scheduled_action()
        mail = [m for m in self.sent(ANNA) if "pay@bluelake.example" in m["to"]]
        self.assertIn(SHARED, mail[0]["from"])
        self.assertEqual(
            self.env["account.email.delivery"].search([], limit=1).sender, SHARED
        )

    def test_a_shared_mailbox_without_the_right_is_explained(self):
        connector = self.sign_in("microsoft", ANNA, shared=True)
        wizard = self.env["account.email.connector.send.as"].create(
            {"connector_id": connector.id, "address": "admin@bluelake.example"}
        )
        wizard.action_test()
        self.assertIn("may not send as", wizard.failure_title)
        self.assertIn("ErrorSendAsDenied", wizard.failure_detail)
        self.assertFalse(connector.send_as)

    def try_alias(self, address):
        """Let the accountant try *address* in the small form; returns it."""
        wizard = self.env["account.email.connector.send.as"].create(
            {"connector_id": self.connector.id, "address": address}
        )
        wizard.action_test()
        return wizard

    def test_without_an_address_there_is_nothing_to_test(self):
        self.sign_in("google", CLARA)
        with self.assertRaisesRegex(UserError, "Enter the address"):
            self.try_alias(False)

    def test_google_is_asked_for_the_alias_where_reading_was_granted(self):
        connector = self.sign_in("google", CLARA, extra_scopes=[GMAIL_READONLY])
        wizard = self.try_alias(ALIAS)
        self.assertFalse(wizard.failure_title)
        self.assertEqual(connector.send_as, ALIAS)
        self.assertIn(ALIAS, self.sent(CLARA)[0]["from"])

    def test_an_alias_that_google_has_not_verified_is_refused(self):
        connector = self.sign_in("google", CLARA, extra_scopes=[GMAIL_READONLY])
        for address in ("sales@greenfield.example", "nobody@greenfield.example"):
            wizard = self.try_alias(address)
            self.assertIn("Gmail does not send from", wizard.failure_title)
            self.assertIn("Send mail as", wizard.failure_text)
            self.assertFalse(wizard.tested)
            self.assertFalse(connector.send_as)
        self.assertFalse(self.sent(CLARA))

    def test_without_reading_a_person_looks_at_the_test(self):
        connector = self.sign_in("google", CLARA)
        wizard = self.try_alias(ALIAS)
        self.assertTrue(wizard.tested)
        self.assertFalse(connector.send_as)
        wizard.address = f'"Accounts" <{ALIAS}>'  # still the one that was tested
        wizard.action_confirm()
        self.assertEqual(connector.send_as, ALIAS)

    def test_only_the_address_that_was_tested_is_used(self):
        connector = self.sign_in("google", CLARA)
        wizard = self.try_alias(ALIAS)
        wizard.address = "sales@greenfield.example"
        with self.assertRaisesRegex(UserError, "test from this address"):
            wizard.action_confirm()
        self.assertFalse(connector.send_as)

    def test_nobody_can_claim_a_test(self):
        self.sign_in("google", CLARA)
        manager = new_test_user(
            self.env,
            "alias_manager",
            "account.group_account_manager",
            company_id=self.company.id,
        )
        Wizard = self.env["account.email.connector.send.as"].with_user(manager)
        wizard = Wizard.create({"connector_id": self.connector.id, "address": ALIAS})
        for claim in ({"tested_for": wizard._asked_for()}, {"tested": True}):
            with suppress(AccessError):
                wizard.write(claim)
            with self.assertRaisesRegex(UserError, "test from this address"):
                wizard.action_confirm()

    def test_large_files_become_links(self):
        """Those of the message itself, as Send & Print makes them."""
        connector = self.sign_in("microsoft", ANNA)
        connector.sends_accounting_emails = True
        invoice = self.invoice(5)
        pdf = self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 " + b"x" * 5_000_000,
                "mimetype": "application/pdf",
            }
        )
        message = invoice.message_post(
            body="Your invoice",
            partner_ids=self.customer.ids,
            attachment_ids=pdf.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        pdf.write({"res_model": "mail.message", "res_id": message.id})
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        mail.state = "outgoing"
        mail.send()
        (sent,) = self.sent(ANNA)
        self.assertIn(f"/web/content/{pdf.id}?download=1", sent["html"])
        self.assertIn(f"access_token={pdf.access_token}", sent["html"])

    @mute_logger("odoo.addons.account_email_connector.models.mail_mail")
    def test_a_lost_app_secret_is_the_administrators_affair(self):
        connector = self.sign_in("microsoft", ANNA)
        self.apps["microsoft"].sudo().sealed_secret = "sealed with another key"
        with open_session(connector):
            self.assertFalse(connector._usable())
        self.assertEqual(connector.error_reason, "app_secret_lost")
        self.assertIn("puts the former key back", connector.error_text)
        health.mend_keys(connector)
        self.assertEqual(connector.state, "error")
        self.apps["microsoft"].client_secret = MICROSOFT[1]
        health.mend_keys(connector)
        self.assertEqual(connector.state, "connected", "nobody has to sign in again")
        connector.action_disconnect()


@tagged("post_install", "-at_install", "-standard", "connector_standin")
class TestApproval(StandInCommon):
    """Waiting for an administrator at Microsoft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "approval_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
            email="manager@acme.example",
        )

    def ask(self, reason=Reason.APPROVAL_REQUIRED, *asked_for):
        connector = self.connector.with_user(self.manager)
        refused = AdminActionRequired(reason, code="AADSTS90094")
        app = self.apps["microsoft"]
        approving.note_refused(connector.sudo(), app, refused, *asked_for)
        return connector

    def of_link(self, state):
        approvals = self.env["account.email.approval"].sudo()
        return approving.of_link(approvals, state).connector_id

    def test_the_link_leads_to_microsoft_and_back(self):
        connector = self.ask()
        self.assertEqual(connector.state, "pending_approval")
        self.assertEqual(connector.email, "accounting@acme.example", "it may come back")
        self.assertNotIn("accounting@", connector.display_name)
        link = connector.approval_url
        self.assertIn("/organizations/v2.0/adminconsent?", link)
        self.assertIn("Mail.Send", link)
        state = approving.link_state(connector.sudo().approval_ids)
        self.assertIn(state, link)
        self.assertEqual(self.of_link(state), connector)

    def test_a_state_of_our_own_making_only(self):
        connector = self.ask()
        state = approving.link_state(connector.sudo().approval_ids)
        self.connector.sudo().approval_ids.asked_at = "2020-01-01 00:00:00"
        for bad in (state, state[:-1], f"{connector.id}.", "9" * 40, "é.x", "", "1"):
            self.assertFalse(self.of_link(bad))

    def test_approved_says_so_once_and_changes_nothing_else(self):
        connector = self.ask()
        before = len(connector.message_ids)
        for _twice in range(2):
            approving.note_approved(connector.sudo().approval_ids)
        self.assertTrue(connector.approved_at)
        self.assertEqual(connector.state, "pending_approval")
        self.assertEqual(len(connector.message_ids), before + 1)

    def test_an_approval_outlives_a_page_that_was_closed(self):
        connector = self.ask()
        approving.note_approved(connector.sudo().approval_ids)
        self.ask(Reason.SIGN_IN_CANCELLED)
        self.assertTrue(connector.approved_at)
        self.ask()  # Microsoft itself says that it is not approved
        self.assertFalse(connector.approved_at)

    def test_the_link_is_mailed_from_odoos_own_server(self):
        connector = self.ask()
        wizard = (
            self.env["account.email.connector.approval"]
            .with_user(self.manager)
            .create({"connector_id": connector.id, "email": "Admin <it@acme.example>"})
        )
        self.assertIn("adminconsent", wizard.body)
        with self.mock_mail():
            wizard.action_send()
        (mail,) = self.sent_by_odoo
        self.assertEqual(mail["email_to"], ["it@acme.example"])
        self.assertIn("adminconsent", mail["body"])
        self.assertIn("was sent to it@acme.example", connector.message_ids[0].body)

    def test_the_administrator_reads_what_the_link_asks_for(self):
        """On the card and in the email: all of it, and nothing else."""
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        condition.break_off(
            connector.sudo(), AdminActionRequired(Reason.APPROVAL_REQUIRED)
        )
        always = {"Mail.Send": "Send email as that person"}
        shared = {"Mail.Send.Shared": "Send email as shared mailboxes"}
        reading = {"Mail.Read": "Read that person's email"}
        both = {"Mail.Read.Shared": "Read the email of shared mailboxes"}
        for reads, address, wanted in (
            (False, "", always),
            (False, SHARED, always | shared),
            (True, "", always | reading),
            (True, SHARED, always | shared | reading | both),
        ):
            connector.sudo().reads_replies = reads
            connector.sudo().approval_ids.send_as = address
            link = parse_qs(urlsplit(connector.approval_url).query)["scope"][0].split()
            asked = {scope.rsplit("/", 1)[1] for scope in link}
            self.assertEqual(asked, {"User.Read", *wanted})
            wizard = self.env["account.email.connector.approval"].create(
                {"connector_id": connector.id, "email": "it@acme.example"}
            )
            for text in (connector.approval_asks, wizard.body):
                text = text.replace("&#39;", "'")
                for words in (always | shared | reading | both).values():
                    self.assertEqual(words in text, words in wanted.values(), words)
                self.assertEqual("It cannot read email." in text, not reads)

    def mock_mail(self):
        """Odoo's own mail server, in memory."""
        self.sent_by_odoo = []

        def send(mails, *args, **kwargs):
            for mail in mails:
                self.sent_by_odoo.append(
                    {"email_to": mail.email_to.split(","), "body": mail.body_html}
                )
            mails.state = "sent"

        return patch.object(type(self.env["mail.mail"]), "send", send)

    def test_who_is_connected_stays_connected(self):
        self.sign_in("microsoft", ANNA)
        connector = self.ask(Reason.SIGN_IN_CANCELLED)
        self.assertEqual(connector.state, "connected")
        condition.break_off(self.connector, SignInRequired(Reason.SIGN_IN_AGAIN))
        self.ask()
        self.assertEqual(connector.state, "error")
        self.assertEqual(connector.email, ANNA)

    def test_who_reads_answers_gets_the_link_for_that(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        connector.reads_replies = True
        self.assertFalse(connector.needs_approval, "nobody has asked for it yet")
        self.ask(Reason.SIGN_IN_CANCELLED)  # returned without granting
        self.assertEqual(connector.state, "connected")
        self.assertTrue(connector.needs_approval)
        self.assertIn("Mail.Read", connector.approval_url)
        self.assertNotIn("Mail.Send.Shared", connector.approval_url)
        connector.reads_replies = False
        self.assertFalse(connector.needs_approval, "it is not wished for any more")
        connector.reads_replies = True
        self.standin.control.grant("bluelake.example", MICROSOFT[0], ["Mail.Read"])
        self.sign_in("microsoft", ANNA, extra_scopes=("Mail.Read",))
        self.env.invalidate_all()
        self.assertFalse(connector.needs_approval)
        self.assertFalse(connector.sudo().approval_ids.asked_at)

    def test_a_wish_outlives_a_sign_in_without_it(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        self.ask(Reason.SIGN_IN_CANCELLED, SHARED, "own")
        condition.break_off(connector.sudo(), SignInRequired(Reason.SIGN_IN_AGAIN))
        self.assertIn("Mail.Send.Shared", connector.approval_url)
        self.sign_in("microsoft", ANNA)
        self.assertEqual(connector.state, "connected")
        self.assertIn("Mail.Send.Shared", connector.approval_url)
        self.sign_in("microsoft", ANNA, shared=True)
        self.assertFalse(connector.needs_approval)

    def test_who_does_not_wait_keeps_the_mailbox(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        self.ask(Reason.APPROVAL_REQUIRED, SHARED, "own")
        state = approving.link_state(connector.sudo().approval_ids)
        self.assertTrue(connector.needs_approval)
        connector.action_forget_approval()
        self.assertFalse(connector.needs_approval)
        self.assertEqual((connector.state, connector.email), ("connected", ANNA))
        self.assertFalse(self.of_link(state))

    def test_who_is_disconnected_waits_for_nobody(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        self.ask(Reason.APPROVAL_REQUIRED, SHARED, "own")
        connector.action_disconnect()
        self.assertFalse(connector.needs_approval)
        self.sign_in("microsoft", ANNA)
        self.assertFalse(connector.needs_approval)

    def test_a_lost_mailbox_has_the_link_beside_its_error(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        condition.break_off(connector.sudo(), SignInRequired(Reason.SIGN_IN_AGAIN))
        self.assertFalse(connector.needs_approval)
        self.ask()
        self.assertTrue(connector.needs_approval)
        self.assertTrue(connector.approval_url)
        self.assertEqual(connector.error_reason, "sign_in_again")
        self.assertEqual(connector.email, ANNA)
        self.sign_in("microsoft", ANNA)
        self.assertFalse(connector.needs_approval)

    def test_a_later_error_does_not_wait_for_an_old_approval(self):
        connector = self.sign_in("microsoft", ANNA).with_user(self.manager)
        self.ask(Reason.APPROVAL_REQUIRED, SHARED, "own")
        long_ago = fields.Datetime.to_datetime("2020-01-01")
        connector.sudo().approval_ids.asked_at = long_ago
        condition.break_off(connector.sudo(), SignInRequired(Reason.SIGN_IN_AGAIN))
        self.assertFalse(connector.needs_approval)
        self.ask()  # who signs in again is told that it takes an approval
        self.assertTrue(connector.needs_approval)
        self.assertGreater(connector.sudo().approval_ids.asked_at, long_ago)
        state = approving.link_state(connector.sudo().approval_ids)
        self.ask()
        self.assertEqual(self.of_link(state), connector, "still good")
        connector.action_forget_approval()
        self.assertFalse(connector.needs_approval)
        self.assertEqual(connector.state, "error")

    def test_a_cancelled_sign_in_at_google_waits_for_nobody(self):
        connector = self.connector.with_user(self.manager)
        refused = SignInRequired(Reason.SIGN_IN_CANCELLED, code="access_denied")
        approving.note_refused(connector.sudo(), self.apps["google"], refused)
        self.assertEqual(connector.state, "disconnected")

    def test_a_withdrawn_approval_offers_the_link_again(self):
        connector = self.sign_in("microsoft", ANNA)
        condition.break_off(connector, AdminActionRequired(Reason.APPROVAL_REQUIRED))
        self.assertTrue(connector.needs_approval)
        self.assertTrue(connector.with_user(self.manager).approval_url)

    def test_a_withdrawn_consent_waits_for_nobody_before_it_is_tried(self):
        connector = self.sign_in("microsoft", ANNA)
        missing = AdminActionRequired(Reason.CONSENT_MISSING)
        condition.break_off(connector, missing)
        self.assertFalse(connector.needs_approval, "reconnecting may give it")
        approving.note_refused(connector, self.apps["microsoft"], missing)
        self.assertTrue(connector.needs_approval)

    def test_start_over(self):
        connector = self.ask()
        state = approving.link_state(connector.sudo().approval_ids)
        connector.action_disconnect()
        self.assertEqual(connector.state, "disconnected")
        self.assertFalse(self.of_link(state))
