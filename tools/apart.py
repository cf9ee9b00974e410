"""A transaction apart from the one at work: what it commits, no rollback takes back."""

from contextlib import contextmanager, nullcontext

from . import locks


@contextmanager
def apart(env, *names, wait=0, shared=False):
    """Yield *env* in a transaction of its own, which is committed at the end.

    What is done under locks may be committed bit by bit, and sees whatever those who
    had them before have committed: they are held by one more transaction.

    :param names: of the locks to hold meanwhile; also for the rest, see :func:`held`.
    :raises locks.Busy: if one is taken.
    """
    locked = held(env, *names, wait=wait, shared=shared) if names else nullcontext()
    with locked, env.registry.cursor() as cr:
        yield env(cr=cr)


@contextmanager
def held(env, *names, wait=0, shared=False):
    """Hold these locks in a transaction apart, which does nothing else.

    :param wait: for how many seconds to wait for each, if it is taken.
    :param shared: hold them along with others who share them.
    :raises locks.Busy: if one is still taken then.
    """
    with env.registry.cursor() as cr:
        for name in names:
            locks.take(cr, name, wait, shared)
        try:
            yield
        finally:
            # Lets go of the locks. In Odoo's tests all cursors are savepoints of one
            # connection: to roll this one back would undo what others have committed.
            cr.commit()  # pylint: disable=invalid-commit
