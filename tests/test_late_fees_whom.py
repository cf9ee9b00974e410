"""Late fees: for which invoices nobody is charged, and to whom their invoice goes."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..engine.fees import paid
from .test_late_fees import LateFeesCommon


@tagged("post_install", "-at_install")
class TestLateFeesLeftOut(LateFeesCommon):
    def setUp(self):
        super().setUp()
        self.late = self.invoice(10, 1000)

    def credit(self, move, matched=False):
        """Make a credit note of all of it."""
        note = move._reverse_moves([{"invoice_date": self.today}], cancel=matched)
        if not matched:
            note.action_post()
            note.line_ids.remove_move_reconcile()
        return note

    def assertLeftOut(self, words):
        """Nothing is charged, and it is said why."""
        followup = self.last()
        said = f"{words} left out: {self.late.name}."
        with self.assertRaisesRegex(UserError, said):
            self.charge(followup)
        self.assertFalse(self.charges.search([]))

    def assertOtherIsCharged(self, other, words):
        """Only the *other* invoice is, and it is said why."""
        followup = self.last()
        for _time in range(2):  # the second shows the same again
            action = followup.with_user(self.clerk).action_invoice_late_fees()
            said = f"{words} left out: {self.late.name}."
            self.assertEqual(action["params"]["message"], said)
            opened = action["params"]["next"]
            fee = self.env["account.move"].browse(opened["res_id"])
            self.assertEqual(fee.invoice_origin, other.name)
            self.assertEqual(fee.amount_total, 42.5)
        self.assertEqual(self.charges.search([]).fee_move_id, fee)

    def last(self):
        return self.env["account.email.followup"].search([], limit=1, order="id desc")

    def test_credited_in_full(self):
        self.send()
        self.credit(self.late, matched=True)
        self.assertEqual(self.late.payment_state, "reversed")
        self.assertLeftOut("Invoices that were credited in full are")

    def test_credited_in_full_and_not_matched(self):
        self.send()
        self.credit(self.late)
        self.assertEqual(self.late.payment_state, "not_paid")
        self.assertLeftOut("Invoices that were credited in full are")

    def test_a_credit_note_that_names_no_invoice(self):
        """It is for the oldest, as in emails."""
        other = self.invoice(5, 500)
        self.send()
        self.credit_note(1200)
        self.assertOtherIsCharged(other, "Invoices that were credited in full are")

    def test_a_credit_note_of_another_invoice(self):
        """It says what it is for, and that is not this one."""
        other = self.invoice(-5, 2000)
        self.send()
        self.credit(other)
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_credited_in_part(self):
        self.send()
        self.credit_note(999)
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_paid_late(self):
        """Whatever credit the customer has by now."""
        self.send()
        self.pay(self.late)
        self.credit_note(5000)
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_a_credit_of_another_customer(self):
        self.send()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.credit_note(1000, stranger)
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_in_dispute(self):
        other = self.invoice(5, 500)
        self.send()
        self.late.with_user(self.clerk)._email_followup_dispute("Broken")
        self.assertOtherIsCharged(other, "Invoices in dispute are")

    def test_nothing_but_a_dispute_until_it_is_resolved(self):
        self.send()
        self.late.with_user(self.clerk)._email_followup_dispute("Broken")
        self.assertLeftOut("Invoices in dispute are")
        self.late.with_user(self.clerk).action_email_followup_dispute_resolved()
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_blocked_for_payment(self):
        other = self.invoice(5, 500)
        self.send()
        self.late.action_toggle_block_payment()
        words = "Invoices that are blocked for payment are"
        self.assertOtherIsCharged(other, words)

    def test_marked_as_not_to_be_followed_up(self):
        self.send()
        self.late.no_followup = True
        self.assertLeftOut("Invoices marked “No Follow-Up” are")

    def test_what_is_said_of_another_customer_in_the_same_entry(self):
        """As in an opening balance."""
        accounts = self.company_data
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        day = self.today - timedelta(days=10)
        owed = [
            {
                "account_id": accounts["default_account_receivable"].id,
                "debit": 1000,
                "partner_id": partner.id,
                "date_maturity": day,
            }
            for partner in (self.customer, stranger)
        ]
        rest = {
            "account_id": accounts["default_account_revenue"].id,
            "credit": 2000,
        }
        self.late.button_draft()
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [Command.create(line) for line in (*owed, rest)],
            }
        )
        entry.action_post()
        mine = entry.line_ids.filtered(lambda line: line.partner_id == self.customer)
        mine.no_followup = False
        followup = self.send()
        self.assertEqual(followup.partner_id, self.customer)
        fee = self.charge(followup)
        self.assertEqual((fee.partner_id, fee.amount_total), (self.customer, 50))
        fee.unlink()
        self.late = entry
        self.credit_note(1000)
        self.assertLeftOut("Invoices that were credited in full are")

    def test_paid_in_part_and_credited_in_part(self):
        """It was paid late, too."""
        self.send()
        self.pay(self.late, 400)
        self.credit_note(600)
        self.assertEqual(self.charge(self.last()).amount_total, 50)

    def test_reset_to_draft(self):
        other = self.invoice(5, 500)
        self.send()
        self.late.button_draft()
        self.assertOtherIsCharged(other, "Invoices that do not stand any more are")


@tagged("post_install", "-at_install")
class TestLateFeesAddressee(LateFeesCommon):
    def contact(self, name, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": self.customer.id,
                "email": f"{name}@bluelake.example".lower(),
                "type": "invoice",
                **values,
            }
        )

    def test_whoever_the_late_invoices_are_addressed_to(self):
        """The company has no address: nobody could be sent its invoice."""
        self.customer.email = False
        contact = self.contact("Payables")
        self.invoice(10, 1000, contact)
        self.invoice(5, 500, contact)
        fee = self.charge(self.send())
        self.assertEqual(fee.partner_id, contact)
        self.assertEqual(fee.commercial_partner_id, self.customer)
        self.assertEqual(
            fee.line_ids.filtered("date_maturity").partner_id, self.customer
        )
        fee.action_post()
        action = fee.action_send_and_print()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        self.assertEqual(wizard.create({}).mail_partner_ids, contact)

    def test_the_delivery_address_is_odoos(self):
        contact = self.contact("Payables")
        shop = self.contact("Shop", type="delivery")
        late = self.invoice(10, 1000, contact)
        fee = self.charge(self.send())
        self.assertEqual(fee.partner_shipping_id, late.partner_shipping_id)
        self.assertEqual(fee.partner_shipping_id, shop)

    def test_addressed_to_several(self):
        self.invoice(10, 1000, self.contact("Payables"))
        self.invoice(5, 500)
        fee = self.charge(self.send())
        self.assertEqual(fee.partner_id, self.customer)

    def test_each_currency_has_its_own(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        contact = self.contact("Payables")
        self.cost(36.5, 0)
        self.invoice(10, 1000, contact)
        self.invoice(10, 1000, currency_id=pound.id)
        fees = self.charge(self.send())
        whose = {fee.currency_id.name: fee.partner_id for fee in fees}
        self.assertEqual(whose, {"USD": contact, "GBP": self.customer})

    def test_a_contact_that_left(self):
        contact = self.contact("Payables")
        self.invoice(10, 1000, contact)
        followup = self.send()
        contact.active = False
        self.assertEqual(self.charge(followup).partner_id, self.customer)


@tagged("post_install", "-at_install")
class TestLateFeesPaid(LateFeesCommon):
    """A customer pays the interest as asked, and nobody has invoiced it."""

    def setUp(self):
        super().setUp()
        self.late = self.invoice(10, 1000)
        self.followup = self.send()

    def receive(self, amount, *moves):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        entries = payment.move_id.union(*moves)
        entries._receivable_lines().reconcile()
        return payment

    def todos(self):
        self.run_action()
        kind = self.env.ref("account_email_connector.activity_type_late_fees_paid")
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])

    def test_the_responsible_is_told_once(self):
        self.assertFalse(self.todos())
        self.receive(1050, self.late)
        todo = self.todos()
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.res_id, self.customer.id)
        note = todo.note.replace("&nbsp;", " ")
        self.assertIn("$ 50.00 more than the invoiced amount was paid", note)
        self.assertIn("asked for $ 50.00 of interest and fees", note)
        self.assertIn(f'data-oe-id="{self.followup.id}"', note)
        self.assertEqual(self.todos(), todo)
        todo.action_done()
        self.assertFalse(self.todos(), "asked again")

    def test_so_many_in_one_run(self):
        with patch.object(paid, "AT_MOST", 0):
            self.receive(1050, self.late)
            self.assertFalse(self.todos())
        todo = self.todos()
        self.assertTrue(todo)
        with patch.object(paid, "AT_MOST", 0):
            self.assertEqual(self.todos(), todo, "not looked at, nor taken back")

    def test_each_has_its_turn(self):
        """One whose money is too little does not keep the other from its turn."""
        self.receive(1000.5, self.late)
        self.customer = self.customer.copy({"email": "two@many.example"})
        late = self.invoice(10, 1000, self.customer)
        self.send()
        self.receive(1050, late)
        found = set()
        with patch.object(paid, "AT_MOST", 1):
            for hour in range(2):
                with freeze_time(datetime.now() + timedelta(hours=hour)):
                    found |= set(self.todos().mapped("res_id"))
        self.assertEqual(found, {self.customer.id})

    def test_it_goes_when_it_is_charged(self):
        self.receive(1050, self.late)
        self.assertTrue(self.todos())
        fee = self.charge(self.followup)
        self.assertFalse(self.todos())
        fee.unlink()
        self.assertTrue(self.todos(), "the draft was deleted")

    def test_it_goes_with_the_credit(self):
        payment = self.receive(1050, self.late)
        self.assertTrue(self.todos())
        other = self.invoice(-5, 50)
        (payment.move_id + other)._receivable_lines().filtered(
            lambda line: not line.reconciled
        ).reconcile()
        self.assertFalse(self.todos())

    def test_of_two_reminders_the_last(self):
        second = self.send(20)
        with freeze_time(self.today + timedelta(days=21)):
            self.receive(1070, self.late)
            todo = self.todos()
        self.assertEqual(len(todo), 1)
        self.assertIn(f'data-oe-id="{second.id}"', todo.note)

    def test_too_little(self):
        self.receive(1049, self.late)
        self.assertFalse(self.todos())

    def test_still_owed(self):
        self.receive(1050)
        self.assertFalse(self.todos())

    def test_a_credit_note_is_nobodys_payment(self):
        self.pay(self.late)
        self.credit_note(50)
        self.assertFalse(self.todos())

    def test_nothing_was_mentioned(self):
        self.followup.sudo().interest_terms = False
        self.receive(1050, self.late)
        self.assertFalse(self.todos())
