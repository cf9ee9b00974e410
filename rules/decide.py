"""What to do about one customer on one day, and why.

1. Set aside what must not be chased, each item with its reason        (.items)
2. Let the customer's own credits pay the oldest items                 (.credits)
3. Look up what was heard already                                      (.history)
4. See whose turn it is on the ladder  (.ladder, .by_customer, .by_invoice, .recap)
5. Ask whether anything holds it back: too little money, a pause, an open follow-up,
   an unknown outcome, no mailbox, stale bank data                       (below)
6. See what has come to the end of the ladder: a person is told          (.ends)

The :class:`~.case.Case` knows what comes of 1 to 3.
"""

import datetime as dt
from collections.abc import Iterable
from operator import attrgetter

from .answers import Decision, Standing
from .by_customer import turn_by_customer
from .by_invoice import turn_by_invoice
from .calendar import NEVER
from .case import Case
from .credits import company_total, other_money
from .ends import at_the_end, of_which_nobody_knows
from .facts import (
    BY_CUSTOMER,
    BY_INVOICE,
    DISCONNECTED,
    EMAIL,
    RECAP,
    TODO,
    Company,
    Customer,
    Item,
    Step,
)
from .items import unsent
from .reasons import Reason
from .recap import turn_recap
from .turns import Turn

TURNS = {
    BY_CUSTOMER: turn_by_customer,
    BY_INVOICE: turn_by_invoice,
    RECAP: turn_recap,
}

#: Said of items that nobody would chase today anyway: nothing holds them back.
NOT_HELD = frozenset((Reason.NOT_OVERDUE, Reason.NOTHING_LEFT))

#: Said of items that no promise is about any more.
NOT_OWED = frozenset((Reason.SETTLED, Reason.CREDIT, Reason.PAID_OUT))

#: Said of items of which it does not matter any more that a promise was broken: it is
#: over, or there is another one.
NEWER_WORD = NOT_OWED | {Reason.PROMISED}

#: Said of items that nothing more is to come of by itself.
NOTHING_COMES = NOT_OWED | {Reason.NOTHING_LEFT, Reason.ALL_STEPS_DONE}

#: They keep back what would go today, and say nothing of what comes later.
OF_TODAY = frozenset(
    (
        Reason.MAILBOX_DISCONNECTED,
        Reason.NOT_STARTED,
        Reason.BANK_STALE,
        Reason.OTHER_CURRENCY,
    )
)

#: Why something does not go, and until when; None: not by itself.
Hindrance = tuple[Reason, dt.date | None]


def decide(case: Case) -> Decision:
    """Decide about one customer.

    :returns: a :class:`~.answers.Decision`: a follow-up is to be made if its reason is
        ``Reason.DUE``. It does not depend on the order of items or history.
    """
    if never := _never(case):
        lines = [item.line_id for item in case.sorted.chaseable]
        standings = {line: Standing(line, never) for line in lines}
        return Decision(never, standings=_in_order(case, standings))
    if not case.sorted.chaseable:
        return _nothing_chaseable(case)
    turn = TURNS[case.plan.mode](case)
    if hindrance := _too_little(turn, case) or _held(turn, case):
        turn = _hold(turn, *hindrance)
    channel = _channel(turn.step, case.customer)
    step = _read_first(turn.step, channel, case)
    ended = at_the_end(turn.reason, case)
    return Decision(
        turn.reason,
        turn.date,
        step,
        channel,
        tuple(turn.items),
        turn.credits,
        _remarks(turn, channel, case),
        _in_order(case, turn.standings),
        ended,
        of_which_nobody_knows(ended, turn.reason, case),
    )


def comes_next(standings: Iterable[Standing]) -> Standing:
    """Of the standings of the instalments of one invoice, the one that it is asked by.

    What is overdue comes before what is not, the earliest day first, and what waits
    for a person after it; nothing comes of what is settled or done.
    """

    def order(standing: Standing) -> tuple[bool, bool, dt.date]:
        over = standing.reason in NOTHING_COMES
        due_later = standing.reason is Reason.NOT_OVERDUE
        return over, due_later, standing.date or NEVER

    return min(standings, key=order)


def _never(case: Case) -> Reason | None:
    """A reason for which nothing of this customer is ever chased."""
    if case.customer.excluded:
        return Reason.EXCLUDED
    if case.customer.handed_over:
        return Reason.HANDED_OVER
    return None if case.plan.steps else Reason.NO_PLAN


def _nothing_chaseable(case: Case) -> Decision:
    """Say what comes back first, else what the oldest item says."""
    standings = _in_order(case, {})
    telling = [each for each in standings if each.reason not in NOT_OWED]
    if not telling:
        return Decision(Reason.NOTHING_OPEN, standings=standings)
    coming = [each for each in telling if each.date]
    first = min(coming, key=attrgetter("date"), default=telling[0])
    return Decision(first.reason, first.date, standings=standings)


def _read_first(step: Step | None, channel: str | None, case: Case) -> Step | None:
    """The first emails of a company are read by a person before they go."""
    until = case.company.read_first_until
    is_first = until and case.today <= until and channel == EMAIL
    return step._replace(review=True) if step and is_first else step


