"""What a rule, a company's plan or a customer's own would change, before saving it."""

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_plan_difference import MANAGER, DifferenceCommon

BILLING = "account.group_account_invoice"


class OthersCommon(DifferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gentle = cls.ladder.copy({"name": "Gentle"})
        cls.gentle.step_ids[0].days = 10
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.rules = cls.env["account.email.followup.plan.rule"]

    def told(self, records, values, user=None, method="what_would_change"):
        """The words of it, without the markup."""
        self.env.flush_all()
        self.env.invalidate_all()
        mine = self.as_user(records, user)
        found = getattr(mine, method)(values)
        page = html.fromstring(f"<div>{found}</div>")
        return " ".join(page.text_content().split())

    def late(self, name, **values):
        return self.owe(name, self.first.days, **values)


@tagged("post_install", "-at_install")
class TestRuleDifference(OthersCommon):
    """Who has which plan, by rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owe("Plain", cls.first.days, 40)
        cls.owe("Important", cls.first.days, 70, category_id=cls.vip.ids)

    def for_vip(self, **values):
        return {
            "name": "Key accounts",
            "plan_id": self.gentle.id,
            "tag_ids": [Command.link(self.vip.id)],
            **values,
        }

    def test_a_new_rule(self):
        text = self.told(self.rules, self.for_vip())
        self.assertIn("Customers for whom something changes: 1 of 1", text)
        self.assertIn("Later Customers: 1 · $ 70.00", text)
        self.assertIn("Important $ 70.00 Tue, Nov 24 → Tue, Dec 1", text)
        before, after = text.split("As it stands in the form")
        self.assertIn("“Ours”, the company's · Friendly reminder (3 days)", before)
        self.assertIn("“Gentle” by the rule “Key accounts” · Friendly", after)
        self.assertNotIn("Plain", text)
        self.assertFalse(self.rules.search([("name", "=", "Key accounts")]))

    def test_other_conditions(self):
        rule = self.rules.create(self.for_vip(company_id=self.company.id))
        more = {"tag_ids": [Command.unlink(self.vip.id)], "amount_overdue": 30}
        self.assertIn("Plain", self.told(rule, more))
        self.assertIn("1 of 1", self.told(rule, more), "the other has it before")
        text = self.told(rule, {"amount_overdue": 1000})
        self.assertIn("Earlier Customers: 1 · $ 70.00", text)
        self.assertIn("Nobody who owes something gets", self.told(rule, {"name": "x"}))

    def test_how_late_they_pay_is_asked_by_no_rule_that_is_stored(self):
        slow = self.late("Slow")
        self.pay(self.invoice(90, partner=slow))
        text = self.told(self.rules, {"plan_id": self.gentle.id, "days_late": 60})
        self.assertIn("1 of 1", text)
        self.assertIn("Slow", text)

    def test_the_first_that_holds_decides(self):
        self.rules.create(self.for_vip(sequence=5))
        other = self.for_vip(plan_id=self.ladder.id, name="Other")
        self.assertIn("Nobody who owes", self.told(self.rules, other))
        self.assertIn("Other", self.told(self.rules, {**other, "sequence": 1}))

    def test_an_archived_plan_stops_them(self):
        self.gentle.active = False
        text = self.told(self.rules, self.for_vip())
        self.assertIn("No follow-up any more", text)
        self.assertIn("Archived plan, by the rule “Key accounts”", text)

    def test_a_branch_with_a_rule_of_its_own_writes_by_itself(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        both = self.someone("both", MANAGER)
        both.company_ids += branch
        partner = self.late("Of both", category_id=self.vip.ids)
        self.invoice(self.first.days, 25, partner=partner, company=branch)
        of_branch = self.customer.copy({"name": "Of the branch"})
        self.invoice(self.first.days, 33, partner=of_branch, company=branch)
        values = self.for_vip(company_id=branch.id, plan_id=self.ladder.id)
        self.ladder.company_id = False
        text = self.told(self.rules, values, both)
        self.assertIn("form Branch Tue, Nov 24", text)
        self.assertIn("saved Acme Tue, Nov 24", text)
        self.assertIn("$ 125.00 → $ 100.00", text, "its own part only")
        self.assertIn("Of the branch $ 33.00", text)

    def test_what_could_not_be_saved_is_refused_as_saving_does(self):
        other = self._create_company(name="Other")
        theirs = self.ladder.copy({"name": "Theirs", "company_id": other.id})
        rule = self.rules.create(self.for_vip())
        for error, values in (
            (ValidationError, {"tag_ids": [Command.clear()]}),
            (ValidationError, {"plan_id": False}),
            (ValidationError, {"amount_overdue": -1}),
            (AccessError, {"plan_id": theirs.id}),
            (AccessError, {"plan_id": {"id": theirs.id, "company_id": False}}),
            (AccessError, {"company_id": other.id}),
        ):
            for record in (rule, self.rules):
                asked = self.for_vip(**values) if not record else values
                with self.subTest(values=values), self.assertRaises(error):
                    self.told(record, asked)
        both = self.someone("both", MANAGER)
        both.company_ids += other
        with self.assertRaises(UserError):
            self.told(rule, {"plan_id": theirs.id}, both)
        self.connect(other, "billing@other.example")
        with self.assertRaises(AccessError):  # it would be the others', too
            self.told(rule, {"company_id": False, "plan_id": self.gentle.id})

    def test_it_is_for_those_who_may_change_the_rule(self):
        rule = self.rules.create(self.for_vip())
        for group in ("base.group_user", "account.group_account_readonly", BILLING):
            user = self.someone(group.rpartition("_")[2], group)
            for record in (rule, self.rules):
                with self.subTest(group=group), self.assertRaises(AccessError):
                    self.told(record, self.for_vip(), user)

    def test_statements_do_not_grow_with_customers(self):
        """Each of whom is told, with both plans and why."""
        values = {"plan_id": self.gentle.id, "amount_overdue": 1, "company_id": False}
        self.gentle.company_id = False
        counts = []
        for more in (0, 2, 12):
            for number in range(more):
                firm = self.late(f"C{more} {number}", lang=False)
                # Nothing else reads the name of a contact who hears by itself.
                shop = firm.copy(
                    {
                        "name": f"Shop {number}",
                        "parent_id": firm.id,
                        "type": "other",
                        "email": f"shop{more}.{number}@example.com",
                        "is_company": False,
                    }
                )
                self.invoice(self.first.days, 50, partner=shop)
            self.told(self.rules, values)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.as_user(self.rules).what_would_change(values)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_nothing_is_written(self):
        rule = self.rules.create(self.for_vip())
        before = rule.read()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            texts = {self.told(rule, {"amount_overdue": 50}) for _press in range(2)}
            self.env.flush_all()
            savepoint.rollback()
        self.assertEqual(len(texts), 1)
        self.assertEqual(rule.read(), before)
        for model in (
            "account.email.connector",
            "account.email.followup.plan.choice",
            "account.email.followup.plan.rule",
        ):
            self.assertTrue(self.env.registry[model].what_would_change._readonly)


@tagged("post_install", "-at_install")
class TestDefaultDifference(OthersCommon):
    """The company's plan, a customer's own, and whose a plan is."""

    def test_the_company_s_plan_on_the_mailbox_s_page(self):
        self.late("Late")
        self.late("Own").email_followup_plan_id = self.ladder
        text = self.told(self.connector, {"followup_plan_id": self.gentle.id})
        self.assertIn("1 of 1", text)
        self.assertIn("Late $ 100.00 Tue, Nov 24 → Tue, Dec 1", text)
        self.assertNotIn("Own", text)
        self.ladder.company_id = False
        text = self.told(self.connector, {"followup_plan_id": False})
        self.assertIn("Another step", text, "the first shared one, a plan of its own")
        self.assertIn("Nobody who owes", self.told(self.connector, {}))
        self.assertEqual(self.company.email_followup_plan_id, self.ladder)

    def test_use_for_everybody(self):
        self.late("Late")
        method = "what_use_would_change"
        text = self.told(self.gentle, {}, method=method)
        self.assertIn("Late $ 100.00 Tue, Nov 24 → Tue, Dec 1", text)
        step = self.gentle.step_ids[0].id
        values = {"step_ids": [Command.update(step, {"days": 4})]}
        text = self.told(self.gentle, values, method=method)
        self.assertIn("Tue, Nov 24 → Wed, Nov 25", text, "as it stands in the form")
        self.gentle.active = False
        with self.assertRaises(UserError):
            self.told(self.gentle, {}, method=method)
        with self.assertRaises(AccessError):
            billing = self.someone("billing", BILLING)
            self.told(self.ladder, {}, billing, method)

    def test_a_shared_plan_may_be_tried_by_who_may_not_change_it(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.late("Late")
        shared = self.env.ref("account_email_connector.plan_default")
        text = self.told(shared, {}, method="what_use_would_change")
        self.assertIn("Late", text)
        with self.assertRaises(AccessError):
            self.told(shared, {"minimum_gap": 1}, method="what_use_would_change")

    def test_customers_own_plan(self):
        late, other = self.late("Late"), self.late("Other")
        billing = self.someone("billing", BILLING)
        choices = self.env["account.email.followup.plan.choice"]
        values = {
            "partner_ids": [Command.set(late.ids)],
            "plan_id": self.gentle.id,
            "company_id": self.company.id,
        }
        text = self.told(choices, values, billing)
        self.assertIn("1 of 1", text)
        self.assertIn("Late $ 100.00 Tue, Nov 24 → Tue, Dec 1", text)
        self.assertIn("“Gentle”, chosen for this customer", text)
        late.email_followup_plan_id = self.gentle
        text = self.told(choices, {**values, "choice": "rules"}, billing)
        self.assertIn("Tue, Dec 1 → Tue, Nov 24", text)
        method = "email_followup_what_would_change"
        text = self.told(late, {"email_followup_plan_id": False}, billing, method)
        self.assertIn("Tue, Dec 1 → Tue, Nov 24", text)
        with_plan = {"email_followup_plan_id": self.gentle.id}
        self.assertIn("Other", self.told(other, with_plan, billing, method))
        self.assertFalse(other.email_followup_plan_id)

    def test_customers_own_plan_is_for_accountants_to_say(self):
        late = self.late("Late")
        company = self._create_company(name="Other")
        theirs = self.ladder.copy({"name": "Theirs", "company_id": company.id})
        method, values = "email_followup_what_would_change", {}
        for group in ("base.group_user", "account.group_account_readonly"):
            user = self.someone(group.rpartition("_")[2], group)
            with self.subTest(group=group), self.assertRaises(AccessError):
                self.told(late, values, user, method)
        billing = self.someone("billing", BILLING)
        with self.assertRaises(AccessError):
            values = {"email_followup_plan_id": theirs.id}
            self.told(late, values, billing, method)
        in_disguise = {"plan_id": {"id": theirs.id, "company_id": False}}
        for changed in (
            {"plan_id": theirs.id},
            in_disguise,
            {"company_id": company.id},
        ):
            values = {"partner_ids": [Command.set(late.ids)], **changed}
            choices = self.env["account.email.followup.plan.choice"]
            with self.subTest(changed), self.assertRaises(AccessError):
                self.told(choices, {"plan_id": self.gentle.id, **values}, billing)

    def test_the_mailbox_s_page_is_for_managers_and_for_plans_that_it_may_use(self):
        other = self._create_company(name="Other")
        theirs = self.ladder.copy({"name": "Theirs", "company_id": other.id})
        both = self.someone("both", MANAGER)
        both.company_ids += other
        values = {"followup_plan_id": theirs.id}
        with self.assertRaises(AccessError):
            self.told(self.connector, values)
        with self.assertRaises(UserError):
            self.told(self.connector, values, both)
        with self.assertRaises(AccessError):
            self.told(self.connector, {}, self.someone("billing", BILLING))
        with self.assertRaises(AccessError):
            foreign = self.someone("foreign", MANAGER, other)
            self.told(self.connector, {}, foreign)

    def test_a_plan_that_is_given_to_another_company(self):
        other = self._create_company(name="Other")
        both = self.someone("both", MANAGER)
        both.company_ids += other
        self.gentle.company_id = False
        self.late("Late").email_followup_plan_id = self.gentle
        text = self.told(self.gentle, {"company_id": other.id}, both)
        self.assertIn("1 of 1", text)
        self.assertIn("“Gentle”, chosen for this customer", text)
        self.assertIn("“Ours”, the company's", text, "it is no plan of theirs any more")
        self.assertIn("Tue, Dec 1 → Tue, Nov 24", text)
        with self.assertRaises(AccessError):
            self.told(self.gentle, {"company_id": other.id})
        self.connect(other, "billing@other.example")
        self.late("Ours")
        with self.assertRaises(AccessError):
            self.told(self.ladder, {"company_id": False})
        text = self.told(self.ladder, {"company_id": False}, both)
        self.assertIn("Nothing changes in what your customers", text)
