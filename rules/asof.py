"""The facts of a day in the past: today's, less what has come since.

Nothing is added up from the beginning. What is open today is known; what was paid of it
after a day was open on that day. So the facts of today are today's own, and those of
any day need only what has changed since (:class:`Change`), fetched once for all days.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from .credits import NOISE, add
from .facts import OPEN_STATES, Customer, Item, Past, Promise
from .underway import BY_PAYMENT, PAYMENT, Money

#: What Odoo says of a move that was paid, in part or in full. "blocked" and
#: "invoicing_legacy" are marks, and stay.
BY_MONEY = frozenset(("partial", "paid", "in_payment", "reversed"))


class Forgotten(str, Enum):
    """What the books do not remember of a day, and how it is taken instead."""

    # As if it had not been.
    PAUSE = "pause"  # of a customer or an invoice; counts today only
    DISPUTE = "dispute"  # one that is over; one that lasts is known, with its first day
    ANSWER = "answer"  # one that was dealt with; one that waits is known, with its day
    WITHDRAWN = "withdrawn"  # a promise that was archived
    OUTAGE = "outage"  # the mailbox was broken, or follow-ups were not started yet
    BANK_AGE = "bank_age"  # how old the bank statements were
    DELETED = "deleted"  # entries, payments, reconciliations: undone or deleted since
    ONLINE = "online"  # an online payment that was under way, and is over
    UNCERTAIN = "uncertain"  # a follow-up was perhaps sent; what came of it is known
    TAKEN_BACK = "taken_back"  # the customer was handed over, and is not any more
    # As it is today.
    MARKS = "marks"  # "never chase", "no follow-up", blocked, "chase all the same"
    TERMS = "terms"  # due dates that were changed, instalments
    PLAN = "plan"  # the plan, its steps, rules, days; what the customer's tags were
    ADDRESS = "address"  # email addresses, contacts, who an invoice is addressed to
    SENT = "sent"  # that an invoice had been sent, where Odoo did not note the day
    # By its own date.
    ENTERED = "entered"  # entries made later than the day that they are dated

    def __str__(self) -> str:
        return self.value


class Moment(NamedTuple):
    """A day, and until when the books and the ledger are read for it.

    Books know days, not hours. What was sent on a day was decided between its morning
    and its evening.
    """

    day: dt.date  #: the day that is decided for
    until: dt.date  #: entries, payments, answers and promises until then, included
    heard: dt.date  #: follow-ups until then, included

    @classmethod
    def now(cls, day: dt.date) -> "Moment":
        """Today, with all that is known: also what is dated a later day."""
        return cls(day, dt.date.max, dt.date.max)

    @classmethod
    def evening(cls, day: dt.date) -> "Moment":
        """At the end of a day, when all of it has happened."""
        return cls(day, day, day)

    @classmethod
    def booked(cls, day: dt.date) -> "Moment":
        """When all was booked, and nothing had been sent yet."""
        return cls(day, day, day - dt.timedelta(days=1))

    @classmethod
    def morning(cls, day: dt.date) -> "Moment":
        """Before anything was booked or sent."""
        before = day - dt.timedelta(days=1)
        return cls(day, before, before)


class Change(NamedTuple):
    """A reconciliation of an item, by the day from which it counts."""

    on: dt.date
    amount: float  #: it took so much of what was open, in the item's currency
    amount_company: float  #: the same in the company's


class Written(NamedTuple):
    """When a follow-up came into the ledger, and for which day it was planned."""

    on: dt.date
    planned: dt.date


class Marks(NamedTuple):
    """What is known of when items were marked."""

    disputed_since: Mapping[int, dt.date | None]  #: line id → first day, if noted
    #: Moves that a payment without an entry is for → the first day of one.
    paid_on: Mapping[int, dt.date]
    today: dt.date  #: from this day on a pause counts


NO_MARKS = Marks({}, {}, dt.date.max)


def items_as_of(
    items: Iterable[Item],
    changes: Mapping[int, Sequence[Change]],
    moment: Moment,
    marks: Marks = NO_MARKS,
) -> list[Item]:
    """What was open at a moment.

    :param items: as they are now: all that were open then, settled ones included.
    :param changes: line id → its reconciliations after that moment, in their order;
        earlier ones do no harm.
    """
    found = []
    for item in items:
        if item.booked and item.booked > moment.until:
            continue
        later = changes.get(item.line_id, ())
        if _is_over(item, later, moment.until):
            continue
        then = _unpaid(item, later, moment.until, marks)
        if abs(then.residual) > NOISE or abs(then.residual_company) > NOISE:
            found.append(_unmarked(then, moment, marks))
    return found


def _is_over(item: Item, changes: Sequence[Change], until: dt.date) -> bool:
    """Whether nothing was left of it any more: true of most, so it is asked first."""
    is_settled = not item.residual and not item.residual_company
    return is_settled and (not changes or changes[-1].on <= until)


def _unpaid(
    item: Item, changes: Sequence[Change], until: dt.date, marks: Marks
) -> Item:
    """The item before it was paid, as Odoo had it then."""
    later = [change for change in changes if change.on > until]
    without_entry = marks.paid_on.get(item.move_id)
    not_yet = without_entry is not None and without_entry > until
    if item.payment_state in BY_MONEY and (
        later or (not_yet and item.payment_state in BY_PAYMENT)
    ):
        item = item._replace(payment_state="not_paid")
    if not later:
        return item
    return item._replace(
        residual=add((item.residual, *(each.amount for each in later))),
        residual_company=add(
            (item.residual_company, *(each.amount_company for each in later))
        ),
    )


def _unmarked(item: Item, moment: Moment, marks: Marks) -> Item:
    """The item without what people have noted on it since."""
    until = moment.until
    if item.sent and item.sent_on and item.sent_on > until:
        item = item._replace(sent=False)
    if until >= marks.today:
        return item
    if item.disputed:
        since = marks.disputed_since.get(item.line_id)
        item = item._replace(disputed=since is None or since <= until)
    if item.resume_on and item.resume_on > moment.day:
        item = item._replace(resume_on=None)
    return item


def history_as_of(
    history: Iterable[Past], written: Mapping[int, Written], moment: Moment
) -> list[Past]:
    """The follow-ups as they were at a moment; before the evening without those that
    went, failed or were skipped on that day: they are what is asked about.

    :param written: follow-up id → when it was written; not known: when it was done.
    """
    found = []
    for past in history:
        known = written.get(past.id, Written(past.on, past.on))
        is_open = past.state in OPEN_STATES
        if not is_open and past.on <= moment.heard:
            found.append(past)
        elif known.on > moment.heard or (not is_open and past.on == moment.day):
            continue
        elif is_open:
            found.append(past)
        else:
            found.append(past._replace(state="planned", on=known.planned, skip=None))
    return found


def customer_as_of(
    customer: Customer, moment: Moment, today: dt.date, answered_on: dt.date | None
) -> Customer:
    """The customer without what people have noted since; its items and history stay.

    :param today: from this day on all that is noted counts.
    :param answered_on: the day of the last answer, if it is known.
    """
    if moment.until >= today:
        return customer
    had_answered = answered_on is not None and answered_on <= moment.until
    until = customer.paused_until
    return customer._replace(
        answered=customer.answered and had_answered,
        paused_until=until if until and until < moment.day else None,
    )


def promises_as_of(promises: Iterable[Promise], moment: Moment) -> list[Promise]:
    """Those that had been made by then."""
    return [promise for promise in promises if promise.made_on <= moment.until]


def money_as_of(money: Money, until: dt.date) -> Money | None:
    """Money that no item shows, with what bank entries had paid of it by then; None if
    it had not come."""
    if money.on > until:
        return None
    if not money.entered:
        return money
    pairs = zip(money.entries, money.entered, strict=True)
    return money._replace(
        entries=tuple(amount for amount, on in pairs if on <= until),
        entered=tuple(on for on in money.entered if on <= until),
    )


def first_payments(found: Iterable[Money]) -> dict[int, dt.date]:
    """Move → the first day of a payment without an entry that is for it."""
    first: dict[int, dt.date] = {}
    for money in found:
        if money.kind != PAYMENT:
            continue
        for move_id in money.move_ids:
            first[move_id] = min(first.get(move_id, money.on), money.on)
    return first
