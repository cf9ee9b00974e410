"""Secrets at work are out of sight.

Templates and server actions may write no name that begins with two underscores. But
``str.format`` follows any attribute and item, also those of an exception's traceback
and of its frames: ``"{0.__traceback__.tb_frame.f_back.f_locals[mailbox]}"``. So no
exception that leaves the border shows how it came about, and no frame below which other
people's code may run leads to a secret, but by a call.
https://docs.python.org/3/library/string.html#format-string-syntax
"""

import logging
from functools import wraps
from traceback import format_tb
from weakref import ref

import psycopg2

from odoo.exceptions import UserError

from ...providers.outcomes import Outcome
from ...tools.locks import Busy

_logger = logging.getLogger(__name__)

#: A set has neither attributes nor items that lead to what is in it.
_held = set()


class _Held:
    __slots__ = ("__weakref__", "thing")

    def __init__(self, thing):
        self.thing = thing


class Box:
    """Holds a thing that nobody gets but by calling the box.

    As a context manager, it closes the thing at the end.

    >>> Box("secret")()
    'secret'
    """

    __slots__ = ("_ref",)

    def __init__(self, thing):
        held = _Held(thing)
        _held.add(held)
        self._ref = ref(held)

    def __call__(self):
        return self._ref().thing

    def __del__(self):
        _held.discard(self._ref())

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self().close()


def unboxed(thing):
    """What is in the box *thing*; *thing* itself, if it is none."""
    return thing() if isinstance(thing, Box) else thing


def bare(error):
    """*error* without the way that it came, whose frames may hold a secret."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def guarded(function):
    """Let what *function* raises leave bare. What nobody expects is logged before."""

    @wraps(function)
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # it goes on, bare
            if not isinstance(error, (Outcome, UserError, Busy, psycopg2.Error)):
                # Where, but not its text: there may be somebody's email in it.
                way = "".join(format_tb(error.__traceback__))
                _logger.error("A mailbox failed: %s\n%s", type(error).__name__, way)
            problem = bare(error)
        raise problem  # not above: there it would remember what was being handled

    return call
