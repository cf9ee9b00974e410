"""The end of the ladder: every step was sent, and money is still owed.

A person decides then what to do: call, write once more, hand it over. That person is
told of each item once, and not before the customer had the time to pay.
"""

import datetime as dt

from .case import Case
from .facts import RECAP
from .reasons import Reason

#: Said of customers with whom somebody is busy already, or who owe too little.
RESTS = frozenset(
    (
        Reason.ANSWERED,
        Reason.PAUSED,
        Reason.BELOW_MINIMUM,
        Reason.NOTHING_LEFT,
    )
)

#: Something is about to change: it is too early to tell a person.
SETTLES = frozenset((Reason.FOLLOWUP_OPEN, Reason.OUTCOME_UNKNOWN))


def at_the_end(reason: Reason, case: Case) -> tuple[int, ...]:
    """The line ids of what is overdue, still owed, and has had every step.

    A younger invoice of the same customer may be on its way up the ladder meanwhile,
    and these go along in its emails.

    :param reason: what is said of the customer today.
    """
    if reason in RESTS or not case.customer.history or case.plan.mode == RECAP:
        return ()
    net, ladder, today = case.net, case.ladder, case.today
    return tuple(
        item.line_id
        for item in net.items
        if item.due < today and item.line_id not in net.covered and ladder.ended(item)
    )


def of_which_nobody_knows(
    ended: tuple[int, ...], reason: Reason, case: Case
) -> tuple[int, ...]:
    """Those of which a person is to be told now.

    Not while the last step is as recent as two emails are apart, nor while the bank's
    data are stale: the money may be on its way, or there already.
    """
    if not ended or reason in SETTLES or case.company.bank_stale:
        return ()
    known = {line for past in case.customer.history for line in past.told}
    last = case.today - dt.timedelta(days=case.plan.min_gap)
    heard = case.memory.heard
    return tuple(
        line for line in ended if line not in known and (heard[line][1] or last) <= last
    )
