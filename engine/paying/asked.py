"""What an email asks for in one currency: its rows, and their one total."""

from typing import NamedTuple

from ...rules import interest_and_fee
from ...rules.credits import Net, add


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
    listed = followup.line_ids.filtered(
        lambda line: line.state != "dropped" and (line.move_line_id or line.payment_id)
    )
    interest = _interest(followup, listed)
    groups = listed.grouped("currency_id")
    fee_currency = followup.plan_id.fee_currency_id
    if fee_currency.id in interest:  # perhaps another than those of the invoices
        groups.setdefault(fee_currency, listed.browse())
    return [
        Asked(currency, lines.sorted("due_date"), interest.get(currency.id, 0))
        for currency, lines in groups.items()
    ]


def _interest(followup, lines):
    """Late-payment interest and fees by currency id, if the step mentions them."""
    if not followup.step_id.show_interest:
        return {}
    plan = followup.plan_id
    currencies = lines.currency_id | plan.fee_currency_id
    _by_item, totals = interest_and_fee(
        _net(lines.sorted("due_date")).left(),
        followup._today(),
        plan.interest_rate,
        plan.fixed_fee,
        plan.fee_currency_id.id,
        {currency.id: currency.decimal_places for currency in currencies},
    )
    return {currency_id: float(total) for currency_id, total in totals.items()}


def _net(lines):
    """These lines as the rules know them, the credits set against the oldest."""
    listed = [(line.state, line._as_item()) for line in lines]
    items = [item for state, item in listed if state == "chased"]
    return Net(items, [item for state, item in listed if state == "credit"])
