from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import format_date

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestPromises(ConnectorCommon):
    """What a customer has promised, and whether the money came."""

    def promise(self, days=2, **values):
        return self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=days),
                **values,
            }
        )

    def state(self, promise, days=0):
        promise.invalidate_recordset()
        with freeze_time(f"{self.today + timedelta(days=days)} 12:00:00"):
            return promise.state

    def in_payment(self, amount):
        """An invoice that is paid as far as the customer goes."""
        invoice = self.invoice(5, amount)
        invoice.payment_state = "in_payment"
        return invoice

    # -- kept, or not ----------------------------------------------------------------

    def test_what_was_paid_before_does_not_keep_it(self):
        invoice = self.invoice(5, 200)
        self.in_payment(100)
        blocked = self.invoice(5, 50)
        blocked.payment_state = "blocked"
        promise = self.promise(amount=100)
        self.assertEqual((promise.owed, self.state(promise)), (200, "open"))
        self.pay(invoice, 100)
        self.assertEqual(self.state(promise), "kept")

    def test_a_credit_of_the_same_day_does_not_keep_it(self):
        invoice = self.invoice(5, 200)
        self.credit_note(100)
        promise = self.promise(amount=100)
        self.assertEqual(self.state(promise), "open")
        self.pay(invoice, 100)
        self.assertEqual(self.state(promise), "kept")

    def test_more_was_promised_than_was_owed(self):
        invoice = self.invoice(5, 100)
        promise = self.promise(amount=150)
        self.pay(invoice)
        self.assertEqual(self.state(promise), "kept")

    def test_no_promise_is_for_the_year_2062(self):
        """It would be waited for: nobody would write to the customer any more."""
        self.invoice(5, 100)
        promise = self.promise(days=365)
        with self.assertRaisesRegex(ValidationError, "more than a year away"):
            promise.until = self.today.replace(year=self.today.year + 36, day=1)
        with self.assertRaisesRegex(ValidationError, "more than a year away"):
            self.promise(days=367)

    def test_other_invoices_are_promised_after_all(self):
        small, large = self.invoice(5, 100), self.invoice(5, 900)
        promise = self.promise(amount=100, move_ids=[Command.set(small.ids)])
        promise.move_ids = large
        self.assertEqual((promise.owed, self.state(promise)), (900, "open"))
        self.pay(small)
        self.assertEqual(self.state(promise), "open")
        self.pay(large, 100)
        self.assertEqual(self.state(promise), "kept")

    def test_a_contact_s_word_is_the_customer_s(self):
        invoice = self.invoice(5)
        john = self.env["res.partner"].create(
            {"name": "John", "parent_id": self.customer.id}
        )
        promise = self.promise(partner_id=john.id)
        self.assertEqual((promise.owed, self.state(promise)), (100, "open"))
        day = format_date(self.env, promise.until, date_format="long")
        self.assertEqual(
            invoice.email_followup_text, f"The customer has promised to pay by {day}."
        )
        self.assertFalse(self.plan())

    def test_another_amount_is_promised_after_all(self):
        invoice = self.invoice(5, 200)
        promise = self.promise(amount=100)
        self.pay(invoice, 60)
        promise.amount = 150
        self.assertEqual(self.state(promise), "open")
        self.pay(invoice, 90)
        self.assertEqual(self.state(promise), "kept")

    # -- what is said of it ----------------------------------------------------------

    def said(self, promise):
        return format_date(self.env, promise.until, date_format="long")

    def test_the_account_says_until_when_and_what_comes_else(self):
        invoice = self.invoice(5)
        day = self.said(self.promise())
        row = self.case()
        next_step = format_date(self.env, row.next_date, date_format="long")
        self.assertEqual(
            row.reason_text,
            f"The customer has promised to pay by {day}. If the money does not come, "
            f"the next step is on {next_step}.",
        )
        self.assertEqual(invoice.email_followup_reason, "promised")

    def test_a_renewed_promise_is_told_with_its_new_day(self):
        invoice = self.invoice(9)
        first = self.promise(days=1)
        grace = self.env.ref("account_email_connector.plan_default").promise_grace
        with freeze_time(f"{self.today + timedelta(days=3 + grace)} 12:00:00"):
            self.assertEqual(self.case().todo, "promise_broken")
            again = self.promise(days=30)
            for text in (self.case().reason_text, invoice.email_followup_text):
                self.assertIn(self.said(again), text)
                self.assertNotIn(self.said(first), text)
            composer = self.env["account.email.followup.composer"]
            opened = composer._open(partners=self.customer)
            remark = composer.browse(opened["res_id"]).remark
            self.assertIn(self.said(again), remark)

    def test_of_each_invoice_its_own(self):
        soon, late = self.invoice(5), self.invoice(5)
        one = self.promise(days=3, move_ids=[Command.set(soon.ids)])
        other = self.promise(days=9, move_ids=[Command.set(late.ids)])
        self.assertIn(self.said(one), soon.email_followup_text)
        self.assertIn(self.said(other), late.email_followup_text)

    def test_what_was_promised_meanwhile_is_left_out_with_the_day(self):
        asked, promised = self.invoice(5, 70), self.invoice(6, 100)
        followup = self.plan()
        day = self.said(self.promise(days=4, move_ids=[Command.set(promised.ids)]))
        self.run_action()
        self.assertEqual(followup.state, "sent")
        kept = followup.line_ids.filtered(lambda line: line.state == "dropped")
        self.assertEqual(kept.move_id, promised)
        self.assertEqual(
            kept.reason_text, f"The customer has promised to pay by {day}."
        )
        self.assertEqual((followup.line_ids - kept).move_id, asked)

    def test_what_is_skipped_for_a_promise_says_until_when(self):
        self.invoice(5)
        followup = self.plan()
        day = self.said(self.promise(days=4))
        self.run_action()
        self.assertEqual(followup.state, "skipped")
        self.assertEqual(
            followup.reason_text, f"The customer has promised to pay by {day}."
        )

    def test_a_person_who_did_not_know_of_it_is_told_until_when(self):
        self.invoice(5)
        composer = self.customer.action_email_followup_compose()
        wizard = self.env[composer["res_model"]].browse(composer["res_id"])
        wizard.action_send()
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        day = self.said(self.promise(days=4))
        self.run_action()
        self.assertEqual(followup.state, "to_review")
        self.assertEqual(
            followup.reason_text, f"The customer has promised to pay by {day}."
        )

    def test_the_preview_of_what_is_promised_announces_nothing(self):
        self.invoice(5)
        promise = self.promise()
        action = self.case().action_preview()
        defaults = {**action["context"]}
        form = Form(self.env[action["res_model"]].with_context(**defaults))
        self.assertIn(self.said(promise), form.standing)
        form = Form(
            self.env[action["res_model"]].with_context(
                default_step_id=defaults["default_step_id"]
            )
        )
        self.assertFalse(form.standing, "an example is no announcement")

    # -- how long it holds -----------------------------------------------------------

    def test_it_is_open_as_long_as_it_holds(self):
        grace = self.env.ref("account_email_connector.plan_default").promise_grace
        invoice = self.invoice(5)
        promise = self.promise(days=2)
        self.assertEqual(self.state(promise, 2 + grace), "open")
        self.assertFalse(self.plan(self.today + timedelta(days=2 + grace)))
        self.assertEqual(self.state(promise, 3 + grace), "broken")
        broken_on = self.today + timedelta(days=3 + grace)
        told = self.env["account.email.followup"]._explain(invoice, broken_on)
        self.assertEqual(told[invoice.id].reason, "due")
        self.assertIn("promised money has not come", told[invoice.id].text)
        with freeze_time(f"{broken_on} 12:00:00"):
            self.customer.invalidate_recordset()
            self.assertIn(
                "promised money has not come", self.customer.email_followup_text
            )

    def test_nothing_is_said_of_what_was_not_promised(self):
        promised, other = self.invoice(15), self.invoice(15)
        self.promise(days=1, move_ids=[Command.set(promised.ids)])
        on_date = self.today + timedelta(days=10)
        told = self.env["account.email.followup"]._explain(promised + other, on_date)
        self.assertIn("promised", told[promised.id].text)
        self.assertNotIn("promised", told[other.id].text)

    # -- many of them ----------------------------------------------------------------

    def test_a_list_of_promises_takes_as_long_as_one(self):
        def statements(promises):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises.mapped("state")
            return self.env.cr.sql_log_count - before

        promises = self.env["account.email.promise"]
        for number in range(10):
            customer = self.customer.copy({"email": f"c{number}@many.example"})
            invoice = self.invoice(5, partner=customer)
            promises |= self.promise(
                partner_id=customer.id, move_ids=[Command.set(invoice.ids)]
            )
        statements(promises[:1])
        self.assertEqual(statements(promises[:1]), statements(promises))

    def test_the_day_it_was_made_is_the_users(self):
        self.env.user.tz = "Pacific/Auckland"
        self.invoice(5)
        with freeze_time(f"{self.today} 13:00:00"):
            self.assertEqual(self.promise().made_on, self.today + timedelta(days=1))

    def test_a_new_one_in_the_form(self):
        self.invoice(5)
        with Form(self.env["account.email.promise"]) as form:
            form.partner_id = self.customer
            form.until = self.today + timedelta(days=3)
        self.assertEqual(form.record.state, "open")

    # -- how it is shown and noted ---------------------------------------------------

    def test_everything_is_told_with_what_is_open(self):
        invoice, _other = self.invoice(5, 1000), self.invoice(6, 240)
        with Form(self.env["account.email.promise"]) as form:
            form.partner_id = self.customer
            self.assertTrue(form.everything)
            self.assertEqual(form.promised, 1240)
            form.move_ids.add(invoice)
            self.assertEqual(form.promised, 1000)
            form.within = "2"
            self.assertEqual(form.until, self.today + timedelta(days=14))
            form.until = self.today + timedelta(days=28)
            self.assertEqual(form.within, "4")
        promise = form.record
        self.pay(invoice, 400)
        self.assertEqual(promise.covers, "Everything open: $\xa01,000.00", "as noted")
        with Form(promise) as form:
            form.everything = False
            form.amount = 300
        self.assertEqual(promise.covers, "$\xa0300.00")
        promise.everything = True
        self.assertEqual((promise.amount, promise.promised), (0, 1000))

    def test_it_is_called_by_customer_and_day(self):
        promise = self.promise()
        day = format_date(self.env, promise.until)
        self.assertEqual(promise.display_name, f"{self.customer.name}, {day}")
        with Form(self.env["account.email.promise"]) as form:
            form.partner_id = self.customer
            self.assertFalse(form.promised, "nothing is open")
            form.until = self.today + timedelta(days=3)

    def test_nothing_was_open(self):
        self.assertEqual(self.promise().covers, "Everything open")

    def test_nobody_moves_it_to_a_company_that_is_not_theirs(self):
        """There it would stop that company's follow-ups."""
        other = self._create_company(name="Elsewhere")
        clerk = new_test_user(
            self.env,
            "promise_clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        promise = self.promise().with_user(clerk)
        for values in ({}, {"until": self.today + timedelta(days=9)}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                promise.write({"company_id": other.id, **values})
        self.assertEqual(promise.sudo().company_id, self.company)

    def test_an_amount_is_one(self):
        for amount in (-100, 1e300):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.promise(amount=amount)

    def test_nobody_else_asks_what_a_customer_owes(self):
        """Not by a form of theirs that is never saved."""
        self.invoice(5, 1240)
        other = self._create_company(name="Other")
        for name, groups, company in (
            ("internal", "base.group_user", self.company),
            ("elsewhere", "account.group_account_invoice", other),
        ):
            user = new_test_user(
                self.env, f"promise_{name}", groups, company_id=company.id
            )
            asked = self.env["account.email.promise"].with_user(user)
            asked = asked.with_context(allowed_company_ids=company.ids).new(
                {"partner_id": self.customer.id, "company_id": self.company.id}
            )
            self.assertFalse(asked._open_now())

    def test_the_customer_s_chatter_says_who_noted_it_and_until_when(self):
        clerk = new_test_user(
            self.env,
            "promise_clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        self.invoice(5)
        promise = self.env["account.email.promise"].with_user(clerk)
        promise = promise.create(
            {
                "partner_id": self.customer.id,
                "until": f"{self.today + timedelta(days=2)}",
            }
        )
        note = self.customer.message_ids[0]
        self.assertEqual(note.author_id, clerk.partner_id)
        self.assertIn("promised Acme to pay until", note.body)
        self.assertIn(f"{promise.until:%m/%d/%Y}", note.body)
        self.assertNotIn("100", note.body.replace(f"{promise.until:%m/%d/%Y}", ""))
