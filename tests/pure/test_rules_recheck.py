"""At send time everything is asked again: what still goes, and why the rest does not.

In each case the first fact is the follow-up that is about to be sent.
"""

import datetime as dt
from typing import NamedTuple

import pytest
from account_email_connector.rules import recheck
from rules_language import (
    CALL,
    CURRENCIES,
    HEADS_UP,
    LADDER,
    STANDARD,
    TODAY,
    WORKING_DAYS,
    Story,
    answered,
    by_invoice,
    credit,
    excluded,
    heard,
    invoice,
    mailbox,
    no_address,
    paused,
    payment,
    plan,
    planned,
    promise,
    recap,
    sent,
    stale_bank,
    unknown,
    wanted_by_hand,
    written_by_hand,
)


class Case(NamedTuple):
    name: str
    story: Story
    plan: object
    approved: bool
    at_once: bool
    expected: dict


def case(
    name,
    *facts,
    plan=STANDARD,
    approved=False,
    at_once=False,
    today=TODAY,
    **expected,
):
    story = Story(today)
    for fact in facts:
        fact(story)
    return Case(name, story, plan, approved, at_once, expected)


def told(case):
    story = case.story
    customer, company = story.facts()
    names = {line: name for name, line in story.lines.items()}
    currencies = {number: name for name, number in CURRENCIES.items()}
    by_person = {"approved": case.approved, "at_once": case.at_once}
    again = recheck(
        story.history[0],
        customer,
        case.plan,
        company,
        story.today,
        wish=story.wish,
        **by_person,
    )
    return {
        "does": again.action,
        "says": str(again.reason),
        "date": again.date and (again.date - story.today).days,
        "asks": " ".join(names[item.line_id] for item in again.items),
        "credits": " ".join(names[item.line_id] for item in again.credits),
        "left": {currencies[key]: left for key, left in again.totals.items()},
        "left_company": again.total_company,
        "dropped": {names[v.line_id]: str(v.reason) for v in again.dropped},
        "channel": again.channel,
    }


SATURDAY = dt.date(2026, 6, 27)
FRIENDLY_AB = planned("friendly", 0, "A B")

AS_PLANNED = [
    case(
        "nothing has changed: it goes",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        does="send",
        says="due",
        asks="A B",
        left={"EUR": 150.0},
        left_company=150.0,
        dropped={},
        channel="email",
    ),
    case(
        "fifty cents are fifty cents",
        planned("friendly", 0, "A"),
        invoice("A", 0.5, overdue=5),
        does="send",
        left={"EUR": 0.5},
    ),
    case(
        "it was being sent when the server stopped, and never left",
        planned("friendly", 0, "A", state="sending"),
        invoice("A", 100, overdue=5),
        does="send",
    ),
    case(
        "what became overdue since is not added",
        planned("friendly", 1, "A"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=1),
        does="send",
        asks="A",
        left={"EUR": 100.0},
    ),
    case(
        "a part was paid: the email asks for the rest",
        planned("friendly", 0, "A"),
        invoice("A", 40, overdue=5, payment_state="partial"),
        does="send",
        left={"EUR": 40.0},
    ),
    case(
        "the mailbox was in trouble for days: it still goes",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=12),
        does="send",
    ),
    case(
        "a word before the due date",
        planned("heads_up", 0, "A"),
        invoice("A", 100, due_in=7),
        plan=plan((HEADS_UP, *LADDER)),
        does="send",
        asks="A",
    ),
    case(
        "a statement that waited for the mailbox since its day",
        planned("statement", 2, "A"),
        invoice("A", 100, overdue=50),
        plan=recap(weekday=0),
        does="send",
        asks="A",
    ),
    case(
        "a statement that may wait for a day only",
        planned("statement", 2, "A"),
        invoice("A", 100, overdue=50),
        plan=recap(weekday=0, catch_up=1),
        does="skip",
        says="not_yet",
    ),
    case(
        "a statement",
        planned("statement", 0, "A B"),
        invoice("A", 100, overdue=7),
        invoice("B", 100, overdue=2),
        credit("C", 30),
        plan=recap(every=14),
        does="send",
        asks="A B",
        credits="C",
        left={"EUR": 170.0},
    ),
]


def elsewhere(lines):
    """A branch asks for these from its own mailbox by now."""

    def tell(story):
        names = lines.split()
        story.customer["elsewhere"] = frozenset(story.line(name) for name in names)

    return tell


BRANCHES = [
    case(
        "a branch asks for one of them itself: the other goes alone",
        FRIENDLY_AB,
        invoice("B", 50, overdue=4),
        elsewhere("A"),
        does="send",
        asks="B",
        dropped={"A": "elsewhere"},
    ),
    case(
        "a branch asks for all of them itself",
        FRIENDLY_AB,
        elsewhere("A B"),
        does="skip",
        says="elsewhere",
        dropped={"A": "elsewhere", "B": "elsewhere"},
    ),
]

