from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from ..engine.followup import todo
from ..engine.incoming import choose, reading
from ..engine.mailbox import condition, connecting
from ..engine.secrets import mailboxes
from ..providers import registry
from ..providers.incoming import (
    Fetched,
    Filed,
    Found,
    Head,
    read_headers,
    references,
)
from ..providers.oauth.app import Grant
from ..providers.outcomes import SignInRequired, Throttled
from ..providers.reasons import Reason
from .common import ConnectorCommon, MemoryMailbox
from .pure import incoming_samples as samples
from .pure.processor import spent


class InboxMailbox(MemoryMailbox):
    """A mailbox with an Inbox, in memory; :attr:`read` has the bodies it gave away."""

    finds_filed = True

    def __init__(self):
        super().__init__()
        self.inbox = []  # (raw, thread id)
        self.read = []
        self.looks = 0
        self.trouble = None

    def fetch_since(self, cursor, choose, limit=50):
        self.looks += 1
        if self.trouble:
            raise self.trouble
        start = cursor.get("next", 0)
        new = self.inbox[start : start + limit]
        heads = [
            Head(str(start + n), read_headers(raw.partition(b"\r\n\r\n")[0]), thread)
            for n, (raw, thread) in enumerate(new)
        ]
        found = [Found(*self.inbox[int(head.key)]) for head in choose(heads)]
        self.read += [each.raw for each in found]
        end = start + len(new)
        return Fetched(found, {**cursor, "next": end}, end < len(self.inbox))


FAULT = "odoo.addons.account_email_connector.engine.incoming.fault"


class IncomingCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = new_test_user(
            cls.env,
            "incoming_billing",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )
        cls.env["account.email.followup.plan"].search([]).responsible_id = cls.billing
        cls.connector.imap_host = "imap.acme.example"
        cls.connector.reads_replies = True

    def setUp(self):
        super().setUp()
        self.mailbox = InboxMailbox()
        self.sent_invoice = self.invoice(5)
        self.plan()
        self.run_action()
        self.followup = self.env["account.email.followup"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(self.followup.state, "sent")

    def arrives(self, raw, thread=""):
        self.mailbox.inbox.append((raw, thread))

    def look(self):
        """Run the scheduled action that reads."""
        cron = self.env.ref("account_email_connector.ir_cron_incoming")
        with (
            patch.object(mailboxes, "open_mailbox", lambda *args: self.mailbox),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def ids(self):
        return {
            "ours": self.followup.message_id_header,
            "root": self.followup.thread_root,
        }

    def shown(self, partner=None):
        """What came in, in the chatter of the customer's follow-ups."""
        partner = partner or self.customer
        followups = self.env["account.email.followup"].search(
            [("partner_id", "=", partner.id)]
        )
        return followups.message_ids.filtered(lambda m: m.message_type == "email")

    def notes(self):
        """What a bounce is noted as, in the follow-up's story."""
        lines = self.followup.message_ids.filtered(lambda m: "reach" in (m.body or ""))
        lines -= self.shown()
        return [html2plaintext(line.body) for line in lines]

    def todos(self):
        return self.customer.activity_ids.filtered(lambda a: a.user_id == self.billing)


@tagged("post_install", "-at_install")
class TestIncoming(IncomingCommon):
    def test_an_answer_is_shown_and_pauses(self):
        self.arrives(samples.reply(**self.ids()))
        self.look()
        message = self.shown()
        self.assertEqual(message.author_id, self.customer)
        self.assertIn("Zoë Lake", message.email_from)
        self.assertEqual(message.subject, "Re: Your open invoices – Acme")
        self.assertIn("We paid on Friday. Grüße, Zoë", message.body)
        self.assertEqual(message.parent_id, self.followup.mail_message_id)
        self.assertTrue(self.customer.email_followup_answered)
        self.assertIn("answered", self.todos().summary)
        later = self.today + timedelta(days=40)
        self.assertFalse(self.plan(later), "nobody chases who has answered")
        explained = self.env["account.email.followup"]._explain(self.sent_invoice)
        self.assertEqual(explained[self.sent_invoice.id].reason, "answered")

    def test_two_answers_one_of_them_unread(self):
        self.arrives(samples.reply(**self.ids()))
        self.look()
        first = self.todos()
        second = first.copy({"summary": "Another answer"})
        first.with_user(self.billing).action_feedback()
        self.assertTrue(self.customer.email_followup_answered, "one is unread")
        second.with_user(self.billing).action_feedback()
        self.assertFalse(self.customer.email_followup_answered)

    def test_go_on(self):
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.customer.with_user(self.billing).action_email_followup_go_on()
        self.assertFalse(self.customer.email_followup_answered)
        self.assertFalse(self.todos(), "what was to be done is done")
        self.assertTrue(self.plan(self.today + timedelta(days=40)))

    def test_go_on_is_for_accounting_users(self):
        internal = new_test_user(self.env, "incoming_internal", "base.group_user")
        with self.assertRaises(AccessError):
            self.customer.with_user(internal).action_email_followup_go_on()

    def test_in_the_language_of_the_responsible(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.billing.lang = "fr_FR"
        told = {}

        def say(followup, user, text):
            told[user] = user.lang
            return f"[{user.lang}] {text._source}"

        with patch.object(todo, "say", say):
            self.arrives(samples.reply(**self.ids()))
            self.look()
        self.assertEqual(told, {self.billing: "fr_FR"})
        self.assertTrue(self.todos().summary.startswith("[fr_FR]"))

    def test_what_came_while_it_was_off_is_nobodys_business(self):
        """The providers tell whole seconds, so it begins with the next one."""
        while_off = datetime.now(timezone.utc)
        self.connector.reads_replies = False
        self.connector.reads_replies = True
        begin = datetime.fromisoformat(self.connector.inbox_ids.cursor["at"])
        self.assertGreater(begin, while_off)

    def test_once_for_each_message_id(self):
        self.arrives(samples.reply(**self.ids()))
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.customer.email_followup_answered = False
        self.env["account.email.inbox"].sudo().search([]).cursor = {"at": "2026-01-01"}
        self.look()
        self.assertEqual(len(self.shown()), 1)
        self.assertFalse(
            self.customer.email_followup_answered, "an old answer pauses nobody again"
        )

    def test_another_answer_pauses_again(self):
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.customer.with_user(self.billing).action_email_followup_go_on()
        self.arrives(samples.reply(**self.ids(), own="<answer-2@bluelake.example>"))
        self.look()
        self.assertTrue(self.customer.email_followup_answered)
        self.assertEqual(len(self.shown()), 2)

    def test_odoos_own_gateway_was_faster(self):
        self.followup.sudo().message_post(
            body="As the gateway does",
            message_type="email",
            message_id="<answer-1@bluelake.example>",
        )
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertEqual(len(self.shown()), 1)
        self.assertTrue(self.customer.email_followup_answered)

    def test_what_odoos_own_gateway_fetches_is_to_be_read(self):
        self.env["mail.thread"].with_user(SUPERUSER_ID).message_process(
            False, samples.reply(**self.ids())
        )
        self.assertEqual(len(self.shown()), 1)
        self.assertIn("answered", self.todos().summary)

    def test_outlook_with_in_reply_to_only(self):
        self.arrives(samples.outlook(self.followup.message_id_header))
        self.look()
        body = str(self.shown().body)
        self.assertIn("Please send invoice 1 again", body)
        for evil in ("script", "tracker.example", "onerror", "<img"):
            self.assertNotIn(evil, body)
        self.assertIn("order.docm", body, "where it is, is told")
        self.assertFalse(self.shown().attachment_ids)
        self.assertTrue(self.customer.email_followup_answered)

    def test_the_id_that_the_provider_gave_it(self):
        self.followup.sudo().delivery_id.seen_message_id = "<its-own@prod.outlook.com>"
        self.arrives(samples.outlook("<its-own@prod.outlook.com>"))
        self.look()
        self.assertTrue(self.customer.email_followup_answered)

    def test_only_the_thread_of_gmail(self):
        self.followup.sudo().delivery_id.thread_id = "19a0"
        self.arrives(samples.gmail(), "19a0")
        self.arrives(samples.gmail(own="<other@x.example>"), "19a1")
        self.look()
        self.assertEqual(len(self.shown()), 1)
        self.assertTrue(self.customer.email_followup_answered)

    def test_a_conversation_that_graph_did_not_tell(self):
        link = "https://outlook.office365.com/owa/?ItemID=AAMk1"
        told = {self.followup.message_id_header: Filed("AAQk1", link)}
        self.mailbox.find_filed = told.get
        self.arrives(samples.gmail(), "AAQk1")
        self.look()
        self.env.invalidate_all()
        self.assertEqual(self.followup.delivery_id.thread_id, "AAQk1")
        action = self.followup.with_user(self.billing).action_open_in_mailbox()
        self.assertEqual((action["url"], action["target"]), (link, "new"))
        self.assertTrue(self.customer.email_followup_answered)

    def test_the_root_leads_to_the_last_follow_up(self):
        lost = {**self.ids(), "ours": "<replaced@mail.gmail.com>"}
        self.arrives(samples.reply(**lost))
        self.look()
        self.assertEqual(self.shown().parent_id, self.followup.mail_message_id)

    def test_a_machine_is_shown_but_does_not_pause(self):
        ours = self.ids()
        self.arrives(samples.out_of_office(**ours))
        self.arrives(samples.vacation(ours["ours"]))
        self.look()
        self.assertEqual(len(self.shown()), 2)
        self.assertFalse(self.customer.email_followup_answered)
        self.assertFalse(self.todos())

    def test_a_bounce(self):
        contact = self.customer.create(
            {
                "name": "Books",
                "parent_id": self.customer.id,
                "email": "pay@bluelake.example",
            }
        )
        bystander = self.customer.create(
            {"name": "Other", "email": "pay@bluelake.example"}
        )
        self.arrives(samples.postfix_bounce(**self.ids()))
        self.look()
        self.assertEqual(self.customer.email_followup_bounced, "pay@bluelake.example")
        self.assertEqual(contact.email_followup_bounced, "pay@bluelake.example")
        self.assertFalse(bystander.email_followup_bounced)
        self.assertFalse(self.customer.email_followup_answered)
        self.assertIn("pay@bluelake.example", self.todos().summary)
        self.assertIn("550 5.1.1 User unknown", self.shown().body)
        self.assertFalse(self.customer._email_followup_recipients())
        self.customer.email = "new@bluelake.example"
        self.assertTrue(self.customer._email_followup_recipients(), "corrected")

    def test_bounces_of_every_kind(self):
        ids = self.ids()
        ours = ids["ours"]
        for number, raw in enumerate(
            [
                samples.exchange_bounce(**ids),
                samples.gmail_bounce(**ids),
                samples.exim_bounce(ours),
                samples.qmail_bounce(ours),
            ],
            start=1,
        ):
            self.customer.email_followup_bounced = False
            self.arrives(raw)
            self.look()
            with self.subTest(number=number):
                self.assertEqual(len(self.shown()), number)
                self.assertTrue(self.customer.email_followup_bounced)
        self.assertEqual(len(self.todos()), 1, "one to-do is enough")

    def test_a_bounce_of_an_address_we_did_not_write_to(self):
        """Behind a forwarding, or made up: a person looks."""
        other = self.customer.create(
            {
                "name": "Boss",
                "parent_id": self.customer.id,
                "email": "boss@bluelake.example",
            }
        )
        self.arrives(
            samples.postfix_bounce(**self.ids(), recipient="boss@bluelake.example")
        )
        self.look()
        self.assertFalse(other.email_followup_bounced)
        self.assertFalse(self.customer.email_followup_bounced)
        self.assertTrue(self.todos())

    def test_a_bounce_that_is_not_about_the_address(self):
        """It says what it was, and strikes nobody out."""
        told, noted = set(), set()
        for number, (status, cause) in enumerate(
            {
                b"5.2.2": "full",
                b"5.3.4": "too_large",
                b"4.4.7": "expired",
                b"5.7.1": "blocked",
                b"5.3.0": "soft",
            }.items(),
            start=1,
        ):
            raw = samples.postfix_bounce(**self.ids())
            raw = raw.replace(b"5.1.1 User unknown", status).replace(b"5.1.1", status)
            self.arrives(raw.replace(b"4D6F@", b"%d@" % number))
            self.look()
            with self.subTest(cause=cause):
                self.assertFalse(self.customer.email_followup_bounced)
                seen = self.env["account.email.incoming"].sudo().search([], limit=1)
                self.assertEqual((seen.kind, seen.cause), ("bounce", cause))
                told |= set(self.todos().mapped("summary"))
                noted |= set(self.notes())
                self.assertEqual(len(told | noted), number, "each has its own words")
        self.assertEqual(len(told), 2, "nobody has to do anything about what passes")
        self.assertTrue(all("pay@bluelake.example" in each for each in told | noted))
        self.assertTrue(self.customer._email_followup_recipients())

    def test_a_bounce_that_names_nobody(self):
        head = f"From: postmaster@x.example\nIn-Reply-To: {self.ids()['ours']}\n"
        text = "Subject: Undeliverable: Invoices\n\nIt could not be delivered.\n"
        self.arrives((head + text).encode())
        self.look()
        self.assertFalse(self.customer.email_followup_bounced)
        self.assertFalse(self.customer.email_followup_answered)
        self.assertIn("pay@bluelake.example", self.todos().summary)

    def test_a_delay_is_no_bounce(self):
        self.arrives(samples.postfix_bounce(**self.ids(), action="delayed"))
        self.look()
        self.assertFalse(self.customer.email_followup_bounced)
        self.assertFalse(self.todos())

    def test_what_is_not_ours_is_nobodys_business(self):
        before = self.env["mail.message"].search_count([])
        stranger = samples.postfix_bounce(
            ours="<not-ours@x.example>", root="<no@x.example>"
        )
        self.arrives(samples.unrelated(sender="pay@bluelake.example"))
        self.arrives(stranger)
        with self.assertNoLogs("odoo.addons.account_email_connector", "INFO"):
            self.look()
        self.assertEqual(self.mailbox.read, [stranger], "a report tells it only inside")
        self.assertEqual(self.env["mail.message"].search_count([]), before)
        self.assertFalse(self.env["account.email.incoming"].sudo().search([]))
        self.assertFalse(self.customer.email_followup_answered)

    def test_a_copy_to_the_mailbox_itself_is_no_answer(self):
        self.arrives(samples.reply(**self.ids(), sender="accounting@acme.example"))
        self.look()
        self.assertFalse(self.mailbox.read)
        self.assertFalse(self.customer.email_followup_answered)

    def test_somebody_else_of_the_customer_answers(self):
        self.arrives(samples.reply(**self.ids(), sender="tom@elsewhere.example"))
        self.look()
        self.assertFalse(self.shown().author_id)
        self.assertIn("tom@elsewhere.example", self.shown().email_from)
        self.assertTrue(self.customer.email_followup_answered)

    def answer_of(self, sender):
        """Whether an email from there counts as the customer's answer."""
        self.arrives(samples.reply(**self.ids(), sender=sender))
        self.look()
        self.assertEqual(len(self.shown()), 1, "it is shown, whoever wrote it")
        answered = self.customer.email_followup_answered
        self.assertEqual(bool(self.todos()), answered)
        noted = self.env["account.email.incoming"].sudo().search([], limit=1)
        self.assertEqual(noted.kind, "reply" if answered else "own")
        return answered

    def test_a_colleague_s_reply_to_all_is_no_answer(self):
        self.billing.email = "Bill <bill@acme.example>; bill@bücher.example"
        self.assertFalse(self.answer_of("Bill@Acme.example"))
        self.assertTrue(self.plan(self.today + timedelta(days=40)), "chased as before")

    def test_a_colleague_s_other_address(self):
        self.billing.email = "Bill <bill@acme.example>; bill@bücher.example"
        self.assertFalse(self.answer_of("bill@xn--bcher-kva.example"))

    def test_a_step_s_copy_answers_to_all(self):
        self.followup.sudo().step_id.cc = "Sales <sales@acme.example>"
        self.assertFalse(self.answer_of("sales@acme.example"))

    def test_another_mailbox_of_ours(self):
        other = self.setup_other_company(name="Red Hill")["company"]
        self.connect(other, "accounting@redhill.example")
        self.assertFalse(self.answer_of("accounting@redhill.example"))

    def sister(self):
        """Another company of ours, which the follow-up is to."""
        other = self.setup_other_company(name="Red Hill")["company"]
        self.followup.sudo().partner_id = self.customer = other.partner_id
        return other

    def test_a_company_of_ours_that_buys_from_another(self):
        """Its mailbox answers as the customer that it is."""
        self.connect(self.sister(), "accounting@redhill.example")
        self.assertTrue(self.answer_of("accounting@redhill.example"))

    def test_somebody_of_a_company_of_ours_that_buys_from_another(self):
        sister = self.sister()
        new_test_user(
            self.env,
            "incoming_buyer",
            "base.group_user",
            email="carl@redhill.example",
            company_id=sister.id,
            company_ids=[(6, 0, (sister + self.company).ids)],
        )
        self.assertTrue(self.answer_of("carl@redhill.example"))

    def test_a_portal_user_is_a_customer(self):
        portal = new_test_user(
            self.env, "incoming_portal", "base.group_portal", email="bob@portal.example"
        )
        self.assertTrue(portal.share)
        self.assertTrue(self.answer_of("bob@portal.example"))

    def test_a_colleague_of_another_company(self):
        other = self.setup_other_company(name="Red Hill")["company"]
        new_test_user(
            self.env,
            "incoming_other",
            "base.group_user",
            email="carl@redhill.example",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertTrue(self.answer_of("carl@redhill.example"))

    def test_a_colleague_who_owes_answers_as_a_customer(self):
        self.billing.email = "bill@acme.example"
        self.billing.partner_id.parent_id = self.customer
        self.assertTrue(self.answer_of("bill@acme.example"))

    def test_ours_that_odoos_own_gateway_fetches(self):
        self.billing.email = "bill@acme.example"
        self.followup.sudo().step_id.cc = "Sales <sales@acme.example>"
        for name in ("bill", "sales"):
            raw = samples.reply(
                **self.ids(),
                sender=f"{name}@acme.example",
                own=f"<{name}@acme.example>",
            )
            gateway = self.env["mail.thread"].with_user(SUPERUSER_ID)
            gateway.message_process(False, raw)
        self.assertEqual(len(self.shown()), 2)
        self.assertFalse(self.todos())

    def test_followers_get_no_copy(self):
        followers = self.customer + self.billing.partner_id
        self.followup.sudo().message_subscribe(followers.ids)
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertFalse(self.shown().notification_ids)
        copies = [("mail_message_id", "=", self.shown().id)]
        self.assertFalse(self.env["mail.mail"].search(copies))

    def test_broken_and_huge_ones_do_not_stop_the_others(self):
        ours = self.followup.message_id_header
        self.arrives(samples.broken(ours))
        self.arrives(samples.huge(ours))
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertEqual(len(self.shown()), 3)

    def test_strangers_do_not_stop_the_others(self):
        ours = self.followup.message_id_header
        for number, author in enumerate(("(" * 900, "a:" * 480, "\0\x80", "<" * 9000)):
            own = f"<{number}@x.example>"
            self.arrives(samples.unrelated(own=own, sender=author))
            self.arrives(samples.reply(ours, ours + "(" * 900, author, own))
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertEqual(len(self.shown()), 5)
        self.assertEqual(self.shown()[:1].author_id, self.customer)

    def test_headers_that_cannot_be_read_do_not_stop_the_others(self):
        self.arrives(samples.unrelated(own="<stranger@x.example>"))
        self.arrives(samples.reply(**self.ids()))

        def stumble(headers):
            if "stranger" in headers["Message-ID"]:
                raise RecursionError("PRIVATE-WORDS")
            return references(headers)

        with (
            patch.object(choose, "references", stumble),
            self.assertLogs("odoo.addons.account_email_connector", "ERROR") as logs,
        ):
            self.look()
        self.assertEqual(len(self.shown()), 1)
        self.assertNotIn("PRIVATE-WORDS", str(logs.output))
        self.assertIn("were skipped: 1.", self.connector.reading_hint)

    @mute_logger("odoo.sql_db", FAULT)
    def test_what_is_too_large_for_the_database_does_not_stop_the_others(self):
        self.arrives(samples.huge(self.followup.message_id_header))
        self.arrives(samples.reply(**self.ids()))
        followups = type(self.followup)
        post = followups.message_post

        def too_large(record, **values):
            if values.get("message_id") == "<huge-1@bluelake.example>":
                record.env.cr.execute("SELECT repeat('x', 2000000000)")
            return post(record, **values)

        with patch.object(followups, "message_post", too_large):
            self.look()
        self.assertEqual(len(self.shown()), 1)

    def test_the_longest_that_is_kept_of_an_email(self):
        """Longest in bytes: neither an index nor a column refuses it."""
        ours = self.followup.message_id_header
        for own in ("<" + "\U0001f600" * 500 + ">", "<" + "x" * 5000 + "@x.example>"):
            self.arrives(samples.reply(ours, ours, "é" * 9000 + "@x.example", own))
        self.look()
        self.assertEqual(len(self.shown()), 2)

    def test_html_that_nobody_wrote(self):
        head = samples.outlook(self.followup.message_id_header).split(b"boundary")[0]
        head = head.replace(b"multipart/mixed;", b"text/html")
        for number, markup in enumerate(
            (b"<div>", b"<table><tr><td>", b"<a b='", b"\n<br>a")
        ):
            own = b"Message-ID: <%d@x.example>" % number
            raw = head.replace(b"Message-ID: ", own + b"\r\nX-Was: ").rstrip()
            self.arrives(raw + b"\r\n\r\nPaid." + markup * 50_000)
        self.assertLess(spent(self.look)[1], 4 * 0.3)
        self.assertEqual(len(self.shown()), 4)
        self.assertTrue(all("Paid." in body for body in self.shown().mapped("body")))

    @mute_logger(FAULT)
    def test_a_fault_of_ours_does_not_stop_the_others(self):
        self.arrives(samples.huge(self.followup.message_id_header))
        self.arrives(samples.reply(**self.ids()))
        followups = type(self.followup)
        post = followups.message_post

        def stumble(record, **values):
            if values.get("message_id") == "<huge-1@bluelake.example>":
                raise KeyError("See the film.")
            return post(record, **values)

        with patch.object(followups, "message_post", stumble):
            self.look()
        self.assertEqual(len(self.shown()), 1)
        self.assertTrue(self.customer.email_followup_answered)

    def test_many_pages(self):
        for number in range(120):
            self.arrives(samples.unrelated(own=f"<{number}@x.example>"))
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertEqual(self.mailbox.looks, 3)
        self.assertTrue(self.customer.email_followup_answered)
        self.look()
        self.assertEqual(len(self.mailbox.read), 1, "never twice")

    def test_an_answer_holds_what_is_on_its_way(self):
        following = self.plan(self.today + timedelta(days=30))
        following.sudo().planned_date = self.today
        self.arrives(samples.reply(**self.ids()))
        self.look()
        following.action_send_now()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual(following.reason, "answered")


@tagged("post_install", "-at_install")
class TestIncomingCompanies(IncomingCommon):
    """One address on two companies: each on its own."""

    def setUp(self):
        super().setUp()
        self.other = self._create_company(name="Other")
        self.second = self.connect(self.other, "accounting@acme.example")
        self.second.imap_host = "imap.acme.example"
        self.invoice(5, company=self.other)
        self.env["account.email.followup"]._plan(self.other)
        self.run_action()
        self.theirs = self.env["account.email.followup"].search(
            [("company_id", "=", self.other.id)]
        )

    def answer_to_the_other(self):
        self.arrives(
            samples.reply(self.theirs.message_id_header, self.theirs.thread_root)
        )
        self.look()

    def test_off_in_one_is_off(self):
        self.answer_to_the_other()
        self.assertFalse(self.shown())
        self.assertFalse(self.mailbox.read)

    def test_it_pauses_the_company_that_was_answered(self):
        self.second.reads_replies = True
        self.answer_to_the_other()
        answered = self.customer.with_company(self.other)
        self.assertTrue(answered.email_followup_answered)
        self.assertFalse(self.customer.email_followup_answered)
        self.assertEqual(len(self.shown()), 1)


@tagged("post_install", "-at_install")
class TestReadingSwitch(IncomingCommon):
    """Off means off; what goes wrong while reading never stops sending."""

    def test_off_by_default(self):
        self.assertFalse(
            self.env["account.email.connector"]
            .default_get(["reads_replies"])
            .get("reads_replies")
        )

    def test_off_means_off(self):
        self.connector.reads_replies = False
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertFalse(self.mailbox.looks)
        self.assertFalse(self.shown())
        self.assertEqual(
            reading.scopes(self.connector, registry.provider("microsoft")), ()
        )
        self.assertEqual(
            reading.scopes(self.connector, registry.provider("google")), ()
        )

    def test_disconnecting_switches_it_off(self):
        self.connector.action_disconnect()
        self.assertFalse(self.connector.reads_replies)
        self.assertFalse(self.env["account.email.inbox"].sudo().search([]))

    def test_smtp_needs_imap(self):
        self.connector.write({"reads_replies": False})
        self.connector.imap_host = False
        with self.assertRaises(UserError):
            self.connector.reads_replies = True

    def test_reading_that_fails_is_told_and_sending_goes_on(self):
        self.mailbox.trouble = SignInRequired(Reason.WRONG_PASSWORD, service="imap")
        self.look()
        self.assertEqual(self.connector.state, "connected")
        self.assertIn("password is wrong", self.connector.reading_hint)
        self.look()
        self.assertEqual(self.mailbox.looks, 1, "several attempts lock an account")
        self.invoice(5, partner=self.customer.copy({"email": "b@bluelake.example"}))
        self.plan()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 2)

    @mute_logger("odoo.addons.account_email_connector")
    def test_a_fault_of_ours_is_told_too(self):
        self.mailbox.trouble = RecursionError("PRIVATE-WORDS")
        self.look()
        self.assertIn("could not be processed", self.connector.reading_hint)
        self.assertIn("RecursionError", self.connector.reading_hint)
        self.assertNotIn("PRIVATE-WORDS", self.connector.reading_hint)

    def test_after_reconnecting_it_is_tried_again(self):
        self.mailbox.trouble = SignInRequired(Reason.WRONG_PASSWORD, service="imap")
        self.look()
        self.mailbox.trouble = None
        self.connect(self.company, "accounting@acme.example")
        self.arrives(samples.reply(**self.ids()))
        self.look()
        self.assertFalse(self.connector.reading_hint)
        self.assertTrue(self.customer.email_followup_answered)

    def test_a_provider_that_asks_to_wait(self):
        self.mailbox.trouble = Throttled(Reason.TOO_FAST, retry_after=3600)
        self.look()
        self.look()
        self.assertEqual(self.mailbox.looks, 1)
        self.assertTrue(self.connector._usable(), "sending does not wait")
        self.mailbox.trouble = None
        self.env["account.email.inbox"].sudo().search([]).retry_at = False
        self.look()
        self.assertEqual(self.mailbox.looks, 2)

    def test_a_mailbox_in_trouble_is_left_alone(self):
        condition.break_off(self.connector, SignInRequired(Reason.SIGN_IN_AGAIN))
        self.look()
        self.assertFalse(self.mailbox.looks)

    def test_what_is_asked_for(self):
        self.assertEqual(
            reading.scopes(self.connector, registry.provider("microsoft")),
            ("Mail.Read",),
        )
        [scope] = reading.scopes(self.connector, registry.provider("google"))
        self.assertTrue(scope.endswith("/gmail.readonly"))
        self.connector.send_as = "shared@acme.example"
        self.assertEqual(
            reading.scopes(self.connector, registry.provider("microsoft")),
            ("Mail.Read", "Mail.Read.Shared"),
        )

    def test_oauth_asks_to_sign_in_again(self):
        self.connector.provider = "google"
        self.assertTrue(self.connector.reading_wants_sign_in)
        self.assertIn("Sign in once more", self.connector.reading_hint)
        self.look()
        self.assertFalse(self.mailbox.looks, "nobody is asked without the permission")
        self.env["account.email.inbox"].sudo().search([]).granted = True
        self.connector.invalidate_recordset()
        self.assertFalse(self.connector.reading_hint)
        self.look()
        self.assertEqual(self.mailbox.looks, 1)

    def test_what_was_granted(self):
        app = (
            self.env["account.email.oauth.app"]
            .sudo()
            .create(
                {
                    "name": "Google",
                    "provider": "google",
                    "client_id": "x.apps.googleusercontent.com",
                }
            )
        )
        self.connector.provider = "google"
        sending = ("openid", "https://www.googleapis.com/auth/gmail.send")
        for more, allowed in (
            ((), False),  # the box was left unticked
            (("https://www.googleapis.com/auth/gmail.readonly",), True),
            ((), False),
        ):
            grant = Grant(
                "accounting@acme.example", "1", "", "", (*sending, *more), "{}"
            )
            connecting.take_grant(self.connector, app, grant)
            self.connector.invalidate_recordset()
            with self.subTest(more=more):
                self.assertEqual(self.connector.state, "connected")
                self.assertEqual(self.connector.reading_wants_sign_in, not allowed)

    def test_a_permission_that_is_taken_back(self):
        self.connector.provider = "microsoft"
        self.env["account.email.inbox"].sudo().search([]).granted = True
        self.mailbox.trouble = SignInRequired(Reason.PERMISSION_MISSING)
        self.look()
        self.assertEqual(self.connector.state, "connected")
        self.assertTrue(self.connector.reading_wants_sign_in)

    def test_who_may_switch_it_on(self):
        with self.assertRaises(AccessError):
            self.connector.with_user(self.billing).reads_replies = False

    def test_nobody_reads_the_records(self):
        for model in ("account.email.inbox", "account.email.incoming"):
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(model=model, operation=operation):
                    self.assertFalse(
                        self.env[model].with_user(self.billing).has_access(operation)
                    )
