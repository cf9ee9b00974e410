"""One thing that was looked at."""

from typing import NamedTuple

#: In order, it is right; a fact that is neither; worth a look; wrong.
GOOD, FACT, LOOK, BAD = "good", "fact", "look", "bad"


class Finding(NamedTuple):
    """What was found."""

    title: str
    state: str  #: GOOD, FACT, LOOK or BAD
    said: str
    todo: str = ""  #: what is to be done about it, or to be known

    def as_line(self):
        """The same for an email."""
        return " ".join(filter(None, (f"[{self.state}] {self.title}:", *self[2:])))
