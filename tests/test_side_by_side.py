"""Mailboxes in threads. What a turn does is played: here, all share one connection."""

import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.pool import PoolError

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..engine.sending import side_by_side
from ..engine.sending.side_by_side import SideBySide

FOREVER = float("inf")
LONG_AGO = float("-inf")


@tagged("post_install", "-at_install")
class TestSideBySide(TransactionCase):
    def run_turns(self, count, work, deadline=FOREVER, connections=99, at_once=20):
        """Let *count* mailboxes have their turns.

        :param work: called with the number of a mailbox, and whether it may go on.
        :param connections: how many can be opened, two for lines among them.
        :return: what each has left, and who had a turn.
        """
        free, turns, faults = threading.Semaphore(connections), [], []

        @contextmanager
        def opened(_env, *_names):
            if not free.acquire(blocking=False):
                raise PoolError("The Connection Pool Is Full")
            try:
                yield self.env
            finally:
                free.release()

        @contextmanager
        def shelf(env, size):
            with opened(env), opened(env):
                yield None

        def drained(run, connectors):
            turns.append(connectors.id)
            try:
                work(connectors.id, lambda: run._keep_going(connectors.ids))
            except AssertionError as error:  # it would be a mailbox's own
                faults.append(error)
            return 0

        with (
            patch.object(side_by_side, "apart", opened),
            patch.object(side_by_side, "shelf", shelf),
            patch.object(side_by_side, "MAILBOXES_AT_ONCE", at_once),
            patch.object(SideBySide, "_drain", drained),
        ):
            run = SideBySide(self.env, deadline)
            left = list(run.drain([[number] for number in range(1, count + 1)]))
        self.assertFalse(faults)
        return left, sorted(turns)

    def test_twenty_wait_for_their_servers_at_once(self):
        all_at_once = threading.Barrier(20)
        left, turns = self.run_turns(20, lambda *_: all_at_once.wait(60))
        self.assertEqual((left, turns), ([0] * 20, list(range(1, 21))))

    def test_one_that_hangs_holds_no_other_up(self):
        over = threading.Event()

        def work(number, keep_going):
            if number == 1:
                self.assertTrue(over.wait(60))
            elif number == 30:
                over.set()

        left, turns = self.run_turns(30, work, at_once=2)
        self.assertEqual((left, turns), ([0] * 30, list(range(1, 31))))

    def test_nor_does_it_past_the_deadline(self):
        """Who waits for it all the same can go on."""
        over = threading.Event()

        def work(number, keep_going):
            if number == 1:
                self.assertTrue(over.wait(60))
                self.assertFalse(keep_going())
            elif not over.is_set():
                self.assertTrue(keep_going())
            if number == 30:
                over.set()

        now = time.monotonic()
        _left, turns = self.run_turns(30, work, deadline=now, at_once=2)
        self.assertEqual(turns, list(range(1, 31)))

    def test_long_past_the_deadline_it_does(self):
        """Odoo kills the action soon: then as few as can be are in the middle."""
        over = threading.Event()

        def work(number, keep_going):
            self.assertFalse(keep_going())
            if number == 1:
                self.assertTrue(over.wait(60))
            else:
                over.set()

        left, turns = self.run_turns(5, work, deadline=LONG_AGO, at_once=2)
        self.assertEqual((turns, left), ([1, 2], [0, 0, 1, 1, 1]))

    def test_at_the_deadline_a_mailbox_gives_its_turn_back(self):
        deadline = time.monotonic() + 0.2

        def work(number, keep_going):
            while keep_going():
                time.sleep(0.001)

        left, turns = self.run_turns(5, work, deadline=deadline, at_once=2)
        self.assertEqual((turns, left), ([1, 2], [0, 0, 1, 1, 1]))
        self.assertGreaterEqual(time.monotonic(), deadline)

    def test_without_time_one_has_its_turn_all_the_same(self):
        def work(number, keep_going):
            self.assertFalse(keep_going())

        left, turns = self.run_turns(3, work, deadline=LONG_AGO, at_once=1)
        self.assertEqual((left, turns), ([0, 1, 1], [1]))

    @mute_logger(side_by_side.__name__)
    def test_with_few_connections_fewer_go_at_once(self):
        at_work, most, lock = set(), [], threading.Lock()

        def work(number, keep_going):
            with lock:
                at_work.add(number)
                most.append(len(at_work))
            time.sleep(0.01)
            at_work.discard(number)

        left, turns = self.run_turns(30, work, connections=5)
        self.assertEqual(left, [0] * 30)
        self.assertEqual(turns, list(range(1, 31)), "nobody is forgotten")
        self.assertLessEqual(max(most), 3)

    @mute_logger(side_by_side.__name__)
    def test_without_any_all_wait_for_the_next_run(self):
        for connections in (0, 2):
            with self.subTest(connections):
                left, turns = self.run_turns(5, self.fail, connections=connections)
                self.assertEqual((left, turns), ([1] * 5, []))

    @mute_logger(side_by_side.__name__)
    def test_without_those_for_lines_one_after_the_other(self):
        left, turns = self.run_turns(5, lambda *_: None, connections=1)
        self.assertEqual((left, turns), ([0] * 5, [1, 2, 3, 4, 5]))

    def test_people_keep_half_of_the_connections(self):
        at_work, most = set(), []

        def work(number, keep_going):
            at_work.add(number)
            most.append(len(at_work))
            time.sleep(0.01)
            at_work.discard(number)

        with patch.dict(side_by_side.config.options, {"db_maxconn": 8}):
            left, _turns = self.run_turns(12, work)
        self.assertEqual(left, [0] * 12)
        self.assertLessEqual(max(most), 4)

    @mute_logger(side_by_side.__name__)
    def test_a_fault_of_one_mailbox_is_its_own(self):
        def work(number, keep_going):
            if number == 2:
                raise ZeroDivisionError

        left, turns = self.run_turns(4, work)
        self.assertEqual((left, turns), ([0] * 4, [1, 2, 3, 4]))

    def test_nothing_to_do(self):
        self.assertEqual(self.run_turns(0, self.fail), ([], []))
