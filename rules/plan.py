"""How a company chases: the ladder of steps, and the rules for climbing it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from copy import copy

from .calendar import Calendar
from .facts import BY_CUSTOMER, RECAP, Past, Recap, Step


class Plan:
    """A plan and its steps, ready to be asked about many customers.

    :param id: any key.
    :param mode: ``BY_CUSTOMER``: one email lists everything overdue, and the oldest
        overdue item decides the step. ``BY_INVOICE``: each item has its own step.
        ``RECAP``: a statement now and then.
    :param steps: the :class:`~.facts.Step` tuples; kept in the order of their days. A
        recap has one, for its channel and review; its days do not matter.
    :param min_amount: in company currency; below it nothing is chased.
    :param min_gap: days between two emails to a customer; never less than one.
    :param catch_up: days that a step may be late and still go by itself; None: any,
        but none for a recap that has a fixed day.
    :param start: items due before this day are left alone; None: none is.
    :param calendar: the :class:`~.calendar.Calendar` of sending days.
    :param recap: the :class:`~.facts.Recap`, for that mode; without a rhythm: every
        thirty days.
    :param grace: days for the bank before a promise counts as broken.
    :param patience: days that a planned one may wait to leave, and still go by itself;
        None: any.
    :param only_sent: an invoice that the customer was never sent is not chased.
    :param last_times: how often the last step goes again while nothing is paid; 0: it
        is said once.
    :param last_every: days after which it does.
    :param bank_line_days: days for which a bank transaction that nobody has matched
        lets what it probably pays wait; 0: none.
    """

    __slots__ = (
        "id",
        "mode",
        "steps",
        "min_amount",
        "min_gap",
        "catch_up",
        "start",
        "calendar",
        "recap",
        "grace",
        "patience",
        "only_sent",
        "last_every",
        "last_times",
        "bank_line_days",
        "ranks",
        "delays",
        "_limits",
    )

    def __init__(
        self,
        id: int | None,
        mode: str = BY_CUSTOMER,
        steps: Iterable[Step] = (),
        *,
        min_amount: float = 0.0,
        min_gap: int = 1,
        catch_up: int | None = None,
        start: dt.date | None = None,
        calendar: Calendar | None = None,
        recap: Recap | None = None,
        grace: int = 0,
        patience: int | None = None,
        only_sent: bool = True,
        last_every: int = 0,
        last_times: int = 0,
        bank_line_days: int = 0,
    ) -> None:
        self.id = id
        self.mode = mode
        self.steps = tuple(sorted(steps, key=lambda step: step.days))
        self.min_amount = min_amount
        self.min_gap = max(min_gap, 1)
        self.start = start
        self.calendar = calendar or Calendar()
        self.recap = _rhythm(recap)
        has_a_day = mode == RECAP and not self.recap.every
        self.catch_up = 0 if has_a_day and catch_up is None else catch_up
        self.grace = grace
        self.patience = patience
        self.only_sent = only_sent
        self.last_every = dt.timedelta(days=last_every)
        self.last_times = last_times if last_every > 0 else 0
        self.bank_line_days = bank_line_days
        #: step id → rank on the ladder, from 0
        self.ranks = {step.id: rank for rank, step in enumerate(self.steps)}
        #: the steps' days as time deltas
        self.delays = tuple(dt.timedelta(days=step.days) for step in self.steps)
        self._limits = _last_days(self.steps)

    def without_catch_up(self) -> "Plan":
        """The same plan without a limit for late ones: a person has approved one."""
        plan = copy(self)
        plan.catch_up = None
        return plan

    def rank_of(self, past: Past) -> int:
        """The rank of a past follow-up on today's ladder; -1: before the first step.

        A step that is gone (deleted, or of the customer's former plan) counts as the
        lower of the step of the same rank and the last one of no more days: rather
        say something mild again than leave a step out.
        """
        if past.step_id is None and past.by_hand:
            return -1
        if past.step_id in self.ranks:
            return self.ranks[past.step_id]
        return self.reached(past.days, min(past.position, len(self.steps) - 1))

    def is_last(self, rank: int) -> bool:
        """Whether no step follows this one."""
        return rank == len(self.steps) - 1 >= 0

    def repeats(self, rank: int, times: int) -> bool:
        """Whether this step goes again, having gone again so many times already.

        Only the last one does, and no word that something will be due soon.
        """
        again = times < self.last_times and self.is_last(rank)
        return again and self.steps[rank].days >= 0

    def reached(self, days: int, rank: int) -> int:
        """The highest rank, up to this one, that so many days have reached; or -1."""
        while rank >= 0 and self.steps[rank].days > days:
            rank -= 1
        return rank

    def expired(self, days: int) -> int:
        """The last rank before the due date whose time is over, or -1.

        "It will be due soon" is said until the next step's day, at the latest on the
        due date itself; said later it would be absurd.

        :param days: of the item since its due date.
        """
        rank = -1
        for limit in self._limits:
            if days <= limit:
                break
            rank += 1
        return rank

    def is_over(self, rank: int, days: int) -> bool:
        """Whether the time of this step before the due date is over; others' never."""
        return rank < len(self._limits) and days > self._limits[rank]


def _rhythm(recap: Recap | None) -> Recap:
    recap = recap or Recap()
    if recap.every or recap.weekday is not None or recap.monthday:
        return recap
    return recap._replace(every=30)


def _last_days(steps: Sequence[Step]) -> tuple[int, ...]:
    """For each step before the due date, the last day (of the item) to take it."""
    limits = []
    for step, following in zip(steps, (*steps, None)[1:], strict=True):
        if step.days < 0:
            limits.append(min(0, following.days - 1) if following else 0)
    return tuple(limits)


#: What holds without a plan.
NO_PLAN = Plan(None)
