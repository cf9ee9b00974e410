"""Follow-ups that a person wants: what would go to whom, and why it would not."""

from typing import NamedTuple

from odoo import Command

from ..rules import Reason
from .decisions import decisions

#: With these nothing can be sent, whoever asks.
NOTHING_TO_SEND = {
    Reason.NO_PLAN,
    Reason.NOTHING_OPEN,
    Reason.NOTHING_LEFT,
    Reason.MAILBOX_DISCONNECTED,
    Reason.OUTCOME_UNKNOWN,
}


class Offer(NamedTuple):
    """What a person may send to one customer of one unit now."""

    decided: object  #: :class:`.decisions.Decided`
    step: object  #: ``account.email.followup.step``, perhaps empty
    items: tuple  #: the rules' Items to ask for
    credits: tuple
    reason: str  #: why it does not go by itself, or ``due``
    possible: bool


def offers(env, companies, partners, moves=None):
    """Return the :class:`Offer` for each of *partners*.

    :param moves: ask for these invoices only (``account.move``); what is open if None.
    """
    steps = env["account.email.followup.step"]
    found = []
    for decided in decisions(env, companies, partners):
        decision = decided.decision
        items = _owed(decided.customer.items, moves) if moves else decision.items
        items = items or _owed(decided.customer.items)
        step_id = decision.step.id if decision.step else _first_step(decided)
        found.append(
            Offer(
                decided,
                steps.browse(step_id),
                tuple(items),
                () if moves else decision.credits,
                decision.reason.value,
                bool(step_id and items) and decision.reason not in NOTHING_TO_SEND,
            )
        )
    return found


def _owed(items, moves=None):
    """The open invoices' items, oldest first; settled and credit ones left out."""
    wanted = set(moves.ids) if moves else None
    return sorted(
        (
            item
            for item in items
            if item.residual > 0
            and item.payment_state in ("not_paid", "partial")
            and (wanted is None or item.move_id in wanted)
        ),
        key=lambda item: (item.due, item.line_id),
    )


def _first_step(decided):
    steps = decided.rules and decided.rules.steps
    return steps[0].id if steps else None


def ledger_values(offer, step=None):
    """The values of a ledger row for *offer*, wanted by a person.

    :param step: another step than the one offered.
    """
    decided = offer.decided
    step = step or offer.step
    total = sum(item.residual_company for item in offer.items + offer.credits)
    return {
        "company_id": decided.unit.company_id,
        "connector_id": decided.unit.connector.id,
        "partner_id": decided.customer.id,
        "plan_id": step.plan_id.id,
        "step_id": step.id,
        "step_position": _position(step),
        "step_days": step.days,
        "planned_date": decided.today,
        "oldest_due_date": offer.items[0].due,
        "amount": total,
        "state": "planned",
        "approved": True,
        "by_hand": True,
        "line_ids": [Command.create(_line(item, "chased")) for item in offer.items]
        + [Command.create(_line(item, "credit")) for item in offer.credits],
    }


def _position(step):
    """The step's rank in its plan, from 0."""
    return step.plan_id.step_ids.sorted("days").ids.index(step.id)


def _line(item, state):
    return {
        "move_line_id": item.line_id,
        "due_date": item.due,
        "amount": item.residual,
        "state": state,
    }
