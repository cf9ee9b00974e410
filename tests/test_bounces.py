"""What follows from a bounce about us, and from several that pass."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.incoming import about_us
from .pure import incoming_samples as samples
from .test_incoming import IncomingCommon

LIMIT = "5.7.232", "550 5.7.232 Your message can't be sent because of its limit"
BLOCKED = "5.7.708", "550 5.7.708 Access denied, traffic not accepted from this IP"


def bounce(ids, said, own, recipient="pay@bluelake.example"):
    """A report of *said* (status, words), with a Message-ID of its *own*."""
    status, words = said
    raw = samples.postfix_bounce(**ids, recipient=recipient).decode()
    raw = raw.replace("550 5.1.1 User unknown", words).replace("5.1.1", status)
    return raw.replace("4D6F@", f"{own}@").encode()


class BouncesCommon(IncomingCommon):
    def setUp(self):
        super().setUp()
        self.bounces = 0

    def comes_back(self, said, followup=None, recipient="pay@bluelake.example"):
        followup = followup or self.followup
        ids = {"ours": followup.message_id_header, "root": followup.thread_root}
        self.bounces += 1
        self.arrives(bounce(ids, said, self.bounces, recipient))
        self.look()

    def wait_hours(self):
        left = self.connector.wait_until - fields.Datetime.now()
        return left.total_seconds() / 3600

    def accepted_before(self, **ago):
        self.followup.sudo().delivery_id.accepted_at -= timedelta(**ago)


@tagged("post_install", "-at_install")
class TestAboutUs(BouncesCommon):
    def test_a_limit_makes_the_mailbox_wait_and_the_follow_up_goes_again(self):
        first = self.followup.message_id_header
        self.comes_back(LIMIT)
        self.assertEqual(self.connector.state, "connected")
        self.assertAlmostEqual(self.wait_hours(), 24, delta=0.1)
        self.assertEqual(self.followup.state, "planned")
        self.assertEqual(self.followup.reason, "daily_limit")
        self.assertFalse(self.followup.sent_at or self.followup.done_on)
        self.assertFalse(self.customer.email_followup_bounced)
        self.assertFalse(self.todos(), "there is nothing to be done for a person")
        self.assertFalse(self.plan(), "no second one beside it")
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 1, "it waits")
        self.retry_now()
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 2)
        self.assertNotEqual(self.followup.message_id_header, first)

    def test_one_whose_batch_is_leaving_still_is_looked_at_again(self):
        """The ledger does not know yet that it has left."""
        delivery = self.followup.sudo().delivery_id
        self.followup.sudo().write({"state": "sending", "delivery_id": False})
        self.comes_back(("5.1.1", "550 5.1.1 User unknown"))
        self.assertFalse(self.customer.email_followup_bounced)
        self.followup.sudo().write({"state": "sent", "delivery_id": delivery.id})
        self.look()
        self.assertEqual(self.customer.email_followup_bounced, self.customer.email)

    def test_one_that_a_kill_has_left_so_holds_up_no_other(self):
        self.followup.sudo().delivery_id.started_at -= timedelta(minutes=10)
        self.followup.sudo().state = "sending"
        self.comes_back(("5.1.1", "550 5.1.1 User unknown"))
        found = self.env["account.email.incoming"].sudo().search([])
        self.assertEqual(found.followup_id, self.followup)

    def test_an_hour_where_an_hour_is_meant(self):
        words = "550 Domain acme.example has exceeded the max emails per hour (9/9)"
        self.comes_back(("5.0.0", words))
        self.assertAlmostEqual(self.wait_hours(), 1, delta=0.1)
        self.assertEqual(self.followup.state, "planned")

    def test_a_limit_counts_from_when_that_email_left(self):
        self.accepted_before(hours=20)
        self.comes_back(LIMIT)
        self.assertAlmostEqual(self.wait_hours(), 4, delta=0.1)

    def test_a_limit_of_last_week_holds_nothing(self):
        self.accepted_before(days=7)
        self.comes_back(LIMIT)
        self.assertFalse(self.connector.wait_until)
        self.assertEqual(self.followup.state, "planned")

    def others(self, *addresses):
        """Follow-ups of other customers, which were sent."""
        others = [self.customer.copy({"email": address}) for address in addresses]
        for other in others:
            self.invoice(5, partner=other)
        self.plan()
        self.run_action()
        sent = {each.partner_id: each for each in self.followup.search([])}
        return [sent[other] for other in others]

    def test_what_blocks_us_breaks_the_mailbox_once(self):
        addresses = "b@bluelake.example", "c@bluelake.example"
        second, third = self.others(*addresses)
        self.comes_back(BLOCKED)
        self.comes_back(BLOCKED, second, addresses[0])
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(self.connector.error_reason, "mailbox_blocked")
        self.assertIn("traffic not accepted", self.connector.error_detail)
        self.assertEqual(self.connector.error_code, "550 5.7.708")
        self.assertEqual((self.followup + second).mapped("state"), ["planned"] * 2)
        self.assertFalse(self.connector.wait_until, "it waits for a person now")
        # It is connected again; the third is read then, and breaks nothing.
        self.reconnect()
        self.connector.connected_at += timedelta(minutes=5)
        self.comes_back(BLOCKED, third, addresses[1])
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(third.state, "planned")
        others = (second + third).partner_id
        self.assertFalse(self.todos() | others.activity_ids)

    def test_one_customer_alone_breaks_nothing(self):
        """Whoever got an email of ours can make up a bounce of it."""
        for _time in range(2):
            self.comes_back(BLOCKED)
            self.assertEqual(self.connector.state, "connected")
            self.assertAlmostEqual(self.wait_hours(), 1, delta=0.1)
            self.assertEqual(self.connector.wait_reason, "mailbox_blocked")
            self.assertEqual(self.followup.state, "planned")
            self.retry_now()
            self.run_action()

    def test_an_attempt_holds_the_mailbox_once(self):
        delivery = self.followup.sudo().delivery_id
        delivery.recipients += ", two@bluelake.example"
        for said in (BLOCKED, LIMIT):
            self.comes_back(said)
            self.assertEqual(self.connector.wait_reason, "mailbox_blocked")
            self.assertLess(self.wait_hours(), 1.1)
        self.connector.wait_until = False
        self.comes_back(BLOCKED)
        self.assertTrue(self.connector._usable())

    def test_one_that_was_perhaps_sent_holds_it_from_then_on(self):
        followup = self.followup.sudo()
        followup.state = "unknown"
        times = {"accepted_at": False, "started_at": fields.Datetime.now()}
        times["started_at"] -= timedelta(hours=23)
        followup.delivery_id.write({"state": "unknown", **times})
        self.comes_back(LIMIT)
        self.assertAlmostEqual(self.wait_hours(), 1, delta=0.1)

    def test_to_several_it_goes_again_once(self):
        """One of them may have made up what came back from the other one."""
        both = "pay@bluelake.example", "two@bluelake.example"
        for expected in ("planned", "sent"):
            self.followup.sudo().delivery_id.recipients = ", ".join(both)
            for recipient in both:
                self.comes_back(LIMIT, recipient=recipient)
            self.assertEqual(self.followup.state, expected)
            self.retry_now()
            self.run_action()

    def test_what_one_server_holds_against_us_is_no_second_voice(self):
        (second,) = self.others("b@bluelake.example")
        self.comes_back(("5.7.1", "550 5.7.1 SPF check failed"))
        self.comes_back(BLOCKED, second, "b@bluelake.example")
        self.assertEqual(self.connector.state, "connected")

    def test_what_another_customer_said_yesterday_is_no_second_voice(self):
        (second,) = self.others("b@bluelake.example")
        self.comes_back(BLOCKED)
        self.retry_now()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_email_incoming SET create_date = create_date - %s",
            [timedelta(days=2)],
        )
        self.env["account.email.incoming"].invalidate_model()
        self.comes_back(BLOCKED, second, "b@bluelake.example")
        self.assertEqual(self.connector.state, "connected")

    def test_words_that_may_be_about_one_server_ask_a_person(self):
        self.comes_back(("5.7.1", "554 5.7.1 <pay@bluelake.example>: Relay denied"))
        self.comes_back(("5.7.1", "550 5.7.1 SPF check failed"))
        self.assertEqual(self.connector.state, "connected")
        self.assertFalse(self.connector.wait_until)
        self.assertEqual(self.followup.state, "sent")
        self.assertIn("not to blame", self.todos().summary)

    def test_of_somebody_we_did_not_write_to_nothing_is_believed(self):
        for said in (LIMIT, BLOCKED):
            self.comes_back(said, recipient="stranger@x.example")
        self.assertTrue(self.connector._usable())
        self.assertEqual(self.followup.state, "sent")
        self.assertTrue(self.todos())

    def test_who_got_it_does_not_get_it_twice(self):
        self.followup.sudo().delivery_id.recipients += ", two@bluelake.example"
        self.comes_back(LIMIT)
        self.assertFalse(self.connector._usable())
        self.assertEqual(self.followup.state, "sent")
        self.assertIn("pay@bluelake.example", self.todos().summary)
        self.comes_back(LIMIT, recipient="two@bluelake.example")
        self.assertEqual(self.followup.state, "planned", "now nobody has it")

    def test_who_was_refused_at_once_has_not_got_it_either(self):
        delivery = self.followup.sudo().delivery_id
        delivery.recipients += ", two@bluelake.example"
        delivery.refused = {"two@bluelake.example": "550 no"}
        self.comes_back(LIMIT)
        self.assertEqual(self.followup.state, "planned")

    def test_it_goes_again_three_times_then_a_person_decides(self):
        for _time in range(3):
            self.comes_back(LIMIT)
            self.assertEqual(self.followup.state, "planned")
            self.retry_now()
            self.run_action()
            self.assertEqual(self.followup.state, "sent")
        self.comes_back(LIMIT)
        self.assertEqual(self.followup.state, "sent")
        self.assertFalse(self.connector.wait_until)
        self.assertTrue(self.todos())

    def test_once_for_each_attempt(self):
        was = self.ids()
        self.comes_back(LIMIT)
        self.retry_now()
        self.arrives(bounce(was, BLOCKED, "again"))
        self.look()
        self.assertEqual(self.followup.state, "planned")
        self.assertEqual(self.connector.state, "connected")
        self.run_action()
        self.arrives(bounce(was, BLOCKED, "late"))
        self.look()
        self.assertEqual(self.followup.state, "sent", "it was of another attempt")
        self.assertEqual(self.connector.state, "connected")

    def test_an_answer_to_what_came_back_holds_it(self):
        was = self.ids()
        self.comes_back(LIMIT)
        self.arrives(samples.reply(**was))
        self.look()
        self.assertTrue(self.customer.email_followup_answered)
        self.retry_now()
        self.run_action()
        self.assertEqual(self.followup.state, "skipped")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def test_what_was_paid_meanwhile_does_not_go_again(self):
        self.comes_back(LIMIT)
        self.pay(self.sent_invoice)
        self.retry_now()
        self.run_action()
        self.assertEqual(self.followup.state, "skipped")
        self.assertEqual(len(self.mailbox.accepted), 1)

    def another_is_planned(self):
        nothing = dict.fromkeys(("message_id_header", "delivery_id", "sent_at"))
        self.followup.sudo().copy({**nothing, "state": "planned"})

    @mute_logger("odoo.sql_db")
    def test_another_that_is_planned_at_the_same_moment(self):
        """As by the planner, whose row is not seen yet; only its index tells."""
        self.another_is_planned()
        with patch.object(about_us, "_another_is_on_its_way", lambda followup: False):
            self.comes_back(LIMIT)
        self.assertEqual(self.followup.state, "sent")
        self.assertFalse(self.connector._usable(), "the mailbox waits all the same")
        self.assertTrue(self.todos())

    def test_with_another_on_its_way_a_person_decides(self):
        self.another_is_planned()
        self.comes_back(LIMIT)
        self.assertEqual(self.followup.state, "sent")
        self.assertTrue(self.todos())

    def test_it_is_told_where_it_was_told_that_it_was_sent(self):
        self.comes_back(LIMIT)
        for record in (self.sent_invoice, self.followup, self.customer):
            said = " ".join((record.message_ids - self.shown()).mapped("body"))
            self.assertIn("daily limit", said)
            self.assertNotIn("5.7.232", said)

    def test_it_is_read_while_the_mailbox_waits(self):
        self.connector.wait_until = fields.Datetime.now() + timedelta(hours=20)
        self.comes_back(LIMIT)
        self.assertEqual(self.followup.state, "planned")


@tagged("post_install", "-at_install")
class TestCopiesAboutUs(BouncesCommon):
    """Copies within the house arrive, while the customer's comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        step = cls.env.ref("account_email_connector.step_friendly")
        step.sudo().cc = "boss@bücher.example, sales@acme.example"

    def test_it_goes_again(self):
        for _time in range(2):
            self.comes_back(LIMIT)
            self.assertEqual(self.followup.state, "planned")
            self.retry_now()
            self.run_action()
            self.assertEqual(self.followup.state, "sent")
        self.assertEqual(len(self.mailbox.accepted), 3)

    def test_a_copy_that_comes_back_is_no_customers(self):
        self.comes_back(LIMIT, recipient="sales@acme.example")
        self.assertEqual(self.followup.state, "sent")


