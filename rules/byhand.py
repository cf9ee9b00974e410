"""What a person may send to one customer now, and what there is to know before.

A person may do what the plan would not: early, again, in spite of a promise. But nobody
chases what is paid, blocked, in dispute or marked as not to be followed up, nor a
customer who is never chased; and nothing is sent while the last email is uncertain.
"""

from collections.abc import Container, Sequence
from typing import NamedTuple

from .answers import Decision, Standing
from .asking import ask_for, may_ask
from .case import Case
from .credits import company_total
from .decide import decide
from .facts import DISCONNECTED, EMAIL, OPEN_STATES, Customer, Item, Step
from .history import NOT_YET_HEARD, in_order
from .plan import Plan
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
    #: what a person should know before. None: send it unasked.
    doubts: tuple[Reason, ...] = ()
    step: Step | None = None  #: with an email; a person may choose another
    items: tuple[Item, ...] = ()  #: to ask for, oldest first
    credits: tuple[Item, ...] = ()
    total_company: float = 0.0
    left_out: tuple[Standing, ...] = ()  #: chosen, but not to be asked for

    @property
    def selected(self) -> bool:
        """Whether it is ticked before anybody has looked at it: what goes by itself on
        another day is left to that day."""
        return self.possible and not self.doubts and self.reason is not Reason.NOT_YET


def offer(
    case: Case,
    chosen: Container[int] | None = None,
    seen: Container[int] | None = None,
) -> Offer:
    """Say what a person may send to this customer.

    What is on its way already makes way, so it is decided without it.

    :param chosen: the line ids that the person has chosen: exactly these. None: what
        the plan would ask for, else what is overdue, else what is open.
    :param seen: the line ids that the person may see; None: all.
    """
    history = case.customer.history
    alone = case.with_history(p for p in history if p.state not in OPEN_STATES)
    decision = decide(alone)
    shown = _shown(alone, seen)
    wanted = _wanted(decision, alone, shown, chosen)
    left_out = _left_out(alone, shown, chosen)
    step = _step(wanted, decision, alone)
    items, credits = ask_for(alone, wanted, step.days if step else 0)
    obstacle = (
        _obstacle(case)
        or _nothing_to_ask(wanted, items, left_out, decision)
        or _no_email(case.customer, step)
    )
    doubts = () if obstacle else _doubts(items, decision, case)
    reason = obstacle or next(iter(doubts), None) or _why(items, decision, case)
    total = company_total(items, credits)
    return Offer(not obstacle, reason, doubts, step, items, credits, total, left_out)


def _shown(case: Case, seen: Container[int] | None) -> list[Item]:
    items = case.sorted.items
    return items if seen is None else _among(items, seen)


def _among(items: Sequence[Item], lines: Container[int]) -> list[Item]:
    return [item for item in items if item.line_id in lines]


def _wanted(
    decision: Decision,
    case: Case,
    shown: Sequence[Item],
    chosen: Container[int] | None,
) -> list[Item]:
    """The items to ask for, before credits are set against them."""
    items = [item for item in shown if may_ask(case, item)]
    if chosen is not None:
        return _among(items, chosen)
    planned = _among(items, {item.line_id for item in decision.items})
    overdue = [item for item in items if item.due < case.today]
    return planned or overdue or items


def _left_out(
    case: Case, shown: Sequence[Item], chosen: Container[int] | None
) -> tuple[Standing, ...]:
    """What was chosen, but must not be asked for. Credits are listed anyway."""
    if chosen is None:
        return ()
    aside, picked = case.sorted.aside, _among(shown, chosen)
    refused = [aside[item.line_id] for item in picked if not may_ask(case, item)]
    return tuple(each for each in refused if each.reason is not Reason.CREDIT)


def _step(items: Sequence[Item], decision: Decision, case: Case) -> Step | None:
    """What was said last, if that was lately: a person may choose another step. Else
    the next step of the oldest of these items; after the last one the last again."""
    plan = case.plan
    if not plan.steps:
        return None
    rank = _said_lately(items, case)
    if rank >= 0:
        return _with_email(plan, rank)
    if decision.step and tuple(items) == decision.items:
        return _with_email(plan, plan.ranks[decision.step.id])
    rung = next(filter(None, map(case.ladder.next_rung, items)), None)
    rank = plan.ranks[rung.step.id] if rung else len(plan.steps) - 1
    return _with_email(plan, rank)


def _said_lately(items: Sequence[Item], case: Case) -> int:
    """The rank of what the last email said of the oldest of these items that it listed;
    -1, if the plan's gap has passed since."""
    emails = [
        past
        for past in case.customer.history
        if past.state == "sent" and past.channel == EMAIL
    ]
    last = max(emails, key=in_order, default=None)
    if last is None or (case.today - last.on).days >= case.plan.min_gap:
        return -1
    listed = (item.line_id for item in items if item.line_id in last.line_ids)
    heard, *_when = case.memory.heard.get(next(listed, 0), NOT_YET_HEARD)
    return min(heard, case.plan.rank_of(last))


def _with_email(plan: Plan, rank: int) -> Step | None:
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


def _obstacle(case: Case) -> Reason | None:
    """Why nothing at all can be sent to this customer, or None."""
    states = {past.state for past in case.customer.history}
    if not case.plan.steps:
        return Reason.NO_PLAN
    if case.customer.excluded:
        return Reason.EXCLUDED
    if case.company.mailbox == DISCONNECTED:
        return Reason.MAILBOX_DISCONNECTED
    if "unknown" in states:
        return Reason.OUTCOME_UNKNOWN
    if "sending" in states:
        return Reason.FOLLOWUP_OPEN
    return None


def _nothing_to_ask(
    wanted: Sequence[Item],
    items: Sequence[Item],
    left_out: Sequence[Standing],
    decision: Decision,
) -> Reason | None:
    if items:
        return None
    if wanted:
        return Reason.NOTHING_LEFT
    if left_out:
        return left_out[0].reason
    return Reason.NOTHING_OPEN if decision.reason in GOES else decision.reason


def _no_email(customer: Customer, step: Step | None) -> Reason | None:
    if not customer.reachable:
        return Reason.NO_ADDRESS
    return None if step else Reason.NO_EMAIL_STEP


def reasons_of(items: Sequence[Item], decision: Decision) -> tuple[Reason, ...]:
    """What is said of these items, each once, the oldest first."""
    said = {standing.line_id: standing.reason for standing in decision.standings}
    return tuple(dict.fromkeys(said[item.line_id] for item in items))


def _doubts(
    items: Sequence[Item], decision: Decision, case: Case
) -> tuple[Reason, ...]:
    """What a person should know before: somebody said no, or an email is enough."""
    doubts = [r for r in reasons_of(items, decision) if r not in GOES]
    for past in case.customer.history:
        if past.is_email_of(case.today):
            doubts.append(Reason.EMAILED_TODAY)
        if past.state == "to_review" or (past.state == "planned" and past.by_hand):
            doubts.append(Reason.FOLLOWUP_OPEN)
    return tuple(dict.fromkeys(doubts))


def _why(items: Sequence[Item], decision: Decision, case: Case) -> Reason:
    """Why it does not go by itself, when nobody objects."""
    if any(past.state in OPEN_STATES for past in case.customer.history):
        return Reason.FOLLOWUP_OPEN
    reasons = reasons_of(items, decision)
    return decision.reason if decision.reason in GOES and reasons[1:] else reasons[0]
