from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

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
