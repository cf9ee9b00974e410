"""What a person may send to one customer now, and what there is to know before.

A person may do what the plan would not: early, again, in spite of a promise. But nobody
chases what is paid, blocked, in dispute or marked as not to be followed up, nor a
customer who is never chased; and nothing is sent while the last email is uncertain.
"""

from typing import NamedTuple

from .asking import ask_for, may_ask
from .credits import company_total
from .decide import decide
from .facts import DISCONNECTED, EMAIL, OPEN_STATES, Step
from .history import remember
from .items import SortedItems
from .ladder import Ladder
from .plan import NO_PLAN
from .reasons import Reason

#: It would go by itself, now or soon, or it only lacks a person who sends it.
GOES = frozenset(
    (
        Reason.DUE,
        Reason.NOT_YET,
        Reason.TOO_SOON,
        Reason.NOT_A_SENDING_DAY,
        Reason.NEXT_FOLLOWUP,
        Reason.MISSED,
        Reason.RETRY_LATER,
    )
)


class Offer(NamedTuple):
    """A follow-up that a person may send to one customer by hand."""

    possible: bool
    reason: Reason  #: why it does not go by itself, or cannot go at all; or DUE
    #: of :class:`Reason`: what a person should know before. None: send it unasked.
    doubts: tuple = ()
    step: Step | None = None  #: with an email; a person may choose another
    items: tuple = ()  #: to ask for, oldest first
    credits: tuple = ()
    total_company: float = 0.0
    left_out: tuple = ()  #: of :class:`Standing`: chosen, but not to be asked for

    @property
    def selected(self):
        """Whether it is ticked before anybody has looked at it."""
        return self.possible and not self.doubts


def offer(customer, plan, company, today, chosen=None, seen=None):
    """Say what a person may send to this customer.

    What is on its way already makes way, so it is decided without it.

    :param chosen: the line ids that the person has chosen: exactly these. None: what
        the plan would ask for, else what is overdue, else what is open.
    :param seen: the line ids that the person may see; None: all.
    :returns: an :class:`Offer`.
    """
    settled = tuple(p for p in customer.history if p.state not in OPEN_STATES)
    alone = customer._replace(history=settled)
    decision = decide(alone, plan, company, today)
    found = SortedItems(alone, plan or NO_PLAN, today)
    wanted = _wanted(decision, found, chosen, seen, today)
    left_out = _left_out(found, chosen, seen)
    step = _step(wanted, decision, alone, plan, found, today)
    days = step.days if step else 0
    items, credits = ask_for(alone, plan, today, wanted, days)
    obstacle = _obstacle(customer, plan, company) or _nothing_to_ask(
        wanted, items, left_out, decision
    )
    obstacle = obstacle or _no_email(customer, step)
    doubts = () if obstacle else _doubts(items, decision, customer, today)
    reason = obstacle or (doubts or (_why(items, decision, customer),))[0]
    total = company_total(items, credits)
    return Offer(not obstacle, reason, doubts, step, items, credits, total, left_out)


def _wanted(decision, found, chosen, seen, today):
    """The items to ask for, before credits are set against them."""
    items = [item for item in found.items if may_ask(item, found)]
    if seen is not None:
        items = [item for item in items if item.line_id in seen]
    if chosen is not None:
        return [item for item in items if item.line_id in chosen]
    planned = {item.line_id for item in decision.items}
    return (
        [item for item in items if item.line_id in planned]
        or [item for item in items if item.due < today]
        or items
    )


def _left_out(found, chosen, seen):
    """What was chosen, but must not be asked for. Credits are listed anyway."""
    return tuple(
        found.aside[item.line_id]
        for item in found.items
        if chosen is not None
        and item.line_id in chosen
        and (seen is None or item.line_id in seen)
        and not may_ask(item, found)
        and found.aside[item.line_id].reason is not Reason.CREDIT
    )


def _step(items, decision, customer, plan, found, today):
    """The next step of the oldest of these items; after the last one the last again."""
    if plan is None or not plan.steps:
        return None
    if decision.step and tuple(items) == decision.items:
        return _with_email(plan, plan.ranks[decision.step.id])
    memory = remember(customer, items, plan)
    ladder = Ladder(plan, memory, customer, found.promises.resumed, today)
    rung = next(filter(None, map(ladder.next_rung, items)), None)
    rank = plan.ranks[rung.step.id] if rung else len(plan.steps) - 1
    return _with_email(plan, rank)


def _with_email(plan, rank):
    """This step, or instead of a to-do the nearest with an email, the milder first.

    What is overdue is not told that it will be due soon.
    """
    overdue = plan.steps[rank].days >= 0
    emails = [
        (place, step)
        for place, step in enumerate(plan.steps)
        if step.channel == EMAIL and (step.days >= 0) == overdue
    ]
    before = [step for place, step in emails if place <= rank]
    after = [step for place, step in emails if place > rank]
    return next(iter(before[-1:] + after), None)


def _obstacle(customer, plan, company):
    """Why nothing at all can be sent to this customer, or None."""
    states = {past.state for past in customer.history}
    if plan is None or not plan.steps:
        return Reason.NO_PLAN
    if customer.excluded:
        return Reason.EXCLUDED
    if company.mailbox == DISCONNECTED:
        return Reason.MAILBOX_DISCONNECTED
    if "unknown" in states:
        return Reason.OUTCOME_UNKNOWN
    if "sending" in states:
        return Reason.FOLLOWUP_OPEN
    return None


def _nothing_to_ask(wanted, items, left_out, decision):
    if items:
        return None
    if wanted:
        return Reason.NOTHING_LEFT
    if left_out:
        return left_out[0].reason
    return Reason.NOTHING_OPEN if decision.reason in GOES else decision.reason


def _no_email(customer, step):
    if not customer.reachable:
        return Reason.NO_ADDRESS
    return None if step else Reason.NO_EMAIL_STEP


def reasons_of(items, decision):
    """What is said of these items, each once, the oldest first."""
    standings = {standing.line_id: standing.reason for standing in decision.standings}
    return tuple(dict.fromkeys(standings[item.line_id] for item in items))


def _doubts(items, decision, customer, today):
    """What a person should know before: somebody said no, or an email is enough."""
    doubts = [r for r in reasons_of(items, decision) if r not in GOES]
    for past in customer.history:
        if past.state == "sent" and past.channel == EMAIL and past.on == today:
            doubts.append(Reason.EMAILED_TODAY)
        if past.state == "to_review" or (past.state == "planned" and past.by_hand):
            doubts.append(Reason.FOLLOWUP_OPEN)
    return tuple(dict.fromkeys(doubts))


def _why(items, decision, customer):
    """Why it does not go by itself, when nobody objects."""
    if any(past.state in OPEN_STATES for past in customer.history):
        return Reason.FOLLOWUP_OPEN
    reasons = reasons_of(items, decision)
    return decision.reason if decision.reason in GOES and reasons[1:] else reasons[0]
