import json
from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.planning import case_figures
from .test_worklist import WorklistCommon

AGES = list(case_figures.AGES)


class FiguresCommon(WorklistCommon):
    def paid_late(self, *days, partner=None):
        """Invoices that were paid today, each so many days after its due date."""
        for late in days:
            self.pay(self.invoice(late, partner=partner))

    def ages(self, row):
        return [row[name] for name in AGES]


@tagged("post_install", "-at_install")
class TestAgeing(FiguresCommon):
    def test_each_item_has_its_age_and_their_sum_is_the_ledgers(self):
        for days, amount in (
            (-5, 1), (0, 2), (1, 4), (30, 8), (31, 16), (60, 32), (61, 64), (90, 128),
            (91, 256),
        ):  # fmt: skip
            self.invoice(days, amount)
        self.credit_note(0.5)  # due today: it is not overdue either
        row = self.row()
        self.assertEqual(self.ages(row), [2.5, 12, 48, 192, 256])
        self.assertEqual(sum(self.ages(row)), row.total)
        self.assertEqual(row.total, self.customer.credit)

    def test_everybodys_sum_is_the_ledgers(self):
        """In another currency, too."""
        other = self.setup_other_currency("EUR", rates=[("1900-01-01", 3.0)])
        self.invoice(45, 100, currency_id=other.id)
        self.pay(self.invoice(5, 70), 20)
        self.look()
        rows = self.env["account.email.followup.case"].search(
            [("company_id", "=", self.company.id)]
        )
        items = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("partner_id", "!=", False),
            ]
        )
        summed = sum(sum(self.ages(row)) for row in rows)
        self.assertAlmostEqual(summed, sum(items.mapped("amount_residual")))
        self.assertAlmostEqual(self.of().late_60, 100 / 3, places=2)
        self.assertEqual(self.of().late_30, 50)

    def test_on_another_day_it_is_another_age(self):
        """Though nothing was written, and what is overdue stays the same."""
        self.invoice(30)
        self.assertEqual(self.ages(self.row()), [0, 100, 0, 0, 0])
        with freeze_time(self.today + timedelta(days=1)):
            self.assertEqual(self.ages(self.row()), [0, 0, 100, 0, 0])

    def test_what_is_paid_has_none(self):
        self.invoice(30)
        row = self.row()
        self.pay(row.item_ids.move_id)
        self.look()
        self.assertEqual(self.ages(row), [0] * 5)

    def test_it_opens_as_things_are_now(self):
        self.invoice(70)
        rows = self.env["account.email.followup.case"].with_user(self.accountant)
        action = rows.action_open_ageing()
        self.assertEqual(action["views"][0][1], "list")
        (group,) = rows.formatted_read_group(
            [("partner_id", "=", self.customer.id)],
            ["company_id"],
            ["late_90:sum", "total:sum"],
        )
        self.assertEqual((group["late_90:sum"], group["total:sum"]), (100, 100))
        clerk = new_test_user(self.env, "figures_clerk", "base.group_user")
        with self.assertRaises(AccessError):
            rows.with_user(clerk).action_open_ageing()


