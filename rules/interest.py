"""Late-payment interest and the fixed fee: for information, never posted."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from .facts import Item

ONE_YEAR = 365

#: As Odoo stores it, as a person types it, or exact.
Amount = float | str | Decimal


def interest(
    residual: Amount,
    due: dt.date,
    today: dt.date,
    yearly_rate: Amount,
    decimals: int = 2,
) -> Decimal:
    """Simple interest on a late amount, to the smallest unit of its currency.

    ::

        interest = residual × yearly rate ÷ 100 × days late ÷ 365

    Days late are those after the due date, today included: payment is late from the
    day after. Each item is rounded on its own, half up, so that a reader can check
    every line with a pocket calculator. Nothing compounds.

    In the European Union the rate between businesses is at least the European Central
    Bank's reference rate plus eight points, unless agreed otherwise (directive
    2011/7/EU, articles 2 and 3):
    https://eur-lex.europa.eu/eli/dir/2011/7/oj

    :param residual: still open, in its currency; float, str or Decimal.
    :param due: the due date.
    :param today: the day up to which interest runs.
    :param yearly_rate: per cent a year, ``8`` or ``"10.15"``.
    :param decimals: of the currency (JPY 0, EUR 2, KWD 3).
    :returns: a Decimal; zero for what is not late, and for credits.

    >>> from datetime import date
    >>> interest(1000, date(2026, 1, 31), date(2026, 3, 2), "10.15")
    Decimal('8.34')
    """
    days = (today - due).days
    amount = _decimal(residual)
    if days <= 0 or amount <= 0:
        return _rounded(Decimal(0), decimals)
    return _rounded(amount * _decimal(yearly_rate) * days / (100 * ONE_YEAR), decimals)


def interest_and_fee(
    items: Iterable[Item],
    today: dt.date,
    yearly_rate: Amount,
    fee: Amount,
    fee_currency: int,
    decimals: Mapping[int, int],
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Interest on each item, and the fixed fee for each late one, per currency.

    The directive's fixed sum is 40 euro for each late invoice (article 6): an invoice
    of several instalments counts once. It is added in its own currency and never
    converted.

    :param items: the :class:`~.facts.Item` tuples asked for, less the credits: nobody
        owes interest on what they have paid (:meth:`~.credits.Net.left`).
    :param fee: the fixed fee for each late invoice, or 0.
    :param fee_currency: the currency id of the fee.
    :param decimals: currency id → decimals.
    :returns: ``(by_item, totals)``: line id → interest, and currency id → interest
        and fees together, all Decimals.
    """
    late = [item for item in items if item.due < today and item.residual > 0]
    by_item: dict[int, Decimal] = {}
    totals: dict[int, Decimal] = {}
    for item in late:
        places = decimals[item.currency_id]
        found = interest(item.residual, item.due, today, yearly_rate, places)
        by_item[item.line_id] = found
        totals[item.currency_id] = totals.get(item.currency_id, Decimal(0)) + found
    if fee and late:
        fees = _rounded(_decimal(fee), decimals[fee_currency])
        fees *= len({item.move_id for item in late})
        totals[fee_currency] = totals.get(fee_currency, Decimal(0)) + fees
    return by_item, totals


def _decimal(amount: Amount) -> Decimal:
    """A float as a person reads it: 0.1 is one tenth."""
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