def _channel(step: Step | None, customer: Customer) -> str | None:
    """No address is no reason for silence: a person gets something to do."""
    if step is None:
        return None
    return step.channel if customer.reachable else TODO


def _too_little(turn: Turn, case: Case) -> Hindrance | None:
    """Less is left than the plan's minimum, all currencies and credits together.

    The minimum is the customer's: what others of its contacts hear about counts, too.
    """
    if turn.reason is Reason.NOTHING_LEFT:
        return None
    others = _not_listed(turn, case)
    owed, credits = [*turn.items, *others], case.sorted.credits
    if not owed:
        return None
    if other := other_money(case.net.unused, turn.items):
        foreign = {each.currency_id for each in other}
        owed = [item for item in owed if item.currency_id not in foreign]
        credits = [each for each in credits if each.currency_id not in foreign]
    total = company_total(owed, credits)
    if total <= 0:
        return Reason.NOTHING_LEFT, None
    whole = total + case.sorted.others_owe
    return (Reason.BELOW_MINIMUM, None) if whole < case.plan.min_amount else None


def _not_listed(turn: Turn, case: Case) -> list[Item]:
    """What is overdue, and not in the email that would go."""
    chaseable = case.sorted.chaseable
    if len(turn.items) == len(chaseable):
        return []
    listed = {item.line_id for item in turn.items}
    return [
        item
        for item in chaseable
        if item.due < case.today and item.line_id not in listed
    ]


def _held(turn: Turn, case: Case) -> Hindrance | None:
    """What holds back a follow-up that would be in order."""
    if turn.reason in NOT_HELD:
        return None
    hindrance = _earlier_one(case) or _said_no(turn, case)
    if hindrance or turn.reason is not Reason.DUE:
        return hindrance
    return _no_sending(case.company) or _money_elsewhere(turn, case)


def _money_elsewhere(turn: Turn, case: Case) -> Hindrance | None:
    """The customer's money lies in a currency in which nothing is owed.

    Nobody can say what it pays at which rate, so a person does, however much it is.
    """
    for credit in other_money(case.unused, turn.items):
        if not all(credit.line_id in (item.despite or ()) for item in turn.items):
            return Reason.OTHER_CURRENCY, None
    return None


def _earlier_one(case: Case) -> Hindrance | None:
    """Another follow-up is under way, or nobody knows what became of it."""
    memory = case.memory
    if memory.open:
        return Reason.FOLLOWUP_OPEN, memory.open.on
    return (Reason.OUTCOME_UNKNOWN, None) if memory.unknown else None


def _said_no(turn: Turn, case: Case) -> Hindrance | None:
    """The customer has answered, or somebody has paused them."""
    if case.customer.answered:
        return Reason.ANSWERED, None
    until = case.customer.paused_until
    if until and until >= case.today:
        return Reason.PAUSED, None if until >= NEVER else turn.date
    return None


def _no_sending(company: Company) -> Hindrance | None:
    """The company cannot send, has not begun, or does not know what was paid."""
    if company.mailbox == DISCONNECTED:
        return Reason.MAILBOX_DISCONNECTED, None
    if not company.started:
        return Reason.NOT_STARTED, None
    return (Reason.BANK_STALE, None) if company.bank_stale else None


def _hold(turn: Turn, reason: Reason, date: dt.date | None) -> Turn:
    """The same turn, held: also said of the items, but not of those not overdue."""
    standings = {
        line: standing._replace(reason=reason, date=date)
        if _is_held(standing, reason)
        else standing
        for line, standing in turn.standings.items()
    }
    return turn._replace(reason=reason, date=date, standings=standings)


def _is_held(standing: Standing, reason: Reason) -> bool:
    """Whether it is true of this item, too; some troubles hold today only."""
    if reason in OF_TODAY:
        return standing.reason is Reason.DUE
    return standing.reason not in NOT_HELD


def _remarks(turn: Turn, channel: str | None, case: Case) -> tuple[Reason, ...]:
    remarks = []
    if turn.step and turn.step.channel != channel:
        remarks.append(Reason.NO_ADDRESS)
    broken = case.sorted.promises.broken
    if broken and any(item.line_id in broken for item in turn.items):
        remarks.append(Reason.PROMISE_BROKEN)
    if unsent(turn.items, case.plan):
        remarks.append(Reason.UNSENT)
    return tuple(remarks)


def _in_order(case: Case, standings: dict[int, Standing]) -> tuple[Standing, ...]:
    """The standings of all items, oldest first; in brief, of those set aside."""
    found = case.sorted
    chased = [] if case.brief else found.chaseable
    standings = {**found.aside, **({} if case.brief else standings)}
    for line in found.promises.broken:
        if line in standings and standings[line].reason not in NEWER_WORD:
            standings[line] = standings[line]._replace(broken=True)
    for item in unsent(chased, case.plan):
        said = standings[item.line_id]
        if said.reason not in NOT_HELD:
            standings[item.line_id] = said._replace(unsent=True)
    lines = [item.line_id for item in found.items if item.line_id in standings]
    return tuple([standings[line] for line in lines])
