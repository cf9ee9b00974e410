"""The words by which a payment is found: as on the invoice, or of several invoices."""

from typing import NamedTuple

#: What a bank transfer takes, EPC's and the Swiss one alike (EPC069-12, 3.2).
LONGEST = 140


class Communication(NamedTuple):
    """What the customer's transfer carries.

    :param text: as a person writes it.
    :param structured: of the one invoice that is paid; "" for several.
    """

    text: str
    structured: str = ""


def communication(moves, labels):
    """What a payment of these invoices is to carry.

    :param moves: ``account.move``, the oldest first.
    :param labels: the numbers that the customer knows them by.
    """
    if len(moves) == 1:
        reference = moves.payment_reference or ""
        return Communication(reference or labels[0], reference)
    return Communication(joined(labels))


def joined(labels):
    """As many of these numbers as a transfer takes, and how many more there are."""
    text = ", ".join(labels)
    taken = list(labels)
    while len(text) > LONGEST and taken:
        taken.pop()
        text = f"{', '.join(taken)} +{len(labels) - len(taken)}"
    return text
