"""The bank transfers that pay a currency of an email: one for each account."""

from typing import NamedTuple

from ...rules.credits import add
from .accounts import Accounts, Shown, has_qr_iban, shown
from .communication import Communication, communication
from .qr import Picture, qr_code


class Transfer(NamedTuple):
    """One bank transfer.

    :param amount: in the currency of what is asked for.
    :param communication: None if each invoice is to be paid with its own reference.
    :param image: a QR code that says the same, if there is one.
    """

    account: Shown
    amount: float
    communication: Communication | None
    image: Picture | None


def transfers(company, asked):
    """How to pay what is *asked* for: together exactly its total.

    What is open of the invoices that name an account is paid to it; the interest with
    the first of them. Credits have paid the oldest.

    :return: list of :class:`Transfer`; none if there is nothing to pay, or no account.
    """
    if asked.currency.compare_amounts(asked.total, 0) <= 0:
        return []
    left, extra, found = asked.left(), asked.interest, []
    by_bank = Accounts(company, asked.currency).by_bank(
        {line: line.move_id for line in left}
    )
    for bank, lines in by_bank.items():
        amounts = {line: left[line] for line in lines}
        found.append(_transfer(bank, asked.currency, amounts, extra))
        extra = 0
    return found


def _transfer(bank, currency, amounts, extra):
    labels = {line.move_id: line.label for line in amounts}
    moves = bank.env["account.move"].union(*labels)
    amount = currency.round(add((*amounts.values(), extra)))
    words = communication(moves, list(labels.values()))
    qr_iban = has_qr_iban(bank) and all(
        bank._is_qr_reference(move.payment_reference) for move in moves
    )
    if qr_iban and len(moves) > 1:
        return Transfer(shown(bank, qr_iban=True), amount, None, None)
    debtor, method = moves[:1].partner_id, moves[:1].qr_code_method
    image = qr_code(bank, amount, currency, words, debtor, method)
    return Transfer(shown(bank, qr_iban), amount, words, image)
