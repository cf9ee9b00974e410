"""Other emails than follow-ups: which of them leave through the mailbox, and that none
is lost while it takes nothing."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.mailbox import condition
from ..engine.sending import waiting
from ..engine.sending.routes import enterprise
from ..models.mail_mail import MailMail
from ..providers.outcomes import (
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Unavailable,
)
from ..providers.reasons import Reason
from ..tools.apart import apart
from .common import ConnectorCommon


class TransportCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connector.sends_accounting_emails = True
        cls.env["mail.mail"].sudo().search([]).unlink()
        cls.anna = cls.person("anna", "Anna Berg", "account.group_account_invoice")
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Paper Mill", "email": "office@mill.example"}
        )
        cls.document = cls.invoice(-30)
        cls.other_company = cls._create_company(name="Borealis")

    @classmethod
    def person(cls, login, name, group, **values):
        email = f"{login}@acme.example"
        values = {"notification_type": "email", **values}
        return new_test_user(
            cls.env, f"transport_{login}", group, name=name, email=email, **values
        )

    def post(self, record, partners, user=None, **values):
        """What a person writes on a document; returns the emails."""
        known = self.env["mail.mail"].sudo().search([])
        record = record.with_user(user or self.anna).sudo()
        record.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partners.ids,
            **values,
        )
        return self.env["mail.mail"].sudo().search([]) - known

    def by_mailbox(self, mails):
        """The addresses that hear from the mailbox, and those that do not."""
        owned = mails._owners()
        ours = mails.filtered(lambda mail: owned.get(mail.id))
        return (
            ours.recipient_ids.mapped("email"),
            (mails - ours).recipient_ids.mapped("email"),
        )

    def queued(self, number=0, record=None, **values):
        """An email that a template has worded."""
        record = record or self.document
        return self.env["mail.mail"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "email_from": "accounting@acme.example",
                "email_to": "pay@bluelake.example",
                "subject": f"{record._name} {number}",
                "body_html": "<p>Here it is</p>",
                **values,
            }
        )

    def send(self, mails):
        with self.mail_leaves(), self.enter_registry_test_mode():
            mails.send()
        self.env.invalidate_all()

    def lose_mailbox(self):
        condition.break_off(self.connector, SignInRequired(Reason.WRONG_PASSWORD))
        self.env.flush_all()

    def made_on(self, mails, at):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mail SET create_date = %s WHERE id = ANY(%s)", [at, mails.ids]
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestWhoseEmail(TransportCommon):
    """Customers hear from the mailbox; everybody else as without the addon."""

    def test_invoices_and_credit_notes_to_customers(self):
        for record in (self.document, self.credit_note(10)):
            mails = self.post(record, self.customer)
            self.assertEqual(self.by_mailbox(mails), (["pay@bluelake.example"], []))

    def test_send_and_print(self):
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.document.id, "sending_methods": ["email"]}
        )
        wizard.action_send_and_print(allow_fallback_pdf=True)
        mails = self.env["mail.mail"].search([("recipient_ids", "!=", False)])
        self.assertEqual(self.by_mailbox(mails), (["pay@bluelake.example"], []))
        self.send(mails)
        (email,) = self.mailbox.accepted
        self.assertEqual(email.message["From"], "Acme <accounting@acme.example>")

    def test_a_colleague_in_the_same_message_hears_from_odoo(self):
        bert = self.person("bert", "Bert", "base.group_user")
        mails = self.post(self.document, self.customer | bert.partner_id)
        ours, others = self.by_mailbox(mails)
        self.assertEqual((ours, others), (["pay@bluelake.example"], [bert.email]))

    def test_a_colleague_still_does_once_the_customer_has_it(self):
        """Both emails have one Message-ID; the journal knows it as the customer's."""
        bert = self.person("bert", "Bert", "base.group_user")
        mails = self.post(
            self.document, self.customer | bert.partner_id, mail_auto_delete=False
        )
        to_bert = mails.filtered(lambda mail: mail.recipient_ids == bert.partner_id)
        self.send(mails - to_bert)
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertFalse(to_bert._owners())
        self.assertTrue((mails - to_bert)._owners())

    def test_one_email_for_both_stays_with_odoo(self):
        mail = self.queued(email_cc="Anna <ANNA@acme.example>")
        self.assertFalse(mail._owners())
        mail = self.queued(recipient_ids=(self.customer | self.anna.partner_id).ids)
        self.assertFalse(mail._owners())

    def test_what_a_customer_writes(self):
        contact = self.env["res.partner"].create(
            {"name": "Zoe", "email": "zoe@bluelake.example"}
        )
        contact.parent_id = self.customer
        portal = self.person(
            "visitor", "Visitor", "base.group_portal", partner_id=contact.id
        )
        people = self.customer | self.anna.partner_id
        mails = self.post(self.document, people, portal)
        self.assertEqual(self.by_mailbox(mails)[0], [])
        self.assertEqual(len(self.by_mailbox(mails)[1]), 2)
        self.assertEqual(mails.author_id, contact)

    def test_vendors_and_entries(self):
        bill = self._post("in_invoice", self.today, 10, self.supplier)
        entry = self.env["account.move"].create({"move_type": "entry"})
        for record in (bill, entry):
            mails = self.post(record, self.supplier)
            self.assertEqual(self.by_mailbox(mails), ([], ["office@mill.example"]))

    def test_payments(self):
        for kind, partner_kind, ours in (
            ("inbound", "customer", True),
            ("outbound", "customer", False),
            ("outbound", "supplier", False),
            ("inbound", "supplier", False),
        ):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": kind,
                    "partner_type": partner_kind,
                    "partner_id": self.customer.id,
                    "amount": 10,
                }
            )
            mails = self.post(payment, self.customer)
            self.assertEqual(bool(mails._owners()), ours, (kind, partner_kind))

    def test_other_documents_and_customers_themselves(self):
        self.connector.sends_other_accounting_emails = True
        mails = self.post(self.customer, self.customer)
        mails += self.queued(record=self.customer)
        mails += self.queued(model=False, res_id=False)
        self.assertFalse(mails._owners())

    def test_each_kind_has_its_switch(self):
        def routes(mails):
            return {mail.id: (self.company, mail.subject) for mail in mails}

        kinds = ("invoice", "accounting", "no such kind")
        mails = self.env["mail.mail"]
        for kind in kinds:
            mails += self.queued(record=self.customer, subject=kind)
        with patch.object(MailMail, "_email_connector_routes", routes):
            self.assertEqual(list(mails._owners()), mails[:1].ids)
            self.connector.sends_other_accounting_emails = True
            self.connector.sends_accounting_emails = False
            self.assertEqual(list(mails._owners()), mails[1:2].ids)

    def test_enterprises_follow_ups_and_no_other_email_to_a_customer(self):
        """As ``account_followup`` posts them, with its model known or not."""
        self.connector.sends_other_accounting_emails = True
        note = {"message_type": "notification", "subtype_xmlid": "mail.mt_note"}
        layout = {"email_layout_xmlid": "mail.mail_notification_light"}
        other = self.env["res.partner"].create(
            {"name": "Other", "email": "o@x.example"}
        )
        posted = [
            self.notify(self.customer, **note, **layout),
            self.notify(self.customer, **note),
            self.notify(other, **note, **layout),
            self.notify(self.customer, **layout, message_type="comment"),
        ]
        mails = self.env["mail.mail"].union(*posted)
        self.assertFalse(mails._owners())
        with patch.object(enterprise, "INSTALLED", "account.move"):
            self.assertEqual(list(mails._owners()), posted[0].ids)

    def notify(self, partner, **values):
        known = self.env["mail.mail"].sudo().search([])
        self.customer.message_post(body="Please", partner_ids=partner.ids, **values)
        return self.env["mail.mail"].sudo().search([]) - known

    def test_no_query_for_each(self):
        mails = self.env["mail.mail"].union(*(self.queued(n) for n in range(3)))
        more = self.env["mail.mail"].union(
            *(self.queued(n, self.invoice(-30)) for n in range(20))
        )
        mails._owners()  # what Odoo keeps of rights and rules
        self.env.flush_all()
        counts = []
        for some in (mails, more):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(some._owners()), len(some))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # -- under which name --------------------------------------------------------------

    def test_what_a_person_wrote_has_their_name(self):
        self.send(self.post(self.document, self.customer))
        (email,) = self.mailbox.accepted
        self.assertEqual(
            email.message["From"], '"Anna Berg (Acme)" <accounting@acme.example>'
        )
        self.assertEqual(email.sender, "accounting@acme.example")

    def test_without_a_sender_the_mailbox_is_it(self):
        """Core would refuse it: a user, or company, without an address."""
        mail = self.queued(email_from=False)
        self.send(mail)
        (email,) = self.mailbox.accepted
        self.assertEqual(email.message["From"], "Acme <accounting@acme.example>")

    def test_the_next_one_has_not(self):
        mails = self.post(self.document, self.customer) + self.queued()
        self.send(mails)
        names = [
            email.message["From"].split(" <")[0] for email in self.mailbox.accepted
        ]
        self.assertEqual(names, ['"Anna Berg (Acme)"', "Acme"])

    def test_a_message_without_signature_is_the_companys(self):
        self.send(self.post(self.document, self.customer, email_add_signature=False))
        (email,) = self.mailbox.accepted
        self.assertEqual(email.message["From"], "Acme <accounting@acme.example>")

    def test_a_company_that_is_renamed(self):
        self.company.name = "Acme & Daughters"
        self.send(self.queued())
        (email,) = self.mailbox.accepted
        self.assertIn("Acme & Daughters", email.message["From"])


