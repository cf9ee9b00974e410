"""What holds for every ledger and whatever rules say which plan it has."""

from collections import Counter
from itertools import pairwise
from random import Random

from account_email_connector.rules import EMAIL
from account_email_connector.rules.segments import (
    PlanRule,
    Segment,
    average,
    first_that_holds,
    overdue,
)
from hypothesis import given
from hypothesis import strategies as st
from rules_ledger import PAYABLE, START, ledgers, rule_books
from test_rules_properties import gone_out, lives

few = st.frozensets(st.integers(1, 3), max_size=3)
segments = st.builds(
    Segment,
    few,
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.sampled_from([0.0, 49.99, 50.0, 1000.0]),
    st.none() | st.sampled_from([0.0, 4.9, 5.0, 15.5]),
)
plan_rules = st.builds(
    PlanRule,
    st.integers(1, 99),
    st.just(1),
    few,
    few,
    few,
    st.sampled_from([0.0, 50.0]),
    st.sampled_from([0, 5]),
)


def is_true_of(rule, segment):
    """Said again, in other words than the rules'."""
    answers = []
    if rule.tags:
        answers.append(any(tag in rule.tags for tag in segment.tags))
    if rule.countries:
        answers.append(segment.country in rule.countries)
    if rule.salespersons:
        answers.append(segment.salesperson in rule.salespersons)
    if rule.overdue:
        answers.append(not segment.overdue < rule.overdue)
    if rule.days_late:
        late = segment.days_late
        answers.append(late is not None and not late < rule.days_late)
    return bool(answers) and False not in answers


@lives
@given(st.lists(plan_rules, max_size=6), segments)
def test_the_first_that_is_true_decides(rules, segment):
    expected = [rule for rule in rules if is_true_of(rule, segment)]
    assert first_that_holds(rules, segment) is (expected[0] if expected else None)


@lives
@given(plan_rules, segments)
def test_one_more_condition_never_makes_a_rule_true(rule, segment):
    for name in ("tags", "countries", "salespersons"):
        more = rule._replace(**{name: frozenset({4})})
        assert not more.holds(segment)
    if any(rule[2:]):
        narrower = rule._replace(overdue=max(rule.overdue, 500.0))
        assert rule.holds(segment) or not narrower.holds(segment)


@lives
@given(ledgers())
def test_what_is_overdue_does_not_depend_on_the_order(ledger):
    ledger.live(lambda ledger: check_overdue(ledger, Random(1)))


def check_overdue(ledger, random):
    items = ledger.facts().items
    found = overdue(items, ledger.day)
    shuffled = list(items)
    random.shuffle(shuffled)
    assert overdue(shuffled, ledger.day) == found >= 0
    owed = [
        item
        for item in items
        if item.due < ledger.day
        and item.residual > 0
        and item.payment_state in PAYABLE
        and not item.is_payment
    ]
    assert found <= sum(item.residual_company for item in owed) + 1e-6
    assert not (found and items and all(item.due >= ledger.day for item in items))


@lives
@given(ledgers(), rule_books())
def test_a_life_with_rules(ledger, rules):
    """Whatever plan it has on a day: the plan says the step, what was settled is not
    asked for, one email a day at most, and no item hears a step twice."""
    ledger.rules = rules

    def work(ledger):
        found = ledger.choose_plan()
        assert ledger.plan is (dict(rules)[found] if found else ledger.companys)
        decision, again = ledger.run()
        for answer in gone_out((decision, again)):
            owed = [ledger.entries[item.line_id].amount for item in answer.items]
            assert owed and min(owed) > 0
        if decision.step:
            assert decision.step in ledger.plan.steps

    ledger.live(work)
    emails = sorted((p for p in ledger.sent if p.channel == EMAIL), key=lambda p: p.on)
    for before, after in pairwise(emails):
        assert after.by_hand or after.on > before.on
    if all(plan.mode != "recap" for plan in (ledger.companys, *dict(rules).values())):
        check_no_step_twice(ledger)


def check_no_step_twice(ledger):
    """By hand a person may say a thing again."""
    heard = Counter(
        (past.step_id, past.line_ids[:1])
        for past in ledger.sent
        if past.step_id and not past.by_hand and len(past.line_ids) == 1
    )
    assert all(number == 1 for number in heard.values()), heard


@lives
@given(ledgers(), rule_books())
def test_rules_that_hold_for_nobody_change_nothing(ledger, rules):
    def work(ledger):
        ledger.rules = []
        without = ledger.decide()
        ledger.rules = [(rule._replace(tags=frozenset({9})), p) for rule, p in rules]
        assert ledger.choose_plan() is None
        assert ledger.decide() == without
        ledger.run()

    ledger.live(work)


def test_an_average_of_branches_is_one_of_all_that_was_paid():
    assert average([]) is None
    assert average([(0, 0)]) is None
    assert average([(1, 30), (2, 0)]) == 10
    assert average([(3, 30)]) == average([(1, 30), (2, 0)])


def test_nothing_open_is_nothing_overdue():
    assert overdue((), START) == 0
    assert first_that_holds((), Segment()) is None
