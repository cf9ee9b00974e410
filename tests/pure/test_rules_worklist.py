"""What a person finds to do about a customer."""

import datetime as dt

import pytest
from account_email_connector.rules import (
    CONNECTED,
    DISCONNECTED,
    EMAIL,
    ERROR,
    TODO,
    Case,
    Company,
    Customer,
    Decision,
    Item,
    Past,
    Reason,
    Standing,
    Step,
    decide,
    worklist,
)
from account_email_connector.rules.coming import Coming, coming
from account_email_connector.rules.worklist import Todo
from hypothesis import HealthCheck, given, settings
from rules_ledger import ledgers

TODAY = dt.date(2026, 6, 1)
DAY = dt.timedelta(days=1)
STEP = Step(1, 3)


def todo(
    reason,
    *,
    mailbox=CONNECTED,
    started=True,
    review=False,
    items=(),
    by=EMAIL,
    stale=False,
    **said,
):
    """*items*: (reason, days overdue) of what else is open; *by*: how a step goes."""
    open_items = [
        Item(number, number, TODAY - overdue * DAY, 10.0, 10.0, 1)
        for number, (_reason, overdue) in enumerate(items)
    ]
    standings = tuple(
        Standing(number, Reason(why)) for number, (why, _days) in enumerate(items)
    )
    history = [Past(1, "to_review", TODAY, 1)] if review else []
    decision = Decision(Reason(reason), standings=standings, **said)
    customer = Customer(1, 1, open_items, history)
    comes = Coming(decision.date, 1, by) if decision.step else None
    company = Company(1, mailbox, stale, started)
    return worklist.todo_of(decision, customer, company, TODAY, comes).value


SOON = {"step": STEP, "date": TODAY + DAY}
CASES = {
    "it goes today": (("due",), {"step": STEP, "date": TODAY}, "goes"),
    "it goes tomorrow": (("not_yet",), SOON, "goes"),
    "the day after": (("not_yet",), {"step": STEP, "date": TODAY + 2 * DAY}, "waiting"),
    "a call is for today": (("due",), {**SOON, "by": TODO}, "yours"),
    "a call, and something in dispute": (
        ("due",),
        {**SOON, "by": TODO, "items": [("disputed", 4)]},
        "yours",
    ),
    "due tomorrow by the plan, not before": (("not_overdue",), SOON, "goes"),
    "without a mailbox": (("not_yet",), {**SOON, "mailbox": DISCONNECTED}, "waiting"),
    "it is on its way": (("followup_open",), {"step": STEP, "date": TODAY}, "goes"),
    "it waits for the bank": (
        ("followup_open",),
        {"step": STEP, "date": TODAY, "stale": True},
        "held",
    ),
    "it goes in some days": (
        ("followup_open",),
        {"step": STEP, "date": TODAY + 5 * DAY},
        "waiting",
    ),
    "a person reads it first": (("followup_open",), {"review": True}, "to_review"),
    "nobody knows": (("outcome_unknown",), {}, "uncertain"),
    "a reply": (("answered",), SOON, "answered"),
    "a broken promise goes before its email": (
        ("due",),
        {**SOON, "remarks": (Reason.PROMISE_BROKEN,)},
        "promise_broken",
    ),
    "no address": (("not_yet",), {"remarks": (Reason.NO_ADDRESS,)}, "no_address"),
    "no address, nothing due": (
        ("not_overdue",),
        {"step": STEP, "date": TODAY + 9 * DAY, "remarks": (Reason.NO_ADDRESS,)},
        "waiting",
    ),
    "every step was sent": (("all_steps_done",), {}, "ended"),
    "of one of several invoices": (("not_yet",), {"ended": (7,)}, "ended"),
    "left alone, whatever ended": (("paused",), {"ended": (7,)}, "waiting"),
    "no mailbox": (("mailbox_disconnected",), {}, "held"),
    "it waits for a mailbox": (
        ("followup_open",),
        {"mailbox": DISCONNECTED},
        "held",
    ),
    "it waits for a mailbox that is broken": (
        ("followup_open",),
        {"mailbox": ERROR},
        "held",
    ),
    "due, and the mailbox is broken": (("due",), {**SOON, "mailbox": ERROR}, "held"),
    "old bank data": (("bank_stale",), {}, "held"),
    "not started": (("not_started",), {}, "not_started"),
    "not started, and on its way": (
        ("followup_open",),
        {"started": False},
        "not_started",
    ),
    "not started, due tomorrow": (("not_yet",), {**SOON, "started": False}, "waiting"),
    "probably paid": (("probably_paid",), {}, "money"),
    "one is in dispute": (("not_yet",), {"items": [("disputed", 4)]}, "disputed"),
    "one that is not due": (("not_yet",), {"items": [("disputed", -4)]}, "waiting"),
    "one was never sent": (
        ("not_overdue",),
        {"items": [("never_sent", 1)]},
        "never_sent",
    ),
    "others go": (("due",), {**SOON, "items": [("disputed", 4)]}, "goes"),
    "never chased": (("excluded",), {"items": [("disputed", 4)]}, "waiting"),
    "two things: the more urgent": (
        ("not_yet",),
        {"items": [("disputed", 4), ("probably_paid", 4)]},
        "money",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case):
    reasons, said, wanted = case
    assert todo(*reasons, **said) == wanted


def test_of_several_shares_the_most_urgent_and_earliest_is_told():
    later, soon = TODAY + 9 * DAY, TODAY + 2 * DAY
    shares = [(Todo.WAITING, None), (Todo.WAITING, later), (Todo.WAITING, soon)]
    assert worklist.first(shares) == 2
    assert worklist.first([*shares, (Todo.ANSWERED, None)]) == 3


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ledgers())
def test_whatever_happens(ledger):
    """What goes is not said to wait, and half the facts say the same as all of them."""

    def work(ledger):
        customer, company = ledger.facts(), Company(1, **ledger.company)
        told = []
        for brief in (False, True):
            case = Case(customer, ledger.plan, company, ledger.day, brief)
            decision = decide(case)
            comes = coming(case, decision)
            found = worklist.todo_of(decision, customer, company, ledger.day, comes)
            told.append(found)
            if decision.reason is Reason.DUE:
                assert found is not Todo.WAITING
        assert told[0] is told[1]
        ledger.run()

    ledger.live(work)
