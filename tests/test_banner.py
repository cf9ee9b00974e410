import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import file_path, html2plaintext
from odoo.tools.translate import code_translations

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.web.tests import test_js

from ..engine.mailbox import approving, condition, sign_in_notice
from ..engine.mailbox.incident import ACTIVITY, BUS_TYPE
from ..engine.mailbox.people import managers
from ..models.account_email_connector import AccountEmailConnector
from ..providers.outcomes import AdminActionRequired, SignInRequired
from ..providers.reasons import Reason
from ..providers.smtp.mailbox import SmtpMailbox
from ..texts import failure_text
from ..tools.bus import CHANNEL
from .common import ConnectorCommon
from .oauth_common import GOOGLE, OAuthCommon

# Debian's package leaves it out, which a page reports as an error.
MISSING = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
BROWSER = ("-standard", "connector_browser", "post_install", "-at_install")


class BannerCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._create_company(name="Borealis")
        cls.manager = cls.person("Anna", "account.group_account_manager")
        cls.colleague = cls.person("Carl", "account.group_account_manager")
        cls.clerk = cls.person("Ines", "account.group_account_invoice")
        cls.auditor = cls.person("Rosa", "account.group_account_readonly")
        cls.seller = cls.person("Sven", "base.group_user")
        cls.stranger = cls.person(
            "Zoe", "account.group_account_manager", cls.other_company
        )
        cls.connector.connected_by_id = cls.manager
        # Who else is a manager here is the database's matter (admin, the test's own).
        cls.bystanders = managers(cls.connector) - cls.manager - cls.colleague

    @classmethod
    def person(cls, name, groups, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            f"banner_{name.lower()}",
            f"base.group_user,{groups}",
            name=name,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def lose_mailbox(self, connector=None, reason=Reason.WRONG_PASSWORD):
        connector = connector or self.connector
        condition.break_off(
            connector, SignInRequired(reason, code="535", detail="planted-detail")
        )

    def reconnect(self, user=None):
        self.connector.with_user(user or self.manager)._connect(
            self.connector.email, {"password": "planted-secret"}, {}
        )

    def trouble(self, user):
        return self.env["account.email.connector"].with_user(user).get_trouble()


@tagged("post_install", "-at_install")
class TestIncident(BannerCommon, MockEmail):
    def setUp(self):
        super().setUp()
        self.env["mail.mail"].search([]).unlink()

    def mails(self):
        return self.env["mail.mail"].search([("subject", "like", "are not sent")])

    def activities(self):
        kind = self.env.ref(ACTIVITY)
        return self.connector.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def test_managers_of_the_company_are_told_once(self):
        self.invoice(40)
        self.plan()
        self.lose_mailbox()
        self.assertEqual(
            self.mails().recipient_ids,
            (self.manager + self.colleague + self.bystanders.filtered("email"))
            .sudo()
            .partner_id,
        )
        mail = self.mails()[0]
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.subject, "Follow-ups of Acme are not sent")
        for text in (
            "User name or password is wrong",
            "accounting@acme.example",
            "Emails waiting: 1",
            f"model=account.email.connector&amp;res_id={self.connector.id}",
        ):
            self.assertIn(text, mail.body_html)
        self.assertIn("The provider said: 535 planted-detail", mail.body_html)
        self.assertNotIn("planted-secret", mail.body_html)
        self.assertEqual(self.activities().user_id, self.manager)
        self.assertEqual(self.activities().summary, "User name or password is wrong")

    def test_an_incident_that_goes_on_is_not_told_again(self):
        self.lose_mailbox()
        self.connector.error_since = "2026-01-01 10:00:00"
        mails, activities = self.mails(), self.activities()
        self.lose_mailbox(reason=Reason.SIGN_IN_AGAIN)
        self.assertEqual(self.mails(), mails)
        self.assertEqual(self.activities(), activities)
        self.assertEqual(str(self.connector.error_since), "2026-01-01 10:00:00")

    def test_failed_emails_of_one_run_are_one_incident(self):
        for partner in ("East", "West", "North"):
            customer = self.env["res.partner"].create(
                {"name": partner, "email": f"{partner}@lake.example"}
            )
            self.invoice(40, partner=customer)
        self.mailbox.refusals[:] = [SignInRequired(Reason.WRONG_PASSWORD)] * 3
        self.run_action()
        self.assertEqual(self.connector.state, "error")
        people = managers(self.connector).filtered("email")
        self.assertEqual(len(self.mails()), len(people))
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(self.trouble(self.clerk)[0]["waiting"], 3)

    def test_the_email_does_not_leave_through_the_broken_mailbox(self):
        self.connector.sends_accounting_emails = True
        self.lose_mailbox()
        mails = self.mails()
        with self.mail_leaves(), self.mock_mail_gateway():
            mails.send()
            self.assertEqual(len(self._mails), len(mails))
        self.assertFalse(self.mailbox.accepted)

    def test_the_queue_does_not_wait_for_its_hour(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", queue.id)]
        )
        self.lose_mailbox()
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", queue.id)]),
            triggers,
        )

    def test_reconnecting_ends_it_for_everyone(self):
        self.connector.connected_by_id = False  # so all managers have the activity
        self.lose_mailbox()
        self.assertIn(self.manager, self.activities().user_id)
        self.assertIn(self.colleague, self.activities().user_id)
        self.reconnect(self.colleague)
        self.assertFalse(self.activities())
        self.assertFalse(self.trouble(self.manager))
        self.lose_mailbox()  # a second incident
        self.assertEqual(self.activities().user_id, self.colleague)
        self.assertEqual(
            len(
                self.mails().filtered(
                    lambda m: m.recipient_ids == self.manager.partner_id
                )
            ),
            2,
        )

    def test_disconnecting_drops_the_activity(self):
        self.lose_mailbox()
        self.connector.action_disconnect()
        self.assertFalse(self.activities())
        self.assertFalse(self.trouble(self.manager))

    def test_everybody_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref(
            "account_email_connector.incident_email"
        ).update_field_translations(
            "arch_db", {"fr_FR": {"Open the mailbox": "Ouvrir la boîte"}}
        )
        self.colleague.lang = "fr_FR"
        french = {
            "Follow-ups of %s are not sent": "Les relances de %s ne partent pas",
            "User name or password is wrong": "Mot de passe incorrect",
        }
        key = ("account_email_connector", "fr_FR")
        with patch.dict(code_translations.python_translations, {key: french}):
            self.connector.connected_by_id = self.colleague
            self.lose_mailbox()
        mail = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.colleague.partner_id.ids)]
        )
        self.assertEqual(mail.subject, "Les relances de Acme ne partent pas")
        self.assertIn("Mot de passe incorrect", mail.body_html)
        self.assertIn("Ouvrir la boîte", mail.body_html)
        self.assertEqual(self.activities().summary, "Mot de passe incorrect")
        english = self.mails().filtered(
            lambda m: m.recipient_ids == self.manager.partner_id
        )
        self.assertIn("User name or password is wrong", english.body_html)


