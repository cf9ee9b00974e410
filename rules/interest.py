"""Late-payment interest and the fixed fee: what an email mentions.

A person can make a draft invoice of it; nothing is posted by itself. What was invoiced
is not mentioned again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

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


class Terms(NamedTuple):
    """What it costs to be late. Follow-ups keep it under the names of these fields."""

    until: dt.date  #: the day to which interest runs, included
    rate: Amount  #: per cent a year
    fee: Amount  #: for each late invoice, or 0
    fee_currency: int  #: its currency id


class Charged(NamedTuple):
    """A line of an invoice for being late: the customer owes it, has paid it, or was
    let off. It is not asked for again."""

    move_id: int  #: of the late invoice
    line_id: int | None  #: None: that item is gone, so it holds for the whole invoice
    since: dt.date | None = None  #: interest from the day after this one; None: a fee
    until: dt.date | None = None  #: to this day
    amount: Amount = 0
    currency_id: int = 0  #: of the amount


class Before(NamedTuple):
    """What has been charged before."""

    charged: tuple[Charged, ...] = ()
    #: In draft invoices: still asked for, at the draft's amount, whatever has been paid
    #: since. So what is asked is the drafts and the rest.
    drafts: tuple[Charged, ...] = ()
    #: Invoices that are about interest and fees themselves: there is no interest on
    #: interest, such as by https://www.gesetze-im-internet.de/bgb/__289.html
    exempt: frozenset[int] = frozenset()


class LateFee(NamedTuple):
    """Interest on an item for some days, or the fixed fee of its invoice."""

    item: Item
    amount: Decimal
    currency_id: int  #: of the amount
    since: dt.date | None = None  #: interest from the day after this one; None: a fee
    until: dt.date | None = None  #: to this day
    rate: Amount = 0  #: per cent a year

    @property
    def days(self) -> int:
        """For how many days it is interest."""
        return (self.until - self.since).days if self.since and self.until else 0


def late_fees(
    items: Iterable[Item],
    terms: Terms,
    decimals: Mapping[int, int],
    before: Before = Before(),  # noqa: B008 # it cannot be changed
) -> list[LateFee]:
    """Interest on each late item, and the fixed fee of its invoice.

    The directive's fixed sum is 40 euro for each late invoice (article 6): an invoice
    of several instalments counts once. It is added in its own currency and never
    converted. What was charged before is left out, day by day.

    :param items: what is asked for, less the credits: nobody owes interest on what
        they have paid (:meth:`~.credits.Net.left`).
    :param decimals: currency id → decimals.
    :returns: in the order of the items; nothing that is rounded to zero.
    """
    found: list[LateFee] = []
    if not terms.rate and not terms.fee:
        return found
    had_fee = {each.move_id for each in before.charged if not each.since}
    told: set[Charged] = set()
    for item in items:
        if not _costs(item, terms, before):
            continue
        drafted = [each for each in _drafts(before, terms) if _is_of(each, item)]
        new = [each for each in drafted if each not in told]
        found += [_as_drafted(each, item, decimals) for each in new]
        told.update(new)
        had_fee.update(each.move_id for each in drafted if not each.since)
        taken = (*before.charged, *drafted)
        found += _interest_on(item, terms, decimals[item.currency_id], taken)
        if terms.fee and item.move_id not in had_fee:
            had_fee.add(item.move_id)
            fee = _rounded(_decimal(terms.fee), decimals[terms.fee_currency])
            found.append(LateFee(item, fee, terms.fee_currency))
    return [each for each in found if each.amount]


def _costs(item: Item, terms: Terms, before: Before) -> bool:
    """Whether being late costs something with this item."""
    is_late = item.due < terms.until and item.residual > 0
    return is_late and item.move_id not in before.exempt


def _drafts(before: Before, terms: Terms) -> Iterator[Charged]:
    """The drafts of what is asked for by now."""
    for each in before.drafts:
        if each.until is None or each.until <= terms.until:
            yield each


def totals(fees: Iterable[LateFee]) -> dict[int, Decimal]:
    """Interest and fees together: currency id → amount."""
    amounts: dict[int, Decimal] = {}
    for each in fees:
        amounts[each.currency_id] = (
            amounts.get(each.currency_id, Decimal(0)) + each.amount
        )
    return amounts


def _interest_on(
    item: Item, terms: Terms, decimals: int, taken: Iterable[Charged]
) -> Iterator[LateFee]:
    for since, until in _days_left(item, terms.until, taken):
        found = interest(item.residual, since, until, terms.rate, decimals)
        yield LateFee(item, found, item.currency_id, since, until, terms.rate)


def _is_of(charged: Charged, item: Item) -> bool:
    """Whether it is about this item; a fee, and what is of one that is gone, are about
    its whole invoice."""
    line = charged.line_id if charged.since else None
    return charged.move_id == item.move_id and line in (item.line_id, None)


def _as_drafted(drafted: Charged, item: Item, decimals: Mapping[int, int]) -> LateFee:
    amount = _rounded(_decimal(drafted.amount), decimals[drafted.currency_id])
    return LateFee(item, amount, drafted.currency_id, drafted.since, drafted.until)


def _days_left(
    item: Item, until: dt.date, charged: Iterable[Charged]
) -> Iterator[tuple[dt.date, dt.date]]:
    """The days on which it was late and that nobody has charged: (after, to)."""
    taken = [
        (each.since, each.until)
        for each in charged
        if each.since and each.until and _is_of(each, item)
    ]
    free_from = item.due
    for since, to in sorted(taken):
        if free_from < min(since, until):
            yield free_from, min(since, until)
        free_from = max(free_from, to)
    if free_from < until:
        yield free_from, until


def _decimal(amount: Amount) -> Decimal:
    """A float as a person reads it: 0.1 is one tenth."""
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