MONEY_CAME = [
    case(
        "one was paid: the other goes alone",
        FRIENDLY_AB,
        invoice("B", 50, overdue=4),
        does="send",
        asks="B",
        left={"EUR": 50.0},
        dropped={"A": "settled"},
    ),
    case(
        "one was paid without a journal entry",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, payment_state="in_payment"),
        invoice("B", 50, overdue=4),
        does="send",
        asks="B",
        dropped={"A": "settled"},
    ),
    case(
        "everything was paid",
        FRIENDLY_AB,
        does="skip",
        says="nothing_open",
        asks="",
        dropped={"A": "settled", "B": "settled"},
    ),
    case(
        "paid, but nobody has allocated it",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        payment("P", 150),
        does="skip",
        says="nothing_left",
        dropped={"A": "nothing_left", "B": "nothing_left"},
    ),
    case(
        "a credit note came: it is listed and subtracted",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        credit("C", 30),
        does="send",
        asks="A B",
        credits="C",
        left={"EUR": 120.0},
    ),
    case(
        "less than the minimum is left",
        FRIENDLY_AB,
        invoice("B", 5, overdue=4),
        plan=plan(min_amount=10),
        does="skip",
        says="below_minimum",
    ),
    case(
        "planned in two currencies, one is covered by now",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, currency="USD"),
        invoice("B", 50, overdue=4),
        credit("C", 100, currency="USD"),
        does="send",
        asks="B",
        credits="",
        left={"EUR": 50.0},
        dropped={"A": "nothing_left"},
    ),
    case(
        "the lead was paid: a final notice is too harsh for the other",
        planned("final", 0, "A B"),
        invoice("B", 50, overdue=5),
        heard("A", friendly=27, firm=16),
        does="skip",
        says="step_changed",
        dropped={"A": "settled"},
    ),
    case(
        "invoice by invoice: the credit pays the older one",
        planned("friendly", 0, "A B"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        payment("P", 110),
        plan=by_invoice(),
        does="send",
        asks="B",
        credits="P",
        left={"EUR": 40.0},
        dropped={"A": "nothing_left"},
    ),
    case(
        "what was planned is covered, something else is not: for another follow-up",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        payment("P", 100),
        does="skip",
        says="nothing_left",
        dropped={"A": "nothing_left"},
    ),
]

PEOPLE_SPOKE = [
    case(
        "one is disputed by now",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, disputed=True),
        invoice("B", 50, overdue=4),
        does="send",
        asks="B",
        dropped={"A": "disputed"},
    ),
    case(
        "one is blocked, the other marked no follow-up",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, payment_state="blocked"),
        invoice("B", 50, overdue=4, no_followup=True),
        does="skip",
        says="blocked",
        dropped={"A": "blocked", "B": "no_followup"},
    ),
    case(
        "both are disputed: that is the reason",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, disputed=True),
        invoice("B", 50, overdue=4, disputed=True),
        does="skip",
        says="disputed",
    ),
    case(
        "the customer has promised to pay",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        promise(due_in=4),
        does="skip",
        says="promised",
    ),
    case(
        "the customer has promised to pay one of them",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        promise(due_in=4, lines="A"),
        does="send",
        asks="B",
        dropped={"A": "promised"},
    ),
    case(
        "the customer is paused",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        paused(3),
        does="skip",
        says="paused",
        date=4,
    ),
    case(
        "the customer is excluded",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        excluded,
        does="skip",
        says="excluded",
    ),
    case(
        "the customer has answered",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        answered,
        does="skip",
        says="answered",
    ),
    case(
        "the due date was moved",
        planned("friendly", 0, "A"),
        invoice("A", 100, due_in=5),
        does="skip",
        says="not_overdue",
        date=8,
    ),
    case(
        "the plan was taken away",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        plan=None,
        does="skip",
        says="no_plan",
    ),
    case(
        "the plan's steps were moved",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        plan=plan((LADDER[0]._replace(days=10), *LADDER[1:])),
        does="skip",
        says="not_yet",
        date=5,
    ),
    case(
        "a person sent the step by hand meanwhile",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        written_by_hand(0, "A", step="friendly"),
        does="skip",
        says="not_yet",
        date=11,
    ),
]

