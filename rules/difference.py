"""What a changed plan changes for one customer: what goes next, before and after.

Both are what :func:`~.coming.coming` says of the same facts, by the one plan and by the
other. What comes after that follows from it, and is not compared.
"""

from enum import Enum

from .coming import Coming
from .facts import OPEN_STATES, Customer


class Change(str, Enum):
    """The most important thing that is different; in this order."""

    STARTS = "starts"  #: something goes that did not
    STOPS = "stops"  #: nothing goes any more
    EARLIER = "earlier"
    LATER = "later"
    STEP = "step"  #: on the same day, another step, or a to-do in place of an email
    ITEMS = "items"  #: the same step asks for other invoices, or another amount
    READ = "read"  #: a person reads it first, or no longer
    TEXT = "text"  #: the same follow-up, worded in another way, or with other files

    def __str__(self) -> str:
        return self.value


def change(
    before: Coming | None, after: Coming | None, same_text: bool = True
) -> Change | None:
    """Compare what goes next; None if it is the same.

    :param same_text: whether the step of both says the same.
    """
    if before is None or after is None:
        if before is after:
            return None
        return Change.STOPS if before else Change.STARTS
    if before.day != after.day:
        return Change.EARLIER if after.day < before.day else Change.LATER
    if (before.step_id, before.channel) != (after.step_id, after.channel):
        return Change.STEP
    if _asked(before) != _asked(after):
        return Change.ITEMS
    if before.is_read_first != after.is_read_first:
        return Change.READ
    return None if same_text else Change.TEXT


def _asked(comes: Coming) -> tuple[frozenset[int], float]:
    lines = frozenset(item.line_id for item in comes.items)
    return lines, comes.total_company


def without_steps(customer: Customer, gone: frozenset[int]) -> Customer:
    """The customer as the ledger has it once these steps are deleted: what waits with
    one of them is dropped, and what was sent counts as far as it went."""
    history = [
        past._replace(step_id=None) if past.step_id in gone else past
        for past in customer.history
        if past.step_id not in gone or past.state not in DROPPED
    ]
    return customer._replace(history=history)


#: The states of a follow-up that does not survive its step; while it is being sent, its
#: step cannot be deleted.
DROPPED = (OPEN_STATES | {"failed"}) - {"sending"}
