"""Ask again just before a follow-up is sent: money and people move meanwhile."""

from .asking import ask_for, may_ask
from .byhand import reasons_of
from .calendar import ONE_DAY
from .credits import Net
from .decide import decide
from .facts import (
    BY_INVOICE,
    DISCONNECTED,
    EMAIL,
    RECAP,
    TODO,
    Instruction,
    Recheck,
    Standing,
)
from .history import remember
from .items import SortedItems
from .ladder import Ladder
from .plan import NO_PLAN
from .reasons import Reason

SEND, WAIT, SKIP, REVIEW = "send", "wait", "skip", "review"

NO_INSTRUCTION = Instruction()

#: Days for which a person's instruction is good, if the mailbox has been in trouble.
GOOD_FOR = 3

#: What a person who wanted a follow-up should know, if it was said since.
SAID_NO = frozenset((Reason.PAUSED, Reason.ANSWERED, Reason.PROMISED))

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
        Reason.BANK_STALE,
    )
)

#: These stop even what a person wants sent now: they are the newer word.
FINAL = frozenset(
    (
        Reason.NO_PLAN,
        Reason.EXCLUDED,
        Reason.ANSWERED,
        Reason.PAUSED,
        Reason.NOTHING_LEFT,
        Reason.BELOW_MINIMUM,
    )
)


def recheck(
    past,
    customer,
    plan,
    company,
    today,
    instruction=NO_INSTRUCTION,
):
    """Say whether a planned follow-up still goes, and what it still asks for.

    It is decided afresh, without this follow-up. It never asks for more than was
    planned; a right step for other items is another follow-up.

    :param past: the :class:`~.facts.Past` about to be sent. If a person composed it
        (``by_hand``), the plan is not asked again; but what is not to be asked for any
        more drops out, and the person is asked again about what was said since, or
        after some days.
    :param customer: gathered afresh; ``past`` may be in its history.
    :param instruction: the :class:`~.facts.Instruction` of a person about it.
    :returns: a :class:`~.facts.Recheck`.
    """
    others = tuple(other for other in customer.history if other.id != past.id)
    customer = customer._replace(history=others)
    if plan and (instruction.approved or _waited(plan)):
        plan = plan.without_catch_up()
    decision = decide(customer, plan, company, today)
    found = SortedItems(customer, plan or NO_PLAN, today)
    moved_on = _moved_on(past, customer, plan, found, today)
    items, credits = _still_asked(past, customer, plan, found, today, moved_on)
    objection = _objection(past, customer, decision, instruction.at_once)
    if not items and (not objection or objection[0] == WAIT):
        objection = _why_empty(past, found, customer, moved_on)
    if not objection and past.by_hand:
        objection = _too_long_ago(instruction, today) or _said_since(
            instruction, items, decision
        )
    if not objection and not _is_their_step(past, customer, plan, found, items, today):
        objection = SKIP, Reason.STEP_CHANGED, decision.date
    channel = EMAIL if past.channel == EMAIL and customer.reachable else TODO
    if not objection and channel == EMAIL:
        objection = _no_way_out(past, others, plan, company, today, instruction)
    action, reason, date = objection or (SEND, Reason.DUE, today)
    return Recheck(
        action,
        reason,
        date,
        items,
        _dropped(past, items, found, customer, moved_on),
        credits,
        channel,
    )


def _waited(plan):
    """A recap that was planned on its day is not missed: it waited for the mailbox."""
    return plan.mode == RECAP and plan.catch_up == 0


def _objection(past, customer, decision, at_once):
    """(action, reason, date) when the fresh decision is against it."""
    reason = decision.reason
    if customer.elsewhere and customer.elsewhere.issuperset(past.line_ids):
        return SKIP, Reason.ELSEWHERE, None
    if past.by_hand and customer.excluded:
        return SKIP, Reason.EXCLUDED, None
    if reason is Reason.OUTCOME_UNKNOWN:
        return WAIT, reason, None
    if past.by_hand:
        return None
    if at_once:
        return (SKIP, reason, decision.date) if reason in FINAL else None
    if reason in PASSING:
        return WAIT, reason, decision.date
    if reason is not Reason.DUE:
        return SKIP, reason, decision.date
    if decision.step.id != past.step_id:
        return SKIP, Reason.STEP_CHANGED, decision.date
    return None


