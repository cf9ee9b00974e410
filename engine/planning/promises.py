"""What has become of promises to pay, in the rules' own words."""

from ...rules import Promise
from ...rules.promises import left_of, state_of
from . import gather
from .units import Units


def states(promises):
    """Return ``{promise id: state}`` for *promises* (``account.email.promise``), which
    have the right to see everything.

    The number of SQL statements does not depend on the number of promises.
    """
    return {
        promise.id: state_of(_facts(promise), items, plan.promise_grace, today)
        for promise, items, plan, today in _looked_up(promises)
    }


def owed(promises):
    """Return ``{promise id: amount}``: what is left of what was promised, likewise."""
    return {
        promise.id: left_of(_facts(promise), items)
        for promise, items, _plan, _today in _looked_up(promises)
    }


def _looked_up(promises):
    """Yield each promise with the customer's items, plan and day."""
    units = Units(promises.env, promises.company_id)
    found = {
        (unit.company_id, customer.id): (plan, customer.items)
        for unit, plan, customer in gather.customers(
            units, promises.partner_id.commercial_partner_id
        )
    }
    for promise in promises.filtered("company_id.active"):
        unit = units.unit_for(promise.company_id.id)
        nothing_open = unit.plan, []
        key = unit.company_id, promise.partner_id.commercial_partner_id.id
        plan, items = found.get(key, nothing_open)
        yield promise, items, plan, units.today(unit, plan)


def _facts(promise):
    """*promise* as the rules know it."""
    lines = promise.move_ids.line_ids.filtered(
        lambda line: line.display_type == "payment_term"
    )
    return Promise(
        promise.until,
        promise.made_on,
        promise.amount or None,
        tuple(lines.ids),
        promise.owed,
    )
