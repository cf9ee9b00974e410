import re
from collections import Counter
from datetime import timedelta

import polib
from lxml import html

from odoo.tests import tagged
from odoo.tools.misc import file_path

from ..engine.compose import compose
from .common import ConnectorCommon

#: How an email begins, the table's header, an amount, a date.
LANGUAGES = {
    "en_US": ("Hello", "Invoice Due date Open amount", "1,234.50", "%m/%d/%Y"),
    "fr_FR": ("Bonjour", "Facture Échéance Montant dû", "1 234,50", "%d/%m/%Y"),
    "de_DE": ("Guten Tag", "Rechnung Fällig am Offener Betrag", "1.234,50", "%d.%m.%Y"),
    "es_ES": (
        "Hola,",
        "Factura Vencimiento Importe pendiente",
        "1.234,50",
        "%d/%m/%Y",
    ),
    "it_IT": ("Buongiorno", "Fattura Scadenza Importo residuo", "1.234,50", "%d/%m/%Y"),
    "nl_NL": ("Beste", "Factuur Vervaldatum Openstaand bedrag", "1.234,50", "%d-%m-%Y"),
}
TRANSLATED = [lang for lang in LANGUAGES if lang != "en_US"]
# Words that none of the other languages has.
ENGLISH = r"\b(the|your|you|and|please|from|with|this|invoices?|credit|hello|regards)\b"
TEMPLATES = ("courtesy", "friendly", "firm", "final", "statement")
# What customers get to see, by its place in the database.
SEEN_BY_CUSTOMERS = re.compile(
    r"model:mail\.template,(subject|body_html):account_email_connector\.template_"
    r"(courtesy|friendly|firm|final|statement)$"
    r"|model_terms:ir\.ui\.view,arch_db:account_email_connector\."
    r"(followup_items|followup_payment|pay_page|statement_\w+)$"
    r"|model:account\.email\.followup\.(plan|step),name:"
)
# What a translation must not lose: Python's, a subject's, a body's, and tags.
PLACEHOLDERS = re.compile(
    r"%\(\w+\)[sdf]|%[sd]|\{\{.*?\}\}|</?[a-z][a-z0-9]*"
    # What a tag says to Odoo or a browser, an expression say: all but words to read.
    r"|\b(?<!aria-)(?!title=|alt=|label=|placeholder=)[\w-]+=\"[^\"]*\""
)
GMAIL_CLIPS = 102 * 1024  # bytes of HTML


def catalogue(name):
    """A file of i18n/ as a ``polib.POFile``."""
    return polib.pofile(file_path(f"account_email_connector/i18n/{name}"))


def flat(text):
    """*text* with one ordinary space where there is any white space."""
    return " ".join(text.replace("\ufeff", "").split())


