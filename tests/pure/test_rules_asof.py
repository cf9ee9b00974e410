"""The facts of a day in the past, against a ledger that is kept day by day."""

import datetime as dt
from collections import defaultdict
from math import fsum

from account_email_connector.rules import EMAIL, Customer, Item, Past, Promise
from account_email_connector.rules.asof import (
    Change,
    Forgotten,
    Marks,
    Moment,
    Written,
    customer_as_of,
    first_payments,
    history_as_of,
    items_as_of,
    money_as_of,
    promises_as_of,
)
from account_email_connector.rules.underway import ONLINE, PAYMENT, Money
from hypothesis import given, settings
from hypothesis import strategies as st

START = dt.date(2026, 3, 1)
TODAY = START + dt.timedelta(days=40)


def day(number):
    return START + dt.timedelta(days=number)


def item(line_id=1, residual=100.0, booked=0, **values):
    values = {"residual_company": residual, "currency_id": 1, **values}
    return Item(line_id, line_id, day(booked), residual, booked=day(booked), **values)


def evening(number):
    return Moment.evening(day(number))


cents = st.integers(1, 50_000).map(lambda amount: amount / 100)


@st.composite
def ledgers(draw):
    """Items with what was reconciled of them: (booked, amount, [(day, amount), …])."""
    found = []
    for _number in range(draw(st.integers(1, 5))):
        booked, amount = draw(st.integers(0, 20)), draw(cents)
        sign = draw(st.sampled_from((1, -1)))
        parts, left = [], amount
        for on in sorted(draw(st.lists(st.integers(booked, 40), max_size=4))):
            part = round(min(draw(cents), left), 2)
            left = round(left - part, 2)
            if part:
                parts.append((on, sign * part))
        found.append((booked, sign * amount, parts))
    return found


@settings(derandomize=True, deadline=None)
@given(ledgers(), st.integers(-1, 41))
def test_it_is_what_had_been_open_to_the_cent(ledger, number):
    now, changes, expected = [], defaultdict(list), {}
    for line_id, (booked, amount, parts) in enumerate(ledger):
        left = round(amount - fsum(part for _on, part in parts), 2)
        state = "paid" if not left else "partial" if parts else "not_paid"
        now.append(item(line_id, left, booked, payment_state=state))
        changes[line_id] = [Change(day(on), part, part) for on, part in parts]
        paid = fsum(part for on, part in parts if on <= number)
        then = round(amount - paid, 2)
        if booked <= number and then:
            expected[line_id] = then
    found = items_as_of(now, changes, evening(number))
    assert {each.line_id: each.residual for each in found} == expected
    assert {each.line_id: each.residual_company for each in found} == expected
    assert all(each.payment_state in ("not_paid", "partial") for each in found)


def test_of_today_they_are_the_same_objects():
    items = [item(1), item(2, -30.0), item(3, 5.0, payment_state="blocked")]
    changes = {1: [Change(day(2), 50.0, 50.0)]}
    assert items_as_of(items, changes, evening(40)) == items


def test_a_mark_stays_when_the_money_goes():
    blocked = item(1, 0.0, payment_state="blocked")
    changes = {1: [Change(day(5), 100.0, 100.0)]}
    (then,) = items_as_of([blocked], changes, evening(4))
    assert (then.residual, then.payment_state) == (100.0, "blocked")


def test_before_a_payment_without_an_entry_it_was_not_paid():
    paying = item(1, payment_state="in_payment")
    marks = Marks({}, {1: day(10)}, TODAY)
    assert items_as_of([paying], {}, evening(9), marks)[0].payment_state == "not_paid"
    assert items_as_of([paying], {}, evening(10), marks) == [paying]


def test_a_foreign_item_has_two_amounts():
    paid = item(1, 0.0, payment_state="paid", currency_id=2)
    changes = {1: [Change(day(5), 100.0, 120.0), Change(day(6), 0.0, -20.0)]}
    (then,) = items_as_of([paid], changes, evening(4))
    assert (then.residual, then.residual_company) == (100.0, 100.0)
    (then,) = items_as_of([paid], changes, evening(5))
    assert (then.residual, then.residual_company) == (0.0, -20.0)  # as Odoo has it
    assert not items_as_of([paid], changes, evening(6))


def test_what_was_sent_later_had_not_been_sent():
    sent = item(1, sent_on=day(7))
    assert not items_as_of([sent], {}, evening(6))[0].sent
    assert items_as_of([sent], {}, evening(7))[0].sent
    assert items_as_of([item(1)], {}, evening(1))[0].sent  # the day was not noted