@tagged("post_install", "-at_install")
class TestIncidentTexts(OAuthCommon):
    """The email and the activity say all that the form says."""

    def connect_at(self, provider):
        app = self.apps[provider]
        self.connector._connect(
            "clara@acme.example",
            {"token": "{}"},
            {"provider": provider, "oauth_app_id": app.id, "oauth_account_id": "1"},
        )

    def told(self, outcome):
        """The emails and the activity's note after an incident, as plain text."""
        condition.break_off(self.connector, outcome)
        mails = self.env["mail.mail"].search([("subject", "like", "are not sent")])
        notes = self.connector.activity_ids.mapped("note")
        self.assertTrue(mails and notes)
        return [
            html2plaintext(html) for html in mails.mapped("body_html") + list(notes)
        ]

    def test_a_policy_is_found_by_its_code_and_correlation_id(self):
        self.connect_at("microsoft")
        outcome = AdminActionRequired(
            Reason.POLICY_BLOCKED,
            code="AADSTS53003",
            detail="Access has been blocked by Conditional Access policies.",
            correlation_id="c0ffee-1234",
        )
        for text in self.told(outcome):
            self.assertIn("by the code below", text)
            self.assertIn("AADSTS53003", text.split("by the code below")[1])
            self.assertIn("Correlation ID c0ffee-1234", text)

    def test_a_workspace_that_blocks_needs_the_client_id(self):
        self.connect_at("google")
        for text in self.told(AdminActionRequired(Reason.WORKSPACE_BLOCKED)):
            self.assertIn(GOOGLE[0], text)

    def test_an_app_in_testing_is_to_be_published(self):
        self.connect_at("google")
        self.connector.connected_at = fields.Datetime.now() - timedelta(days=7)
        for text in self.told(SignInRequired(Reason.SIGN_IN_AGAIN)):
            self.assertIn("publish the app", " ".join(text.split()))

    def test_a_lost_key_locks_up_passwords_and_sign_ins(self):
        self.connect_at("google")
        for text in self.told(SignInRequired(Reason.CREDENTIAL_LOST)):
            self.assertIn("Reconnect", text.replace("\n", " "))
        self.assertIn("password or sign-in", self.connector.error_title)

    def test_what_a_server_says_is_text(self):
        self.connect_at("google")
        outcome = SignInRequired(Reason.SIGN_IN_AGAIN, code="x", detail="<b>no</b>")
        condition.break_off(self.connector, outcome)
        self.assertIn("&lt;b&gt;no", self.connector.activity_ids[0].note)

    def test_the_notice_after_a_sign_in_has_the_correlation_id(self):
        outcome = AdminActionRequired(
            Reason.POLICY_BLOCKED, code="AADSTS53003", correlation_id="c0ffee-1234"
        )
        detail = sign_in_notice.notice(self.connector, "microsoft", outcome)["detail"]
        self.assertEqual(detail, "AADSTS53003 (Correlation ID c0ffee-1234)")

    def test_an_email_that_did_not_leave_tells_the_code(self):
        self.connect_at("microsoft")
        outcome = AdminActionRequired(
            Reason.POLICY_BLOCKED, code="AADSTS53003", correlation_id="c0ffee-1234"
        )
        self.assertIn("AADSTS53003 (Correlation ID", failure_text(self.env, outcome))


