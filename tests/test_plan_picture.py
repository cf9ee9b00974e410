"""A plan's steps on a line in time, with an invoice that was paid."""

from unittest.mock import patch

from lxml import html

from odoo.tests import Form, tagged

from .test_plan_difference import MANAGER, DifferenceCommon


@tagged("post_install", "-at_install")
class TestPlanPicture(DifferenceCommon):
    @classmethod
    def paid(cls, name, days, company=None):
        """An invoice of this customer, paid so many days after it was due."""
        partner = cls.customer.copy({"name": name})
        move = cls.invoice(days, partner=partner, company=company)
        cls.pay(move)
        return move

    def drawn(self, plan=None, user=None):
        plan = self.as_user(self.ladder if plan is None else plan, user)
        self.env.invalidate_all()
        return html.fromstring(f"<div>{plan.picture or ''}</div>")

    def words(self, page):
        return " ".join(page.text_content().split())

    def steps(self, page):
        return [" ".join(step.text_content().split()) for step in page.xpath("//li")]

    def test_the_steps_that_came_before_an_invoice_was_paid(self):
        self.paid("Quick", 2)
        slow = self.paid("Slow", self.second.days + 1)
        self.invoice(90)
        page = self.drawn()
        self.assertIn(f"{slow.name} to Slow: due on November 9, 2026", self.words(page))
        self.assertIn("paid on November 24, 2026", self.words(page))
        self.assertEqual(
            [step.endswith("before it was paid") for step in self.steps(page)],
            [True, True, *[False] * (len(self.ladder.step_ids) - 2)],
        )
        hidden = page.xpath("//*[@aria-hidden='true']//*[contains(@class, 'badge')]")
        places = [float(e.get("style").split("%")[0].split(":")[1]) for e in hidden]
        self.assertEqual(len(places), len(self.ladder.step_ids))
        self.assertEqual(places, sorted(places))
        self.assertTrue(all(0 < place < 100 for place in places))

    def test_one_in_payment_is_paid_where_odoo_says_so_and_none_is_old(self):
        self.paid("Old", 800)
        self.assertNotIn("Old", self.words(self.drawn()))
        recent = self.paid("Recent", 10)
        self.assertIn("Recent", self.words(self.drawn()))
        self.env.cr.execute(  # Odoo works it out, and nothing here makes it so
            "UPDATE account_move SET payment_state = 'in_payment' WHERE id = %s",
            [recent.id],
        )
        self.assertNotIn("Recent", self.words(self.drawn()))
        with patch.object(
            type(recent), "_get_invoice_in_payment_state", return_value="in_payment"
        ):
            self.assertIn("Recent", self.words(self.drawn()))

    def test_without_one_and_without_days(self):
        page = self.drawn()
        self.assertEqual(len(self.steps(page)), len(self.ladder.step_ids))
        self.assertNotIn("paid", self.words(page).lower())
        recap = self.env.ref("account_email_connector.plan_recap")
        self.assertFalse(recap.picture)
        self.assertFalse(self.env["account.email.followup.plan"].new({}).picture)

    def test_it_is_drawn_while_one_types(self):
        self.paid("Slow", 10)
        with Form(self.as_user(self.ladder)) as form:
            with form.step_ids.new() as step:
                step.name = "In between"
                step.days = 9
                step.template_id = self.first.template_id
            self.assertIn("In between (9 days)", form.picture)

    def test_nothing_of_another_companys(self):
        other = self._create_company(name="Other")
        foreign = self.someone("foreign", MANAGER, other)
        self.paid("Slow", 10)
        shared = self.env.ref("account_email_connector.plan_default")
        self.assertIn("Slow", self.words(self.drawn(shared)))
        self.assertNotIn("Slow", self.words(self.drawn(shared, foreign)))
