"""The ledger as it stood at the end of any day: Odoo's own figures, to the cent."""

from collections import defaultdict
from datetime import timedelta
from random import Random

from odoo import Command, fields
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..engine.planning import gather
from ..engine.planning.decisions import decisions
from ..engine.planning.units import Units
from ..engine.replay import changes
from ..engine.replay.books import Books
from ..rules.asof import Moment
from .test_money import MoneyCommon

RESIDUALS = """
    SELECT id, amount_residual_currency::float8, amount_residual::float8
      FROM account_move_line
     WHERE account_id IN (SELECT id FROM account_account
                           WHERE account_type = 'asset_receivable')
       AND parent_state = 'posted' AND company_id = %s
       AND (amount_residual <> 0 OR amount_residual_currency <> 0)
"""
BALANCES = """
    SELECT partner.commercial_partner_id, line.account_id, line.currency_id,
           SUM(line.balance)::float8, SUM(line.amount_currency)::float8
      FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id
      JOIN res_partner partner ON partner.id = line.partner_id
     WHERE account.account_type = 'asset_receivable' AND line.company_id = %s
       AND line.parent_state = 'posted' AND line.date <= %s
  GROUP BY partner.commercial_partner_id, line.account_id, line.currency_id
"""


class BooksCommon(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [("1900-01-01", 0.9), (cls.ago(60), 0.8), (cls.ago(20), 1.1)]
        cls.euro = cls.setup_other_currency("EUR", rates=rates)

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    def books(self, first=120, partners=None):
        """Of the days since so long ago."""
        units = Units(self.env(su=True), self.company)
        return Books(units, partners, self.ago(first))

    def issue(self, days, amount, partner, euro=False, **values):
        """An invoice of so many days ago, due after 30 days."""
        if euro:
            values["currency_id"] = self.euro.id
        return self.invoice(days - 30, amount, partner, **values)

    def credit(self, days, amount, partner, **values):
        values["invoice_date"] = self.ago(days)
        return self.credit_note(amount, partner, **values)

    def receive(self, days, amount, partner, *moves, kind="inbound", **values):
        """Money of so many days ago, with an entry, reconciled with *moves*."""
        values["date"] = self.ago(days)
        payment = self.payment(amount, kind, partner, **values)
        self.settle(payment.move_id, *moves)
        return payment.move_id

    def settle(self, *moves):
        lines = sum((move.line_ids for move in moves), self.env["account.move.line"])
        lines.filtered(
            lambda line: line.account_id == self.receivable and not line.reconciled
        ).reconcile()

    def quiet_mornings(self, books, first):
        """How many there are since so many days ago; on none of them anything is known
        that was not before, but for what was sent."""
        quiet = 0
        for key in books.keys:
            changing, before = books.mornings(key), None
            for days in range(first, -1, -1):
                day = self.ago(days)
                *found, customer = books.customer(key, Moment.morning(day))
                found.append(customer._replace(history=()))
                if before and day not in changing:
                    self.assertEqual(found, before, f"{key}, {day}")
                    quiet += 1
                before = found
        return quiet

    def customers(self, number):
        return self.env["res.partner"].create(
            [{"name": f"C{n}", "email": f"c{n}@c.example"} for n in range(number)]
        )


@tagged("post_install", "-at_install")
class TestBooks(BooksCommon):
    """A ledger of all kinds of payments, kept day by day."""

    def setUp(self):
        super().setUp()
        self.kept = {}  # days ago → what was open, by Odoo's own figures of that day
        self.cross = self.env["res.partner"]  # paid in another currency
        happens = self.diary()
        for days in range(120, -1, -1):
            with freeze_time(f"{self.ago(days)} 12:00:00"):
                for act in happens.get(days, ()):
                    act(days)
                self.env.flush_all()
            self.env.cr.execute(RESIDUALS, [self.company.id])
            self.kept[days] = {id_: (a, b) for id_, a, b in self.env.cr.fetchall()}
        self.env.invalidate_all()

    def diary(self):
        """Days ago → what happens."""
        diary = defaultdict(list)
        for parts in (
            self.in_parts(),
            self.in_euro(),
            self.at_a_discount(),
            self.overpaid(),
            self.across_currencies(),
            self.in_instalments(),
            self.by_the_bank(),
        ):
            for days, act in parts:
                diary[days].append(act)
        return diary

    def in_parts(self):
        (partner,), made = self.customers(1), {}

        def invoice(days):
            made["invoice"] = self.issue(days, 1000.10, partner)
            made["other"] = self.issue(days, 77.77, partner)

        def credit(days):
            self.settle(made["invoice"], self.credit(days, 200.05, partner))

        return [
            (110, invoice),
            (100, lambda d: self.receive(d, 333.33, partner, made["invoice"])),
            (95, credit),
            (80, lambda d: self.receive(d, 466.72, partner, made["invoice"])),
            (70, lambda d: self.credit(d, 12.34, partner)),  # on account
            (65, lambda d: self.receive(d, 5.55, partner)),
        ]

    def in_euro(self):
        """The rate changes between invoice and payments: exchange differences."""
        (partner,), made = self.customers(1), {}
        euro = {"currency_id": self.euro.id}

        def invoice(days):
            made["invoice"] = self.issue(days, 500, partner, euro=True)
            made["credited"] = self.issue(days, 99.99, partner, euro=True)

        def credit(days):
            self.settle(made["credited"], self.credit(days, 99.99, partner, **euro))

        return [
            (90, invoice),
            (55, lambda d: self.receive(d, 200, partner, made["invoice"], **euro)),
            (50, credit),
            (15, lambda d: self.receive(d, 300, partner, made["invoice"], **euro)),
            (10, lambda d: self.issue(d, 42, partner, euro=True)),
        ]

    def at_a_discount(self):
        (partner,), made = self.customers(1), {}
        terms = self.env["account.payment.term"].create(
            {
                "name": "2% in 10 days",
                "early_discount": True,
                "discount_days": 10,
                "discount_percentage": 2,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )

        def invoice(days):
            made["invoice"] = self.issue(
                days, 250, partner, invoice_payment_term_id=terms.id
            )

        def pay(days):
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=made["invoice"].ids
            )
            wizard = wizard.create({"payment_date": self.ago(days)})
            self.assertEqual(wizard.amount, 245, "less the discount")
            wizard._create_payments()
            self.assertFalse(made["invoice"].amount_residual)

        return [(60, invoice), (52, pay)]

    def overpaid(self):
        """The customer pays too much, and gets the rest back."""
        (partner,), made = self.customers(1), {}

        def pay(days):
            made["paid"] = self.receive(days, 150, partner, made["invoice"])

        def refund(days):
            self.receive(days, 50, partner, made["paid"], kind="outbound")

        return [
            (75, lambda d: made.update(invoice=self.issue(d, 100, partner))),
            (45, pay),
            (33, refund),
        ]

    def across_currencies(self):
        """An invoice in euro that is paid in dollars."""
        (partner,), made = self.customers(1), {}
        self.cross |= partner

        def pay(days):
            self.receive(days, 60, partner, made["invoice"])

        return [
            (40, lambda d: made.update(invoice=self.issue(d, 200, partner, True))),
            (12, pay),
        ]

    def in_instalments(self):
        (partner,), made = self.customers(1), {}
        parts = [
            Command.create({"value": "percent", "value_amount": 40, "nb_days": 10}),
            Command.create({"value": "percent", "value_amount": 60, "nb_days": 45}),
        ]
        terms = self.env["account.payment.term"].create(
            {"name": "Two parts", "line_ids": parts}
        )

        def invoice(days):
            made["invoice"] = self.issue(
                days, 333.33, partner, invoice_payment_term_id=terms.id
            )

        return [
            (62, invoice),
            (48, lambda d: self.receive(d, 150, partner, made["invoice"])),
        ]

    def by_the_bank(self):
        (partner,), made = self.customers(1), {}

        def bank(days):
            self.match(self.bank_line(88.8, partner, days=days), made["invoice"])

        return [
            (58, lambda d: made.update(invoice=self.issue(d, 88.8, partner))),
            (28, bank),
        ]

    # -- the proofs ------------------------------

    def test_each_day_is_what_odoo_had_then(self):
        """Line by line, in both currencies: 121 days."""
        books, open_items = self.books(), 0
        for days, kept in self.kept.items():
            found = books.items(Moment.evening(self.ago(days)))
            ours = {
                item.line_id: (item.residual, item.residual_company)
                for mine in found.values()
                for item in mine
            }
            self.assertEqual(ours, kept, f"{days} days ago")
            open_items += len(ours)
        self.assertGreater(open_items, 500)

    def test_thirty_days_agree_with_the_balances(self):
        """By customer, account and currency."""
        books, compared = self.books(), 0
        for days in Random(15).sample(range(121), 30):
            day = self.ago(days)
            ours = self.sums(books.items(Moment.evening(day)))
            self.env.cr.execute(BALANCES, [self.company.id, day])
            company = defaultdict(float)
            for (
                partner_id,
                account_id,
                currency_id,
                balance,
                amount,
            ) in self.env.cr.fetchall():
                company[partner_id, account_id] += balance
                if partner_id in self.cross.ids:
                    continue  # one currency pays another
                key = partner_id, account_id, currency_id
                mine = ours.pop(key, (0, 0))
                self.assertAlmostEqual(mine[0], balance, 6, f"{key}, {day}")
                self.assertAlmostEqual(mine[1], amount, 6, f"{key}, {day}")
                compared += 1
            self.assertLessEqual({key[0] for key in ours}, {*self.cross.ids})
            for (partner_id, account_id, _currency), (balance, _amount) in ours.items():
                company[partner_id, account_id] -= balance
            for partner in self.cross:
                rest = company[partner.id, self.receivable.id]
                self.assertAlmostEqual(rest, 0, 6)
        self.assertGreater(compared, 100)

    def sums(self, found):
        """{(customer, account, currency): (company's currency, its own)}."""
        accounts = self.env["account.move.line"]
        sums = defaultdict(lambda: (0, 0))
        for (_unit, partner_id), mine in found.items():
            for item in mine:
                account = accounts.browse(item.line_id).account_id
                key = partner_id, account.id, item.currency_id
                company, own = sums[key]
                sums[key] = company + item.residual_company, own + item.residual
        return sums

    def test_of_one_day_or_of_one_customer_it_is_the_same(self):
        books = self.books()
        for days in (100, 51, 13):
            moment = Moment.evening(self.ago(days))
            whole = self.in_order(books.items(moment))
            alone = self.books(days)
            self.assertEqual(whole, self.in_order(alone.items(moment)))
            for (unit_id, partner_id), mine in whole.items():
                partner = self.env["res.partner"].browse(partner_id)
                one = self.books(days, partner).items(moment)
                self.assertEqual(self.in_order(one), {(unit_id, partner_id): mine})

    def in_order(self, found):
        return {key: sorted(mine) for key, mine in found.items()}

    def test_the_morning_is_the_evening_before(self):
        books = self.books()
        for days in range(1, 110, 7):
            morning = Moment.morning(self.ago(days - 1))
            evening = Moment.evening(self.ago(days))
            self.assertEqual(books.items(morning), books.items(evening))

    def test_one_customer_is_as_among_all(self):
        books = self.books()
        for days in range(0, 121, 3):
            moment = Moment.morning(self.ago(days))
            all_of_them = list(books.customers(moment))
            for unit, plan, customer in all_of_them:
                one = books.customer((unit.company_id, customer.id), moment)
                self.assertEqual(one, (unit, plan, customer))
            keys = {
                (unit.company_id, customer.id) for unit, _p, customer in all_of_them
            }
            for key in books.keys - keys:
                self.assertFalse(books.customer(key, moment)[2].items)

    def test_on_other_mornings_nothing_is_otherwise(self):
        self.assertGreater(self.quiet_mornings(self.books(), 120), 700)

    def test_a_fixed_number_of_statements(self):
        def statements(first, partners=None):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            books = self.books(first, partners)
            for days in range(first + 1):
                books.decided(Moment.evening(self.ago(days)))
            return self.env.cr.sql_log_count - before

        partner = self.env["res.partner"].search([("name", "=", "C0")], limit=1)
        few = statements(1, partner)
        self.assertEqual(statements(110), few)
        self.assertLessEqual(few, 16)


@tagged("post_install", "-at_install")
class TestBooksToday(BooksCommon):
    """The facts as of today are today's: the rules say the same of everybody."""

    def same(self):
        """How many decisions there are; each the same."""
        self.env.flush_all()
        self.env.invalidate_all()
        now = {each.key: each for each in decisions(self.env(su=True), self.company)}
        for first, moment in (
            (0, Moment.now(self.today)),
            (40, Moment.now(self.today)),
            (40, Moment.evening(self.today)),
        ):
            then = {each.key: each for each in self.books(first).decided(moment)}
            self.assertEqual(then.keys(), now.keys())
            for key, each in then.items():
                self.assertEqual(each.decision, now[key].decision, key)
                self.assertEqual(each.comes, now[key].comes)
                self.assertEqual(each.plan, now[key].plan)
        self.assertGreater(self.quiet_mornings(self.books(40), 40), 30 * len(now))
        return len(now)

    def test_open_paid_and_credited(self):
        for number, partner in enumerate(self.customers(8)):
            invoice = self.issue(40 + number, 100, partner, euro=bool(number % 2))
            if number % 3:
                self.issue(90, 55, partner)
            if number % 4 == 1:
                self.credit(10, 30, partner)
            if number % 4 == 2:
                self.receive(9, 60, partner, invoice)
            if number == 5:
                self.receive(8, 500, partner, kind="outbound")
        self.plan()
        self.assertEqual(self.same(), 8)

    def test_money_under_way(self):
        with self.accounting_app():
            for number, partner in enumerate(self.customers(6)):
                invoice = self.issue(45, 100, partner)
                if number == 0:
                    self.pay(invoice)
                if number == 1:
                    self.pay(invoice, 40)
                if number == 2:
                    self.payment(30, partner=partner)
                if number == 3:
                    self.bank_line(100, partner)
                if number == 4:
                    self.pay(invoice, 40)
                    self.match(self.bank_line(40, partner, days=0), invoice)
                if number == 5:
                    self.payment(20, partner=partner).action_validate()
            self.assertEqual(self.same(), 6)

    def test_marks_and_notes(self):
        partners = self.customers(8)
        for partner in partners:
            self.issue(50, 100, partner)
        pause, exclude, answer, dispute, promise, block, skip, over = partners
        here = self.env["account.email.followup.pause"]
        for partner, choice in ((pause, "until"), (exclude, "never")):
            values = {"choice": choice, "until": self.ago(-9)}
            here.create({"partner_ids": partner.ids, **values}).action_confirm()
        answer.sudo().email_followup_answered = True
        moves = self.env["account.move"]
        moves.search([("partner_id", "=", dispute.id)])._email_followup_dispute("Half")
        moves.search([("partner_id", "=", block.id)]).action_toggle_block_payment()
        self.env["account.email.promise"].create(
            {"partner_id": promise.id, "until": self.ago(-5)}
        )
        over.sudo().email_followup_handed_over_on = self.today
        rows = self.plan()
        rows.filtered(lambda row: row.partner_id == skip).action_skip()
        self.assertEqual(self.same(), 8)

    def test_after_some_follow_ups(self):
        for number, partner in enumerate(self.customers(5)):
            self.issue(45 + 7 * number, 100, partner)
        rows = self.plan().sudo()
        rows[:2].write({"state": "sent", "done_on": self.ago(3)})
        rows[2].write({"state": "failed", "done_on": self.ago(1)})
        rows[3].write({"state": "unknown", "done_on": self.today})
        self.assertEqual(self.same(), 5)


@tagged("post_install", "-at_install")
class TestThen(BooksCommon):
    """What the rules say of a day in the past."""

    def reason(self, days, moment=Moment.evening):
        """Of the customer, so many days ago; None: nothing was open."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.books(days, self.customer).decided(moment(self.ago(days)))
        return str(found[0].decision.reason) if found else None

    def test_before_it_was_issued_and_after_it_was_paid(self):
        invoice = self.issue(60, 100, self.customer)
        self.receive(5, 100, self.customer, invoice)
        self.assertEqual(
            [self.reason(days) for days in (61, 60, 31, 30, 10, 6, 5, 0)],
            [None, "not_overdue", "not_overdue", "not_overdue", "due", "due"]
            + [None, None],
        )

    def test_a_payment_without_an_entry_before_the_bank_tells_of_it(self):
        with self.accounting_app():
            invoice = self.issue(60, 100, self.customer)
            payment = self.pay(invoice)
            payment.sudo().write({"date": self.ago(15)})
            self.match(self.bank_line(100, self.customer, days=5), invoice)
        self.assertEqual(payment.state, "paid")
        self.assertEqual(
            [self.reason(days) for days in (16, 15, 6, 5)],
            ["due", "nothing_open", "nothing_open", None],
        )

    def test_a_follow_up_holds_back_the_next_from_its_day(self):
        self.issue(60, 100, self.customer)
        followup = self.plan().sudo()
        followup.write({"state": "sent", "done_on": self.ago(10)})
        followup.write({"planned_date": self.ago(12)})
        self.assertEqual(self.reason(13), "due")
        self.assertEqual(self.reason(11), "followup_open")
        self.assertEqual(self.reason(10, Moment.morning), "due")
        self.assertNotEqual(self.reason(10), "due")

    def test_a_promise_an_answer_and_a_lawyer(self):
        self.issue(90, 100, self.customer)
        promise = self.env["account.email.promise"].create(
            {"partner_id": self.customer.id, "until": self.ago(-5)}
        )
        promise.sudo().made_on = self.ago(20)
        self.assertEqual([self.reason(21), self.reason(20)], ["due", "promised"])
        promise.active = False
        self.customer.sudo().email_followup_handed_over_on = self.ago(20)
        self.assertEqual([self.reason(21), self.reason(20)], ["due", "handed_over"])
        self.customer.sudo().email_followup_handed_over_on = False
        self.customer.sudo().email_followup_answered = True
        self.assertEqual([self.reason(1), self.reason(0)], ["due", "answered"])
        self.answer(20)
        self.assertEqual([self.reason(21), self.reason(20)], ["due", "answered"])

    def test_the_first_of_the_answers_that_wait(self):
        self.issue(90, 100, self.customer)
        self.customer.sudo().email_followup_answered = True
        self.answer(20)
        self.answer(10)
        self.assertEqual([self.reason(21), self.reason(15)], ["due", "answered"])

    def test_an_answer_before_a_follow_up_was_dealt_with(self):
        self.issue(90, 100, self.customer)
        self.plan().sudo().write({"state": "sent", "done_on": self.ago(15)})
        self.env.flush_all()
        self.customer.sudo().email_followup_answered = True
        self.answer(20)
        self.answer(10)
        self.assertEqual([self.reason(17), self.reason(9)], ["due", "answered"])

    def test_of_one_customer_no_others_reconciliations_are_read(self):
        units, day = Units(self.env(su=True), self.company), self.ago(30)

        def hashed(partners):
            which = changes.open_since(day, partners)
            query = gather.items_query(units, partners, which)
            self.env.cr.execute(SQL("EXPLAIN %s", query))
            return str(self.env.cr.fetchall()).count("hashed SubPlan")

        self.assertLess(hashed(self.customer), hashed(None))

    def answer(self, days):
        """A reply to a follow-up of long ago."""
        followup = (
            self.env["account.email.followup"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "connector_id": self.connector.id,
                    "partner_id": self.customer.id,
                    "planned_date": self.ago(50),
                }
            )
        )
        followup.write({"state": "skipped", "done_on": self.ago(50)})
        came = (
            self.env["account.email.incoming"]
            .sudo()
            .create(
                {
                    "connector_id": self.connector.id,
                    "followup_id": followup.id,
                    "message_id": f"<{days}@b.example>",
                    "kind": "reply",
                }
            )
        )
        at = fields.Datetime.now() - timedelta(days=days)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_email_incoming SET create_date = %s WHERE id = %s",
            (at, came.id),
        )

    def test_a_dispute_that_lasts(self):
        invoice = self.issue(60, 100, self.customer)
        invoice._email_followup_dispute("Half is missing")
        invoice.sudo().email_followup_dispute_since = self.ago(8)
        self.assertEqual([self.reason(9), self.reason(8)], ["due", "disputed"])

    def test_a_pause_that_nobody_dated_counts_today_only(self):
        self.issue(60, 100, self.customer)
        self.customer.sudo().email_followup_paused_until = self.ago(-9)
        self.assertEqual([self.reason(9), self.reason(0)], ["due", "paused"])

    def test_what_is_dated_tomorrow_is_there_today(self):
        """And not as of today: an entry counts from its date."""
        invoice = self.issue(60, 100, self.customer)
        self.receive(-1, 100, self.customer, invoice)
        self.assertEqual(self.reason(0), "due")
        self.assertIsNone(self.reason(0, Moment.now))
