"""What a plan would have done: the same whether one looks on each day or not."""

import datetime as dt

from account_email_connector.rules import (
    Case,
    Company,
    shares,
)
from account_email_connector.rules.replay import walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_ledger import DAYS, START, ledgers
from rules_town import towns

ON_EACH_DAY = [START + dt.timedelta(days=number) for number in range(DAYS)]
LAST = ON_EACH_DAY[-1]
lives = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def kept(ledger, busy):
    """{day: the customer on that day, whatever was sent}. After some ``busy`` days
    nothing happens any more, so that there is something to leave out."""
    books = {}

    def work(ledger):
        is_busy = (ledger.day - START).days < busy
        books[ledger.day] = (
            ledger.facts()._replace(history=())
            if is_busy
            else books[ledger.day - dt.timedelta(days=1)]
        )
        ledger.run()

    ledger.live(work)
    return books


def replayed(books, plan, changes, began=()):
    """What would have left, and on how many days one has looked."""
    looks = []

    def cases(day, heard):
        looks.append(day)
        customer = books[day]._replace(history=list(heard))
        return [
            Case(share, plan, Company(1), day, brief=True) for share in shares(customer)
        ]

    left = list(walk(START, LAST, changes, began, cases))
    said = [(each.day, each.case.customer.addressee, each.decision) for each in left]
    return said, len(looks)


def changed(books):
    return [
        day
        for before, day in zip(ON_EACH_DAY, ON_EACH_DAY[1:], strict=False)
        if books[before] != books[day]
    ]


def assert_it_is_the_same(ledger, busy):
    books = kept(ledger, busy)
    each_day, looks = replayed(books, ledger.plan, ON_EACH_DAY)
    now_and_then, fewer = replayed(books, ledger.plan, changed(books))
    assert now_and_then == each_day
    assert fewer <= looks


busy_days = st.integers(1, 20)


@lives
@given(ledgers(), busy_days)
def test_to_look_now_and_then_is_to_look_on_each_day(ledger, busy):
    assert_it_is_the_same(ledger, busy)


@lives
@given(towns(), busy_days)
def test_with_departments_it_is_the_same(town, busy):
    assert_it_is_the_same(town, busy)
