"""What comes next is what will happen, if nothing else does."""

import datetime as dt

from account_email_connector.rules import Case, Company, Reason, decide
from account_email_connector.rules.coming import KEPT, coming
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
        if decision.reason in KEPT:
            until = [d for d in days_after(ledger.day) if not comes or d < comes.day]
            assert all(decide(case.on(d)).reason is not Reason.DUE for d in until)
        ledger.run()

    ledger.live(work)


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