@tagged("post_install", "-at_install")
class TestTrouble(BannerCommon):
    def test_what_the_banner_says(self):
        self.lose_mailbox()
        (line,) = self.trouble(self.manager)
        self.assertEqual(line["title"], "User name or password is wrong")
        self.assertEqual(line["company_ids"], self.company.ids)
        self.assertEqual(line["address"], "accounting@acme.example")
        self.assertTrue(line["can_reconnect"])
        for user in (self.clerk, self.auditor):
            (line,) = self.trouble(user)
            self.assertFalse(line["can_reconnect"])
            self.assertEqual(line["ask"], ["Anna"])

    def test_who_connected_it_has_left(self):
        self.manager.active = False
        self.lose_mailbox()
        (line,) = self.trouble(self.clerk)
        self.assertIn("Carl", line["ask"])
        self.assertNotIn("Anna", line["ask"])

    def test_others_are_told_nothing(self):
        self.lose_mailbox()
        self.assertEqual(self.trouble(self.seller), [])
        self.assertEqual(self.trouble(self.stranger), [])

    def test_waiting_for_approval(self):
        self.connector.state = "pending_approval"
        (line,) = self.trouble(self.manager)
        self.assertEqual(line["title"], "Waiting for an administrator's approval")
        self.connector.error_reason = Reason.SIGN_IN_CANCELLED.value
        (line,) = self.trouble(self.manager)
        self.assertEqual(line["title"], "Waiting for an administrator's approval")
        asked = {"connector_id": self.connector.id, "asked_at": "2026-01-01 00:00:00"}
        approval = self.connector.approval_ids.create(asked)
        approval.approved_at = approval.asked_at
        (line,) = self.trouble(self.manager)
        self.assertIn("Approved", line["title"])
        self.lose_mailbox(reason=Reason.CONSENT_MISSING)
        (line,) = self.trouble(self.manager)
        self.assertIn("Approved", line["title"])
        self.lose_mailbox(reason=Reason.WRONG_PASSWORD)  # no approval helps
        (line,) = self.trouble(self.manager)
        self.assertEqual(line["title"], "User name or password is wrong")

    def test_a_branch_has_its_parents_trouble(self):
        branch = self.env["res.company"].create(
            {"name": "Acme West", "parent_id": self.company.id}
        )
        clerk = self.person("Wilma", "account.group_account_invoice", branch)
        head = self.person("Walt", "account.group_account_manager", branch)
        self.lose_mailbox()
        for user in (clerk, head):
            (line,) = self.trouble(user)
            self.assertEqual(line["company_ids"], branch.ids)
            self.assertFalse(line["can_reconnect"])
            self.assertEqual(line["ask"], ["Anna"])
        self.connect(branch, "west@acme.example")
        self.assertEqual(self.trouble(clerk), [])

    def test_a_branch_that_waits_for_an_approval(self):
        branch = self.env["res.company"].create(
            {"name": "Acme West", "parent_id": self.company.id}
        )
        head = self.person("Walt", "account.group_account_manager", branch)
        own = self.env["account.email.connector"].create({"company_id": branch.id})
        own.sudo().state = "pending_approval"
        (line,) = self.trouble(head)
        self.assertEqual((line["id"], line["company_ids"]), (own.id, branch.ids))
        self.assertTrue(line["can_reconnect"])
        self.assertEqual(own.with_user(head).state, "pending_approval")
        self.lose_mailbox()  # the parent's, through which the branch still sends
        lines = {line["id"]: line["company_ids"] for line in self.trouble(head)}
        self.assertEqual(lines, {own.id: branch.ids, self.connector.id: branch.ids})

    def test_one_query_while_all_is_well(self):
        self.trouble(self.manager)  # who is in which group is cached for good
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.manager.sudo().company_ids.parent_ids)  # session_info did
        with self.assertQueryCount(1):
            self.trouble(self.manager)

    def hear_nothing_so_far(self):
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()

    def assertHeard(self, *states):
        """The readers of this company were told these states, and nothing else."""
        self.env.cr.precommit.run()
        sent = (
            self.env["bus.bus"]
            .sudo()
            .search([("message", "like", BUS_TYPE)], order="id")
        )
        channel = [self.env.cr.dbname, "res.company", self.company.id, CHANNEL]
        self.assertEqual(
            [
                (json.loads(each.channel), json.loads(each.message)["payload"])
                for each in sent
            ],
            [
                (channel, {"company_id": self.company.id, "state": state})
                for state in states
            ],
        )

    def test_the_bus_carries_no_more_than_company_and_state(self):
        self.hear_nothing_so_far()
        self.lose_mailbox()
        self.reconnect()
        self.connector.action_disconnect()
        self.assertHeard("error", "connected", "disconnected")

    def test_an_approval_is_heard_at_once(self):
        self.connector.state = "pending_approval"
        asked = {"connector_id": self.connector.id, "asked_at": "2026-01-01 00:00:00"}
        self.connector.approval_ids.create(asked)
        self.hear_nothing_so_far()
        for _twice in range(2):
            approving.note_approved(self.connector.approval_ids)
        self.assertHeard("pending_approval")


