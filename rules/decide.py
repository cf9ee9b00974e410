"""What to do about one customer on one day, and why.

1. Set aside what must not be chased, each item with its reason        (.items)
2. Let the customer's own credits pay the oldest items                 (.credits)
3. Look up what was heard already                                      (.history)
4. See whose turn it is on the ladder  (.ladder, .by_customer, .by_invoice, .recap)
5. Ask whether anything holds it back: too little money, a pause, an open follow-up,
   an unknown outcome, no mailbox, stale bank data                       (below)
"""

from operator import attrgetter

from .by_customer import turn_by_customer
from .by_invoice import turn_by_invoice
from .calendar import NEVER
from .credits import Net, company_total
from .facts import (
    BY_CUSTOMER,
    BY_INVOICE,
    DISCONNECTED,
    RECAP,
    TODO,
    Decision,
    Standing,
)
from .history import remember
from .items import SortedItems
from .ladder import Ladder
from .plan import NO_PLAN
from .reasons import Reason
from .recap import turn_recap

TURNS = {
    BY_CUSTOMER: turn_by_customer,
    BY_INVOICE: turn_by_invoice,
    RECAP: turn_recap,
}

#: Said of items that nobody would chase today anyway: nothing holds them back.
NOT_HELD = frozenset((Reason.NOT_OVERDUE, Reason.NOTHING_LEFT))

#: Said of items that no promise is about any more.
NOT_OWED = frozenset((Reason.SETTLED, Reason.CREDIT, Reason.PAID_OUT))

#: Said of items that nothing more is to come of by itself.
NOTHING_COMES = NOT_OWED | {Reason.NOTHING_LEFT, Reason.ALL_STEPS_DONE}


def decide(customer, plan, company, today):
    """Decide about one customer.

    :param customer: a :class:`~.facts.Customer`, with all its open items.
    :param plan: the :class:`~.plan.Plan` that applies, or None.
    :param company: the :class:`~.facts.Company` that chases.
    :param today: the day in the plan's time zone, or a coming day on today's facts.
    :returns: a :class:`~.facts.Decision`: a follow-up is to be made if its reason is
        ``Reason.DUE``. It does not depend on the order of items or history.
    """
    never = _never(customer, plan)
    found = SortedItems(customer, plan or NO_PLAN, today)
    if never:
        standings = {i.line_id: Standing(i.line_id, never) for i in found.chaseable}
        return Decision(never, standings=_in_order(found, standings))
    if not found.chaseable:
        return _nothing_chaseable(found)
    net = Net(found.chaseable, found.credits)
    memory = remember(customer, found.chaseable, plan)
    ladder = Ladder(plan, memory, customer, found.promises.resumed, today)
    turn = TURNS[plan.mode](net, ladder)
    channel = _channel(turn.step, customer)
    held = _too_little(turn, found, plan, today) or _held(
        turn, customer, company, memory, today
    )
    if held:
        turn = _hold(turn, *held)
    return Decision(
        turn.reason,
        turn.date,
        turn.step,
        channel,
        tuple(turn.items),
        turn.credits,
        _remarks(turn, channel, found),
        _in_order(found, turn.standings),
    )


def comes_next(standings):
    """Of the standings on the instalments of one invoice, the one that it is asked by.

    What is overdue comes before what is not, the earliest day first, and what waits
    for a person after it; nothing comes of what is settled or done.
    """

    def order(standing):
        over = standing.reason in NOTHING_COMES
        due_later = standing.reason is Reason.NOT_OVERDUE
        return over, due_later, standing.date or NEVER

    return min(standings, key=order)


def _never(customer, plan):
    """A reason for which nothing of this customer is ever chased."""
    if customer.excluded:
        return Reason.EXCLUDED
    if plan is None or not plan.steps:
        return Reason.NO_PLAN
    return None


def _nothing_chaseable(found):
    """Say what comes back first, else what the oldest item says."""
    standings = _in_order(found, {})
    telling = [v for v in standings if v.reason not in NOT_OWED]
    coming = min(
        (v for v in telling if v.date), key=attrgetter("date"), default=None
    ) or next(iter(telling), None)
    if coming is None:
        return Decision(Reason.NOTHING_OPEN, standings=standings)
    return Decision(coming.reason, coming.date, standings=standings)


def _channel(step, customer):
    """No address is no reason for silence: a person gets something to do."""
    if step is None:
        return None
    return step.channel if customer.reachable else TODO


def _too_little(turn, found, plan, today):
    """Less is left than the plan's minimum, all currencies and credits together."""
    if turn.reason is Reason.NOTHING_LEFT:
        return None
    listed = {item.line_id for item in turn.items}
    overdue = [item for item in found.chaseable if item.due < today]
    others = [item for item in overdue if item.line_id not in listed]
    if not listed and not others:
        return None
    total = company_total((*turn.items, *others), found.credits)
    if total <= 0:
        return Reason.NOTHING_LEFT, None
    if total < plan.min_amount:
        return Reason.BELOW_MINIMUM, None
    return None


def _held(turn, customer, company, memory, today):
    """What holds back a follow-up that would be in order: (reason, date), or None."""
    if turn.reason in NOT_HELD:
        return None
    if memory.open:
        return Reason.FOLLOWUP_OPEN, memory.open.on
    if memory.unknown:
        return Reason.OUTCOME_UNKNOWN, None
    if customer.answered:
        return Reason.ANSWERED, None
    if customer.paused_until and customer.paused_until >= today:
        endless = customer.paused_until >= NEVER
        return Reason.PAUSED, None if endless else turn.date
    if turn.reason is not Reason.DUE:
        return None
    if company.mailbox == DISCONNECTED:
        return Reason.MAILBOX_DISCONNECTED, None
    if company.bank_stale:
        return Reason.BANK_STALE, None
    return None


def _hold(turn, reason, date):
    """The same turn, held: also said of the items, but not of those not overdue."""
    standings = {
        line: standing._replace(reason=reason, date=date)
        if _is_held(standing, reason)
        else standing
        for line, standing in turn.standings.items()
    }
    return turn._replace(reason=reason, date=date, standings=standings)


def _is_held(standing, reason):
    """Whether it is true of this item, too. The company's troubles hold today only."""
    if reason in (Reason.MAILBOX_DISCONNECTED, Reason.BANK_STALE):
        return standing.reason is Reason.DUE
    return standing.reason not in NOT_HELD


def _remarks(turn, channel, found):
    remarks = []
    if turn.step and turn.step.channel != channel:
        remarks.append(Reason.NO_ADDRESS)
    broken = found.promises.broken
    if broken and any(item.line_id in broken for item in turn.items):
        remarks.append(Reason.PROMISE_BROKEN)
    return tuple(remarks)


def _in_order(found, standings):
    """The standings of all items, oldest first."""
    standings = {**found.aside, **standings}
    for line in found.promises.broken & standings.keys():
        if standings[line].reason not in NOT_OWED:
            standings[line] = standings[line]._replace(broken=True)
    return tuple([standings[item.line_id] for item in found.items])
