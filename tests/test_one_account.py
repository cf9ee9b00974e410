"""The email, the statement and the letter name the same account to pay to."""

from lxml import html as lxml_html

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.followup import statement
from .common import ConnectorCommon

STATEMENT = "account_email_connector.report_statement"
OF_FOLLOWUP = "account_email_connector.report_statement_followup"
LETTER = "account_email_connector.report_letter"

BELGIAN, DUTCH, GERMAN = (
    "BE71 0961 2345 6769",
    "NL91 ABNA 0417 1643 00",
    "DE89 3704 0044 0532 0130 00",
)
#: Where a document says how to pay.
HOW_TO_PAY = "//*[@name='how_to_pay']"


@tagged("post_install", "-at_install")
class TestOneAccount(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.company.partner_id.bank_ids.unlink()
        cls.belgian = cls.account(BELGIAN)

    @classmethod
    def account(cls, number, partner=None, **values):
        partner = partner or cls.company.partner_id
        values = {"acc_number": number.replace(" ", ""), **values}
        return cls.env["res.partner.bank"].create(
            {"partner_id": partner.id, "allow_out_payment": True, **values}
        )

    def journal(self, account, currency, company=None):
        journal = self.company_data["default_journal_bank"]
        return self.env["account.journal"].create(
            {
                "name": account.acc_number,
                "type": "bank",
                "code": account.acc_number[:3],
                "company_id": (company or journal.company_id).id,
                "bank_account_id": account.id,
                "currency_id": currency.id,
            }
        )

    def owe(self, amount=100, days=5, **values):
        values = {"partner_bank_id": self.belgian.id, **values}
        return self.invoice(days, amount, currency_id=self.euro.id, **values)

    def pages(self):
        """The four documents about what is owed."""
        self.plan()
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        yield "email", followup.email_html
        for name, records in (
            (STATEMENT, self.customer),
            (OF_FOLLOWUP, followup),
            (LETTER, followup),
        ):
            report = self.env["ir.actions.report"]
            yield name, report._render_qweb_html(name, records.ids)[0].decode()

    def named(self):
        """The accounts that each document names, in their order."""
        found = {}
        for name, page in self.pages():
            text = lxml_html.fromstring(page).text_content()
            places = [(text.find(n), n) for n in (BELGIAN, DUTCH, GERMAN) if n in text]
            found[name] = [number for _place, number in sorted(places)]
        return found

    def assertNamed(self, *numbers):
        for name, found in self.named().items():
            with self.subTest(name):
                self.assertEqual(found, list(numbers))

    def test_the_invoice_s(self):
        self.journal(self.account(DUTCH), self.euro)
        self.owe()
        self.assertNamed(BELGIAN)

    def test_an_archived_one_gives_way_to_the_bank_journal_s(self):
        self.journal(self.account(DUTCH), self.euro)
        self.owe()
        self.belgian.active = False
        self.assertNamed(DUTCH)

    def test_an_archived_one_without_another(self):
        self.account(GERMAN)  # of no bank journal: nobody looks into it
        self.owe()
        self.belgian.active = False
        self.assertNamed()

    def test_a_newer_invoice_s_too(self):
        self.owe(50, 6)
        self.owe(30, 5, partner_bank_id=self.account(GERMAN).id)
        self.assertNamed(BELGIAN, GERMAN)

    def test_of_several_each_says_for_what(self):
        first = self.owe(50, 6)
        second = self.owe(30, 5, partner_bank_id=self.account(GERMAN).id)
        for name, page in self.pages():
            if name == "email":
                continue
            (how,) = lxml_html.fromstring(page).xpath(HOW_TO_PAY)
            text = " ".join(how.text_content().split())
            with self.subTest(name):
                for number, move in ((BELGIAN, first), (GERMAN, second)):
                    self.assertIn(f"{number} Reference {move.name}", text)

    def test_what_is_paid_by_a_credit_needs_no_account(self):
        self.owe(50, 6, partner_bank_id=self.account(GERMAN).id)
        self.owe(30, 5)
        self.credit_note(50, currency_id=self.euro.id)
        self.assertNamed(BELGIAN)

    def test_each_currency_has_its_own(self):
        dollar = self.company.currency_id
        own = self.account(DUTCH)
        self.owe(50, 6)
        self.invoice(5, 70, partner_bank_id=own.id, currency_id=dollar.id)
        for name, page in self.pages():
            if name == "email":
                continue
            text = lxml_html.fromstring(page).text_content()
            with self.subTest(name):
                place = text.index(BELGIAN)
                self.assertLess(text.index("50.00"), place)
                self.assertLess(place, text.index("70.00"))
                self.assertLess(text.index("70.00"), text.index(DUTCH))
        self.assertNamed(BELGIAN, DUTCH)

    def test_the_customer_s_own_is_never_named(self):
        own = self.account(DUTCH, self.customer)
        self.owe(100)
        self.credit_note(10, currency_id=self.euro.id, partner_bank_id=own.id)
        self.assertNamed(BELGIAN)

    def test_a_branch_s_invoice(self):
        branch = self._create_company(name="North", parent_id=self.company.id)
        own = self.account(GERMAN, branch.partner_id)
        self.owe(100, company=branch, partner_bank_id=own.id)
        self.assertNamed(GERMAN)

    def test_a_branch_s_invoice_whose_account_was_archived(self):
        self.journal(self.account(DUTCH), self.euro)
        branch = self._create_company(name="North", parent_id=self.company.id)
        own = self.account(GERMAN, branch.partner_id)
        self.owe(100, company=branch, partner_bank_id=own.id)
        own.active = False
        self.assertNamed(DUTCH)


@tagged("post_install", "-at_install")
class TestArchivedCompany(ConnectorCommon):
    """Of an archived company nothing is printed: that is said, and breaks nothing.

    Odoo lets no user read its records: what runs as superuser comes here.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Red Hill")["company"]
        cls.connect(cls.other, "accounting@redhill.example")
        cls.move = cls.invoice(5, company=cls.other).sudo()
        cls.followup = cls.env["account.email.followup"]._plan(cls.other).sudo()
        cls.other.active = False

    def test_neither_statement_nor_letter(self):
        said = "Red Hill is archived"
        report = self.env["ir.actions.report"].sudo()
        for name in (OF_FOLLOWUP, LETTER):
            with self.subTest(name), self.assertRaisesRegex(UserError, said):
                report._render_qweb_html(name, self.followup.ids)
        with self.assertRaisesRegex(UserError, said):
            statement.of_customers(self.env(su=True), self.customer, self.other)

    def test_what_goes_with_a_follow_up_that_does_not_go(self):
        self.assertEqual(self.followup.state, "skipped")
        # As if the company had been archived before that called off what waits.
        self.env.cr.execute(
            "UPDATE account_email_followup SET state = 'planned', reason = NULL"
            " WHERE id = %s",
            [self.followup.id],
        )
        self.followup.invalidate_recordset()
        self.followup.step_id.attach_statement = True
        self.followup.action_send_now()
        with self.assertNoLogs("odoo.addons.account_email_connector", "ERROR"):
            self.run_action()
        self.assertEqual(self.followup.state, "skipped")
        self.assertEqual(self.followup.reason, "company_archived")

    def test_why_its_invoices_are_not_chased(self):
        found = self.env["account.email.followup"]._explain(self.move)
        self.assertEqual(found[self.move.id].reason, "company_archived")

    def test_the_other_companies_go_on(self):
        move = self.invoice(5, 70)
        found = self.env["account.email.followup"]._explain(self.move | move.sudo())
        self.assertEqual(found[move.id].reason, "due")
        (found,) = statement.of_customers(self.env, self.customer, self.company)
        self.assertEqual([block.total for block in found.blocks], [70])

    def test_how_to_pay_is_shown_still(self):
        self.assertIn(self.move.name, self.followup.items_html)
