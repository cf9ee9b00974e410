"""What a sign-in is doing, told to whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Step(str, Enum):
    """What is being done; the value is the key of the user's text."""

    REACHING = "reaching"
    NEXT_ADDRESS = "next_address"
    GREETING = "greeting"
    OTHER_NAME = "other_name"
    SIGNING_IN = "signing_in"
    OTHER_WAY = "other_way"
    SIGNING_IN_IMAP = "signing_in_imap"
    LOOKING_FOR_SENT = "looking_for_sent"
    CREATING_SENT = "creating_sent"
    LISTING_FOLDERS = "listing_folders"
    OTHER_PORTS = "other_ports"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Progress:
    """A step that begins.

    :param host: the server, as it was entered.
    :param number: of an address of its: which of them.
    """

    step: Step
    host: str = ""
    number: int = 1


#: Is told of each step. What it raises breaks the sign-in off.
Tell = Callable[[Progress], None]


def nobody(progress: Progress) -> None:
    """Nobody waits."""
