"""A case works out what is asked of it, once, and nothing else."""

import datetime as dt

from account_email_connector.rules import decide
from rules_language import (
    STANDARD,
    TODAY,
    Story,
    credit,
    excluded,
    invoice,
    planned,
    sent,
)


def asked(*facts, plan=STANDARD):
    story = Story(TODAY)
    for fact in facts:
        fact(story)
    return story.case(plan)


def test_what_follows_is_worked_out_once():
    case = asked(invoice("A", 100, overdue=20), sent("friendly", 10, "A"))
    assert case.net is case.net
    assert case.ladder is case.ladder
    assert case.memory is case.ladder.memory


def test_a_customer_who_is_never_chased_needs_no_ladder():
    case = asked(invoice("A", 100, overdue=20), excluded)
    decide(case)
    assert not {"net", "ladder"} & vars(case).keys()


def test_without_a_plan_it_is_asked_by_none():
    assert asked(invoice("A", 100, overdue=20), plan=None).plan.steps == ()


def test_another_day_another_case():
    case = asked(invoice("A", 100, due_in=3), credit("C", 10))
    before, later = case.ladder, case.on(TODAY + dt.timedelta(days=9))
    assert later.today == TODAY + dt.timedelta(days=9)
    assert later.ladder is not before
    assert str(decide(case).reason) == "not_overdue"
    assert str(decide(later).reason) == "due"


def test_without_what_is_under_way():
    case = asked(invoice("A", 100, overdue=20), planned("friendly", 0, "A"))
    assert str(decide(case).reason) == "followup_open"
    assert str(decide(case.with_history(())).reason) == "due"
