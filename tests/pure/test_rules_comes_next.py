"""Of the instalments of an invoice, the one is told that comes next."""

import datetime as dt

import pytest
from account_email_connector.rules import Reason, Standing, comes_next

SOON, LATER = dt.date(2026, 7, 1), dt.date(2026, 8, 1)
CASES = {
    "the first is paid": ("settled", "not_overdue@later", 2),
    "the first had every step": ("all_steps_done", "not_overdue@later", 2),
    "the first is covered by a credit": ("nothing_left", "not_yet@soon", 2),
    "both are overdue, the younger one comes first": ("not_yet@later", "due@soon", 2),
    "one waits for a person": ("outcome_unknown", "not_overdue@soon", 1),
    "the same day": ("next_followup@soon", "next_followup@soon", 1),
}


def _standing(number, said):
    reason, _at, day = said.partition("@")
    date = {"soon": SOON, "later": LATER}.get(day)
    return Standing(number, Reason(reason), None, date)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case):
    first, second, wanted = case
    found = comes_next([_standing(1, first), _standing(2, second)])
    assert found.line_id == wanted
