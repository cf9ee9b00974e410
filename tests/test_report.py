from datetime import datetime, time, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import ConnectorCommon

AMOUNTS = ["asked:sum", "recovered:sum", "paid_7:sum", "paid_14:sum", "paid_30:sum"]


@tagged("post_install", "-at_install")
class TestReport(ConnectorCommon):
    """Collections: what follow-ups have brought, each amount once.

    Days are counted from the first follow-up.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps = cls.env.ref("account_email_connector.plan_default").step_ids
        cls.Report = cls.env["account.email.followup.report"]

    def sent(self, invoices, day=0, step=0, customer=None, amount=None, **values):
        """A follow-up about *invoices* that left at noon of that day."""
        on = self.today + timedelta(days=day)
        items = invoices.line_ids.filtered("date_maturity")
        followup = (
            self.env["account.email.followup"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "connector_id": self.connector.id,
                    "partner_id": (customer or self.customer).id,
                    "plan_id": self.steps.plan_id.id,
                    "step_id": self.steps[step].id,
                    "state": "sent",
                    "planned_date": on,
                    "done_on": on,
                    "sent_at": datetime.combine(on, time(12)),
                    "amount": amount or sum(items.mapped("amount_residual")),
                    "line_ids": [
                        Command.create(
                            {
                                "move_line_ref": item.id,
                                "move_ref": item.move_id.id,
                                "currency_ref": item.currency_id.id,
                                "due_date": item.date_maturity,
                                "amount": item.amount_residual_currency,
                                "state": "chased" if item.balance > 0 else "credit",
                            }
                        )
                        for item in items
                    ],
                    **values,
                }
            )
        )
        return followup.sudo(False)

    def paid(self, invoice, amount=None, day=0):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": self.today + timedelta(days=day)})
        )
        if amount:
            wizard.amount = amount
        wizard._create_payments()

    def noted_at(self, record, day, hour=13):
        """As if *record* had been made then."""
        record.flush_recordset()
        at = datetime.combine(self.today + timedelta(days=day), time(hour))
        self.env.cr.execute(
            f"UPDATE {record._table} SET create_date = %s WHERE id = ANY(%s)",
            [at, record.ids],
        )
        record.invalidate_recordset()

    def rows(self, *followups):
        self.env.invalidate_all()
        return [self.Report.browse(each.id) for each in followups]

    def statements(self, followups):
        """How many SQL statements the columns of the ledger take."""
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        followups.mapped("paid_since")
        return self.env.cr.sql_log_count - before

    def total(self, *groupby, measures=AMOUNTS):
        """What the pivot shows: a row a group, or the one of all."""
        found = self.Report.formatted_read_group(
            [("company_id", "=", self.company.id)], groupby, measures
        )
        return [[each[measure] for measure in measures] for each in found]

    # -- money -----------------------------------------------------------------------

    def test_a_part_after_five_days_and_the_rest_after_twenty(self):
        invoice = self.invoice(5, 100)
        followup = self.sent(invoice)
        self.paid(invoice, 30, day=5)
        self.paid(invoice, day=20)
        (row,) = self.rows(followup)
        self.assertEqual((row.sent, row.asked, row.recovered), (1, 100, 100))
        self.assertEqual((row.paid_7, row.paid_14, row.paid_30), (30, 30, 100))
        self.assertAlmostEqual(row.share_7, 0.3)
        self.assertAlmostEqual(row.days, 0.3 * 5 + 0.7 * 20)
        self.assertEqual(row.template_id, self.steps[0].template_id)
        self.assertTrue(followup.paid_since == 100 and not followup.still_open)

    def test_what_came_before_counts_for_none(self):
        """Also that of the same day, which the email did not ask for any more."""
        invoice = self.invoice(5, 100)
        self.paid(invoice, 10, day=-1)
        self.paid(invoice, 20)
        followup = self.sent(invoice)
        partials = invoice.line_ids.matched_credit_ids
        self.noted_at(partials, 0, hour=11)
        self.paid(invoice, 5)
        self.noted_at(invoice.line_ids.matched_credit_ids - partials, 0, hour=13)
        (row,) = self.rows(followup)
        self.assertEqual((row.asked, row.recovered, row.days), (70, 5, 0))
        self.assertEqual((followup.paid_since, followup.still_open), (5, 65))

    def test_a_credit_note_is_no_money(self):
        invoice = self.invoice(5, 100)
        followup = self.sent(invoice)
        credit = self.credit_note(40)
        items = (invoice + credit).line_ids.filtered("date_maturity")
        items.reconcile()
        self.paid(invoice, 25, day=3)
        (row,) = self.rows(followup)
        self.assertEqual((row.recovered, followup.paid_since), (25, 25))
        self.assertEqual(followup.still_open, 35)

    def test_each_payment_counts_for_the_last_follow_up_before_it(self):
        """So the sum is what was really paid after the first one."""
        first, second, third = (self.invoice(5, amount) for amount in (100, 200, 400))
        self.paid(first, 1, day=-3)
        one = self.sent(first + second)
        self.paid(first, 30, day=4)
        two = self.sent(first + second + third, day=10, step=1)
        self.paid(first, day=12)
        self.paid(second, 50, day=40)
        three = self.sent(second, day=50, step=2)
        self.paid(second, day=51)
        recovered = [row.recovered for row in self.rows(one, two, three)]
        self.assertEqual(recovered, [30, 119, 150])
        self.assertEqual(sum(recovered), 99 + 200)
        self.assertEqual(self.total(), [[699, 299, 249, 249, 299]])
        by_step = [
            [299, 30, 30, 30, 30],
            [669, 119, 69, 69, 119],
            [150, 150, 150, 150, 150],
        ]
        self.assertEqual(self.total("step_id"), by_step)
        # The ledger's rows are about themselves, and are not summed.
        self.assertEqual(one.paid_since, 299)
        self.assertEqual((two.still_open, three.still_open), (400, 0))
        self.assertEqual(self.statements(one), self.statements(one + two + three))
        for view in ("list", "kanban"):
            arch = self.env["account.email.followup"].get_view(view_type=view)["arch"]
            self.assertNotIn("sum=", arch)

    def test_a_share_is_one_of_the_sums(self):
        small, large = self.invoice(5, 100), self.invoice(5, 900)
        self.sent(small)
        self.sent(large)
        self.paid(small, day=1)
        ((share,),) = self.total(measures=["share_7:avg"])
        self.assertFalse(share, "it is not known yet")
        with freeze_time(self.today + timedelta(days=7)):
            self.sent(self.invoice(5, 500), day=6)  # of this one neither
            shares = self.total(measures=["share_7:avg", "share_14:avg"])
        self.assertAlmostEqual(shares[0][0], 0.1)
        self.assertFalse(shares[0][1])

    def test_another_currency_at_what_it_was_booked(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        invoice = self.invoice(5, 100, currency_id=euro.id)
        followup = self.sent(invoice)
        self.paid(invoice, day=2)
        (row,) = self.rows(followup)
        self.assertEqual((row.asked, row.recovered), (50, 50))
        self.assertEqual(self.total()[0][:2], [50, 50])

    def test_companies_with_several_currencies_are_converted(self):
        """As Odoo does with every amount of a pivot."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        other = self.setup_other_company(name="Beta", currency_id=euro.id)["company"]
        mailbox = self.connect(other, "accounting@beta.example")
        self.sent(self.invoice(5, 100))
        its = self.invoice(5, 100, company=other)
        self.sent(its, company_id=other.id, connector_id=mailbox.id)
        both = self.Report.with_context(allowed_company_ids=(self.company + other).ids)
        (found,) = both.formatted_read_group(
            [], [], ["asked:sum_currency", "currency_id:array_agg_distinct"]
        )
        self.assertEqual(found["asked:sum_currency"], 100 + 100 / 2)
        self.assertEqual(len(found["currency_id:array_agg_distinct"]), 2)

    # -- what customers say ----------------------------------------------------------

    def answer(self, followup, day, kind="reply"):
        answer = (
            self.env["account.email.incoming"]
            .sudo()
            .create(
                {
                    "connector_id": self.connector.id,
                    "followup_id": followup.id,
                    "message_id": f"<{day}@bluelake.example>",
                    "kind": kind,
                }
            )
        )
        self.noted_at(answer, day)

    def test_an_answer_counts_for_the_email_before_it(self):
        invoice = self.invoice(5, 100)
        one, two = self.sent(invoice), self.sent(invoice, day=10)
        self.answer(one, 2, "automatic")
        self.answer(one, 3, "own")
        self.assertEqual([row.answered for row in self.rows(one, two)], [0, 0])
        self.answer(one, 11)
        self.assertEqual([row.answered for row in self.rows(one, two)], [0, 1])
        self.answer(one, 5)
        self.answer(one, 6)
        self.assertEqual([row.answered for row in self.rows(one, two)], [1, 1])
        self.assertTrue(one.answered and two.answered)

    def test_a_promise_counts_for_the_follow_up_before_it(self):
        invoice, other = self.invoice(5, 100), self.invoice(5, 100)
        one, two = self.sent(invoice + other), self.sent(invoice, day=10)
        values = {"company_id": self.company.id, "partner_id": self.customer.id}
        for day, its, expected in (
            (-1, invoice, [0, 0]),
            (12, other, [1, 0]),  # the second does not ask for it
            (12, self.env["account.move"], [1, 1]),
        ):
            until = self.today + timedelta(days=60)
            promise = self.env["account.email.promise"].create(
                {**values, "until": until, "move_ids": its.ids}
            )
            promise.sudo().made_on = self.today + timedelta(days=day)
            promised = [row.promised for row in self.rows(one, two)]
            self.assertEqual(promised, expected)

    def test_a_dispute_counts_for_the_follow_up_before_it(self):
        invoice, quiet = self.invoice(5, 100), self.invoice(5, 100)
        one, two = self.sent(invoice), self.sent(quiet)
        invoice._email_followup_dispute("Not what was ordered")
        self.assertEqual([row.disputed for row in self.rows(one, two)], [1, 0])

    # -- who sees it, and where --------------------------------------------------------

    def test_only_what_left(self):
        invoice = self.invoice(5, 100)
        waits = self.plan()
        self.assertTrue(waits)
        self.assertFalse(self.total(measures=["sent:sum"])[0][0])
        self.assertFalse(waits.paid_since or waits.still_open or waits.answered)
        self.run_action()
        self.assertEqual(self.total(measures=["sent:sum"]), [[1]])
        self.assertEqual(waits.still_open, 100)
        self.assertEqual(self.rows(waits)[0].recovered, 0)
        self.assertEqual(self.rows(waits)[0].action_open_followup()["res_id"], waits.id)
        self.assertEqual(self.total(measures=["asked:sum"]), [[invoice.amount_total]])

    def test_of_one_s_own_companies_only(self):
        self.sent(self.invoice(5, 100))
        other = self.setup_other_company(name="Beta")["company"]
        for login, group, company, seen in (
            ("here", "account.group_account_invoice", self.company, 1),
            ("auditor", "account.group_account_readonly", self.company, 1),
            ("there", "account.group_account_invoice", other, 0),
        ):
            user = new_test_user(
                self.env,
                f"report_{login}",
                group,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            self.assertEqual(self.Report.with_user(user).search_count([]), seen)
        internal = new_test_user(self.env, "report_internal", "base.group_user")
        with self.assertRaises(AccessError):
            self.Report.with_user(internal).search([])
