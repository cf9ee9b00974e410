"""What a part of the tests found."""

from dataclasses import dataclass, field


@dataclass
class Results:
    """Counts of one part; parts are added up with `+`.

    :ivar passed: how many tests passed
    :ivar failed: the names of those that failed, and of other errors
    :ivar skipped: the names of skipped tests, with the reason
    """

    passed: int = 0
    failed: list = field(default_factory=list)
    skipped: list = field(default_factory=list)

    def __add__(self, other):
        return Results(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    @property
    def ok(self):
        """Whether tests ran, and all of them passed."""
        return bool(self.passed) and not self.failed and not self.skipped

    def __str__(self):
        return (
            f"{self.passed} passed, {len(self.failed)} failed, "
            f"{len(self.skipped)} skipped"
        )
