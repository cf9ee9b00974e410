"""Deciding is fast, and takes no longer for an item when there are many."""

import datetime as dt
from random import Random

import pytest
from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    RECAP,
    Calendar,
    Case,
    Company,
    Customer,
    Item,
    Past,
    Plan,
    Recap,
    Step,
    decide,
    public_holidays,
)
from processor import spent

TODAY = dt.date(2026, 6, 24)
STEPS = [Step(0, -5), Step(1, 3), Step(2, 14), Step(3, 30)]


def customers(number, items_each=10):
    """Customers with open items of all ages, some credits, and two follow-ups."""
    random = Random(7)
    line = iter(range(1, number * items_each + 1))
    for customer in range(number):
        items = [open_item(next(line), random) for _n in range(items_each)]
        lines = tuple(item.line_id for item in items)
        history = [
            Past(2 * customer + n, "sent", days_ago(8 + 12 * n), 2 - n, 2 - n, 3, lines)
            for n in range(2)
        ]
        yield Customer(customer, 1, items, history)


def open_item(line, random):
    amount = -50.0 if line % 15 == 0 else round(random.uniform(10, 900), 2)
    due = days_ago(random.randint(-20, 90))
    return Item(line, line, due, amount, amount, 1 + line % 3 // 2)


def days_ago(days):
    return TODAY - dt.timedelta(days=days)


def seconds(found, plan):
    """What it costs the processor to decide for all, the best of five."""

    def decide_all():
        for customer in found:
            decide(Case(customer, plan, Company(1), TODAY))

    return min(spent(decide_all)[1] for _run in range(5))


@pytest.mark.parametrize("mode", [BY_CUSTOMER, BY_INVOICE, RECAP])
def test_twenty_thousand_items(mode):
    """About 0.1 s on an idle machine; here with room for a busy one."""
    plan = Plan(
        1,
        mode,
        STEPS,
        min_gap=7,
        catch_up=10,
        calendar=Calendar(range(5), public_holidays("FR", None, (2026,))),
        recap=Recap(weekday=2),
    )
    found = list(customers(2_000))
    few = seconds(found[:200], plan)
    many = seconds(found, plan)
    assert many < 0.4
    assert many / 10 < 3 * few
