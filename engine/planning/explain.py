"""Why an invoice is, or is not, chased: the rules' own answer, for people."""

from collections import defaultdict
from typing import NamedTuple

from ...rules import Reason, comes_next
from ...rules.credits import PAYABLE
from ...texts import standing_text
from ..followup.ledger_reasons import LedgerReason
from .decisions import decisions


class Explanation(NamedTuple):
    """What is said of one invoice."""

    reason: str  #: the value of a :class:`...rules.Reason`, or of the ledger's
    text: str  #: the reason in the user's language
    date: object = None  #: the next follow-up's date, None if there is none by itself
    step: object = None  #: ``account.email.followup.step``, perhaps empty


def explain(env, moves, on_date=None):
    """Return ``{move id: Explanation}`` for *moves* (``account.move``).

    :param env: with the right to see everything. What is told is in *moves*' own.
    """
    standings = _standings(env, moves, on_date) if moves else {}
    steps = moves.env["account.email.followup.step"]
    explanations = {}
    for move in moves:
        found = standings.get(move.id)
        reason = found.reason.value if found else _why_unknown(move)
        step = steps.browse(found.step.id) if found and found.step else steps
        date = found.date if found else None
        remarks = (Reason.PROMISE_BROKEN,) if found and found.broken else ()
        came_on = found and found.came_on
        text = standing_text(moves.env, reason, remarks, came_on)
        explanations[move.id] = Explanation(reason, text, date, step)
    return explanations


def explain_customers(env, partners, on_date=None):
    """Return ``{partner id: (Decision, step record)}`` for commercial *partners*.

    For the companies that the user has switched on; of several the one that acts first.

    :param env: with the right to see everything. What is told is in *partners*' own.
    """
    steps = partners.env["account.email.followup.step"]
    told = {}
    for decided in decisions(env, partners.env.companies, partners, on_date):
        decision = decided.decision
        known = told.get(decided.customer.id)
        if not known or _acts_before(decision, known[0]):
            step = steps.browse(decision.step.id if decision.step else ())
            told[decided.customer.id] = (decision, step)
    return told


def _acts_before(decision, other):
    """Whether *decision* comes to something, and earlier than *other*."""
    return bool(decision.date) and (not other.date or decision.date < other.date)


def _why_unknown(move):
    """Why no customer has it: nothing of it is open, or it has none (a receipt)."""
    nobody = not move.partner_id and move.payment_state in PAYABLE
    return LedgerReason.NO_CUSTOMER.value if nobody else Reason.SETTLED.value


def customers_of(moves):
    """The customers who owe *moves*: as the planner has it, those of their items.

    A contact may have become a company of its own since, with other customers.
    """
    receivable = moves.line_ids.filtered(
        lambda line: line.account_type == "asset_receivable"
    )
    partners = receivable.partner_id or moves.partner_id
    return partners.commercial_partner_id


def _standings(env, moves, on_date):
    """The standing on each of *moves*: that of the instalment that comes next."""
    partners = customers_of(moves)
    standings = defaultdict(list)
    for decided in decisions(env, moves.company_id, partners, on_date):
        move_of = {item.line_id: item.move_id for item in decided.customer.items}
        for standing in decided.decision.standings:  # oldest first
            standings[move_of[standing.line_id]].append(standing)
    return {move_id: comes_next(found) for move_id, found in standings.items()}
