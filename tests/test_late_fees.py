"""Late fees: from what an email mentioned to a draft invoice, once, and waived."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.followup import statement
from ..engine.paying import asked_of, online
from .common import ConnectorCommon


class LateFeesCommon(ConnectorCommon):
    """A plan of 36.5 % a year, a tenth of a per cent a day, and a fee of 40 USD."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charges = cls.env["account.email.late.charge"]
        cls.clerk = new_test_user(
            cls.env,
            "clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.dollar = cls.company.currency_id
        cls.ladder = cls.env.ref("account_email_connector.plan_default")
        cls.ladder.step_ids.show_interest = True
        cls.ladder.step_ids.show_payment = False
        cls.cost(36.5, 40)

    @classmethod
    def cost(cls, rate, fee, currency=None):
        currency = currency or cls.dollar
        cls.ladder.write(
            {
                "interest_rate": rate,
                "fixed_fee": fee,
                "fee_currency_id": currency.id,
            }
        )

    def send(self, days=0):
        """Let a day come on which a follow-up goes out; return it."""
        day = self.today + timedelta(days=days)
        known = self.env["account.email.followup"].search([])
        with freeze_time(f"{day} 12:00:00"):
            self.run_action()
        return self.env["account.email.followup"].search([]) - known

    def charge(self, followup, user=None):
        """Press the button; return the invoices that open."""
        action = followup.with_user(user or self.clerk).action_invoice_late_fees()
        action = action.get("params", {}).get("next", action)  # below what it says
        moves = self.env["account.move"]
        if action.get("res_id"):
            return moves.browse(action["res_id"])
        return moves.search(action["domain"])

    def waive(self, record, user=None):
        """Press the button of a follow-up or an invoice; return what is said."""
        record = record.with_user(user or self.clerk)
        if record._name == "account.move":
            action = record.action_email_followup_waive()
        else:
            action = record.action_waive_late_fees()
        return action["params"]["message"]

    def mentioned(self, followup):
        """{currency name: interest and fees}, as its email would say now."""
        return {
            asked.currency.name: asked.interest
            for asked in asked_of(followup.sudo())
            if asked.interest
        }

    def last_text(self):
        message = self.mailbox.accepted[-1].message
        text = message.get_body(("plain",)).get_content().replace("\xa0", " ")
        return " ".join(text.split())

    def assertAsked(self, amount):
        """The last email asks for so much interest and fees, in dollars."""
        text = self.last_text()
        if amount:
            self.assertIn(f"interest and fees to this day $ {amount}", text)
        else:
            self.assertNotIn("interest and fees", text)


@tagged("post_install", "-at_install")
class TestLateFees(LateFeesCommon):
    def test_the_invoice_says_what_the_email_said(self):
        """Also when the plan has changed, time has passed and money has come since."""
        first, second = self.invoice(10, 1000), self.invoice(5, 500)
        followup = self.send()
        self.assertAsked("92.50")  # 10 + 2.50 + 2 × 40
        self.cost(99, 99)
        self.pay(second)
        with freeze_time(self.today + timedelta(days=20)):
            fee = self.charge(followup)
        self.assertEqual(fee.state, "draft")
        self.assertEqual(fee.move_type, "out_invoice")
        self.assertEqual(fee.create_uid, self.clerk, "made as somebody else")
        self.assertEqual(fee.partner_id, self.customer)
        self.assertEqual(fee.company_id, self.company)
        self.assertEqual(fee.amount_total, 92.5)
        self.assertFalse(fee.invoice_line_ids.tax_ids)
        self.assertEqual(fee.invoice_origin, f"{first.name}, {second.name}")
        day = self.today.strftime("%m/%d/%Y")
        names = fee.invoice_line_ids.mapped("name")
        words = [name.replace("\xa0", " ") for name in names]
        for line in (
            f"Interest on {first.name}: $ 1,000.00, 10 days to {day} at 36.50 % a year",
            f"Fixed fee for late payment of {first.name}",
            f"Interest on {second.name}: $ 500.00, 5 days to {day} at 36.50 % a year",
            f"Fixed fee for late payment of {second.name}",
        ):
            self.assertIn(line, words)

    def test_the_fee_of_an_invoice_that_does_not_stand_any_more(self):
        """Nobody is charged for an invoice that was a mistake."""
        wrong, right = self.invoice(10, 1000), self.invoice(5, 500)
        followup = self.send()
        wrong.button_draft()
        fee = self.charge(followup)
        self.assertEqual(fee.invoice_origin, right.name)
        self.assertEqual(fee.amount_total, 42.5)

    def test_one_day(self):
        self.ladder.step_ids[0].days = 1
        self.invoice(1, 1000)
        fee = self.charge(self.send())
        self.assertIn(", 1 day to ", fee.invoice_line_ids[0].name)

    def test_it_is_found_on_the_follow_up(self):
        self.invoice(10, 1000)
        followup = self.send()
        self.assertTrue(followup.can_invoice_late_fees)
        self.assertFalse(followup.late_fee_count)
        fee = self.charge(followup)
        self.env.invalidate_all()
        self.assertEqual(followup.late_fee_count, 1)
        self.assertFalse(followup.can_invoice_late_fees, "it is done")
        action = followup.with_user(self.clerk).action_late_fees()
        self.assertEqual((action["res_model"], action["res_id"]), (fee._name, fee.id))

    def test_to_the_cent_less_credits_in_several_currencies(self):
        """JPY has no decimals, KWD has three; the fee is in another currency still."""
        names = ("EUR", "JPY", "KWD", "GBP")
        euro, yen, dinar, pound = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", name)])
            for name in names
        )
        (euro + yen + dinar + pound).active = True
        self.cost("10.15", 40, pound)
        self.invoice(40, 333.33, currency_id=euro.id)
        self.invoice(20, 1000.1, currency_id=euro.id)
        self.credit_note(433.33, currency_id=euro.id)
        self.invoice(33, 123457, currency_id=yen.id)
        self.invoice(17, 1234.567, currency_id=dinar.id)
        self.credit_note(1, currency_id=dinar.id)
        self.invoice(17, 77.77)
        followup = self.send()
        said = self.mentioned(followup)
        self.assertEqual(said.keys(), {*names, "USD"})
        text = self.last_text()
        fees = self.charge(followup)
        self.assertEqual(len(fees), 5)
        for fee in fees:
            self.assertEqual(fee.amount_total, said[fee.currency_id.name])
            amount = f"{fee.amount_total:,.{fee.currency_id.decimal_places}f}"
            self.assertRegex(text, rf"interest and fees to this day \S? ?{amount}\b")
        self.assertEqual(said["GBP"], 160, "four late invoices, one is paid by credits")

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.invoice(10, 1000)
        fee = self.charge(self.send())
        name = " ".join(fee.invoice_line_ids[0].name.split())
        self.assertIn("1 000,00", name)
        self.assertIn("36,50", name)
        self.assertIn(self.today.strftime("%d/%m/%Y"), name)

    def test_it_goes_to_the_contact_that_hears_of_it(self):
        school = self.env["res.partner"].create(
            {
                "name": "School",
                "parent_id": self.customer.id,
                "email": "school@bluelake.example",
                "type": "invoice",
            }
        )
        self.invoice(10, 1000, school)
        followup = self.send()
        fee = self.charge(followup)
        self.assertEqual(fee.partner_id, school)

    def test_defaults_of_the_page_are_for_other_records(self):
        self.invoice(10, 1000)
        followup = self.send().with_context(
            default_move_type="in_invoice",
            default_partner_id=self.company.partner_id.id,
        )
        fee = self.charge(followup)
        self.assertEqual(fee.move_type, "out_invoice")
        self.assertEqual(fee.partner_id, self.customer)

    def test_an_email_by_hand_says_the_interest_of_its_day(self):
        invoice = self.invoice(10, 1000)
        action = invoice.action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer.subject = "In my own words"
        composer.action_send()
        followup = self.send(1)
        followup = followup or self.env["account.email.followup"].search([])
        self.assertEqual(followup.state, "sent")
        self.assertAsked("50.00")
        self.assertEqual(self.charge(followup).amount_total, 50)

    def test_an_email_by_hand_that_says_nothing_of_interest(self):
        action = self.invoice(10, 1000).action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer.body = "<p>Dear all, it is time to pay the 1,000.00.</p>"
        composer.action_send()
        followup = self.send(1)
        followup = followup or self.env["account.email.followup"].search([])
        self.assertEqual(followup.state, "sent")
        self.assertAsked(None)
        self.assertFalse(followup.can_invoice_late_fees)

    def test_a_call_has_mentioned_nothing_and_a_letter_has(self):
        for letter in (False, True):
            with self.subTest(letter=letter):
                customer = self.customer.copy({"email": f"{letter}@many.example"})
                self.ladder.step_ids.write({"channel": "todo", "letter": letter})
                self.invoice(10, 1000, customer)
                self.run_action()
                followup = self.env["account.email.followup"].search(
                    [("partner_id", "=", customer.id)]
                )
                self.assertEqual(followup.state, "sent")
                self.assertEqual(followup.can_invoice_late_fees, letter)

    # -- the account ---------------------------------------------------------------

    def test_the_account(self):
        self.invoice(10, 1000)
        followup = self.send()
        fee = self.charge(followup)
        usual = fee.journal_id.default_account_id
        self.assertEqual(fee.invoice_line_ids.account_id, usual)
        fee.unlink()
        chosen = usual.copy({"name": "Late fees"})
        self.env["res.config.settings"].create(
            {"email_followup_late_fee_account_id": chosen.id}
        ).execute()
        fee = self.charge(followup)
        self.assertEqual(fee.invoice_line_ids.account_id, chosen)

    # -- once ----------------------------------------------------------------------

    def test_pressed_twice(self):
        self.invoice(10, 1000)
        followup = self.send()
        fee = self.charge(followup)
        self.assertEqual(self.charge(followup), fee)
        fee.action_post()
        self.assertEqual(self.charge(followup), fee)
        self.assertEqual(fee.amount_total, 50)

    def test_a_second_reminder_has_the_rest(self):
        self.invoice(10, 1000)
        first = self.send()
        second = self.send(20)
        self.assertAsked("70.00")  # 30 days and the fee: nothing was invoiced yet
        self.assertEqual(self.charge(first).amount_total, 50)
        rest = self.charge(second)
        self.assertEqual(rest.amount_total, 20)
        self.assertEqual(len(rest.invoice_line_ids), 1, "the fee again")

    def test_the_earlier_one_has_nothing_left_after_the_later(self):
        self.invoice(10, 1000)
        first, second = self.send(), self.send(20)
        fee = self.charge(second)
        self.assertEqual(fee.amount_total, 70)
        self.assertEqual(self.charge(first), fee, "another one's is not shown")
        self.env.invalidate_all()
        self.assertFalse(first.late_fee_count)

    def test_a_draft_is_still_mentioned(self):
        """The customer does not know of it."""
        self.invoice(10, 1000)
        first = self.send()
        draft = self.charge(first)
        second = self.send(20)
        self.assertAsked("70.00")
        self.assertEqual(self.charge(second).amount_total, 20)
        draft.unlink()
        self.assertEqual(self.charge(first).amount_total, 50, "deleted: not charged")

    def test_what_is_posted_is_not_mentioned_again(self):
        self.invoice(10, 1000)
        self.charge(self.send()).action_post()
        second = self.send(20)
        self.assertAsked("20.00")
        self.assertEqual(self.charge(second).amount_total, 20)
        # Also on paper.
        (account,) = statement.of_customers(self.env, self.customer, self.company)
        self.assertEqual(account.blocks[0].interest, 0)
        self.assertEqual(account.blocks[0].total, 1050, "the invoice of it is owed")

    def test_a_statement_and_a_letter_ask_once(self):
        self.invoice(10, 1000)
        followup = self.send()
        before = statement.of_letter(followup.sudo()).blocks[0]
        self.assertEqual(before.interest, 50)
        self.charge(followup).action_post()
        self.assertEqual(statement.of_letter(followup.sudo()).blocks[0].interest, 0)
        (account,) = statement.of_followups(followup.sudo())
        self.assertEqual(account.blocks[0].interest, 0)

    def test_reset_to_draft_it_is_mentioned_again(self):
        self.invoice(10, 1000)
        first = self.send()
        fee = self.charge(first)
        fee.action_post()
        fee.button_draft()
        self.send(20)
        self.assertAsked("70.00")
        self.assertEqual(self.charge(first), fee)

    def test_paid_then_reset_to_draft_it_is_not_asked_again(self):
        """The payment stays matched to the draft: it is no credit on account."""
        self.invoice(10, 1000)
        first = self.send()
        (asked,) = asked_of(first.sudo())
        lines = asked.lines.move_line_id
        due = online.Due(lines, asked.currency, asked.total, False)
        token = online._token(due, asked.interest, True, first.id)
        fee = self.charge(first)
        fee.action_post()
        self.pay(fee)
        fee.button_draft()
        self.env.invalidate_all()
        (account,) = statement.of_customers(self.env, self.customer, self.company)
        block = account.blocks[0]
        self.assertEqual((block.total, block.interest), (1000, 0))
        self.assertEqual(self.left_to_pay(token), 1000)
        self.send(20)
        self.assertAsked("20.00")

    def test_sent_then_reset_to_draft_it_is_not_asked_again(self):
        """The customer has it, and its correction comes."""
        self.invoice(10, 1000)
        fee = self.charge(self.send())
        fee.action_post()
        fee.is_move_sent = True
        fee.button_draft()
        self.send(20)
        self.assertAsked("20.00")

    def test_the_sum_does_not_depend_on_which_is_pressed_first(self):
        """Part of the invoice is paid between two emails."""
        for older_first in (True, False):
            for draft_before in (True, False):
                with self.subTest(older_first=older_first, draft_before=draft_before):
                    savepoint = self.env.cr.savepoint()
                    self.assertSumIsTheEmails(older_first, draft_before)
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def assertSumIsTheEmails(self, older_first, draft_before):
        late = self.invoice(10, 1000)
        first = self.send()
        fees = self.charge(first) if draft_before else self.env["account.move"]
        self.pay(late, 500)
        second = self.send(20)
        said = 60 if draft_before else 55  # 10 + 40 in the draft, 20 days of 500
        self.assertAsked(f"{said}.00")
        for followup in (first, second) if older_first else (second, first):
            fees |= self.charge(followup)
            self.assertEqual(self.mentioned(second)["USD"], said)
        self.assertEqual(sum(fees.mapped("amount_total")), said)

    def test_the_last_email_had_another_rate(self):
        self.invoice(10, 1000)
        first = self.send()
        self.cost(10, 40)
        second = self.send(20)
        self.assertAsked("48.22")  # 30 days
        fee, rest = self.charge(first), self.charge(second)
        self.assertEqual((fee.amount_total, rest.amount_total), (42.74, 5.48))
        self.assertIn("10 days to", fee.invoice_line_ids[0].name)
        self.assertIn("at 10.00", fee.invoice_line_ids[0].name)

    def test_changed_terms_of_payment_are_no_second_fee(self):
        """Of two instalments one journal item is left: what they cost stays charged."""
        halves = [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
            for days in (30, 35)
        ]
        term = self.env["account.payment.term"].create(
            {"name": "Two halves", "line_ids": [Command.clear(), *halves]}
        )
        invoice = self.invoice(10, 1000, invoice_payment_term_id=term.id)
        self.assertEqual(len(invoice._receivable_lines()), 2)
        fee = self.charge(self.send())
        self.assertEqual(fee.amount_total, 47.5, "10 days and 5 of a half, and the fee")
        fee.action_post()
        invoice.button_draft()
        invoice.invoice_payment_term_id = False
        invoice.invoice_date_due = self.today - timedelta(days=10)
        invoice.action_post()
        self.assertEqual(len(invoice._receivable_lines()), 1)
        invoice.is_move_sent = True
        invoice.email_followup_reopened = False
        self.send(20)
        self.assertAsked("20.00")

    def test_the_page_to_pay_on_asks_once(self):
        self.invoice(10, 1000)
        followup = self.send()
        (asked,) = asked_of(followup.sudo())
        lines = asked.lines.move_line_id
        due = online.Due(lines, asked.currency, asked.total, False)
        token = online._token(due, asked.interest, True, followup.id)
        self.assertEqual(self.left_to_pay(token), 1050)
        fee = self.charge(followup)
        self.assertEqual(self.left_to_pay(token), 1050, "a draft is nobody's yet")
        fee.action_post()
        self.assertEqual(self.left_to_pay(token), 1000, "it asks for both")
        self.pay(lines.move_id, 400)
        self.assertEqual(self.left_to_pay(token), 600)
        self.waive(fee)
        self.assertEqual(self.left_to_pay(token), 600)

    def test_the_page_does_not_ask_for_interest_that_was_paid(self):
        """The payment is matched with the invoice: what is above it stays open."""
        late = self.invoice(10, 1000)
        followup = self.send()
        (asked,) = asked_of(followup.sudo())
        due = online.Due(asked.lines.move_line_id, asked.currency, asked.total, False)
        token = online._token(due, asked.interest, True, followup.id)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 1050,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        items = (payment.move_id + late).line_ids
        items.filtered(lambda i: i.account_type == "asset_receivable").reconcile()
        self.assertEqual(self.left_to_pay(token), 0)

    def test_the_page_asks_nothing_that_is_no_link_of_ours(self):
        for token in (None, "", "x", 5, ["x"], {"x": 1}, True):
            with self.subTest(token=token):
                self.assertIsNone(online.due_by(self.env(su=True), token))

    def test_a_link_of_an_older_email_stays_as_it_was(self):
        self.invoice(10, 1000)
        followup = self.send()
        (asked,) = asked_of(followup.sudo())
        lines = asked.lines.move_line_id
        told = f"{lines.id}_1050.00_1000.00_50.00"
        token = f"{told}_{online.hmac(self.env(su=True), online.SCOPE, told)}"
        self.assertEqual(self.left_to_pay(token), 1050)

    def left_to_pay(self, token):
        return online.due_by(self.env(su=True), token).amount

    # -- what is refused -----------------------------------------------------------

    def assertRefused(self, followup, words):
        with self.assertRaisesRegex(UserError, words):
            self.charge(followup)
        self.assertFalse(self.charges.search([]))

    def test_not_sent_yet(self):
        self.invoice(10, 1000)
        self.assertRefused(self.plan(), "once they were sent")

    def test_a_step_that_mentions_nothing(self):
        self.ladder.step_ids.show_interest = False
        self.invoice(10, 1000)
        followup = self.send()
        self.ladder.step_ids.show_interest = True  # too late
        self.assertFalse(followup.can_invoice_late_fees)
        self.assertRefused(followup, "mentioned no interest or fees")

    def test_a_step_that_mentions_it_no_more(self):
        self.invoice(10, 1000)
        followup = self.send()
        self.ladder.step_ids.show_interest = False
        self.assertTrue(followup.can_invoice_late_fees)
        self.assertEqual(self.charge(followup).amount_total, 50)

    def test_an_email_that_kept_nothing_mentioned_nothing(self):
        """It was sent before this was kept, and its plan says something else by now."""
        self.invoice(10, 1000)
        followup = self.send()
        followup.sudo().interest_terms = False
        self.assertFalse(followup.can_invoice_late_fees)
        with self.assertRaisesRegex(UserError, "mentioned no interest"):
            self.charge(followup)

    def test_a_plan_without_rate_and_fee(self):
        self.cost(0, 0)
        self.invoice(10, 1000)
        followup = self.send()
        self.cost(10, 40)
        self.assertRefused(followup, "its plan had neither")

    def test_nothing_late(self):
        self.ladder.step_ids[0].days = -5
        self.invoice(-2, 1000)
        followup = self.send()
        self.assertEqual(followup.state, "sent")
        self.assertRefused(followup, "Nothing in this follow-up costs")

    def test_its_invoices_are_gone(self):
        invoice = self.invoice(10, 1000)
        followup = self.send()
        invoice.button_draft()
        self.assertRefused(followup, "do not stand any more")

    # -- who may -------------------------------------------------------------------

    def test_an_auditor_looks(self):
        self.invoice(10, 1000)
        followup = self.send()
        auditor = new_test_user(
            self.env,
            "auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.charge(followup, auditor)
        fee = self.charge(followup)
        with self.assertRaises(AccessError):
            self.waive(followup, auditor)
        with self.assertRaises(AccessError):
            self.waive(fee, auditor)
        self.env.invalidate_all()
        self.assertEqual(followup.with_user(auditor).late_fee_count, 1)
        charge = self.charges.search([]).with_user(auditor)
        self.assertEqual(charge[0].amount, 10)
        with self.assertRaises(AccessError):
            charge.unlink()

    def test_nobody_writes_down_what_was_charged(self):
        self.invoice(10, 1000)
        self.charge(self.send())
        charge = self.charges.search([])[0].with_user(self.clerk)
        for change in (charge.unlink, charge.copy, lambda: charge.write({"amount": 1})):
            with self.assertRaises(AccessError):
                change()

    def test_another_company(self):
        self.invoice(10, 1000)
        followup = self.send()
        other = self._create_company(name="Other")
        stranger = new_test_user(
            self.env,
            "stranger",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self.charge(followup, stranger)
        fee = self.charge(followup)
        with self.assertRaises(AccessError):
            self.waive(fee, stranger)
        self.assertFalse(self.charges.with_user(stranger).search([]))


@tagged("post_install", "-at_install")
class TestLateFeesBranches(LateFeesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._create_company(name="Branch", parent_id=cls.company.id)

    def test_a_branch_is_owed_the_interest_on_its_invoices(self):
        """Its parent's mailbox sends for both, in one email."""
        self.invoice(10, 1000)
        self.invoice(10, 500, company=self.branch)
        followup = self.send()
        self.assertEqual(followup.company_id, self.company)
        with self.assertRaisesRegex(AccessError, "Select Branch"):
            self.charge(followup)
        self.assertFalse(self.charges.search([]))
        self.clerk.company_ids += self.branch
        both = self.clerk.company_ids.ids
        fees = self.charge(followup.with_context(allowed_company_ids=both))
        amounts = {fee.company_id: fee.amount_total for fee in fees}
        self.assertEqual(amounts, {self.company: 50, self.branch: 45})
        self.clerk.company_ids -= self.branch
        with self.assertRaisesRegex(AccessError, "Select Branch"):
            self.waive(followup)
        self.assertEqual(set(fees.mapped("state")), {"draft"}, "all, or none")

    def test_a_branch_has_its_parents_account(self):
        usual = self.company_data["default_account_revenue"]
        chosen = usual.copy({"name": "Late fees"})
        self.company.email_followup_late_fee_account_id = chosen
        self.assertEqual(self.branch._email_followup_late_fee_account(), chosen)
        own = usual.copy({"name": "The branch's"})
        self.branch.email_followup_late_fee_account_id = own
        self.assertEqual(self.branch._email_followup_late_fee_account(), own)


@tagged("post_install", "-at_install")
class TestWaive(LateFeesCommon):
    """To let a customer off: it is not asked for again."""

    def setUp(self):
        super().setUp()
        self.late = self.invoice(10, 1000)
        self.followup = self.send()
        self.fee = self.charge(self.followup)

    def assertWaived(self):
        self.env.invalidate_all()
        self.assertFalse(self.fee.email_followup_can_waive)
        self.assertFalse(self.followup.can_waive_late_fees)
        self.assertEqual(self.charge(self.followup), self.fee, "charged again")
        self.send(20)
        self.assertAsked("20.00")

    def test_a_draft_is_cancelled(self):
        self.assertTrue(self.fee.email_followup_can_waive)
        self.assertTrue(self.followup.can_waive_late_fees)
        said = self.waive(self.followup)
        self.assertEqual(said, "Waived: the customer is not asked for it again.")
        self.assertEqual(self.fee.state, "cancel")
        self.assertFalse(self.fee.reversal_move_ids)
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertWaived()

    def test_what_else_is_on_the_invoice_is_not_waived(self):
        self.fee.invoice_line_ids = [
            Command.create({"name": "A big job", "price_unit": 5000, "tax_ids": False})
        ]
        self.fee.action_post()
        with self.assertRaisesRegex(UserError, "contains more than interest"):
            self.waive(self.fee)
        self.assertFalse(self.fee.reversal_move_ids)

    def test_a_posted_one_is_credited(self):
        self.fee.action_post()
        said = self.waive(self.fee)
        credit = self.fee.reversal_move_ids
        self.assertIn(credit.name, said)
        self.assertEqual(credit.state, "posted")
        self.assertEqual(credit.amount_total, 50)
        self.assertEqual(credit.invoice_date, self.today)
        self.assertEqual(credit.ref, f"Late fees waived: {self.fee.name}")
        self.assertEqual(credit.create_uid, self.clerk)
        self.assertEqual((self.fee.amount_residual, credit.amount_residual), (0, 0))
        self.assertEqual(self.waive(self.followup), "It is waived already.")
        self.assertEqual(len(self.fee.reversal_move_ids), 1)
        self.assertWaived()

    def test_what_was_paid_stays_the_customers(self):
        self.fee.action_post()
        self.pay(self.fee, 20)
        said = self.waive(self.fee).replace("\xa0", " ")
        self.assertIn(f"$ 20.00 had been paid on {self.fee.name}", said)
        self.assertEqual(self.fee.amount_residual, 0)
        block = statement.of_customers(self.env, self.customer, self.company)[0].blocks
        self.assertEqual(block[0].total, 980)
        self.assertWaivedAfterPayment()

    def test_what_was_paid_in_full_stays_the_customers(self):
        self.fee.action_post()
        self.pay(self.fee)
        self.waive(self.fee)
        block = statement.of_customers(self.env, self.customer, self.company)[0].blocks
        self.assertEqual(block[0].total, 950)
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertEqual(len(self.fee.reversal_move_ids), 1)

    def assertWaivedAfterPayment(self):
        self.env.invalidate_all()
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertEqual(self.charge(self.followup), self.fee)

    def test_by_odoos_own_buttons(self):
        self.fee.button_cancel()
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertWaived()

    def test_by_odoos_own_credit_note(self):
        self.fee.action_post()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.fee.ids
        )
        wizard = wizard.create({"journal_id": self.fee.journal_id.id, "reason": "Kind"})
        wizard.refund_moves()
        with self.assertRaisesRegex(UserError, "Finish that one"):
            self.waive(self.fee)
        wizard.new_move_ids.action_post()
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertWaived()

    def test_credited_in_part(self):
        self.fee.action_post()
        self.fee._reverse_moves([{"invoice_date": self.today}])
        part = self.fee.reversal_move_ids
        part.invoice_line_ids[0].price_unit = 1
        part.action_post()
        self.assertEqual(part.amount_total, 41)
        self.pay(self.fee, 4)
        said = self.waive(self.fee).replace("\xa0", " ")
        self.assertIn(f"$ 4.00 had been paid on {self.fee.name}", said)
        rest = self.fee.reversal_move_ids - part
        self.assertEqual((rest.state, rest.amount_total), ("posted", 9))
        self.assertIn(rest.name, said)
        self.assertEqual(self.fee.amount_residual, 0)
        self.assertEqual(self.waive(self.fee), "It is waived already.")
        self.assertWaivedAfterPayment()

    def test_credited_in_part_with_taxes(self):
        """The rest of which tax, a person decides."""
        self.fee.invoice_line_ids[0].tax_ids = self.company_data["default_tax_sale"]
        self.fee.action_post()
        self.fee._reverse_moves([{"invoice_date": self.today}])
        part = self.fee.reversal_move_ids
        part.invoice_line_ids[0].unlink()
        part.action_post()
        with self.assertRaisesRegex(UserError, r"remaining \$.11\.50 yourself"):
            self.waive(self.fee)

    def test_paid_and_reset_to_draft(self):
        self.fee.action_post()
        self.pay(self.fee)
        self.fee.button_draft()
        said = self.waive(self.fee).replace("\xa0", " ")
        self.assertEqual(self.fee.state, "cancel")
        self.assertIn(f"$ 50.00 had been paid on {self.fee.name}", said)
        block = statement.of_customers(self.env, self.customer, self.company)[0].blocks
        self.assertEqual(block[0].total, 950)

    def test_a_duplicate_is_waived_on_its_own(self):
        copy = self.fee.copy()
        self.assertTrue(copy.email_followup_can_waive)
        self.waive(copy)
        self.assertEqual((self.fee.state, copy.state), ("draft", "cancel"))

    def test_a_credit_note_is_nothing_to_waive(self):
        self.fee.action_post()
        self.waive(self.fee)
        self.assertFalse(self.fee.reversal_move_ids.email_followup_can_waive)

    def test_a_posted_one_and_a_draft_at_once(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.fee.unlink()
        self.cost(36.5, 40, pound)
        followup = self.send(20)
        fees = self.charge(followup)
        posted = fees[0]
        posted.action_post()
        self.waive(followup)
        self.assertEqual(fees.mapped("state"), ["posted", "cancel"])
        self.assertEqual(posted.amount_residual, 0)

    def test_an_ordinary_invoice_has_nothing_to_waive(self):
        self.assertFalse(self.late.email_followup_can_waive)
        with self.assertRaisesRegex(UserError, "no late fees"):
            self.waive(self.late)
        self.assertEqual(self.late.amount_residual, 1000)


@tagged("post_install", "-at_install")
class TestLateFeesAreInvoices(LateFeesCommon):
    """They are chased as any other, in their time, and cost nothing themselves."""

    def reason(self, move, days=0):
        day = self.today + timedelta(days=days)
        return self.env["account.email.followup"]._explain(move, day)[move.id].reason

    def test_the_ladder_of_the_others_goes_on(self):
        late = self.invoice(10, 1000)
        fee = self.charge(self.send())
        self.assertNotIn(
            fee, self.plan(self.today + timedelta(days=9)).line_ids.move_id
        )
        fee.action_post()
        self.assertEqual(self.reason(fee, 10), "never_sent", "it was never sent")
        second = self.send(20)
        self.assertEqual(second.step_id.days, 14, "the next step of the late invoice")
        self.assertEqual(second._chased_lines().move_id, late)

    def test_it_costs_nothing_to_pay_it_late(self):
        late = self.invoice(10, 1000)
        fee = self.charge(self.send())
        fee.action_post()
        fee.is_move_sent = True
        self.pay(late)
        second = self.send(30)
        self.assertEqual(second._chased_lines().move_id, fee)
        self.assertAsked(None)
        with self.assertRaisesRegex(UserError, "Nothing in this follow-up costs"):
            self.charge(second)
        self.assertEqual(second.step_id.days, 3, "a ladder of its own")

    def correct(self, move):
        """Odoo's "Reverse and Create Invoice"; return the new one."""
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = wizard.create({"journal_id": move.journal_id.id, "reason": "Typo"})
        return move.browse(wizard.modify_moves()["res_id"])

    def test_neither_is_one_that_was_corrected(self):
        late = self.invoice(10, 1000)
        first = self.send()
        fee = self.charge(first)
        fee.action_post()
        new = self.correct(fee)
        self.assertEqual(self.charge(first), fee, "what was charged stays with it")
        self.assertTrue(new.email_followup_can_waive)
        new.action_post()
        new.is_move_sent = True
        self.assertEqual(self.mentioned(first), {})
        self.pay(late)
        second = self.send(60)
        self.assertEqual(second._chased_lines().move_id, new)
        self.assertAsked(None)
        self.waive(new)
        self.assertEqual(new.amount_residual, 0)

    def test_neither_is_a_duplicate(self):
        late = self.invoice(10, 1000)
        first = self.send()
        fee = self.charge(first)
        copy = fee.copy()
        self.waive(fee)
        self.assertEqual(self.charge(first), fee, "what was charged stays with it")
        copy.action_post()
        copy.is_move_sent = True
        self.pay(late)
        second = self.send(60)
        self.assertEqual(second._chased_lines().move_id, copy)
        self.assertAsked(None)