@tagged("post_install", "-at_install")
class TestNothingIsLost(TransportCommon):
    """What the mailbox does not take waits for it, two days at most."""

    def test_it_waits_and_is_counted(self):
        self.lose_mailbox()
        mails = self.queued(1) + self.queued(2)
        self.send(mails)
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertEqual(mails.sudo().email_waits_for_id, self.connector)
        self.assertGreater(min(mails.mapped("scheduled_date")), fields.Datetime.now())
        self.assertEqual(self.connector.waiting_emails, 2)
        self.assertEqual(self.connector.waiting_count, 2)
        lines = self.connector.with_user(self.anna).get_trouble()
        self.assertEqual([line["waiting"] for line in lines], [2])

    def test_a_branch_is_told_of_its_parents_mailbox(self):
        branch = self.env["res.company"].create(
            {"name": "Acme West", "parent_id": self.company.id}
        )
        group = "account.group_account_readonly"
        auditor = self.person(
            "rosa", "Rosa", group, company_id=branch.id, company_ids=branch.ids
        )
        stranger = self.person(
            "zoe",
            "Zoe",
            group,
            company_id=self.other_company.id,
            company_ids=self.other_company.ids,
        )
        self.lose_mailbox()
        self.send(self.queued())
        connectors = self.env["account.email.connector"]
        (line,) = connectors.with_user(auditor).get_trouble()
        self.assertEqual(line["waiting"], 1)
        self.assertFalse(connectors.with_user(stranger).get_trouble())
        seller = self.person("sven", "Sven", "base.group_user")
        self.assertFalse(connectors.with_user(seller).get_trouble())

    def test_the_one_that_finds_the_mailbox_broken_waits_too(self):
        mails = self.post(self.document, self.customer) + self.queued()
        wrong = SignInRequired(Reason.WRONG_PASSWORD)
        self.mailbox.refusals[:] = [wrong, wrong]
        self.send(mails)
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        sent = self.env["mail.notification"].search([("mail_mail_id", "in", mails.ids)])
        self.assertEqual(sent.mapped("notification_status"), ["ready"])
        self.mailbox.refusals.clear()
        self.reconnect()
        self.run_queue()
        self.assertEqual(len(self.sent()), 2)

    def sent(self):
        """What customers have got, in this order: the subjects."""
        return [
            email.message["Subject"]
            for email in self.mailbox.accepted
            if email.recipients != (self.connector.email,)
        ]

    def test_nobody_is_told_of_a_failure_that_is_none(self):
        self.lose_mailbox()
        mails = self.post(self.document, self.customer)
        self.send(mails)
        message = mails.mail_message_id
        self.assertFalse(message.has_error)

    def test_it_is_looked_at_each_hour_not_each_minute(self):
        self.lose_mailbox()
        mails = self.queued(1) + self.queued(2) + self.queued(3)
        self.send(mails)
        for minutes, looked_at in ((59, 0), (61, 3)):
            with (
                self.later(minutes=minutes),
                patch.object(MailMail, "send", autospec=True) as send,
            ):
                self.env["mail.mail"].sudo().process_email_queue()
            self.assertEqual(len(send.call_args.args[0] & mails), looked_at)

    def test_of_more_than_a_run_takes_the_oldest_go_first(self):
        batch = "mail.mail.queue.batch.size"
        self.env["ir.config_parameter"].sudo().set_param(batch, 2)
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].sudo()
        self.lose_mailbox()
        mails = self.env["mail.mail"].union(*(self.queued(n) for n in range(5)))
        self.send(mails)
        self.reconnect()
        (self.env["mail.mail"].sudo().search([]) - mails).unlink()  # of the incident
        for gone in (2, 4, 5):
            triggers.search([("cron_id", "=", queue.id)]).unlink()
            self.run_queue()
            self.assertEqual(self.sent(), mails.mapped("subject")[:gone])
            called = triggers.search_count([("cron_id", "=", queue.id)])
            self.assertEqual(bool(called), gone < 5, "the next run follows at once")

    def stuck_queue(self, size, number):
        """So many emails in the queue, of which it takes *size* in one run."""
        batch = "mail.mail.queue.batch.size"
        self.env["ir.config_parameter"].sudo().set_param(batch, size)
        mails = self.env["mail.mail"].union(*(self.queued(n) for n in range(number)))
        self.env["ir.cron.trigger"].sudo().search([]).unlink()
        return mails

    def called_again(self):
        """Whether the queue is gone through again at once."""
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
        due = [("cron_id", "=", queue.id), ("call_at", "<=", fields.Datetime.now())]
        return bool(self.env["ir.cron.trigger"].sudo().search_count(due))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_emails_that_never_leave_hold_up_nobody(self):
        """Core gives up its run at what it does not expect; the newest go with it."""
        mails = self.stuck_queue(2, 5)
        stuck, send = mails[:2], MailMail.send

        def fail(sent, *args, **kwargs):
            if sent & stuck:
                raise UserError("No")  # pylint: disable=translation-required
            return send(sent, *args, **kwargs)

        with patch.object(MailMail, "send", fail):
            self.run_queue()
            self.assertEqual(self.sent(), mails[3:].mapped("subject"))
            self.assertFalse(self.called_again(), "nothing of the oldest has moved")
            newer = self.queued(7) + self.queued(8)
            self.run_queue()
        self.assertEqual(self.sent(), (mails[3:] + newer).mapped("subject"))
        self.assertEqual(stuck.mapped("state"), ["outgoing"] * 2)

    @mute_logger("odoo.addons.account_email_connector.models.mail_mail")
    def test_what_a_fault_stops_is_put_off(self):
        """The first goes to a later hour, and those behind it soon without it."""
        mails = self.stuck_queue(3, 4)
        bad, send_one = mails[0], MailMail._send_one
        self.assertFalse(waiting.has_moved(mails))

        def fail(mail, *args, **kwargs):
            if mail == bad:
                raise ZeroDivisionError
            return send_one(mail, *args, **kwargs)

        with patch.object(MailMail, "_send_one", fail):
            self.send_committing(mails[:3])
            self.assertFalse(self.sent())
            self.assertTrue(waiting.has_moved(mails[:3]), "others may go")
            self.assertEqual(mails.mapped("state"), ["outgoing"] * 4)
            with self.later(minutes=20):
                self.run_queue()
            self.assertEqual(set(self.sent()), set(mails[1:].mapped("subject")))
        with self.later(hours=2):
            self.run_queue()
        self.assertEqual(len(self.sent()), 4)

    def send_committing(self, mails):
        """As the queue does outside of tests: it commits, and rolls back."""
        self.env.flush_all()
        with (
            self.mail_leaves(),
            self.enter_registry_test_mode(),
            apart(self.env) as own,
        ):
            mails.with_env(own).sudo().send(auto_commit=True)
        self.env.invalidate_all()

    def test_many_are_one_statement(self):
        self.lose_mailbox()
        mails = self.env["mail.mail"].union(*(self.queued(n) for n in range(30)))
        self.env.flush_all()
        statements = []
        execute = type(self.env.cr).execute

        def watch(cr, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", watch):
            self.send(mails)
        updates = [each for each in statements if 'UPDATE "mail_mail"' in each]
        self.assertEqual(len(updates), 1, updates)

    def test_one_in_sent_proves_nothing_of_another(self):
        """The emails of one message have one Message-ID."""
        second = self.customer.copy({"email": "second@bluelake.example"})
        both = (self.customer + second).ids
        mail = self.queued(email_to=False, recipient_ids=both)
        self.mailbox.lies_in_sent.add(mail.message_id)
        self.mailbox.refusals[:] = [None, OutcomeUnknown(Reason.MAYBE_SENT)]
        self.send(mail)
        journal = self.env["account.email.delivery"].sudo()
        told = journal.search([("message_id", "=", mail.message_id)])
        self.assertEqual(sorted(told.mapped("state")), ["accepted", "unknown"])

    def test_what_its_receiver_puts_off_waits_for_its_own_time(self):
        """Greylisted: others go meanwhile, and it is not asked for each minute."""
        mail = self.queued()
        later = Unavailable(Reason.DEFERRED, retry_after=1200, code="450")
        self.mailbox.refusals[:] = [later]
        self.send(mail)
        self.assertEqual(mail.state, "outgoing")
        at = mail.scheduled_date
        self.assertGreater(at, fields.Datetime.now() + timedelta(minutes=15))
        self.run_queue()
        self.assertEqual((mail.state, mail.scheduled_date), ("outgoing", at))
        self.assertFalse(self.mailbox.accepted)

    def test_what_is_given_up_does_not_promise_to_be_tried_again(self):
        mail = self.queued()
        later = Unavailable(Reason.DEFERRED, code="450", detail="Greylisted")
        for at, state in (({}, "outgoing"), ({"hours": 48, "minutes": 1}, "exception")):
            self.mailbox.refusals[:] = [later]
            with self.later(**at):
                self.run_queue()
            self.assertEqual(mail.state, state)
        self.assertIn("450 Greylisted", mail.failure_reason)
        self.assertIn("does not try again by itself", mail.failure_reason)
        self.assertNotIn("is tried again by itself", mail.failure_reason)

    def test_what_was_meant_for_later_has_not_waited(self):
        self.lose_mailbox()
        mail = self.queued(scheduled_date=fields.Datetime.now() + timedelta(days=3))
        with self.later(days=3, hours=1):
            self.run_queue()
            self.assertEqual(mail.state, "outgoing")
        with self.later(days=5, hours=2):
            self.run_queue()
        self.assertEqual(mail.state, "exception")

    def test_after_two_days_it_is_said(self):
        self.lose_mailbox()
        mail = self.post(self.document, self.customer)
        self.send(mail)
        with self.later(hours=47):
            self.run_queue()
            self.assertEqual(mail.state, "outgoing")
            self.assertLess(
                mail.scheduled_date, fields.Datetime.now() + timedelta(hours=1.1)
            )
        with self.later(hours=48, minutes=1):
            self.run_queue()
        self.assertEqual(mail.state, "exception")
        self.assertIn("waited two days for the mailbox of Acme", mail.failure_reason)
        self.assertTrue(mail.mail_message_id.has_error)
        self.assertEqual(self.connector.waiting_count, 0)
        self.reconnect()
        with self.later(hours=50):
            mail.action_retry()
            self.run_queue()
        self.assertEqual(len(self.sent()), 1)

    def test_disconnected_it_waits_for_the_next_address(self):
        self.lose_mailbox()
        mail = self.queued(7)
        self.send(mail)
        self.connector.action_disconnect()
        with self.later(hours=2):
            self.run_queue()
            self.assertEqual(mail.state, "outgoing")
            with self.mail_leaves(), self.enter_registry_test_mode():
                self.connect(self.company, "new@acme.example")
            self.run_queue()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(self.mailbox.accepted[-1].sender, "new@acme.example")

    def test_switched_off_it_goes_as_odoo_sends_it(self):
        self.lose_mailbox()
        mail = self.queued()
        self.send(mail)
        self.connector.sends_accounting_emails = False
        self.assertFalse(mail.sudo()._owners())

    def test_a_mailbox_that_pauses_is_waited_for_as_long_as_it_takes(self):
        mail = self.queued()
        until = fields.Datetime.now().replace(microsecond=0) + timedelta(days=3)
        self.connector.wait_until = until
        self.send(mail)
        self.assertEqual((mail.state, mail.scheduled_date), ("outgoing", until))
        with self.later(days=3, minutes=1):
            self.run_queue()
        self.assertEqual(mail.state, "sent")

    def test_a_refusal_is_a_failure_as_ever(self):
        mail = self.queued()
        self.mailbox.refusals[:] = [Rejected(Reason.RECIPIENT_REFUSED)]
        self.send(mail)
        self.assertEqual(mail.state, "exception")

    def test_reconnecting_calls_for_the_queue(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.lose_mailbox()
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers.search([("cron_id", "=", queue.id)]).unlink()
        self.reconnect()
        now = fields.Datetime.now()
        called = triggers.search([("cron_id", "=", queue.id)]).mapped("call_at")
        self.assertLessEqual(min(called), now)

    def test_an_outage_of_36_hours(self):
        """50 invoices, 20 receipts and 30 follow-ups: each once, the oldest first."""
        began = fields.Datetime.now()
        self.lose_mailbox()
        documents = [self.invoice(-30) for _each in range(50)]
        documents += [self.receipt() for _each in range(20)]
        customers = self.debtors(30)
        self.plan()
        waiting = self.env["mail.mail"]
        for hour in range(36):
            with self.later(hours=hour):
                for record in documents[2 * hour : 2 * hour + 2]:
                    mail = self.queued(len(waiting), record)
                    self.made_on(mail, began + timedelta(hours=hour))
                    self.send(mail)
                    waiting += mail
                self.run_queue()
                if hour % 12 == 0:
                    self.run_action()
                counted = len(waiting) + len(customers)
                self.assertEqual(self.connector.waiting_count, counted)
                (line,) = self.connector.with_user(self.anna).get_trouble()
                self.assertEqual(line["waiting"], counted)
        self.assertEqual(len(waiting), 70)
        self.assertFalse(self.mailbox.accepted)
        with self.later(hours=36):
            self.reconnect()
            self.run_queue()
            self.run_action()
            self.run_queue()
        self.assertEqual(self.connector.waiting_count, 0)
        self.assertEqual(waiting.mapped("state"), ["sent"] * 70)
        numbers = [s for s in self.sent() if s.startswith("account.")]
        self.assertEqual(numbers, waiting.mapped("subject"))
        reached = Counter(each.recipients[0] for each in self.mailbox.accepted)
        self.assertEqual(
            [reached[email] for email in customers.mapped("email")], [1] * 30
        )

    def receipt(self):
        return self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 10,
            }
        )

    def debtors(self, number):
        customers = self.env["res.partner"].create(
            [
                {"name": f"Debtor {n}", "email": f"debtor-{n}@late.example"}
                for n in range(number)
            ]
        )
        for customer in customers:
            self.invoice(5, partner=customer)
        return customers
