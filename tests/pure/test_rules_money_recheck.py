"""Money that comes between planning and sending."""

from account_email_connector.rules import REVIEW, SEND, SKIP, WAIT, Reason, recheck
from rules_language import (
    TODAY,
    Story,
    credit,
    despite,
    invoice,
    no_entry,
    online,
    payment,
    plan,
    planned,
    unmatched,
    wanted_by_hand,
)

WEEK = plan(bank_line_days=7)


def again(*facts):
    """What becomes of the follow-up that is told last."""
    story = Story(TODAY)
    for fact in facts:
        fact(story)
    return recheck(story.history[-1], story.case(WEEK), story.instruction)


A = invoice("A", 100, overdue=5)
B = invoice("B", 40, overdue=5)
BOTH = planned("friendly", 0, "A B")


def said(answer):
    return answer.action, answer.reason


def test_an_authorization_lets_it_wait_and_strikes_nothing():
    answer = again(A, online("T", 100, "A"), planned("friendly", 0, "A"))
    assert said(answer) == (WAIT, Reason.UNDER_WAY)
    assert answer.dropped == ()


def test_an_authorization_of_one_takes_it_out():
    answer = again(A, B, online("T", 100, "A"), BOTH)
    assert said(answer) == (SEND, Reason.DUE)
    assert [item.line_id for item in answer.items] == [2]
    assert [standing.reason for standing in answer.dropped] == [Reason.UNDER_WAY]


def test_an_authorization_of_a_part_leaves_the_rest():
    answer = again(A, online("T", 30, "A"), planned("friendly", 0, "A"))
    assert said(answer) == (SEND, Reason.DUE)
    assert answer.total_company == 70


def test_a_payment_without_an_entry_ends_it():
    answer = again(A, no_entry("P", 100, "A"), planned("friendly", 0, "A"))
    assert answer.action == SKIP
    assert [standing.reason for standing in answer.dropped] == [Reason.SETTLED]


def test_what_is_paid_is_struck_and_what_is_under_way_stays():
    facts = no_entry("P", 100, "A"), online("T", 40, "B")
    answer = again(A, B, *facts, BOTH)
    assert said(answer) == (WAIT, Reason.UNDER_WAY)
    assert [standing.line_id for standing in answer.dropped] == [1]


def test_a_bank_transaction_lets_it_wait():
    answer = again(A, unmatched("M", 100, "A"), planned("friendly", 0, "A"))
    assert said(answer) == (WAIT, Reason.PROBABLY_PAID)
    assert (answer.came_on, answer.dropped) == (TODAY.replace(day=23), ())
    assert answer.date == TODAY.replace(day=30)


def test_it_goes_all_the_same():
    money = unmatched("M", 100, "A")
    answer = again(A, money, despite("A", "M"), planned("friendly", 0, "A"))
    assert said(answer) == (SEND, Reason.DUE)


def test_other_money_lets_it_wait():
    answer = again(A, payment("P", 10, "USD"), planned("friendly", 0, "A"))
    assert said(answer) == (WAIT, Reason.OTHER_CURRENCY)


def test_who_wrote_it_is_asked_about_a_bank_transaction():
    money = unmatched("M", 100, "A")
    assert said(again(A, money, wanted_by_hand("A"))) == (REVIEW, Reason.PROBABLY_PAID)
    known = wanted_by_hand("A", known=("probably_paid",))
    assert again(A, money, known).action == SEND


def test_what_a_person_asks_for_is_paid_by_the_credits_that_are_kept_for_it():
    later = invoice("A", 100, overdue=50, resume_on=-5)
    facts = later, B, credit("C", 30, days_ago=20)
    assert again(*facts, planned("friendly", 0, "B")).total_company == 40
    assert again(*facts, wanted_by_hand("A B")).total_company == 110
