"""The rows of a statement: each open item as the customer knows it."""

from typing import NamedTuple

from ..paying.accounts import Shown, shown
from ..paying.communication import joined

#: What a row is about.
INVOICE, CREDIT_NOTE, PAYMENT, ENTRY = "invoice", "credit_note", "payment", "entry"


class Row(NamedTuple):
    """One open item (an installment, a credit, a payment)."""

    kind: str  #: INVOICE, CREDIT_NOTE, PAYMENT or ENTRY
    number: str
    reference: str  #: what to pay it with, or what it was paid with; perhaps empty
    date: object
    due: object
    days: int  #: overdue; 0: it is not
    amount: float  #: at first
    open: float  #: what is left of it
    disputed: bool = False


class PaidTo(NamedTuple):
    """An account to pay to, and the numbers of what is paid to it: "" if all is."""

    account: Shown
    numbers: str


def paid_to(accounts, left):
    """Return the :class:`PaidTo` of what is *left* (:class:`...rules.Item`), the oldest
    first.

    :param accounts: of its currency (:class:`..paying.accounts.Accounts`).
    """
    moves = accounts.company.env["account.move"]
    groups = accounts.by_bank({item: moves.browse(item.move_id or ()) for item in left})
    several = len(groups) > 1
    return tuple(
        PaidTo(shown(bank), joined(_numbers(moves, items)) if several else "")
        for bank, items in groups.items()
    )


def _numbers(moves, items):
    names = moves.browse(item.move_id for item in items).mapped("name")
    return list(filter(None, dict.fromkeys(names)))


def rows(env, items, today, unnamed=frozenset()):
    """The :class:`Row` of each of *items* (:class:`...rules.Item`), in their order.

    :param unnamed: the line ids of what is shown without its name: it is another's.
    """
    known = [item.line_id for item in items if item.line_id > 0]
    lines = {line.id: line for line in env["account.move.line"].browse(known)}
    payments = env["account.payment"]

    def row(item):
        if item.line_id < 0:
            return _payment(payments.browse(-item.line_id), item)
        if item.line_id in unnamed:
            return _unnamed(lines[item.line_id], item)
        return _row(lines[item.line_id], item, today)

    return list(map(row, items))


def under_way(env, items):
    """The same of money that pays *items* and has no journal item yet."""
    lines = env["account.move.line"].browse([item.line_id for item in items])
    return [
        Row(PAYMENT, "", line.move_id.name, None, None, 0, item.residual, item.residual)
        for line, item in zip(lines, items, strict=True)
    ]


def _unnamed(line, item):
    """A part of somebody else's credit: no more is said of it than that."""
    name, left = line.env._("On your account"), item.residual
    return Row(_kind(line.move_id), name, "", item.due, item.due, 0, left, left)


def _payment(payment, item):
    """A payment on account without a journal entry (:mod:`...rules.underway`)."""
    paid, left = -payment.amount, item.residual
    return Row(PAYMENT, "", payment.memo or "", payment.date, None, 0, paid, left)


def _row(line, item, today):
    move, kind = line.move_id, _kind(line.move_id)
    return Row(
        kind,
        move.name or "",
        _reference(line, kind),
        move.invoice_date or line.date,
        item.due,
        max((today - item.due).days, 0) if item.residual > 0 else 0,
        line.amount_currency,
        item.residual,
        item.disputed,
    )


def _kind(move):
    if move.move_type == "out_refund":
        return CREDIT_NOTE
    if move.is_sale_document(include_receipts=True):
        return INVOICE
    if move.origin_payment_id or move.statement_line_id:
        return PAYMENT
    return ENTRY


def _reference(line, kind):
    """What the customer finds it by, unless that is its number."""
    move = line.move_id
    known = move.payment_reference if kind == INVOICE else move.ref or line.name
    return known if known and known != move.name else ""
