"""Late-payment interest and the fixed fee, to the smallest unit of each currency."""

import datetime as dt
import doctest
from decimal import Decimal

import pytest
from account_email_connector.rules import Item, interest, interest_and_fee
from account_email_connector.rules import interest as interest_function
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


def totals(items, fee=40):
    today = DUE + dt.timedelta(days=30)
    return interest_and_fee(items, today, "10.15", fee, EUR, DECIMALS)


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
