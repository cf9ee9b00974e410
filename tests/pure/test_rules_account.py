"""The statement of account: whatever is chased of it, its total is what is open."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from account_email_connector.rules import Case, Company, Customer, Item, Plan, Step
from account_email_connector.rules.account import accounts_of
from hypothesis import given, settings
from rules_ledger import ledgers

TODAY = dt.date(2026, 11, 29)
EUR, USD = 1, 2
SETTLED = ("paid", "in_payment", "reversed")
PLAN = Plan(1, steps=[Step(1, 3), Step(2, 14)], start=dt.date(2026, 1, 1))


def item(line, days_overdue, residual, currency=EUR, **facts):
    due = TODAY - dt.timedelta(days=days_overdue)
    return Item(line, line, due, residual, residual, currency, **facts)


def accounts(*items, plan=PLAN, **facts):
    case = Case(Customer(1, 1, items, **facts), plan, Company(1, "connected"), TODAY)
    return {account.currency_id: account for account in accounts_of(case)}


def lines(items):
    return [each.line_id for each in items]


# name, items, EUR: lines owed, lines of credits, total, ages
OPEN = [
    ("nothing", (), None),
    ("overdue", (item(1, 5, 100),), ([1], [], 100, (0, 100, 0, 0, 0))),
    ("due today is not overdue", (item(1, 0, 9),), ([1], [], 9, (9, 0, 0, 0, 0))),
    ("not due", (item(1, -9, 10),), ([1], [], 10, (10, 0, 0, 0, 0))),
    (
        "each age at its borders",
        tuple(item(n, d, n) for n, d in enumerate([1, 30, 31, 60, 61, 90, 91], 1)),
        ([7, 6, 5, 4, 3, 2, 1], [], 28, (0, 3, 7, 11, 7)),
    ),
    (
        "in dispute",
        (item(1, 5, 100, disputed=True),),
        ([1], [], 100, (0, 100, 0, 0, 0)),
    ),
    ("never chased", (item(1, 5, 7, no_followup=True),), ([1], [], 7, (0, 7, 0, 0, 0))),
    (
        "blocked for payment",
        (item(1, 5, 100, payment_state="blocked"),),
        ([1], [], 100, (0, 100, 0, 0, 0)),
    ),
    ("before the start", (item(1, 400, 5),), ([1], [], 5, (0, 0, 0, 0, 5))),
    (
        "paused",
        (item(1, 5, 5, resume_on=TODAY + dt.timedelta(days=9)),),
        ([1], [], 5, (0, 5, 0, 0, 0)),
    ),
    ("in payment", (item(1, 5, 100, payment_state="in_payment"),), None),
    ("paid without an entry", (item(1, 5, 100, payment_state="paid"),), None),
    (
        "a credit pays the oldest first",
        (item(1, 95, 100), item(2, 40, 50), item(3, 2, -120)),
        ([1, 2], [3], 30, (0, 0, 30, 0, 0)),
    ),
    (
        "a payment on account",
        (item(1, 10, 100), item(2, 2, -30, is_payment=True)),
        ([1], [2], 70, (0, 70, 0, 0, 0)),
    ),
    (
        "more credit than debt",
        (item(1, 10, 100), item(2, 2, -130)),
        ([1], [2], -30, (0, 0, 0, 0, 0)),
    ),
    ("a credit alone", (item(1, 2, -20),), ([], [1], -20, (0, 0, 0, 0, 0))),
    (
        "a credit that was paid out in part",
        (item(1, 9, 100), item(2, 5, -50), item(3, 2, 20, is_payment=True)),
        ([1], [2], 70, (0, 70, 0, 0, 0)),
    ),
    (
        "a credit that was paid out whole",
        (item(1, 9, 100), item(2, 5, -50), item(3, 2, 50, is_payment=True)),
        ([1], [], 100, (0, 100, 0, 0, 0)),
    ),
    (
        "a payment that came back",
        (item(1, 2, 800, is_payment=True),),
        ([1], [], 800, (0, 800, 0, 0, 0)),
    ),
    (
        "more came back than we owe",
        (item(1, 9, -50), item(2, 2, 80, is_payment=True)),
        ([2], [], 30, (0, 30, 0, 0, 0)),
    ),
]


@pytest.mark.parametrize(
    "items, expected", [row[1:] for row in OPEN], ids=[row[0] for row in OPEN]
)
def test_what_is_open(items, expected):
    account = accounts(*items).get(EUR)
    found = account and (
        lines(account.items),
        lines(account.credits),
        account.total,
        account.ageing(TODAY),
    )
    assert found == expected


def test_whatever_is_chased():
    items = (item(1, 5, 100), item(2, 3, -30))
    plain = accounts(*items)
    assert accounts(*items, excluded=True) == plain
    assert accounts(*items, answered=True) == plain
    assert accounts(*items, plan=None) == plain


def test_each_currency_on_its_own():
    found = accounts(item(1, 5, 100), item(2, 9, 70, USD), item(3, 1, -20, USD))
    assert {currency: each.total for currency, each in found.items()} == {
        EUR: 100,
        USD: 50,
    }
    assert found[EUR].credits == ()


def test_money_under_way_is_taken_off():
    (account,) = accounts(item(1, 50, 100), item(2, 5, 40)).values()
    account = account._replace(under_way=(item(3, 0, -110),))
    assert account.total == 30
    assert account.ageing(TODAY) == (0, 30, 0, 0, 0)


@settings(derandomize=True, deadline=None)
@given(ledgers())
def test_the_total_is_all_that_is_open(ledger):
    """On every day of a life: what Odoo has open, less what it says is settled."""

    def work(ledger):
        case = Case(ledger.facts(), ledger.plan, Company(1), ledger.day)
        expected = Counter()
        for each in case.customer.items:
            if each.is_payment or each.payment_state not in SETTLED:
                expected[each.currency_id] += Decimal(str(each.residual))
        found = {each.currency_id: each for each in accounts_of(case)}
        for currency, amount in expected.items():
            total = found[currency].total if currency in found else 0
            assert Decimal(str(total)) == amount
        for account in found.values():
            ages = sum(Decimal(str(age)) for age in account.ageing(ledger.day))
            assert ages == max(expected[account.currency_id], 0)

    ledger.live(work)
