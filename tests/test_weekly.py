from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..hooks import uninstall_hook
from .test_figures import FiguresCommon


@tagged("post_install", "-at_install")
class TestWeeklyFigures(FiguresCommon):
    """A reader of a company's follow-ups asks for their figures by email."""

    def setUp(self):
        super().setUp()
        self.before = self.env["digest.digest"].search([])
        self.auditor = new_test_user(
            self.env,
            "weekly_auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
        )

    def made(self):
        return self.env["digest.digest"].search([]) - self.before

    def of(self, user):
        self.env.invalidate_all()  # each press is a request of its own
        companies = {"allowed_company_ids": user.company_ids.ids}
        return self.connector.with_user(user).with_context(**companies)

    def test_one_digest_for_all_who_ask(self):
        for user in (self.accountant, self.auditor):
            self.assertFalse(self.of(user).weekly_figures)
            self.of(user).action_weekly_figures()
            self.of(user).action_weekly_figures()  # pressed twice
            self.assertTrue(self.of(user).weekly_figures)
        digest = self.made()
        self.assertEqual(len(digest), 1)
        self.assertEqual(digest.user_ids, self.accountant + self.auditor)
        self.assertEqual(digest.periodicity, "weekly")
        self.assertEqual(digest.company_id, self.company)

    def test_the_email_names_whose_figures_it_has(self):
        """Odoo names the company in which its reader is."""
        self.of(self.accountant).action_weekly_figures()
        self.made().action_send_manual()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn(f"Follow-ups of {self.company.name}", mail.subject)
        self.assertIn("Follow-ups sent", mail.body_html)
        self.assertIn("Recovered by follow-ups", mail.body_html)
        self.assertNotIn("Messages Sent", mail.body_html)

    def test_no_longer(self):
        for user in (self.accountant, self.auditor):
            self.of(user).action_weekly_figures()
        self.of(self.auditor).action_no_weekly_figures()
        self.assertFalse(self.of(self.auditor).weekly_figures)
        self.assertEqual(self.made().user_ids, self.accountant)

    def test_odoos_own_digest_is_another_one(self):
        """It has these figures, too: who ends the week's keeps all that it tells."""
        other = self.env.ref("digest.digest_digest_default")
        other.company_id, other.user_ids = self.company, self.auditor
        self.assertFalse(self.of(self.auditor).weekly_figures)
        self.of(self.auditor).action_weekly_figures()
        self.assertEqual(len(self.made()), 1)
        self.of(self.auditor).action_no_weekly_figures()
        self.assertEqual(other.user_ids, self.auditor)

    def test_who_ends_it_does_not_mix_the_readers_of_two(self):
        self.of(self.accountant).action_weekly_figures()
        monthly = self.made().copy({"periodicity": "monthly"})
        monthly.user_ids = self.auditor
        self.of(self.auditor).action_no_weekly_figures()
        self.assertFalse(monthly.user_ids)
        self.assertEqual((self.made() - monthly).user_ids, self.accountant)

    def test_in_the_currency_of_the_company(self):
        """Odoo takes that of the reader's."""
        euro = self.env.ref("base.EUR")
        home = self._create_company(name="Home", currency_id=euro.id)
        self.accountant.write({"company_ids": [(4, home.id)], "company_id": home.id})
        self.of(self.accountant).action_weekly_figures()
        kpis = self.made()._compute_kpis(home, self.accountant)
        values = [kpi["kpi_col1"]["value"] for kpi in kpis]
        self.assertIn(self.company.currency_id.symbol, " ".join(map(str, values)))
        self.assertNotIn("€", " ".join(map(str, values)))

    def test_uninstalled_it_ends(self):
        self.of(self.accountant).action_weekly_figures()
        uninstall_hook(self.env)
        self.assertFalse(self.made())
        self.assertTrue(self.env.ref("digest.digest_digest_default"))

    def test_an_administrators_digest_counts(self):
        self.of(self.accountant).action_weekly_figures()
        digest = self.made()
        digest.periodicity = "monthly"  # as Odoo slows down what nobody looks at
        self.assertTrue(self.of(self.accountant).weekly_figures)
        self.of(self.accountant).action_weekly_figures()
        self.assertEqual(self.made(), digest)
        digest.action_deactivate()
        self.assertFalse(self.of(self.accountant).weekly_figures)

    def test_for_readers_of_the_company_only(self):
        clerk = new_test_user(
            self.env, "weekly_clerk", "base.group_user", company_id=self.company.id
        )
        stranger = new_test_user(
            self.env,
            "weekly_stranger",
            "account.group_account_manager",
            company_id=self._create_company(name="Another").id,
        )
        for user in (clerk, stranger):
            with self.assertRaises(AccessError):
                self.of(user).action_weekly_figures()
            with self.assertRaises(AccessError):
                self.of(user).action_no_weekly_figures()
        self.assertFalse(self.made())