NOT_NOW = [
    case(
        "too late by now, by the catch-up limit",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=12),
        plan=plan(catch_up=5),
        does="skip",
        says="missed",
    ),
    case(
        "a person has written to the customer today",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        written_by_hand(0),
        does="wait",
        says="too_soon",
        date=7,
    ),
    case(
        "it is Saturday by now",
        planned("friendly", 1, "A"),
        invoice("A", 100, overdue=5),
        plan=plan(calendar=WORKING_DAYS),
        today=dt.date(2026, 6, 27),
        does="wait",
        says="not_a_sending_day",
        date=2,
    ),
    case(
        "the bank data are stale",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        stale_bank,
        does="wait",
        says="bank_stale",
        date=None,
    ),
    case(
        "the mailbox was disconnected",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        mailbox("disconnected"),
        does="wait",
        says="mailbox_disconnected",
    ),
    case(
        "nobody knows whether another one was sent",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        unknown("friendly", 9, "B"),
        does="wait",
        says="outcome_unknown",
    ),
    case(
        "the address is gone: a to-do",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        no_address,
        does="send",
        channel="todo",
    ),
    case(
        "a call stays a call",
        planned("call", 0, "A"),
        invoice("A", 100, overdue=20),
        plan=plan((CALL,)),
        does="send",
        channel="todo",
    ),
]

APPROVED = [
    case(
        "approved: it keeps to the sending days",
        planned("friendly", 1, "A"),
        invoice("A", 100, overdue=7),
        plan=plan(calendar=WORKING_DAYS),
        today=SATURDAY,
        approved=True,
        does="wait",
        says="not_a_sending_day",
        date=2,
    ),
    case(
        "approved when it was late already: it keeps to the sending days",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=15),
        plan=plan(calendar=WORKING_DAYS, catch_up=5),
        today=SATURDAY,
        approved=True,
        does="wait",
        says="not_a_sending_day",
        date=2,
    ),
    case(
        "approved, and it has become too late to go by itself: it goes",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=12),
        plan=plan(catch_up=5),
        approved=True,
        does="send",
    ),
    case(
        "approved, with stale bank data: it waits",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        stale_bank,
        approved=True,
        does="wait",
        says="bank_stale",
    ),
    case(
        "approved late, with stale bank data: it waits",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=12),
        stale_bank,
        plan=plan(catch_up=5),
        approved=True,
        does="wait",
        says="bank_stale",
    ),
    case(
        "approved, and an email went yesterday: the gap is kept",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        sent(None, 1, "B"),
        approved=True,
        does="wait",
        says="too_soon",
        date=6,
    ),
    case(
        "approved, but one was paid",
        FRIENDLY_AB,
        invoice("B", 50, overdue=4),
        approved=True,
        does="send",
        asks="B",
        dropped={"A": "settled"},
    ),
    case(
        "approved, but it is in dispute by now",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5, disputed=True),
        approved=True,
        does="skip",
        says="disputed",
    ),
]

AT_ONCE = [
    case(
        "sent now by a person, it may be late",
        planned("friendly", 9, "A"),
        invoice("A", 100, overdue=12),
        plan=plan(catch_up=5),
        at_once=True,
        does="send",
    ),
    case(
        "sent now by a person, it may be early",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=2),
        at_once=True,
        does="send",
    ),
    case(
        "sent now, with stale bank data",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        stale_bank,
        at_once=True,
        does="send",
    ),
    case(
        "sent now, but one was paid",
        FRIENDLY_AB,
        invoice("B", 50, overdue=4),
        at_once=True,
        does="send",
        asks="B",
        dropped={"A": "settled"},
    ),
    case(
        "sent now for an old invoice, which was paid: no final notice for the young",
        planned("final", 1, "A B"),
        invoice("B", 50, overdue=14),
        sent("firm", 20, "A"),
        sent("friendly", 11, "A B"),
        at_once=True,
        does="skip",
        says="step_changed",
    ),
    case(
        "sent now for an old invoice, which is covered by now",
        planned("final", 1, "A B"),
        invoice("A", 100, overdue=40),
        payment("P", 100),
        invoice("B", 50, overdue=14),
        sent("friendly", 30, "A"),
        sent("firm", 19, "A"),
        at_once=True,
        does="skip",
        says="step_changed",
    ),
    case(
        "sent now before the due date, and it is over: no more word of due soon",
        planned("heads_up", 8, "A"),
        invoice("A", 100, overdue=1),
        plan=by_invoice((HEADS_UP, *LADDER)),
        at_once=True,
        does="skip",
        says="step_changed",
    ),
    case(
        "sent now, and its step is too late to go by itself",
        planned("firm", 9, "A"),
        invoice("A", 100, overdue=30),
        sent("friendly", 25, "A"),
        plan=plan(catch_up=2),
        at_once=True,
        does="send",
    ),
    case(
        "sent now, but all were paid",
        FRIENDLY_AB,
        at_once=True,
        does="skip",
        says="nothing_left",
    ),
    case(
        "sent now, but paused since",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        paused(3),
        at_once=True,
        does="skip",
        says="paused",
    ),
    case(
        "sent now, but another email went today",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        sent(None, 0, "B"),
        plan=plan(calendar=WORKING_DAYS),
        at_once=True,
        does="wait",
        says="too_soon",
        date=1,
    ),
    case(
        "sent now, and another email went yesterday",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        sent(None, 1, "B"),
        at_once=True,
        does="send",
    ),
    case(
        "sent now, but both are disputed by now",
        FRIENDLY_AB,
        invoice("A", 100, overdue=5, disputed=True),
        invoice("B", 50, overdue=4, disputed=True),
        at_once=True,
        does="skip",
        says="disputed",
    ),
    case(
        "sent now, but nobody knows whether another one was sent",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        unknown("friendly", 9, "B"),
        at_once=True,
        does="wait",
        says="outcome_unknown",
    ),
    case(
        "sent now, but the credits cover it",
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        payment("P", 100),
        at_once=True,
        does="skip",
        says="nothing_left",
    ),
]

