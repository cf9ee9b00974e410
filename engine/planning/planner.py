"""Gather, decide, write: one pass over all customers of all companies."""

import logging

from ...rules import Reason
from ...tools.locks import Busy, take
from ...tools.uncollected import uncollected
from ..followup import ledger, reconcile
from ..followup.ledger_rows import NewRows, skip_misplaced
from ..followup.lines import drop
from . import ends
from .decisions import decide_each
from .units import Units

_logger = logging.getLogger(__name__)

LOCK = "account_email_connector plan"


def plan(env, companies=None, on_date=None):
    """Write a ledger row for every follow-up that is due.

    Two planners at once, of the same groups of companies: the second leaves it to the
    first. One whose snapshot is older than another's commit ends in a serialization
    failure, and is run again as any transaction of Odoo's.

    :param env: with the right to see everything, and to write follow-ups.
    :param companies: a ``res.company`` recordset; all if None.
    :return: the new ``account.email.followup`` records.
    """
    Followup = env["account.email.followup"]
    try:
        _take(env.cr, companies)
    except Busy:
        _logger.info("Another planner is at work: it plans these follow-ups.")
        return Followup
    units = Units(env, companies, on_date)
    if branches := units.branches():
        _hand_over(skip_misplaced(env, units, branches))
    env.flush_all()
    with uncollected():
        return Followup.browse(_write(env, decide_each(units)))


def _take(cr, companies):
    """Keep other planners away: of these companies' groups, or of all.

    :raises Busy: if one is at work.
    """
    take(cr, LOCK, shared=companies is not None)
    for group in companies.root_id if companies else ():
        take(cr, f"{LOCK} {group.id}")


def _write(env, decided):
    """Write down what is due, and tell people what is theirs to do.

    :return: the ids of the new follow-ups.
    """
    new, ended, money = NewRows(env), [], []
    for each in decided:
        if not each.unit.has_begun:
            continue
        if each.decision.untold and len(ended) < ends.AT_MOST:
            ended.append(each)
        if reconcile.to_look_at(each):
            money.append(each)
        if each.decision.reason is Reason.DUE:
            new.add(each)
    ends.tell(env, ended)
    reconcile.ask(money)
    return new.ids()


def _hand_over(lines):
    """Drop these lines, for the branch asks for them from its own mailbox by now.

    For good: the branch may give its mailbox up again, and will have asked by then.
    """
    for followup in lines.followup_id.try_lock_for_update():
        gone = lines.filtered(lambda line, its=followup: line.followup_id == its)
        why = Reason.ELSEWHERE, None
        drop(followup, dict.fromkeys(gone.mapped("move_line_ref"), why))
        if not followup._chased_lines():
            ledger.give_way(followup, Reason.ELSEWHERE)
