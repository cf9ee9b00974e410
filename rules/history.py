"""What a customer has heard already, and what that holds back.

Only an accepted follow-up counts as a step. A failed one is tried again, the same
step; one whose outcome nobody knows stops everything until a person has looked.
"""

import datetime as dt
from operator import attrgetter
from typing import NamedTuple

from .facts import BY_INVOICE, EMAIL, OPEN_STATES, SKIP_ONCE, SKIP_STEP
from .reasons import Reason

in_order = attrgetter("on", "id")


class Hold(NamedTuple):
    """Days on which nothing goes, from a day to the day before another."""

    start: dt.date
    end: dt.date
    reason: Reason
    lines: tuple = ()  #: of these items only; empty: of all

    def keeps(self, when, today, line):
        """Whether it keeps back what is right for *line* from *when* on.

        A hold that begins later keeps back nothing that goes before: somebody has
        skipped a coming follow-up, not all until then.
        """
        mine = not self.lines or line is None or line in self.lines
        return mine and self.start <= max(when, today) and when < self.end


#: What an item has heard last: the step's rank on today's ladder, when, and the step's
#: place in its plan at that time. A bare tuple, for there is one for every item.
NOT_YET_HEARD = (-1, None, -1)


class Memory(NamedTuple):
    """A customer's follow-ups, summed up.

    ``holds`` are those of a step that goes by email, ``todo_holds`` of one that does
    not: the gap between two emails says nothing about a call.
    """

    heard: dict  #: line id → what it has heard last
    open: tuple | None = None  #: the :class:`~.facts.Past` under way
    unknown: tuple | None = None  #: the one that may have been sent
    last: dt.date | None = None  #: the last follow-up with a step of this plan
    last_email: dt.date | None = None
    holds: tuple = ()
    todo_holds: tuple = ()


NOTHING_HEARD = Memory({})


def remember(customer, items, plan):
    """Sum up the history of a customer, for the items that are still open."""
    if not customer.history:
        return NOTHING_HEARD
    due = {item.line_id: item.due for item in items}
    heard, latest, skips = {}, {}, []
    last = None
    for past in sorted(customer.history, key=in_order):
        latest[_kind(past)] = past
        if past.state == "skipped" and past.skip == SKIP_ONCE:
            skips.append(past)
        if past.state == "sent" or past.skip == SKIP_STEP:
            rank = plan.rank_of(past)
            if rank >= 0:
                _listen(past, rank, due, heard, plan)
            if past.state == "sent" and past.step_id in plan.ranks:
                last = past.on
    holds, todo_holds = _holds(latest, skips, plan, customer.reachable)
    return Memory(
        heard,
        latest.get("open"),
        latest.get("unknown"),
        last,
        latest["email"].on if "email" in latest else None,
        holds,
        todo_holds,
    )


def _kind(past):
    """What to remember a follow-up as: the latest of each kind is enough."""
    if past.state in OPEN_STATES:
        return "open"
    if past.state == "sent":
        return "email" if past.channel == EMAIL else "todo"
    return past.state


def _listen(past, rank, due, heard, plan):
    """Move each item of an accepted follow-up up the ladder, by one step at most.

    An item has heard the step of the follow-up, but no step whose days it had not
    reached itself, and never two at once. So a young invoice that was listed in an
    older one's final notice does not jump to the end and fall silent there.

    A person who chose step and items by hand may jump, or be early.

    Whether two steps followed each other is a matter of the plan as it was.

    :param heard: line id → what it has heard last; filled here.
    """
    for line in past.line_ids:
        before, _when, place = heard.get(line, NOT_YET_HEARD)
        if before >= rank or line not in due:
            continue
        days = (past.on - due[line]).days
        if days >= past.days and past.position <= place + 1:
            heard[line] = (rank, past.on, place + 1)
            continue
        expired = plan.expired(days)
        now = _limited(
            past, rank, max(before, expired), max(place, expired), days, plan
        )
        if now > before:
            heard[line] = (now, past.on, max(place, expired) + 1)


def _limited(past, rank, before, place, days, plan):
    """How far a follow-up takes an item that is not simply the next on its way."""
    following = rank if past.position <= place + 1 else before + 1
    reached = rank if days >= past.days else plan.reached(days, rank)
    if past.by_hand or past.skip == SKIP_STEP:
        return min(rank, max(reached, following))
    return min(rank, reached, following)


def _holds(latest, skips, plan, reachable):
    """The gap after an email, a failure, and each skip by a person.

    By invoice, a skip is of some invoices; one that is by customer is of all.
    """
    gap = dt.timedelta(days=plan.min_gap)
    alone = plan.mode == BY_INVOICE
    both = [
        Hold(
            past.on,
            past.on + gap,
            Reason.HELD_BACK,
            past.line_ids if alone else (),
        )
        for past in skips
    ]
    if "failed" in latest:
        start = latest["failed"].on
        both.append(Hold(start, start + gap, Reason.RETRY_LATER))
    heard_of = ["email"] if reachable else ["email", "todo"]
    spoken = [latest[kind].on for kind in heard_of if kind in latest]
    emails = [Hold(max(spoken), max(spoken) + gap, Reason.TOO_SOON)] if spoken else []
    return tuple(sorted(both + emails)), tuple(sorted(both))
