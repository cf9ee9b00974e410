"""By hand: what a person may send to a customer, and what is said before.

What is hard (paid, in dispute, never chased …) cannot be sent; what is soft (paused,
promised, not yet due …) is not ticked, and a person may tick it, knowing why.
"""

from typing import NamedTuple

import pytest
from account_email_connector.rules import Step, offer
from rules_language import (
    CALL,
    CURRENCIES,
    HEADS_UP,
    LADDER,
    STANDARD,
    STEP_NAMES,
    TODAY,
    Story,
    answered,
    by_invoice,
    credit,
    excluded,
    failed,
    handed_over,
    heard,
    invoice,
    mailbox,
    never_sent,
    no_address,
    paused,
    payment,
    plan,
    planned,
    promise,
    recap,
    sent,
    skipped_once,
    stale_bank,
    unknown,
    wanted_by_hand,
    written_by_hand,
)


class Case(NamedTuple):
    name: str
    story: Story
    plan: object
    chosen: str | None
    seen: str | None
    expected: dict


def case(name, *facts, plan=STANDARD, chosen=None, seen=None, **expected):
    story = Story(TODAY)
    for fact in facts:
        fact(story)
    return Case(name, story, plan, chosen, seen, expected)


def left_of(items):
    names = {number: name for name, number in CURRENCIES.items()}
    left = {}
    for item in items:
        currency = names[item.currency_id]
        left[currency] = left.get(currency, 0) + item.residual
    return left


def told(case):
    story = case.story
    names = {line: name for name, line in story.lines.items()}

    def lines(text):
        return None if text is None else {story.line(name) for name in text.split()}

    found = offer(
        story.case(case.plan),
        chosen=lines(case.chosen),
        seen=lines(case.seen),
    )
    return {
        "possible": found.possible,
        "ticked": found.selected,
        "says": str(found.reason),
        "doubts": " ".join(map(str, found.doubts)),
        "step": found.step and STEP_NAMES.get(found.step.id, found.step.id),
        "asks": " ".join(names[item.line_id] for item in found.items),
        "credits": " ".join(names[item.line_id] for item in found.credits),
        "left": left_of((*found.items, *found.credits)),
        "left_company": found.total_company,
        "left_out": {names[v.line_id]: str(v.reason) for v in found.left_out},
    }


TICKED = {"possible": True, "ticked": True}
UNTICKED = {"possible": True, "ticked": False}
IMPOSSIBLE = {"possible": False, "ticked": False}
OVERDUE = invoice("A", 100, overdue=5)

GOES = [
    case("due", OVERDUE, **TICKED, says="due", step="friendly", asks="A"),
    case(
        "its day has not come",
        invoice("A", 100, overdue=1),
        **UNTICKED,
        says="not_yet",
        step="friendly",
    ),
    case(
        "the last email is recent",
        OVERDUE,
        written_by_hand(3),
        **TICKED,
        says="too_soon",
    ),
    case(
        "missed: somebody has to send it by hand",
        invoice("A", 100, overdue=30),
        plan=plan(catch_up=5),
        **TICKED,
        says="missed",
    ),
    case("the last one failed", OVERDUE, failed("friendly", 1, "A"), **TICKED),
    case(
        "one is on its way: it makes way",
        OVERDUE,
        planned("friendly", 0, "A"),
        **TICKED,
        says="followup_open",
        step="friendly",
        asks="A",
    ),
]

SOFT = [
    case(
        "nothing is overdue",
        invoice("A", 100, due_in=5),
        **UNTICKED,
        says="not_overdue",
        asks="A",
        step="friendly",
    ),
    case("paused", OVERDUE, paused(3), **UNTICKED, says="paused", asks="A"),
    case(
        "paused, and planned before that",
        OVERDUE,
        planned("friendly", 0, "A"),
        paused(3),
        **UNTICKED,
        says="paused",
    ),
    case("answered", OVERDUE, answered, **UNTICKED, says="answered", asks="A"),
    case(
        "all promised",
        OVERDUE,
        promise(due_in=4),
        **UNTICKED,
        says="promised",
        asks="A",
        step="friendly",
    ),
    case(
        "one promised: the other goes, as it would by itself",
        OVERDUE,
        invoice("B", 50, overdue=4),
        promise(due_in=4, lines="A"),
        **TICKED,
        asks="B",
    ),
    case(
        "before the start date",
        OVERDUE,
        plan=plan(start=TODAY),
        **UNTICKED,
        says="before_start",
        asks="A",
    ),
    case(
        "a person said: not now", OVERDUE, skipped_once("friendly", 1, "A"), **UNTICKED
    ),
    case("below the minimum", OVERDUE, plan=plan(min_amount=500), **UNTICKED),
    case("stale bank data", OVERDUE, stale_bank, **UNTICKED, says="bank_stale"),
    case(
        "an email went today",
        OVERDUE,
        written_by_hand(0, "A"),
        **UNTICKED,
        says="emailed_today",
    ),
    case("an email went yesterday", OVERDUE, written_by_hand(1, "A"), **TICKED),
    case(
        "paused, and an email went today: both are said",
        OVERDUE,
        paused(3),
        sent("friendly", 0, "A"),
        **UNTICKED,
        doubts="paused emailed_today",
    ),
    case(
        "waits for a review: that is not to be passed over unasked",
        OVERDUE,
        planned("friendly", 0, "A", state="to_review"),
        **UNTICKED,
        says="followup_open",
    ),
    case(
        "a colleague has just sent one",
        OVERDUE,
        wanted_by_hand("A"),
        **UNTICKED,
        says="followup_open",
    ),
]

