from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..engine.followup import ledger
from ..engine.planning import gather
from ..texts.days import in_words
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestByHand(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = new_test_user(
            cls.env,
            "by_hand_billing",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )

    def composer(self, records):
        action = records.with_user(self.billing).action_email_followup_compose()
        return (
            self.env[action["res_model"]]
            .with_user(self.billing)
            .browse(action["res_id"])
        )

    def followups(self):
        return self.env["account.email.followup"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_what_goes_comes_first_with_its_sum(self):
        held, *go = [self.customer.copy({"name": name}) for name in ("A", "B", "C")]
        for customer, amount in zip((held, *go), (400, 1000, 234.5), strict=True):
            self.invoice(5, amount, partner=customer)
        held.email_followup_paused_until = self.today + timedelta(days=9)
        composer = self.composer(held | go[0] | go[1])
        self.assertEqual(composer.line_ids.partner_id[-1], held)
        self.assertEqual(composer.going, "2 ($\xa01,234.50)")
        composer.line_ids[0].selected = False
        composer.line_ids[1].selected = False
        self.assertEqual(composer.going, "0")

    def test_it_says_how_many_are_on_their_way(self):
        many = [self.customer.copy({"email": f"{n}@many.example"}) for n in "123"]
        for customer in many:
            self.invoice(5, partner=customer)
        for customers, words in (
            (many[0], "The follow-up is on its way"),
            (many[1] | many[2], "2 follow-ups are on their way"),
        ):
            shown = self.composer(customers).action_send()
            self.assertIn(words, shown["params"]["message"])

    def test_one_invoice_with_the_right_template(self):
        invoice, other = self.invoice(5, 100), self.invoice(6, 50)
        composer = self.composer(invoice)
        self.assertTrue(composer.single)
        self.assertEqual(composer.step_id.days, 3)
        self.assertEqual(composer.recipient_ids, self.customer)
        self.assertIn("open invoices from Acme", composer.subject)
        self.assertIn(invoice.name, composer.body)
        self.assertNotIn(other.name, composer.body)
        self.assertFalse(self.followups(), "a preview leaves nothing behind")
        composer.action_send()
        self.run_action()
        followup = self.followups()
        self.assertEqual((followup.state, followup.by_hand), ("sent", True))
        self.assertEqual(followup.line_ids.move_id, invoice)
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_what_a_person_wrote_is_what_leaves(self):
        composer = self.composer(self.invoice(5))
        composer.write({"subject": "About our talk", "body": "<p>As agreed!</p>"})
        composer.action_send()
        self.run_action()
        message = self.mailbox.accepted[0].message
        self.assertEqual(message["Subject"], "About our talk")
        self.assertIn("As agreed!", message.get_body(("plain",)).get_content())

    def test_what_a_person_wrote_is_not_sent_with_old_amounts(self):
        invoice = self.invoice(5, 100)
        composer = self.composer(invoice)
        composer.body = "<p>You owe us 100</p>"
        composer.action_send()
        self.pay(invoice, 60)
        self.run_action()
        followup = self.followups()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual((followup.state, followup.reason), ("to_review", "changed"))
        followup.with_user(self.billing).action_approve()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(followup.amount, 40)

    def test_nothing_was_written(self):
        """The template does not leave in place of what a person has deleted."""
        composer = self.composer(self.invoice(5))
        composer.write({"body": "<p><br></p>", "cc": "boss@acme.example"})
        with self.assertRaises(UserError):
            composer.action_send()
        self.assertFalse(self.followups())

    def test_another_step_renders_its_own_template(self):
        composer = self.composer(self.invoice(5))
        final = composer.step_id.plan_id.step_ids.filtered(lambda s: s.days == 30)
        with Form(composer) as form:
            form.step_id = final
            self.assertEqual(form.step_id, final, "the choice does not snap back")
        self.assertIn("last reminder", composer.body)
        composer.action_send()
        self.assertEqual(self.followups().step_id, final)

    def test_it_counts_in_the_plan(self):
        self.invoice(20)
        self.composer(self.customer).action_send()
        self.run_action()
        self.assertFalse(self.plan())
        again = self.plan(self.today + timedelta(days=12))
        self.assertEqual(again.step_id.days, 14)

    def test_a_planned_one_makes_way(self):
        self.invoice(5)
        planned = self.plan()
        self.composer(self.customer).action_send()
        self.assertEqual((planned.state, planned.reason), ("skipped", "replaced"))
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_pressed_twice(self):
        composer = self.composer(self.invoice(5))
        composer.action_send()
        self.run_action()
        with self.assertRaises(UserError):
            composer.action_send()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_many_with_a_summary(self):
        self.invoice(5)
        young = self.customer.copy({"email": "young@many.example"})
        self.invoice(1, partner=young)
        unclear = self.customer.copy({"email": "unclear@many.example"})
        self.invoice(5, partner=unclear)
        unknown = self.plan().filtered(lambda f: f.partner_id == unclear)
        unknown.write({"state": "unknown"})
        composer = self.composer(self.customer + young + unclear)
        self.assertFalse(composer.single)
        self.assertEqual((composer.can_go_count, len(composer.held_line_ids)), (1, 2))
        lines = {line.partner_id: line for line in composer.line_ids}
        self.assertIn("days after the due date of", lines[young].remark)
        self.assertIn("perhaps sent", lines[unclear].remark)
        lines[young].selected = True  # it would go by itself on another day
        composer.action_send()
        self.run_action()
        recipients = [email.recipients[0] for email in self.mailbox.accepted]
        self.assertCountEqual(
            recipients, ["pay@bluelake.example", "young@many.example"]
        )

    def lines(self, composer):
        return {line.partner_id: line for line in composer.line_ids}

    def test_who_said_no_is_not_ticked(self):
        partners = self.env["res.partner"]
        names = ["promised", "paused", "answered", "excluded"]
        names += ["early", "disputed", "silent"]
        promised, paused, answered, excluded, early, disputed, silent = (
            self.customer.copy({"email": f"{name}@no.example", "name": name})
            for name in names
        )
        for partner in (promised, paused, answered, excluded, disputed, silent):
            self.invoice(5, partner=partner)
        self.invoice(-5, partner=early)
        self.env["account.email.promise"].create(
            {"partner_id": promised.id, "until": self.today + timedelta(days=2)}
        )
        paused.email_followup_paused_until = self.today
        answered.email_followup_answered = True
        excluded.email_followup_excluded = True
        silent.email = False
        self.env["account.move"].search(
            [("partner_id", "=", disputed.id)]
        )._email_followup_dispute("Broken")
        self.invoice(5)
        everybody = partners.union(
            promised, paused, answered, excluded, early, disputed, silent, self.customer
        )
        composer = self.composer(everybody)
        lines = self.lines(composer)
        ticked = composer.line_ids.filtered("selected").partner_id
        self.assertEqual(ticked, self.customer)
        forbidden = excluded + disputed + silent
        self.assertEqual(
            composer.line_ids.filtered(lambda line: not line.possible).partner_id,
            forbidden,
        )
        self.assertIn("promised to pay", lines[promised].remark)
        self.assertIn("no valid email address", lines[silent].remark)
        composer.line_ids.selected = True  # also where the form does not allow it
        composer.action_send()
        self.assertEqual(self.followups().partner_id, everybody - forbidden)

    def test_one_who_promised_can_be_written_to_knowingly(self):
        invoice = self.invoice(5)
        self.env["account.email.promise"].create(
            {"partner_id": self.customer.id, "until": self.today + timedelta(days=2)}
        )
        composer = self.composer(invoice)
        self.assertIn("promised to pay", composer.remark)
        self.assertIn(invoice.name, composer.body)
        composer.action_send()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_one_of_two_invoices_was_promised(self):
        """It is said once, with its day."""
        invoice, promised = self.invoice(5), self.invoice(6)
        until = self.today + timedelta(days=2)
        promise = self.env["account.email.promise"].create(
            {
                "partner_id": self.customer.id,
                "until": until,
                "move_ids": [Command.set(promised.ids)],
            }
        )
        for moves in (invoice + promised, promised):
            said = self.composer(moves).line_ids.remark
            self.assertEqual(said.count("promised to pay"), 1, said)
            self.assertIn(f"promised to pay by {in_words(self.env, until)}.", said)
        promise.active = False
        composer = self.composer(promised)
        promise.active = True
        with self.assertRaisesRegex(UserError, "promised to pay by "):
            composer.action_send()

    def test_a_disputed_invoice_is_not_taken_along(self):
        invoice, disputed = self.invoice(5), self.invoice(6)
        disputed._email_followup_dispute("Broken")
        composer = self.composer(invoice + disputed)
        self.assertIn(f"{disputed.name}: In dispute", composer.remark)
        self.assertNotIn(disputed.name, composer.body)
        composer.action_send()
        self.assertEqual(self.followups().line_ids.move_id, invoice)
        only = self.composer(disputed)
        self.assertFalse(only.can_go_count)
        with self.assertRaises(UserError):
            only.action_send()

    def test_chosen_invoices_are_asked_for_exactly(self):
        overdue, early = self.invoice(5, 100), self.invoice(-5, 70)
        composer = self.composer(overdue + early)
        self.assertIn(early.name, composer.body)
        composer.action_send()
        self.run_action()
        followup = self.followups()
        self.assertEqual((followup.state, followup.amount), ("sent", 170))

    def test_credits_are_subtracted_as_in_the_preview(self):
        invoice = self.invoice(5, 100)
        self.invoice(4, 50)
        self.credit_note(40)
        composer = self.composer(invoice)
        self.assertIn("60.00", composer.body)
        composer.body += "<p>As agreed!</p>"
        composer.action_send()
        self.run_action()
        followup = self.followups()
        self.assertEqual((followup.state, followup.amount), ("sent", 60))

    def test_one_paid_meanwhile_does_not_stop_the_others(self):
        other = self.customer.copy({"name": "Red Hill", "email": "a@redhill.example"})
        paid = self.invoice(5, partner=other)
        self.invoice(5)
        composer = self.composer(self.customer + other)
        self.pay(paid)
        shown = composer.action_send()
        self.assertIn("Red Hill: Nothing is open", shown["params"]["message"])
        self.assertEqual(self.followups().partner_id, self.customer)

    def test_what_a_person_wrote_is_never_lost(self):
        invoice = self.invoice(5, 100)
        composer = self.composer(invoice)
        composer.write({"subject": "About our talk", "body": "<p>You owe us 100</p>"})
        composer.action_send()
        self.pay(invoice, 60)
        self.run_action()
        again = self.followups().with_user(self.billing).action_edit()
        again = self.env[again["res_model"]].browse(again["res_id"])
        self.assertEqual(again.subject, "About our talk")
        self.assertIn("You owe us 100", again.body)
        again.with_user(self.billing).body = "<p>You owe us 40</p>"
        again.with_user(self.billing).action_send()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("owe us 40", email.message.get_body(("plain",)).get_content())

    def test_a_young_invoice_is_not_told_of_earlier_reminders(self):
        self.invoice(20)
        self.plan()
        self.run_action()
        self.followups().sudo().done_on = self.today - timedelta(days=12)
        young = self.invoice(4)
        self.assertEqual(self.composer(young).step_id.days, 3)
        self.assertEqual(self.composer(self.customer).step_id.days, 14)

    def test_what_was_said_today_is_said_again_and_more_is_a_choice(self):
        self.invoice(40)
        self.plan()
        self.run_action()
        self.followups().sudo().done_on = self.today - timedelta(days=12)
        firm = self.plan()
        self.run_action()
        composer = self.composer(self.customer)
        self.assertEqual((firm.state, firm.step_id.days), ("sent", 14))
        self.assertEqual(composer.step_id, firm.step_id, "not yet the final one")
        self.assertIn("got an email today", composer.remark)
        final = composer.step_id.plan_id.step_ids.filtered(lambda s: s.days == 30)
        with Form(composer) as form:
            form.step_id = final
        composer.action_send()
        self.run_action()
        self.assertEqual(self.followups()[0].step_id, final)

    def test_two_groups_and_the_total_of_what_is_ticked(self):
        held = self.customer.copy({"name": "Held", "email": "held@bulk.example"})
        self.invoice(5, 1000)
        self.invoice(5, 400, partner=held)
        held.email_followup_paused_until = self.today + timedelta(days=9)
        composer = self.composer(self.customer + held)
        self.assertEqual(composer.going_line_ids.partner_id, self.customer)
        self.assertEqual(composer.held_line_ids.partner_id, held)
        self.assertEqual(composer.going, "1 ($\xa01,000.00)")
        with Form(composer) as form:
            with form.held_line_ids.edit(0) as line:
                line.selected = True
            self.assertEqual(form.going, "2 ($\xa01,400.00)")
            with form.going_line_ids.edit(0) as line:
                line.selected = False
            self.assertEqual(form.going, "1 ($\xa0400.00)")
        composer.action_send()
        self.assertEqual(self.followups().partner_id, held)

    def test_without_an_address_it_is_entered_there(self):
        self.customer.email = False
        self.invoice(5)
        self.billing.group_ids += self.env.ref("base.group_partner_manager")
        composer = self.composer(self.customer)
        self.assertTrue(composer.asks_address)
        self.assertFalse(composer.who_may_address)
        composer.address = "nobody"
        with self.assertRaisesRegex(UserError, "No email can be sent"):
            composer.action_note_address()
        composer.address = "new@bluelake.example"
        self.assertEqual(composer.action_note_address()["res_id"], composer.id)
        self.assertEqual(self.customer.email, "new@bluelake.example")
        self.assertFalse(composer.asks_address)
        self.assertEqual(composer.goes_to, "new@bluelake.example")
        self.assertIn("open invoices", composer.subject)
        composer.action_send()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("new@bluelake.example", email.recipients)

    def test_one_that_failed_without_an_address_is_sent_after_all(self):
        self.invoice(5)
        failed = self.plan().with_user(self.billing)
        self.customer.email = False
        self.run_action()
        self.assertEqual((failed.state, failed.reason), ("failed", "no_address"))
        self.billing.group_ids += self.env.ref("base.group_partner_manager")
        action = failed.action_edit()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer = composer.with_user(self.billing)
        composer.address = "new@bluelake.example"
        composer.action_note_address()
        composer.action_send()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertEqual((failed.state, failed.reason), ("skipped", "replaced"))

    def test_without_an_address_it_is_said_who_can_enter_one(self):
        self.customer.email = False
        self.invoice(5)
        new_test_user(
            self.env,
            "by_hand_editor",
            "base.group_user,base.group_partner_manager",
            name="Eve Editor",
            company_id=self.company.id,
        )
        composer = self.composer(self.customer)
        self.assertIn("Eve Editor", composer.who_may_address)
        composer.address = "new@bluelake.example"
        with self.assertRaises(AccessError):
            composer.action_note_address()
        self.assertFalse(self.customer.email)

    def test_after_the_last_step_the_last_again(self):
        self.invoice(60)
        for days in (50, 30, 10):
            self.plan()
            self.run_action()
            self.followups()[0].sudo().done_on = self.today - timedelta(days=days)
        composer = self.composer(self.customer)
        self.assertEqual(composer.step_id.days, 30)
        self.assertIn("Every step was sent", composer.remark)

    def test_after_the_last_step_the_worklist_says_what_is_on_its_way(self):
        self.test_after_the_last_step_the_last_again()
        self.composer(self.customer).action_send()
        open_one = self.followups().filtered(lambda each: each.state == "planned")
        row = self.env["account.email.followup.case"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual((row.reason, row.step_id.days), ("followup_open", 30))
        self.assertEqual(row.action_preview()["res_id"], open_one.id)

    def test_a_call_is_next(self):
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"channel": "todo", "name": "Call them"})
        self.invoice(5)
        other = self.customer.copy({"email": "other@call.example"})
        self.invoice(5, partner=other)
        self.composer(self.customer + other).action_send()
        self.run_action()
        self.assertEqual(set(self.followups().mapped("state")), {"sent"})
        self.assertEqual(self.followups().step_id.days, 14)

    def test_a_second_bulk_mails_nobody_again(self):
        other = self.customer.copy({"email": "other@bulk.example"})
        self.invoice(5)
        self.invoice(5, partner=other)
        first = self.composer(self.customer + other)
        colleague = self.composer(self.customer + other)
        first.action_send()
        with self.assertRaisesRegex(UserError, "on its way"):
            colleague.action_send()
        self.run_action()
        with self.assertRaisesRegex(UserError, "email today"):
            colleague.action_send()
        later = self.composer(self.customer + other)
        self.assertFalse(later.can_go_count)
        self.assertIn("got an email today", later.line_ids[0].remark)
        self.assertEqual(len(self.mailbox.accepted), 2)
        alone = self.composer(self.customer)
        self.assertIn("got an email today", alone.remark)
        alone.action_send()
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 3, "one customer, knowingly")

    def test_tried_again_after_another_has_gone_a_person_looks_again(self):
        invoice = self.invoice(5)
        self.composer(invoice).action_send()
        failed = self.followups()
        ledger.fail(failed.sudo(), "rejected")
        self.composer(invoice).action_send()
        self.run_action()
        failed.with_user(self.billing).action_retry()
        self.run_action()
        self.assertEqual((failed.state, failed.reason), ("to_review", "emailed_today"))
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_after_a_long_outage_a_person_looks_again(self):
        self.invoice(5)
        self.composer(self.customer).action_send()
        followup = self.followups()
        followup.sudo().decided_on = self.today - timedelta(days=10)
        self.run_action()
        self.assertEqual(followup.state, "to_review")
        self.assertEqual(followup.reason, "waited_long")
        followup.with_user(self.billing).action_approve()
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_what_was_said_since_is_heard(self):
        invoice, disputed = self.invoice(5), self.invoice(6)
        self.composer(invoice + disputed).action_send()
        followup = self.followups()
        disputed._email_followup_dispute("Broken")
        self.customer.email_followup_answered = True
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual((followup.state, followup.reason), ("to_review", "answered"))
        followup.with_user(self.billing).action_approve()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(followup._chased_lines().move_id, invoice)

    def test_a_bulk_asks_the_database_once(self):
        """And once more for the worklist, which says at once what came of it."""
        partners = self.env["res.partner"].union(
            *(self.customer.copy({"email": f"n{n}@bulk.example"}) for n in range(4))
        )
        for partner in partners:
            self.invoice(5, partner=partner)
        composer = self.composer(partners)
        gathered = []
        customers = gather.customers
        with patch.object(
            gather, "customers", lambda *a: gathered.append(a) or customers(*a)
        ):
            composer.action_send()
        self.assertEqual((len(self.followups()), len(gathered)), (4, 2))

    def pdf(self, invoice):
        return self.env["ir.attachment"].create(
            {
                "name": f"{invoice.name.replace('/', '_')}.pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
                "raw": b"%PDF-1.4 x",
                "mimetype": "application/pdf",
            }
        )

    def upload(self, composer):
        """As the form does it."""
        return (
            self.env["ir.attachment"]
            .with_user(self.billing)
            .create(
                {
                    "name": "contract.txt",
                    "raw": b"We agreed.",
                    "res_model": composer._name,
                    "res_id": composer.id,
                }
            )
        )

    def files(self):
        message = self.mailbox.accepted[-1].message
        return [part.get_filename() for part in message.iter_attachments()]

    def test_attachments_are_shown_and_can_be_changed(self):
        invoice, other = self.invoice(5), self.invoice(6)
        pdf, left_out = self.pdf(invoice), self.pdf(other)
        composer = self.composer(invoice + other)
        self.assertEqual(composer.attachment_ids, pdf + left_out)
        uploaded = self.upload(composer)
        with Form(composer) as form:
            form.attachment_ids.remove(id=left_out.id)
            form.attachment_ids.add(uploaded)
        composer.action_send()
        composer.sudo().unlink()  # as Odoo cleans up
        self.run_action()
        self.assertCountEqual(self.files(), [pdf.name, "contract.txt"])
        self.assertTrue(left_out.exists())

    def test_attachments_of_the_step(self):
        invoice = self.invoice(5)
        pdf = self.pdf(invoice)
        composer = self.composer(invoice)
        composer.action_send()
        self.run_action()
        self.assertEqual(self.files(), [pdf.name])
        composer.step_id.plan_id.sudo().step_ids.attach_invoices = False
        self.assertFalse(self.composer(invoice).attachment_ids)

    def test_a_paid_invoice_takes_its_pdf_with_it(self):
        invoice, paid = self.invoice(5), self.invoice(6)
        kept, gone = self.pdf(invoice), self.pdf(paid)
        composer = self.composer(invoice + paid)
        composer.body = "<p>As agreed!</p>"
        composer.action_send()
        self.pay(paid)
        self.run_action()
        followup = self.followups()
        self.assertEqual(followup.attachment_ids, kept)
        again = followup.with_user(self.billing).action_edit()
        again = self.env[again["res_model"]].browse(again["res_id"])
        self.assertEqual(again.attachment_ids, kept)
        self.assertNotIn(gone, again.attachment_ids)

    def test_a_paid_instalment_leaves_the_pdf_for_the_other(self):
        halves = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (0, 10)
                ],
            }
        )
        invoice = self.invoice(5, invoice_payment_term_id=halves.id)
        pdf = self.pdf(invoice)
        composer = self.composer(invoice)
        composer.body = "<p>As agreed!</p>"
        composer.action_send()
        self.pay(invoice, 50)
        self.run_action()
        followup = self.followups()
        self.assertEqual(
            sorted(followup.line_ids.mapped("state")), ["chased", "dropped"]
        )
        self.assertEqual(followup.attachment_ids, pdf)

    def test_nobody_sends_a_file_that_they_may_not_read(self):
        composer = self.composer(self.invoice(5))
        secret = self.env["ir.attachment"].sudo().create({"name": "s", "raw": b"s"})
        with self.assertRaises(AccessError):
            composer.attachment_ids = secret

    def test_copies_are_shown_and_can_be_changed(self):
        step = self.env.ref("account_email_connector.step_friendly")
        step.sudo().cc = "sales@acme.example"
        composer = self.composer(self.invoice(5))
        self.assertEqual(composer.cc, "sales@acme.example")
        with self.assertRaises(ValidationError):
            composer.cc = "nobody"
        composer.cc = "boss@acme.example"
        composer.action_send()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("boss@acme.example", email.recipients)
        self.assertNotIn("sales@acme.example", email.recipients)

    def test_nothing_open(self):
        invoice = self.invoice(5)
        composer = self.composer(invoice)
        self.pay(invoice)
        with self.assertRaises(UserError):
            composer.action_send()
        with self.assertRaises(UserError):
            self.composer(self.customer)

    def test_who_may_not(self):
        invoice = self.invoice(5)
        internal = new_test_user(self.env, "by_hand_internal", "base.group_user")
        with self.assertRaises(AccessError):
            invoice.with_user(internal).action_email_followup_compose()
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(5, company=other)
        composer = self.composer(invoice)
        with self.assertRaises(AccessError):
            composer.line_ids.company_id = other
        composer.line_ids.sudo().company_id = other
        with self.assertRaises(UserError):  # AccessError is one: it is not theirs
            composer.action_send()
        self.assertFalse(self.followups())

    def test_preview_in_any_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(
            ["account_email_connector"], ["fr_FR"]
        )
        self.invoice(5)
        step = self.env.ref("account_email_connector.step_friendly")
        preview = self.env["account.email.followup.preview"].create(
            {"step_id": step.id, "partner_id": self.customer.id}
        )
        self.assertIn("Hello", preview.body)
        preview.lang = "fr_FR"
        self.assertIn("Bonjour", preview.body)
        preview.partner_id = preview.partner_id.create(
            {"name": "John", "parent_id": self.customer.id}
        )
        self.assertIn("Bonjour Blue Lake", preview.body)
        self.assertFalse(self.followups())

    def test_preview_keeps_what_was_chosen(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.invoice(50)  # of whom the preview would be by itself
        other = self.customer.copy({"name": "Red Hill", "email": "a@redhill.example"})
        self.invoice(5, partner=other)
        wizard = self.env["account.email.followup.preview"].with_context(
            default_step_id=self.env.ref("account_email_connector.step_friendly").id
        )
        with Form(wizard) as form:
            form.partner_id = other
            self.assertEqual(form.partner_id, other)
            form.lang = "fr_FR"
            self.assertEqual((form.partner_id, form.lang), (other, "fr_FR"))
            self.assertIn("Red Hill", form.body)

    def test_a_typed_subject_leaves_as_it_was_typed(self):
        invoice = self.invoice(20)
        self.plan()
        self.run_action()
        first = self.mailbox.accepted[0].message
        self.followups().sudo().done_on = self.today - timedelta(days=12)
        composer = self.composer(invoice)
        self.assertEqual(composer.subject, "Re: " + first["Subject"], "as it leaves")
        composer.subject = "About our talk"
        composer.action_send()
        shown = self.followups().filtered(lambda each: each.state == "planned")
        self.assertEqual(shown.email_subject, "About our talk")
        self.run_action()
        second = self.mailbox.accepted[1].message
        self.assertEqual(second["Subject"], "About our talk")
        self.assertEqual(second["In-Reply-To"], first["Message-ID"])


@tagged("post_install", "-at_install")
class TestByHandCompanies(ConnectorCommon):
    """One person for several companies, and one for a branch only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_company(name="Other")
        cls.connect(cls.other, "billing@other.example")
        cls.both = cls.person("both", cls.company + cls.other)
        cls.branch = cls.env["res.company"].create(
            {"name": "Acme West", "parent_id": cls.company.id}
        )
        cls.customer.with_company(
            cls.branch
        ).property_account_receivable_id = cls.company_data[
            "default_account_receivable"
        ]
        cls.clerk = cls.person("clerk", cls.branch)

    @classmethod
    def person(cls, name, companies):
        return new_test_user(
            cls.env,
            f"companies_{name}",
            "account.group_account_invoice",
            company_id=companies[:1].id,
            company_ids=companies.ids,
        )

    def as_user(self, records, user=None, companies=None):
        user = user or self.both
        companies = companies or user.company_ids
        context = {"allowed_company_ids": companies.ids}
        return records.with_user(user).with_context(**context)

    def composer(self, records, user=None):
        action = self.as_user(records, user).action_email_followup_compose()
        return self.as_user(self.env[action["res_model"]], user).browse(
            action["res_id"]
        )

    def followups(self):
        return self.env["account.email.followup"].sudo().search([])

    def rows(self, user=None, companies=None):
        """The customer's rows of the worklist, as they are now."""
        rows = self.as_user(self.env["account.email.followup.case"], user, companies)
        rows.action_open()
        return rows.search([("partner_id", "=", self.customer.id)], order="company_id")

    def branch_invoice(self, days, amount):
        return self.invoice(
            days,
            amount,
            company=self.branch,
            journal_id=self.company_data["default_journal_sale"].id,
        )

    def test_an_invoice_of_one_company(self):
        invoice = self.invoice(5)
        self.invoice(5, company=self.other)
        composer = self.composer(invoice)
        self.assertTrue(composer.single, "it can be edited")
        composer.action_send()
        self.assertEqual(self.followups().line_ids.move_id, invoice)

    def test_edit_with_both_switched_on(self):
        invoice = self.invoice(5)
        self.invoice(5, company=self.other)
        action = self.as_user(self.plan()).action_edit()
        composer = self.as_user(self.env[action["res_model"]]).browse(action["res_id"])
        self.assertTrue(composer.single)
        self.assertEqual(composer.line_ids.move_line_ids.move_id, invoice)

    def test_what_is_paid_or_a_bill_asks_for_nothing_else(self):
        invoice, paid = self.invoice(5), self.invoice(6)
        self.pay(paid)
        bill = self._post("in_invoice", self.today, 70, self.customer)
        with self.assertRaises(UserError):
            self.composer(paid)
        with self.assertRaises(UserError):
            self.composer(bill)
        composer = self.composer(invoice + paid + bill)
        self.assertEqual(composer.line_ids.move_line_ids.move_id, invoice)

    def test_edit_shows_only_what_may_be_seen(self):
        mine, foreign = self.invoice(5, 70), self.branch_invoice(6, 1234)
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, mine + foreign)
        office = self.person("office", self.company)
        action = self.as_user(followup, office).action_edit()
        composers = self.as_user(self.env[action["res_model"]], office)
        composer = composers.browse(action["res_id"])
        self.assertEqual(composer.line_ids.move_line_ids.move_id, mine)

    def test_pause_is_for_the_row_s_company(self):
        self.invoice(5)
        self.invoice(5, company=self.other)
        row = self.rows().filtered(lambda row: row.company_id == self.other)
        action = row.action_pause()
        wizard = self.as_user(self.env[action["res_model"]])
        wizard = wizard.with_context(**action["context"])
        wizard.create({"choice": "never"}).action_confirm()
        excluded = self.customer.with_company(self.other).email_followup_excluded
        self.assertTrue(excluded)
        self.assertFalse(self.customer.email_followup_excluded)
        followup = self.env["account.email.followup"]._plan(self.company)
        action = self.as_user(followup).action_pause()
        self.assertEqual(action["context"]["default_company_id"], self.company.id)
        with self.assertRaises(UserError):
            self.rows().action_pause()

    def test_pause_needs_the_company(self):
        wizards = self.as_user(self.env["account.email.followup.pause"], self.clerk)
        values = {
            "partner_ids": self.customer.ids,
            "company_id": self.company.id,
            "choice": "never",
        }
        with self.assertRaises(AccessError):
            wizards.create(values)
        wizard = wizards.sudo().create(values).sudo(False)
        with self.assertRaises(AccessError):
            wizard.action_confirm()

    def test_a_branch_s_clerk_sees_and_sends_the_branch_s_only(self):
        self.invoice(30, 1000)
        stranger = self.customer.copy({"email": "stranger@acme.example"})
        self.invoice(30, 500, partner=stranger)
        mine = self.branch_invoice(5, 70)
        row = self.rows(self.clerk)
        self.assertEqual(row.total, 70)
        self.assertFalse(row.next_amount, "it asks for the parent's, too")
        everything = self.as_user(row.browse(), self.clerk).search([])
        self.assertEqual(everything.partner_id, self.customer)
        with self.assertRaises(AccessError):  # it is the parent's email
            row.action_skip()
        pause = row.action_pause()["context"]
        self.assertEqual(pause["default_company_id"], self.branch.id, "noted there")
        composer = self.composer(self.customer, self.clerk)
        self.assertEqual(composer.line_ids.amount, 70)
        composer.action_send()
        self.run_action()
        followup = self.followups().filtered(lambda f: f.partner_id == self.customer)
        self.assertEqual((followup.state, followup.company_id.name), ("sent", "Acme"))
        self.assertEqual(followup.line_ids.move_id, mine)

    def test_no_invoice_of_the_parent_is_forged_into_it(self):
        foreign = self.invoice(5, 1234)
        line = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "move_line_ids": foreign.line_ids.ids,
        }
        composers = self.env["account.email.followup.composer"]
        with self.assertRaises(AccessError):
            self.as_user(composers, self.clerk).create(
                {"single": True, "line_ids": [Command.create(line)]}
            )

    def test_the_group_s_accountant_sees_the_branch_too(self):
        self.invoice(30, 1000)
        self.branch_invoice(5, 70)
        head = self.person("head", self.company + self.branch)
        row = self.rows(head, self.company)
        self.assertEqual(row.total, 1000)
        action = row.action_compose()
        composers = self.as_user(self.env[action["res_model"]], head, self.company)
        composer = composers.browse(action["res_id"])
        self.assertEqual(composer.line_ids.amount, 1070)
        self.assertIn("1,070.00", composer.body)
        composer.action_send()
        self.assertEqual(self.followups().amount, 1070)
        self.assertEqual(row.reason, "followup_open", "it is known at once")

    def test_what_two_companies_are_asked_for_is_skipped_once(self):
        self.invoice(-5, 1000)
        self.branch_invoice(-5, 70)
        head = self.person("head", self.company + self.branch)
        rows = self.rows(head)
        self.assertEqual(rows.company_id, self.company + self.branch)
        rows.action_skip()
        followup = self.followups()
        self.assertEqual((followup.state, followup.amount), ("skipped", 1070))

    def test_what_waits_is_shown_of_the_row_s_companies(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.step_ids.review = True
        self.invoice(5)
        self.branch_invoice(5, 70)
        self.invoice(5, company=self.other)
        self.env["account.email.followup"]._plan()
        head = self.person("head", self.company + self.branch + self.other)
        for row in self.rows(head):
            action = row.action_review()
            found = self.as_user(self.env[action["res_model"]], head)
            found = found.search(action["domain"])
            sender = self.other if row.company_id == self.other else self.company
            self.assertEqual(found.company_id, sender)


@tagged("post_install", "-at_install")
class TestWishes(ConnectorCommon):
    """What accountants note on customers and invoices."""

    def reason(self, invoice):
        return self.env["account.email.followup"]._explain(invoice)[invoice.id].reason

    def test_excluded_for_one_company_only(self):
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        invoice = self.invoice(5)
        self.invoice(5, company=other)
        self.customer.email_followup_excluded = True
        followups = self.env["account.email.followup"]._plan(self.company + other)
        self.assertEqual(followups.company_id, other)
        self.assertEqual(self.reason(invoice), "excluded")

    def test_odoos_default_of_the_field_holds_as_the_form_says(self):
        """Whoever says "never" of all, and chases some, sees and gets the same."""
        set_default = self.env["ir.default"].set
        set_default("res.partner", "email_followup_excluded", True)
        invoice = self.invoice(5)
        self.assertTrue(self.customer.email_followup_excluded)
        self.assertEqual(self.reason(invoice), "excluded")
        self.customer.email_followup_excluded = False
        self.assertEqual(self.reason(invoice), "due")
        other = self.customer.copy()
        other.email_followup_excluded = False
        plan = self.env.ref("account_email_connector.plan_by_invoice")
        set_default(
            "res.partner", "email_followup_plan_id", plan.id, company_id=self.company.id
        )
        self.assertEqual(other.email_followup_plan_id, plan)
        self.assertEqual(self.plan().plan_id, plan)

    def test_paused_until_the_end_of_a_day(self):
        invoice = self.invoice(5)
        pause = self.env["account.email.followup.pause"].create(
            {
                "partner_ids": self.customer.ids,
                "until": self.today + timedelta(days=3),
            }
        )
        pause.action_confirm()
        self.assertFalse(self.plan(self.today + timedelta(days=3)))
        self.assertEqual(self.reason(invoice), "paused")
        self.assertTrue(self.plan(self.today + timedelta(days=4)))

    def test_a_plan_of_its_own(self):
        self.customer.email_followup_plan_id = self.env.ref(
            "account_email_connector.plan_by_invoice"
        )
        self.invoice(-2)
        self.assertEqual(self.plan().step_id.days, -3)

    def test_a_promise_holds_and_then_resumes(self):
        invoice = self.invoice(5, 100)
        promise = self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today + timedelta(days=2),
            }
        )
        self.assertEqual((promise.owed, promise.state), (100, "open"))
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), "promised")
        grace = self.env.ref("account_email_connector.plan_default").promise_grace
        self.assertTrue(self.plan(self.today + timedelta(days=3 + grace)))
        self.pay(invoice)
        promise.invalidate_recordset()
        self.assertEqual(promise.state, "kept")

    def test_a_dispute_holds_one_invoice(self):
        disputed, other = self.invoice(5, 100), self.invoice(6, 50)
        dispute = self.env["account.email.dispute"].create(
            {"move_ids": disputed.ids, "reason": "Half of it is missing"}
        )
        dispute.action_confirm()
        self.assertEqual(disputed.email_followup_dispute_user_id, self.env.user)
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, other)
        self.assertEqual(self.reason(disputed), "disputed")
        followup.unlink()
        disputed.action_email_followup_dispute_resolved()
        self.assertEqual(self.plan().line_ids.move_id, disputed + other)

    def test_stale_bank_data_hold_the_run(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.bank_days = 3
        invoice = self.invoice(5)
        bank = self.company_data["default_journal_bank"]
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": bank.id,
                "date": self.today - timedelta(days=4),
                "payment_ref": "x",
                "amount": 1,
            }
        )
        self.assertFalse(self.plan())
        self.assertEqual(self.reason(invoice), "bank_stale")
        line.date = self.today - timedelta(days=3)
        self.assertTrue(self.plan())

    def test_why_on_the_customer(self):
        self.invoice(-4)
        self.assertEqual(
            self.customer.email_followup_next_date, self.today + timedelta(days=7)
        )
        self.assertEqual(self.customer.email_followup_next_step_id.days, 3)
        self.assertTrue(self.customer.email_followup_text)

    def test_followup_contacts_get_it_all_of_them(self):
        for number in (1, 2):
            self.customer.copy(
                {
                    "name": f"Clerk {number}",
                    "parent_id": self.customer.id,
                    "is_company": False,
                    "type": "email_followup",
                    "email": f"clerk{number}@bluelake.example",
                }
            )
        self.invoice(5)
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertCountEqual(
            email.recipients, ["clerk1@bluelake.example", "clerk2@bluelake.example"]
        )

    def test_a_bounced_address_is_a_todo(self):
        self.customer.email_followup_bounced = self.customer.email
        self.invoice(5)
        self.assertEqual(self.plan().channel, "todo")

    def test_hours_of_the_plan(self):
        plan = self.env.ref("account_email_connector.plan_default")
        plan.write({"from_hour": 8, "until_hour": 18, "tz": "UTC"})
        self.invoice(5)
        followup = self.plan()
        for shut in ("07:59:59", "18:00:00"):
            with freeze_time(f"{self.today} {shut}"):
                self.run_action()
            self.assertEqual(followup.state, "planned")
        with freeze_time(f"{self.today} 18:00:00"):
            followup.action_send_now()
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_steps_are_one_conversation(self):
        self.invoice(20)
        first = self.plan()
        self.run_action()
        first.done_on = first.planned_date = self.today - timedelta(days=12)
        second = self.plan()
        self.assertEqual(second.step_id.days, 14)
        self.run_action()
        one, two = (email.message for email in self.mailbox.accepted)
        self.assertEqual(two["In-Reply-To"], one["Message-ID"])
        self.assertIn(one["Message-ID"], two["References"])
        root = one["References"].split()[0]
        self.assertEqual(two["References"].split()[0], root)
        self.assertEqual(two["Subject"], "Re: " + one["Subject"])

    def second_step_after(self, change):
        """Send two steps, calling *change* between; returns the second's email."""
        self.invoice(20)
        first = self.plan()
        self.run_action()
        first.delivery_id.thread_id = "19a0"
        first.done_on = first.planned_date = self.today - timedelta(days=12)
        change()
        self.plan()
        self.run_action()
        return self.mailbox.accepted[-1]

    def test_the_providers_conversation_goes_on(self):
        email = self.second_step_after(lambda: None)
        self.assertEqual(email.thread_id, "19a0")

    def test_another_mailbox_knows_no_conversation_of_the_former(self):
        email = self.second_step_after(
            lambda: self.connector.write({"email": "books@acme.example"})
        )
        self.assertEqual(email.thread_id, "")
        self.assertIn("Re: ", email.message["Subject"], "for the customer it goes on")

    def test_a_todo_step_is_a_call_and_counts(self):
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"channel": "todo", "name": "Call them"})
        self.invoice(20)
        followup = self.plan()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(self.customer.activity_ids.summary, "Call them")
        self.assertEqual(self.plan(self.today + timedelta(days=12)).step_id.days, 14)

    def test_a_todo_is_in_the_language_of_whoever_does_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        clerk = new_test_user(
            self.env,
            "todo_clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
            lang="fr_FR",
        )
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"channel": "todo", "name": "Call them", "user_id": clerk.id})
        step.with_context(lang="fr_FR").name = "Les appeler"
        self.invoice(20)
        self.plan()
        self.run_action()
        self.assertEqual(self.customer.activity_ids.summary, "Les appeler")

    def test_copies_and_interest(self):
        plan = self.env.ref("account_email_connector.plan_default")
        currency = self.company.currency_id
        plan.write(
            {"interest_rate": 10, "fixed_fee": 40, "fee_currency_id": currency.id}
        )
        step = self.env.ref("account_email_connector.step_friendly")
        step.write({"show_interest": True, "cc": "sales@acme.example"})
        self.invoice(73, 1000)
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("sales@acme.example", email.recipients)
        body = email.message.get_body(("plain",)).get_content()
        self.assertIn("60.00", body)  # 1000 × 10 % × 73 / 365 + 40
        self.assertIn("1,060.00", body)
