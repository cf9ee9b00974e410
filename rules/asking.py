"""What an email asks for: the same when it is shown and when it is sent."""

from .credits import Net, totals_of
from .facts import BY_INVOICE
from .items import SortedItems
from .plan import NO_PLAN
from .reasons import Reason

#: Of these nobody is ever reminded, not even by hand.
NEVER_ASKED = frozenset(
    (
        Reason.SETTLED,
        Reason.CREDIT,
        Reason.PAID_OUT,
        Reason.BLOCKED,
        Reason.NO_FOLLOWUP,
        Reason.DISPUTED,
    )
)


def may_ask(item, found):
    """Whether a person may ask for this item, early or in spite of a promise.

    :param found: the :class:`~.items.SortedItems` that it is one of.
    """
    standing = found.aside.get(item.line_id)
    return standing is None or standing.reason not in NEVER_ASKED


def ask_for(customer, plan, today, items, days):
    """The items that something is left to ask for, and the credits listed with them.

    :param customer: a :class:`~.facts.Customer`.
    :param plan: the :class:`~.plan.Plan`, or None.
    :param items: some of its items, oldest first.
    :param days: of the step: a note before the due date lists some of the items only,
        and subtracts what older ones have left of the credits.
    """
    found = SortedItems(customer, plan or NO_PLAN, today)
    net = Net(found.chaseable, found.credits)
    if days < 0 or (plan and plan.mode == BY_INVOICE):
        items = [item for item in items if item.line_id not in net.covered]
        credits = net.credits_left(items)
    else:
        credits = net.all_credits(items)
    totals = totals_of(items, credits)
    items = tuple(item for item in items if totals[item.currency_id] > 0)
    left = {item.currency_id for item in items}
    return items, tuple(credit for credit in credits if credit.currency_id in left)
