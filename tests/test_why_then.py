from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import html2plaintext

from ..rules.asof import Forgotten
from ..texts.then import AS_TODAY, BY_DATE, LEFT_OUT
from .test_books import BooksCommon


@tagged("post_install", "-at_install")
class TestWhyThen(BooksCommon):
    """A day in the past: what the rules say of it, and what happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, "books", "account.group_account_invoice"
        )
        cls.auditor = new_test_user(cls.env, "looks", "account.group_account_readonly")

    def setUp(self):
        super().setUp()
        self.old = self.issue(70, 100, self.customer)

    def opened(self, user=None, move=None, days=None):
        """The wizard, as its button opens it."""
        self.env.flush_all()
        self.env.invalidate_all()
        if move:
            action = move.with_user(
                user or self.accountant
            ).action_email_followup_then()
        else:
            case = self.env["account.email.followup.case"].with_user(
                user or self.accountant
            )
            case.action_open()
            case = case.search([("partner_id", "=", self.customer.id)])
            action = case.action_then()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(user or self.accountant)
            .with_context(**action["context"])
        )
        if days is not None:
            wizard.day = self.ago(days)
        return wizard

    def told(self, **asked):
        return html2plaintext(self.opened(**asked).told)

    def sent(self, days):
        followup = self.plan().sudo()
        day = self.ago(days)
        followup.write({"state": "sent", "done_on": day, "planned_date": day})
        return followup

    def test_it_begins_thirty_days_ago(self):
        self.assertEqual(self.opened().day, self.ago(30))

    def test_it_was_due_and_left(self):
        followup = self.sent(12)
        told = self.told(days=12)
        self.assertIn(f"A follow-up was due: {followup.step_id.name}", told)
        self.assertIn("100.00", told)
        self.assertIn(f"{followup.step_id.name} · Sent", told)
        self.assertIn("That is what the plan says.", told)

    def test_it_was_due_and_nothing_left(self):
        told = self.told(days=12)
        self.assertIn("A follow-up was due", told)
        self.assertIn("No follow-up left on this day", told)
        self.assertIn("that the books do not remember", told)

    def test_it_was_not_due(self):
        told = self.told(days=60)
        self.assertIn("Not overdue yet.", told)
        self.assertIn("No follow-up left on this day", told)
        self.assertIn("That is what the plan says.", told)

    def test_it_left_although_it_was_not_due(self):
        self.sent(60)
        self.assertIn("By today's plan none was due.", self.told(days=60))
        self.env["account.email.followup"].search([]).sudo().by_hand = True
        self.assertIn("A person wrote it by hand", self.told(days=60))

    def test_one_that_was_written_and_left_later(self):
        followup = self.sent(12)
        followup.done_on = self.ago(9)
        self.assertIn("Sent", self.told(days=12))
        self.assertIn("A follow-up is on its way.", self.told(days=11))

    def test_one_that_was_due_and_did_not_leave_that_day(self):
        followup = self.sent(12)
        for values, words in (
            ({"done_on": self.ago(9)}, "It left later."),
            ({"state": "skipped", "done_on": self.ago(12)}, "It was skipped."),
            ({"state": "failed"}, "It could not be sent."),
            ({"state": "to_review", "done_on": False}, "It has not left yet."),
        ):
            followup.write(values)
            told = self.told(days=12)
            self.assertIn(words, told)
            self.assertNotIn("That is what the plan says.", told)

    def test_another_step_left(self):
        followup = self.sent(12)
        followup.step_id = (followup.plan_id.step_ids - followup.step_id)[0]
        told = self.told(days=12)
        self.assertIn("By today's plan another one was due", told)
        self.assertNotIn("That is what the plan says.", told)

    def test_it_left_in_another_way(self):
        self.sent(12).channel = "todo"
        self.assertIn("By today's plan another one was due", self.told(days=12))

    def test_a_person_wrote_what_was_due(self):
        self.sent(12).by_hand = True
        told = self.told(days=12)
        self.assertIn("A person wrote it by hand. By today's plan one was due.", told)

    def test_one_was_written_and_none_was_due(self):
        self.sent(60).write({"state": "skipped"})
        self.assertIn("none was due, and none left", self.told(days=60))

    def test_today_is_not_judged(self):
        """The rules have heard already of what left today."""
        step = self.sent(0).step_id.name
        told = self.told(days=0)
        self.assertIn(f"{step} · Sent", told)
        for words in ("By today's plan", "That is what the plan says."):
            self.assertNotIn(words, told)

    def test_that_it_was_stopped_since_says_nothing_of_the_past(self):
        self.connector.chasing = "off"
        self.assertIn("A follow-up was due", self.told(move=self.old, days=12))

    def test_that_it_was_disconnected_since_says_nothing_of_the_past(self):
        self.connector.action_disconnect()
        self.assertIn("A follow-up was due", self.told(move=self.old, days=12))

    def branch(self):
        return self._create_company(name="Branch", parent_id=self.company.id)

    def test_a_payment_of_a_company_that_one_does_not_see(self):
        branch = self.branch()
        with self.accounting_app():
            paid = self.payment(33, company_id=branch.id, date=self.ago(20))
            self.assertEqual(paid.company_id, branch)
            self.assertFalse(paid.move_id)
            told = self.told(move=self.old, days=12)
            self.assertNotIn("33.00", told)
            self.assertNotIn("Payment", told)
            self.accountant.company_ids |= branch
            self.assertIn("33.00", self.told(move=self.old, days=12))

    def test_what_left_from_a_branchs_own_mailbox(self):
        branch = self.branch()
        mailbox = self.connect(branch, "billing@branch.example")
        self.invoice(40, company=branch)
        followup = self.env["account.email.followup"]._plan(branch).sudo()
        day = self.ago(12)
        followup.write({"state": "sent", "done_on": day, "planned_date": day})
        mailbox.action_disconnect()
        left = f"{followup.step_id.name} · Sent"
        told = self.told(move=self.old, days=12)
        self.assertNotIn(left, told)
        self.assertIn("leave from Branch", told)
        self.assertNotIn("No follow-up left on this day", told)
        self.accountant.company_ids |= branch
        told = self.told(move=self.old, days=12)
        self.assertIn(left, told)
        self.assertNotIn("leave from", told)

    def test_the_items_as_they_stood(self):
        paid = self.issue(65, 77, self.customer)
        self.receive(10, 40, self.customer, self.old)
        self.receive(8, 77, self.customer, paid)
        before, after = self.told(days=20), self.told(days=5)
        for words in (self.old.name, "100.00", paid.name, "77.00", "20 days late"):
            self.assertIn(words, before)
        self.assertIn("60.00", after)
        self.assertNotIn(paid.name, after)
        self.assertNotIn("77.00", after)

    def test_what_is_dated_that_day_may_change_it(self):
        self.receive(10, 100, self.customer, self.old)
        self.issue(5, 1, self.customer)
        told = self.told(days=10)
        self.assertIn("A follow-up was due", told)
        self.assertIn("nothing was open any more", told)
        self.assertIn("Nothing was open.", self.told(days=9))

    def test_of_one_invoice(self):
        paid = self.issue(65, 77, self.customer)
        self.receive(8, 77, self.customer, paid)
        told = self.told(move=paid, days=20)
        self.assertIn("It was due for a follow-up.", told)
        self.assertIn("Nothing of it was open.", self.told(move=paid, days=2))

    def test_today_is_as_everywhere(self):
        self.customer.sudo().email_followup_paused_until = self.ago(-9)
        self.assertIn("Follow-ups are paused.", self.told(days=0))

    def test_not_in_the_future(self):
        self.assertEqual(self.told(days=-1), "Choose a day in the past.")

    def test_what_is_not_known_is_said(self):
        told = self.told()
        self.assertIn("A pause of the customer, or of an invoice", told)
        self.assertIn("by the plan as it is today", told)
        worded = [*LEFT_OUT, *AS_TODAY, *BY_DATE]
        self.assertEqual(sorted(worded), sorted(Forgotten))

    def test_an_auditor_reads_it(self):
        self.assertIn("A follow-up was due", self.told(user=self.auditor, days=12))
        self.assertIn(
            "It was due", self.told(user=self.auditor, days=12, move=self.old)
        )

    def test_nobody_else_does(self):
        seller = new_test_user(self.env, "seller", "base.group_user")
        values = {"partner_id": self.customer.id, "company_id": self.company.id}
        then = self.env["account.email.followup.then"]
        with self.assertRaises(AccessError):
            then.with_user(seller).create(values)
        with self.assertRaises(AccessError):
            then.with_user(seller).new(values)._tell()
        mine = then.with_user(self.accountant).create(values)
        for user in (seller, self.auditor):
            with self.assertRaises(AccessError):
                mine.with_user(user).read(["told"])

    def test_another_companys_is_not_told(self):
        other = self._create_company(name="Other")
        values = {"partner_id": self.customer.id, "company_id": other.id}
        then = self.env["account.email.followup.then"].with_user(self.accountant)
        with self.assertRaises(AccessError):
            then.create(values)
        with self.assertRaises(AccessError):
            then.new(values)._tell()
        mine = then.create({**values, "company_id": self.company.id})
        with self.assertRaises(AccessError):
            mine.company_id = other

    def test_the_day_may_be_changed_and_kept(self):
        wizard = self.opened().save()
        wizard.day -= timedelta(days=1)
        self.assertIn("was due", html2plaintext(wizard.told))
