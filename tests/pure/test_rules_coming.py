"""What comes next is what will happen, if nothing else does."""

import datetime as dt
from itertools import product

import pytest
from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    DISCONNECTED,
    Calendar,
    Case,
    Company,
    Customer,
    Item,
    Past,
    Plan,
    Reason,
    Step,
    decide,
    shares,
)
from account_email_connector.rules.coming import KEPT, KNOWN, TOO_LITTLE, coming
from account_email_connector.rules.facts import OPEN_STATES, TO_REVIEW, Instruction
from account_email_connector.rules.recheck import REVIEW, SEND, WAIT, recheck
from hypothesis import HealthCheck, given, settings
from rules_ledger import ledgers

DAYS = 40
lives = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def days_after(day):
    return [day + dt.timedelta(days=number) for number in range(1, DAYS)]


@lives
@given(ledgers())
def test_it_goes_on_the_day_that_is_told_and_not_before(ledger):
    def work(ledger):
        case = Case(
            ledger.facts(), ledger.plan, Company(1, **ledger.company), ledger.day
        )
        decision = decide(case)
        comes = coming(case, decision)
        if comes and comes.written:
            assert_it_leaves(comes, case)
        elif comes:
            gone = [p for p in case.customer.history if p.state in OPEN_STATES]
            rest = [p for p in case.customer.history if p not in gone]
            then = decide(case.with_history(rest).on(comes.day))
            assert (then.items, then.credits) == (comes.items, comes.credits)
            assert then.reason is Reason.DUE
        if decision.reason in KEPT | TOO_LITTLE:
            until = [d for d in days_after(ledger.day) if not comes or d < comes.day]
            assert all(decide(case.on(d)).reason is not Reason.DUE for d in until)
        ledger.run()

    ledger.live(work)


def assert_it_leaves(comes, case):
    """On that day it does, with these items, or a person is asked; before, not."""
    (past,) = [p for p in case.customer.history if p.id == comes.written]
    if past.state == TO_REVIEW:
        assert comes.is_read_first
        return
    said = Instruction(past.approved, past.at_once, known=KNOWN if past.by_hand else ())
    then = recheck(past, case.on(comes.day), said)
    assert then.action == (REVIEW if comes.is_read_first else SEND)
    assert (then.items, then.credits) == (comes.items, comes.credits)
    day = max(past.on, case.today)
    while day < comes.day:
        assert recheck(past, case.on(day), said).action == WAIT
        day += dt.timedelta(days=1)


TODAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("debts", "day"), [([(-9, 60), (3, 60)], 4), ([(n, 10) for n in range(19)], 10)]
)
def test_what_is_too_little_today_may_be_enough_later(debts, day):
    """Of a plan with a minimum of 100, which reminds on the day after the due date."""
    items = [
        Item(number, number, TODAY + dt.timedelta(days=due), amount, amount, 1)
        for number, (due, amount) in enumerate(debts, 1)
    ]
    plan = Plan(1, steps=[Step(1, 1)], min_amount=100.0)
    case = Case(Customer(1, 1, items), plan, Company(1), TODAY)
    comes = coming(case, decide(case))
    assert comes.day == TODAY + dt.timedelta(days=day)
    assert decide(case.on(comes.day)).items == comes.items


@lives
@given(ledgers())
def test_half_the_facts_say_the_same(ledger):
    def work(ledger):
        told = []
        for brief in (False, True):
            company = Company(1, **ledger.company)
            case = Case(ledger.facts(), ledger.plan, company, ledger.day, brief)
            comes = coming(case, decide(case))
            told.append(comes and (comes[:3], comes.total_company))
        assert told[0] == told[1]
        ledger.run()

    ledger.live(work)


WEEKDAYS = Calendar(range(5))
STEP_ONE = Step(1, 1)


def due(number, days, amount, **more):
    """An item that is due so many days from today."""
    day = TODAY + dt.timedelta(days=days)
    return Item(number, number, day, amount, amount, 1, **more)


def next_of(items, *written, plan=None, first=None, on=TODAY, company=None, **customer):
    """What comes next to a customer, of whom these are in the ledger already."""
    plan = plan or Plan(1, steps=[STEP_ONE])
    known = Customer(1, 1, items, written, **customer)
    case = Case(known, plan, company or Company(1), on)
    return coming(case, decide(case), first)


def planned(*line_ids, on=TODAY, **more):
    return Past(7, "planned", on, 1, line_ids=line_ids, **more)


def test_what_is_written_waits_as_it_will():
    """For a pause, an answer, the bank, a start: nothing is said to go."""
    items = [due(1, -3, 140.0)]
    assert next_of(items, planned(1)).day == TODAY
    until = TODAY + dt.timedelta(days=9)
    paused = next_of(items, planned(1), paused_until=until)
    assert paused.day == until + dt.timedelta(days=1)
    assert not paused.written
    assert next_of(items, planned(1), answered=True) is None
    for company in (
        Company(1, bank_stale=True),
        Company(1, started=False),
        Company(1, DISCONNECTED),
    ):
        assert next_of(items, planned(1), company=company) is None


def test_what_is_written_asks_for_what_was_written():
    items = [due(1, -3, 80.0), due(2, -3, 60.0)]
    by_hand = next_of(items, planned(1, by_hand=True))
    assert (by_hand.total_company, by_hand.written) == (80.0, 7)
    by_invoice = Plan(1, BY_INVOICE, [STEP_ONE])
    assert next_of(items, planned(2), plan=by_invoice).total_company == 60.0


def test_on_a_day_and_at_an_hour_of_the_plan():
    friday = dt.date(2026, 6, 5)
    saturday, monday = dt.date(2026, 6, 6), dt.date(2026, 6, 8)
    plan = Plan(1, steps=[STEP_ONE], calendar=WEEKDAYS)
    items = [due(1, -3, 80.0)]
    waits = planned(1, on=friday)
    assert next_of(items, waits, plan=plan, on=saturday).day == monday
    for written in ([], [waits]):  # after the hours of Friday
        comes = next_of(items, *written, plan=plan, on=friday, first=saturday)
        assert comes.day == monday
    now = next_of(
        items, planned(1, on=friday, at_once=True), plan=plan, on=friday, first=saturday
    )
    assert now.day == friday


@pytest.mark.parametrize("mode", [BY_INVOICE, BY_CUSTOMER])
@pytest.mark.parametrize("catch_up", [None, 3])
def test_too_little_until_a_step_before_the_due_date(mode, catch_up):
    """Whenever two invoices are due, of which one alone is too little; also once that
    one is too late."""
    steps = [Step(1, -3), Step(2, 3), Step(3, 14)]
    plan = Plan(1, mode, steps, min_amount=25.0, catch_up=catch_up)
    for one, other, amount in product(range(-18, 12, 2), range(-18, 25, 3), (20, 80)):
        items = [due(1, one, 20.0), due(2, other, float(amount))]
        case = Case(Customer(1, 1, items), plan, Company(1), TODAY)
        days = [TODAY, *days_after(TODAY)]
        first = next((d for d in days if decide(case.on(d)).reason is Reason.DUE), None)
        comes = coming(case, decide(case))
        assert (comes and comes.day) == first, (one, other, amount)


def test_too_little_until_another_contact_owes_more():
    plan = Plan(1, steps=[STEP_ONE], min_amount=100.0)
    items = [due(1, -2, 60.0), due(2, 3, 80.0, addressee=5)]
    own, *_others = shares(Customer(1, 1, items))
    case = Case(own, plan, Company(1), TODAY)
    assert coming(case, decide(case)).day == TODAY + dt.timedelta(days=4)
