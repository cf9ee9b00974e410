"""Whatever money is under way: none is lost, and none is counted twice."""

import datetime as dt
from math import isclose
from random import Random

from account_email_connector.rules import Item
from account_email_connector.rules.underway import BANK, ONLINE, PAYMENT, Money, count
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY = dt.date(2026, 6, 24)
KEYS = [(1, 7), (1, 8)]
RATES = {1: 1.0, 2: 0.5}

often = settings(max_examples=150, deadline=None, derandomize=True)


@st.composite
def books(draw):
    """Items of two customers, and money for some of them or for none."""
    items = {key: [] for key in KEYS}
    for line in range(1, draw(st.integers(1, 8)) + 1):
        cents = draw(st.integers(1, 20_000)) * draw(st.sampled_from([1, 1, 1, -1]))
        currency = draw(st.sampled_from([1, 1, 2]))
        due = TODAY - dt.timedelta(days=draw(st.integers(-20, 60)))
        amount = cents / 100
        state = draw(st.sampled_from(["not_paid", "in_payment"]))
        item = Item(
            line, line // 2, due, amount, amount * RATES[currency], currency, state
        )
        items[draw(st.sampled_from(KEYS))].append(item)
    money = draw(st.lists(some_money(), max_size=6))
    return items, [(key, each._replace(id=n)) for n, (key, each) in enumerate(money, 1)]


def some_money():
    cents = st.integers(1, 30_000).map(lambda number: number / 100)
    kinds = st.sampled_from([PAYMENT, PAYMENT, ONLINE, BANK])
    moves = st.lists(st.integers(0, 5), max_size=3, unique=True).map(tuple)

    def make(key, kind, amount, currency, moves, out):
        amount = -amount if out and kind == PAYMENT else amount
        company = amount * RATES[currency]
        return key, Money(kind, 0, amount, company, currency, TODAY, moves)

    return st.builds(
        make,
        st.sampled_from(KEYS),
        kinds,
        cents,
        st.sampled_from([1, 2]),
        moves,
        st.sampled_from([False, False, True]),
    )


def counted(books):
    items, money = books
    found = {key: list(mine) for key, mine in items.items()}
    count(found, money)
    return found


def worth(items):
    return sum(item.residual_company for mine in items.values() for item in mine)


@often
@given(books())
def test_no_money_is_lost_or_made(books):
    """In company currency: what is open goes down by every payment, and by no more of
    an online payment than is open of what it is for."""
    items, money = books
    found = counted(books)
    paid = sum(m.amount_company for _key, m in money if m.kind == PAYMENT)
    may_be = sum(m.amount_company for _key, m in money if m.kind == ONLINE)
    gone = worth(items) - worth(found)
    assert paid - 0.01 <= gone <= paid + may_be + 0.01


@often
@given(books())
def test_nothing_changes_its_sign(books):
    items, _money = books
    found = counted(books)
    for key, mine in items.items():
        for before, after in zip(mine, found[key], strict=False):
            assert before.line_id == after.line_id
            assert abs(after.residual) <= abs(before.residual) + 1e-6
            assert after.residual * before.residual >= 0
            assert isclose(
                after.residual + after.under_way, before.residual, abs_tol=1e-5
            )
        for added in found[key][len(mine) :]:
            assert added.line_id < 0 and added.is_payment


@often
@given(books(), st.integers(0, 99))
def test_the_order_says_nothing(books, seed):
    items, money = books
    shuffled = list(money)
    Random(seed).shuffle(shuffled)
    assert counted((items, shuffled)) == counted(books)


@often
@given(books())
def test_bank_money_holds_no_more_than_it_can_pay(books):
    _items, money = books
    found = counted(books)
    for _key, each in money:
        held = [
            item.residual_company
            for mine in found.values()
            for item in mine
            if item.came_by == each.id
        ]
        assert not held or each.kind == BANK
        # The last one may be paid in part only.
        assert sum(held) - max(held, default=0) < abs(each.amount_company) + 0.01


@often
@given(books())
def test_bank_money_pays_nothing(books):
    items, money = books
    others = [(key, each) for key, each in money if each.kind != BANK]
    with_bank, without = counted(books), counted((items, others))
    assert worth(with_bank) == worth(without)
