"""What a customer has heard already, and what that holds back.

Only an accepted follow-up counts as a step. A failed one is tried again, the same
step; one whose outcome nobody knows stops everything until a person has looked.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from .facts import (
    BY_INVOICE,
    EMAIL,
    OPEN_STATES,
    SKIP_ONCE,
    SKIP_STEP,
    Customer,
    Past,
)
from .lazy import lazy
from .plan import NO_PLAN, Plan
from .reasons import Reason

in_order = attrgetter("on", "id")


class Hold(NamedTuple):
    """Days on which nothing goes, from a day to the day before another."""

    start: dt.date
    end: dt.date
    reason: Reason
    lines: tuple[int, ...] = ()  #: of these items only; empty: of all

    def keeps(self, when: dt.date, today: dt.date, line: int | None) -> bool:
        """Whether it keeps back what is right for *line* from *when* on.

        A hold that begins later keeps back nothing that goes before: somebody has
        skipped a coming follow-up, not all until then.
        """
        if when >= self.end or self.start > max(when, today):
            return False
        return not self.lines or line is None or line in self.lines


#: What an item has heard last: the step's rank on today's ladder, when, the step's
#: place in its plan at that time, and how often it has heard the ladder's last step
#: again. A bare tuple, for there is one for every item.
Heard = tuple[int, dt.date | None, int, int]
NOT_YET_HEARD: Heard = (-1, None, -1, 0)


class Memory:
    """A customer's follow-ups, summed up, for the items that are still open.

    :ivar open: the follow-up under way, or None.
    :ivar unknown: the one that may have been sent, or None.
    :ivar last_email: when the last email left, or None.
    :ivar holds: those of a step that goes by email.
    :ivar todo_holds: of one that does not: the gap between two emails says nothing
        about a call.
    """

    def __init__(self, customer: Customer, plan: Plan) -> None:
        self._customer, self._plan = customer, plan
        self._history = history = sorted(customer.history, key=in_order)
        latest = {_kind(past): past for past in history}
        email = latest.get("email")
        self.open = latest.get("open")
        self.unknown = latest.get("unknown")
        self.last_email = email.on if email else None
        self.holds, self.todo_holds = _holds(history, latest, plan, customer.reachable)

    @lazy
    def heard(self) -> Mapping[int, Heard]:
        """Line id → what it has heard last, from the first follow-up to the last."""
        plan = self._plan
        due = {item.line_id: item.due for item in self._customer.items}
        heard: dict[int, Heard] = {}
        for past in self._history:
            if past.state == "sent" or past.skip == SKIP_STEP:
                rank = plan.rank_of(past)
                if rank >= 0:
                    _listen(past, rank, due, heard, plan)
        return heard

    @lazy
    def last(self) -> dt.date | None:
        """When the last follow-up with a step of this plan left."""
        for past in reversed(self._history):
            if past.state == "sent" and past.step_id in self._plan.ranks:
                return past.on
        return None


def _kind(past: Past) -> str:
    """What to remember a follow-up as: the latest of each kind is enough."""
    if past.state in OPEN_STATES:
        return "open"
    if past.state == "sent":
        return "email" if past.channel == EMAIL else "todo"
    return past.state


def _listen(
    past: Past,
    rank: int,
    due: Mapping[int, dt.date],
    heard: dict[int, Heard],
    plan: Plan,
) -> None:
    """Move each item of an accepted follow-up up the ladder, by one step at most.

    An item has heard the step of the follow-up, but no step whose days it had not
    reached itself, and never two at once. So a young invoice that was listed in an
    older one's final notice does not jump to the end and fall silent there.

    A person who chose step and items by hand may jump, or be early. Who has had every
    step hears the last one again.

    Whether two steps followed each other is a matter of the plan as it was.

    :param heard: line id → what it has heard last; filled here.
    """
    on, step_days, position = past.on, past.days, past.position
    for line in past.line_ids:
        before, _when, place, again = heard.get(line, NOT_YET_HEARD)
        if before == rank and plan.is_last(rank):
            heard[line] = (rank, on, place, again + 1)
        if before >= rank or line not in due:
            continue
        days = (on - due[line]).days
        if days >= step_days and position <= place + 1:
            heard[line] = (rank, on, place + 1, 0)
            continue
        expired = plan.expired(days)
        place = max(place, expired)
        now = _limited(past, rank, max(before, expired), place, days, plan)
        if now > before:
            heard[line] = (now, on, place + 1, 0)


def _limited(
    past: Past, rank: int, before: int, place: int, days: int, plan: Plan
) -> int:
    """How far a follow-up takes an item that is not simply the next on its way."""
    following = rank if past.position <= place + 1 else before + 1
    reached = rank if days >= past.days else plan.reached(days, rank)
    if past.by_hand or past.skip == SKIP_STEP:
        return min(rank, max(reached, following))
    return min(rank, reached, following)


def _holds(
    history: Sequence[Past], latest: Mapping[str, Past], plan: Plan, reachable: bool
) -> tuple[tuple[Hold, ...], tuple[Hold, ...]]:
    """What holds back an email, and what holds back a to-do."""
    gap = dt.timedelta(days=plan.min_gap)
    holds = _skips(history, plan, gap) if "skipped" in latest else []
    if failed := latest.get("failed"):
        holds.append(Hold(failed.on, failed.on + gap, Reason.RETRY_LATER))
    both = tuple(sorted(holds))
    last = _last_heard(latest, reachable)
    if last is None:
        return both, both
    too_soon = Hold(last, last + gap, Reason.TOO_SOON)
    return tuple(sorted((*both, too_soon))), both


def _last_heard(latest: Mapping[str, Past], reachable: bool) -> dt.date | None:
    """When the customer got the last email; a call, if nobody can write to them."""
    email, todo = latest.get("email"), latest.get("todo")
    if todo and not reachable:
        return max(email.on, todo.on) if email else todo.on
    return email.on if email else None


def _skips(history: Sequence[Past], plan: Plan, gap: dt.timedelta) -> list[Hold]:
    """The gap after each skip by a person.

    By invoice, a skip is of some invoices; one that is by customer is of all.
    """
    alone = plan.mode == BY_INVOICE
    return [
        Hold(past.on, past.on + gap, Reason.HELD_BACK, past.line_ids if alone else ())
        for past in history
        if past.state == "skipped" and past.skip == SKIP_ONCE
    ]


#: Of every customer without a history.
NOTHING_HEARD = Memory(Customer(0, 0, ()), NO_PLAN)


def remember(customer: Customer, plan: Plan) -> Memory:
    """Sum up the history of a customer."""
    return Memory(customer, plan) if customer.history else NOTHING_HEARD
