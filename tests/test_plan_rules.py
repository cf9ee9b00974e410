from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon

MANAGER = "account.group_account_manager"


class PlanRuleCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default = cls.env.ref("account_email_connector.plan_default")
        cls.gentle = cls.default.copy({"name": "Gentle"})
        cls.strict = cls.default.copy({"name": "Strict"})
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.rules = cls.env["account.email.followup.plan.rule"]

    @classmethod
    def other_customer(cls, name="Red Hill", **values):
        address = f"{name.replace(' ', '')}@customer.example"
        return cls.env["res.partner"].create({"name": name, "email": address, **values})

    @classmethod
    def rule(cls, plan, **values):
        return cls.rules.create({"plan_id": plan.id, **values})

    def plan_of(self, customer, company=None):
        """By which plan the planner chases a customer."""
        partner = customer.with_company(company or self.company)
        partner.invalidate_recordset()
        return partner.email_followup_plan_text or ""

    @classmethod
    def person(cls, name, companies=None, group=MANAGER):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            f"rule_{name}",
            group,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def as_user(self, records, user):
        return records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )


@tagged("post_install", "-at_install")
class TestPlanRules(PlanRuleCommon):
    """Which customers have which plan, by rules."""

    def test_those_with_a_tag_and_nobody_else(self):
        other = self.other_customer()
        self.customer.category_id = self.vip
        self.rule(self.gentle, name="Tag VIP", tag_ids=self.vip.ids)
        self.invoice(5)
        self.invoice(5, partner=other)
        plans = {f.partner_id: f.plan_id for f in self.plan()}
        self.assertEqual(plans, {self.customer: self.gentle, other: self.default})
        self.assertEqual(
            self.plan_of(self.customer),
            "“Gentle” by the rule “Tag VIP” · Friendly reminder (3 days) → "
            "Firm reminder (14 days) → Final reminder (30 days)",
        )
        self.assertIn("the company's", self.plan_of(other))

    def test_a_tag_below_it_counts(self):
        gold = self.vip.create({"name": "Gold", "parent_id": self.vip.id})
        self.customer.category_id = gold
        self.rule(self.gentle, tag_ids=self.vip.ids)
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, self.gentle)

    def test_all_conditions_hold_or_the_rule_does_not(self):
        belgium, france = self.env.ref("base.be"), self.env.ref("base.fr")
        self.customer.write({"category_id": self.vip.ids, "country_id": france.id})
        self.rule(self.gentle, tag_ids=self.vip.ids, country_ids=belgium.ids)
        self.invoice(5)
        self.assertIn("the company's", self.plan_of(self.customer))
        self.customer.country_id = belgium
        self.assertIn("Gentle", self.plan_of(self.customer))

    def test_the_customers_salesperson(self):
        seller = self.person("seller", group="account.group_account_invoice")
        self.rule(self.gentle, salesperson_ids=seller.ids)
        self.invoice(5, invoice_user_id=seller.id)
        self.assertNotIn("Gentle", self.plan_of(self.customer), "an invoice's")
        self.customer.user_id = seller
        self.assertIn("Gentle", self.plan_of(self.customer))

    def test_the_amount_overdue(self):
        self.rule(self.strict, amount_overdue=250)
        self.invoice(5, 200)
        self.invoice(-5, 500)  # not due
        disputed = self.invoice(5, 500)
        disputed._email_followup_dispute("Broken")
        self.assertNotIn("Strict", self.plan_of(self.customer))
        self.invoice(1, 50)
        self.assertIn("Strict", self.plan_of(self.customer))
        self.credit_note(10)
        self.assertNotIn("Strict", self.plan_of(self.customer))

    def paid(self, days_overdue, days_late, **values):
        """An invoice that was paid, so many days late."""
        invoice = self.invoice(days_overdue, **values)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        day = invoice.invoice_date_due + timedelta(days=days_late)
        wizard.create({"payment_date": day})._create_payments()

    def test_how_late_it_pays(self):
        self.rule(self.strict, days_late=20)
        self.invoice(5)
        self.assertNotIn("Strict", self.plan_of(self.customer), "nothing paid yet")
        self.paid(100, 30)
        self.assertIn("Strict", self.plan_of(self.customer))
        self.paid(90, -25)  # early is not late: (30 + 0) / 2
        self.assertNotIn("Strict", self.plan_of(self.customer))
        self.paid(80, 30)
        self.assertIn("Strict", self.plan_of(self.customer))
        self.paid(500, 0)
        self.paid(500, 0)
        self.assertIn("Strict", self.plan_of(self.customer), "more than a year ago")

    def test_a_credit_note_is_no_payment(self):
        self.rule(self.strict, days_late=20)
        self.invoice(5)
        moves = self.invoice(60) + self.credit_note(100)
        owed = moves.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        owed.reconcile()
        self.assertTrue(all(owed.mapped("reconciled")))
        self.assertNotIn("Strict", self.plan_of(self.customer))

    def test_the_first_that_holds_decides(self):
        self.customer.category_id = self.vip
        first = self.rule(self.gentle, tag_ids=self.vip.ids, sequence=1)
        self.rule(self.strict, amount_overdue=1, sequence=2)
        self.invoice(5)
        self.assertIn("Gentle", self.plan_of(self.customer))
        first.sequence = 3
        self.assertIn("Strict", self.plan_of(self.customer))

    def test_a_customers_own_plan_comes_before_every_rule(self):
        self.rule(self.strict, amount_overdue=1)
        self.customer.email_followup_plan_id = self.gentle
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, self.gentle)
        self.assertIn("chosen for this customer", self.plan_of(self.customer))

    def test_an_archived_rule_is_not_asked(self):
        self.rule(self.strict, amount_overdue=1).active = False
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, self.default)

    def test_an_archived_plan_chases_nobody_and_says_so(self):
        """As one that was chosen: those with a gentle plan do not get a strict one."""
        invoice = self.invoice(5)
        self.rule(self.gentle, name="All", amount_overdue=1)
        self.gentle.active = False
        self.assertFalse(self.plan())
        told = self.env["account.email.followup"]._explain(invoice)[invoice.id]
        self.assertEqual(told.reason, "no_plan")
        self.assertIn("Archived plan, by the rule “All”", self.plan_of(self.customer))

    def test_one_whose_plan_is_anothers_by_now_lets_the_next_decide(self):
        other = self._create_company(name="Other")
        self.rule(self.gentle, amount_overdue=1, sequence=1)
        self.rule(self.strict, amount_overdue=1, sequence=2)
        self.gentle.company_id = other
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, self.strict)

    # -- in the middle of a ladder ---------------------------------------------------

    def test_what_was_heard_counts_by_the_new_plan(self):
        self.rule(self.strict, amount_overdue=150)
        self.invoice(5)
        followup = self.plan()
        self.assertEqual(followup.plan_id, self.default)
        self.run_action()
        self.invoice(4)
        later = self.plan(self.today + timedelta(days=12))
        self.assertEqual((later.plan_id, later.step_id.days), (self.strict, 14))

    def test_what_waits_by_the_former_plan_is_planned_anew(self):
        self.rule(self.strict, amount_overdue=150)
        self.invoice(5)
        waiting = self.plan()
        self.invoice(4)
        self.run_action()
        self.assertEqual((waiting.state, waiting.reason), ("skipped", "step_changed"))
        self.assertEqual(self.plan().plan_id, self.strict)

    # -- whose rules -----------------------------------------------------------------

    def test_another_companys_rules_are_not_asked(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.rule(self.strict, amount_overdue=1)
        self.invoice(5, company=other)
        planned = self.env["account.email.followup"]._plan(other)
        self.assertEqual(planned.plan_id, self.default)

    def test_a_shared_rule_is_asked_everywhere(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.rule(self.strict, amount_overdue=1, company_id=False)
        self.invoice(5, company=other)
        planned = self.env["account.email.followup"]._plan(other)
        self.assertEqual(planned.plan_id, self.strict)

    def test_a_branch_has_its_parents_rules_unless_it_has_its_own(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.rule(self.strict, amount_overdue=1)
        self.invoice(5, company=branch)
        companies = self.company + branch
        planned = self.env["account.email.followup"]._plan(companies)
        self.assertEqual(
            (planned.plan_id, planned.company_id), (self.strict, self.company)
        )
        planned.unlink()
        self.rule(self.gentle, amount_overdue=1, company_id=branch.id)
        planned = self.env["account.email.followup"]._plan(companies)
        self.assertEqual((planned.plan_id, planned.company_id), (self.gentle, branch))
        self.assertEqual(planned.connector_id, self.connector)

    def test_days_late_are_those_of_the_company(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.rule(self.strict, days_late=5, company_id=False)
        self.paid(100, 30)
        self.invoice(5, company=other)
        planned = self.env["account.email.followup"]._plan(other)
        self.assertEqual(planned.plan_id, self.default)

    def test_they_cost_no_statement(self):
        self.invoice(5)
        self.other_customer()

        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["account.email.followup"]._plan().unlink()
            return self.env.cr.sql_log_count - before

        without = statements()
        for number in range(5):
            self.rule(
                self.strict,
                tag_ids=self.vip.ids,
                country_ids=self.env.ref("base.be").ids,
                amount_overdue=5,
                days_late=number,
            )
        self.assertEqual(statements(), without)

    # -- what a rule is --------------------------------------------------------------

    def test_it_reads_like_a_sentence(self):
        seller = self.person("seller")
        rule = self.rule(
            self.strict,
            tag_ids=self.vip.ids,
            country_ids=(self.env.ref("base.be") + self.env.ref("base.fr")).ids,
            salesperson_ids=seller.ids,
            amount_overdue=5000,
            days_late=15,
        )
        self.assertEqual(
            rule.display_name.replace("\N{NO-BREAK SPACE}", " "),
            "Customers with the tag VIP, in Belgium or France, whose salesperson is "
            f"{seller.name}, with $ 5,000.00 or more overdue, who on average pay 15 "
            "or more days late",
        )

    def test_it_asks_something(self):
        with self.assertRaisesRegex(ValidationError, "which customers"):
            self.rule(self.strict)

    def test_what_it_asks_for_is_not_deleted(self):
        """It would be about more customers than before."""
        self.rule(self.strict, tag_ids=self.vip.ids, amount_overdue=5)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.vip.unlink()

    def test_its_plan_is_one_that_the_company_may_use(self):
        other = self._create_company(name="Other")
        self.strict.company_id = other
        with self.assertRaises(UserError):
            self.rule(self.strict, amount_overdue=5)
        with self.assertRaisesRegex(ValidationError, "every company may use"):
            self.rule(self.strict, amount_overdue=5, company_id=False)

    # -- who may change it -----------------------------------------------------------

    def test_managers_change_the_rules_of_their_companies(self):
        rule = self.rule(self.strict, amount_overdue=5)
        self.as_user(rule, self.person("mine")).days_late = 3
        billing = self.person("billing", group="account.group_account_invoice")
        self.assertTrue(self.as_user(rule, billing).customers, "it is read")
        other = self._create_company(name="Other")
        for user in (billing, self.person("theirs", other)):
            with self.assertRaises(AccessError):
                self.as_user(rule, user).days_late = 4

    def test_shared_ones_are_changed_by_those_who_have_all(self):
        other = self._create_company(name="Other")
        mine = self.person("mine")
        rule = self.rule(self.strict, amount_overdue=5, company_id=False)
        self.as_user(rule, mine).days_late = 3  # the other has not begun
        self.connect(other, "billing@other.example")
        with self.assertRaisesRegex(AccessError, "other companies"):
            self.as_user(rule, mine).days_late = 4
        with self.assertRaises(AccessError):
            self.as_user(self.rules, mine).create(
                {"plan_id": self.strict.id, "days_late": 3, "company_id": False}
            )
        own = self.rule(self.strict, amount_overdue=5)
        with self.assertRaises(AccessError):
            self.as_user(own, mine).company_id = False
        self.as_user(rule, self.person("both", self.company + other)).days_late = 5

    def test_whose_rule_has_a_shared_plan_is_asked(self):
        other = self._create_company(name="Other")
        mine = self.person("mine")
        self.as_user(self.gentle, mine).minimum_gap = 3
        self.rule(self.gentle, amount_overdue=5, company_id=other.id)
        with self.assertRaises(AccessError):
            self.as_user(self.gentle, mine).minimum_gap = 4


@tagged("post_install", "-at_install")
class TestAppliesTo(PlanRuleCommon):
    """To how many customers a plan applies, and to which: the planner's own answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.category_id = cls.vip
        cls.tagged = cls.rule(cls.gentle, tag_ids=cls.vip.ids)
        cls.second = cls.other_customer("Second")
        cls.third = cls.other_customer("Third")
        for partner in (cls.customer, cls.second, cls.third):
            cls.invoice(5, partner=partner)
        cls.third.email_followup_plan_id = cls.gentle

    def listed(self, record):
        action = record.action_customers()
        return self.env[action["res_model"]].search(action["domain"])

    def test_plans_and_rules(self):
        self.assertEqual(self.gentle.customer_count, 2)
        self.assertEqual(self.listed(self.gentle), self.customer + self.third)
        self.assertEqual(self.listed(self.default), self.second)
        self.assertEqual(self.tagged.customer_count, 1)
        self.assertEqual(self.listed(self.tagged), self.customer)
        self.assertEqual(self.strict.customer_count, 0)

    def test_a_rule_after_one_that_holds_applies_to_nobody(self):
        again = self.rule(self.strict, tag_ids=self.vip.ids, sequence=99)
        self.assertEqual(again.customer_count, 0)

    def test_only_what_owes_the_readers_companies(self):
        """A parent's plan is also for its other branches'."""
        north, south = (
            self._create_company(name=name, parent_id=self.company.id)
            for name in ("North", "South")
        )
        clerk = self.person("north", north, "account.group_account_invoice")
        self.invoice(5, company=north, partner=self.second)
        self.invoice(5, company=south, partner=self.third)
        plan = self.as_user(self.default, clerk)
        self.assertEqual(self.listed(plan), self.second)
        self.assertEqual(plan.customer_count, 1)
        self.assertEqual(self.as_user(self.gentle, clerk).customer_count, 0)

    def test_it_opens_for_those_who_read_plans(self):
        billing = self.person("billing", group="account.group_account_invoice")
        self.assertEqual(self.as_user(self.gentle, billing).customer_count, 2)
        nobody = self.person("nobody", group="base.group_user")
        for record in (self.gentle, self.tagged):
            with self.assertRaises(AccessError):
                self.as_user(record, nobody).action_customers()


@tagged("post_install", "-at_install")
class TestPlanOfOne(PlanRuleCommon):
    """A plan that is made for one customer changes nobody else."""

    def test_one_that_belongs_to_the_company(self):
        other = self.other_customer()
        self.invoice(20)
        self.invoice(20, partner=other)
        self.run_action()
        own = self.default.copy({"company_id": self.company.id, "sequence": 0})
        self.customer.email_followup_plan_id = own
        later = self.plan(self.today + timedelta(days=12))
        plans = {f.partner_id: f.plan_id for f in later}
        self.assertEqual(plans, {self.customer: own, other: self.default})

    def test_one_of_a_branch_without_a_mailbox(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        other = self.other_customer()
        own = self.default.copy({"company_id": branch.id})
        for partner in (self.customer, other):
            self.invoice(5, company=branch, partner=partner)
        self.customer.with_company(branch).email_followup_plan_id = own
        found = self.env["account.email.followup"]._plan(self.company + branch)
        self.assertEqual(found.company_id, self.company, "one email for both")
        plans = {f.partner_id: f.plan_id for f in found}
        self.assertEqual(plans, {self.customer: own, other: self.default})

    def test_a_new_shared_one_is_the_last(self):
        """Where the one that comes first was archived or moved, too."""
        self.default.sequence = 500
        shared = self.env["account.email.followup.plan"].search(
            [("company_id", "=", False)], limit=1
        )
        with Form(self.env["account.email.followup.plan"]) as form:
            form.name = "For one customer"
        self.assertGreater(form.record.sequence, 500)
        self.invoice(5)
        self.assertIn(shared.name, self.plan_of(self.customer))

    def test_the_companys_plan_is_chosen(self):
        own = self.default.copy({"company_id": self.company.id, "name": "Ours"})
        manager = self.person("manager")
        mine = self.as_user(own, manager)
        self.assertFalse(mine.is_in_use)
        mine.action_use()
        mine.action_use()  # pressed twice
        mine.invalidate_recordset()
        self.assertTrue(mine.is_in_use)
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, own)

    def test_not_by_everybody_nor_for_another_company(self):
        billing = self.person("billing", group="account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.as_user(self.strict, billing).action_use()
        self.strict.company_id = self._create_company(name="Other")
        with self.assertRaises(AccessError):
            self.as_user(self.strict, self.person("manager")).action_use()
        both = self.person("both", self.company + self.strict.company_id)
        with self.assertRaisesRegex(UserError, "another company"):
            self.as_user(self.strict, both).action_use()
        self.strict.write({"company_id": False, "active": False})
        with self.assertRaisesRegex(UserError, "archived"):
            self.strict.action_use()


@tagged("post_install", "-at_install")
class TestSetPlan(PlanRuleCommon):
    """The plan of several customers at once, from their list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = cls.person("billing", group="account.group_account_invoice")
        cls.second = cls.other_customer("Second")
        cls.both = cls.customer + cls.second

    def wizard(self, user=None, partners=None):
        partners = self.as_user(partners or self.both, user or self.billing)
        action = partners.action_email_followup_plan()
        model = partners.env[action["res_model"]]
        return Form(model.with_context(**action["context"]))

    def test_a_plan_and_back_to_the_rules(self):
        for partner in self.both:
            self.invoice(5, partner=partner)
        with self.wizard() as form:
            form.plan_id = self.strict
        form.record.action_confirm()
        form.record.action_confirm()
        self.assertEqual(self.both.mapped("email_followup_plan_id"), self.strict)
        self.assertEqual(self.plan().plan_id, self.strict)
        with self.wizard() as form:
            form.choice = "rules"
        form.record.action_confirm()
        self.assertFalse(self.both.mapped("email_followup_plan_id"))

    def test_the_company_in_use_only(self):
        other = self._create_company(name="Other")
        with self.wizard() as form:
            form.plan_id = self.strict
        form.record.action_confirm()
        self.assertFalse(self.customer.with_company(other).email_followup_plan_id)

    def test_branches_that_share_an_email(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        clerk = self.person("branch", branch, "account.group_account_invoice")
        with self.wizard(clerk) as form:
            form.plan_id = self.strict
        form.record.action_confirm()
        self.assertEqual(self.customer.email_followup_plan_id, self.strict)

    def test_a_contact_stands_for_its_customer(self):
        contact = self.customer.create({"name": "Ann", "parent_id": self.customer.id})
        with self.wizard(partners=contact) as form:
            form.plan_id = self.strict
        form.record.action_confirm()
        self.assertEqual(self.customer.email_followup_plan_id, self.strict)

    def test_without_the_right(self):
        nobody = self.person("nobody", group="base.group_user")
        with self.assertRaises(AccessError):
            self.wizard(nobody)
        reader = self.person("reader", group="account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.wizard(reader)

    def test_not_by_another_companys_plan(self):
        other = self._create_company(name="Other")
        both = self.person(
            "both", self.company + other, "account.group_account_invoice"
        )
        with self.wizard(both) as form:
            form.plan_id = self.strict
        self.strict.company_id = other
        with self.assertRaisesRegex(UserError, "may use"):
            form.record.action_confirm()
        self.strict.company_id = False
        form.record.plan_id = False
        with self.assertRaisesRegex(UserError, "Choose a plan"):
            form.record.action_confirm()
