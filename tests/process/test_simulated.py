"""A sample of the stories in simulated time: `dev/bench simulate` lives many more."""

import pytest
from benches import simulate

SEEDS = range(1, 81)


@pytest.fixture(scope="module")
def found(box):
    return simulate.simulated(box, box.database(), SEEDS)


def test_each_story_ends_well(found, say):
    say(
        f"Simulated time: {found['seeds']} stories, "
        f"{found['counts']['emails accepted']} emails accepted, "
        f"{len(found['failed'])} failed"
    )
    assert found["failed"] == {}


def test_the_stories_are_about_something(found):
    counts = found["counts"]
    kills = sum(times for what, times in counts.items() if what.startswith("kill"))
    lost = sum(times for what, times in counts.items() if what.startswith("lose"))
    assert min(kills, lost, counts["emails accepted"]) >= 20


def test_the_same_seed_is_the_same_story(box):
    """It is lived again by another process, after others or alone."""
    after_others = simulate.simulated(box, box.database(), range(7, 10), trace=True)
    alone = simulate.simulated(box, box.database(), range(9, 10), trace=True)
    assert after_others["traces"]["9"] == alone["traces"]["9"]
