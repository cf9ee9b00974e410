"""What happened in a seed, in order."""

from collections import Counter


class Trace:
    """Calling it adds a line.

    :ivar lines: all of them.
    :ivar counts: how often what happened.
    """

    def __init__(self, clock):
        self._clock = clock
        self.lines = []
        self.counts = Counter()

    @property
    def moment(self):
        """Which is before, and which is after: a number."""
        return len(self.lines)

    def __call__(self, text, count=None):
        self.lines.append(f"{self._clock.now:%m-%d %H:%M:%S}  {text}")
        if count:
            self.counts[count] += 1
