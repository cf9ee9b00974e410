"""What is said of a plan that was tried on the past."""

from enum import Enum

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class Empty(str, Enum):
    """Why no follow-up at all would have left."""

    NO_STEPS = "no_steps"
    BEFORE_BOOKS = "before_books"
    STARTS_LATER = "starts_later"
    NOBODY = "nobody"
    NOTHING_DUE = "nothing_due"


EMPTY = {
    Empty.NO_STEPS: _lt("Nothing would have gone: the plan has no steps."),
    Empty.BEFORE_BOOKS: _lt(
        "Nothing would have gone: nothing was invoiced before the end of these days."
    ),
    Empty.STARTS_LATER: _lt(
        "Nothing would have gone: the plan chases only what is due after these days."
    ),
    Empty.NOBODY: _lt(
        "Nothing would have gone: nobody who has this plan owed anything on these days."
    ),
    Empty.NOTHING_DUE: _lt(
        "Nothing would have gone: customers had paid before a step was due, or the "
        "plan leaves out what they owed."
    ),
}
STATES = [
    ("waiting", "Waiting"),
    ("running", "Under way"),
    ("done", "Done"),
    ("stopped", "Stopped"),
    ("failed", "Failed"),
]
#: How the plan was that was tried.
BASES = [
    ("saved", "As it was saved"),
    ("changed", "With changes that were not saved"),
    ("new", "A new plan that was not saved"),
]
PERIODS = [
    ("3", "The last 3 months"),
    ("6", "The last 6 months"),
    ("12", "The last 12 months"),
    ("24", "The last 24 months"),
    ("days", "Other days"),
]
KINDS = [
    ("would", "Would have gone"),
    ("unreminded", "Never reminded, and paid late"),
]