HARD = [
    case("excluded", OVERDUE, excluded, **IMPOSSIBLE, says="excluded"),
    case("no plan", OVERDUE, plan=None, **IMPOSSIBLE, says="no_plan", step=None),
    case(
        "all in dispute",
        invoice("A", 100, overdue=5, disputed=True),
        **IMPOSSIBLE,
        says="disputed",
        asks="",
    ),
    case(
        "one in dispute is never taken along",
        invoice("A", 100, overdue=5, disputed=True),
        invoice("B", 50, due_in=4),
        **UNTICKED,
        says="not_overdue",
        asks="B",
    ),
    case(
        "marked no follow-up",
        invoice("A", 100, overdue=5, no_followup=True),
        **IMPOSSIBLE,
        says="no_followup",
    ),
    case(
        "blocked",
        invoice("A", 100, overdue=5, payment_state="blocked"),
        **IMPOSSIBLE,
        says="blocked",
    ),
    case(
        "paid",
        invoice("A", 100, overdue=5, payment_state="in_payment"),
        **IMPOSSIBLE,
        says="nothing_open",
    ),
    case("covered by a payment", OVERDUE, payment("P", 100), **IMPOSSIBLE),
    case("no mailbox", OVERDUE, mailbox("disconnected"), **IMPOSSIBLE),
    case("a mailbox in trouble: it waits there", OVERDUE, mailbox("error"), **TICKED),
    case("perhaps sent", OVERDUE, unknown("friendly", 1, "A"), **IMPOSSIBLE),
    case(
        "perhaps sent, and promised since",
        OVERDUE,
        unknown("friendly", 1, "A"),
        promise(due_in=4),
        **IMPOSSIBLE,
        says="outcome_unknown",
    ),
    case(
        "being sent right now",
        OVERDUE,
        planned("friendly", 0, "A", state="sending"),
        **IMPOSSIBLE,
    ),
    case("no address", OVERDUE, no_address, **IMPOSSIBLE, says="no_address"),
]

CHOSEN = [
    case(
        "exactly what was chosen, due or not",
        OVERDUE,
        invoice("B", 50, due_in=4),
        chosen="A B",
        **UNTICKED,
        says="not_overdue",
        asks="A B",
        step="friendly",
    ),
    case(
        "chosen, but in dispute: it is left out, and said",
        OVERDUE,
        invoice("B", 50, overdue=4, disputed=True),
        chosen="A B",
        **TICKED,
        asks="A",
        left_out={"B": "disputed"},
    ),
    case(
        "only what is in dispute was chosen",
        OVERDUE,
        invoice("B", 50, overdue=4, disputed=True),
        chosen="B",
        **IMPOSSIBLE,
        says="disputed",
        asks="",
    ),
    case(
        "the customer's credit is subtracted, as when it is sent",
        OVERDUE,
        invoice("B", 50, overdue=4),
        credit("C", 40),
        chosen="A",
        **TICKED,
        asks="A",
        credits="C",
        left={"EUR": 60.0},
        left_company=60.0,
    ),
    case(
        "invoice by invoice, the credit pays the oldest",
        OVERDUE,
        invoice("B", 50, overdue=4),
        credit("C", 100),
        plan=by_invoice(),
        chosen="B",
        **TICKED,
        asks="B",
        credits="",
    ),
    case(
        "of another company of the group: not to be seen",
        OVERDUE,
        invoice("B", 50, overdue=4),
        seen="B",
        **TICKED,
        asks="B",
        left_company=50.0,
    ),
    case(
        "chosen, but not to be seen",
        OVERDUE,
        invoice("B", 50, overdue=4, disputed=True),
        chosen="A B",
        seen="A",
        **TICKED,
        asks="A",
        left_out={},
    ),
]