@tagged("post_install", "-at_install")
class TestI18n(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in TRANSLATED:
            cls.env["res.lang"]._activate_lang(lang)
        cls.load_terms()
        cls.customers = {
            lang: cls.customer.copy(
                {"name": "Ocean", "lang": lang, "email": f"{lang[:2]}@x.example"}
            )
            for lang in LANGUAGES
        }

    @classmethod
    def load_terms(cls):
        cls.env["ir.module.module"]._load_module_terms(
            ["account_email_connector"], TRANSLATED
        )

    def followups(self):
        """An overdue invoice and a credit of each customer, planned."""
        step = self.env.ref("account_email_connector.step_friendly")
        step.show_interest = True
        step.plan_id.interest_rate = 8
        for customer in self.customers.values():
            self.invoice(5, 1234.5, customer)
            self.credit_note(34, customer)
        return {followup.lang: followup for followup in self.plan()}

    def sent(self):
        """{language: the email that its customer got}"""
        self.followups()
        self.run_action()
        by_address = {email.recipients[0]: email for email in self.mailbox.accepted}
        return {
            lang: by_address[customer.email].message
            for lang, customer in self.customers.items()
        }

    def test_each_customer_is_written_to_in_their_language(self):
        due = self.today - timedelta(days=5)
        for lang, message in self.sent().items():
            greeting, header, amount, date = LANGUAGES[lang]
            with self.subTest(lang):
                text = flat(message.get_body(("plain",)).get_content())
                page = message.get_body(("html",)).get_content()
                self.assertTrue(text.startswith(f"{greeting} "), text[:60])
                for shown in (header, amount, due.strftime(date)):
                    self.assertIn(shown, text)
                cells = html.fromstring(page).xpath("//th/text()")
                self.assertEqual(" ".join(cells), header)
                self.assertIn(f'lang="{lang[:2]}-{lang[3:]}"', page)
                self.assertNotRegex(page, r"t-out|\{\{|%\(")
                if lang != "en_US":
                    without_links = re.sub(r"https?:\S+", "", text)
                    self.assertNotRegex(message["Subject"] + without_links, ENGLISH)

    def test_no_template_leaves_english(self):
        followups = self.followups()
        for name in TEMPLATES:
            template = self.env.ref(f"account_email_connector.template_{name}")
            for lang in TRANSLATED:
                with self.subTest(template=name, lang=lang):
                    ids = followups[lang].ids
                    for field in ("subject", "body_html"):
                        text = template._render_field(field, ids, compute_lang=True)
                        shown = html.fromstring(text[ids[0]]).text_content()
                        self.assertNotRegex(shown, ENGLISH)
                        self.assertIn("Acme", shown)

    def test_the_plain_text_has_one_line_an_invoice(self):
        text = self.sent()["en_US"].get_body(("plain",)).get_content()
        (line,) = [line for line in text.splitlines() if "1,234.50" in line]
        self.assertIn("INV/", line)
        (credit,) = [line for line in text.splitlines() if "-34.00" in flat(line)]
        self.assertIn("Credit", credit)

    def test_gmail_does_not_clip_200_invoices(self):
        followup = self.followups()["fr_FR"]
        line = followup._chased_lines()
        for _number in range(199):
            line.copy()
        size = len(compose(followup)[followup].mail.body_html.encode())
        self.assertLess(size, GMAIL_CLIPS)

    # -- the catalogues ------------------------------------------------------------

    def test_the_catalogues_load_without_a_warning(self):
        with self.assertNoLogs("odoo", "WARNING"):
            self.load_terms()

    def test_the_catalogues_have_the_terms_of_the_template(self):
        terms = {entry.msgid for entry in catalogue("account_email_connector.pot")}
        for lang in TRANSLATED:
            with self.subTest(lang):
                entries = catalogue(f"{lang[:2]}.po")
                self.assertEqual({entry.msgid for entry in entries}, terms)
                self.assertFalse([e for e in entries if e.obsolete or e.fuzzy])

    def test_placeholders_and_tags_survive_translation(self):
        for lang in TRANSLATED:
            for entry in catalogue(f"{lang[:2]}.po").translated_entries():
                with self.subTest(lang=lang, term=entry.msgid):
                    expected, found = (
                        Counter(PLACEHOLDERS.findall(text))
                        for text in (entry.msgid, entry.msgstr)
                    )
                    self.assertEqual(found, expected)

    def test_every_screen_opens_in_every_language(self):
        places = self.env["ir.model.data"].search(
            [("module", "=", "account_email_connector"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(places.mapped("res_id"))
        views = views.filtered(lambda view: view.type != "qweb")
        self.assertGreater(len(views), 50)
        for lang in TRANSLATED:
            for view in views:
                with self.subTest(lang=lang, view=view.name):
                    model = self.env[view.model].with_context(lang=lang)
                    self.assertTrue(model.get_view(view.id, view.type)["arch"])

    def test_nothing_that_customers_see_is_untranslated(self):
        for lang in TRANSLATED:
            with self.subTest(lang):
                seen = [
                    entry
                    for entry in catalogue(f"{lang[:2]}.po")
                    if any(
                        SEEN_BY_CUSTOMERS.match(place)
                        for place, _line in entry.occurrences
                    )
                ]
                self.assertGreater(len(seen), 20)
                missing = [entry.msgid for entry in seen if not entry.msgstr]
                self.assertFalse(missing)

    def test_nothing_is_untranslated(self):
        for lang in TRANSLATED:
            with self.subTest(lang):
                entries = catalogue(f"{lang[:2]}.po").untranslated_entries()
                self.assertFalse([entry.msgid for entry in entries])


@tagged("post_install", "-at_install")
class TestLanguageAddedLater(ConnectorCommon):
    """By Odoo's own window, long after the installation."""

    def test_everything_appears_in_it(self):
        self.invoice(1)
        invoice = self.invoice(20, partner=self.customer.copy({"name": "Ocean"}))
        plan = self.env.ref("account_email_connector.plan_default")
        template = self.env.ref("account_email_connector.template_firm")
        before = self.told("en_US", invoice, plan, template)
        languages = self.env["res.lang"].with_context(active_test=False)
        wizard = self.env["base.language.install"].create(
            {"lang_ids": languages.search([("code", "=", "nl_NL")]).ids}
        )
        wizard.lang_install()
        self.env.invalidate_all()
        after = self.told("nl_NL", invoice, plan, template)
        for name, words in before.items():
            with self.subTest(name):
                self.assertTrue(after[name])
                self.assertNotEqual(after[name], words)

    def told(self, code, invoice, plan, template):
        """What somebody reads whose language that is."""
        lang = {"lang": code}
        return {
            "plan": plan.with_context(**lang).name,
            "step": plan.step_ids.with_context(**lang).mapped("name"),
            "subject": template.with_context(**lang).subject,
            "email": template.with_context(**lang).body_html,
            "why": invoice.with_context(**lang).email_followup_text,
        }
