"""Whether a promise to pay was kept, in the rules' own words."""

from ..rules import Promise
from ..rules.promises import is_kept as rules_is_kept
from . import gather
from .units import Units


def is_kept(promise):
    """Whether the money of *promise* (``account.email.promise``) has come."""
    if not promise.partner_id or not promise.until:
        return False
    units = Units(promise.env, promise.company_id)
    found = gather.customers(units, promise.partner_id)
    if not found:
        return True  # nothing is open at all
    lines = promise.move_ids.line_ids.filtered(
        lambda line: line.display_type == "payment_term"
    )
    asked = Promise(
        promise.until,
        promise.made_on,
        promise.amount or None,
        tuple(lines.ids),
        promise.owed,
    )
    return rules_is_kept(asked, found[0][2].items)
