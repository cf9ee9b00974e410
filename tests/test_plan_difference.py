"""What a change of a plan would do, before it is saved."""

from datetime import datetime, timedelta

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.planning import difference_text
from ..engine.planning.difference import difference
from ..rules.difference import Change
from .common import ConnectorCommon

TUESDAY = datetime(2026, 11, 24, 10)
MANAGER = "account.group_account_manager"


@freeze_time(TUESDAY)
class DifferenceCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.someone("manager", MANAGER)
        cls.ladder = cls.env.ref("account_email_connector.plan_default").copy(
            {"name": "Ours", "company_id": cls.company.id}
        )
        cls.company.email_followup_plan_id = cls.ladder
        cls.first, cls.second, cls.last = cls.ladder.step_ids[:3]

    @classmethod
    def someone(cls, name, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"difference_{name}",
            group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def as_user(self, records, user=None):
        user = user or self.manager
        return records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )

    def form_of(self, plan, user):
        """The plan, as a request finds it: what was tried before is forgotten."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.as_user(self.ladder if plan is None else plan, user)

    def found(self, values, plan=None, user=None):
        """The :class:`Difference` that *values* make."""
        plan = self.form_of(plan, user)
        return difference(plan.env, plan.sudo().env, plan._supposed(values))

    def changes(self, values, **more):
        """{change: names of customers}"""
        names = self.env["res.partner"]
        return {
            what.value: [names.browse(row.before.customer.id).name for row in its]
            for what, its in self.found(values, **more).rows.items()
        }

    def said(self, values, plan=None, user=None):
        """The words of it, without the markup."""
        plan = self.form_of(plan, user)
        found = html.fromstring(f"<div>{plan.what_would_change(values)}</div>")
        return " ".join(found.text_content().split())

    @classmethod
    def owe(cls, name, days, amount=100.0, **values):
        partner = cls.customer.copy({"name": name, **values})
        cls.invoice(days, amount, partner=partner)
        return partner


@tagged("post_install", "-at_install")
class TestPlanDifference(DifferenceCommon):
    def test_whoever_changes_a_plan_sees_for_whom_it_changes_what(self):
        self.owe("Dawn", self.first.days, 100)
        self.owe("Noon", self.first.days, 70)
        self.owe("Dusk", 0, 300)
        later = [Command.update(self.first.id, {"days": self.first.days + 2})]
        self.assertEqual(
            self.changes({"step_ids": later}), {"later": ["Dusk", "Dawn", "Noon"]}
        )
        text = self.said({"step_ids": later})
        self.assertIn("Customers for whom something changes: 3 of 3", text)
        self.assertIn("Later Customers: 3 · $ 470.00", text)
        self.assertIn("Dawn $ 100.00 Tue, Nov 24 → Thu, Nov 26", text)
        self.assertIn("As it is saved Tue, Nov 24 Friendly reminder (3 days)", text)
        self.assertIn("A follow-up is due today.", text)
        self.assertIn("form Thu, Nov 26 Friendly reminder (5 days)", text)
        earlier = [Command.update(self.first.id, {"days": 1})]
        self.assertEqual(self.changes({"step_ids": earlier}), {"earlier": ["Dusk"]})

    def test_who_gets_one_that_did_not_and_who_no_longer(self):
        self.owe("Small", 5, 20)
        self.owe("Large", 5, 2000)
        self.assertEqual(self.changes({"minimum_amount": 50}), {"stops": ["Small"]})
        text = self.said({"minimum_amount": 50})
        self.assertIn("Nothing goes by itself. Less than the plan's minimum", text)
        promised = self.owe("Promised", 5, 20)
        until = self.today + timedelta(days=2)
        self.env["account.email.promise"].create(
            {"partner_id": promised.id, "until": until}
        )
        text = self.said({"minimum_amount": 50}).partition("Promised")[2]
        self.assertIn("promised to pay by November 26, 2026. If the money", text)
        self.assertIn("Nothing goes by itself. Less than", text, "not what ends then")
        self.env["account.email.promise"].search([]).active = False
        self.ladder.minimum_amount = 50
        starts = {"starts": ["Small", "Promised"]}
        self.assertEqual(self.changes({"minimum_amount": 0}), starts)
        self.ladder.start_date = self.today - timedelta(days=1)
        self.assertEqual(
            self.changes({"start_date": False, "minimum_amount": 0}),
            {"starts": ["Large", "Small", "Promised"]},
        )

    def test_another_step_and_what_waits_with_one_that_goes(self):
        """What is written already is dropped with its step, and planned anew."""
        self.owe("Late", self.second.days)
        waiting = self.plan()
        self.assertEqual(waiting.step_id, self.first)
        removed = [Command.delete(self.first.id)]
        (row,) = self.found({"step_ids": removed}).rows[Change.STEP]
        self.assertEqual(row.before.comes.written, waiting.id)
        self.assertEqual(row.after.comes.step_id, self.second.id)
        self.assertEqual(waiting.state, "planned", "nothing is dropped by looking")
        self.assertTrue(self.first.exists())

    def test_a_new_step(self):
        self.owe("Late", 8)
        followup = self.plan()
        followup.sudo().write({"state": "sent", "done_on": self.today})
        new = {
            "name": "In between",
            "days": 10,
            "template_id": self.first.template_id.id,
        }
        values = {"step_ids": [Command.create(new)]}
        self.assertEqual(
            self.changes({**values, "minimum_gap": 1}), {"earlier": ["Late"]}
        )
        text = self.said({**values, "minimum_gap": 1})
        self.assertIn("In between (10 days) Email", text, "as a new step begins")

    def test_other_invoices_are_listed(self):
        self.never_sent(4, 40, partner=self.owe("Some", 5))
        (row,) = self.found({"only_sent": False}).rows[Change.ITEMS]
        self.assertEqual(row.amounts, (100, 140))
        self.assertIn("$ 100.00 → $ 140.00", self.said({"only_sent": False}))

    def test_read_first_another_text_and_interest(self):
        self.owe("Late", self.first.days)
        step = self.first.id

        def update(**values):
            return {"step_ids": [Command.update(step, values)]}

        self.assertEqual(self.changes(update(review=True)), {"read": ["Late"]})
        self.assertEqual(
            self.changes(update(signed_by="salesperson")), {"text": ["Late"]}
        )
        self.assertEqual(self.changes(update(show_interest=True)), {"text": ["Late"]})
        self.assertFalse(self.changes({"interest_rate": 7}), "no step mentions it")
        self.first.show_interest = True
        self.assertEqual(self.changes({"interest_rate": 7}), {"text": ["Late"]})
        self.assertFalse(self.changes({"name": "Another name"}))
        self.assertIn("Nothing changes in what your", self.said({"name": "Another"}))

    def test_another_responsible(self):
        """It is another text where they sign, get a copy, or are to do it."""
        self.owe("Late", self.first.days)
        anna = self.someone("anna", "account.group_account_invoice")
        other = {"responsible_id": anna.id}
        self.assertFalse(self.changes(other))
        for values in (
            {"signed_by": "responsible"},
            {"signed_by": "mailbox", "copy_responsible": True},
            {"copy_responsible": False, "channel": "todo"},
        ):
            self.first.write(values)
            self.assertEqual(self.changes(other), {"text": ["Late"]}, values)
        self.first.user_id = self.manager
        self.assertFalse(self.changes(other), "the step's own")
        self.first.user_id = False
        self.ladder.responsible_id = anna
        self.assertFalse(self.changes(other), "the same as before")

    def test_hours_that_are_over(self):
        self.owe("Late", self.first.days)
        self.assertEqual(self.changes({"until_hour": 9}), {"later": ["Late"]})

    def test_bank_transactions_that_the_stored_plan_does_not_ask_about(self):
        partner = self.owe("Paid", 5, 77)
        self.ladder.bank_line_days = 0
        journal = self.company_data["default_journal_bank"]
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.today,
                "payment_ref": "thank you",
                "amount": 77,
                "partner_id": partner.id,
            }
        )
        self.assertEqual(self.changes({"bank_line_days": 7}), {"later": ["Paid"]})

    def test_only_those_who_have_the_plan(self):
        self.owe("Late", self.first.days)
        own = self.owe("Own", self.first.days)
        own.email_followup_plan_id = self.ladder.copy({"name": "Gentle"})
        found = self.found({"minimum_amount": 9999})
        self.assertEqual((found.customers, found.same), (1, 0))
        nobody = self.ladder.copy({"name": "Nobody's"})
        text = self.said({"minimum_amount": 9999}, plan=nobody)
        self.assertIn("Nobody who owes something has this plan", text)

    def test_a_new_plan_is_tried_as_if_the_company_took_it(self):
        self.owe("Late", self.first.days)
        own = self.owe("Own", self.first.days)
        own.email_followup_plan_id = self.ladder.copy({"name": "Gentle"})
        new = {"name": "A call", "days": 1, "channel": "todo"}
        values = {"name": "Calls", "step_ids": [(0, "virtual_1", new)]}
        nothing = self.env["account.email.followup.plan"]
        self.assertEqual(self.changes(values, plan=nothing), {"step": ["Late"]})
        text = self.said(values, plan=nothing)
        self.assertIn("Nobody has a new plan before it is chosen", text)
        self.assertIn("Friendly reminder (3 days) → A call (1 day)", text)
        self.assertFalse(nothing.search([("name", "=", "Calls")]))

    def test_a_new_plan_is_not_for_those_who_have_another_one(self):
        """By a rule, or as customers of a branch with a plan of its own."""
        gentle = self.ladder.copy({"name": "Gentle"})
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        self.env["account.email.followup.plan.rule"].create(
            {"plan_id": gentle.id, "tag_ids": vip.ids}
        )
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        branch.sudo().email_followup_plan_id = self.ladder.copy(
            {"name": "Its own", "company_id": branch.id}
        )
        both = self.someone("both", MANAGER)
        both.company_ids += branch
        self.owe("Late", self.first.days)
        self.owe("By a rule", self.first.days, category_id=vip.ids)
        of_branch = self.customer.copy({"name": "Of the branch"})
        self.invoice(self.first.days, partner=of_branch, company=branch)
        new = {"name": "A call", "days": 1, "channel": "todo"}
        values = {"name": "Calls", "step_ids": [(0, "virtual_1", new)]}
        nothing = self.env["account.email.followup.plan"]
        text = self.said(values, plan=nothing, user=both)
        self.assertIn("Late", text)
        self.assertNotIn("By a rule", text)
        self.assertNotIn("Of the branch", text)

    def test_for_which_company_a_new_plan_is_tried(self):
        """The plan's own, else the user's; a branch is chased by its parent."""
        nothing = self.env["account.email.followup.plan"]
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.owe("Late", self.first.days)
        theirs = self.customer.copy({"name": "Theirs"})
        self.invoice(self.first.days, partner=theirs, company=other)
        of_branch = self.customer.copy({"name": "Of the branch"})
        self.invoice(self.first.days, partner=of_branch, company=branch)
        new = {"name": "A call", "days": 1, "channel": "todo"}
        values = {"name": "Calls", "step_ids": [Command.create(new)]}
        both = self.someone("all", MANAGER)
        both.company_ids += other
        for_other = {**values, "company_id": other.id}
        text = self.said(for_other, plan=nothing, user=both)
        self.assertIn("if Other chased everybody", text)
        self.assertIn("Theirs", text)
        self.assertNotIn("Late", text)
        of_them = self.someone("of_branch", MANAGER, branch)
        text = self.said(values, plan=nothing, user=of_them)
        self.assertIn(f"if {self.company.name} chased everybody", text)
        self.assertIn("Of the branch", text)
        self.assertNotIn("Late", text)
        with self.assertRaises(AccessError) as caught:
            self.said(for_other, plan=nothing)
        self.assertNotIn("Other", str(caught.exception))

    def test_by_contacts_who_hear_by_themselves(self):
        firm = self.owe("Firm", self.first.days)
        branch = self.customer.copy(
            {
                "name": "Shop",
                "parent_id": firm.id,
                "type": "invoice",
                "is_company": False,
            }
        )
        self.invoice(self.first.days, 30, partner=branch)
        later = [Command.update(self.first.id, {"days": self.first.days + 1})]
        rows = self.found({"step_ids": later}).rows[Change.LATER]
        self.assertEqual(sum(row.amount for row in rows), 130)

    # -- nothing is written ------------------------------------------------------------

    def test_a_database_that_refuses_to_be_written_to_will_do(self):
        """And pressed twice, it says the same."""
        self.owe("Late", self.first.days)
        self.plan()
        self.owe("Later", 1)
        self.cases()
        values = {
            "minimum_gap": 3,
            "step_ids": [
                Command.update(self.second.id, {"days": 20}),
                Command.delete(self.first.id),
                Command.create({"name": "New", "days": 4, "channel": "todo"}),
            ],
        }
        before = self.ladder.read()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            texts = {self.said(values) for _press in range(2)}
            self.env.flush_all()
            savepoint.rollback()
        self.assertEqual(len(texts), 1)
        self.assertEqual(self.ladder.read(), before)
        self.assertTrue(
            self.env.registry[self.ladder._name].what_would_change._readonly
        )

    def test_what_could_not_be_saved_is_refused_as_saving_does(self):
        step, template = self.first.id, self.first.template_id.id
        no_day = dict.fromkeys(
            (name for name in self.ladder._fields if name.startswith("on_")), False
        )
        same_day = {"name": "x", "days": self.first.days, "template_id": template}
        for said, values in (
            ("at least one weekday", no_day),
            ("cannot be negative", {"minimum_gap": -1}),
            ("a hundred years", {"minimum_gap": 99999}),
            ("begin before they end", {"from_hour": 9, "until_hour": 8}),
            ("a day from 1 to 31", {"recap_monthday": 0}),
            ("too high", {"fixed_fee": float("nan")}),
            ("too high", {"minimum_amount": float("inf")}),
            ("A recap has one step", {"mode": "recap"}),
            ("on the same day", {"step_ids": [Command.create(same_day)]}),
            ("a hundred years", {"step_ids": [Command.update(step, {"days": 99999})]}),
            (
                "needs a template",
                {"step_ids": [Command.update(step, {"template_id": False})]},
            ),
            (
                "not a valid|is not an email",
                {"step_ids": [Command.update(step, {"cc": "x"})]},
            ),
            ("Fill in first", {"mode": False}),
        ):
            with self.subTest(said), self.assertRaisesRegex(ValidationError, said):
                self.found(values)

    # -- who ---------------------------------------------------------------------------

    def test_it_is_for_those_who_may_change_the_plan(self):
        self.owe("Late", self.first.days)
        other = self._create_company(name="Other")
        for user in (
            self.someone("internal", "base.group_user"),
            self.someone("reader", "account.group_account_readonly"),
            self.someone("billing", "account.group_account_invoice"),
            self.someone("foreign", MANAGER, other),
        ):
            for plan in (self.ladder, self.ladder.browse()):
                if not plan and user.has_group(MANAGER):
                    continue
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.said({"minimum_amount": 1}, plan=plan, user=user)
        shared = self.env.ref("account_email_connector.plan_default")
        self.connect(other, "billing@other.example")
        with self.assertRaises(AccessError):  # it is another company's, too
            self.said({"minimum_amount": 1}, plan=shared)

    def test_nothing_of_other_plans_or_companies_is_told(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        theirs = self.ladder.copy({"name": "Theirs", "company_id": other.id})
        foreign = theirs.step_ids[0]
        for command in (
            Command.link(foreign.id),
            Command.update(foreign.id, {"name": "Mine"}),
            Command.set(foreign.ids),
        ):
            with self.subTest(command), self.assertRaises(AccessError):
                self.said({"step_ids": [command]})
        with self.assertRaises(UserError):
            self.said({"company_id": other.id})
        partner = self.owe("Of both", self.first.days)
        self.invoice(self.first.days, 4321, partner=partner, company=other)
        text = self.said({"minimum_amount": 999})
        self.assertIn("$ 100.00", text)
        self.assertNotIn("4,321", text)

    def test_a_parents_plan_tells_of_the_companies_that_are_switched_on(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.owe("Late", self.first.days)
        partner = self.customer.copy({"name": "Of the branch"})
        self.invoice(self.first.days, 50, partner=partner, company=branch)
        self.assertEqual(self.changes({"minimum_amount": 999}), {"stops": ["Late"]})
        both = self.someone("both", MANAGER)
        both.company_ids += branch
        names = self.changes({"minimum_amount": 999}, user=both)
        self.assertEqual(names, {"stops": ["Late", "Of the branch"]})
        plan = self.ladder.with_user(both).with_context(
            allowed_company_ids=self.company.ids
        )
        text = plan.what_would_change({"minimum_amount": 999})
        self.assertIn("Customers of: Acme", text)
        self.assertNotIn("Of the branch", text)

    def test_many_rows_and_true_totals(self):
        for number in range(5):
            self.owe(f"C{number}", self.first.days, 10 + number)
        self.patch_shown(2)
        text = self.said({"minimum_amount": 999})
        self.assertIn("Customers: 5 · $ 60.00", text)
        self.assertIn("C4", text)
        self.assertNotIn("C1", text)
        self.assertIn("Not shown, with lower amounts: 3", text)

    def patch_shown(self, number):
        self.patch(difference_text, "SHOWN", number)
