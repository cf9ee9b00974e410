"""A plan tried on days that are over: what would have left."""

from collections import Counter
from unittest.mock import patch

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..engine.planning.draft import draft_of
from ..engine.replay.asking import chasers
from ..engine.replay.books import Books
from ..engine.replay.walk import replay
from .test_books import BooksCommon


class ReplayCommon(BooksCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.used = cls.env.ref("account_email_connector.plan_default").copy(
            {"name": "Ours", "company_id": cls.company.id}
        )
        for step, days in zip(cls.used.step_ids, (3, 14, 30), strict=True):
            step.write({"days": days, "review": days == 30})
        cls.company.email_followup_plan_id = cls.used
        cls.first, cls.second, cls.last = cls.used.step_ids

    def replayed(
        self,
        first=120,
        last=1,
        plan=None,
        values=None,
        company=None,
        companies=None,
        **more,
    ):
        """From so many days ago to so many days ago.

        :param values: as they stand in the plan's form.
        :param company: whose; *companies*: those that the user has selected.
        """
        self.env.flush_all()
        self.env.invalidate_all()
        env, company = self.env(su=True), company or self.company
        context = {"allowed_company_ids": (companies or company).ids}
        plan = (self.used if plan is None else plan).with_context(**context)
        plan = draft_of(plan, values) if values else plan
        units, unit = chasers(plan.env, env, company, plan)
        days = self.ago(first), self.ago(last)
        return replay(units, unit, plan.with_env(env), *days, **more)

    def told(self, found):
        """(days ago, step's days, amount) of each."""
        return [
            ((self.today - each.day).days, each.step.days, each.amount)
            for each in found.would
        ]

    def would(self, **asked):
        return self.told(self.replayed(**asked))

    def item(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "payment_term")


@tagged("post_install", "-at_install")
class TestReplay(ReplayCommon):
    def test_a_ladder_until_it_is_paid(self):
        invoice = self.issue(90, 100, self.customer)  # due 60 days ago
        self.receive(40, 100, self.customer, invoice)
        found = self.replayed()
        self.assertEqual(self.told(found), [(57, 3, 100), (46, 14, 100)])
        first, second = found.would
        self.assertEqual(first.lines, tuple(self.item(invoice).ids))
        self.assertEqual(first.paid_on, self.ago(40))
        self.assertEqual((first.step, second.step), (self.first, self.second))
        self.assertEqual((first.channel, first.review), ("email", False))
        self.assertEqual(first.contact_id, self.customer.id)
        self.assertEqual(first.company_id, self.company.id)
        self.assertEqual((found.customers, found.unreminded), (1, []))

    def test_nothing_of_it_is_written(self):
        self.issue(90, 100, self.customer)
        self.assertEqual(len(self.replayed().would), 3)
        followups = self.env["account.email.followup"]
        self.assertFalse(followups.search_count([("company_id", "=", self.company.id)]))

    def test_a_step_that_a_person_reads_counts_as_sent(self):
        self.issue(90, 100, self.customer)
        self.used.write({"last_every": 10, "last_times": 1})
        found = self.replayed()
        self.assertEqual(
            self.told(found),
            [(57, 3, 100), (46, 14, 100), (30, 30, 100), (20, 30, 100)],
        )
        self.assertEqual(
            [each.review for each in found.would], [False, False, True, True]
        )

    def test_the_period_is_over(self):
        self.issue(30 + 30, 100, self.customer)  # the last step would be today
        self.assertEqual(self.would(last=-9), [(27, 3, 100), (16, 14, 100)])
        self.assertEqual(self.replayed(last=-9).last, self.ago(1))
        self.assertEqual(self.would(last=20), [(27, 3, 100)])
        self.assertEqual(self.would(first=-1), [])

    def test_somebody_without_an_address_is_a_to_do(self):
        self.customer.email = False
        self.issue(90, 100, self.customer)
        self.last.review = self.first.review = True
        found = self.replayed(last=50).would
        self.assertEqual([(e.channel, e.review) for e in found], [("todo", False)])

    # -- paid ------------------------------

    def paid_on(self):
        (would,) = self.replayed(last=50).would
        return would.paid_on and (self.today - would.paid_on).days

    def test_they_paid_within_three_days_anyway(self):
        invoice = self.issue(90, 100, self.customer)
        self.receive(54, 100, self.customer, invoice)
        self.assertEqual(self.paid_on(), 54)

    def test_it_is_paid_when_the_last_part_of_the_last_item_is(self):
        one, other = (self.issue(90, 100, self.customer) for _each in range(2))
        self.receive(50, 100, self.customer, one)
        self.receive(45, 30, self.customer, other)
        self.assertIsNone(self.paid_on())
        self.settle(other, self.credit(35, 70, self.customer))
        self.assertEqual(self.paid_on(), 35)

    def test_a_payment_without_an_entry_pays(self):
        with self.accounting_app():
            one, other = (self.issue(90, 100, self.customer) for _each in range(2))
            payment = self.pay(one)
            payment.sudo().date = self.ago(52)
            self.receive_in_part(other)
            self.assertEqual(self.paid_on(), 44)
            self.match(self.bank_line(100, self.customer, days=41), one)
            self.assertEqual(self.paid_on(), 44, "the bank told of it later")

    def test_each_morning_is_looked_at_once_for_all_that_they_owe(self):
        with self.accounting_app():
            for number in range(9):
                invoice = self.issue(100 - number, 100, self.customer)
                self.pay(invoice).sudo().date = self.ago(60 - number)
            asked, customer = Counter(), Books.customer

            def counted(books, key, moment):
                asked[moment] += 1
                return customer(books, key, moment)

            with patch.object(Books, "customer", counted):
                found = self.replayed()
        self.assertTrue(all(each.paid_on for each in found.would))
        self.assertLessEqual(max(asked.values()), 4)

    def test_what_was_credited_was_not_paid(self):
        """It is settled all the same."""
        invoice = self.issue(90, 100, self.customer)
        self.settle(invoice, self.credit(55, 100, self.customer))
        (would,) = self.replayed().would
        self.assertEqual((would.paid_on, would.credited), (self.ago(55), True))
        paid = self.issue(90, 100, self.customer.copy())
        self.receive(55, 100, paid.partner_id, paid)
        wouldnt = {each.partner_id: each.credited for each in self.replayed().would}
        self.assertFalse(wouldnt[paid.partner_id.id])

    def receive_in_part(self, invoice):
        for days, amount in ((49, 60), (44, 40)):
            self.pay(invoice, amount).sudo().date = self.ago(days)

    # -- never reminded ------------------------------

    def unreminded(self, **asked):
        return [
            (each.line_id, (self.today - each.paid_on).days, each.amount)
            for each in self.replayed(**asked).unreminded
        ]

    def test_paid_late_and_never_reminded(self):
        invoice = self.issue(90, 100, self.customer)  # due 60 days ago
        item = self.item(invoice).id
        self.receive(50, 20, self.customer, invoice)
        self.receive(20, 80, self.customer, invoice)
        self.assertEqual(self.unreminded(), [], "it was reminded of")
        self.used.minimum_amount = 500
        (found,) = self.replayed().unreminded
        self.assertEqual((found.line_id, found.move_id), (item, invoice.id))
        self.assertEqual(found.partner_id, self.customer.id)
        self.assertEqual((found.due, found.paid_on), (self.ago(60), self.ago(20)))
        self.assertEqual(found.amount, 80)
        self.assertEqual(self.unreminded(first=25), [(item, 20, 80)])
        self.assertEqual(self.unreminded(first=19), [], "paid before")
        self.assertEqual(self.unreminded(last=21), [], "paid afterwards")

    def test_paid_thirty_days_late_is_not_late_yet(self):
        invoice = self.issue(90, 100, self.customer)
        self.receive(30, 100, self.customer, invoice)
        self.used.minimum_amount = 500
        self.assertEqual(self.unreminded(), [])

    def test_what_was_credited_late_was_not_paid_late(self):
        invoice = self.issue(90, 100, self.customer)
        self.settle(invoice, self.credit(20, 100, self.customer))
        self.used.minimum_amount = 500
        self.assertEqual(self.unreminded(), [])

    def test_what_the_plan_leaves_alone_was_not_missed(self):
        invoice = self.issue(90, 100, self.customer)  # due 60 days ago
        self.receive(20, 100, self.customer, invoice)
        self.used.start_date = self.ago(59)
        found = self.replayed()
        self.assertEqual((found.would, found.unreminded), ([], []))
        self.assertEqual((found.since, found.left_alone), (self.ago(59), 1))
        self.connector.chase_since = self.ago(2)
        self.assertEqual(self.replayed(first=50).since, self.ago(50))
        self.used.start_date = False
        found = self.replayed(first=50)
        self.assertEqual((found.since, found.left_alone), (self.ago(50), 1))

    def test_a_credit_is_nobodys_to_pay(self):
        self.used.minimum_amount = 500
        credit = self.credit(90, 100, self.customer)
        self.receive(10, 100, self.customer, credit, kind="outbound")
        self.assertEqual(self.unreminded(), [])

    def test_one_that_was_really_reminded_of_before(self):
        invoice = self.issue(90, 100, self.customer)
        self.sent(50)
        self.receive(20, 100, self.customer, invoice)
        self.used.minimum_amount = 500
        self.assertEqual(self.unreminded(first=40), [])
        self.assertEqual(len(self.unreminded(first=55)), 1, "it is the replay's own")

    # -- what was sent before the first day ------------------------------

    def sent(self, days, state="sent"):
        followup = self.plan().sudo()
        day = self.ago(days)
        followup.write({"state": state, "done_on": day, "planned_date": day})
        return followup

    def test_it_goes_on_where_the_ledger_was(self):
        self.issue(90, 100, self.customer)
        followup = self.sent(50)
        self.assertEqual(followup.step_id, self.first)
        self.assertEqual(self.would(first=49), [(39, 14, 100), (23, 30, 100)])
        followup.state = "unknown"
        self.assertEqual(self.would(first=49), [(39, 14, 100), (23, 30, 100)])
        whole = [(57, 3, 100), (46, 14, 100), (30, 30, 100)]
        self.assertEqual(self.would(first=58), whole, "sent in the period")

    def test_what_waited_then_is_decided_again(self):
        self.issue(90, 100, self.customer)
        followup = self.sent(20)
        followup.planned_date = self.ago(52)
        self.env.flush_all()
        self.assertEqual(self.would(first=50)[0], (50, 3, 100))
        followup.write({"state": "planned", "done_on": False})
        self.assertEqual(self.would(first=50)[0], (50, 3, 100))

    def test_a_company_that_began_later(self):
        """What was due before its start is left alone; in the replay, before the first
        day."""
        self.issue(110, 70, self.customer)  # due 80 days ago
        self.issue(90, 100, self.customer)
        self.assertEqual(self.would()[0], (77, 3, 70))
        self.connector.chase_since = self.ago(2)
        self.assertEqual(self.would()[0], (77, 3, 70))
        self.assertEqual(self.would(first=70)[0], (57, 3, 100))
        self.used.start_date = self.ago(50)
        self.assertEqual(self.would(), [], "the plan's own start is the plan's")

    # -- what the customer did ------------------------------

    def test_a_promise(self):
        self.issue(90, 100, self.customer)
        with freeze_time(f"{self.ago(50)} 12:00:00"):
            self.env["account.email.promise"].create(
                {"partner_id": self.customer.id, "until": self.ago(40)}
            )
        grace = self.used.promise_grace
        self.assertEqual(self.would(last=35), [(57, 3, 100), (39 - grace, 14, 100)])

    def test_a_dispute(self):
        invoice = self.issue(90, 100, self.customer)
        invoice._email_followup_dispute("Half is missing")
        invoice.sudo().email_followup_dispute_since = self.ago(50)
        self.assertEqual(self.would(), [(57, 3, 100)])

    def test_a_lawyer(self):
        self.issue(90, 100, self.customer)
        self.customer.sudo().email_followup_handed_over_on = self.ago(40)
        self.assertEqual(self.would(), [(57, 3, 100), (46, 14, 100)])

    def test_credits_are_subtracted(self):
        self.issue(90, 100, self.customer)
        self.credit(50, 30, self.customer)
        self.assertEqual(self.would(last=40), [(57, 3, 100), (46, 14, 70)])

    # -- when, to whom, in what ------------------------------

    def test_not_on_weekends_nor_holidays(self):
        self.used.write(
            {"on_saturday": False, "on_sunday": False, "not_on_holidays": True}
        )
        self.company.country_id = self.env.ref("base.us")
        for number, partner in enumerate(self.customers(20)):
            self.issue(380 + number, 100, partner)
        found = self.replayed(first=400).would
        self.assertEqual(len(found), 60)
        self.assertTrue(all(each.day.weekday() < 5 for each in found))
        days = {(each.day.month, each.day.day) for each in found}
        self.assertFalse(days & {(1, 1), (7, 4), (12, 25)})

    def test_two_contacts_of_a_customer(self):
        contacts = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": self.customer.id, "type": "invoice"}
                | {"email": f"{name}@bluelake.example"}
                for name in ("roads", "school")
            ]
        )
        for amount, contact in zip((40, 50), contacts, strict=True):
            self.issue(90, amount, contact)
        found = self.replayed(last=50)
        self.assertEqual(
            sorted((each.contact_id, each.amount) for each in found.would),
            list(zip(contacts.ids, (40, 50), strict=True)),
        )
        self.assertEqual({e.partner_id for e in found.would}, {self.customer.id})
        self.assertEqual(found.customers, 1)

    def test_a_foreign_currency_is_told_in_the_companys(self):
        invoice = self.issue(90, 500, self.customer, euro=True)
        (found,) = self.replayed(last=50).would
        self.assertEqual(found.amount, self.item(invoice).balance)
        self.assertNotEqual(found.amount, 500)

    def test_a_branch(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        invoice = self.invoice(60, company=branch)
        (found,) = self.replayed(last=50).would
        self.assertEqual(found.lines, tuple(self.item(invoice).ids))
        self.assertEqual(found.company_id, self.company.id)
        self.connect(branch, "billing@branch.example")
        self.assertEqual(self.would(last=50), [], "the branch chases by itself")
        (found,) = self.replayed(last=50, company=branch).would
        self.assertEqual(found.company_id, branch.id)

    def new(self, **values):
        """What the form of a new plan has."""
        step = {"name": "A", "days": 5, "template_id": self.first.template_id.id}
        return {"name": "New", "step_ids": [Command.create(step)], **values}

    def test_a_branch_that_inherits_the_plan(self):
        """It chases by itself, by the same plan: as the difference has it."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.connect(branch, "billing@branch.example")
        both = {"companies": self.company + branch, "last": 50}
        self.invoice(60, company=branch)
        mine = self.issue(90, 70, self.customer)
        nothing = self.used.browse()
        for plan, values in (
            (self.used, None),
            (self.used, {"minimum_gap": 9}),
            (nothing, self.new()),
            (nothing, self.new(company_id=self.company.id)),
        ):
            with self.subTest(plan=plan.name, values=values):
                asked = {"plan": plan, "values": values, **both}
                found = self.replayed(**asked)
                self.assertEqual(
                    {each.company_id for each in found.would},
                    {self.company.id, branch.id},
                )
                self.assertEqual(found.customers, len(mine.partner_id | self.customer))
                (its,) = self.replayed(company=branch, **asked).would
                self.assertEqual(its.company_id, branch.id)
        its_own = self.used.copy({"name": "Its own", "company_id": branch.id})
        branch.sudo().email_followup_plan_id = its_own
        for plan, values in ((self.used, None), (nothing, self.new())):
            (found,) = self.replayed(plan=plan, values=values, **both).would
            self.assertEqual(found.lines, tuple(self.item(mine).ids))

    def test_an_archived_plan_is_nobodys(self):
        self.issue(90, 100, self.customer)
        self.assertEqual(self.would(values={"active": False}), [])
        self.used.active = False
        self.assertEqual(self.would(), [])

    # -- which plan ------------------------------

    def test_another_day_for_a_step(self):
        self.issue(90, 100, self.customer)
        steps = [Command.update(self.first.id, {"days": 5})]
        found = self.replayed(values={"step_ids": steps}, last=50)
        self.assertEqual(self.told(found), [(55, 5, 100)])
        self.assertEqual(found.would[0].step._origin, self.first)

    def test_a_step_that_is_gone_and_one_that_nobody_has_saved(self):
        self.issue(90, 100, self.customer)
        self.sent(55)
        template = self.first.template_id.id
        steps = [
            Command.delete(self.first.id),
            Command.create({"name": "New", "days": 8, "template_id": template}),
        ]
        found = self.replayed(values={"step_ids": steps}, first=54, last=40)
        self.assertEqual(self.told(found), [(48, 8, 100), (41, 14, 100)])
        self.assertEqual(found.would[0].step.name, "New")
        self.assertFalse(found.would[0].step._origin)

    def test_who_has_the_plan_today(self):
        """By its own, by a rule, or by its company's."""
        other = self.used.copy({"name": "Other"})
        strict, tagged, usual = self.customers(3)
        tag = self.env["res.partner.category"].create({"name": "Tagged"})
        tagged.category_id = tag
        strict.email_followup_plan_id = other
        self.env["account.email.followup.plan.rule"].create(
            {"plan_id": other.id, "tag_ids": tag.ids}
        )
        for partner in strict + tagged + usual:
            invoice = self.issue(90, 100, partner)
            self.receive(20, 100, partner, invoice)

        def whose(plan, values=None):
            found = self.replayed(plan=plan, values=values, last=50)
            self.assertEqual(len(found.would), found.customers)
            return {each.partner_id for each in found.would}

        self.assertEqual(whose(self.used), {usual.id})
        self.assertEqual(whose(other), {strict.id, tagged.id})
        changed = whose(other, {"minimum_gap": 9})
        self.assertEqual(changed, {strict.id, tagged.id})
        values = self.new(company_id=self.company.id)
        self.assertEqual(whose(self.used.browse(), values), {usual.id})

    # -- how ------------------------------

    def test_one_is_told_how_far_it_is(self):
        partners = self.customers(45)
        for partner in partners:
            self.issue(60, 10, partner)
        heard = []
        self.replayed(first=10, heard=lambda *far: heard.append(far))
        self.assertEqual(heard, [(0, 45), (20, 45), (40, 45), (45, 45)])
        found = self.replayed(partners=partners[:2].with_env(self.env(su=True)))
        self.assertEqual(found.customers, 2)

    def test_a_fixed_number_of_statements(self):
        def statements(first, **more):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            found = self.replayed(first, **more)
            return self.env.cr.sql_log_count - before, len(found.would)

        for number, partner in enumerate(self.customers(30)):
            invoice = self.issue(60 + number, 10, partner, euro=bool(number % 2))
            if number % 3:
                self.receive(20, 10, partner, invoice)
        few, _would = statements(2, partners=partner.with_env(self.env(su=True)))
        many, would = statements(110)
        self.assertGreater(would, 60)
        self.assertEqual(many, few)
        self.assertLessEqual(many, 20)
