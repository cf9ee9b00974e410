from base64 import b64decode

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ConnectorCommon

STRUCTURED = "+++000/2026/00159+++"
IBAN = "BE71096123456769"


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install", "coexist")
class TestHowToPay(ConnectorCommon):
    """References, bank account and QR code, as a customer gets them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.bank = cls.account(
            IBAN,
            bank_id=cls.env["res.bank"]
            .create({"name": "Belgian Bank", "bic": "GKCCBEBB"})
            .id,
        )
        cls.step = cls.env.ref("account_email_connector.step_friendly")

    @classmethod
    def account(cls, number, **values):
        return cls.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": cls.company.partner_id.id, **values}
        )

    def owe(self, amount, days=5, **values):
        values = {"partner_bank_id": self.bank.id, **values}
        return self.invoice(days, amount, currency_id=self.euro.id, **values)

    def sent(self):
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        return email.message

    def text(self):
        """The plain text, with ordinary spaces."""
        self.message = self.sent()
        return self.message.get_body(("plain",)).get_content().replace("\xa0", " ")

    def amounts(self):
        """What the transfers of the email ask for, and to where."""
        page = html.fromstring(self.sent().get_body(("html",)).get_content())
        cells = [td.text_content().replace("\xa0", " ") for td in page.xpath("//td")]
        pairs = list(zip(cells, cells[1:], strict=False))
        return [
            [value for label, value in pairs if label == wanted]
            for wanted in ("Amount", "IBAN", "Reference")
        ]

    def test_the_reference_and_the_order_number_as_on_the_invoice(self):
        self.owe(100, payment_reference=STRUCTURED, ref="PO-4711")
        text = self.text()
        self.assertIn(
            f"Payment reference: {STRUCTURED} · Your reference: PO-4711", text
        )

    def test_a_reference_that_is_the_number_is_not_told_twice(self):
        self.owe(100)
        self.assertNotIn("Payment reference", self.text())

    def test_the_account_of_the_invoice(self):
        self.owe(100.5, payment_reference=STRUCTURED)
        lines = self.text().splitlines()
        where = lines.index("Pay by bank transfer")
        self.assertEqual(
            lines[where + 1 : where + 7],
            [
                "Amount 100.50 €",
                f"Payee {self.bank.partner_id.name}",
                "IBAN BE71 0961 2345 6769",
                "BIC GKCCBEBB",
                "Bank Belgian Bank",
                f"Reference {STRUCTURED}",
            ],
        )

    def test_one_transfer_for_several_invoices_less_their_credit(self):
        self.owe(0.1, 9), self.owe(0.2, 8)
        third = self.owe(1000)
        self.credit_note(200.3, currency_id=self.euro.id)
        # The credit has paid the first two.
        self.assertEqual(
            self.amounts(), [["800.00 €"], ["BE71 0961 2345 6769"], [third.name]]
        )

    def test_several_invoices_by_their_numbers(self):
        moves = [self.owe(10, days) for days in (9, 8)]
        amount, _iban, words = self.amounts()
        self.assertEqual(amount, ["20.00 €"])
        self.assertEqual(words, [f"{moves[0].name}, {moves[1].name}"])

    def test_with_interest_it_is_the_last_total(self):
        self.step.show_interest = True
        self.step.plan_id.write({"fixed_fee": 40, "fee_currency_id": self.euro.id})
        self.owe(100)
        self.assertEqual(self.amounts()[0], ["140.00 €"])

    def test_two_accounts_are_two_transfers(self):
        factor = self.account("NL91ABNA0417164300")
        first = self.owe(100, 9)
        second = self.owe(30, partner_bank_id=factor.id)
        self.credit_note(50, currency_id=self.euro.id)
        self.assertEqual(
            self.amounts(),
            [
                ["50.00 €", "30.00 €"],
                ["BE71 0961 2345 6769", "NL91 ABNA 0417 1643 00"],
                [first.name, second.name],
            ],
        )

    def test_two_currencies_are_two_transfers(self):
        dollar = self.env.ref("base.USD")
        self.owe(100)
        self.invoice(5, 70, currency_id=dollar.id, partner_bank_id=self.bank.id)
        amounts = self.amounts()[0]
        self.assertEqual(sorted(amounts), ["$ 70.00", "100.00 €"])

    def test_an_archived_account_gives_way_to_the_bank_journal_s(self):
        new = self.account("NL91ABNA0417164300")
        journal = self.company_data["default_journal_bank"].copy()
        journal.write({"bank_account_id": new.id, "currency_id": self.euro.id})
        self.owe(100)
        self.bank.active = False
        self.assertEqual(self.amounts()[1], ["NL91 ABNA 0417 1643 00"])

    def test_without_an_account_the_reference_stays(self):
        self.owe(100, payment_reference=STRUCTURED)
        self.bank.active = False
        text = self.text()
        self.assertIn(STRUCTURED, text)
        self.assertNotIn("Pay by bank transfer", text)

    def test_the_customer_s_own_account_is_never_shown(self):
        """Of what is no invoice, Odoo's field is an account of the customer's."""
        own = self.account("NL91ABNA0417164300", partner_id=self.customer.id)
        move = self.owe(100)
        self.credit_note(10, currency_id=self.euro.id, partner_bank_id=own.id)
        self.assertTrue(move)
        self.assertNotIn("ABNA", self.text())

    def test_a_step_may_leave_it_out(self):
        self.step.show_payment = False
        self.owe(100, payment_reference=STRUCTURED)
        text = self.text()
        self.assertIn(STRUCTURED, text)
        self.assertNotIn("IBAN", text)

    def test_a_picture_is_a_part_of_the_email_and_no_file_of_the_chatter(self):
        body = self.step.template_id.body_html
        picture = f'<img src="data:image/png;base64,{PIXEL}" alt="A pixel">'
        self.step.template_id.body_html = body + picture
        self.owe(100)
        text = self.text()
        page = html.fromstring(self.message.get_body(("html",)).get_content())
        # Where account_qr_code_sepa is installed, there is a QR code, too.
        (source,) = page.xpath("//img[@alt='A pixel']/@src")
        cid = f"<{source.removeprefix('cid:')}>"
        (part,) = (p for p in self.message.walk() if p["Content-ID"] == cid)
        self.assertEqual(part.get_content_disposition(), "inline")
        self.assertEqual(part.get_content(), b64decode(PIXEL))
        for code in ("base64", "cid:", "Image ["):
            self.assertNotIn(code, text)
        followup = self.env["account.email.followup"].search([])
        kinds = followup.message_ids.attachment_ids.mapped("mimetype")
        self.assertFalse([kind for kind in kinds if kind.startswith("image")])
        self.assertIn(picture, followup.email_html)

    def test_no_button_where_nothing_is_paid_online(self):
        self.owe(100)
        self.assertNotIn("online now", self.text())

    def test_whoever_may_not_read_the_follow_up_reads_no_account(self):
        self.owe(100)
        followup = self.plan()
        stranger = self.env["res.users"].create({"name": "S", "login": "stranger"})
        with self.assertRaises(AccessError):
            followup.with_user(stranger).read(["items_html"])
