"""What the page of a mailbox says of it: sent, waiting for what, told what."""

from datetime import timedelta

from lxml.etree import fromstring

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.mailbox import condition
from ..providers.outcomes import (
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..providers.reasons import Reason
from .common import ConnectorCommon

HOURLY = "Domain acme.example has exceeded the max emails per hour (103/100 (103%))"


@tagged("post_install", "-at_install")
class TestStatus(ConnectorCommon):
    def note(self, outcome, connector=None):
        # The journal is read in a transaction apart: here they are all one.
        with self.enter_registry_test_mode():
            condition.note_outcome(connector or self.connector, outcome)

    def limit(self, seconds=3600, words=HOURLY, reason=Reason.SENDING_LIMIT):
        self.note(Throttled(reason, code="550", detail=words, retry_after=seconds))

    def journal(self, state, *ages, connector=None, **values):
        """Let it have an email of each age (in minutes)."""
        connector = connector or self.connector
        now = fields.Datetime.now()
        journal = self.env["account.email.delivery"].sudo()
        rows = journal.create(
            [
                {
                    "connector_id": connector.id,
                    "company_id": connector.company_id.id,
                    "sender": connector.sender_address,
                    "recipients": f"pay@many{age}.example",
                    "message_id": f"<{state}.{age}.{connector.id}.{len(ages)}@x>",
                    "envelope_key": str(values),
                    "state": state,
                    "accepted_at": state == "accepted" and now - timedelta(minutes=age),
                    "started_at": now - timedelta(minutes=age),
                    **values,
                }
                for age in ages
            ]
        )
        self.env.flush_all()
        self.connector.invalidate_recordset()
        return rows

    # -- what it has sent ------------------------------------------------------------

    def test_what_it_has_sent(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        self.journal("accepted", 5, 59, 61, 23 * 60)
        self.journal("accepted", 2, connector=other)
        self.journal("deferred", 1)
        self.journal("accepted", 25 * 60, 365 * 24 * 60)
        self.assertEqual(self.connector.sent_day, "5")
        self.assertEqual(self.connector.sent_hour, "3")
        now = fields.Datetime.now()
        self.assertEqual(self.connector.last_sent_at, now - timedelta(minutes=2))
        self.connector.smtp_host = "smtp.office365.com"
        self.assertEqual(self.connector.sent_day, "5 of 10,000")

    def test_whose_emails_are_counted_is_told(self):
        arch = fromstring(self.connector.get_view(view_type="form")["arch"])
        for name in ("sent_day", "sent_hour"):
            (told,) = arch.xpath(f"//div[field[@name='{name}']]//div/@title")
            self.assertIn("By all companies that send through", told)

    def test_the_last_one_may_be_years_ago(self):
        self.assertEqual(self.connector.sent_day, "0")
        self.assertFalse(self.connector.last_sent_at)
        self.journal("accepted", 1000 * 24 * 60)
        self.assertTrue(self.connector.last_sent_at)

    def test_another_mailbox_is_not_counted(self):
        other = self.connect(self._create_company(name="O"), "billing@o.example")
        self.journal("accepted", 1, connector=other, sender=self.connector.email)
        self.assertEqual(self.connector.sent_day, "0")

    def test_it_is_two_statements(self):
        self.connector.mapped("said")
        with self.assertQueryCount(2):  # who shares it, and the journal
            self.connector.mapped("sent_day")
            self.connector.mapped("last_sent_at")

    def test_an_email_that_is_accepted_costs_no_statement_more(self):
        self.connector.mapped("wait_until")
        with self.assertQueryCount(0):
            condition.note_success(self.connector)

    def test_a_server_has_said_itself_how_many_are_enough(self):
        self.journal("accepted", 5, 10, 15, 90)
        self.limit()
        self.limit(86400, "Daily limit reached", Reason.DAILY_LIMIT)
        self.assertIn("reached at 3)", self.connector.sent_hour)
        self.assertIn("reached at 4)", self.connector.sent_day)
        condition.note_success(self.connector)
        self.note(Throttled(Reason.TOO_FAST, code="450", detail="Slow down"))
        self.assertIn("reached at 3)", self.connector.sent_hour, "it is remembered")

    def test_a_lower_limit_than_is_published_is_shown(self):
        self.connector.smtp_host = "smtp.office365.com"
        self.journal("accepted", *range(70, 107))
        self.limit(86400, "Daily limit reached", Reason.DAILY_LIMIT)
        self.assertEqual(self.connector.sent_day, "37 (the limit was reached at 37)")
        self.connector.said = {"full": {"day": 10_000}}
        self.assertEqual(self.connector.sent_day, "37 of 10,000")

    def test_who_may_see_the_mailbox_sees_how_it_does(self):
        self.journal("accepted", 1)
        self.limit()
        for group in ("account_invoice", "account_readonly"):
            reader = new_test_user(
                self.env,
                f"status_{group}",
                f"account.group_{group}",
                company_id=self.company.id,
            )
            names = ("sent_day", "sent_hour", "wait_text", "said_last")
            (read,) = self.connector.with_user(reader).read(names)
            self.assertTrue(read["sent_day"].startswith("1"))
            self.assertIn(HOURLY, read["wait_text"])
            with self.assertRaises(AccessError):
                self.connector.with_user(reader).read(["said"])

    # -- why it waits ------------------------------------------------------------------

    def wait_is_over(self):
        self.connector.wait_until = fields.Datetime.now()
        condition.note_success(self.connector)

    def test_why_it_waits(self):
        self.limit()
        self.assertTrue(self.connector.is_waiting)
        self.assertIn("reached its sending limit", self.connector.wait_text)
        self.assertIn(f"The server said: 550 {HOURLY}", self.connector.wait_text)
        self.assertFalse(self.connector.said_last, "it is not said twice")
        self.wait_is_over()
        self.assertFalse(self.connector.wait_reason)
        self.assertFalse(self.connector.wait_text)
        self.assertIn(HOURLY, self.connector.said_last)

    def test_our_own_words_are_not_said_to_be_its(self):
        self.note(Throttled(Reason.TOO_FAST, code="421", detail="Slow down"))
        self.wait_is_over()
        for outcome in (
            Unavailable(Reason.PORT_CLOSED, detail="Connection refused"),
            Unavailable(Reason.SERVER_SILENT, detail="no answer in time (ehlo)"),
            OutcomeUnknown(Reason.MAYBE_SENT, detail="the connection was lost"),
        ):
            with self.subTest(outcome):
                self.note(outcome)
                self.assertNotIn("The server said", self.connector.wait_text)
                self.assertEqual(self.connector.said["words"], "Slow down")
                self.wait_is_over()
                self.assertEqual(self.connector.said_last, "Slow down")
                self.assertEqual(self.connector.said_code, "421")

    def test_what_it_has_said_is_over_once_it_takes_an_email(self):
        self.journal("accepted", 5)
        self.note(Throttled(Reason.TOO_FAST, code="421", detail="Slow down"))
        self.connector.wait_until = False
        self.assertIn("Slow down", self.connector.said_last)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.journal("accepted", 0)
            self.assertFalse(self.connector.said_last)
            self.assertIn("slow down (1 minute ago)", self.connector.last_problem)

    def test_each_kind_of_wait_has_its_words(self):
        for outcome, words in (
            (Throttled(Reason.TOO_FAST), "slow down"),
            (Unavailable(Reason.PORT_CLOSED), "refuses this port"),
            (OutcomeUnknown(Reason.MAYBE_SENT, code="503"), "did not come out"),
        ):
            self.note(outcome)
            self.assertIn(words, self.connector.wait_text)
            self.wait_is_over()
        condition.wait(self.connector, 30)
        self.assertIn("pace", self.connector.wait_text)

    def test_what_was_said_of_an_outage_that_is_over_is_not_said_of_the_next(self):
        self.note(Unavailable(Reason.CONNECTION_LOST, code="421", detail="Restarting"))
        self.assertIn("Restarting", self.connector.wait_text)
        condition.note_success(self.connector)
        self.note(Unavailable(Reason.CONNECTION_LOST, detail="gone"))
        self.assertNotIn("Restarting", self.connector.wait_text)
        self.note(Unavailable(Reason.CONNECTION_LOST, code="421", detail="Again"))
        self.assertIn("Again", self.connector.wait_text)

    def test_more_than_the_limit_have_left_so_it_is_none(self):
        self.journal("accepted", *range(10, 20))
        self.connector.said = {"full": {"day": 2, "hour": 10}}
        self.assertEqual(self.connector.sent_day, "10")
        self.assertIn("reached at 10", self.connector.sent_hour)

    def test_what_does_not_end_a_limit_is_said(self):
        self.limit()
        self.assertIn("not by a test email", self.connector.wait_text)
        self.wait_is_over()
        self.note(Unavailable(Reason.PORT_CLOSED))
        self.assertNotIn("test email", self.connector.wait_text)

    def test_a_longer_wait_keeps_its_reason(self):
        self.limit()
        self.note(Throttled(Reason.TOO_FAST, code="451", detail="x", retry_after=60))
        self.assertIn("sending limit", self.connector.wait_text)
        self.assertNotIn("451", self.connector.wait_text)

    def test_all_companies_on_the_address_wait_and_are_told(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        self.limit(86400, "<pay@a.example> Daily limit", Reason.DAILY_LIMIT)
        for connector in self.connector + other:
            self.assertFalse(connector._usable())
            self.assertIn("daily limit", connector.wait_text)
            self.assertIn("The server said: 550", connector.wait_text)
        self.assertIn("550 <…> Daily limit", self.connector.wait_text)

    def test_no_company_reads_whom_another_one_writes_to(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        self.journal("accepted", 5, 10)
        self.limit(words="host mx1.customer.example: slow down for Customer Ltd")
        self.assertIn("Customer Ltd", self.connector.wait_text)
        self.assertNotIn("ustomer", str(other.said) + other.wait_text)
        self.assertIn("reached at 2)", other.sent_hour)
        self.assertIn("The server said: 550", other.wait_text)
        own = {"words": "Own", "code": "421", "at": "2999-01-01 00:00:00"}
        other.said = own
        self.limit(86400, words="Customer Ltd", reason=Reason.DAILY_LIMIT)
        self.assertEqual(other.said["words"], "Own", "what it was told itself is newer")
        self.assertEqual(other.said["full"]["day"], 2)

    def test_a_broken_sign_in_is_its_own_companys(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        self.note(SignInRequired(Reason.WRONG_PASSWORD, code="535", detail="No"))
        self.assertFalse(other.said)
        self.assertEqual(other.state, "connected")

    def test_what_is_said_of_one_email_is_not_said_of_the_mailbox(self):
        self.note(Rejected(Reason.RECIPIENT_REFUSED, code="550", detail="Who?"))
        self.assertFalse(self.connector.said)

    def test_what_was_said_before_it_was_connected_again_is_old(self):
        self.limit()
        self.wait_is_over()
        self.assertTrue(self.connector.said_last)
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self.connector._connect(self.connector.email, {"password": "x"}, {})
        self.assertFalse(self.connector.said_last)
        self.connector.action_disconnect()
        self.assertFalse(self.connector.said)

    # -- a limit without end -----------------------------------------------------------

    def limited(self, *hours):
        """Let it have reached its limit after so many hours each."""
        begun = fields.Datetime.now()
        for each in hours:
            self.assertEqual(self.connector.state, "connected")
            with freeze_time(begun + timedelta(hours=each)):
                self.limit(words="5.2.2 Your account is over quota")

    def test_a_limit_without_end_is_an_error(self):
        other = self.connect(self._create_company(name="O"), self.connector.email)
        self.limited(0, 1, 20, 40, 60, 71)
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(other.limited_since, self.connector.limited_since)
        self.limited(73)
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(
            self.connector.error_said, "550 5.2.2 Your account is over quota"
        )
        self.assertIn("three days", self.connector.error_text)
        self.assertEqual(other.state, "connected", "it finds out by itself")
        condition.resume(self.connector)
        self.assertFalse(self.connector.limited_since)

    def test_a_limit_of_each_day_is_none_while_something_gets_through(self):
        begun = fields.Datetime.now()
        for day in range(9):
            with freeze_time(begun + timedelta(days=day)):
                self.limit(86400, "Daily limit", Reason.DAILY_LIMIT)
            with freeze_time(begun + timedelta(days=day, hours=23)):
                condition.note_success(self.connector)
        self.assertEqual(self.connector.state, "connected")
        self.assertFalse(self.connector.limited_since)

    def test_a_limit_that_nobody_waited_for_begins_anew(self):
        later = 14 * 24
        self.limited(0, 24, later, later + 24, later + 48, later + 72)
        self.assertEqual(self.connector.state, "connected")
        self.limited(later + 73)
        self.assertEqual(self.connector.state, "error")

    def test_whoever_limits_is_not_away(self):
        self.note(Unavailable(Reason.CONNECTION_LOST))
        self.assertTrue(self.connector.unavailable_since)
        self.limit()
        self.assertFalse(self.connector.unavailable_since)

    def test_a_sign_in_ends_no_limit(self):
        self.limit()
        condition.note_signed_in(self.connector)
        self.assertTrue(self.connector.limited_since)
        condition.note_success(self.connector)
        self.assertFalse(self.connector.limited_since)

    def test_our_own_pace_never_ends_in_an_error(self):
        begun = fields.Datetime.now()
        for day in range(9):
            with freeze_time(begun + timedelta(days=day)):
                condition.wait(self.connector, 60)
                self.assertFalse(self.connector.limited_since)
        self.assertEqual(self.connector.state, "connected")

    # -- a server that puts off everything -------------------------------------------

    def deferred(self):
        return Unavailable(
            Reason.DEFERRED, code="554", detail="Not today", retry_after=3600
        )

    def test_a_server_that_puts_off_everything_is_said_then_broken(self):
        self.journal("accepted", 60)
        self.journal("deferred", 1, 2, 3, 4)
        self.note(self.deferred())
        self.assertTrue(self.connector._usable(), "four may have servers that are ill")
        self.journal("deferred", 5)
        self.note(self.deferred())
        self.assertFalse(self.connector._usable())
        self.assertIn("defers every email", self.connector.wait_text)
        self.assertIn("554 Not today", self.connector.wait_text)
        begun = fields.Datetime.now()
        for hours in (2, 23, 25):
            with freeze_time(begun + timedelta(hours=hours)):
                self.assertEqual(self.connector.state, "connected")
                self.note(self.deferred())
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(self.connector.error_title[:19], "The mail server def")
        self.assertEqual(self.connector.error_said, "554 Not today")

    def test_one_success_ends_it(self):
        self.journal("deferred", 1, 2, 3, 4, 5)
        self.note(self.deferred())
        self.assertTrue(self.connector.unavailable_since)
        self.journal("accepted", 0)
        condition.note_signed_in(self.connector)
        self.assertTrue(self.connector.unavailable_since, "a sign-in proves nothing")
        condition.note_success(self.connector)
        self.assertFalse(self.connector.unavailable_since)
        self.note(self.deferred())
        self.assertTrue(self.connector._usable())

    def test_what_it_calls_permanent_is_sooner_believed(self):
        self.journal("deferred", 1, 2, code="554")
        self.journal("deferred", 3, code="450 4.2.0")
        self.note(self.deferred())
        self.assertTrue(self.connector._usable())
        self.journal("deferred", 4, code="550 5.0.0")
        self.note(self.deferred())
        self.assertFalse(self.connector._usable())

    def test_one_customer_is_not_everybody(self):
        self.journal("deferred", 1, 2, 3, 4, 5, 6, recipients="pay@away.example")
        self.note(self.deferred())
        self.assertTrue(self.connector._usable())

    def test_nor_is_one_domain(self):
        for name in "abc":
            to = f"pay@x.example, {name}@X.example"
            self.journal("deferred", 1, recipients=to, code="554")
        self.note(self.deferred())
        self.assertTrue(self.connector._usable(), "their server may be ill")
        self.journal("deferred", 2, recipients="pay@other.example", code="554")
        self.note(self.deferred())
        self.assertFalse(self.connector._usable())

    def test_an_acceptance_does_not_end_a_limit(self):
        """Graph accepts everything, and sends it back."""
        self.limit()
        with self.enter_registry_test_mode():
            condition.note_success(self.connector)
        self.assertFalse(self.connector._usable())
        self.connector.wait_until -= timedelta(hours=2)
        with self.enter_registry_test_mode():
            condition.note_success(self.connector)
        self.assertFalse(self.connector.wait_until or self.connector.wait_reason)

    def test_an_acceptance_shows_that_a_server_is_back(self):
        self.note(Unavailable(Reason.CONNECTION_LOST, detail="gone"))
        self.assertFalse(self.connector._usable())
        with self.enter_registry_test_mode():
            condition.note_success(self.connector)
        self.assertTrue(self.connector._usable())

    def test_follow_ups_wait_without_using_their_attempts_up(self):
        self.journal("deferred", 1, 2, 3, 4, 5)
        self.invoice(40)
        followup = self.plan()
        for _hour in range(20):
            self.retry_now()
            self.mailbox.refusals[:] = [self.deferred()]
            self.run_action()
        self.assertEqual((followup.state, followup.attempts), ("planned", 0))
