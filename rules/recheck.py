"""Ask again just before a follow-up is sent: money and people move meanwhile."""

import datetime as dt
from typing import NamedTuple

from .answers import Decision, Recheck, came_on
from .byhand import reasons_of
from .calendar import ONE_DAY
from .case import Case
from .decide import decide
from .facts import DISCONNECTED, EMAIL, RECAP, TODO, Instruction, Past
from .left import Left, heard_by_others, next_ranks, what_is_left
from .plan import Plan
from .reasons import Reason

SEND, WAIT, SKIP, REVIEW = "send", "wait", "skip", "review"

NO_INSTRUCTION = Instruction()

#: Days for which a person's instruction is good, if the mailbox has been in trouble.
GOOD_FOR = 3

#: What a person who wanted a follow-up should know, if it was said since.
SAID_NO = frozenset(
    (
        Reason.PAUSED,
        Reason.ANSWERED,
        Reason.PROMISED,
        Reason.NEVER_SENT,
        Reason.HANDED_OVER,
        Reason.PROBABLY_PAID,
    )
)

#: These pass by themselves: the follow-up stays, and is asked about again.
PASSING = frozenset(
    (
        Reason.TOO_SOON,
        Reason.NOT_A_SENDING_DAY,
        Reason.RETRY_LATER,
        Reason.HELD_BACK,
        Reason.OUTCOME_UNKNOWN,
        Reason.FOLLOWUP_OPEN,
        Reason.MAILBOX_DISCONNECTED,
        Reason.NOT_STARTED,
        Reason.BANK_STALE,
        Reason.UNDER_WAY,
        Reason.PROBABLY_PAID,
        Reason.OTHER_CURRENCY,
    )
)

#: Said of items that may be asked for again soon, in the same follow-up.
COMES_BACK = frozenset((Reason.UNDER_WAY, Reason.PROBABLY_PAID))

#: These stop even what a person wants sent now: they are the newer word.
FINAL = frozenset(
    (
        Reason.NO_PLAN,
        Reason.EXCLUDED,
        Reason.HANDED_OVER,
        Reason.ANSWERED,
        Reason.PAUSED,
        Reason.NOTHING_LEFT,
        Reason.BELOW_MINIMUM,
    )
)


class Now(NamedTuple):
    """A planned follow-up, and how everything stands just before it is sent."""

    past: Past
    case: Case  #: gathered afresh, without this follow-up
    decision: Decision  #: of today
    left: Left
    instruction: Instruction


class Objection(NamedTuple):
    """What is to be done instead of sending it, and why."""

    action: str
    reason: Reason
    date: dt.date | None = None


def recheck(
    past: Past, case: Case, instruction: Instruction = NO_INSTRUCTION
) -> Recheck:
    """Say whether a planned follow-up still goes, and what it still asks for.

    It is decided afresh, without this follow-up. It never asks for more than was
    planned; a right step for other items is another follow-up.

    :param past: the :class:`~.facts.Past` about to be sent. If a person composed it
        (``by_hand``), the plan is not asked again; but what is not to be asked for any
        more drops out, and the person is asked again about what was said since, or
        after some days.
    :param case: gathered afresh; ``past`` may be in its history.
    :param instruction: what a person has said of it. One that is ``approved`` is never
        too late any more; it still keeps to the plan's days, the gap, and fresh bank
        data. Of one that is to go ``at_once`` it is not asked whether it is time, or
        whether the bank data are fresh; its step must still be the next one of an
        invoice that is left.
    """
    now = _as_it_stands(past, case, instruction)
    action, reason, date = _objection(now) or (SEND, Reason.DUE, case.today)
    left = now.left
    dropped = left.dropped
    if action == WAIT:  # what may come back meanwhile stays in it
        dropped = tuple(each for each in dropped if each.reason not in COMES_BACK)
    channel, came = _channel(now), came_on(reason, now.decision.standings)
    about = left.items, dropped, left.credits
    return Recheck(action, reason, date, *about, channel, came, case.customer.addressee)


def _objection(now: Now) -> Objection | None:
    """The first one; None if it may go."""
    return (
        _is_over(now)
        or _nothing_left(now)
        or _has_to_wait(now)
        or _ask_its_author(now)
        or _step_of_nobody(now)
        or _no_way_out(now)
    )


def _as_it_stands(past: Past, case: Case, instruction: Instruction) -> Now:
    """Decide afresh, as if this follow-up had not been planned."""
    others = (o for o in case.customer.history if o.id != past.id and _counts(o, past))
    case = case.with_history(others)
    if instruction.approved or _waited(case.plan):
        case = case.with_plan(case.plan.without_catch_up())
    return Now(past, case, decide(case), what_is_left(past, case), instruction)


def _counts(other: Past, past: Past) -> bool:
    """Whether the other follow-up counts. One on its way to another contact is looked
    at, too, and does not ask for the same any more."""
    waits = other.state in ("to_review", "planned")
    return not waits or other.addressee == past.addressee


def _waited(plan: Plan) -> bool:
    """A recap that was planned on its day is not missed: it waited for the mailbox."""
    return plan.mode == RECAP and plan.catch_up == 0


