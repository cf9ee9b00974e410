"""Transactions apart, on connections of their own: nothing here is a savepoint."""

from threading import Event, Thread

from odoo.tests import TransactionCase, tagged

from ..tools.apart import apart
from ..tools.locks import Busy, take

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
