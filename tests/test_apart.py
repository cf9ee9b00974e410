"""Transactions apart, on connections of their own: nothing here is a savepoint."""

from threading import Event, Thread
from unittest.mock import patch

import psycopg2
from psycopg2.pool import PoolError

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools import lent
from ..tools.apart import apart, lines, sharing, shelf
from ..tools.locks import Busy, kept, take

LOCK = "a lock of these tests"


@tagged("post_install", "-at_install")
class TestApart(TransactionCase):
    def now(self, cr):
        """The number of the present transaction."""
        cr.execute("SELECT pg_current_xact_id()::text")
        return cr.fetchone()[0]

    def is_free(self, shared=False):
        """Whether somebody else gets the lock."""
        with self.registry.cursor() as cr:
            try:
                take(cr, LOCK, shared=shared)
            except Busy:
                return False
        return True

    def status(self, transaction):
        self.env.cr.execute("SELECT pg_xact_status(%s::xid8)", [transaction])
        return self.env.cr.fetchone()[0]

    def test_it_is_another_transaction_of_the_same_user(self):
        env = self.env(user=self.env.ref("base.user_admin"), context={"lang": "en_US"})
        with apart(env) as own:
            self.assertNotEqual(self.now(own.cr), self.now(env.cr))
            self.assertEqual((own.uid, own.context), (env.uid, env.context))
            self.assertFalse(own.su)

    def test_it_is_committed_at_the_end(self):
        with apart(self.env) as own:
            transaction = self.now(own.cr)
        self.assertEqual(self.status(transaction), "committed")

    def test_it_is_rolled_back_by_an_error(self):
        with self.assertRaises(ZeroDivisionError), apart(self.env) as own:
            transaction = self.now(own.cr)
            raise ZeroDivisionError
        self.assertEqual(self.status(transaction), "aborted")

    def test_a_commit_does_not_let_go_of_the_lock(self):
        with apart(self.env, LOCK) as own:
            own.cr.commit()
            self.assertFalse(self.is_free())
        self.assertTrue(self.is_free())

    def test_an_error_lets_go_of_the_lock(self):
        with self.assertRaises(ZeroDivisionError), apart(self.env, LOCK):
            raise ZeroDivisionError
        self.assertTrue(self.is_free())

    def test_of_several_locks_all_or_none(self):
        with (
            apart(self.env, "another lock"),
            self.assertRaises(Busy),
            apart(self.env, LOCK, "another lock"),
        ):
            self.fail("somebody else has one of them")
        self.assertTrue(self.is_free())

    def test_whoever_waits_gives_up(self):
        with (
            apart(self.env, LOCK),
            self.assertRaises(Busy),
            apart(self.env, LOCK, wait=0.2),
        ):
            self.fail("somebody else has it")

    def test_those_who_share_a_lock(self):
        with apart(self.env, LOCK, shared=True):
            self.assertTrue(self.is_free(shared=True))
            self.assertFalse(self.is_free())

    def test_whoever_has_waited_sees_what_the_other_has_committed(self):
        has_it, numbers = Event(), []

        def hold():
            with self.registry.cursor() as cr:
                take(cr, LOCK)
                numbers.append(self.now(cr))
                has_it.set()
                Event().wait(0.3)

        other = Thread(target=hold)
        other.start()
        self.assertTrue(has_it.wait(60))
        with apart(self.env, LOCK, wait=10) as own:
            own.cr.execute(
                "SELECT pg_visible_in_snapshot(%s::xid8, pg_current_snapshot())",
                numbers,
            )
            self.assertTrue(own.cr.fetchone()[0])
        other.join()

    # -- locks on the connection of somebody who is at work ---------------------------

    def test_neither_commit_nor_rollback_lets_go(self):
        with apart(self.env) as own:
            with kept(own.cr, LOCK):
                own.cr.commit()
                own.cr.rollback()
                self.assertFalse(self.is_free())
            self.assertTrue(self.is_free())

    @mute_logger("odoo.sql_db")
    def test_a_transaction_that_has_failed_lets_go(self):
        with apart(self.env) as own:
            with self.assertRaises(psycopg2.Error), kept(own.cr, LOCK):
                own.cr.execute("SELECT 1 / 0")
            self.assertTrue(self.is_free())

    @mute_logger("odoo.addons.account_email_connector.tools.locks", "odoo.sql_db")
    def test_a_lost_connection_lets_go(self):
        cr = self.registry.cursor()
        with kept(cr, LOCK):
            self.cut(cr)
            self.assertTrue(self.is_free())
        cr.close()

    def cut(self, cr):
        """Let the connection of *cr* be lost, as by a restart of PostgreSQL."""
        pid = cr.connection.info.backend_pid
        self.env.cr.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])

    # -- lines that many write on few connections -------------------------------------

    def line_of_another(self):
        """Somebody else who shares the connections writes a line."""
        with lines(self.env) as other:
            return self.now(other.cr)

    def test_a_line_alone_is_a_transaction_apart(self):
        with lines(self.env) as own:
            transaction = self.now(own.cr)
        self.assertEqual(self.status(transaction), "committed")

    def test_many_write_on_one_connection(self):
        pid = "SELECT pg_backend_pid(), pg_current_xact_id()::text"
        with shelf(self.env, 1) as shared:
            seen = []
            for _each in range(3):
                with sharing(shared), lines(self.env) as own:
                    self.assertFalse(shared._free.empty(), "none is needed yet")
                    own.cr.execute(pid)
                    self.assertTrue(shared._free.empty())
                    seen.append(own.cr.fetchone())
                    own.cr.commit()
                    self.assertFalse(shared._free.empty(), "it is given back at once")
        self.assertEqual(len({row[0] for row in seen}), 1)
        self.assertEqual({self.status(row[1]) for row in seen}, {"committed"})

    def test_who_needs_one_waits_for_it(self):
        with shelf(self.env, 1) as shared, sharing(shared), lines(self.env) as own:
            own.cr.execute("SELECT 1")
            with (
                patch.object(lent, "LONGEST_WAIT", 0.01),
                self.assertRaises(PoolError),
            ):
                self.line_of_another()
            own.cr.commit()
            self.assertTrue(self.line_of_another())

    @mute_logger("odoo.sql_db")
    def test_a_line_that_fails_is_undone_and_holds_nothing_up(self):
        with shelf(self.env, 1) as shared, sharing(shared), lines(self.env) as own:
            transaction = self.now(own.cr)
            with self.assertRaises(psycopg2.Error):
                own.cr.execute("SELECT 1 / 0")
            self.assertEqual(self.status(transaction), "aborted")
            self.assertTrue(self.line_of_another())

    def test_what_breaks_off_is_undone(self):
        with shelf(self.env, 1) as shared, sharing(shared):
            with self.assertRaises(ZeroDivisionError), lines(self.env) as own:
                transaction = self.now(own.cr)
                raise ZeroDivisionError
            self.assertFalse(shared._free.empty())
        self.assertEqual(self.status(transaction), "aborted")

    def test_a_lost_connection_is_replaced(self):
        with shelf(self.env, 1) as shared, sharing(shared), lines(self.env) as own:
            self.now(own.cr)
            own.cr.commit()
            before = shared.take()
            self.cut(before)
            shared.give_back(before)
            self.assertTrue(self.now(own.cr), "whoever is next does not notice")
            own.cr.commit()
            after = shared.take()
            self.assertIsNot(after, before)
            shared.give_back(after)

    def test_a_connection_that_is_lost_meanwhile_is_replaced(self):
        with shelf(self.env, 1) as shared, sharing(shared), lines(self.env) as own:
            self.now(own.cr)
            self.cut(own.cr)
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error):
                own.cr.execute("SELECT 1")
            self.assertTrue(self.now(own.cr))

    def test_none_is_left_out_of_the_pool(self):
        opened = []

        def open_one():
            if len(opened) == 2:
                raise psycopg2.OperationalError("too many clients already")
            opened.append(self.registry.cursor())
            return opened[-1]

        with (
            self.assertRaises(psycopg2.OperationalError),
            lent.Shelf(open_one, 3),
        ):
            self.fail("there are two only")
        self.assertTrue(all(cr.closed for cr in opened))
