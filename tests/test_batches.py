import itertools
import threading
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..engine import compose
from ..engine.mailbox import pace
from ..engine.sending import attempts, drain
from ..providers.outcomes import Rejected, Throttled
from ..providers.reasons import Reason
from .common import ConnectorCommon, MemoryMailbox


@tagged("post_install", "-at_install")
class TestBatches(ConnectorCommon):
    """Several follow-ups are prepared, sent and settled together: one, then four times
    as many in each batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env.ref("account_email_connector.plan_default")
        cls.steps = plan.step_ids
        cls.steps.attach_invoices = False  # no PDF is made for each invoice

    def planned(self, number):
        for n in range(number):
            customer = self.customer.copy({"email": f"pay{n}@many.example"})
            self.invoice(5, partner=customer)
        return self.plan().sorted("id")

    def at_the_second(self, act):
        """Let *act* happen while the second email, the first of a batch, leaves."""
        number = itertools.count(1)

        def send(email):
            if next(number) == 2:
                act()
            return MemoryMailbox.send(self.mailbox, email)

        self.mailbox.send = send
        self.addCleanup(self.mailbox.__dict__.pop, "send", None)

    def accepted(self):
        return [email.recipients[0] for email in self.mailbox.accepted]

    def test_who_waits_in_a_batch_does_not_leave_from_a_mailbox_that_was_let_go(self):
        followups = self.planned(5)

        def let_go():
            self.connector.action_disconnect()
            self.env.flush_all()  # the run reads it

        self.at_the_second(let_go)
        self.run_action()
        self.assertEqual(len(self.mailbox.accepted), 2)
        self.assertEqual(followups.mapped("state"), ["sent"] * 2 + ["planned"] * 3)
        self.assertEqual(followups.mapped("attempts"), [1, 1, 0, 0, 0])
        self.assertFalse(followups[2:].mail_id, "their emails are written anew")
        self.assertEqual(self.connector.state, "disconnected")

    def test_who_paid_while_a_batch_left_is_looked_at_again(self):
        """A mailbox has become slow: what was looked at is too old for the others."""
        followups = self.planned(5)
        clock = {"now": 0}

        def pay_and_wait():
            self.pay(followups[3].line_ids.move_id)
            self.env.flush_all()  # the run reads it
            clock["now"] += 20

        self.at_the_second(pay_and_wait)
        with self.time_is(clock):
            self.run_action()
        self.assertEqual((followups - followups[3]).mapped("state"), ["sent"] * 4)
        self.assertEqual(followups[3].state, "skipped")
        self.assertEqual(len(set(self.accepted())), 4)

    @contextmanager
    def time_is(self, clock):
        fake = SimpleNamespace(monotonic=lambda: clock["now"])
        with patch.object(attempts, "time", fake), patch.object(drain, "time", fake):
            yield

    def test_who_was_looked_at_too_long_ago_waits_for_another_look(self):
        """Many others are at work: to write the emails of a batch has taken long."""
        followups, clock, story = self.planned(5), {"now": 0}, []
        composed = compose.compose

        def slowly(some):
            clock["now"] += 12 if len(some) > 1 else 0
            story.append(f"write {len(some)}")
            return composed(some)

        def send(email):
            story.append("send")
            return MemoryMailbox.send(self.mailbox, email)

        self.mailbox.send = send
        self.addCleanup(self.mailbox.__dict__.pop, "send", None)
        with self.time_is(clock), patch.object(compose, "compose", slowly):
            self.run_action()
        self.assertEqual(story[:5], ["write 1", "send", "write 4", "write 1", "send"])
        self.assertEqual(followups.mapped("attempts"), [1] * 5)
        self.assertEqual(set(followups.mapped("state")), {"sent"})
        self.assertEqual(len(self.accepted()), len(set(self.accepted())))

    def test_whose_turn_did_not_come_has_waited_for_what_held_it_before(self):
        """Not for its mailbox, for which a person would be asked."""
        followups = self.planned(5)
        held = {"planned_date": self.today - timedelta(days=20)}
        followups.sudo().write({**held, "retry_at": fields.Datetime.now()})
        wait = Throttled(Reason.TOO_FAST, retry_after=60)
        self.mailbox.refusals[:] = [None, None, wait]
        self.run_action()
        self.assertEqual(followups.mapped("state").count("planned"), 3)
        self.connector.wait_until = False
        now = fields.Datetime.now()
        followups.filtered(lambda each: each.retry_at).retry_at = now
        self.run_action()
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_the_files_of_one_are_forgotten_before_the_next(self):
        followups = self.planned(5)
        self.steps.attach_invoices = True
        for move in followups.line_ids.move_id:
            values = {"res_model": "account.move", "res_id": move.id}
            values |= {"res_field": "invoice_pdf_report_file", "raw": b"%PDF-1.4 " * 99}
            self.env["ir.attachment"].create({"name": "invoice.pdf", **values})
        mails = self.env.registry["mail.mail"]
        hand_over, known = mails._hand_over, []

        def count_first(mail, *args):
            raw = mail.env["ir.attachment"]._fields["raw"]
            known.append(len(raw._get_cache(mail.env)))
            return hand_over(mail, *args)

        with patch.object(mails, "_hand_over", count_first):
            self.run_action()
        self.assertEqual(known, [0] * 5)
        for email in self.mailbox.accepted:
            self.assertEqual(len(list(email.message.iter_attachments())), 1)

    def test_one_alone_goes_however_long_it_took(self):
        (followup,), clock = self.planned(1), {"now": 0}
        composed = compose.compose

        def slowly(some):
            clock["now"] += 60
            return composed(some)

        with self.time_is(clock), patch.object(compose, "compose", slowly):
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_how_many_are_in_the_next_batch(self):
        for took, size in (
            (drain.Took(1, 1, 0.02, 0.05), 4),  # not many more than before
            (drain.Took(4, 4, 0.1, 4), 5),
            (drain.Took(4, 1, 0.1, 1), 5),  # three need not go: one takes a second
            (drain.Took(4, 0, 0.1, 0), 16),
            (drain.Took(40, 40, 6, 1), 20),  # to write them takes long
            (drain.Took(40, 40, 0.1, 0.1), 40),
            (drain.Took(4, 4, 60, 60), 1),
        ):
            with self.subTest(took):
                self.assertEqual(took.next_size(), size)

    def test_a_batch_has_no_more_than_the_provider_takes_in_a_minute(self):
        followups = self.planned(6)
        with patch.object(pace, "_limit", return_value=3):
            self.run_action()
        self.assertEqual(len(self.accepted()), 3)
        self.assertEqual(followups.mapped("state").count("planned"), 3)
        self.assertTrue(self.connector.wait_until)

    def test_one_that_is_refused_is_in_nobodys_way(self):
        followups = self.planned(5)
        refused = Rejected(Reason.MESSAGE_REFUSED, code="550")
        self.mailbox.refusals[:] = [None, None, refused]
        self.run_action()
        self.assertEqual(
            followups.mapped("state"), ["sent", "sent", "failed", "sent", "sent"]
        )

    def test_those_behind_one_that_is_told_to_wait_have_had_no_attempt(self):
        followups = self.planned(5)
        wait = Throttled(Reason.TOO_FAST, retry_after=60)
        self.mailbox.refusals[:] = [None, None, wait]
        self.run_action()
        self.assertEqual(followups.mapped("state"), ["sent"] * 2 + ["planned"] * 3)
        self.assertEqual(followups.mapped("attempts"), [1, 1, 0, 0, 0])
        reasons = [False] * 2 + ["too_fast"] + [False] * 2
        self.assertEqual(followups.mapped("reason"), reasons)
        self.retry_now()
        self.run_action()
        self.assertEqual(followups.mapped("state"), ["sent"] * 5)
        self.assertEqual(len(set(self.accepted())), 5)

    def test_what_one_more_costs(self):
        """Where each is read by itself, one more is ninety statements more."""
        thread = threading.current_thread()

        def statements(number):
            followups = self.planned(number)
            thread.query_count = 0
            self.run_action()
            self.assertEqual(set(followups.mapped("state")), {"sent"})
            return thread.query_count

        statements(1)  # caches of Odoo's
        few, many = statements(21), statements(61)  # 1, 4, 16, and 40
        self.assertLessEqual((many - few) / 40, 30)
