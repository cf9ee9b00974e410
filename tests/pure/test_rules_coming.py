"""What comes next is what will happen, if nothing else does."""

import datetime as dt

import pytest
from account_email_connector.rules import (
    Case,
    Company,
    Customer,
    Item,
    Plan,
    Reason,
    Step,
    decide,
)
from account_email_connector.rules.coming import KEPT, TOO_LITTLE, coming
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
        comes = coming(decision, case.customer, case.today, case.on)
        if decision.reason is Reason.FOLLOWUP_OPEN:
            assert comes
        elif comes:
            then = decide(case.on(comes.day))
            assert then == comes.decision
            assert then.reason is Reason.DUE
        if decision.reason in KEPT | TOO_LITTLE:
            until = [d for d in days_after(ledger.day) if not comes or d < comes.day]
            assert all(decide(case.on(d)).reason is not Reason.DUE for d in until)
        ledger.run()

    ledger.live(work)


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
    comes = coming(decide(case), case.customer, TODAY, case.on)
    assert comes.day == TODAY + dt.timedelta(days=day)
    assert comes.decision.reason is Reason.DUE


@lives
@given(ledgers())
def test_half_the_facts_say_the_same(ledger):
    def work(ledger):
        told = []
        for brief in (False, True):
            company = Company(1, **ledger.company)
            case = Case(ledger.facts(), ledger.plan, company, ledger.day, brief)
            comes = coming(
                decide(case),
                case.customer,
                case.today,
                lambda day, brief=brief, case=case: Case(
                    case.customer, case.plan, case.company, day, brief
                ),
            )
            told.append(comes and (comes[:3], comes.decision.total_company))
        assert told[0] == told[1]
        ledger.run()

    ledger.live(work)
