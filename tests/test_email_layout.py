import re

from lxml import html

from odoo import Command
from odoo.tests import tagged

from .common import ConnectorCommon

INVOICES = 200
UNSEEN = "\ufeff"
#: Gmail hides what comes after so many bytes: https://support.google.com/mail
CLIPPED_AFTER = 102_000


@tagged("post_install", "-at_install")
class TestEmailLayout(ConnectorCommon):
    """The longest email there is, as mail programs get it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("he_IL")
        cls.customer.write({"name": "מים כחולים בע״מ", "lang": "he_IL"})
        cls.moves = cls._many_invoices()
        cls.followup = cls.plan()

    @classmethod
    def _many_invoices(cls):
        currencies = cls.company.currency_id
        for name in ("EUR", "GBP"):
            currencies |= cls.env.ref(f"base.{name}")
        currencies.active = True
        line = {"name": "Work", "price_unit": 1234.5, "tax_ids": [Command.clear()]}
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.customer.id,
                    "currency_id": currencies[number % 3].id,
                    "invoice_date": "2025-01-01",
                    "invoice_date_due": "2025-02-01",
                    "invoice_line_ids": [Command.create(line)],
                }
                for number in range(INVOICES)
            ]
        )
        moves.action_post()
        return moves

    email = None  # sent once, for all tests

    def setUp(self):
        super().setUp()
        if not self.email:
            self.run_action()
            (type(self).email,) = self.mailbox.accepted
        self.text = self.email.message.get_body(("html",)).get_content()
        self.page = html.fromstring(self.text)

    def test_language_and_direction(self):
        """A name from right to left among words from left to right, or the reverse."""
        self.assertEqual(self.page.xpath("//html/@lang"), ["he-IL"])
        (name,) = self.page.xpath(f"//*[contains(text(), '{self.customer.name}')]")
        self.assertTrue(name.xpath("ancestor-or-self::*[@dir='auto']"))

    def test_layout_by_tables_and_inline_css_only(self):
        self.assertFalse(self.page.xpath("//link | //script | //div[@class]//table"))
        self.assertFalse(self.page.xpath("//table//*[@class]"))
        for style in self.page.xpath("//style/text()"):  # a font for Outlook, no more
            self.assertEqual(set(re.findall(r"([\w-]+)\s*:", style)), {"font-family"})
        tables = self.page.xpath("//table[.//th][not(.//table)]")
        self.assertEqual(len(tables), 3, "one for each currency")
        for table in tables:
            self.assertIn("border-collapse", table.get("style"))
            self.assertEqual(table.get("width"), "100%")

    def test_legible_on_white_and_on_black(self):
        """No colour of ours: text and ground are the mail program's."""
        self.assertFalse(self.page.xpath("//@bgcolor | //@background | //@color"))
        styles = " ".join(self.page.xpath("//@style"))
        self.assertNotIn("background", styles)
        self.assertNotRegex(styles, r"(^|[;\s])color\s*:")
        (scheme,) = self.page.xpath("//meta[@name='color-scheme']/@content")
        self.assertEqual(scheme, "light dark")

    def test_it_is_not_clipped(self):
        self.assertLess(len(self.text.encode()), CLIPPED_AFTER)

    def test_a_line_for_each_invoice_in_the_plain_text(self):
        text = self.email.message.get_body(("plain",)).get_content()
        for move in self.moves:
            (line,) = (ln for ln in text.splitlines() if move.name in ln)
            self.assertIn("1,234.50", line)
            self.assertIn(move.currency_id.symbol, line)


@tagged("post_install", "-at_install")
class TestNegativeAmounts(ConnectorCommon):
    def test_a_credit_is_a_plain_number(self):
        self.invoice(5, 100)
        self.credit_note(30)
        followup = self.plan()
        self.assertIn(UNSEEN, self.company.currency_id.format(-30), "Odoo's own")
        self.assertIn(
            "$ -30.00", followup.items_html.replace("\N{NO-BREAK SPACE}", " ")
        )
        self.assertNotIn(UNSEEN, followup.items_html)
