"""Gather, decide, write: one pass over all customers of all companies."""

import logging

from ...rules import Reason, Standing
from ...tools.locks import Busy, take
from ...tools.uncollected import uncollected
from ..followup import ledger, reconcile
from ..followup.ledger_rows import insert, skip_misplaced
from ..followup.lines import drop
from . import ends
from .decisions import decide_all
from .units import Units

_logger = logging.getLogger(__name__)


def plan(env, companies=None, on_date=None):
    """Write a ledger row for every follow-up that is due.

    Two planners at once: the second leaves it to the first. One whose snapshot is
    older than another's commit ends in a serialization failure, and is run again as
    any transaction of Odoo's.

    :param env: with the right to see everything, and to write follow-ups.
    :return: the new ``account.email.followup`` records.
    """
    Followup = env["account.email.followup"]
    try:
        take(env.cr, "account_email_connector plan")
    except Busy:
        _logger.info("Another planner is at work: it plans these follow-ups.")
        return Followup
    units = Units(env, companies, on_date)
    if branches := units.branches():
        _hand_over(skip_misplaced(env, units, branches))
    with uncollected():
        return Followup.browse(_write(env, decide_all(units, brief=True)))


def _write(env, decided):
    """Write down what is due, and tell people what is theirs to do.

    :return: the ids of the new follow-ups.
    """
    # A to-do needs no mailbox, but a company without any has not begun to chase.
    found = [each for each in decided if each.unit.connector]
    ends.tell(env, found)
    reconcile.ask(found)
    due = [each for each in found if each.decision.reason is Reason.DUE]
    return insert(env, due) if due else ()


def _hand_over(lines):
    """Drop these lines, for the branch asks for them from its own mailbox by now.

    For good: the branch may give its mailbox up again, and will have asked by then.
    """
    for followup in lines.followup_id.try_lock_for_update():
        gone = lines.filtered(lambda line, its=followup: line.followup_id == its)
        drop(
            followup,
            [Standing(ref, Reason.ELSEWHERE) for ref in gone.mapped("move_line_ref")],
        )
        if not followup._chased_lines():
            ledger.give_way(followup, Reason.ELSEWHERE)