@tagged("post_install", "-at_install")
class TestInARow(BouncesCommon):
    """What passes is nobody's task; three in a row over a week are somebody's."""

    FULL = "5.2.2", "552 5.2.2 mailbox full"

    def sent_before(self, *days):
        """Follow-ups as this one, sent so many days before it; each came back."""
        row = self.env["account.email.incoming"].sudo()
        for number in days:
            earlier = self.followup.sudo().copy(
                {
                    "state": "sent",
                    "sent_at": self.followup.sent_at - timedelta(days=number),
                    "delivery_id": self.followup.sudo().delivery_id.id,
                }
            )
            row |= row.create(
                {
                    "connector_id": self.connector.id,
                    "followup_id": earlier.id,
                    "message_id": f"<full-{number}@x.example>",
                    "kind": "bounce",
                    "cause": "full",
                    "failed": {"pay@bluelake.example": "full"},
                }
            )
        return row

    def test_the_first_is_noted_only(self):
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())
        self.assertIn("mailbox is full", " ".join(self.notes()))
        self.assertEqual(self.followup.state, "sent")

    def test_three_over_a_week_ask_a_person_once(self):
        self.sent_before(4, 8)
        self.comes_back(self.FULL)
        self.comes_back(self.FULL)
        self.assertIn("in a row", self.todos().summary)
        self.assertIn("pay@bluelake.example", self.todos().summary)
        self.assertFalse(self.customer.email_followup_bounced)

    def test_two_or_three_in_three_days_do_not(self):
        self.sent_before(8)
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())
        self.sent_before(1, 2)
        self.comes_back(self.FULL)
        self.assertTrue(self.todos(), "four, over eight days")

    def test_three_in_three_days_do_not(self):
        self.sent_before(1, 3)
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())

    def test_one_that_arrived_between_ends_the_row(self):
        self.sent_before(4, 8)[0].unlink()
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())

    def test_an_answer_between_ends_the_row(self):
        self.sent_before(4, 8)[0].copy(
            {"kind": "reply", "message_id": "<r@x.example>", "cause": False}
        )
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())

    def test_what_came_back_from_another_address_does_not_count(self):
        self.sent_before(4, 8).failed = {"old@bluelake.example": "full"}
        self.comes_back(self.FULL)
        self.assertFalse(self.todos())

    def test_where_nothing_comes_again_a_person_is_asked_at_once(self):
        self.followup.sudo().step_id = self.followup.plan_id.step_ids[-1]
        self.comes_back(self.FULL)
        self.assertIn("mailbox is full", self.todos().summary)