def _too_long_ago(instruction, today):
    if instruction.on and (today - instruction.on).days > GOOD_FOR:
        return REVIEW, Reason.WAITED_LONG, None
    return None


def _said_since(instruction, items, decision):
    """A pause, an answer or a promise that the person did not know of."""
    for reason in reasons_of(items, decision):
        if reason in SAID_NO and reason not in instruction.known:
            return REVIEW, reason, None
    return None


def _is_their_step(past, customer, plan, found, items, today):
    """Whether its step is the next one of an item that is left.

    Without its leader, the final notice of an old invoice would be the first that a
    young one hears: also if a person wants it sent now, for the old one.
    """
    if past.by_hand:
        return True
    if plan.mode == RECAP:
        return not _was_followed(past, customer.history, plan)
    covered = Net(found.chaseable, found.credits).covered
    leading = [item for item in items if item.line_id not in covered]
    ranks = _next_ranks(customer, plan, found, leading, today)
    return plan.rank_of(past) in ranks.values()


def _next_ranks(customer, plan, found, items, today):
    """Line id → the rank of the step that is next, of those items that have one."""
    memory = remember(customer, found.chaseable, plan)
    ladder = Ladder(plan, memory, customer, found.promises.resumed, today)
    rungs = filter(None, map(ladder.next_rung, items))
    return {rung.item.line_id: plan.ranks[rung.step.id] for rung in rungs}


def _moved_on(past, customer, plan, found, today):
    """The items that have had this step otherwise by now, each on its own ladder."""
    if past.by_hand or plan is None or plan.mode != BY_INVOICE:
        return frozenset()
    planned = [item for item in found.chaseable if item.line_id in past.line_ids]
    ranks = _next_ranks(customer, plan, found, planned, today)
    step = plan.rank_of(past)
    return frozenset(i.line_id for i in planned if ranks.get(i.line_id) != step)


def _was_followed(past, others, plan):
    """Whether a later statement has told the customer all that this one would."""
    return any(
        other.state == "sent" and other.step_id in plan.ranks and other.on >= past.on
        for other in others
    )


def _no_way_out(past, others, plan, company, today, instruction):
    """No mailbox, or one email has gone to this customer today.

    What a person composed does not wait: that person is asked, if they did not know.
    """
    if company.mailbox == DISCONNECTED:
        return WAIT, Reason.MAILBOX_DISCONNECTED, None
    if not any(_is_email_of(today, other) for other in others):
        return None
    if not past.by_hand:
        return WAIT, Reason.TOO_SOON, plan.calendar.next(today + ONE_DAY)
    if Reason.EMAILED_TODAY in instruction.known:
        return None
    return REVIEW, Reason.EMAILED_TODAY, None


def _is_email_of(today, other):
    return other.state == "sent" and other.channel == EMAIL and other.on == today


def _still_asked(past, customer, plan, found, today, moved_on):
    """The planned items that may still be asked for, and the credits listed.

    In an email by hand a promise, say, takes no item out: a person decides.
    """
    planned = frozenset(past.line_ids) - moved_on
    if past.by_hand:
        items = [i for i in found.items if i.line_id in planned and may_ask(i, found)]
    else:
        items = [item for item in found.chaseable if item.line_id in planned]
    return ask_for(customer, plan, today, items, past.days)


def _why_empty(past, found, customer, moved_on):
    """Nothing is left: say what the first planned item says."""
    dropped = _dropped(past, (), found, customer, moved_on)
    reasons = {standing.reason for standing in dropped}
    if len(reasons) > 1:
        reasons.discard(Reason.SETTLED)
    reason = reasons.pop() if len(reasons) == 1 else Reason.NOTHING_LEFT
    return SKIP, reason, None


def _dropped(past, items, found, customer, moved_on):
    """A standing for each planned item that is not asked for any more."""
    kept = {item.line_id for item in items}
    chaseable = {item.line_id for item in found.chaseable}
    standings = []
    for line in past.line_ids:
        if line in kept:
            continue
        if line in moved_on:
            standings.append(Standing(line, Reason.STEP_CHANGED))
        elif line in chaseable:
            standings.append(Standing(line, Reason.NOTHING_LEFT))
        elif line in customer.elsewhere:
            standings.append(Standing(line, Reason.ELSEWHERE))
        else:
            standings.append(found.aside.get(line, Standing(line, Reason.SETTLED)))
    return tuple(standings)
