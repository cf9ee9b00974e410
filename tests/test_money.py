from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.account.models.account_move import AccountMove

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class MoneyCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.receivable = cls.customer.property_account_receivable_id

    @contextmanager
    def accounting_app(self):
        """A payment has no entry before the bank's word."""
        methods = self.bank.inbound_payment_method_line_ids
        methods |= self.bank.outbound_payment_method_line_ids
        methods.payment_account_id = False
        with patch.object(
            AccountMove, "_get_invoice_in_payment_state", lambda self: "in_payment"
        ):
            yield

    def told(self, invoice, on_date=None):
        self.env.flush_all()
        self.env.invalidate_all()
        followups = self.env["account.email.followup"]
        return followups._explain(invoice, on_date)[invoice.id]

    def reason(self, invoice, on_date=None):
        return self.told(invoice, on_date).reason

    def bank_line(self, amount, partner=None, ref="transfer", days=1, **values):
        """A bank transaction that nobody has matched."""
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": self.today - timedelta(days=days),
                "payment_ref": ref,
                "amount": amount,
                "partner_id": partner and partner.id,
                **values,
            }
        )

    def match(self, line, *moves):
        """Book a bank transaction on the customer, and reconcile it with invoices."""
        _liquidity, suspense, _other = line._seek_for_lines()
        partner = moves[0].partner_id if moves else self.customer
        suspense.write({"account_id": self.receivable.id, "partner_id": partner.id})
        lines = line.move_id.line_ids
        for move in moves:
            lines |= move.line_ids
        lines.filtered(
            lambda ln: ln.account_id == self.receivable and not ln.reconciled
        ).reconcile()

    def payment(self, amount, kind="inbound", partner=None, **values):
        payment = self.env["account.payment"].create(
            {
                "payment_type": kind,
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "journal_id": self.bank.id,
                "date": self.today - timedelta(days=1),
                **values,
            }
        )
        payment.action_post()
        return payment


