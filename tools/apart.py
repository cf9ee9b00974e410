"""A transaction apart from the one at work: what it commits, no rollback takes back."""

from contextlib import contextmanager, nullcontext

from . import locks


@contextmanager
def apart(env, *names, wait=0, shared=False):
    """Yield *env* in a transaction of its own, which is committed at the end.

    Locks are held by one more transaction, which does nothing else, until the end: what
    is done under them may be committed bit by bit, and sees whatever those who had the
    locks before have committed.

    :param names: of the locks to hold meanwhile, see :mod:`.locks`.
    :param wait: for how many seconds to wait for each, if it is taken.
    :param shared: hold them along with others who share them.
    :raises locks.Busy: if one is still taken then.
    """
    registry = env.registry
    held = _held(registry, names, wait, shared) if names else nullcontext()
    with held, registry.cursor() as cr:
        yield env(cr=cr)


@contextmanager
def _held(registry, names, wait, shared):
    with registry.cursor() as cr:
        for name in names:
            locks.take(cr, name, wait, shared)
        try:
            yield
        finally:
            # Lets go of the locks. In Odoo's tests all cursors are savepoints of one
            # connection: to roll this one back would undo what others have committed.
            cr.commit()  # pylint: disable=invalid-commit
