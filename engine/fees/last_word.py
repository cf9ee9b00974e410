"""What is left to charge of a follow-up, when a later email has said something else."""

from ...rules import interest
from ..paying.asked import items_of, mentioned
from .late import MADE, terms


def to_charge(followup):
    """What *followup* mentioned and nobody has charged.

    Of what a later email mentions too, that one's word holds: after a part payment,
    say, it asks for less for the same days. So the invoices come to what the customer
    was told last, whichever is made first.

    :param followup: with the right to see everything.
    :return: list of :class:`...rules.LateFee`.
    """
    said = {}
    for later in _later(followup):
        said.update({item.line_id: (item, later) for item in items_of(later)})
    return [
        _as_said(each, *said[each.item.line_id]) if each.item.line_id in said else each
        for each in mentioned(followup, MADE)
    ]


def _later(followup):
    """Those that mentioned the same items after it, in their order."""
    refs = followup._chased_lines().mapped("move_line_ref")
    found = followup.search(
        [
            ("id", ">", followup.id),
            ("state", "=", "sent"),
            ("line_ids.move_line_ref", "in", refs),
        ],
        order="id",
    )
    return found.filtered(lambda later: terms(later).rate or terms(later).fee)


def _as_said(fee, item, later):
    """*fee* in the words of the *later* follow-up; the fixed fee stays as it was."""
    if not fee.since:
        return fee
    rate = terms(later).rate
    currency = later.env["res.currency"].browse(fee.currency_id)
    decimals = currency.decimal_places
    amount = interest(item.residual, fee.since, fee.until, rate, decimals)
    return fee._replace(item=item, amount=amount, rate=rate)
