"""Work without Python's garbage collector."""

import gc
from contextlib import contextmanager


@contextmanager
def uncollected():
    """Leave garbage alone meanwhile.

    For work that makes millions of objects, keeps them to its end, and makes no cycles:
    the collector would look at them again and again.
    https://docs.python.org/3/library/gc.html#gc.disable
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
