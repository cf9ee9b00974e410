"""The statement of account and the letter: what they say, to whom, and who prints."""

from lxml import html as lxml_html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine.followup import statement
from ..engine.planning.decisions import decisions
from ..engine.planning.sharing import plan_in_use
from .common import ConnectorCommon

STATEMENT = "account_email_connector.report_statement"
OF_FOLLOWUP = "account_email_connector.report_statement_followup"
LETTER = "account_email_connector.report_letter"


def html(env, report, records):
    found = env["ir.actions.report"]._render_qweb_html(report, records.ids)
    return found[0].decode()


def words(text):
    """The text of HTML, all blanks one."""
    return " ".join(lxml_html.fromstring(text).text_content().split())


class StatementCommon(ConnectorCommon):
    def account(self, partner=None):
        partner = partner or self.customer
        (found,) = statement.of_customers(self.env, partner, self.company)
        return found

    def shown(self, partner=None, user=None, company=None):
        env = self.env(user=user or self.env.user)
        if company:
            context = {**env.context, "allowed_company_ids": company.ids}
            env = env(context=context)
        return words(html(env, STATEMENT, (partner or self.customer).with_env(env)))

    def pay_on_account(self, amount, partner=None):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "memo": "Advance",
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    def test_it_lists_all_that_is_open(self):
        late = self.invoice(40, 100)
        part = self.invoice(10, 80)
        self.pay(part, 30)
        coming = self.invoice(-9, 7)
        disputed = self.invoice(3, 5)
        disputed.sudo().email_followup_dispute_reason = "Broken"
        self.credit_note(20)
        (block,) = self.account().blocks
        self.assertEqual(
            [row.number for row in block.rows],
            [late.name, part.name, disputed.name, coming.name],
        )
        self.assertEqual([row.days for row in block.rows], [40, 10, 3, 0])
        self.assertEqual([row.amount for row in block.rows], [100, 80, 5, 7])
        self.assertEqual([row.open for row in block.rows], [100, 50, 5, 7])
        self.assertEqual([row.disputed for row in block.rows], [0, 0, 1, 0])
        self.assertEqual([row.open for row in block.credits], [-20])
        self.assertEqual(block.total, 142)
        self.assertEqual(block.ages, (7, 55, 80, 0, 0))

    def test_its_total_is_what_the_rules_say_is_left(self):
        self.invoice(40, 100)
        self.invoice(20, 60)
        self.credit_note(25)
        (decided,) = decisions(self.env, self.company, self.customer)
        (block,) = self.account().blocks
        left = decided.decision.totals[block.currency.id]
        self.assertEqual(block.total, left)
        self.assertEqual(block.total, 135)

    def test_what_it_says(self):
        invoice = self.invoice(40, 1234.5)
        self.customer.ref = "C-77"
        text = self.shown()
        for part in (
            "Statement of account",
            "C-77",
            "Blue Lake",
            "Acme",
            invoice.name,
            "40 days",
            "1,234.50",
            "Total open",
            "31-60 days",
        ):
            self.assertIn(part, text)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.invoice(40, 1234.5)
        text = self.shown()
        due = self.today.strftime("%d/%m/%Y")
        self.assertIn(due, text)
        self.assertIn("1 234,50", text)

    def test_the_country_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        country = self.env.ref("base.de")
        country.with_context(lang="fr_FR").name = "Allemagne"
        self.customer.write({"lang": "fr_FR", "country_id": country.id})
        self.invoice(40, 100)
        self.assertIn("Allemagne", self.shown())

    def test_each_currency_has_a_block(self):
        usd, eur = self.company.currency_id, self.env.ref("base.EUR")
        eur.active = True
        eur.rate_ids = [Command.clear(), Command.create({"rate": 0.5})]
        self.invoice(40, 100)
        self.invoice(30, 70, currency_id=eur.id)
        blocks = {each.currency: each.total for each in self.account().blocks}
        self.assertEqual(blocks, {usd: 100, eur: 70})

    def test_a_payment_on_account_is_taken_off(self):
        self.invoice(40, 100)
        self.pay_on_account(30)
        (block,) = self.account().blocks
        self.assertEqual(block.total, 70)
        (row,) = block.credits
        self.assertEqual((row.kind, row.reference), ("payment", "Advance"))

    def test_nothing_open(self):
        self.assertIn("Nothing is open", self.shown())

    def test_more_credit_than_debt(self):
        self.credit_note(20)
        text = self.shown()
        self.assertIn("In your favour", text)
        self.assertNotIn("Total open", text)

    def test_interest_where_the_plan_mentions_it(self):
        self.invoice(73, 1000)
        (block,) = self.account().blocks
        self.assertEqual(block.interest, 0)
        plan = plan_in_use(self.company)
        currency = self.company.currency_id.id
        plan.write({"interest_rate": 10, "fixed_fee": 5, "fee_currency_id": currency})
        plan.step_ids[:1].show_interest = True
        (block,) = self.account().blocks
        self.assertEqual(block.interest, 25)
        self.assertIn("Total with interest and fees", self.shown())

    def test_several_at_once(self):
        other = self.env["res.partner"].create({"name": "Red Hill"})
        self.invoice(5, 100)
        self.invoice(5, 200, other)
        both = html(self.env, STATEMENT, self.customer | other)
        self.assertEqual(both.count("Statement of account"), 2)
        text = words(both)
        self.assertIn("100.00", text)
        self.assertIn("200.00", text)

    def test_a_contact_gets_its_company_s(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.customer.id}
        )
        self.invoice(5, 100, contact)
        self.assertEqual(self.account(contact).blocks[0].total, 100)

    def test_it_goes_to_the_contact_with_a_street(self):
        values = {"type": "email_followup", "parent_id": self.customer.id}
        self.env["res.partner"].create({"name": "Mail only", **values})
        with_street = self.env["res.partner"].create(
            {"name": "Accounts", "street": "Way 1", **values}
        )
        self.assertEqual(self.account().address, with_street)

    def test_the_bank_to_pay_to(self):
        self.company.partner_id.bank_ids.unlink()
        first = self.invoice(5, 100)
        self.assertNotIn("How to pay", self.shown())
        first.partner_bank_id = self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": self.company.partner_id.id,
                "bank_id": self.env["res.bank"]
                .create({"name": "Hill Bank", "bic": "GKCCBEBB"})
                .id,
            }
        )
        text = self.shown()
        for part in ("How to pay", "BE71 0961 2345 6769", "Hill Bank", "GKCCBEBB"):
            self.assertIn(part, text)

    # -- who may -----------------------------------------------------------------

    def test_only_for_those_who_may_read(self):
        self.invoice(5, 100)
        groups = "base.group_user,base.group_partner_manager"
        seller = new_test_user(self.env, "seller", groups)
        with self.assertRaises(AccessError):
            self.shown(user=seller)
        auditor = new_test_user(
            self.env, "auditor", "base.group_user,account.group_account_readonly"
        )
        self.assertIn("100.00", self.shown(user=auditor))

    def test_of_the_company_in_use(self):
        other = self.setup_other_company()["company"]
        self.invoice(5, 100)
        self.invoice(5, 230, company=other)
        user = new_test_user(
            self.env,
            "both",
            "base.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set([self.company.id, other.id])],
        )
        text = self.shown(user=user, company=self.company | other)
        self.assertIn("100.00", text)
        self.assertNotIn("230.00", text)
        text = self.shown(user=user, company=other | self.company)
        self.assertIn("230.00", text)
        self.assertNotIn("100.00", text)

    def test_branches_that_it_serves(self):
        branch = self._create_company(name="North", parent_id=self.company.id)
        self.invoice(5, 100)
        self.invoice(5, 230, company=branch)
        self.assertEqual(self.account().blocks[0].total, 330)
        groups = "base.group_user,account.group_account_invoice"
        user = new_test_user(
            self.env,
            "north",
            groups,
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        text = self.shown(user=user, company=branch)
        self.assertIn("230.00", text)
        self.assertNotIn("100.00", text)
        self.assertNotIn("330.00", text)

    def test_from_a_followup_of_its_company(self):
        self.invoice(5, 100)
        followup = self.plan()
        text = words(html(self.env, OF_FOLLOWUP, followup))
        self.assertIn("100.00", text)
        user = new_test_user(self.env, "nobody", "base.group_user")
        with self.assertRaises(AccessError):
            html(self.env(user=user), OF_FOLLOWUP, followup)
        action = followup.with_context(discard_logo_check=1).action_print_statement()
        self.assertEqual(action["report_name"], OF_FOLLOWUP)


@tagged("post_install", "-at_install", "coexist")
class TestLetter(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = plan_in_use(cls.company).step_ids.filtered(
            lambda step: step.days >= 0
        )[0]
        cls.step.write({"channel": "todo", "letter": True, "template_id": False})
        cls.first = cls.invoice(cls.step.days, 100)
        cls.second = cls.invoice(cls.step.days, 50)
        cls.followup = cls.plan()

    def setUp(self):
        super().setUp()
        self.followup.invalidate_recordset()

    def text(self):
        return words(html(self.env, LETTER, self.followup))

    def test_it_asks_for_what_the_followup_asks_for(self):
        self.invoice(-20, 7)
        text = self.text()
        for part in (self.first.name, self.second.name, "150.00", "Payment reminder"):
            self.assertIn(part, text)
        self.assertNotIn("7.00", text)

    def test_what_is_paid_since_is_not_asked_for(self):
        self.pay(self.first)
        self.assertNotIn(self.first.name, self.text())
        self.assertIn("50.00", self.text())
        self.pay(self.second)
        with self.assertRaises(UserError):
            self.text()

    def test_the_words_of_its_template(self):
        self.step.template_id = self.env.ref(
            "account_email_connector.template_friendly"
        )
        text = self.text()
        self.assertIn("Perhaps it has slipped through", text)
        self.assertIn("Your open invoices from Acme", text)
        self.assertEqual(text.count(self.first.name), 1)
        before, after = text.split(self.first.name)
        self.assertIn("Hello Blue Lake", before)
        self.assertIn("Kind regards", after)

    def test_no_delivered_template_calls_it_an_email(self):
        for name in ("courtesy", "friendly", "firm", "final", "statement"):
            template = self.env.ref(f"account_email_connector.template_{name}")
            self.step.template_id = template
            with self.subTest(name):
                text = self.text()
                self.assertIn("reply", text)
                self.assertNotIn("email", text)

    def test_a_person_gets_it_with_the_to_do(self):
        self.followup.action_send_now()
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        todo = self.customer.activity_ids
        self.assertEqual(todo.summary, self.step.name)
        self.assertIn("letter is ready", todo.note)
        paper = self.followup.paper_id
        whose = ("account.email.followup", self.followup.id)
        self.assertEqual((paper.res_model, paper.res_id), whose)
        self.assertIn(self.first.name, paper.raw.decode())
        self.assertTrue(self.followup.is_letter)
        self.assertFalse(self.mailbox.accepted)
        # It is true when it is printed later, too.
        self.pay(self.first)
        self.assertNotIn(self.first.name, self.text())

    def test_printed_by_those_who_may(self):
        action = self.followup.with_context(discard_logo_check=1).action_print_letter()
        self.assertEqual(action["report_name"], LETTER)
        user = new_test_user(self.env, "nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.followup.with_user(user).action_print_letter()
        with self.assertRaises(AccessError):
            html(self.env(user=user), LETTER, self.followup)

    def test_by_post_takes_the_module(self):
        if "snailmail.letter" in self.env:
            self.assertTrue(self.followup.can_post)
            return
        self.assertFalse(self.followup.can_post)
        with self.assertRaises(UserError):
            self.followup.action_send_by_post()
