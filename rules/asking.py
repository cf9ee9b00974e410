"""What an email asks for: the same when it is shown and when it is sent."""

from collections.abc import Sequence

from .case import Case
from .credits import totals_of
from .facts import BY_INVOICE, Item
from .reasons import Reason

#: Of these nobody is ever reminded, not even by hand.
NEVER_ASKED = frozenset(
    (
        Reason.SETTLED,
        Reason.CREDIT,
        Reason.PAID_OUT,
        Reason.MONEY_BACK,
        Reason.UNDER_WAY,
        Reason.BLOCKED,
        Reason.NO_FOLLOWUP,
        Reason.DISPUTED,
    )
)


def may_ask(case: Case, item: Item) -> bool:
    """Whether a person may ask for this item, early or in spite of a promise."""
    standing = case.sorted.aside.get(item.line_id)
    return standing is None or standing.reason not in NEVER_ASKED


def ask_for(
    case: Case, items: Sequence[Item], days: int
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The items that something is left to ask for, and the credits listed with them.

    :param items: some of the customer's, oldest first.
    :param days: of the step: a note before the due date lists some of the items only,
        and subtracts what older ones have left of the credits.
    """
    net = case.net_for(items)
    if days < 0 or case.plan.mode == BY_INVOICE:
        items = [item for item in items if item.line_id not in net.covered]
        credits = net.credits_left(items)
    else:
        credits = net.all_credits(items)
    return _what_is_left(items, credits)


def _what_is_left(
    items: Sequence[Item], credits: Sequence[Item]
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Only the currencies in which the credits do not pay it all."""
    totals = totals_of(items, credits)
    owed = tuple(item for item in items if totals[item.currency_id] > 0)
    left = {item.currency_id for item in owed}
    return owed, tuple(credit for credit in credits if credit.currency_id in left)