@tagged("post_install", "-at_install")
class TestPaymentsWithoutEntry(MoneyCommon):
    """The same act has the same result with an entry and without."""

    def outcomes(self, act):
        """What is asked for, with an entry and without: *act* gets a new customer."""
        asked = []
        for without in (False, True):
            customer = self.customer.copy({"email": "c@many.example"})
            if without:
                with self.accounting_app():
                    self.assertFalse(act(customer).move_id)
            else:
                self.assertTrue(act(customer).move_id)
            plan = self.plan().filtered(lambda f, its=customer: f.partner_id == its)
            asked.append((plan.amount, sorted(plan.line_ids.mapped("amount"))))
        return asked

    def same(self, act):
        with_entry, without = self.outcomes(act)
        self.assertEqual(with_entry, without)
        return without[0]

    def test_whole(self):
        self.assertEqual(self.same(lambda c: self.pay(self.invoice(5, partner=c))), 0)

    def test_in_part(self):
        def act(customer):
            return self.pay(self.invoice(20, 1000, partner=customer), 400)

        self.assertEqual(self.same(act), 600)

    def test_two_invoices_at_once(self):
        def act(customer):
            invoices = self.invoice(20, 100, customer) + self.invoice(5, 100, customer)
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            )
            wizard = wizard.create({"group_payment": True, "amount": 150})
            return wizard._create_payments()

        self.assertEqual(self.same(act), 50)

    def test_one_of_several_instalments(self):
        parts = [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
            for days in (0, 10)
        ]
        terms = self.env["account.payment.term"].create(
            {"name": "Two parts", "line_ids": parts}
        )

        def act(customer):
            invoice = self.invoice(0, 400, customer, invoice_payment_term_id=terms.id)
            return self.pay(invoice, 200)

        self.assertEqual(self.same(act), 200)

    def test_on_account(self):
        def act(customer):
            self.invoice(20, 500, customer)
            return self.payment(200, partner=customer)

        self.assertEqual(self.same(act), 300)

    def test_more_than_is_open(self):
        def act(customer):
            self.invoice(20, 70, customer)
            payment = self.pay(self.invoice(5, 100, customer), 150)
            return payment

        self.assertEqual(self.same(act), 20)

    def test_a_credit_note_is_paid_out_in_part(self):
        def act(customer):
            self.invoice(20, 400, customer)
            return self.pay(self.credit_note(500, customer), 300)

        self.assertEqual(self.same(act), 200)

    def test_a_refund_on_account(self):
        def act(customer):
            self.invoice(20, 400, customer)
            self.credit_note(300, customer)
            return self.payment(300, "outbound", partner=customer)

        self.assertEqual(self.same(act), 400)

    def test_the_bank_brings_it(self):
        """It counts once, before and after."""
        with self.accounting_app():
            invoice = self.invoice(20, 1000)
            payment = self.pay(invoice, 400)
            first = self.plan()
            self.assertEqual(first.amount, 600)
            first.sudo().unlink()
            self.match(self.bank_line(400, self.customer, days=0), invoice)
            self.assertEqual((payment.state, invoice.amount_residual), ("paid", 600))
            self.assertEqual(self.plan().amount, 600)

    def test_the_bank_brings_one_of_two_invoices_together(self):
        """Odoo goes on to say that the payment is on its way."""
        with self.accounting_app():
            invoices = self.invoice(20, 300) + self.invoice(10, 400)
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            )
            wizard = wizard.create({"group_payment": True, "amount": 500})
            wizard._create_payments()
            self.match(self.bank_line(500, self.customer, days=0), *invoices)
            self.assertEqual(sum(invoices.mapped("amount_residual")), 200)
            self.assertEqual(self.plan().amount, 200)

    def test_validated_by_hand(self):
        """Odoo says paid, and the customer's account does not."""
        with self.accounting_app():
            self.invoice(20, 500)
            payment = self.payment(200)
            payment.action_validate()
            first = self.plan()
            self.assertEqual(first.amount, 300)
            first.sudo().unlink()
            self.match(self.bank_line(200, self.customer, days=0))
            self.assertEqual(self.plan().amount, 300, "the same money")

    def test_rejected(self):
        with self.accounting_app():
            invoice = self.invoice(5)
            payment = self.pay(invoice)
            self.assertFalse(self.plan())
            payment.action_reject()
            self.assertEqual(self.plan().amount, 100)

    def test_it_is_listed_with_its_number(self):
        with self.accounting_app():
            self.invoice(20, 500)
            payment = self.payment(200)
            followup = self.plan()
        credit = followup.line_ids.filtered(lambda line: line.state == "credit")
        self.assertEqual((credit.label, credit.amount), (payment.name, -200))
        self.assertTrue(payment.name)
        self.assertIn(payment.name, followup.email_html)
        self.assertIn("300.00", followup.email_html)
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_of_another_company(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        with self.accounting_app():
            self.payment(500)
        self.invoice(20, 500, company=other)
        found = self.env["account.email.followup"]._plan(other)
        self.assertEqual(found.amount, 500)


@tagged("post_install", "-at_install")
class TestMoneyToReconcile(MoneyCommon):
    """What the bank has brought, and nobody has matched."""

    def todos(self, partner=None):
        return (partner or self.customer).activity_ids

    def test_it_names_the_invoice(self):
        invoice, other = self.invoice(20, 100), self.invoice(20, 70)
        name = invoice.name.replace("/", " ")
        self.bank_line(55, ref=f"Thanks! Re {name}, as agreed")
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, other)
        told = self.told(invoice)
        self.assertEqual(told.reason, "probably_paid")
        self.assertEqual(told.date, self.today + timedelta(days=6))

    def test_what_names_it(self):
        for number, ref in enumerate(("+++090/9337/55493+++", "RF18 5390 0754 7034")):
            with self.subTest(ref):
                customer = self.customer.copy({"email": f"{number}@many.example"})
                invoice = self.invoice(5, 100, customer, payment_reference=ref)
                followup = self.plan()
                followup.sudo().unlink()
                self.bank_line(55, ref=ref.replace("/", "").replace("+", ""))
                self.assertEqual(self.reason(invoice), "probably_paid")

    def test_a_longer_number_is_another_invoice(self):
        invoice = self.invoice(5, 100)
        self.bank_line(55, ref=invoice.name + "7")
        self.assertEqual(self.reason(invoice), "due")

    def test_it_carries_the_customer(self):
        old, new = self.invoice(20, 100), self.invoice(5, 70)
        self.bank_line(70, self.customer)
        self.assertEqual(self.reason(new), "probably_paid", "exactly its amount")
        self.assertEqual(self.reason(old), "due")
        self.bank_line(30, self.customer)
        self.assertEqual(self.reason(old), "probably_paid")

    def test_it_comes_from_the_customers_account(self):
        invoice = self.invoice(20, 100)
        self.env["res.partner.bank"].create(
            {"acc_number": "BE68 5390 0754 7034", "partner_id": self.customer.id}
        )
        self.bank_line(33, account_number="BE68539007547034")
        self.assertEqual(self.reason(invoice), "probably_paid")

    def test_exactly_the_amount_that_one_customer_owes(self):
        invoice = self.invoice(20, 123.45)
        self.bank_line(123.45)
        self.assertEqual(self.reason(invoice), "probably_paid")

    def test_an_amount_that_several_owe_holds_nobody(self):
        customers = [self.customer, self.customer.copy({"email": "b@two.example"})]
        for customer in customers:
            self.invoice(20, 100, customer)
        self.bank_line(100)
        self.assertEqual(len(self.plan()), 2)

    def test_somebody_else_paid_that_amount(self):
        invoice = self.invoice(20, 123.45)
        stranger = self.customer.copy({"email": "s@stranger.example"})
        self.bank_line(123.45, stranger)
        self.assertEqual(self.reason(invoice), "due")

    def test_what_is_no_payment(self):
        invoice = self.invoice(20, 123.45)
        self.bank_line(-123.45, self.customer)
        self.match(self.bank_line(20, self.customer), invoice)
        self.bank_line(123.45, self.customer, days=7)
        self.assertEqual(self.reason(invoice), "due")

    def test_the_plan_says_how_long(self):
        plan = self.env.ref("account_email_connector.plan_default")
        invoice = self.invoice(20, 100)
        self.bank_line(100, self.customer, days=3)
        self.assertEqual(self.reason(invoice), "probably_paid")
        plan.bank_line_days = 3
        self.assertEqual(self.reason(invoice), "due")
        plan.bank_line_days = 0
        self.assertEqual(self.reason(invoice), "due")
        plan.bank_line_days = 30
        told = self.told(invoice)
        day = self.today - timedelta(days=3)
        self.assertIn(str(day.year), told.text)
        self.assertEqual(told.date, day + timedelta(days=30))

    def test_one_todo_for_a_customer(self):
        for days in (5, 6):
            self.invoice(days, 100)
        self.bank_line(200, self.customer)
        self.assertFalse(self.plan())
        self.plan()
        todo = self.todos()
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.user_id, self.connector.connected_by_id)
        self.assertIn("Probably paid on", todo.note)
        todo.action_feedback(feedback="I have seen it")
        self.plan()
        self.assertFalse(self.todos(), "it is the same money")
        self.invoice(4, 50)
        self.bank_line(50, self.customer)
        self.plan()
        self.assertEqual(len(self.todos()), 1, "it is other money")

    def test_what_is_not_overdue_asks_nobody(self):
        self.invoice(-5, 100)
        self.bank_line(100, self.customer)
        self.plan()
        self.assertFalse(self.todos())

    def test_chase_all_the_same(self):
        invoice = self.invoice(20, 100)
        self.bank_line(100, self.customer)
        self.assertFalse(self.plan())
        invoice.action_email_followup_chase_anyway()
        self.assertTrue(self.plan())
        self.env["account.email.followup"].sudo().search([]).unlink()
        invoice.action_email_followup_chase_anyway()
        self.assertTrue(self.plan(), "pressed twice")
        self.env["account.email.followup"].sudo().search([]).unlink()
        self.bank_line(100, self.customer)
        self.assertEqual(self.reason(invoice), "probably_paid", "other money")
        self.assertEqual(self.customer.email_followup_reason, "probably_paid")
        self.customer.action_email_followup_chase_anyway()
        self.assertEqual(self.reason(invoice), "due")

    def test_only_accountants_say_so(self):
        invoice = self.invoice(20, 100)
        self.bank_line(100, self.customer)
        auditor = new_test_user(
            self.env, "auditor", groups="base.group_user,account.group_account_readonly"
        )
        with self.assertRaises(AccessError):
            invoice.with_user(auditor).action_email_followup_chase_anyway()
        with self.assertRaises(AccessError):
            invoice.with_user(self.env.user).write({"email_followup_despite": 5})

    def test_it_comes_between_planning_and_sending(self):
        invoice = self.invoice(20, 100)
        followup = self.plan()
        line = self.bank_line(100, self.customer)
        self.assertTrue(followup.can_insist)
        self.assertIn("Probably paid on", followup.objection)
        self.run_action()
        self.assertEqual(
            (followup.state, followup.reason), ("planned", "probably_paid")
        )
        self.assertIn("Probably paid on", followup.reason_text)
        self.assertEqual(followup.line_ids.state, "chased", "it is not struck")
        self.assertFalse(self.mailbox.accepted)
        followup.action_chase_anyway()
        self.assertFalse(followup.objection)
        self.retry_now()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertTrue(line and invoice)

    def test_it_was_matched_with_the_invoice(self):
        invoice = self.invoice(20, 100)
        followup = self.plan()
        line = self.bank_line(100, self.customer)
        self.run_action()
        self.match(line, invoice)
        self.retry_now()
        self.run_action()
        self.assertEqual(followup.state, "skipped")
        self.assertEqual(followup.line_ids.reason, "settled")

    # -- other money -----------------------------------------------------------------

    def test_money_in_another_currency_is_for_a_person(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": 0.8, "currency_id": eur.id}
        )
        for amount in (990, 1000):
            with self.subTest(amount):
                customer = self.customer.copy({"email": "c@many.example"})
                invoice = self.invoice(20, 800, customer, currency_id=eur.id)
                self.payment(amount, partner=customer)
                self.assertNotIn(customer, self.plan().partner_id)
                self.assertEqual(self.reason(invoice), "other_currency")
                self.assertEqual(len(self.todos(customer)), 1)
                invoice.action_email_followup_chase_anyway()
                followup = self.plan()
                self.assertEqual(followup.line_ids.amount, 800)

    def test_money_came_back(self):
        invoice = self.invoice(40, 800)
        self.match(self.bank_line(800, self.customer, days=30), invoice)
        back = self.bank_line(-800, self.customer, days=20)
        self.match(back)
        self.assertEqual(self.customer.credit, 800)
        self.plan()
        self.assertEqual(self.customer.email_followup_reason, "money_back")
        self.assertIn("came back", self.todos().note)
        self.plan()
        self.assertEqual(len(self.todos()), 1)

    def test_an_old_debt_is_paid_first(self):
        opening = self.invoice(300, 500)
        opening.no_followup = True
        invoice = self.invoice(20, 500)
        self.payment(500)
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, invoice)
        self.assertEqual(followup.amount, 500)

    def test_a_contact_became_a_company(self):
        group = self.env["res.partner"].create({"name": "Group", "is_company": True})
        shop = self.env["res.partner"].create(
            {"name": "Shop", "parent_id": group.id, "email": "shop@shop.example"}
        )
        invoice = self.invoice(20, 100, shop)
        shop.write({"parent_id": False, "is_company": True})
        self.assertEqual(self.reason(invoice), "due")
        self.assertEqual(self.plan().line_ids.move_id, invoice)

    def test_a_promise_of_everything_shows_what_that_was(self):
        self.invoice(5, 200)
        promise = self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=2),
            }
        )
        self.assertEqual((promise.amount, promise.promised), (0, 200))
        promise.amount = 50
        self.assertEqual(promise.promised, 50)

    def test_statements(self):
        """One more for all that money, whatever there is of it."""
        self.env.ref("account_email_connector.plan_default").bank_days = 5

        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["account.email.followup"]._plan()
            return self.env.cr.sql_log_count - before

        self.pay(self.invoice(-5), 10)
        self.credit_note(10)  # or nobody is asked about at all
        few = statements()
        with self.accounting_app():
            for number in range(5):
                customer = self.customer.copy({"email": f"c{number}@many.example"})
                self.pay(self.invoice(-5, 100, customer), 40)
                self.payment(5, partner=customer)
                self.bank_line(10, customer)
            self.assertEqual(statements(), few)
        self.assertLessEqual(few, 11)


