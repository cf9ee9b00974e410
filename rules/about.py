"""The day that a reason is about."""

import datetime as dt

from .answers import Decision, came_on
from .facts import Customer
from .plan import Plan
from .promises import promised_until
from .reasons import Reason


def day_of(
    customer: Customer,
    plan: Plan,
    decision: Decision,
    reason: Reason,
    line_id: int | None = None,
) -> dt.date | None:
    """Until which day it is promised, from which on what falls due is chased, on which
    money came. None: *reason* is about no day.

    :param decision: about the *customer*, by the *plan*.
    :param line_id: of which open item it is said; None: of the customer.
    """
    if reason is Reason.PROMISED:
        return promised_until(customer.promises, line_id)
    if reason is Reason.BEFORE_START:
        return plan.start
    said = decision.standings
    return came_on(reason, [s for s in said if line_id in (None, s.line_id)])
