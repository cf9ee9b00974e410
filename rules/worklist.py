"""What there is to do about a customer today, as a person reads it.

The reason says why; this says what for: a few kinds, each of which a person handles in
a sitting. What a rule leaves alone waits, and so does what goes by itself later.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType

from .answers import Decision
from .calendar import NEVER
from .coming import Coming
from .facts import CONNECTED, TO_REVIEW, UNKNOWN, Company, Customer
from .facts import TODO as BY_A_PERSON
from .reasons import Reason


class Todo(str, Enum):
    """The most urgent first: it counts, where several are true of a customer."""

    TO_REVIEW = "to_review"  # an email is written; a person reads it first
    HELD = "held"  # no mailbox that works, or old bank data: nobody is written to
    NOT_STARTED = "not_started"  # nobody is written to before somebody starts it
    UNCERTAIN = "uncertain"  # an email was perhaps sent
    ANSWERED = "answered"  # a reply came
    PROMISE_BROKEN = "promise_broken"
    MONEY = "money"  # money came that nobody has matched
    NO_ADDRESS = "no_address"  # what is overdue cannot be emailed
    NEVER_SENT = "never_sent"  # an invoice is overdue that was never sent
    ENDED = "ended"  # something is owed, and nothing more goes by itself
    DISPUTED = "disputed"
    YOURS = "yours"  # the step of today or tomorrow is a person's: a call, say
    GOES = "goes"  # an email goes by itself today or tomorrow
    WAITING = "waiting"

    def __str__(self) -> str:
        return self.value


ORDER = {todo: rank for rank, todo in enumerate(Todo)}
#: Said of a customer, or of an item.
OF_REASON: Mapping[Reason, Todo] = MappingProxyType(
    {
        Reason.OUTCOME_UNKNOWN: Todo.UNCERTAIN,
        Reason.ANSWERED: Todo.ANSWERED,
        Reason.PROBABLY_PAID: Todo.MONEY,
        Reason.OTHER_CURRENCY: Todo.MONEY,
        Reason.MONEY_BACK: Todo.MONEY,
        Reason.NEVER_SENT: Todo.NEVER_SENT,
        Reason.ALL_STEPS_DONE: Todo.ENDED,
        Reason.MISSED: Todo.ENDED,
        Reason.DISPUTED: Todo.DISPUTED,
        Reason.MAILBOX_DISCONNECTED: Todo.HELD,
        Reason.BANK_STALE: Todo.HELD,
        Reason.NOT_STARTED: Todo.NOT_STARTED,
    }
)
OF_REMARK = MappingProxyType(
    {
        Reason.PROMISE_BROKEN: Todo.PROMISE_BROKEN,
        Reason.NO_ADDRESS: Todo.NO_ADDRESS,
    }
)
#: What single items wait for, whatever becomes of the others.
OF_ITEM = frozenset(
    (Reason.PROBABLY_PAID, Reason.MONEY_BACK, Reason.NEVER_SENT, Reason.DISPUTED)
)
#: Somebody has said that nobody writes to them, or by no plan that they do.
LEFT_ALONE = frozenset(
    (Reason.EXCLUDED, Reason.HANDED_OVER, Reason.NO_PLAN, Reason.PAUSED)
)
#: There is nothing to write.
NOTHING_DUE = frozenset((Reason.NOT_OVERDUE, Reason.NOTHING_LEFT, Reason.BELOW_MINIMUM))
#: A step comes these days.
SOON = frozenset((Todo.YOURS, Todo.GOES))
#: It goes, if anything of the company goes.
WOULD_GO = frozenset((Reason.DUE, Reason.FOLLOWUP_OPEN))
ONE_DAY = dt.timedelta(days=1)


def todo_of(
    decision: Decision,
    customer: Customer,
    company: Company,
    today: dt.date,
    comes: Coming | None,
) -> Todo:
    """What there is to do about a customer, or about the share of one addressee.

    :param decision: about *customer* on *today*; that of a brief
        :class:`~.case.Case` will do.
    :param company: the one that chases.
    :param comes: what goes next by itself (:func:`~.coming.coming`).
    """
    found = _found(decision, customer, company, today, comes)
    return min(found, key=ORDER.__getitem__)


def first(found: Iterable[tuple[Todo, dt.date | None]]) -> int:
    """The place of the one that is shown of several shares: the most urgent, and of
    these the earliest."""
    ranked = [(ORDER[todo], date or NEVER) for todo, date in found]
    return ranked.index(min(ranked))


def _found(
    decision: Decision,
    customer: Customer,
    company: Company,
    today: dt.date,
    comes: Coming | None,
) -> Iterator[Todo]:
    """All that is true, but for what hides behind a reason to leave them alone."""
    yield Todo.WAITING
    states = {past.state for past in customer.history}
    if TO_REVIEW in states:
        yield Todo.TO_REVIEW
    if decision.reason in LEFT_ALONE:
        return
    if customer.answered:
        yield Todo.ANSWERED
    if UNKNOWN in states:
        yield Todo.UNCERTAIN
    found = set(_comes_to(decision, company))
    if not _nothing_goes(company):
        found.update(_goes(comes, today))
    yield from found
    if SOON.isdisjoint(found):
        yield from _of_items(decision, customer, today)


def _comes_to(decision: Decision, company: Company) -> Iterator[Todo]:
    """What the customer as a whole comes to."""
    reason, nothing_goes = decision.reason, _nothing_goes(company)
    if nothing_goes and reason in WOULD_GO:
        yield nothing_goes
    elif company.bank_stale and reason in WOULD_GO:
        yield Todo.HELD  # also of what was written before
    elif reason in OF_REASON:
        yield OF_REASON[reason]
    if reason not in NOTHING_DUE:
        yield from (OF_REMARK[each] for each in decision.remarks if each in OF_REMARK)
        if decision.ended:
            yield Todo.ENDED


def _nothing_goes(company: Company) -> Todo | None:
    """What keeps everything of a company from going, whatever is on its way."""
    if company.mailbox != CONNECTED:
        return Todo.HELD
    return None if company.started else Todo.NOT_STARTED


def _of_items(decision: Decision, customer: Customer, today: dt.date) -> Iterator[Todo]:
    """What single items wait for: it is said where nothing goes these days."""
    overdue = {item.line_id for item in customer.items if item.due < today}
    for standing in decision.standings:
        if standing.reason in OF_ITEM and standing.line_id in overdue:
            yield OF_REASON[standing.reason]


def _goes(comes: Coming | None, today: dt.date) -> Iterator[Todo]:
    """What goes today or tomorrow: by itself, or a person sees to it."""
    if comes and comes.day <= today + ONE_DAY:
        is_yours = comes.channel == BY_A_PERSON or comes.is_read_first
        yield Todo.YOURS if is_yours else Todo.GOES
