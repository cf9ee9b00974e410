"""What an email asks for in one currency: its rows, and their one total."""

from typing import NamedTuple

from ...rules import totals
from ...rules.credits import Net, add
from ..fees.late import SETTLED, late, terms


class Asked(NamedTuple):
    """One currency of a follow-up.

    :param lines: what is listed (``account.email.followup.line``), oldest first.
    :param interest: late-payment interest and fees, if the step mentions them.
    """

    currency: object  #: ``res.currency``
    lines: object
    interest: float

    @property
    def subtotal(self):
        """What is open, after the credits that are listed."""
        return self.currency.round(add(self.lines.mapped("amount")))

    @property
    def total(self):
        """The last amount that the table shows: what is to be paid."""
        return self.currency.round(self.subtotal + self.interest)

    def left(self):
        """{line: what is left of it} after the credits, which pay the oldest first."""
        left = {item.line_id: item.residual for item in _net(self.lines).left()}
        chased = (line for line in self.lines if line.state == "chased")
        return {
            line: left[line.move_line_ref]
            for line in chased
            if line.move_line_ref in left
        }


def asked_of(followup):
    """The currencies of *followup*, as a list of :class:`Asked`."""
    listed = _listed(followup)
    interest = _interest(followup)
    groups = listed.grouped("currency_id")
    fee_currency = followup.plan_id.fee_currency_id
    if fee_currency.id in interest:  # perhaps another than those of the invoices
        groups.setdefault(fee_currency, listed.browse())
    return [
        Asked(currency, lines.sorted("due_date"), interest.get(currency.id, 0))
        for currency, lines in groups.items()
    ]


def mentioned(followup, counts=SETTLED):
    """The late-payment interest and fees of *followup*: list of :class:`LateFee`.

    :param counts: see :func:`..fees.late.late`.
    """
    agreed = terms(followup)
    if not agreed.rate and not agreed.fee:
        return []
    return late(followup.env, items_of(followup), agreed, counts)


def items_of(followup):
    """What it asks for, less the credits that it lists."""
    return _net(_listed(followup).sorted("due_date")).left()


def _interest(followup):
    """What it mentions of them by currency id."""
    found = totals(mentioned(followup))
    return {currency_id: float(total) for currency_id, total in found.items()}


def _listed(followup):
    """The lines that the email shows."""
    lines = followup.line_ids
    listed = lines.filtered(
        lambda line: line.state != "dropped" and (line.move_line_id or line.payment_id)
    )
    return listed.with_prefetch(lines._prefetch_ids)


def _net(lines):
    """These lines as the rules know them, the credits set against the oldest."""
    listed = [(line.state, line._as_item()) for line in lines]
    items = [item for state, item in listed if state == "chased"]
    return Net(items, [item for state, item in listed if state == "credit"])
