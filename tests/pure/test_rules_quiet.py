"""Whoever the planner leaves out (``engine/planning/candidates.py``) has nothing due.

The conditions of its statement, said in Python, for every day of the random lives.
"""

from collections import Counter

from account_email_connector.rules import (
    BY_CUSTOMER,
    RECAP,
    Case,
    Company,
    Customer,
    Item,
    Past,
    Plan,
    Reason,
    Step,
    decide,
)
from account_email_connector.rules.quiet import nothing_before, rest
from hypothesis import given
from rules_ledger import START, ledgers, rule_books, some_days
from test_rules_properties import lives

HELD = ("to_review", "planned", "sending", "unknown")


def is_held(history):
    return any(past.state in HELD for past in history)


def is_quiet(item, history, plans, today):
    """It is young, or has heard its first step these days."""
    days = [step.days for plan in plans for step in plan.steps]
    if item.due > today - some_days(nothing_before(days)):
        return True
    resting = rest(plans)
    about = [past for past in history if item.line_id in past.line_ids]
    return len(about) == 1 and all(
        past.state == "sent"
        and past.step_id not in (None, *resting.last_steps)
        and past.on > today - some_days(resting.days)
        and resting.first <= past.days < resting.last
        and (past.on - item.due).days >= past.days
        for past in about
    )


def check_a_life(ledger, plans, seen):
    """Of what the customer has on a day, take what may be left out: nothing is due."""

    def work(ledger):
        ledger.choose_plan()
        facts = ledger.facts()
        owed = [i for i in facts.items if i.residual > 1e-6 and not i.is_payment]
        if is_held(facts.history):
            left_out = facts._replace(items=owed)
            seen["held"] += 1
        else:
            quiet = [i for i in owed if is_quiet(i, facts.history, plans, ledger.day)]
            left_out = facts._replace(items=quiet)
            seen["quiet, late"] += any(item.due < ledger.day for item in quiet)
        company = Company(1, **ledger.company)
        decision = decide(Case(left_out, ledger.plan, company, ledger.day))
        assert decision.reason is not Reason.DUE
        assert not decision.untold
        ledger.run()

    ledger.live(work)


def test_nothing_is_due_for_whom_is_left_out():
    seen = Counter()

    @lives
    @given(ledgers(), rule_books())
    def live(ledger, rules):
        ledger.rules = rules
        plans = [ledger.companys, *(plan for _rule, plan in rules)]
        check_a_life(ledger, plans, seen)

    @lives
    @given(ledgers())
    def live_with_one_plan(ledger):
        check_a_life(ledger, [ledger.companys], seen)

    live()
    live_with_one_plan()
    # It says something only if there are such days.
    assert min(seen["held"], seen["quiet, late"]) > 20, seen


def test_how_long_an_item_rests():
    plan = Plan(1, BY_CUSTOMER, [Step(1, -3), Step(2, 5), Step(3, 9)])
    assert rest([plan]) == (4, -3, 9, (3,))
    one_step = Plan(2, BY_CUSTOMER, [Step(4, 10)])
    assert rest([plan, one_step]) == (4, 10, 9, (3, 4))  # none is between these
    for other in (Plan(3, RECAP, [Step(5, 0)]), Plan(4)):
        assert rest([plan, other]).days == 0
    assert rest([]).days == 0


def test_the_day_on_which_it_has_rested_enough():
    plan = Plan(1, BY_CUSTOMER, [Step(1, 3), Step(2, 8)], min_gap=7)
    item = Item(1, 1, START - some_days(20), 100.0, 100.0, 1)
    sent = Past(1, "sent", START, 1, 0, 3, (1,))
    customer = Customer(1, 1, [item], [sent])
    for number in range(8):
        day = START + some_days(number)
        assert is_quiet(item, [sent], [plan], day) == (number < 5)
        due = decide(Case(customer, plan, Company(1), day)).reason is Reason.DUE
        assert due == (number >= 7)
    assert nothing_before([3, 8]) == 1
    assert nothing_before([-3, 8]) == -3
