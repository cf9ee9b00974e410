"""A plan tried on days that are over, for one customer.

What the customer did stays as it was; what was sent is the replay's own: whatever is
due on a morning leaves on that day. Only those mornings are looked at on which it may
be otherwise than on the last: the books have changed, or the decision tells the day.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .answers import Decision
from .asof import Change, Marks
from .calendar import ONE_DAY
from .case import Case
from .coming import next_look
from .decide import decide
from .facts import OPEN_STATES, UNKNOWN, Customer, Item, Past
from .reasons import Reason
from .underway import Money

#: What is to be decided about on a morning, had there been these follow-ups: a case for
#: each addressee of the customer.
Cases = Callable[[dt.date, Sequence[Past]], Sequence[Case]]


class Left(NamedTuple):
    """A follow-up that would have left."""

    day: dt.date
    case: Case  #: of the morning
    decision: Decision


def walk(
    first: dt.date,
    last: dt.date,
    changes: Iterable[dt.date],
    history: Iterable[Past],
    cases: Cases,
) -> Iterator[Left]:
    """Yield what would have left from the first day to the last, these included.

    :param changes: the days on whose mornings what is known is otherwise than on the
        one before (:func:`mornings`).
    :param history: as :func:`begun` has it.
    """
    heard, known = list(history), sorted(changes)
    number = max((past.id for past in heard), default=0)
    day: dt.date | None = first
    while day and day <= last:
        found = [(case, decide(case)) for case in cases(day, heard)]
        left = [Left(day, *each) for each in found if each[1].reason is Reason.DUE]
        for each in left:
            number += 1
            heard.append(_as_sent(number, each))
            yield each
        day = _next(day, found, known)


def begun(history: Iterable[Past]) -> list[Past]:
    """What had been sent before the first morning.

    What waited then is the replay's to decide about. What has perhaps been sent is
    taken as sent.

    :param history: as it was on that morning.
    """
    return [
        past._replace(state="sent") if past.state == UNKNOWN else past
        for past in history
        if past.state not in OPEN_STATES
    ]


def mornings(
    items: Iterable[Item],
    changes: Mapping[int, Sequence[Change]],
    marks: Marks,
    money: Iterable[Money],
    customer: Customer,
    noted: Iterable[dt.date | None],
) -> set[dt.date]:
    """The days on whose mornings something is known that was not on the one before.

    :param items: as they are now, with those that money is for that is also for others.
    :param changes: line id → its reconciliations.
    :param customer: as it is now, for its promises and its pause.
    :param noted: other days on which something was noted.
    """
    booked: set[dt.date | None] = {customer.paused_until, *noted}
    known: set[dt.date | None] = set()
    for item in items:
        booked |= {item.booked, item.sent_on, marks.paid_on.get(item.move_id)}
        booked.add(marks.disputed_since.get(item.line_id))
        booked.update(change.on for change in changes.get(item.line_id, ()))
        known.add(item.resume_on)
    for each in money:
        booked |= {each.on, *each.entered}
    booked.update(promise.made_on for promise in customer.promises)
    known |= {day + ONE_DAY for day in booked if day and day < dt.date.max}
    return {day for day in known if day}


def _as_sent(number: int, left: Left) -> Past:
    """As the ledger would have it."""
    decision, case = left.decision, left.case
    step = decision.step
    return Past(
        number,
        "sent",
        left.day,
        step.id if step else None,
        case.plan.ranks[step.id] if step else 0,
        step.days if step else 0,
        tuple(item.line_id for item in decision.items),
        decision.channel or "",
        addressee=case.customer.addressee,
    )


def _next(
    day: dt.date, found: Sequence[tuple[Case, Decision]], changes: Sequence[dt.date]
) -> dt.date | None:
    """The next day on which something may be due: one on which the plan sends."""
    place = bisect_right(changes, day)
    days: list[dt.date | None] = [*changes[place : place + 1]]
    for case, decision in found:
        due = decision.reason is Reason.DUE
        days.append(day + ONE_DAY if due else next_look(decision, case))
    first = min((each for each in days if each), default=None)
    return found[0][0].plan.calendar.next(first) if first and found else first
