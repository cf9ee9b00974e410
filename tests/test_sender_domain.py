"""What the mailbox's page says of the sender's domain: SPF, DKIM and DMARC."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..engine.mailbox import domain
from ..providers.discovery import sender
from ..providers.discovery.sender import HOSTS, Finding, State
from ..texts import sender_domain
from .oauth_common import OAuthCommon

FOUND = [
    Finding("spf", State.NOT_NAMED, "firm.com", "v=spf1 <b>mx</b> -all"),
    Finding("dkim", State.MISSING, "selector1._domainkey.firm.com"),
    Finding("dmarc", State.WATCHING, "_dmarc.firm.com", "v=DMARC1; p=none"),
]


@tagged("post_install", "-at_install")
class TestSenderDomain(OAuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.clerk, cls.auditor = (
            new_test_user(
                cls.env,
                f"domain_{group}",
                f"base.group_user,account.group_account_{group}",
                company_id=cls.company.id,
            )
            for group in ("manager", "invoice", "readonly")
        )

    def setUp(self):
        super().setUp()
        self.asked = []
        self.health = self.env.ref("account_email_connector.ir_cron_health")

        def look(name, host, lookup=None):
            self.asked.append((name, host and host.name))
            return FOUND

        self.enterContext(patch.object(sender, "look", look))

    def at_microsoft(self, address="billing@firm.com"):
        mailbox = self.connect(self.company, address)
        mailbox.write(
            {"provider": "microsoft", "oauth_app_id": self.apps["microsoft"].id}
        )
        return mailbox

    def by_password(self):
        """A mailbox whose sign-in the daily action leaves alone."""
        mailbox = self.connect(self.company, "billing@firm.com")
        mailbox.smtp_host = "smtp.office365.com"
        return mailbox

    def run_action(self):
        with self.enter_registry_test_mode():
            self.health.method_direct_trigger()
        self.env.invalidate_all()

    def test_who_connects_it_looks_it_up_and_everybody_reads_it(self):
        mailbox = self.at_microsoft()
        self.assertFalse(mailbox.with_user(self.clerk).domain_text)
        for user in (self.clerk, self.auditor):
            with self.assertRaises(AccessError):
                mailbox.with_user(user).action_check_domain()
        self.assertFalse(self.asked)
        for _twice in range(2):
            mailbox.with_user(self.manager).action_check_domain()
        self.assertEqual(set(self.asked), {("firm.com", "Microsoft")})
        for user in (self.clerk, self.auditor):
            text = mailbox.with_user(user).domain_text
            self.assertIn("Add include:spf.protection.outlook.com", text)
            self.assertIn("Microsoft Defender portal", text)
            self.assertIn("v=spf1 &lt;b&gt;mx&lt;/b&gt; -all", text)
            with self.assertRaises(AccessError):
                mailbox.with_user(user).read(["domain_found"])

    def test_it_is_looked_up_once_after_connecting(self):
        self.by_password()
        trigger = self.env["ir.cron.trigger"].sudo()
        self.assertTrue(trigger.search([("cron_id", "=", self.health.id)]))
        for _twice in range(2):
            self.run_action()
        self.assertEqual(self.asked, [("firm.com", "Microsoft")])

    def test_what_the_dns_did_not_say_is_asked_again(self):
        mailbox = self.by_password()
        silent = [Finding("spf", State.NO_ANSWER, "firm.com")]
        with patch.object(sender, "look", lambda *_args: silent):
            self.run_action()
        self.assertIn("did not answer", mailbox.domain_text)
        self.run_action()
        self.assertEqual(len(self.asked), 1)

    def test_of_another_address_nothing_is_said_before_it_is_looked_up(self):
        mailbox = self.at_microsoft()
        domain.check(mailbox)
        mailbox.send_as = "accounts@another.com"
        self.assertIs(mailbox.domain_text, False)
        domain.check(mailbox)
        self.assertEqual(self.asked[-1], ("another.com", "Microsoft"))

    def test_the_providers_own_domains_are_not_asked_about(self):
        for address, words in (
            ("firm@gmail.com", "belongs to your mail provider"),
            ("firm@outlook.com", "belongs to your mail provider"),
            ("billing@firm.local", "not in the public DNS"),
        ):
            mailbox = self.connector.sudo()
            mailbox.write({"state": "connected", "email": address})
            domain.check(mailbox)
            with self.subTest(address):
                self.assertIn(words, mailbox.domain_text)
        self.assertFalse(self.asked)

    def test_by_whom_it_is_sent(self):
        mailbox = self.at_microsoft()
        for values, host in (
            ({}, "Microsoft"),
            ({"provider": "google"}, "Google"),
            ({"provider": "smtp", "smtp_host": "smtp.office365.com"}, "Microsoft"),
            ({"provider": "smtp", "smtp_host": "smtp.gmail.com"}, "Google"),
            ({"provider": "smtp", "smtp_host": "mail.firm.com"}, None),
        ):
            mailbox.write(values)
            domain.check(mailbox)
            with self.subTest(values):
                self.assertEqual(self.asked[-1][1], host)
        self.apps["microsoft"].cloud = "us_gov"
        mailbox.provider = "microsoft"
        domain.check(mailbox)
        self.assertIn("spf.protection.office365.us", mailbox.domain_text)

    def test_what_an_address_says_by_itself_is_warned_of(self):
        mailbox = self.at_microsoft("billing@firm.onmicrosoft.com")
        self.assertIn("100 people", mailbox.with_user(self.clerk).sender_warning)
        mailbox.email = "billing@firm.com"
        self.assertFalse(mailbox.sender_warning)
        mailbox.write({"provider": "smtp", "smtp_host": "smtp.office365.com"})
        self.assertIn("Sign in with Microsoft", mailbox.sender_warning)
        mailbox.state = "disconnected"
        self.assertFalse(mailbox.sender_warning)

    def test_all_that_can_be_found_has_its_words(self):
        possible = {
            "spf": ("named", "present", "not_named", "several", "missing"),
            "dkim": ("key", "unknown", "missing"),
            "dmarc": ("enforced", "watching", "missing"),
        }
        for host in ("", *HOSTS):
            for subject, states in possible.items():
                for state in (*states, "no_answer"):
                    if (host, subject, state) == ("", "dkim", "missing"):
                        continue  # nobody looks for it
                    found = {"subject": subject, "state": state}
                    found |= {"at": "x.firm.com", "record": "v=x"}
                    values = {"host": host, "owner": "", "findings": [found]}
                    with self.subTest(host=host, found=found):
                        text = sender_domain.page(self.env, values)
                        self.assertIn(subject.upper(), text)
                        self.assertNotIn("%(", text)
        for subject, texts in sender_domain.TEXTS.items():
            self.assertLessEqual(set(texts), set(map(State, possible[subject])))
