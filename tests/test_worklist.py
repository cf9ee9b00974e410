from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.base.models.ir_cron import IrCron

from ..engine.followup import open_items
from ..engine.planning import cases
from ..hooks import post_init_hook
from ..providers.outcomes import OutcomeUnknown
from ..providers.reasons import Reason
from ..rules import worklist
from ..texts import choices
from ..tools.locks import Busy
from .common import ConnectorCommon


class WorklistCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "worklist_accountant",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )

    def look(self):
        """Open the worklist."""
        model = self.env["account.email.followup.case"].with_user(self.accountant)
        return model.action_open()

    def row(self, partner=None):
        """What it says of a customer now."""
        self.look()
        return self.of(partner)

    def of(self, partner=None):
        return self.env["account.email.followup.case"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )

    def todo(self, partner=None):
        return self.row(partner).todo


@tagged("post_install", "-at_install")
class TestWorklist(WorklistCommon):
    def test_what_is_owed_is_the_ledgers_to_the_cent(self):
        self.invoice(40, 100.1)
        partly = self.invoice(10, 200.2)
        self.pay(partly, 50.05)
        self.invoice(-5, 33.33)
        self.credit_note(10)
        self.look()
        row = self.of()
        self.assertEqual(row.total, self.customer.credit)
        self.assertAlmostEqual(row.total, 100.1 + 150.15 + 33.33 - 10)
        self.assertAlmostEqual(row.overdue, 100.1 + 150.15 - 10)
        self.assertEqual(row.oldest_due_date, self.today - timedelta(days=40))
        self.assertEqual(row.invoices, 3)
        everybody = self.env["account.email.followup.case"].search([])
        partners = self.env["res.partner"].search([("credit", "!=", 0)])
        mine = everybody.filtered(lambda each: each.company_id == self.company)
        self.assertAlmostEqual(
            sum(mine.mapped("total")), sum(partners.mapped("credit"))
        )

    def test_it_says_what_the_planner_does(self):
        self.invoice(3)
        row = self.row()
        self.assertEqual((row.todo, row.reason), ("goes", "due"))
        self.assertEqual((row.next_date, row.next_amount), (self.today, 100))
        followup = self.plan()
        self.assertEqual(row.step_id, followup.step_id)
        self.assertEqual(self.row().reason, "followup_open")
        self.run_action()
        row = self.row()
        self.assertEqual((row.todo, row.reason), ("waiting", "not_yet"))
        self.assertEqual(row.last_on, self.today)
        self.assertEqual(row.last_text, followup.step_id.name)
        self.assertEqual(row.next_date, self.today + timedelta(days=11))
        self.assertIn("14 days after", row.reason_text)

    def test_the_last_one_is_the_last_that_left(self):
        """One that was written first may have been approved, and left, after others."""
        self.invoice(40)
        first = self.plan()
        steps = first.plan_id.step_ids
        later = first.copy({"step_id": steps[1].id, "state": "sent"})
        later.done_on = self.today - timedelta(days=3)
        first.write({"state": "sent", "done_on": self.today})
        row = self.case()
        self.assertEqual((row.last_on, row.last_text), (self.today, steps[0].name))

    def test_what_is_paid_is_not_there_any_more_and_comes_back(self):
        invoice = self.invoice(5)
        row = self.row()
        payment = self.pay(invoice)
        self.assertFalse(self.row())
        self.assertEqual((row.active, row.total, row.overdue), (False, 0, 0))
        self.assertEqual(row.reason_text, "Nothing is open any more.")
        payment.action_cancel()
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self.row(), row)
        self.assertEqual(row.total, 100)

    def test_nothing_is_decided_twice(self):
        self.invoice(5)
        self.look()
        with self.assertQueryCount(19):
            self.look()
        self.assertEqual(self.decided(), [])

    def decided(self):
        """Whom the next look decides about again."""
        units = cases.Units(self.env, self.company)
        cases.count(units)
        return cases._stale(units, 10).ids

    def time_passes(self):
        """All of a test is one moment, for Odoo."""
        self.env.flush_all()
        plans = "account_email_followup_plan", "account_email_followup_step"
        for table in ("res_partner", *plans):
            self.env.cr.execute(f"UPDATE {table} SET write_date = '2020-01-01'")

    def test_whatever_is_changed_is_seen(self):
        invoice = self.invoice(40)
        plan = self.env.ref("account_email_connector.plan_default")

        def promise():
            self.env["account.email.promise"].create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "until": self.today,
                }
            )

        def contact():
            self.env["res.partner"].create(
                {
                    "parent_id": self.customer.id,
                    "type": "email_followup",
                    "email": "books@bluelake.example",
                }
            )

        def department():
            self.env["res.partner"].create(
                {"parent_id": self.customer.id, "type": "other", "name": "Stores"}
            )

        for change in (
            lambda: invoice._email_followup_dispute("Too much"),
            invoice.action_email_followup_dispute_resolved,
            promise,
            contact,
            lambda: self.customer.write({"email": "other@bluelake.example"}),
            lambda: self.customer.write({"email_followup_excluded": True}),
            lambda: self.pay(invoice, 10),
            lambda: plan.step_ids[0].write({"days": 4}),
            lambda: plan.write({"minimum_amount": 5}),
            lambda: self.connector.write({"state": "error"}),
            department,
        ):
            self.time_passes()
            self.look()
            self.assertEqual(self.decided(), [])
            change()
            self.assertTrue(self.decided())

    def test_on_another_day_all_are_decided_about_again(self):
        self.invoice(-1)
        self.assertEqual(self.row().reason, "not_overdue")
        with freeze_time(self.today + timedelta(days=5)):
            self.assertTrue(self.decided())
            cron = self.env.ref("account_email_connector.ir_cron_cases")
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
        self.assertEqual(self.of().todo, "goes")
        self.assertEqual(self.of().overdue, 100)

    def test_it_opens_by_what_there_is_to_do(self):
        """Other cards and lists of the same rows are not the first."""
        model = self.env["account.email.followup.case"]
        found = model.get_views([(False, "kanban"), (False, "list")])["views"]
        first = {kind: view["id"] for kind, view in found.items()}
        ours = {
            kind: self.env.ref(f"account_email_connector.view_case_{kind}").id
            for kind in ("kanban", "list")
        }
        self.assertEqual(first, ours)

    def test_what_was_written_by_hand_comes_next(self):
        """Whatever the plan waits for: its author knew of that."""
        invoice = self.invoice(40)
        self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=5),
            }
        )
        self.assertGreater(self.row().next_date, self.today)
        opened = invoice.action_email_followup_compose()
        composer = self.env[opened["res_model"]].browse(opened["res_id"])
        composer.line_ids.selected = True
        composer.action_send()
        row = self.row()
        self.assertEqual((row.next_date, row.todo), (self.today, "goes"))

    def test_what_holds_one_that_is_written(self):
        invoice = self.invoice(40)
        self.plan()
        self.connector.state = "error"
        words = "A follow-up waits until the mailbox works again."
        self.assertEqual((self.todo(), self.of().reason_text), ("held", words))
        self.assertEqual(invoice.email_followup_text, words)
        self.connector.state = "connected"
        plan = self.env.ref("account_email_connector.plan_default")
        plan.bank_days = 3
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today - timedelta(days=4),
                "payment_ref": "x",
                "amount": 1,
            }
        )
        words = "The bank statements are too old for anyone to be chased."
        invoice.invalidate_recordset()
        self.assertEqual((self.todo(), self.of().reason_text), ("held", words))
        self.assertEqual(invoice.email_followup_text, words)

    def test_what_there_is_to_do(self):
        self.invoice(40)
        self.assertEqual(self.todo(), "goes")
        step = self.env.ref("account_email_connector.plan_default").step_ids[0]
        step.review = True
        followup = self.plan()
        self.assertEqual(self.todo(), "to_review")
        words = "A follow-up waits until somebody approves it."
        self.assertEqual(self.of().reason_text, words)
        self.assertEqual(followup.line_ids.move_id.email_followup_text, words)
        self.assertEqual(self.customer.email_followup_text, words)
        self.assertIn(words, self.of().items_html)
        self.connector.state = "error"
        self.assertEqual(self.todo(), "to_review", "it can be read meanwhile")
        self.connector.state = "connected"
        action = self.of().action_review()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, followup)
        followup.action_approve()
        self.mailbox.refusals[:] = [OutcomeUnknown(Reason.MAYBE_SENT)]
        self.run_action()
        self.assertEqual(self.todo(), "uncertain")
        followup.action_was_sent()
        self.time_passes()
        self.assertEqual(self.todo(), "waiting")
        self.customer.email_followup_answered = True
        self.assertEqual(self.todo(), "answered")
        self.time_passes()
        self.look()
        self.of().with_user(self.accountant).action_go_on()
        self.assertEqual(self.todo(), "waiting")

    def test_single_invoices(self):
        lines = {
            "disputed": self.invoice(5),
            "never_sent": self.never_sent(5, partner=self.customer.copy()),
        }
        lines["disputed"]._email_followup_dispute("Too much")
        self.env.ref("account_email_connector.plan_default").only_sent = True
        for todo, move in lines.items():
            self.assertEqual(self.todo(move.partner_id), todo)
        self.assertEqual(self.of().disputed, 1)
        self.invoice(6)  # goes by itself, whatever the other waits for
        self.assertEqual(self.todo(), "goes")

    def test_a_broken_promise_and_one_that_holds(self):
        self.invoice(20)
        promise = self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=7),
            }
        )
        row = self.row()
        self.assertEqual((row.todo, row.reason), ("waiting", "promised"))
        self.assertEqual(row.promised_until, promise.until)
        with freeze_time(self.today + timedelta(days=20)):
            self.assertEqual(self.todo(), "promise_broken")
            self.env.invalidate_all()
            self.assertFalse(row.promised_until)

    def test_without_an_address_it_says_so_only_of_what_is_overdue(self):
        self.customer.email = False
        self.invoice(-5)
        self.assertEqual(self.todo(), "waiting")
        self.invoice(5)
        self.assertEqual(self.todo(), "no_address")

    def test_every_step_sent(self):
        self.invoice(200)
        for step in self.env.ref("account_email_connector.plan_default").step_ids:
            followup = self.plan()
            self.assertEqual(followup.step_id, step)
            self.run_action()
            followup.done_on -= timedelta(days=60 - step.days)
        self.assertEqual(self.todo(), "ended")

    def test_a_customer_is_found_by_the_number_of_an_invoice(self):
        invoice = self.invoice(5)
        self.invoice(5, partner=self.customer.copy())
        self.look()
        rows = self.env["account.email.followup.case"].with_user(self.accountant)
        found = rows.search([("numbers", "ilike", invoice.name)])
        self.assertEqual(found.partner_id, self.customer)
        self.assertEqual(found.numbers, invoice.name)
        self.assertEqual(found.item_ids.move_id, invoice)
        self.assertEqual(sum(found.item_ids.mapped("amount_residual")), found.total)

    def test_each_kind_of_work_has_a_name_in_its_order(self):
        names = [key for key, _name in choices.TODOS]
        self.assertEqual(names, list(map(str, worklist.Todo)))

    def test_the_most_urgent_comes_first(self):
        self.invoice(-9)
        self.never_sent(5, partner=self.customer.copy())
        self.invoice(5, partner=self.customer.copy())
        self.look()
        rows = self.env["account.email.followup.case"].sudo().search([], limit=3)
        for row, todo in zip(rows, ("disputed", "waiting", "to_review"), strict=True):
            row.todo = todo
        as_cards = rows.with_context(read_group_expand=True)
        groups = as_cards.formatted_read_group([("id", "in", rows.ids)], ["todo"])
        order = [group["todo"] for group in groups]
        self.assertEqual(order, ["to_review", "disputed", "waiting"])

    def test_what_is_done_is_the_rows_companys(self):
        """Two companies are switched on, and the row is the second one's."""
        other = self.setup_other_company()["company"]
        self.connect(other, "accounting@other.example")
        self.invoice(5)
        self.invoice(5, company=other)
        self.accountant.company_ids += other
        companies = {"allowed_company_ids": [self.company.id, other.id]}
        rows = self.env["account.email.followup.case"].with_user(self.accountant)
        rows = rows.with_context(**companies)
        rows.action_open()
        row = rows.search([("company_id", "=", other.id)])
        self.assertEqual(row.partner_id, self.customer)
        for act in (row.action_promise, row.action_pause, row.action_hand_over):
            self.assertEqual(act()["context"]["default_company_id"], other.id)
        composer = row.action_compose()
        composer = self.env[composer["res_model"]].browse(composer["res_id"])
        self.assertEqual(composer.sudo().line_ids.company_id, other)
        for company in (self.company, other):
            its = self.customer.with_company(company)
            its.email_followup_answered = True
        row.action_go_on()
        answered = [
            self.customer.with_company(company).email_followup_answered
            for company in (self.company, other)
        ]
        self.assertEqual(answered, [True, False])

    def test_a_button_that_is_for_one_customer(self):
        """Pressed with none or two: a sentence, and first of all for who may not."""
        self.invoice(5)
        other = self.customer.copy()
        self.invoice(5, partner=other)
        rows = self.row() + self.of(other)
        auditor = new_test_user(
            self.env,
            "worklist_auditor",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        for name in ("action_preview", "action_hand_over", "action_promise"):
            for chosen in (rows, rows.browse()):
                with self.subTest(name, rows=len(chosen)):
                    with self.assertRaisesRegex(UserError, "Choose one customer"):
                        getattr(chosen.with_user(self.accountant), name)()
                    with self.assertRaises(AccessError):
                        getattr(chosen.with_user(auditor), name)()

    def test_rows_are_there_from_the_installation_on(self):
        self.invoice(5)
        self.env["account.email.followup.case"].search([]).unlink()
        post_init_hook(self.env)
        self.assertEqual(self.of().overdue, 100)
        self.assertEqual(self.of().todo, "goes")

    def test_opening_a_customer_decides_afresh(self):
        self.invoice(5)
        self.look()
        self.customer.email_followup_excluded = True
        (page,) = self.of().with_user(self.accountant).web_read({"reason_text": {}})
        self.assertEqual(page["reason_text"], "This customer is never chased.")

    def test_from_an_invoice_to_the_customers_account(self):
        invoice = self.invoice(3)
        self.plan()
        self.run_action()
        said = invoice.with_user(self.accountant).email_followup_text
        self.assertIn("14 days after the due date of", said)
        self.assertEqual(said, self.customer.email_followup_text)
        action = invoice.with_user(self.accountant).action_email_followup_case()
        self.assertEqual(action["res_id"], self.of().id)
        self.assertEqual(self.of().reason_text, said)
        row = self.env["account.move"].with_user(self.accountant)
        self.assertEqual(row.browse(invoice.id).email_followup_todo, "waiting")
        for operator, todos, found in (
            ("in", ["waiting"], invoice),
            ("not in", [False, "waiting"], row),
        ):
            domain = [("email_followup_todo", operator, todos)]
            mine = [("partner_id", "=", self.customer.id)]
            self.assertEqual(row.search([*domain, *mine]), found)
        nobody = self.customer.copy().with_user(self.accountant)
        with self.assertRaises(UserError):
            nobody.action_email_followup_case()

    def test_what_is_open(self):
        """Each with its document, how late it is, and why; credits are not late."""
        invoice, credit = self.invoice(40, 100), self.credit_note(20)
        row = self.row().with_user(self.accountant)
        for told in (invoice.name, "40 days late", "100.00", credit.name, "20.00"):
            self.assertIn(told, row.items_html)
        self.assertIn(invoice.email_followup_text, row.items_html)
        self.assertEqual(row.items_html.count("days late"), 2)
        total = row.currency_id.format(row.total)
        self.assertEqual(row.items_html.count(total), 2, "at a desk, and on a phone")
        self.assertIn(f'href="/odoo/account.move/{invoice.id}"', row.items_html)
        with patch.object(open_items, "AT_MOST", 1):
            row.invalidate_recordset(["items_html"])
            self.assertIn("And 1 more", row.items_html)
            self.assertNotIn(credit.name, row.items_html)

    def test_the_story(self):
        invoice = self.invoice(40, 100)
        self.plan()
        self.run_action()
        self.pay(invoice, 30)
        invoice._email_followup_dispute("The wrong pallet")
        story = self.row().with_user(self.accountant).story
        for told in ("Paid $", "30.00", "The wrong pallet", "· Sent", invoice.name):
            self.assertIn(told, story)

    def test_another_companys_is_not_seen(self):
        self.invoice(5)
        self.look()
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "worklist_stranger",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        rows = self.env["account.email.followup.case"].with_user(stranger)
        self.assertFalse(rows.search([]))
        with self.assertRaises(AccessError):
            self.of().with_user(stranger).web_read({"total": {}})
        clerk = new_test_user(self.env, "worklist_clerk", "base.group_user")
        with self.assertRaises(AccessError):
            rows.with_user(clerk).action_open()

    def test_while_somebody_else_is_at_it(self):
        self.invoice(5)
        with patch.object(cases, "take", side_effect=Busy("cases")) as take:
            self.look()
            with patch.object(IrCron, "_commit_progress", return_value=60):
                self.env["account.email.followup.case"]._cron_look()
            self.assertEqual(take.call_count, 3, "it does not ask without end")
        self.assertFalse(self.of())

    def test_many_in_doubt_are_decided_about_soon(self):
        self.invoice(5)
        cron = self.env.ref("account_email_connector.ir_cron_cases")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        with patch.object(cases, "WHILE_WAITING", 1):
            self.look()
        soon = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertTrue(soon - triggers)
