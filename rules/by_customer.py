"""Escalation by customer: one email lists everything overdue.

The oldest overdue item that has steps left leads: its next step is the customer's.
The younger ones go along. When the oldest has had every step, or has missed one, the
next one leads, so that nobody is silenced. What credits pay in full never leads.

Notes before the due date are apart: they list what is due soon, and nothing else.
"""

import datetime as dt
from collections.abc import Sequence

from .answers import Standing
from .case import Case
from .facts import Item, Step
from .ladder import Rung
from .reasons import Reason
from .turns import (
    Choice,
    Turn,
    choose,
    own_standing,
    waits_for_next_email,
    when_it_goes,
)


def turn_by_customer(case: Case) -> Turn:
    """Everything overdue, by the step of the item that leads."""
    net = case.net
    rungs = _leading_rungs(case)
    choice = choose(rungs, case)
    step = choice.step
    if choice.reason is Reason.DUE and step and step.days < 0:
        items = _due_soon(rungs, step)
        credits = net.credits_left(items)
    else:
        items = net.owing(_overdue(net.items, step, case.today))
        credits = net.all_credits(items)
    standings = {} if case.brief else _standings(case, rungs, choice, items)
    return Turn(*choice, items, credits, standings)


def _leading_rungs(case: Case) -> list[Rung]:
    """The missed rungs, the leader's, and those before a due date; oldest first.

    A last step that comes again does not lead: nobody younger waits for it. It goes in
    its own time beside the leader's.
    """
    ladder, covered, today = case.ladder, case.net.covered, case.today
    notes_before = case.plan.steps[0].days < 0
    rungs, led = [], False
    for item in case.net.items:
        if led and (not notes_before or item.due < today):
            continue
        if item.line_id in covered:
            continue
        rung = ladder.next_rung(item)
        if rung is None:
            continue
        if rung.step.days < 0:
            rungs.append(rung)
        elif not led:
            rungs.append(rung)
            led = not rung.again and rung.reason is not Reason.MISSED
    return rungs


def _due_soon(rungs: Sequence[Rung], step: Step) -> list[Item]:
    """The items that have come to the same note before their due date."""
    return [
        rung.item for rung in rungs if rung.reason is Reason.DUE and rung.step is step
    ]


def _overdue(items: Sequence[Item], step: Step | None, today: dt.date) -> list[Item]:
    """The overdue items; on a step for the due date itself, also what is due today."""
    if step and step.days == 0:
        return [item for item in items if item.due <= today]
    return [item for item in items if item.due < today]


def _standings(
    case: Case, rungs: Sequence[Rung], choice: Choice, items: Sequence[Item]
) -> dict[int, Standing]:
    today, going = case.today, choice.reason is Reason.DUE
    own = {rung.item.line_id: rung for rung in rungs}
    listed = {item.line_id for item in items}
    paid = case.net.covered - listed
    lead = _leader(rungs)
    standings = {}
    for item in case.net.items:
        line = item.line_id
        if going and line in listed:
            standing = Standing(line, Reason.DUE, choice.step, today)
        elif line in paid:
            standing = Standing(line, Reason.NOTHING_LEFT)
        elif item.due < today and line not in own:
            standing = _goes_along(line, lead)
        else:
            rung = own.get(line) or case.ladder.next_rung(item)
            standing = _of_its_own(line, rung, lead, going, case)
        standings[line] = standing
    return standings


def _leader(rungs: Sequence[Rung]) -> Rung | None:
    """The first that is to come of what is said after a due date."""
    leading = (
        rung
        for rung in rungs
        if rung.step.days >= 0 and rung.reason is not Reason.MISSED
    )
    return min(leading, key=when_it_goes, default=None)


def _goes_along(line: int, lead: Rung | None) -> Standing:
    """A younger item, or one that has had every step: in the next email, if any."""
    if lead is None:
        return Standing(line, Reason.ALL_STEPS_DONE)
    return Standing(line, Reason.NEXT_FOLLOWUP, lead.step, lead.when)


def _of_its_own(
    line: int, rung: Rung | None, lead: Rung | None, going: bool, case: Case
) -> Standing:
    """An item that leads, was missed, or is not overdue."""
    if rung is None:
        return Standing(line, Reason.ALL_STEPS_DONE)
    if rung.again and lead and lead.when < rung.when:
        return _goes_along(line, lead)
    if rung.reason is not Reason.DUE:
        return own_standing(rung)
    if going:
        return waits_for_next_email(rung, case)
    return _goes_along(line, lead)