STEPS = [
    case(
        "handed over: a person is told before, and may write all the same",
        OVERDUE,
        handed_over,
        **UNTICKED,
        says="handed_over",
        step="friendly",
        asks="A",
    ),
    case(
        "the last step comes again in some days: by hand it is that one",
        invoice("A", 100, overdue=60),
        heard("A", friendly=50, firm=30, final=10),
        plan=plan(last_every=14, last_times=1),
        step="final",
        asks="A",
    ),
    case(
        "a young invoice has heard nothing: not the old one's step",
        invoice("A", 100, overdue=20),
        heard("A", friendly=12),
        invoice("B", 50, overdue=4),
        chosen="B",
        **TICKED,
        step="friendly",
    ),
    case(
        "both together: the old one's",
        invoice("A", 100, overdue=20),
        heard("A", friendly=12),
        invoice("B", 50, overdue=4),
        step="firm",
        asks="A B",
    ),
    case(
        "every step was sent: the last one again, if a person wants it",
        invoice("A", 100, overdue=60),
        heard("A", friendly=50, firm=30, final=10),
        **UNTICKED,
        says="all_steps_done",
        step="final",
    ),
    case(
        "an email went today: another one says the same again",
        invoice("A", 100, overdue=40),
        heard("A", friendly=20, firm=0),
        **UNTICKED,
        says="emailed_today",
        step="firm",
    ),
    case(
        "an email went some days ago: within the plan's gap it is said again",
        invoice("A", 100, overdue=40),
        heard("A", friendly=20, firm=6),
        **UNTICKED,
        step="firm",
    ),
    case(
        "after the plan's gap it is the next step's turn",
        invoice("A", 100, overdue=40),
        heard("A", friendly=20, firm=7),
        **UNTICKED,
        step="final",
    ),
    case(
        "a young invoice was in the old one's email: it hears its own step again",
        invoice("A", 100, overdue=40),
        heard("A", friendly=20),
        invoice("B", 50, overdue=4),
        sent("firm", 1, "A B"),
        chosen="B",
        step="friendly",
    ),
    case(
        "what the last email did not list has its own next step",
        invoice("A", 100, overdue=40),
        heard("A", friendly=20, firm=1),
        invoice("B", 50, overdue=4),
        chosen="B",
        step="friendly",
    ),
    case(
        "promised after the first step: the second one",
        invoice("A", 100, overdue=20),
        heard("A", friendly=12),
        promise(due_in=4),
        step="firm",
    ),
    case(
        "a call is next: by hand the email before it",
        invoice("A", 100, overdue=25),
        heard("A", friendly=20, firm=9),
        plan=plan((*LADDER[:2], CALL, LADDER[2])),
        step="firm",
    ),
    case(
        "a call is first: the email after it",
        OVERDUE,
        plan=plan((Step(31, 2, channel="todo"), *LADDER)),
        step="friendly",
    ),
    case(
        "nothing overdue is told that it will be due soon",
        OVERDUE,
        plan=plan((HEADS_UP, Step(31, 2, channel="todo"))),
        **IMPOSSIBLE,
        says="no_email_step",
    ),
    case("calls only", OVERDUE, plan=plan((CALL,)), **IMPOSSIBLE, step=None),
    case(
        "a word before the due date",
        invoice("A", 100, due_in=6),
        plan=plan((HEADS_UP, *LADDER)),
        **TICKED,
        step="heads_up",
    ),
    case(
        "a statement again",
        OVERDUE,
        sent("statement", 2, "A"),
        plan=recap(every=14),
        step="statement",
    ),
]

NEVER_SENT = [
    case(
        "never sent: a person may ask all the same, and is told first",
        never_sent("A", 100, overdue=5),
        **UNTICKED,
        says="never_sent",
        doubts="never_sent",
        step="friendly",
        asks="A",
    ),
    case(
        "what is to go by itself leaves out what was never sent",
        never_sent("A", 100, overdue=40),
        invoice("B", 50, overdue=5),
        **TICKED,
        says="due",
        asks="B",
    ),
    case(
        "chosen along with another",
        never_sent("A", 100, overdue=40),
        invoice("B", 50, overdue=5),
        chosen="A B",
        **UNTICKED,
        doubts="never_sent",
        asks="A B",
    ),
    case(
        "by a plan for those who send otherwise there is nothing to be told",
        never_sent("A", 100, overdue=5),
        plan=plan(only_sent=False),
        **TICKED,
        says="due",
    ),
]

CASES = GOES + SOFT + HARD + CHOSEN + STEPS + NEVER_SENT


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case):
    answer = told(case)
    assert {key: answer[key] for key in case.expected} == case.expected
