"""By when something must have ended, whatever the other side does."""

import math
import time

# A socket that may wait for 0 seconds does not wait at all, which is another thing.
LEAST = 0.05


class Deadline:
    """A moment of the clock that only goes forward.

    :param seconds: from now on; by default there is no end.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self.at = time.monotonic() + seconds

    def before(self, seconds: float) -> "Deadline":
        """The moment that lies *seconds* before this one: they are for what follows."""
        return Deadline(self.at - seconds - time.monotonic())

    def left(self) -> float:
        """The seconds that are left; 0 if it is over."""
        return max(self.at - time.monotonic(), 0)

    def within(self, seconds: float) -> float:
        """*seconds*, or those that are left if they are fewer: how long to wait."""
        return max(min(seconds, self.left()), LEAST)


NEVER = Deadline()
