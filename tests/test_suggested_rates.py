from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import convert_file, html2plaintext

from ..texts.days import in_words
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestSuggestedRates(ConnectorCommon):
    """The interest and fee of a plan, from the law of the company's country."""

    freeze_time = freeze_time("2026-06-30 10:00:00")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = cls.env["account.email.followup.plan"]
        cls.euro, cls.pound, cls.dollar = (
            cls.env.ref(f"base.{name}") for name in ("EUR", "GBP", "USD")
        )
        (cls.euro + cls.pound + cls.dollar).active = True
        cls.locate("de")
        cls.manager = new_test_user(
            cls.env,
            "rates_manager",
            "account.group_account_manager",
            company_id=cls.company.id,
        )

    @classmethod
    def locate(cls, country, company=None):
        """All companies, if none is given."""
        companies = company or cls.env["res.company"].search([])
        companies.country_id = cls.env.ref(f"base.{country}")

    def of(self, plan):
        """Rate, fee and currency."""
        return (plan.interest_rate, plan.fixed_fee, plan.fee_currency_id)

    def said(self, plan):
        return " ".join(html2plaintext(plan.by_law).replace("\xa0", " ").split())

    # -- a new plan ------------------------------------------------------------------

    def test_the_form_of_a_new_plan_has_them(self):
        form = Form(self.plans)
        self.assertEqual(self.of(form), (10.27, 40, self.euro))
        form.name = "New"
        plan = form.save()
        self.assertEqual(self.of(plan), (10.27, 40, self.euro))
        self.assertFalse(plan.differs_from_law)

    def test_also_without_several_companies(self):
        """The field of the company is nobody's then."""
        self.assertFalse(self.manager.has_group("base.group_multi_company"))
        form = Form(self.plans.with_user(self.manager))
        self.assertEqual(self.of(form), (10.27, 40, self.euro))

    def test_of_the_company_that_is_chosen(self):
        self.env.user.group_ids += self.env.ref("base.group_multi_company")
        french = self.env["res.company"].create(
            {"name": "Lac", "currency_id": self.euro.id}
        )
        swiss = self.env["res.company"].create(
            {"name": "See", "currency_id": self.env.ref("base.CHF").id}
        )
        self.locate("fr", french)
        self.locate("ch", swiss)
        self.env.user.company_ids += french + swiss
        companies = (self.company + french + swiss).ids
        form = Form(self.plans.with_context(allowed_company_ids=companies))
        self.assertEqual(self.of(form)[:2], (0, 0), "shared, and not all are there")
        form.company_id = french
        self.assertEqual(self.of(form), (12.15, 40, self.euro))
        form.company_id = swiss
        self.assertEqual(self.of(form)[:2], (5, 0))
        form.interest_rate = 4
        form.company_id = french
        self.assertEqual(self.of(form)[:2], (4, 0), "somebody has typed that")
        form.interest_rate = 5
        form.company_id = self.env["res.company"]
        self.assertEqual(self.of(form)[:2], (0, 0), "shared again")
        old = self.plans.create({"name": "Old"})
        with Form(old.with_context(allowed_company_ids=companies)) as form:
            form.company_id = french
        self.assertEqual(self.of(old)[:2], (0, 0), "it was there before")

    def test_a_shared_plan_says_whose_law_it_is(self):
        """Who takes it does that for the other companies, too."""
        plan = self.plans.create({"name": "Ours"})
        count = self.env["res.company"].search_count([])
        self.assertNotIn("By the law of", self.said(plan))
        self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.invalidate_all()
        self.assertNotIn("By the law of", self.said(plan), "a branch is where it is")
        self.env["res.company"].create(
            {"name": "Lac", "country_id": self.env.ref("base.fr").id}
        )
        self.env.invalidate_all()
        whose = (
            f"By the law of the country of {self.company.name}. This plan serves "
            f"{count + 2} companies, and not all are there."
        )
        self.assertIn(whose, self.said(plan.with_user(self.manager)))
        self.assertTrue(plan.differs_from_law)
        plan.company_id = self.company
        self.assertNotIn("By the law of", self.said(plan))

    def test_a_branch_is_where_its_company_is(self):
        """Also for those who do not see its company."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "country_id": False}
        )
        self.assertFalse(branch.country_id)
        clerk = new_test_user(
            self.env,
            "rates_branch",
            "account.group_account_manager",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        form = Form(self.plans.with_user(clerk).with_company(branch))
        self.assertEqual(self.of(form), (10.27, 40, self.euro))
        self.assertIn("Germany", self.said(form))

    def test_a_country_without_a_law(self):
        self.locate("us")
        form = Form(self.plans)
        self.assertEqual(self.of(form), (0, 0, self.company.currency_id))
        self.assertFalse(form.by_law)
        self.env["res.company"].search([]).country_id = False
        self.assertEqual(self.of(Form(self.plans)), (0, 0, self.company.currency_id))

    def test_without_the_currency_of_the_fee(self):
        self.locate("se")
        crowns = self.env.ref("base.SEK")
        crowns.active = False
        form = Form(self.plans)
        self.assertEqual(self.of(form), (10, 0, self.company.currency_id))
        self.assertIn("SEK is not active", self.said(form))
        crowns.active = True
        self.assertEqual(self.of(Form(self.plans)), (10, 450, crowns))

    def test_a_user_may_have_a_rate_of_their_own(self):
        self.env["ir.default"].set(self.plans._name, "interest_rate", 8)
        self.assertEqual(self.of(Form(self.plans))[:2], (8, 0))

    # -- others ----------------------------------------------------------------------

    def test_plans_that_are_there_are_left_alone(self):
        """Those of the addon, and what a program makes."""
        mine = self.plans.create({"name": "By a program"})
        delivered = self.env.ref("account_email_connector.plan_default")
        for plan in mine + delivered:
            self.assertEqual(self.of(plan)[:2], (0, 0), plan.name)
            with Form(plan) as form:
                form.name += " again"
            self.assertEqual(self.of(plan)[:2], (0, 0), plan.name)

    def test_an_update_changes_no_plan(self):
        delivered = self.env.ref("account_email_connector.plan_default")
        mine = self.plans.create({"name": "Mine", "interest_rate": 3})
        convert_file(
            self.env, "account_email_connector", "data/followup_plan.xml", {}, "update"
        )
        self.assertEqual(self.of(delivered)[:2], (0, 0))
        self.assertEqual(self.of(mine)[:2], (3, 0))

    def test_a_copy_has_what_its_original_has(self):
        plan = self.plans.create({"name": "Mine", "interest_rate": 3})
        self.assertEqual(self.of(plan.copy())[:2], (3, 0))

    def test_one_click_takes_them(self):
        plan = self.plans.create({"name": "Mine", "interest_rate": 3})
        self.assertTrue(plan.differs_from_law)
        plan.with_user(self.manager).action_use_law()
        self.assertEqual(self.of(plan), (10.27, 40, self.euro))
        self.assertFalse(plan.differs_from_law)

    def test_only_who_may_change_the_plan_takes_them(self):
        plan = self.plans.create({"name": "Mine", "interest_rate": 3})
        accountant = new_test_user(
            self.env,
            "rates_accountant",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        self.assertIn("BGB", self.said(plan.with_user(accountant)))
        with self.assertRaises(AccessError):
            plan.with_user(accountant).action_use_law()
        self.assertEqual(plan.interest_rate, 3)

    # -- what is said ----------------------------------------------------------------

    def test_where_it_comes_from(self):
        plan = self.plans.create({"name": "Mine"})
        self.assertEqual(
            self.said(plan).split(" [1]")[0],
            "Germany, between businesses: 10.27% a year, 9 points above the base rate "
            "of the Bundesbank (1.27% on January 1, 2026). For each late invoice "
            "40.00 €. § 288 BGB",
        )
        self.assertIn('href="https://www.gesetze-im-internet.de/', plan.by_law)
        self.assertIn("changes each half-year", self.said(plan))
        self.assertIn('href="https://www.bundesbank.de/', plan.by_law)
        self.assertIn("what you and your customers agreed", self.said(plan))

    def test_when_the_half_year_is_over(self):
        plan = self.plans.create({"name": "Mine"})
        with freeze_time("2026-07-01 10:00:00"):
            self.assertIn("since July 1, 2026 another may hold", self.said(plan))

    def test_the_first_of_a_month_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.env(context={"lang": "fr_FR"})
        self.assertEqual(in_words(french, date(2026, 1, 1)), "1er janvier 2026")
        self.assertEqual(in_words(french, date(2026, 1, 11)), "11 janvier 2026")
        self.assertEqual(in_words(self.env, date(2026, 1, 1)), "January 1, 2026")

    def test_fees_by_the_size_of_the_debt(self):
        self.locate("uk")
        plan = self.plans.create({"name": "Mine"})
        said = self.said(plan)
        self.assertIn("£ 40.00, for larger ones £ 70.00 or £ 100.00.", said)
        plan.action_use_law()
        self.assertEqual(self.of(plan), (11.75, 40, self.pound))

    def test_rounded_up(self):
        self.locate("be")
        said = self.said(self.plans.create({"name": "Mine"}))
        self.assertIn("10.50% a year, 8 points above", said)
        self.assertIn("rounded up to half a point (2.15% on January 1, 2026)", said)

    def test_a_fixed_rate(self):
        self.locate("ch")
        said = self.said(self.plans.create({"name": "Mine"}))
        self.assertIn("Switzerland, between businesses: 5.00% a year. Art. 104", said)
        self.assertNotIn("half-year", said)
        self.assertNotIn("late invoice", said)
