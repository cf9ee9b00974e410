from contextlib import suppress
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from lxml.etree import fromstring

from odoo import fields
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import format_datetime, html2plaintext, mute_logger

from ..engine.followup import ledger, todo
from ..engine.sending import copies
from ..models import account_email_delivery
from ..providers.base import SentCopy
from ..providers.outcomes import OutcomeUnknown, Unavailable
from ..providers.reasons import Reason
from ..texts import standing_text
from ..tools.locks import Busy
from .common import ConnectorCommon

CUT_OFF = {"detail": "the connection was lost", "service": "smtp"}


class UncertainCommon(ConnectorCommon):
    def uncertain(self, partner=None, **outcome):
        """A follow-up whose attempt ended so."""
        self.invoice(5, partner=partner)
        followup = self.plan()
        self.mailbox.refusals[:] = [OutcomeUnknown(Reason.MAYBE_SENT, **outcome)]
        self.run_action()
        self.assertEqual(followup.state, "unknown")
        self.retry_now()
        return followup

    def todos(self, partner=None):
        return (partner or self.customer).activity_ids


@tagged("post_install", "-at_install")
class TestWhatIsKnown(UncertainCommon):
    """Nobody is sent where it cannot be seen."""

    def told(self, followup):
        (todo,) = self.todos(followup.partner_id)
        return [
            *(followup.reason_text, followup.attempt_text),
            *(todo.summary, todo.note),
            followup.mail_id.failure_reason or "",
        ]

    def test_where_we_file_the_copies_nobody_looks_into_sent(self):
        followup = self.uncertain(**CUT_OFF)
        for text in self.told(followup):
            self.assertNotIn("Sent", text)
        self.assertIn("The whole email was handed over at", followup.attempt_text)
        self.assertIn("the connection was lost", followup.attempt_text)
        self.assertIn("log of your mail server", followup.attempt_text)
        tried_at = f"{followup.delivery_id.started_at:%Y-%m-%d %H:%M:%S} UTC"
        self.assertEqual(followup.tried_at, tried_at)
        self.assertNotIn("Sent", standing_text(self.env, "outcome_unknown"))

    def test_where_the_provider_files_them_one_looks_there(self):
        self.connector.smtp_host = "smtp.office365.com"
        followup = self.uncertain(**CUT_OFF)
        where = "the Sent folder of accounting@acme.example"
        self.assertIn(where, followup.attempt_text)
        self.assertIn(where, self.todos().note)

    def test_at_a_provider_with_a_sign_in(self):
        followup = self.uncertain(detail="graph.microsoft.com: ReadTimeout")
        self.connector.write({"provider": "microsoft", "smtp_host": False})
        self.assertIn("was being handed over", followup.attempt_text)
        self.assertIn("ReadTimeout", followup.attempt_text)
        self.assertIn("Sent folder of accounting@acme", followup.attempt_text)
        shared = {"send_as": "team@acme.example", "sent_items": "shared"}
        self.connector.write(shared)
        self.env.invalidate_all()
        self.assertIn("Sent folder of team@acme", followup.attempt_text)

    def test_where_a_chosen_folder_fills_by_itself_one_looks_there(self):
        chosen = {"imap_host": "imap.acme.example", "sent_folder": "Verstuurd"}
        followup = self.uncertain(**CUT_OFF)
        self.connector.write({**chosen, "sent_habit": "provider"})
        self.env.invalidate_all()
        where = "in the folder Verstuurd of accounting@acme.example, after"
        self.assertIn(where, followup.attempt_text)
        for sent_copy in ("auto", "always"):  # such a server has its own folder
            known = {"smtp_host": "smtp.office365.com", "sent_copy": sent_copy}
            self.connector.write(known)
            self.env.invalidate_all()
            self.assertIn("in the Sent folder of acc", followup.attempt_text)
            self.assertNotIn("Verstuurd", followup.attempt_text)

    def test_the_todo_tells_the_time_of_its_reader(self):
        """The scheduled action has no time zone of theirs."""
        reader = self.connector.connected_by_id
        zones = ("Europe/Paris", "America/New_York", False)
        for number, zone in enumerate(zones):
            reader.tz = zone
            customer = self.customer.copy({"email": f"{number}@many.example"})
            with self.subTest(zone):
                followup = self.uncertain(customer, **CUT_OFF)
                self.assertEqual(todo.responsible(followup), reader)
                at, lang = followup.delivery_id.started_at, reader.lang
                clock = format_datetime(self.env, at, tz=zone or "UTC", lang_code=lang)
                said = clock if zone else f"{clock} UTC"
                self.assertIn(f"handed over at {said}.", self.todos(customer).note)

    def test_the_todo_has_what_the_log_is_searched_by(self):
        followup = self.uncertain(**CUT_OFF)
        note = html2plaintext(self.todos().note)
        self.assertIn(f"Message-ID: {followup.message_id_header}", note)
        self.assertTrue(followup.message_id_header)

    def test_an_answer_that_does_not_say_it(self):
        followup = self.uncertain(code="451 4.4.2", detail="451 4.4.2 timed out")
        self.assertIn("451 4.4.2 timed out", followup.attempt_text)
        self.assertIn("did not say that it was taken", followup.attempt_text)

    @mute_logger("odoo.addons.account_email_connector.models.account_email_delivery")
    def test_a_defect_of_ours_is_no_word_of_the_server(self):
        self.invoice(5)
        followup = self.plan()
        self.mailbox.refusals[:] = [ZeroDivisionError()]
        self.run_action()
        self.assertIn("how far it came is not known", followup.attempt_text)

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_one_that_was_killed(self):
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        followup.state = followup.delivery_id.state = "sending"
        self.run_action()
        self.assertIn("how far it came is not known", followup.attempt_text)

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_whoever_was_taken_for_dead_and_has_its_answer_meanwhile(self):
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        delivery = followup.delivery_id

        def answered(state, *_args):
            query = "UPDATE account_email_delivery SET state = %s WHERE id = %s"
            self.env.cr.execute(query, [state, delivery.id])

        for state, emails in (("accepted", 0), ("deferred", 1)):
            with self.subTest(state):
                followup.state = delivery.state = "sending"
                self.mailbox.accepted.clear()
                self.mailbox.find_sent = partial(answered, state)
                self.run_action()
                del self.mailbox.find_sent
                self.assertEqual(len(self.mailbox.accepted), emails)
                self.assertEqual((followup.state, delivery.state), ("sent", state))
                self.assertFalse(self.todos(), "nobody has to be asked")

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_one_that_was_killed_before_it_could_leave_goes_again(self):
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        cut_off = followup.delivery_id  # as if killed before it was handed over
        cut_off.handed_at = False
        followup.state = cut_off.state = "sending"
        self.mailbox.accepted.clear()
        self.run_action()
        self.assertEqual((followup.state, cut_off.state), ("sent", "deferred"))
        self.assertEqual(len(self.mailbox.accepted), 1)
        self.assertFalse(self.todos(), "nobody has to be asked")

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_while_a_mailbox_is_asked_it_has_one_connection(self):
        """After a crash all mailboxes are: their locks are on what they have."""
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        for state, copy in (("sending", "filed"), ("accepted", False)):
            followup.state = "sending"
            followup.delivery_id.write({"state": state, "sent_copy": copy})
            opened = patch.object(account_email_delivery, "held", side_effect=Busy)
            with self.subTest(state), opened as opens:
                self.run_action()
                self.assertFalse(opens.called)
                self.assertIn(followup.state, ("unknown", "sent"))

    def test_whoever_was_taken_for_dead_sends_nothing_any_more(self):
        """Its lock was lost with a connection, and another one has gone on."""

        def taken_for_dead(email):
            delivery = self.env["account.email.delivery"].search([], limit=1)
            self.assertEqual(delivery.state, "sending")
            with suppress(Unavailable):  # assertRaises would roll back
                delivery._resolve(None)
            email.leaving()
            self.fail("it was told to send")

        self.invoice(5)
        followup = self.plan()
        self.mailbox.send = taken_for_dead
        self.run_action()
        del self.mailbox.send
        self.assertEqual(followup.state, "sending", "the next run knows more")
        self.env.invalidate_all()
        with mute_logger("odoo.addons.account_email_connector.engine.sending.recover"):
            self.run_action()
        self.assertEqual(followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_one_put_off_may_leave_in_its_next_attempt(self):
        self.connector.sends_accounting_emails = True
        move = self.invoice(5)
        mail = self.env["mail.mail"].create(
            {
                "model": move._name,
                "res_id": move.id,
                "email_to": "pay@bluelake.example",
                "email_from": "accounting@acme.example",
                "body_html": "<p>Here it is</p>",
            }
        )
        self.mailbox.refusals[:] = [Unavailable(Reason.CONNECTION_LOST)]
        for _attempt in range(2):
            with self.mail_leaves(), self.enter_registry_test_mode():
                mail.send()
            self.retry_now()
        self.assertEqual(mail.state, "sent")
        delivery = self.env["account.email.delivery"].search([])
        self.assertEqual((delivery.state, delivery.attempts), ("accepted", 2))

    def test_an_attempt_is_told_from_the_next_one(self):
        """It was taken for dead, and its row was claimed anew."""

        def overtaken(email):
            self.env.cr.execute(
                "UPDATE account_email_delivery SET attempts = attempts + 1"
            )
            email.leaving()
            self.fail("it was told to send")

        self.invoice(5)
        followup = self.plan()
        self.mailbox.send = overtaken
        self.run_action()
        del self.mailbox.send
        self.assertEqual(followup.state, "sending")

    def test_whoever_was_taken_for_dead_says_nothing_of_what_others_did(self):
        def overtaken(email):
            self.env.cr.execute(
                """UPDATE account_email_delivery
                      SET state = 'accepted', attempts = attempts + 1"""
            )
            raise Unavailable(Reason.CONNECTION_LOST)

        self.invoice(5)
        followup = self.plan()
        self.mailbox.send = overtaken
        self.run_action()
        del self.mailbox.send
        delivery = self.env["account.email.delivery"].search([])
        self.assertEqual((delivery.state, delivery.reason), ("accepted", False))
        self.assertEqual(followup.state, "sent")

    @mute_logger("odoo.addons.account_email_connector.engine.sending.recover")
    def test_what_is_known_stays_known(self):
        followup = self.uncertain(**CUT_OFF)
        followup.state = "sending"  # as if killed before it was written down
        self.run_action()
        self.assertEqual(followup.state, "unknown")
        self.assertIn("the connection was lost", followup.attempt_text)

    def test_the_question_says_the_risk(self):
        arch = self.env["account.email.followup"].get_view(view_type="form")["arch"]
        (button,) = fromstring(arch).iterfind(".//button[@name='action_was_not_sent']")
        self.assertIn("the customer gets it twice", button.get("confirm"))
        self.assertNotIn("Sent folder", arch)

    def test_others_have_nothing_of_the_kind(self):
        self.invoice(5)
        followup = self.plan()
        self.assertFalse(followup.attempt_text)
        self.run_action()
        self.assertFalse(followup.attempt_text)


@tagged("post_install", "-at_install")
class TestAnswered(UncertainCommon):
    """The to-do ends with the answer; what was sent gets its copy."""

    def answers(self):
        return ("action_was_sent", "It was sent."), (
            "action_was_not_sent",
            "It is sent again.",
        )

    def test_the_todo_ends_with_the_answer(self):
        for number, (action, words) in enumerate(self.answers()):
            with self.subTest(action):
                email = f"{number}@many.example"
                customer = self.customer.copy({"email": email})
                followup = self.uncertain(customer)
                self.assertEqual(len(self.todos(customer)), 1)
                other = customer.activity_schedule("mail.mail_activity_data_call")
                getattr(followup, action)()
                self.assertEqual(self.todos(customer), other)
                done = customer.message_ids.filtered("mail_activity_type_id")
                self.assertIn(words, done.body)

    def test_whoever_has_the_todo(self):
        """The one asks, another answers, who may not see the first one's to-dos."""
        followup = self.uncertain()
        self.todos().user_id = new_test_user(self.env, "elsewhere")
        billing = new_test_user(
            self.env,
            "uncertain_billing",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        followup.with_user(billing).action_was_sent()
        self.env.invalidate_all()
        self.assertFalse(self.todos())

    def test_each_follow_up_is_asked_about(self):
        """Two of one customer, of two companies: each has its to-do."""
        one = self.uncertain()
        two = one.copy({"state": "unknown", "delivery_id": one.delivery_id.id})
        from_two = two.sudo()
        from_two.state = "sending"
        ledger.unknown(from_two, one.delivery_id)
        self.assertEqual(len(self.todos()), 2)
        one.action_was_sent()
        (left,) = self.todos()
        self.assertIn(f'data-oe-id="{two.id}"', left.note)
        again = self.todos().copy()
        self.assertEqual(len(self.todos()), 2)
        two.action_was_not_sent()
        self.assertFalse(again.exists().filtered("active"), "of several, all")
        self.assertFalse(self.todos())

    def test_the_copy_is_filed_and_nothing_is_sent(self):
        followup = self.uncertain(**CUT_OFF)
        delivery = followup.delivery_id
        self.customer.email = "corrected@bluelake.example"
        followup.action_was_sent()
        self.assertEqual(delivery.sent_copy, "owed")
        self.run_action()
        self.assertEqual(delivery.sent_copy, "filed")
        self.assertEqual(self.mailbox.filed, [followup.message_id_header])
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual((followup.state, followup.mail_id.state), ("sent", "sent"))
        status = followup.mail_message_id.notification_ids.notification_status
        self.assertEqual(status, "sent")
        self.run_action()
        self.assertEqual(len(self.mailbox.filed), 1)
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(
            self.env["account.email.delivery"].search_count(
                [("message_id", "=", followup.message_id_header)]
            ),
            1,
        )

    def copy_of(self, followup):
        """The message that is filed, once a person says that it was sent."""
        filed = []

        def file_copy(email):
            filed.append(email.message)
            return SentCopy("filed")

        self.mailbox.file_copy = file_copy
        self.addCleanup(self.mailbox.__dict__.pop, "file_copy")
        followup.action_was_sent()
        self.run_action()
        (copy,) = filed
        return copy

    def test_the_copy_bears_the_day_of_the_attempt(self):
        followup = self.uncertain()
        copy = self.copy_of(followup)
        at = copy["Date"].datetime.replace(tzinfo=None)
        tried_at = followup.delivery_id.started_at.replace(microsecond=0)
        self.assertEqual(at, tried_at)
        self.assertEqual(copy["To"], "Blue Lake <pay@bluelake.example>")

    def test_the_copy_bears_the_address_of_the_attempt(self):
        followup = self.uncertain()
        self.customer.email = "corrected@bluelake.example"
        copy = self.copy_of(followup)
        self.assertEqual(copy["To"], "Blue Lake <pay@bluelake.example>")
        self.assertFalse(copy["Cc"] or copy["Bcc"])

    def test_a_mailbox_that_is_away_gets_it_later(self):
        followup = self.uncertain()
        followup.action_was_sent()
        self.connector.wait_until = fields.Datetime.now() + timedelta(hours=1)
        self.run_action()
        self.assertEqual(followup.delivery_id.sent_copy, "owed")
        self.retry_now()
        self.run_action()
        self.assertEqual(followup.delivery_id.sent_copy, "filed")

    def failing(self, followup):
        """File it, and see that it is said that this failed."""
        followup.action_was_sent()
        self.run_action()
        self.assertEqual(followup.delivery_id.sent_copy, "failed")
        self.assertEqual((followup.state, followup.mail_id.state), ("sent", "sent"))
        self.assertFalse(self.mailbox.accepted)
        return followup.message_ids[0].body

    def test_a_copy_that_cannot_be_filed_is_told(self):
        followup = self.uncertain()
        full = SentCopy("failed", "NO [OVERQUOTA] full")
        with (
            patch.object(type(self.mailbox), "file_copy", lambda *args: full),
            mute_logger("odoo.addons.account_email_connector.models"),
        ):
            self.assertIn("NO [OVERQUOTA] full", self.failing(followup))

    def test_another_mailbox_by_now_gets_no_copy(self):
        followup = self.uncertain()
        self.connector.email = "other@acme.example"
        self.assertIn("not the same any more", self.failing(followup))
        self.assertFalse(self.mailbox.filed)

    @mute_logger("odoo.addons.account_email_connector.engine.sending.copies")
    def test_a_defect_is_told_and_stops_nobody(self):
        followup = self.uncertain()
        wrong = patch.object(copies, "Filing", side_effect=ZeroDivisionError())
        self.invoice(5, partner=self.customer.copy({"email": "w@many.example"}))
        other = self.plan()
        followup.action_was_sent()
        with wrong:
            self.run_action()
        self.assertEqual(followup.delivery_id.sent_copy, "failed")
        self.assertIn("ZeroDivisionError", followup.message_ids[0].body)
        self.assertEqual(other.state, "sent")

    def test_one_of_which_the_journal_knows_nothing(self):
        self.invoice(5)
        followup = self.plan()
        followup.state = "unknown"
        self.assertIn("an unknown time", followup.attempt_text)
        followup.action_was_sent()
        self.assertEqual(followup.state, "sent")
        note = followup.line_ids.move_id.message_ids[0].body
        self.assertIn("pay@bluelake.example", note)
        self.run_action()
        self.assertFalse(self.mailbox.accepted + self.mailbox.filed)


@tagged("post_install", "-at_install")
class TestWaitedLong(ConnectorCommon):
    """A mailbox that comes back after weeks does not send all that has waited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.env.ref("account_email_connector.plan_default")

    def away(self, days, customers=3):
        """Plan some follow-ups; their mailbox comes back after *days*."""
        for number in range(customers):
            partner = self.customer.copy({"email": f"{number}@many.example"})
            self.invoice(5, partner=partner)
        followups = self.plan()
        self.connector.state = "error"
        later = fields.Datetime.now() + timedelta(days=days)
        self.startPatcher(freeze_time(later))
        self.connector.state = "connected"
        return followups

    def todos(self):
        return self.connector.activity_ids

    def test_a_month_later_a_person_is_asked_once(self):
        followups = self.away(30)
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(set(followups.mapped("state")), {"to_review"})
        self.assertEqual(set(followups.mapped("reason")), {"waited_long"})
        (todo,) = self.todos()
        self.assertIn("could not leave in time: 3.", todo.note)
        self.assertIn("action_followup_to_review", todo.note)
        self.assertFalse(followups.partner_id.activity_ids)
        self.run_action()
        self.assertEqual(self.todos(), todo)
        followups[0].action_skip()
        self.assertIn("could not leave in time: 2.", self.todos().note)
        followups[1:].action_approve()
        self.run_action()
        self.assertEqual(followups.mapped("state"), ["skipped", "sent", "sent"])
        self.assertFalse(self.todos())

    def test_a_few_days_later_all_go(self):
        followups = self.away(14)
        self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_without_a_limit_all_go(self):
        self.ladder.waiting_days = 0
        followups = self.away(30)
        self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_what_is_not_right_any_more_is_no_work_for_anybody(self):
        followups = self.away(30)
        self.pay(followups[0].line_ids.move_id)
        self.run_action()
        self.assertEqual(followups.mapped("state"), ["skipped"] + ["to_review"] * 2)
        self.assertIn("could not leave in time: 2.", self.todos().note)

    def test_approved_it_waits_as_long_again(self):
        """A person's word is good for as long, and not for ever."""
        followups = self.away(30)
        self.run_action()
        followups.action_approve()
        self.connector.state = "error"
        with freeze_time(fields.Datetime.now() + timedelta(days=30)):
            self.connector.state = "connected"
            self.run_action()
            self.assertEqual(set(followups.mapped("state")), {"to_review"})
            followups.action_send_now()
            self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_what_the_plan_holds_back_has_not_waited(self):
        """The gap to another email, for example: its day comes."""
        self.ladder.minimum_gap = 20
        (followup,) = self.away(0, customers=1)
        other = followup.copy(
            {"state": "sent", "done_on": self.today, "step_id": False}
        )
        other.sudo().write({"sent_at": fields.Datetime.now(), "by_hand": True})
        self.run_action()
        self.assertEqual((followup.state, followup.reason), ("planned", "too_soon"))
        with freeze_time(followup.retry_at + timedelta(hours=1)):
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_the_form_says_before_that_it_has_waited_long(self):
        self.check_form(self.away(20, customers=1), "It has waited too long")

    def test_the_form_says_before_that_it_is_too_late(self):
        self.ladder.write({"catch_up_days": 5, "waiting_days": 0})
        self.check_form(self.away(30, customers=1), "Too late to send by itself")

    def check_form(self, followup, words):
        """A person is to look at *followup*, and is told so for *words*."""
        self.assertEqual(followup.state, "planned")
        told = followup.objection or ""
        self.assertIn(f"As things stand, a person looks at it first. {words}", told)
        self.run_action()
        self.assertEqual(followup.state, "to_review")
        self.assertFalse(followup.objection)

    def test_too_late_for_the_plan_is_one_todo_and_nobody_is_lost(self):
        self.ladder.write({"catch_up_days": 5, "waiting_days": 0})
        followups = self.away(30)
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(set(followups.mapped("state")), {"to_review"})
        self.assertEqual(set(followups.mapped("reason")), {"missed"})
        self.assertIn("could not leave in time: 3.", self.todos().note)
        followups.action_approve()
        self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})


