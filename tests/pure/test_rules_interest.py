"""Late-payment interest and the fixed fee, to the smallest unit of each currency."""

import datetime as dt
import doctest
from decimal import Decimal

import pytest
from account_email_connector.rules import (
    Before,
    Charged,
    Item,
    Terms,
    interest,
    late_fees,
)
from account_email_connector.rules import interest as interest_function
from account_email_connector.rules import totals as totals_of
from account_email_connector.rules.credits import Net

DUE = dt.date(2026, 1, 31)
EUR, JPY, KWD = 1, 2, 3
DECIMALS = {EUR: 2, JPY: 0, KWD: 3}


@pytest.mark.parametrize(
    "residual, days, rate, decimals, expected",
    [
        (1000, 30, "10.15", 2, "8.34"),
        (1000, 365, 8, 2, "80.00"),
        (1000, 366, 8, 2, "80.22"),
        (1000, 1, 8, 2, "0.22"),
        (1000, 0, 8, 2, "0.00"),
        (1000, -5, 8, 2, "0.00"),
        (-1000, 30, 8, 2, "0.00"),
        (0.1, 365, 10, 2, "0.01"),
        (0.05, 365, 10, 2, "0.01"),  # half up: 0.005
        (123456, 45, "9.5", 0, "1446"),
        (123.456, 45, "9.5", 3, "1.446"),
        (1000, 30, 0, 2, "0.00"),
    ],
)
def test_interest(residual, days, rate, decimals, expected):
    today = DUE + dt.timedelta(days=days)
    assert str(interest(residual, DUE, today, rate, decimals)) == expected


def test_the_example_in_the_docstring():
    module = __import__(interest_function.__module__, fromlist=["interest"])
    assert doctest.testmod(module) == (0, 2)


def item(line, residual, currency=EUR, move=None, days=30):
    due = DUE + dt.timedelta(days=30 - days)
    return Item(line, move or line, due, residual, residual, currency)


TODAY = DUE + dt.timedelta(days=30)


def fees(items, fee=40, before=(), rate="10.15", today=TODAY):
    terms = Terms(today, rate, fee, EUR)
    exempt = frozenset(each for each in before if isinstance(each, int))
    charged = tuple(each for each in before if isinstance(each, Charged))
    return late_fees(items, terms, DECIMALS, Before(charged, exempt=exempt))


def totals(items, fee=40):
    found = fees(items, fee)
    by_item = {each.item.line_id: each.amount for each in found if each.since}
    return by_item, totals_of(found)


def day(number):
    """So many days after the due date."""
    return DUE + dt.timedelta(days=number)


def charged(line, since, until, move=None):
    return Charged(move or line or 1, line, day(since), day(until))


def spans(found):
    return [
        ((each.since - DUE).days, (each.until - DUE).days)
        for each in found
        if each.since
    ]


def test_each_late_invoice_has_its_interest_and_its_fee():
    by_item, total = totals([item(1, 1000), item(2, 500)])
    assert by_item == {1: Decimal("8.34"), 2: Decimal("4.17")}
    assert total == {EUR: Decimal("92.51")}


def test_the_fee_counts_once_for_an_invoice_of_two_instalments():
    _by_item, total = totals([item(1, 1000, move=9), item(2, 500, move=9)])
    assert total == {EUR: Decimal("52.51")}


def test_each_currency_on_its_own_and_the_fee_in_its_own():
    by_item, total = totals([item(1, 100000, JPY), item(2, 100.5, KWD)])
    assert by_item == {1: Decimal("834"), 2: Decimal("0.838")}
    assert total == {JPY: Decimal("834"), KWD: Decimal("0.838"), EUR: Decimal("80.00")}


def test_what_is_not_late_and_what_we_owe_costs_nothing():
    assert totals([item(1, 1000, days=0), item(2, -50)]) == ({}, {})


def test_what_credits_pay_costs_nothing():
    items = [item(1, 100, days=60), item(2, 1000)]
    left = Net(items, [item(3, -600, days=0), item(4, -7, JPY, days=0)]).left()
    assert totals(left)[0] == {2: Decimal("4.17")}  # on 500
    assert Net(items, ()).left() == items


def test_no_fee():
    assert totals([item(1, 1000)], fee=0)[1] == {EUR: Decimal("8.34")}


# -- what was charged before is not asked for again ------------------------------------

A_YEAR = "36.5"  # a tenth of a per cent a day: 1.00 a day for 1,000


