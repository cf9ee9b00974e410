from lxml import html

from odoo.tests import HttpCase, new_test_user, tagged

from ..engine.app.redirects import ROUTE


@tagged("post_install", "-at_install")
class TestGuide(HttpCase):
    def page_of(self, provider, group, lang="en_US"):
        """The guide's page as a new user of a group gets it."""
        login = f"guide_{provider}_{lang}"
        new_test_user(self.env, login, group, lang=lang)
        self.authenticate(login, login)
        page = self.url_open(f"{ROUTE}/guide/{provider}")
        page.raise_for_status()
        return page.text

    def test_it_is_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["account_email_connector"], ["fr_FR"])
        for provider, title in (("microsoft", "Microsoft"), ("google", "Google")):
            with self.subTest(provider):
                page = self.page_of(provider, "base.group_system", "fr_FR")
                self.assertIn(f"<h1>Enregistrer Odoo chez {title}</h1>", page)

    def test_who_registers_the_app_reads_where_it_leads_back_to(self):
        page = self.page_of("microsoft", "base.group_system")
        self.assertIn(f"{ROUTE}/microsoft/callback", page)
        self.assertIn(f"{ROUTE}/microsoft/admin_consent", page)
        page = self.page_of("google", "base.group_system")
        self.assertIn(f"{ROUTE}/google/callback", page)

    def test_what_is_looked_for_is_not_broken(self):
        """On a phone too: a code is searched for, and compared, as a whole."""
        for provider in ("microsoft", "google"):
            page = self.page_of(provider, "account.group_account_manager", "en_US")
            cells = html.fromstring(page).xpath("//td[1]")
            self.assertTrue(cells)
            for cell in html.fromstring(page).iter("td"):
                self.assertIn("d-block", cell.get("class"), "one below the other")
            for cell in cells:
                for span in cell.iterfind("span[@class='text-nowrap']"):
                    span.text = ""
                with self.subTest(provider, left=cell.text_content()):
                    self.assertNotRegex(cell.text_content(), r"\d{4}|\w_\w|[a-z][A-Z]")

    def test_a_permission_is_taken_back_where_the_app_is_shown(self):
        page = self.page_of("microsoft", "account.group_account_manager")
        words = " ".join(page.split("<h2")[1].split())
        self.assertIn("in Entra, under <i>Enterprise applications</i>", words)

    def test_an_accountant_reads_the_same_without(self):
        page = self.page_of("google", "account.group_account_manager")
        self.assertIn("Register Odoo at Google", page)
        self.assertNotIn(f"{ROUTE}/google/callback", page)