@tagged("post_install", "-at_install")
class TestOnlinePayments(MoneyCommon):
    """With account_payment, which Odoo installs by itself with accounting."""

    def setUp(self):
        super().setUp()
        if "payment.transaction" not in self.env:
            self.fail("Odoo installs account_payment together with account.")
        providers = self.env["payment.provider"].sudo()
        self.provider = providers.create(
            {"name": "Cards", "company_id": self.company.id}
        )
        methods = self.env["payment.method"].with_context(active_test=False)
        self.method = methods.search([], limit=1)
        self.code("cards")

    def code(self, code):
        """Be a provider of whom no module is installed here."""
        self.env.cr.execute(
            "UPDATE payment_provider SET code = %s WHERE id = %s",
            (code, self.provider.id),
        )
        self.env.invalidate_all()

    def transaction(self, invoices, amount, state="authorized", **values):
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "amount": amount,
                "partner_id": invoices[0].partner_id.id,
                "currency_id": invoices[0].currency_id.id,
                "reference": f"{invoices[0].name} {amount} {state}",
                "invoice_ids": [Command.set(invoices.ids)],
                **values,
            }
        )
        self.env.flush_all()
        # Not by the field: no provider is here that would let it be authorized.
        self.env.cr.execute(
            "UPDATE payment_transaction SET state = %s WHERE id = %s",
            (state, transaction.id),
        )
        self.env.invalidate_all()
        return transaction

    def test_under_way(self):
        for state in ("pending", "authorized", "done"):
            with self.subTest(state):
                customer = self.customer.copy({"email": "c@many.example"})
                invoice = self.invoice(20, 300, customer)
                self.transaction(invoice, 300, state)
                self.assertFalse(self.plan())
                self.assertEqual(self.reason(invoice), "under_way")

    def test_not_under_way(self):
        for state in ("draft", "cancel", "error"):
            with self.subTest(state):
                customer = self.customer.copy({"email": "c@many.example"})
                invoice = self.invoice(20, 300, customer)
                self.transaction(invoice, 300, state)
                self.assertEqual(self.reason(invoice), "due")

    def test_to_say_that_one_transfers_is_no_payment(self):
        """As Odoo's own portal has it."""
        invoice = self.invoice(20, 300)
        self.transaction(invoice, 300, "pending")
        for code in ("custom", "none"):
            self.code(code)
            self.assertEqual(self.reason(invoice), "due")

    def test_a_part_of_it(self):
        invoice = self.invoice(20, 300)
        self.transaction(invoice, 100)
        self.assertEqual(self.plan().amount, 200)

    def test_captured_in_parts(self):
        invoice = self.invoice(20, 300)
        whole = self.transaction(invoice, 300)
        part = self.transaction(invoice, 100, "done", source_transaction_id=whole.id)
        part.is_post_processed = True
        self.pay(invoice, 100)
        self.assertEqual(self.reason(invoice), "under_way")
        self.transaction(invoice, 150, "cancel", source_transaction_id=whole.id)
        self.assertEqual(self.plan().amount, 150)

    def test_several_invoices_at_once(self):
        invoices = self.invoice(20, 300) + self.invoice(5, 40)
        self.transaction(invoices, 340)
        self.assertFalse(self.plan())

    def test_authorized_between_planning_and_sending(self):
        """It waits, and is not struck: the payment may fail yet."""
        invoice = self.invoice(20, 300)
        followup = self.plan()
        transaction = self.transaction(invoice, 300)
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual((followup.state, followup.reason), ("planned", "under_way"))
        self.assertEqual(followup.line_ids.state, "chased")
        self.retry_now()
        transaction.state = "cancel"
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_one_of_two_authorized_between_planning_and_sending(self):
        paid, left = self.invoice(20, 300), self.invoice(20, 40)
        followup = self.plan()
        self.transaction(paid, 300)
        self.run_action()
        self.assertEqual((followup.state, followup.amount), ("sent", 40))
        self.assertEqual(followup._chased_lines().move_id, left)