@tagged("post_install", "-at_install")
class TestHabits(FiguresCommon):
    def test_how_late_a_customer_usually_pays(self):
        self.paid_late(10, 13)
        self.invoice(-5)
        row = self.row()
        self.assertFalse(row.pays_text or row.paid_invoices)  # too little is known
        self.paid_late(14)
        row.with_user(self.accountant).web_read({})  # somebody opens it
        self.assertEqual((row.usual_delay, row.paid_invoices), (12, 3))
        self.assertEqual(row.pays_text, "Usually pays 12 days late (of 3 invoices)")
        self.assertEqual(row.expected_on, self.today + timedelta(days=5 + 12))

    def test_early_is_on_time(self):
        self.paid_late(-20, -9, 0)
        self.invoice(3)
        row = self.row()
        self.assertEqual(row.pays_text, "Usually pays on time (of 3 invoices)")
        self.assertFalse(row.expected_on)  # that day has passed

    def test_a_credit_note_does_not_pay(self):
        self.paid_late(10, 10)
        invoice = self.invoice(60)
        note = self.credit_note(100)
        (invoice + note).line_ids.filtered("date_maturity").reconcile()
        self.invoice(1)
        self.assertFalse(self.row().paid_invoices)

    def test_what_is_written_off_is_not_paid(self):
        self.paid_late(10, 10, 10)
        invoice = self.invoice(200)
        self.pay(invoice, 99)
        receivable = invoice.line_ids.filtered("date_maturity")
        loss = self.company_data["default_account_expense"]
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": loss.id, "debit": 1}),
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.customer.id,
                            "credit": 1,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        credit = entry.line_ids.filtered("credit")
        with freeze_time(self.today + timedelta(days=90)):
            (receivable + credit).reconcile()
        self.assertTrue(receivable.reconciled)
        self.invoice(5)
        row = self.row()
        self.assertEqual(row.paid_invoices, 4)
        self.assertEqual(row.usual_delay, round((10 + 10 + 10 + 200) / 4))

    def test_the_next_that_is_expected(self):
        self.paid_late(10, 10, 10)
        self.invoice(40)  # should have come
        disputed = self.invoice(8)  # nobody knows when
        disputed._email_followup_dispute("Too much")
        later = self.invoice(4)
        self.invoice(-30)
        row = self.row()
        self.assertEqual(row.expected_on, self.today + timedelta(days=6))
        self.pay(later)
        self.assertEqual(self.row().expected_on, self.today + timedelta(days=39))

    def test_due_on_the_last_day_of_the_calendar(self):
        """Some write so that it is never due. Beyond that day no date can be read."""
        self.paid_late(10, 10, 10)
        self.invoice((self.today - date.max).days)
        self.assertEqual(self.row().expected_on, date.max)

    def test_it_is_learned_anew_every_day(self):
        """A year after, it is known no more."""
        self.paid_late(10, 10, 10)
        self.invoice(-400)
        self.assertEqual(self.row().paid_invoices, 3)
        with freeze_time(self.today + timedelta(days=366)):
            self.assertFalse(self.row().pays_text)

    def test_days_sales_outstanding(self):
        """A quarter of what was invoiced in 90 days is open; of what is older, some."""
        self.pay(self.invoice(-30, 150))
        self.invoice(30, 50)
        self.credit_note(20)
        self.invoice(300, 15)
        row = self.row()
        self.assertEqual((row.invoiced, row.total), (150 + 50 - 20, 50 - 20 + 15))
        self.assertEqual(row.dso, 23)  # 22.5

    def test_who_has_paid_nothing_yet_has_none(self):
        """The formula would give the 90 days of its period."""
        invoice = self.invoice(30, 100)
        self.assertFalse(self.row().dso)
        older = self.invoice(200, 40)
        self.assertFalse(self.row().dso)
        self.pay(older)
        self.assertFalse(self.row().dso, "it was not of these days")
        self.pay(invoice, 25)
        self.assertEqual(self.row().dso, 68)  # 67.5

    def test_nothing_invoiced_says_nothing(self):
        self.invoice(300)
        self.assertEqual((self.row().invoiced, self.row().dso), (0, 0))

    def test_each_company_by_itself(self):
        other = self.setup_other_company()["company"]
        self.connect(other, "accounting@other.example")
        self.paid_late(10, 10, 10)
        self.invoice(-5)
        self.invoice(-5, company=other)
        self.accountant.company_ids += other
        rows = self.env["account.email.followup.case"].with_user(self.accountant)
        rows = rows.with_context(allowed_company_ids=[self.company.id, other.id])
        rows.action_open()
        mine = rows.search([("partner_id", "=", self.customer.id)])
        known = {row.company_id: row.paid_invoices for row in mine}
        self.assertEqual(known, {self.company: 3, other: 0})

    def test_what_stays_as_it_is_is_not_written(self):
        self.paid_late(10, 10, 10)
        self.invoice(-5)
        row = self.row()

        def version():
            self.env.cr.execute(
                "SELECT ctid::text FROM account_email_followup_case WHERE id = %s",
                [row.id],
            )
            return self.env.cr.fetchone()

        before = version()
        self.look()
        self.assertEqual(version(), before)