@tagged("post_install", "-at_install")
class TestObjection(ConnectorCommon):
    """The form says what would become of it now."""

    def test_a_paused_customer(self):
        self.invoice(5)
        followup = self.plan()
        self.assertFalse(followup.objection)
        company = self.customer.with_company(self.company)
        company.email_followup_paused_until = self.today + timedelta(days=9)
        self.env.invalidate_all()
        self.assertIn("it will be skipped. Follow-ups are paused", followup.objection)
        self.run_action()
        self.assertEqual(followup.state, "skipped")
        self.assertFalse(followup.objection)

    def test_whatever_has_become_of_it_the_form_opens(self):
        self.invoice(5)
        followup = self.plan()

        def goes():
            self.env.invalidate_all()
            return not followup.objection

        self.assertTrue(goes())
        self.connector.action_disconnect()
        self.assertFalse(goes())
        self.connect(self.company, "accounting@acme.example")
        self.assertTrue(goes())
        followup.plan_id.active = False
        self.assertFalse(goes())
        followup.plan_id.active = True
        followup.partner_id.active = False
        self.assertTrue(goes())
        other = self.env["res.company"].create({"name": "Other"})
        users = self.env["res.users"].with_context(active_test=False).search([])
        users.company_ids |= other
        users.company_id = other
        self.company.active = False
        self.assertEqual(followup.state, "skipped", "called off at once")
        self.assertTrue(goes())

    def test_what_a_person_wrote_of_other_amounts(self):
        first, _second = self.invoice(5), self.invoice(6)
        followup = self.plan()
        followup.body = "<p>As agreed on the phone.</p>"
        self.assertFalse(followup.objection)
        self.pay(first)
        self.env.invalidate_all()
        self.assertIn("a person looks at it first. What is open", followup.objection)
        self.run_action()
        self.assertEqual((followup.state, followup.reason), ("to_review", "changed"))
        self.assertFalse(followup.objection)

    def test_another_day(self):
        self.invoice(5)
        followup = self.plan()
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
        other = (*days, "sunday")[(self.today.weekday() + 3) % 7]
        closed = {f"on_{day}": day == other for day in (*days, "sunday")}
        self.env.ref("account_email_connector.plan_default").write(closed)
        self.env.invalidate_all()
        self.assertIn("As things stand, it waits.", followup.objection)