def test_a_dispute_that_lasts_has_a_first_day():
    disputed = item(1, disputed=True)
    marks = Marks({1: day(7)}, {}, TODAY)
    assert not items_as_of([disputed], {}, evening(6), marks)[0].disputed
    assert items_as_of([disputed], {}, evening(7), marks)[0].disputed
    unknown = Marks({1: None}, {}, TODAY)
    assert items_as_of([disputed], {}, evening(1), unknown)[0].disputed


def test_a_pause_counts_today_only():
    paused = item(1, resume_on=day(60))
    marks = Marks({}, {}, TODAY)
    assert items_as_of([paused], {}, evening(39), marks)[0].resume_on is None
    assert items_as_of([paused], {}, evening(40), marks) == [paused]
    resumed = item(1, resume_on=day(10))  # how late a step is counts from then
    assert items_as_of([resumed], {}, evening(20), marks) == [resumed]


def sent(id=1, on=10, **values):
    return Past(id, "sent", day(on), 1, channel=EMAIL, **values)


def test_a_follow_up_is_on_its_way_until_it_goes():
    past = sent(on=10)
    written = {1: Written(day(5), day(6))}
    assert not history_as_of([past], written, evening(4))
    for number in (5, 9):
        (then,) = history_as_of([past], written, evening(number))
        assert (then.state, then.on) == ("planned", day(6))
    assert history_as_of([past], written, evening(10)) == [past]


def test_what_went_on_the_day_is_what_is_asked_about():
    past = sent(on=10)
    written = {1: Written(day(5), day(6))}
    for moment in (Moment.morning(day(10)), Moment.booked(day(10))):
        assert not history_as_of([past], written, moment)
    assert history_as_of([past], written, Moment.morning(day(11))) == [past]
    assert history_as_of([past], {}, Moment.morning(day(11))) == [past]


def test_what_waits_now_waits_since_it_was_written():
    waits = Past(1, "to_review", day(30), 1)
    written = {1: Written(day(8), day(30))}
    assert not history_as_of([waits], written, evening(7))
    assert history_as_of([waits], written, evening(8)) == [waits]


def test_a_skip_was_not_one_before():
    skipped = sent(on=10)._replace(state="skipped", skip="once")
    (then,) = history_as_of([skipped], {1: Written(day(2), day(3))}, evening(5))
    assert (then.state, then.skip) == ("planned", None)


def test_a_promise_is_known_from_its_first_day():
    promise = Promise(day(30), day(10))
    assert not promises_as_of([promise], evening(9))
    assert not promises_as_of([promise], Moment.morning(day(10)))
    assert promises_as_of([promise], Moment.booked(day(10))) == [promise]


def customer(**values):
    return Customer(1, 1, (), **values)


def test_an_answer_is_known_from_its_day():
    answered = customer(answered=True)
    assert not customer_as_of(answered, evening(9), TODAY, day(10)).answered
    assert customer_as_of(answered, evening(10), TODAY, day(10)).answered
    assert not customer_as_of(answered, evening(10), TODAY, None).answered
    assert customer_as_of(answered, evening(40), TODAY, None).answered
    dealt_with = customer()
    assert not customer_as_of(dealt_with, evening(20), TODAY, day(10)).answered


def test_a_pause_of_a_customer_counts_today_only():
    paused = customer(paused_until=day(50))
    assert customer_as_of(paused, evening(39), TODAY, None).paused_until is None
    assert customer_as_of(paused, evening(40), TODAY, None) == paused
    over = customer(paused_until=day(20))
    assert customer_as_of(over, evening(21), TODAY, None) == over
    assert customer_as_of(over, evening(20), TODAY, None).paused_until is None


def money(kind=PAYMENT, on=10, **values):
    return Money(kind, 1, 50.0, 50.0, 1, day(on), **values)


def test_money_comes_on_its_day_and_the_bank_tells_of_it_later():
    paid = money(move_ids=(7,), entries=(20.0, 30.0), entered=(day(15), day(12)))
    assert money_as_of(paid, day(9)) is None
    assert money_as_of(paid, day(11)).entries == ()
    assert money_as_of(paid, day(12)).entries == (30.0,)
    assert money_as_of(paid, day(15)) == paid
    assert money_as_of(money(), day(10)) == money()


def test_the_first_payment_of_an_invoice():
    found = [money(on=9, move_ids=(7,)), money(move_ids=(7, 8)), money(ONLINE, 1)]
    assert first_payments(found) == {7: day(9), 8: day(10)}


def test_each_thing_that_is_forgotten_has_a_name():
    assert len({str(each) for each in Forgotten}) == len(Forgotten) > 10


def test_now_all_that_is_known_counts():
    moment = Moment.now(day(0))
    assert items_as_of([item(booked=9)], {}, moment) == [item(booked=9)]
    assert history_as_of([sent(on=9)], {}, moment) == [sent(on=9)]
    assert promises_as_of([Promise(day(30), day(10))], moment)
    assert money_as_of(money(), moment.until) == money()
