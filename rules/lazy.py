"""Work out once, when somebody asks."""

from collections.abc import Callable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class lazy(Generic[Owner, Value]):
    """``functools.cached_property`` without the lock that it takes before Python 3.12.

    This is asked for every customer there is, and no case is shared by threads.
    """

    def __init__(self, work: Callable[[Owner], Value]) -> None:
        self.work, self.name = work, work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, owner: Owner, _class: type) -> Value:
        value = self.work(owner)
        # Found there from now on, before this: a descriptor that sets nothing.
        setattr(owner, self.name, value)
        return value
