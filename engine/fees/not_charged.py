"""Invoices that were late, and for which nobody is charged interest and fees: why."""

from collections import defaultdict

from ...rules.credits import NOISE
from .waive import is_credited

GONE, CREDITED, DISPUTED = "gone", "credited", "disputed"
BLOCKED, NO_FOLLOWUP = "blocked", "no_followup"


def reasons(moves, lines):
    """{reason: those of *moves* that are left out for it}.

    One that was paid, however late, is not: being late is what it is charged for.

    :param moves: ``account.move``, with the right to see everything.
    :param lines: those of their journal items that were asked for, if they are there.
    """
    found, eaten = defaultdict(moves.browse), _eaten(lines)
    for move in moves:
        receivable = move._receivable_lines()
        # Of a general entry, others may be other customers'. After new terms of payment
        # there are new ones.
        if reason := _reason(move, receivable & lines or receivable, eaten):
            found[reason] |= move
    return dict(found)


def sentences(env, left_out):
    """What a person reads of :func:`reasons`; "" if there are none.

    :param env: of the reader.
    """
    told = []
    for reason, moves in left_out.items():
        names = ", ".join(move.name or move.display_name for move in moves)
        told.append(_sentence(env, reason, names))
    return " ".join(told)


def _sentence(env, reason, names):
    if reason == GONE:
        return env._("Invoices that do not stand any more are left out: %s.", names)
    if reason == CREDITED:
        return env._("Invoices that were credited in full are left out: %s.", names)
    if reason == DISPUTED:
        return env._("Invoices in dispute are left out: %s.", names)
    if reason == BLOCKED:
        return env._("Invoices that are blocked for payment are left out: %s.", names)
    return env._("Invoices marked “No Follow-Up” are left out: %s.", names)


def _reason(move, lines, eaten):
    if move.state != "posted":
        return GONE
    reversed_by_odoo = move.payment_state == "reversed"
    if (lines and lines <= eaten) or reversed_by_odoo or is_credited(move):
        return CREDITED
    if move.email_followup_dispute_reason:
        return DISPUTED
    if move.payment_state == "blocked":
        return BLOCKED
    return NO_FOLLOWUP if any(lines.mapped("no_followup")) else None


def _eaten(lines):
    """What is paid by nothing but open credit notes that name no invoice: they are for
    the oldest, as in emails."""
    found = lines.search(
        [
            ("partner_id", "child_of", lines.partner_id.commercial_partner_id.ids),
            ("company_id", "in", lines.company_id.ids),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("move_id.origin_payment_id", "=", False),
            ("move_id.statement_line_id", "=", False),
        ],
        order="date_maturity, id",
    )
    pool, eaten = defaultdict(float), lines.browse()
    for line in found:
        if line.move_type == "out_refund" and not line.move_id.reversed_entry_id:
            pool[_whose(line)] -= line.amount_residual_currency
    for line in found:
        residual, whose = line.amount_residual_currency, _whose(line)
        taken = min(max(residual, 0), pool[whose])
        pool[whose] -= taken
        if taken and abs(line.amount_currency - taken) <= NOISE:
            eaten |= line
    return eaten


def _whose(line):
    return line.company_id, line.partner_id.commercial_partner_id, line.currency_id