class BrowserCommon(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not Path(file_path("mail"), *MISSING.split("/")[1:]).exists():
            cls.env["ir.asset"].sudo().create(
                {
                    "name": MISSING,
                    "bundle": "web.assets_backend",
                    "directive": "remove",
                    "path": MISSING,
                }
            )


@tagged(*BROWSER)
class TestBannerInBrowser(BannerCommon, BrowserCommon):
    """The page hears of changes from the bus: websockets work in browser tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids += cls.env.ref("account.group_account_user")
        cls.other_connector = cls.connect(cls.other_company, "hello@borealis.example")
        cls.invoice(5)

    def run_tour(self, name, user, **options):
        """Run the tour; in it, "send a test email" breaks the mailbox, and it is
        another user who reconnects it when it is broken."""
        case = self

        def toggle(connector):
            connector = connector.sudo()
            if connector.state == "connected":
                case.lose_mailbox(connector)
            else:
                connector.with_user(case.colleague.id)._connect(
                    connector.email, {"password": "planted-secret"}, {}
                )

        with (
            patch.object(AccountEmailConnector, "action_send_test", toggle),
            patch.object(SmtpMailbox, "check", lambda mailbox: None),
        ):
            self.start_tour(
                "/odoo/action-account.action_move_out_invoice",
                f"account_email_connector.{name}",
                login=user.login,
                **options,
            )

    def test_manager_reconnects_from_the_banner(self):
        self.run_tour("banner_manager", self.manager)
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.connector.connected_by_id, self.manager)

    def test_clerk_sees_a_colleague_reconnect(self):
        self.lose_mailbox()
        self.run_tour("banner_clerk", self.clerk)
        self.assertEqual(self.connector.connected_by_id, self.colleague)

    def test_only_companies_that_are_switched_on(self):
        self.manager.company_ids += self.other_company
        self.lose_mailbox(self.other_connector)
        self.run_tour("banner_companies", self.manager)


@tagged(*BROWSER)
class TestBannerUnits(BrowserCommon):
    def test_hoot(self):
        suite = test_js.HOOTCommon._generate_hash(self, "@account_email_connector")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