BY_HAND = [
    case(
        "composed by hand: it goes, whatever the plan says",
        wanted_by_hand("A"),
        invoice("A", 100, due_in=5),
        stale_bank,
        does="send",
        asks="A",
    ),
    case(
        "composed by hand, one in dispute and one blocked since: the third goes",
        wanted_by_hand("A B C"),
        invoice("A", 100, overdue=5, disputed=True),
        invoice("B", 50, overdue=5, payment_state="blocked"),
        invoice("C", 25, overdue=5),
        does="send",
        asks="C",
        dropped={"A": "disputed", "B": "blocked"},
    ),
    case(
        "composed by hand, marked no follow-up since",
        wanted_by_hand("A"),
        invoice("A", 100, overdue=5, no_followup=True),
        does="skip",
        says="no_followup",
    ),
    case(
        "composed by hand, and the customer is never chased since",
        wanted_by_hand("A"),
        invoice("A", 100, overdue=5),
        excluded,
        does="skip",
        says="excluded",
    ),
    case(
        "composed by hand, and a promise came since: a person looks again",
        wanted_by_hand("A B"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=5),
        promise(due_in=4, lines="B"),
        does="review",
        says="promised",
        asks="A B",
    ),
    case(
        "composed by hand in spite of a promise that the person knew of",
        wanted_by_hand("A", known=("promised",)),
        invoice("A", 100, overdue=5),
        promise(due_in=4),
        does="send",
    ),
    case(
        "composed by hand, and the customer has answered since",
        wanted_by_hand("A", known=("promised",)),
        invoice("A", 100, overdue=5),
        answered,
        does="review",
        says="answered",
    ),
    case(
        "composed by hand, and the mailbox was in trouble over a weekend",
        wanted_by_hand("A", decided=3),
        invoice("A", 100, overdue=5),
        does="send",
    ),
    case(
        "composed by hand, and the mailbox was in trouble for days",
        wanted_by_hand("A", decided=4),
        invoice("A", 100, overdue=5),
        does="review",
        says="waited_long",
    ),
    case(
        "composed by hand, with a credit: it is subtracted, as it was shown",
        wanted_by_hand("A"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        credit("C", 40),
        does="send",
        asks="A",
        credits="C",
        left={"EUR": 60.0},
    ),
    case(
        "composed by hand, about one of two",
        written_by_hand(0, "A"),
        invoice("A", 100, overdue=5),
        invoice("B", 50, overdue=4),
        does="send",
        asks="A",
        left={"EUR": 100.0},
    ),
    case(
        "composed by hand without any plan",
        written_by_hand(0, "A"),
        invoice("A", 100, overdue=5),
        plan=None,
        does="send",
    ),
    case(
        "composed by hand, paid meanwhile",
        written_by_hand(0, "A B"),
        invoice("B", 50, overdue=4),
        does="send",
        asks="B",
        dropped={"A": "settled"},
    ),
    case(
        "composed by hand, all paid meanwhile",
        written_by_hand(0, "A B"),
        does="skip",
        says="nothing_left",
    ),
    case(
        "composed by hand, a second one today",
        written_by_hand(0, "A"),
        written_by_hand(0, "A"),
        invoice("A", 100, overdue=4),
        does="send",
    ),
    case(
        "composed by hand, without a mailbox",
        written_by_hand(0, "A"),
        invoice("A", 100, overdue=4),
        mailbox("disconnected"),
        does="wait",
        says="mailbox_disconnected",
    ),
]

CASES = [
    *(AS_PLANNED + MONEY_CAME + PEOPLE_SPOKE + NOT_NOW + APPROVED + AT_ONCE + BY_HAND),
    *BRANCHES,
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case):
    answer = told(case)
    assert {key: answer[key] for key in case.expected} == case.expected
