"""The judge of `dev/bench faults` does not call good what it has not seen."""

import pytest
from campaign.verdict import FAULTS, Verdict

SENT = ("one@x.example", 1, "sent", None, 0, None, "09:00")


def row(**values):
    names = ("email", "id", "state", "reason", "position", "retry_at", "handed_at")
    return tuple({**dict(zip(names, SENT, strict=True)), **values}.values())


def test_all_is_well():
    found = Verdict([SENT], [("one@x.example",)], 1)
    assert found.is_good
    assert not any(getattr(found, fault) for fault in FAULTS)


@pytest.mark.parametrize(
    ("rows", "times", "fault"),
    [
        ([], 1, "missing"),
        ([SENT], 2, "duplicates"),
        ([SENT], 0, "lost"),
        ([row(state="sending")], 1, "lost"),
        ([row(state="skipped", reason="settled")], 1, "lost"),
        ([row(state="failed")], 0, "lost"),
        ([row(state="planned", reason="busy")], 0, "waiting"),
        ([row(state="unknown", handed_at=None)], 0, "certain"),
        ([row(position=1)], 1, "escalated"),
    ],
)
def test_what_is_not_well(rows, times, fault):
    found = Verdict(rows, [("one@x.example",)] * times, 1)
    assert getattr(found, fault)
    assert not found.is_good
