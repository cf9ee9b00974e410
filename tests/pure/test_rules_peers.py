"""Defects of other follow-up software that must not come back here.

Each test is named after what went wrong there; ACC is OCA's ``account_credit_control``,
OR its ``account_invoice_overdue_reminder``.
"""

from account_email_connector.rules import (
    Case,
    Company,
    Customer,
    Item,
    Past,
    Reason,
    decide,
    recheck,
)
from rules_language import (
    FINAL,
    FIRM,
    FRIENDLY,
    LADDER,
    STANDARD,
    TODAY,
    by_invoice,
    case,
    credit,
    failed,
    heard,
    invoice,
    payment,
    plan,
    planned,
    promise,
    sent,
    told,
)


def expect(*facts, plan=STANDARD, **expected):
    found = case("", *facts, plan=plan, **expected)
    assert told(found, expected) == expected


def send(*facts, plan=STANDARD):
    """Re-check the first fact, a planned follow-up, at the moment of sending."""
    story = case("", *facts, plan=plan).story
    return recheck(story.history[0], story.case(plan))


def test_acc_1_paid_between_planning_and_sending_is_still_chased():
    """ACC mailed a total of 428.00 on a balance of zero."""
    again = send(planned("friendly", 0, "A"))
    assert (again.action, again.totals) == ("skip", {})
    paid = invoice("A", 428, overdue=5, payment_state="paid")
    again = send(planned("friendly", 0, "A"), paid)
    assert (again.action, again.totals) == ("skip", {})


def test_acc_2_a_failed_email_counts_as_a_reached_level():
    """ACC retried none of four failed lines, and took all four to level 2."""
    facts = [failed("friendly", 40, "A B C D")]
    facts += [invoice(name, 100, overdue=45) for name in "ABCD"]
    expect(*facts, says="due", step="friendly", lists="A B C D")


def test_acc_3_the_tolerance_is_converted_backwards():
    """In ACC ten dollars became 0.07 yen instead of 1,500.

    The minimum is in company currency, and is compared with amounts in company
    currency: nothing is converted at all.
    """
    dollars = plan(min_amount=10)

    def yen(amount, in_dollars):
        item = Item(1, 1, TODAY.replace(day=1), amount, in_dollars, 3)
        customer = Customer(1, 1, [item])
        return decide(Case(customer, dollars, Company(1), TODAY)).reason

    assert yen(1499.0, 9.99) is Reason.BELOW_MINIMUM
    assert yen(1500.0, 10.0) is Reason.DUE


def test_acc_8_company_b_blocks_company_a():
    """In ACC a run of one company was refused because of a line of another.

    A customer's decision knows its own unit only; the same customer may be under
    way in one company and due in the other.
    """
    item = Item(1, 1, TODAY.replace(day=1), 100.0, 100.0, 1)
    open_row = Past(1, "planned", TODAY, FRIENDLY.id, 0, 3, (1,))
    in_b = Customer(7, 2, [item], [open_row])
    in_a = Customer(7, 1, [item])
    assert (
        decide(Case(in_b, STANDARD, Company(2), TODAY)).reason is Reason.FOLLOWUP_OPEN
    )
    assert decide(Case(in_a, STANDARD, Company(1), TODAY)).reason is Reason.DUE


def test_acc_the_no_followup_mark_of_core_is_ignored():
    expect(invoice("A", 100, overdue=40, no_followup=True), says="no_followup")


def test_acc_credits_are_neither_shown_nor_netted():
    expect(
        invoice("A", 100, overdue=5),
        credit("C", 25),
        payment("P", 25),
        credits="C P",
        left={"EUR": 50.0},
    )


def test_acc_460_reminding_one_invoice_silences_the_rest():
    """After a reminder about one invoice, ACC left the customer's others alone."""
    expect(
        invoice("A", 100, overdue=60),
        invoice("B", 50, overdue=3),
        heard("A", friendly=50, firm=39, final=23),
        says="due",
        step="friendly",
        B="due",
    )
    expect(
        invoice("A", 100, overdue=60),
        invoice("B", 50, overdue=3),
        heard("A", friendly=50, firm=39, final=23),
        plan=by_invoice(),
        says="due",
        lists="B",
    )


def test_acc_21_one_consolidated_email_at_the_highest_level():
    expect(
        invoice("A", 100, overdue=30),
        invoice("B", 50, overdue=14),
        invoice("C", 50, overdue=3),
        heard("A", friendly=27),
        sent("firm", 16, "A B"),
        says="due",
        step="final",
        lists="A B C",
    )


def test_acc_211_credit_notes_have_no_place_in_the_process():
    expect(
        invoice("A", 100, overdue=30),
        credit("C", 100),
        says="nothing_left",
        A="nothing_left",
        C="credit",
    )


def test_or_unallocated_payments_are_only_warned_about():
    again = send(
        planned("friendly", 0, "A"),
        invoice("A", 100, overdue=5),
        payment("P", 100),
    )
    assert (again.action, again.reason) == ("skip", Reason.NOTHING_LEFT)


def test_or_no_minimum_amount():
    expect(invoice("A", 0.5, overdue=9), plan=plan(min_amount=5), says="below_minimum")


def test_invoice_ninja_1693_twenty_two_copies_of_one_reminder():
    """Planned once, it is not planned again, however often anyone asks."""
    item = Item(1, 1, TODAY.replace(day=1), 100.0, 100.0, 1)
    history = []
    for _run in range(22):
        customer = Customer(1, 1, [item], history)
        found = decide(Case(customer, STANDARD, Company(1), TODAY))
        if found.reason is Reason.DUE:
            history.append(Past(1, "planned", TODAY, FRIENDLY.id, 0, 3, (1,)))
    assert len(history) == 1


def test_akaunting_259_a_paid_invoice_is_reminded():
    for state in ("paid", "in_payment", "reversed"):
        expect(
            invoice("A", 100, overdue=9, payment_state=state),
            says="nothing_open",
            A="settled",
        )


def test_qbo_invoices_from_before_switching_on_are_chased():
    started = plan(start=TODAY.replace(month=1, day=1))
    expect(invoice("A", 100, overdue=900), plan=started, says="before_start")


def test_xero_missed_days_are_never_caught_up():
    """Late is better than never, unless the plan says how late is too late."""
    expect(invoice("A", 100, overdue=5), says="due", step="friendly")
    expect(invoice("A", 100, overdue=5), plan=plan(catch_up=1), says="missed")


def test_invoiced_362217_a_promise_to_pay_does_not_pause():
    expect(invoice("A", 100, overdue=40), promise(due_in=2), says="promised", date=3)
    expect(
        invoice("A", 100, overdue=40),
        promise(due_in=-1, owed=100),
        says="due",
        remarks="promise_broken",
    )


def test_switching_on_late_jumps_to_the_final_notice():
    """What most of them do: the days overdue choose the level."""
    for steps in (LADDER, (FRIENDLY, FIRM), (FIRM, FINAL)):
        found = case("", invoice("A", 100, overdue=365), plan=plan(steps))
        first = steps[0]
        assert decide(found.story.case(found.plan)).step is first
