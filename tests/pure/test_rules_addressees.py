"""Who of a customer's contacts hears about what, and what each is asked for."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest
from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    FOLLOWUPS,
    INVOICES,
    ITSELF,
    OPEN_STATES,
    RECAP,
    Case,
    Company,
    Contact,
    Customer,
    Item,
    Past,
    Plan,
    Reason,
    Step,
    Whole,
    decide,
    hearers,
    recheck,
    shares,
)
from account_email_connector.rules.credits import is_owed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_town import towns

TODAY = dt.date(2026, 6, 24)
HALL = Contact(1, ITSELF, "hall@town.example")
ROADS = Contact(2, INVOICES, "roads@town.example")
SCHOOL = Contact(3, INVOICES, "school@town.example")
ANNA = Contact(4, "contact", "anna@town.example")
CHIEF = Contact(5, FOLLOWUPS, "chief@town.example")
DEPUTY = Contact(6, FOLLOWUPS, "deputy@town.example")


@pytest.mark.parametrize(
    ("contacts", "own", "by_itself"),
    [
        ([], (), {}),
        ([HALL], (1,), {}),
        ([HALL, ANNA], (1,), {4: 4}),
        ([HALL, ROADS, ANNA], (2,), {4: 4}),
        ([HALL, ROADS, SCHOOL], (1,), {2: 2, 3: 3}),
        ([ROADS, SCHOOL], (2,), {3: 3}),
        ([ANNA], (), {4: 4}),
        ([HALL, DEPUTY, CHIEF, ROADS, ANNA], (5, 6), {}),
        ([HALL, ANNA._replace(address=HALL.address)], (1,), {}),
        ([HALL, ROADS, SCHOOL._replace(address=ROADS.address)], (2,), {}),
        ([HALL, ROADS, SCHOOL, ANNA._replace(address=SCHOOL.address)], (1,), None),
        ([HALL, ROADS, ANNA._replace(address=HALL.address)], (2,), {4: 4}),
        # What cannot be written to is a department all the same.
        ([HALL, ROADS, SCHOOL._replace(address=None)], (1,), {2: 2}),
        ([HALL, ROADS._replace(address=None)], (1,), {}),
        ([HALL._replace(address=None), ROADS, SCHOOL], (2,), {3: 3}),
        ([HALL._replace(address=None)], (), {}),
        ([HALL, ROADS, CHIEF._replace(address=None)], (2,), {}),
    ],
)
def test_who_hears_about_what(contacts, own, by_itself):
    heard = hearers(contacts)
    assert heard.own == own
    assert heard.by_itself == ({2: 2, 3: 3, 4: 3} if by_itself is None else by_itself)


def test_the_first_in_odoos_order_if_the_company_cannot_be_written_to():
    assert hearers([SCHOOL, ROADS]).own == (3,)


cents = st.integers(1, 90_000).map(lambda amount: amount / 100)
amounts = st.tuples(cents, st.sampled_from([1, 1, 1, -1])).map(lambda a: a[0] * a[1])
rows = st.lists(
    st.tuples(
        amounts,
        st.integers(-60, 10),
        st.sampled_from([1, 1, 2]),
        st.sampled_from([None, 10, 20, 30]),
        st.booleans(),
    ),
    max_size=14,
)


def customer(rows):
    """A customer of such items."""
    items = [
        Item(
            line,
            line,
            TODAY + dt.timedelta(days=days),
            amount,
            round(amount / currency, 6),
            currency,
            addressee=who,
            disputed=disputed and line % 5 == 0,
        )
        for line, (amount, days, currency, who, disputed) in enumerate(rows, 1)
    ]
    return Customer(7, 1, items)


def plan(mode=BY_CUSTOMER):
    return Plan(1, mode, [Step(1, 0), Step(2, 14)], min_gap=1)


def cases(customer, mode=BY_CUSTOMER):
    return [Case(one, plan(mode), Company(1), TODAY) for one in shares(customer)]


def left(case):
    """Currency → what is owed by this case, less its credits; in whole cents."""
    found = defaultdict(Decimal)
    for item in (*case.sorted.chaseable, *case.sorted.credits):
        found[item.currency_id] += Decimal(str(item.residual))
    return {currency: max(amount, Decimal(0)) for currency, amount in found.items()}


@settings(derandomize=True, deadline=None)
@given(rows)
def test_every_item_is_in_exactly_one_share(rows):
    whole = customer(rows)
    counted = Counter(i.line_id for one in shares(whole) for i in one.items)
    assert counted == Counter(item.line_id for item in whole.items)
    for one in shares(whole):
        owed = filter(is_owed, one.items)
        assert all(item.addressee == one.addressee for item in owed)


@settings(derandomize=True, deadline=None)
@given(rows)
def test_together_they_owe_what_the_customer_owes(rows):
    whole = customer(rows)
    together = Counter()
    for case in cases(whole):
        together.update(left(case))
    (at_once,) = [Case(whole, plan(), Company(1), TODAY)]
    assert +together == +Counter(left(at_once))


@settings(derandomize=True, deadline=None)
@given(rows)
def test_a_credit_is_subtracted_once(rows):
    """Its parts are the whole of it, to the cent, also in company currency."""
    whole = customer(rows)
    parts = defaultdict(Decimal)
    company = defaultdict(Decimal)
    for case in cases(whole):
        for credit in case.sorted.credits:
            assert credit.residual < 0
            parts[credit.line_id] += Decimal(str(credit.residual))
            company[credit.line_id] += Decimal(str(credit.residual_company))
    credits = Case(whole, plan(), Company(1), TODAY).sorted.credits
    assert parts == {c.line_id: Decimal(str(c.residual)) for c in credits}
    assert company == {c.line_id: Decimal(str(c.residual_company)) for c in credits}


@settings(derandomize=True, deadline=None)
@given(rows, st.sampled_from([BY_CUSTOMER, BY_INVOICE]))
def test_no_email_lists_what_another_hears_about(rows, mode):
    whole = customer(rows)
    asked = Counter()
    for case in cases(whole, mode):
        decision = decide(case)
        mine = {item.line_id for item in case.customer.items}
        assert {item.line_id for item in decision.items} <= mine
        assert {standing.line_id for standing in decision.standings} == mine
        if decision.reason is Reason.DUE:
            asked.update(decision.totals)
    # Never more than all that the customer owes, due or not.
    owes = left(Case(whole, plan(mode), Company(1), TODAY))
    for currency, amount in asked.items():
        assert Decimal(str(round(amount, 6))) <= owes[currency] + Decimal("0.000001")


@settings(derandomize=True, deadline=None)
@given(rows)
def test_without_names_nothing_is_dealt_out(rows):
    whole = customer([(a, days, cur, None, no) for a, days, cur, _who, no in rows])
    assert shares(whole) == [whole]


# -- the look before sending ---------------------------------------------------------


def to_send(past, *items, others=()):
    """What becomes of *past*, by these items of the customer."""
    whole = Whole(Customer(7, 1, items, [past, *others]))
    share = whole.share(whole.addressee_of(past))
    return recheck(past, Case(share, plan(), Company(1), TODAY))


def item(line, who):
    due = TODAY - dt.timedelta(days=5)
    return Item(line, line, due, 100.0, 100.0, 1, addressee=who)


def planned(lines, who, id_=1):
    return Past(id_, "planned", TODAY, 1, 0, 0, lines, addressee=who)


@pytest.mark.parametrize("before", [None, 10, 20])
def test_it_goes_to_whoever_hears_about_it_by_now(before):
    again = to_send(planned((1,), before), item(1, 10), item(2, 20))
    assert (again.action, again.addressee) == ("send", 10)
    assert [each.line_id for each in again.items] == [1]


def test_of_two_it_keeps_its_own():
    again = to_send(planned((1, 2), 10), item(1, 10), item(2, 20))
    assert (again.action, again.addressee) == ("send", 10)
    assert [(d.line_id, d.reason) for d in again.dropped] == [(2, Reason.READDRESSED)]


def test_one_that_is_about_others_only_does_not_go():
    again = to_send(planned((1, 2), None), item(1, 10), item(2, 20))
    assert (again.action, again.reason) == ("skip", Reason.READDRESSED)
    assert {each.reason for each in again.dropped} == {Reason.READDRESSED}


def test_nobody_gets_two_that_are_on_their_way():
    other = planned((2,), 10, id_=2)
    again = to_send(planned((1,), None), item(1, 10), item(2, 10), others=[other])
    assert (again.action, again.reason) == ("skip", Reason.READDRESSED)


def test_of_two_that_would_go_to_the_same_the_first_goes():
    """Their departments' addresses have bounced: both are the customer's own."""
    school, roads = planned((1,), 10), planned((2,), 20, id_=2)
    items = item(1, None), item(2, None)
    first = to_send(school, *items, others=[roads])
    assert (first.action, first.addressee) == ("send", None)
    second = to_send(roads, *items, others=[school])
    assert (second.action, second.reason) == ("skip", Reason.READDRESSED)


def test_one_on_its_way_to_another_contact_does_not_hold_it():
    other = planned((1, 2), None, id_=2)._replace(state="to_review")
    again = to_send(planned((1,), 10), item(1, 10), item(2, 20), others=[other])
    assert again.action == "send"


def test_what_is_paid_is_paid_whoever_heard_about_it():
    again = to_send(planned((1,), 10), item(2, 20))
    assert (again.action, again.reason) == ("skip", Reason.NOTHING_OPEN)
    assert [each.reason for each in again.dropped] == [Reason.SETTLED]


# -- sixty days of a town ------------------------------------------------------------

days = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@days
@given(towns())
def test_each_email_is_about_what_its_reader_hears(town):
    def work(town):
        for again in town.run():
            if again.action == "send":
                heard = {town.hears(item.line_id) for item in again.items}
                assert heard == {again.addressee}

    town.live(work)


@days
@given(towns())
def test_nobody_has_two_on_their_way_nor_waits_for_another(town):
    def work(town):
        for again in town.run():
            waits = again.action == "wait"
            assert not waits or again.reason is not Reason.FOLLOWUP_OPEN
        open_ones = [p.addressee for p in town.history if p.state in OPEN_STATES]
        assert len(open_ones) == len(set(open_ones))

    town.live(work)


@days
@given(towns())
def test_the_gap_is_kept_to_each(town):
    town.live(type(town).run)
    gap = 1 if town.plan.mode == RECAP else town.plan.min_gap
    for emails in town.emails().values():
        for before, after in pairwise(sorted(emails, key=lambda p: p.on)):
            assert (after.on - before.on).days >= gap


@days
@given(towns())
def test_together_they_are_never_asked_for_more_than_is_owed(town):
    def work(town):
        whole = town.case(town.facts())
        owes = left(whole)
        town.run()
        asked = Counter()
        for _who, decision in town.asked:
            if decision.reason is Reason.DUE:
                asked.update(decision.totals)
        for currency, amount in asked.items():
            assert Decimal(str(round(amount, 2))) <= owes[currency]

    town.live(work)


def test_the_towns_are_worth_living():
    sent = Counter()

    @settings(days, database=None)
    @given(towns())
    def live(town):
        town.live(type(town).run)
        sent.update(past.addressee for past in town.sent)

    live()
    assert all(sent[who] > 20 for who in (None, 10, 20))
