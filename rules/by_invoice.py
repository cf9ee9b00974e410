"""Escalation by invoice: each item climbs the ladder on its own.

Items that come to the same step on the same day share an email. A customer gets one
email a day at most: the step of the oldest due item first, the others after the gap.
"""

import datetime as dt
from collections.abc import Sequence

from .answers import Standing
from .case import Case
from .credits import Net
from .facts import Item
from .ladder import Rung
from .reasons import Reason
from .turns import Choice, Turn, choose, own_standing, waits_for_next_email


def turn_by_invoice(case: Case) -> Turn:
    """The items that have come to one step together."""
    net, ladder = case.net, case.ladder
    rungs = []
    for item in net.items:
        if item.line_id not in net.covered and (rung := ladder.next_rung(item)):
            rungs.append(rung)
    choice = choose(rungs, case)
    items = _same_step(rungs, choice, case.today)
    standings = {} if case.brief else _standings(case, rungs, choice)
    return Turn(*choice, items, net.credits_left(items), standings)


def _same_step(rungs: Sequence[Rung], choice: Choice, today: dt.date) -> list[Item]:
    """The items of the chosen step: those that go, or that could go by hand."""
    together = [rung for rung in rungs if rung.step is choice.step]
    if choice.reason in (Reason.DUE, Reason.MISSED):
        return [rung.item for rung in together if rung.reason is choice.reason]
    return [rung.item for rung in together if rung.item.due < today]


def _standings(
    case: Case, rungs: Sequence[Rung], choice: Choice
) -> dict[int, Standing]:
    net = case.net
    standings = {item.line_id: _without_rung(item, net) for item in net.items}
    for rung in rungs:
        line = rung.item.line_id
        if rung.reason is not Reason.DUE:
            standings[line] = own_standing(rung)
        elif rung.step is choice.step:
            standings[line] = Standing(line, Reason.DUE, rung.step, case.today)
        else:
            standings[line] = waits_for_next_email(rung, case)
    return standings


def _without_rung(item: Item, net: Net) -> Standing:
    covered = item.line_id in net.covered
    reason = Reason.NOTHING_LEFT if covered else Reason.ALL_STEPS_DONE
    return Standing(item.line_id, reason)