@pytest.mark.parametrize(
    "before, left, amount",
    [
        ([], [(0, 30)], 30),
        ([charged(1, 0, 10)], [(10, 30)], 20),
        ([charged(1, 0, 10), charged(1, 10, 25)], [(25, 30)], 5),
        ([charged(1, 10, 20)], [(0, 10), (20, 30)], 20),  # the first draft is deleted
        ([charged(1, 20, 25), charged(1, 5, 10)], [(0, 5), (10, 20), (25, 30)], 20),
        ([charged(1, 0, 30)], [], 0),
        ([charged(1, 0, 45)], [], 0),  # by a later follow-up
        ([charged(1, 20, 45)], [(0, 20)], 20),
        ([charged(1, 35, 45)], [(0, 30)], 30),
        ([charged(1, -9, 3)], [(3, 30)], 27),  # it was due earlier then
        ([charged(1, 0, 20), charged(1, 5, 10)], [(20, 30)], 10),
        ([charged(2, 0, 30)], [(0, 30)], 30),  # another invoice
        ([charged(2, 0, 30, move=1)], [(0, 30)], 30),  # another instalment
        ([charged(None, 0, 10, move=1)], [(10, 30)], 20),  # of an item that is gone
        ([charged(None, 0, 10, move=2)], [(0, 30)], 30),
        ([Charged(1, 1)], [(0, 30)], 30),  # the fee only
    ],
)
def test_interest_runs_from_the_last_day_charged(before, left, amount):
    found = fees([item(1, 1000)], 0, before, A_YEAR)
    assert spans(found) == left
    assert sum(each.amount for each in found) == amount
    assert sum(each.days for each in found) == amount


def drafted(line, since, until, amount, move=None):
    drafts = charged(line, since, until, move)
    return drafts._replace(amount=amount, currency_id=EUR)


@pytest.mark.parametrize(
    "drafts, found",
    [
        ([drafted(1, 0, 10, 7)], [(0, 10, 7), (10, 30, 20)]),  # as its amount was then
        ([drafted(1, 10, 20, 3)], [(10, 20, 3), (0, 10, 10), (20, 30, 10)]),
        ([drafted(None, 0, 10, 7, move=1)], [(0, 10, 7), (10, 30, 20)]),
        ([drafted(1, 0, 45, 60)], [(0, 30, 30)]),  # of a later email
        ([drafted(2, 0, 10, 7)], [(0, 30, 30)]),
    ],
)
def test_a_draft_counts_at_its_amount(drafts, found):
    before = Before(drafts=tuple(drafts))
    fees = late_fees([item(1, 1000)], Terms(TODAY, A_YEAR, 0, EUR), DECIMALS, before)
    told = [(each.since, each.until, each.amount) for each in fees]
    assert told == [(day(since), day(until), amount) for since, until, amount in found]


def test_a_draft_of_the_fee_counts_once():
    drafts = (Charged(9, 1, amount=25.0, currency_id=JPY),)
    items = [item(1, 1000, move=9), item(2, 500, move=9)]
    fees = late_fees(items, Terms(TODAY, 8, 40, EUR), DECIMALS, Before(drafts=drafts))
    (fee,) = [each for each in fees if not each.since]
    assert (str(fee.amount), fee.currency_id) == ("25", JPY)


def test_a_draft_for_the_whole_invoice_counts_once():
    drafts = (drafted(None, 0, 10, 7, move=9),)
    items = [item(1, 1000, move=9), item(2, 1000, move=9)]
    terms = Terms(TODAY, A_YEAR, 0, EUR)
    fees = late_fees(items, terms, DECIMALS, Before(drafts=drafts))
    assert [each.amount for each in fees] == [7, 20, 20]


def test_a_plan_that_asks_for_nothing_mentions_no_draft():
    drafts = (drafted(1, 0, 10, 7),)
    terms = Terms(TODAY, 0, 0, EUR)
    assert late_fees([item(1, 1000)], terms, DECIMALS, Before(drafts=drafts)) == []


def test_the_fee_is_charged_once_ever():
    items = [item(1, 1000, move=9), item(2, 500, move=9), item(3, 10)]
    both = [each for each in fees(items) if not each.since]
    assert [each.item.move_id for each in both] == [9, 3]
    rest = [each for each in fees(items, before=[Charged(9, 1)]) if not each.since]
    assert [each.item.move_id for each in rest] == [3]
    assert [each.days for each in both] == [0, 0]


def test_what_was_charged_as_interest_is_no_fee():
    (fee,) = fees([item(1, 1000)], before=[charged(1, 0, 30)])
    assert (str(fee.amount), fee.currency_id, fee.since) == ("40.00", EUR, None)


def test_no_interest_on_interest():
    assert fees([item(1, 1000)], before=[1]) == []
    assert spans(fees([item(1, 1000), item(2, 1000)], 0, [1])) == [(0, 30)]


def test_parts_are_the_whole():
    """However often it is charged: never more than at once, but for rounding."""
    whole = fees([item(1, 1000)], 0, (), A_YEAR)[0].amount
    before, parts = [], []
    for today in (3, 4, 11, 30):
        for each in fees([item(1, 1000)], 0, before, A_YEAR, day(today)):
            parts.append(each.amount)
            before.append(Charged(1, 1, each.since, each.until))
    assert len(parts) == 4
    assert sum(parts) == whole


def test_nothing_is_charged_that_rounds_to_nothing():
    assert fees([item(1, 0.01, days=1)], 0, (), 1) == []
    assert fees([item(1, 100)], 0, (), 0) == []
    assert [each.since for each in fees([item(1, 100)], 40, (), 0)] == [None]


def test_a_plan_without_a_fee_needs_no_currency_for_it():
    terms = Terms(TODAY, 8, 0.0, False)
    assert len(late_fees([item(1, 1000)], terms, DECIMALS)) == 1
