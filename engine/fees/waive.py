"""To let a customer off interest and fees that were invoiced."""

from odoo import Command, fields
from odoo.exceptions import UserError

from ...tools.actions import RELOAD, notify


def is_waived(move):
    """Whether nobody is asked for it: cancelled, or credited in full by anybody."""
    return move.state == "cancel" or is_credited(move)


def is_credited(move):
    """Whether posted credit notes of it, matched with it or not, are all of it."""
    credited = _credited(move)
    compare = move.currency_id.compare_amounts
    return bool(credited) and compare(credited, move.amount_total) >= 0


def _credited(move):
    """What posted credit notes say of it, by anybody."""
    notes = move.reversal_move_ids.filtered(lambda each: each.state == "posted")
    return sum(notes.mapped("amount_total"))


def waive_and_tell(moves):
    """Waive those of the invoices that are not waived yet, and say what was done.

    :param moves: invoices of interest and fees, the user's.
    """
    env = moves.env
    if not moves:
        raise UserError(env._("There are no late fees to waive."))
    left = moves.filtered(lambda move: not is_waived(move))
    if not left:
        return notify("info", env._("It is waived already."), then=RELOAD)
    credit_notes, paid = waive(left)
    told = [env._("Waived: the customer is not asked for it again.")]
    if credit_notes:
        names = ", ".join(credit_notes.mapped("name"))
        told.append(env._("Credit note: %s.", names))
    for move, amount in paid:
        amount = move.currency_id.format(amount)
        told.append(
            env._(
                "%(amount)s had been paid on %(invoice)s: it is now the customer's "
                "credit.",
                amount=amount,
                invoice=move.name,
            )
        )
    return notify("success", " ".join(told), sticky=bool(paid), then=RELOAD)


def waive(moves):
    """Cancel those of the invoices that are drafts, and credit what the posted ones are
    still to be credited.

    :param moves: invoices of interest and fees, the user's; none is waived already.
    :return: ``(credit notes, [(invoice, what was paid of it)])``: money that came stays
        the customer's, as a credit.
    :raises UserError: if a credit note of one has been begun, or if there is more on
        one than interest and fees.
    """
    for move in moves:
        _check_nothing_else(move)
    drafts = moves.filtered(lambda move: move.state == "draft")
    posted = moves - drafts
    for move in posted:
        _check_not_begun(move)
    paid = [(move, _paid(move)) for move in moves]
    if drafts:
        drafts.button_cancel()
    partly = posted.filtered(_credited)
    whole = posted - partly
    credit_notes = whole._reverse_moves(list(map(_credit_note, whole)), cancel=True)
    for move in partly:
        credit_notes += _credit_rest(move)
    return credit_notes, [(move, amount) for move, amount in paid if amount > 0]


def _check_nothing_else(move):
    """
    :raises UserError: if somebody has put goods, say, on the same invoice.
    """
    charges = move.env["account.email.late.charge"]
    known = charges.search([("fee_move_id", "=", move.id)])
    fees = sum(known.mapped("amount"))
    if known and move.currency_id.compare_amounts(move.amount_untaxed, fees) > 0:
        raise UserError(
            move.env._(
                "%s contains more than interest and fees. Credit the part to be waived "
                "yourself.",
                move.display_name,
            )
        )


def _paid(move):
    """Also of a draft: what was paid before it was reset stays matched to it."""
    paid = move.amount_total - move.amount_residual - _credited(move)
    return move.currency_id.round(paid)


def _credit_rest(move):
    """Credit what is left after the credit notes of *move* that are posted."""
    rest = move.currency_id.round(move.amount_total - _credited(move))
    if move.invoice_line_ids.tax_ids:
        raise UserError(
            move.env._(
                "%(invoice)s is credited in part, and has taxes. Credit the remaining "
                "%(amount)s yourself.",
                invoice=move.display_name,
                amount=move.currency_id.format(rest),
            )
        )
    note = move._reverse_moves([_credit_note(move)])
    note.invoice_line_ids = [
        Command.clear(),
        Command.create(
            {
                "name": note.ref,
                "quantity": 1,
                "price_unit": rest,
                "account_id": move.invoice_line_ids.account_id[:1].id,
                "tax_ids": [Command.clear()],
            }
        ),
    ]
    note.action_post()
    return note


def _check_not_begun(move):
    begun = move.reversal_move_ids.filtered(lambda each: each.state == "draft")
    if begun:
        raise UserError(
            move.env._(
                "%(invoice)s has a credit note already: %(credit)s. Finish that one.",
                invoice=move.display_name,
                credit=", ".join(begun.mapped("display_name")),
            )
        )


def _credit_note(move):
    """The values of a credit note of all of *move*, of today."""
    today = fields.Date.context_today(move)
    day = max(today, move.invoice_date or today)
    told = move.with_context(lang=move.partner_id.lang or move.env.lang).env
    return {
        "ref": told._("Late fees waived: %s", move.name),
        "date": day,
        "invoice_date": day,
        "invoice_date_due": day,
        "invoice_payment_term_id": None,
        "invoice_origin": move.invoice_origin,
    }