@tagged("post_install", "-at_install")
class TestDashboard(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company_data["default_journal_sale"]

    def card(self, journal=None, user=None):
        journal = (journal or self.journal).with_user(user or self.accountant)
        journal.invalidate_recordset(["kanban_dashboard"])
        return json.loads(journal.kanban_dashboard).get("email_followup")

    def test_what_the_card_tells(self):
        self.assertIsNone(self.card())
        self.invoice(40, 120)
        partner = self.customer.copy()
        self.invoice(3, 30, partner=partner)
        partner.email_followup_answered = True
        self.look()
        card = self.card()
        self.assertIn("150.00", card["overdue"])
        counts = {name: card[name] for name in ("to_review", "answered", "goes")}
        self.assertEqual(counts, {"to_review": 0, "answered": 1, "goes": 1})

    def test_a_branch_without_a_card_is_on_its_parents(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.accountant.company_ids |= branch
        self.env["account.journal"].search(
            [("company_id", "=", branch.id)]
        ).show_on_dashboard = False
        self.invoice(40, 120)
        self.invoice(40, 30, company=branch, partner=self.customer.copy())
        self.env["account.email.followup.case"].with_user(self.accountant).with_context(
            allowed_company_ids=(self.company | branch).ids
        ).action_open()
        journal = self.journal.with_context(
            allowed_company_ids=(self.company | branch).ids
        )
        card = self.card(journal)
        self.assertIn("150.00", card["overdue"])
        self.assertEqual(card["goes"], 2)
        found = journal.with_user(self.accountant).action_email_followup_cases()
        rows = self.env[found["res_model"]].search(found["domain"])
        self.assertEqual(rows.company_id, self.company | branch)

    def test_each_leads_to_those_customers(self):
        self.invoice(40)
        journal = self.journal.with_user(self.accountant)
        for todo, chosen in (
            ("answered", "answered"),
            ("goes", "goes"),
            (None, "overdue"),
            ("made_up", "overdue"),
        ):
            here = journal.with_context(email_followup_todo=todo)
            action = here.action_email_followup_cases()
            self.assertEqual(action["context"], {f"search_default_{chosen}": 1})
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.company_id, self.company)
        search = self.env.ref("account_email_connector.view_case_search").arch
        for chosen in ("overdue", "to_review", "answered", "goes"):
            self.assertIn(f'name="{chosen}"', search)

    def test_the_first_sales_journal_tells_it(self):
        second = self.journal.copy({"sequence": 99})
        self.invoice(40)
        self.look()
        self.assertTrue(self.card())
        self.assertIsNone(self.card(second))
        self.journal.show_on_dashboard = False
        self.assertTrue(self.card(second))
        self.assertIsNone(self.card(self.company_data["default_journal_bank"]))

    def test_each_company_tells_its_own(self):
        data = self.setup_other_company()
        other = data["company"]
        self.connect(other, "accounting@other.example")
        self.invoice(40, 100)
        self.invoice(40, 7, company=other)
        self.accountant.company_ids += other
        both = {"allowed_company_ids": [self.company.id, other.id]}
        rows = self.env["account.email.followup.case"].with_user(self.accountant)
        rows.with_context(**both).action_open()
        journals = self.journal + data["default_journal_sale"]
        journals = journals.with_user(self.accountant).with_context(**both)
        cards = [
            json.loads(journal.kanban_dashboard)["email_followup"]["overdue"]
            for journal in journals
        ]
        self.assertIn("100.00", cards[0])
        self.assertIn("7.00", cards[1])

    def test_who_sees_it(self):
        self.invoice(40)
        self.look()
        for group, sees in (
            ("account.group_account_readonly", True),
            ("account.group_account_manager", True),
            ("account.group_account_basic", False),
        ):
            name = f"figures_{group[8:]}"
            user = new_test_user(self.env, name, group, company_id=self.company.id)
            reads = user.has_group("account.group_account_readonly")
            reads = reads or user.has_group("account.group_account_invoice")
            self.assertEqual(bool(self.card(user=user)), reads, group)
            self.assertTrue(reads or not sees)

    def test_in_few_statements(self):
        self.invoice(40)
        self.look()
        journals = self.journal + self.journal.copy() + self.journal.copy()
        for each in (self.journal, journals):
            each = each.with_user(self.accountant)
            each._get_journal_dashboard_data_batched()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            each._get_journal_dashboard_data_batched()
            taken = self.env.cr.sql_log_count - before
            if each == self.journal:
                alone = taken
        self.assertLessEqual(taken, alone + 3)


@tagged("post_install", "-at_install")
class TestDigestFigures(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Weekly",
                "company_id": cls.company.id,
                "periodicity": "weekly",
                "kpi_email_followup_sent": True,
                "kpi_email_followup_recovered": True,
            }
        )

    def kpis(self, user=None, digest=None):
        found = (digest or self.digest)._compute_kpis(
            self.company, user or self.accountant
        )
        return {
            kpi["kpi_name"]: kpi
            for kpi in found
            if kpi["kpi_name"].startswith("kpi_email_followup")
        }

    def collected(self):
        """A follow-up that left, after which the customer has paid a part."""
        invoice = self.invoice(5, 100)
        self.plan()
        self.run_action()
        self.env.cr.execute(
            "UPDATE account_email_followup SET sent_at = %s, done_on = %s",
            [self.today - timedelta(days=2), self.today - timedelta(days=2)],
        )
        self.env.invalidate_all()
        self.pay(invoice, 40)
        return invoice

    def test_what_was_sent_and_recovered(self):
        self.collected()
        kpis = self.kpis()
        sent = kpis["kpi_email_followup_sent"]
        recovered = kpis["kpi_email_followup_recovered"]
        self.assertEqual([sent[f"kpi_col{n}"]["value"] for n in (1, 2, 3)], [0, 1, 1])
        for n in (1, 2, 3):
            self.assertIn("40", recovered[f"kpi_col{n}"]["value"])
        report = self.env["account.email.followup.report"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(sum(report.mapped("recovered")), 40)

    def test_a_payment_counts_once(self):
        """Of two follow-ups about the same invoice."""
        invoice = self.collected()
        first = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        first.sudo().copy(
            {
                "state": "sent",
                "sent_at": first.sent_at + timedelta(days=1),
                "done_on": first.done_on + timedelta(days=1),
                "line_ids": [
                    (0, 0, line.copy_data()[0]) for line in first.sudo().line_ids
                ],
            }
        )
        self.pay(invoice, 11)
        value = self.kpis()["kpi_email_followup_recovered"]["kpi_col2"]["value"]
        self.assertIn("51", value)

    def test_the_email(self):
        self.collected()
        self.digest.user_ids = self.accountant
        self.digest.action_send_manual()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn("Follow-ups sent", mail.body_html)
        self.assertIn("Recovered by follow-ups", mail.body_html)
        for action in ("action_followup", "action_followup_report"):
            self.assertIn(f"action-account_email_connector.{action}", mail.body_html)

    def test_who_is_told(self):
        self.collected()
        auditor = new_test_user(
            self.env,
            "figures_auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        clerk = new_test_user(self.env, "figures_clerk", "base.group_user")
        self.assertEqual(len(self.kpis(auditor)), 2)
        self.assertFalse(self.kpis(clerk))

    def test_of_a_company_that_one_has_not_nothing_is_told(self):
        other = self.setup_other_company()["company"]
        digest = self.digest.copy({"company_id": other.id})
        self.assertFalse(self.kpis(digest=digest))
        for name in ("sent", "recovered"):
            with self.assertRaises(AccessError):
                digest.with_user(self.accountant).read(
                    [f"kpi_email_followup_{name}_value"]
                )
        self.accountant.company_ids += other
        self.assertEqual(len(self.kpis(digest=digest)), 2)

    def test_without_a_company_it_is_each_readers(self):
        self.collected()
        self.digest.company_id = False
        value = self.kpis()["kpi_email_followup_sent"]["kpi_col2"]["value"]
        self.assertEqual(value, 1)

    def test_without_a_period_it_is_nothing(self):
        """As a form would read it."""
        self.collected()
        digest = self.digest.with_user(self.accountant)
        self.assertFalse(digest.kpi_email_followup_sent_value)
        self.assertFalse(digest.kpi_email_followup_recovered_value)

    def test_odoos_own_digest_has_them(self):
        """As it has Odoo's figures, from the installation on."""
        standard = self.env.ref("digest.digest_digest_default")
        self.assertTrue(standard.kpi_email_followup_sent)
        self.assertTrue(standard.kpi_email_followup_recovered)
