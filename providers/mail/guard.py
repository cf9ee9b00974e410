"""One email is one email's trouble: the last guard, where its reading is asked for."""

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
N = TypeVar("N")


def or_nothing(
    nothing: Callable[[], N],
) -> Callable[[Callable[P, R]], Callable[P, R | N]]:
    """Decorate a function that reads an email: it raises nothing, whatever it is given.

    What is read is bounded beforehand. This is for what we, or the standard library,
    have not thought of.

    :param nothing: makes the value which means that nothing can be told.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R | N]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | N:
            try:
                return function(*args, **kwargs)
            except MemoryError:
                raise  # the machine's trouble, not the email's
            except Exception as error:  # noqa: BLE001
                # Not its text: there may be somebody's email in it.
                name, kind = function.__name__, type(error).__name__
                _logger.error("An email could not be read: %s in %s", kind, name)
                return nothing()

        return guarded

    return decorate