def _is_over(now: Now) -> Objection | None:
    """It will not go any more, whatever is left of it."""
    past, customer = now.past, now.case.customer
    if customer.elsewhere and customer.elsewhere.issuperset(past.line_ids):
        return Objection(SKIP, Reason.ELSEWHERE)
    if past.line_ids and heard_by_others(customer).issuperset(past.line_ids):
        return Objection(SKIP, Reason.READDRESSED)
    if past.by_hand:
        return Objection(SKIP, Reason.EXCLUDED) if customer.excluded else None
    return _decided_otherwise(now)


def _decided_otherwise(now: Now) -> Objection | None:
    """The plan's decision of today is another, and not for the time being only."""
    reason, date, step = now.decision.reason, now.decision.date, now.decision.step
    if now.instruction.at_once:
        return Objection(SKIP, reason, date) if reason in FINAL else None
    if reason in PASSING:
        return None
    if reason is not Reason.DUE:
        return Objection(SKIP, reason, date)
    if step and step.id != now.past.step_id:
        return Objection(SKIP, Reason.STEP_CHANGED, date)
    return None


def _nothing_left(now: Now) -> Objection | None:
    """Nothing is left to ask for: say what all its items say, if they agree."""
    if now.left.items:
        return None
    for standing in now.left.dropped:
        if standing.reason in COMES_BACK:
            return Objection(WAIT, standing.reason, standing.date)
    reasons = {standing.reason for standing in now.left.dropped}
    if len(reasons) > 1:
        reasons.discard(Reason.SETTLED)
    reason = reasons.pop() if len(reasons) == 1 else Reason.NOTHING_LEFT
    return Objection(SKIP, reason)


def _has_to_wait(now: Now) -> Objection | None:
    """It would go, but not today; what a person wants waits for one thing only."""
    reason, date = now.decision.reason, now.decision.date
    wanted = now.past.by_hand or now.instruction.at_once
    if reason is Reason.OUTCOME_UNKNOWN or (reason in PASSING and not wanted):
        return Objection(WAIT, reason, date)
    return None


def _ask_its_author(now: Now) -> Objection | None:
    """The person who composed it did not know of this; or it has waited for long."""
    if not now.past.by_hand:
        return _waited_long(now)
    return _too_long_ago(now) or _said_since(now)


def _waited_long(now: Now) -> Objection | None:
    """Nothing went for long, and now all would at once: a person looks first."""
    since, patience = now.instruction.since, now.case.plan.patience
    if since is None or not patience or _channel(now) != EMAIL:
        return None
    long = (now.case.today - since).days > patience
    return Objection(REVIEW, Reason.WAITED_LONG) if long else None


def _too_long_ago(now: Now) -> Objection | None:
    on = now.instruction.on
    if on and (now.case.today - on).days > GOOD_FOR:
        return Objection(REVIEW, Reason.WAITED_LONG)
    return None


def _said_since(now: Now) -> Objection | None:
    """A pause, an answer or a promise that the person did not know of."""
    for reason in reasons_of(now.left.items, now.decision):
        if reason in SAID_NO and reason not in now.instruction.known:
            return Objection(REVIEW, reason)
    return None


def _step_of_nobody(now: Now) -> Objection | None:
    """Its step is not the next one of any item that is left.

    Without its leader, the final notice of an old invoice would be the first that a
    young one hears: also if a person wants it sent now, for the old one.
    """
    if now.past.by_hand or _is_their_step(now):
        return None
    return Objection(SKIP, Reason.STEP_CHANGED, now.decision.date)


def _is_their_step(now: Now) -> bool:
    case = now.case
    if case.plan.mode == RECAP:
        return not _was_followed(now.past, case)
    covered = case.net.covered
    leading = [item for item in now.left.items if item.line_id not in covered]
    return case.plan.rank_of(now.past) in next_ranks(leading, case).values()


def _was_followed(past: Past, case: Case) -> bool:
    """Whether a later statement has told the customer all that this one would."""
    return any(
        other.state == "sent" and other.step_id in case.plan.ranks
        for other in case.customer.history
        if other.on >= past.on
    )


def _no_way_out(now: Now) -> Objection | None:
    """No mailbox, or one email has gone to this customer today.

    What a person composed does not wait: that person is asked, if they did not know.
    """
    case = now.case
    if _channel(now) != EMAIL:
        return None
    if case.company.mailbox == DISCONNECTED:
        return Objection(WAIT, Reason.MAILBOX_DISCONNECTED)
    if not any(other.is_email_of(case.today) for other in case.customer.history):
        return None
    if not now.past.by_hand:
        tomorrow = case.today + ONE_DAY
        return Objection(WAIT, Reason.TOO_SOON, case.plan.calendar.next(tomorrow))
    if Reason.EMAILED_TODAY in now.instruction.known:
        return None
    return Objection(REVIEW, Reason.EMAILED_TODAY)


def _channel(now: Now) -> str:
    """Without an address there is something to do instead."""
    email = now.past.channel == EMAIL and now.case.customer.reachable
    return EMAIL if email else TODO
