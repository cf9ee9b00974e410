"""Follow-ups that a person wants: the rules' offers, and their rows in the ledger."""

from typing import NamedTuple

from odoo import Command

from ...rules import Offer, ask_for, offer
from ...rules.credits import company_total
from ..planning.decisions import Decided
from . import ledger
from .lines import line_values


class Offered(NamedTuple):
    """What a person may send to one customer of one unit now."""

    decided: Decided
    offer: Offer
    step: object  #: ``account.email.followup.step``, perhaps empty

    @property
    def key(self):
        """Whose it is: :attr:`Decided.key`."""
        return self.decided.key

    @property
    def pairs(self):
        """(company id, customer id) for each company that it is sent for."""
        unit, customer = self.decided.unit, self.decided.customer
        return [(company_id, customer.id) for company_id in unit.company_ids]


def offers(env, found, line_ids=None):
    """Return the :class:`Offered` for the customers that *found* is about.

    A unit may serve companies that the user has no access to: their invoices are
    neither shown nor asked for.

    :param env: the user's.
    :param found: list of :class:`..planning.decisions.Decided`.
    :param line_ids: ask for these open items only, and leave out customers who have
        none of them. None: for what the plan would ask for.
    """
    steps = env["account.email.followup.step"]
    chosen = None if line_ids is None else frozenset(line_ids)
    foreign = foreign_lines(env, found)
    offered = []
    for decided in found:
        mine = {item.line_id for item in decided.customer.items} - foreign
        if chosen is not None:
            mine &= chosen
        if not mine:
            continue
        made = offer(decided.case, chosen=chosen, seen=mine)
        step_id = made.step.id if made.step else ()
        offered.append(Offered(decided, made, steps.browse(step_id)))
    return offered


def foreign_lines(env, found):
    """The ids of the open items that belong to companies closed to the user.

    :param env: the user's.
    :param found: list of :class:`..planning.decisions.Decided`, with the right to see
        all.
    """
    if env.su or not found:
        return frozenset()
    mine = set(env.user.company_ids.ids)
    ids = [
        item.line_id
        for decided in found
        if not mine.issuperset(decided.unit.company_ids)
        for item in decided.customer.items
        if item.line_id > 0  # else a payment without an entry: it is listed anyway
    ]
    lines = found[0].plan.env["account.move.line"].browse(ids)
    return frozenset(line.id for line in lines if line.company_id.id not in mine)


def ledger_values(offered, step=None, review=False):
    """The values of a ledger row that a person wants.

    :param step: another step than the one offered.
    :param review: it waits until a person has approved it.
    """
    decided, made = offered.decided, offered.offer
    step = step or offered.step
    items, credits = ask_for(decided.case, made.items, step.days)
    return {
        **row_values(decided, step, items, credits, review),
        "approved": not review,
        "by_hand": True,
        "decided_on": decided.today,
        "known": ",".join(made.doubts),
    }


def row_values(decided, step, items, credits, review=False):
    """The values of a ledger row about these items, with this step (a record)."""
    addressee = decided.customer.addressee
    lines = [line_values(item, "chased", addressee) for item in items]
    lines += [line_values(item, "credit", addressee) for item in credits]
    return {
        "company_id": decided.unit.company_id,
        "connector_id": decided.unit.connector.id,
        "partner_id": decided.customer.id,
        "addressee_id": addressee,
        "plan_id": step.plan_id.id,
        "step_id": step.id,
        "step_position": _position(step),
        "step_days": step.days,
        "planned_date": decided.today,
        "oldest_due_date": items[0].due if items else False,
        "amount": company_total(items, credits),
        "state": ledger.first_state(review),
        "line_ids": list(map(Command.create, lines)),
    }


def _position(step):
    """The step's rank in its plan, from 0."""
    return step.plan_id.step_ids.sorted("days").ids.index(step.id)
