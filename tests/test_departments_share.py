"""What belongs to a follow-up is its addressee's; a to-do is the customer's."""

from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..engine.followup import statement
from ..engine.handover import rest
from ..engine.paying import asked_of, online
from .test_departments import DepartmentsCommon


@tagged("post_install", "-at_install")
class TestShare(DepartmentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]

    def bank_line(self, amount, ref, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": self.today - timedelta(days=1),
                "payment_ref": ref,
                "amount": amount,
                **values,
            }
        )

    def foreign_credit(self, partner):
        euro = self.env.ref("base.EUR")
        euro.active = True
        return self.credit_note(40, partner, currency_id=euro.id)

    # -- the statement of account ------------------------------

    def statements(self):
        followups = self.both()
        made = statement.of_followups(followups.sudo())
        return {each.doc.addressee_id or each.doc.partner_id: each for each in made}

    def numbers(self, written, kind="rows"):
        return [row.number for block in written.blocks for row in getattr(block, kind)]

    def test_a_statement_of_a_follow_up_is_of_its_addressee(self):
        made = self.statements()
        self.assertEqual(self.numbers(made[self.school]), [self.of_school.name])
        self.assertEqual(self.numbers(made[self.roads]), [self.of_roads.name])
        self.assertEqual(made[self.school].blocks[0].total, 300)

    def test_a_statement_of_the_customer_is_of_all(self):
        self.both()
        (whole,) = statement.of_customers(self.env, self.hall, self.company)
        self.assertEqual(self.numbers(whole), [self.of_school.name, self.of_roads.name])
        self.assertEqual(whole.blocks[0].total, 500)

    def test_its_total_is_that_of_the_email(self):
        own = self.credit_note(250, self.roads)
        made = self.statements()
        followup = made[self.school].doc
        self.assertEqual(made[self.school].blocks[0].total, followup.amount)
        self.assertEqual(followup.amount, 250)
        names = self.numbers(made[self.school], "credits")
        self.assertEqual(names, ["On your account"], "Roads' credit is not named")
        (whole,) = statement.of_customers(self.env, self.hall, self.company)
        self.assertEqual(self.numbers(whole, "credits"), [own.name])

    def test_a_letter_is_of_its_addressee(self):
        followups = self.both()
        school = self.of(self.school, followups)
        self.school.write({"street": "Lane 1", "city": "Lake"})
        written = statement.of_letter(school.sudo())
        self.assertEqual(self.numbers(written), [self.of_school.name])
        self.assertEqual(written.address, self.school)

    # -- the page to pay on ------------------------------

    def token(self, followup):
        (asked,) = asked_of(followup.sudo())
        lines = asked.lines.move_line_id
        due = online.Due(lines, asked.currency, asked.total, False)
        return online._token(due, asked.interest, True)

    def left(self, token):
        self.env.invalidate_all()
        return online.due_by(self.env(su=True), token).amount

    def test_what_is_left_to_pay_is_the_share(self):
        self.credit_note(350)
        followup = self.both()
        self.assertEqual(followup.addressee_id, self.roads)
        token = self.token(followup)
        self.assertEqual(self.left(token), 150)
        self.pay(self.of_roads, 100)
        self.assertEqual(self.left(token), 50)

    def test_a_shared_credit_is_booked_meanwhile(self):
        credit = self.credit_note(350)
        followup = self.both()
        token = self.token(followup)
        lines = (credit + self.of_roads).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.reconcile()
        self.assertEqual(self.left(token), 0, "nothing of it is open any more")

    # -- one to-do for a customer ------------------------------

    def asked(self):
        return self.hall.activity_ids.filtered(lambda each: "money" in each.summary)

    def test_money_to_be_looked_at_is_one_to_do(self):
        of_school = self.invoice(20, 300, self.school)
        of_roads = self.invoice(10, 200, self.roads)
        for move in (of_school, of_roads):
            self.bank_line(33, f"For {move.name}")
        self.assertFalse(self.plan())
        self.assertEqual(len(self.asked()), 1)
        asked = self.hall.email_followup_asked.split()
        self.assertEqual(len(asked), 2)
        self.asked().unlink()
        self.plan()
        self.assertFalse(self.asked(), "it was asked for the same money")

    def test_money_in_another_currency_may_be_for_any_of_them(self):
        self.foreign_credit(self.school)
        self.assertFalse(self.both())
        self.env.invalidate_all()
        for move in (self.of_school, self.of_roads):
            told = self.env["account.email.followup"]._explain(move)[move.id]
            self.assertEqual(told.reason, "other_currency")
        self.assertEqual(len(self.asked()), 1)

    def test_the_end_of_the_ladder_is_one_to_do(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.step_ids = [
            Command.delete(step.id) for step in plan.step_ids.sorted("days")[1:]
        ]
        self.both()
        self.sent()
        self.plan(self.today + timedelta(days=30))
        kind = self.env.ref("account_email_connector.activity_type_all_steps_done")
        todos = self.hall.activity_ids.filtered(
            lambda each: each.activity_type_id == kind
        )
        self.assertEqual(len(todos), 1)

    def test_handed_over_nothing_goes_to_anybody(self):
        followups = self.both()
        env = self.env(su=True)
        rest.hand_over(
            self.hall.with_env(env), self.company.with_env(env), "Law", self.env.user
        )
        self.assertEqual(set(followups.mapped("state")), {"skipped"})
