"""Escalation by customer: one email lists everything overdue.

The oldest overdue item that has steps left leads: its next step is the customer's.
The younger ones go along. When the oldest has had every step, or has missed one, the
next one leads, so that nobody is silenced. What credits pay in full never leads.

Notes before the due date are apart: they list what is due soon, and nothing else.
"""

from .facts import Standing
from .ladder import Rung
from .reasons import Reason
from .turns import Turn, choose, own_standing, waits_for_next_email


def turn_by_customer(net, ladder):
    """The :class:`~.turns.Turn` of a customer, from the :class:`~.credits.Net`."""
    today = ladder.today
    rungs = _leading_rungs(net, ladder)
    choice = choose(rungs, net, today)
    if choice.reason is Reason.DUE and choice.step.days < 0:
        items = [
            rung.item
            for rung in rungs
            if rung.reason is Reason.DUE and rung.step is choice.step
        ]
        credits = net.credits_left(items)
    else:
        items = net.owing(_overdue(net.items, choice.step, today))
        credits = net.all_credits(items)
    standings = _standings(net, ladder, rungs, choice, items)
    return Turn(*choice, items, credits, standings)


def _leading_rungs(net, ladder):
    """The missed rungs, the leader's, and those before a due date; oldest first."""
    notes_before = ladder.plan.steps[0].days < 0
    rungs, led = [], False
    for item in net.items:
        if led and (not notes_before or item.due < ladder.today):
            continue
        if item.line_id in net.covered:
            continue
        rung = ladder.next_rung(item)
        if rung is None:
            continue
        if rung.step.days < 0:
            rungs.append(rung)
        elif not led:
            rungs.append(rung)
            led = rung.reason is not Reason.MISSED
    return rungs


def _overdue(items, step, today):
    """The overdue items; on a step for the due date itself, also what is due today."""
    if step and step.days == 0:
        return [item for item in items if item.due <= today]
    return [item for item in items if item.due < today]


def _standings(net, ladder, rungs, choice, items):
    today, covered = ladder.today, net.covered
    going, step = choice.reason is Reason.DUE, choice.step
    own = {rung.item.line_id: rung for rung in rungs}
    listed = {item.line_id for item in items}
    lead = _leader(rungs)
    standings = {}
    for item in net.items:
        line = item.line_id
        if going and line in listed:
            standing = Standing(line, choice.reason, step, today)
        elif line in covered and line not in listed:
            standing = Standing(line, Reason.NOTHING_LEFT)
        elif item.due < today and line not in own:
            standing = _goes_along(line, lead)
        else:
            rung = own.get(line) or ladder.next_rung(item)
            standing = _of_its_own(line, rung, lead, going, ladder)
        standings[line] = standing
    return standings


def _leader(rungs):
    for rung in rungs:
        if rung.step.days >= 0 and rung.reason is not Reason.MISSED:
            return rung
    return None


def _goes_along(line, lead: Rung | None):
    """A younger item, or one that has had every step: in the next email, if any."""
    if lead is None:
        return Standing(line, Reason.ALL_STEPS_DONE)
    return Standing(line, Reason.NEXT_FOLLOWUP, lead.step, lead.when)


def _of_its_own(line, rung, lead, going, ladder):
    """An item that leads, was missed, or is not overdue."""
    if rung is None:
        return Standing(line, Reason.ALL_STEPS_DONE)
    if rung.reason is not Reason.DUE:
        return own_standing(rung)
    if going:
        return waits_for_next_email(rung, ladder.plan, ladder.today)
    return _goes_along(line, lead)
