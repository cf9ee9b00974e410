"""Defects of other follow-up software that must not come back here, with Odoo.

Each test is named after what went wrong there; ACC is OCA's ``account_credit_control``.
Its defects 1, 2, 3 and 8 are matters of the rules: tests/pure/test_rules_peers.py.
"""

from unittest.mock import patch

from lxml import html

from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine import compose
from .common import ConnectorCommon

EVIL = '<img src="x" onerror="alert(1)">'


@tagged("post_install", "-at_install")
class TestPeers(ConnectorCommon):
    def customers(self, number):
        customers = self.env["res.partner"]
        for n in range(number):
            customers |= self.customer.copy({"email": f"pay{n}@many.example"})
        return customers

    @mute_logger("odoo.addons.account_email_connector.engine.sending.steps")
    def test_acc_4_the_whole_send_is_one_transaction(self):
        """In ACC a failure took back what it knew of the emails that had left."""
        for customer in self.customers(4):
            self.invoice(5, partner=customer)
        one, two, three, four = self.plan().sorted("id")

        def fail_at_the_third(followups, compose=compose.compose):
            if three.id in followups.ids:
                followups.env.cr.execute("SELECT 1/0")
            return compose(followups)

        with (
            patch.object(compose, "compose", fail_at_the_third),
            mute_logger("odoo.sql_db"),
        ):
            self.run_action()
        self.assertEqual((one + two).mapped("state"), ["sent", "sent"])
        self.assertEqual((three.state, three.reason), ("failed", "not_composed"))
        self.assertEqual(four.state, "sent", "the others go on")
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 3, "nobody gets it twice")

    def test_acc_5_an_onchange_that_returns_inside_its_loop(self):
        """In ACC the records after the first one got no values."""
        customers = self.customers(3)
        paid, *_others = invoices = self.env["account.move"].union(
            *(self.invoice(5, partner=customer) for customer in customers)
        )
        self.pay(paid)  # the first has nothing to say
        self.assertEqual(
            invoices.mapped("email_followup_next_date"), [False, self.today, self.today]
        )
        self.assertEqual(
            customers.mapped("email_followup_next_date"),
            [False, self.today, self.today],
        )
        action = customers.action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(all(composer.line_ids.mapped("remark")))
        with Form(composer) as form, form.going_line_ids.edit(0) as line:
            line.selected = False
        self.assertEqual((composer.can_go_count, len(composer.line_ids)), (1, 2))
        followups = self.plan()
        self.assertEqual(followups.recipient_ids, customers[1:])
        self.assertTrue(all(followups.mapped("items_html")))
        self.assertTrue(all(followups.mapped("email_html")))

    def test_acc_6_the_sender_is_of_the_users_company(self):
        """In ACC the From was that of whoever ran it, for every company's customers."""
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(5, company=other)
        self.invoice(5)
        by_hand = self.invoice(5, partner=self.customers(1), company=other)
        user = new_test_user(
            self.env,
            "peers_billing",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=(self.company + other).ids,
        )
        both = [self.company.id, other.id]  # at work for Acme, Other switched on too
        moves = by_hand.with_user(user).with_context(allowed_company_ids=both)
        action = moves.action_email_followup_compose()
        moves.env[action["res_model"]].browse(action["res_id"]).action_send()
        self.env["account.email.followup"]._plan(self.company + other)
        self.run_action()
        senders = {
            (email.sender, str(email.message["From"]), str(email.message["Reply-To"]))
            for email in self.mailbox.accepted
        }
        acme = "Acme <accounting@acme.example>"
        others = "Other <billing@other.example>"
        self.assertEqual(
            senders,
            {
                ("accounting@acme.example", acme, acme),
                ("billing@other.example", others, others),
            },
        )
        self.assertEqual(len(self.mailbox.accepted), 3)

    def test_acc_7_what_people_type_reaches_the_email_as_html(self):
        """In ACC an image in the ref of a journal item reached the customer."""
        self.customer.name = f"Blue {EVIL} Lake"
        invoice = self.invoice(
            5, name=f"INV/{EVIL}/1", ref=EVIL, payment_reference=EVIL
        )
        invoice.line_ids.ref = EVIL
        self.credit_note(10, name=f"RINV/{EVIL}/1", ref=EVIL)
        followup = self.plan()
        shown = html.fromstring(followup.email_html)
        self.run_action()
        self.assertEqual(followup.state, "sent")
        page = self.mailbox.accepted[0].message.get_body(("html",)).get_content()
        page = html.fromstring(page)
        notes = (followup.mail_message_id + invoice.message_ids).mapped("body")
        for part in (page, shown, *map(html.fromstring, filter(None, notes))):
            self.assertFalse(part.xpath("//img"))
        words = page.text_content()
        self.assertIn(f"INV/{EVIL}/1", words, "it is a text like any other")
        self.assertIn(f"Blue {EVIL} Lake", words)
