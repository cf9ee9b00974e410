"""What is said of a day in the past, beside what the rules say of it."""

from enum import Enum, auto

from odoo.tools.translate import LazyTranslate

from ..rules.asof import Forgotten

_lt = LazyTranslate(__name__)


class Agrees(Enum):
    """Whether it is what happened."""

    DUE_AND_WENT = auto()
    NOTHING_AND_NOTHING = auto()
    DUE_AND_NOTHING = auto()
    DUE_AND_LESS = auto()  # not to each contact
    DUE_AND_ANOTHER = auto()  # another step, another way, or to somebody else
    DUE_AND_LATER = auto()
    DUE_AND_SKIPPED = auto()
    DUE_AND_FAILED = auto()
    DUE_AND_WAITS = auto()
    DUE_AND_BY_HAND = auto()
    NOTHING_AND_WENT = auto()
    NOTHING_AND_WRITTEN = auto()
    BY_HAND = auto()


AGREES = {
    Agrees.DUE_AND_WENT: _lt("That is what the plan says."),
    Agrees.NOTHING_AND_NOTHING: _lt("That is what the plan says."),
    Agrees.DUE_AND_NOTHING: _lt(
        "By today's plan one was due. Something stood in the way that the books do not "
        "remember, or the plan was another one."
    ),
    Agrees.DUE_AND_LESS: _lt("By today's plan one more was due, to another contact."),
    Agrees.DUE_AND_ANOTHER: _lt(
        "By today's plan another one was due: another step, in another way, or to "
        "somebody else."
    ),
    Agrees.DUE_AND_LATER: _lt("By today's plan one was due that day. It left later."),
    Agrees.DUE_AND_SKIPPED: _lt("By today's plan one was due. It was skipped."),
    Agrees.DUE_AND_FAILED: _lt("By today's plan one was due. It could not be sent."),
    Agrees.DUE_AND_WAITS: _lt("By today's plan one was due. It has not left yet."),
    Agrees.DUE_AND_BY_HAND: _lt(
        "A person wrote it by hand. By today's plan one was due."
    ),
    Agrees.NOTHING_AND_WRITTEN: _lt(
        "By today's plan none was due, and none left on this day."
    ),
    Agrees.NOTHING_AND_WENT: _lt(
        "By today's plan none was due. The books of that day have changed since, or "
        "the plan was another one."
    ),
    Agrees.BY_HAND: _lt("A person wrote it by hand: no plan was asked."),
}

#: What is left out, taken as it is today, and taken by its date.
LEFT_OUT = {
    Forgotten.PAUSE: _lt("A pause of the customer, or of an invoice"),
    Forgotten.DISPUTE: _lt("A dispute that is over"),
    Forgotten.ANSWER: _lt(
        "An answer that was dealt with since, unless another one waits"
    ),
    Forgotten.WITHDRAWN: _lt("A promise that was archived"),
    Forgotten.TAKEN_BACK: _lt("That the customer was handed over, and taken back"),
    Forgotten.OUTAGE: _lt("A mailbox that was out of order, or not started yet"),
    Forgotten.BANK_AGE: _lt("How old the bank statements were"),
    Forgotten.ONLINE: _lt("An online payment that was under way, and is over"),
    Forgotten.UNCERTAIN: _lt("That a follow-up was perhaps sent, until it was known"),
    Forgotten.DELETED: _lt("Entries and reconciliations that were undone since"),
}
AS_TODAY = {
    Forgotten.PLAN: _lt("The plan: its steps, days and rules, and who has it"),
    Forgotten.TERMS: _lt("Due dates"),
    Forgotten.MARKS: _lt("Marks: never chased, no follow-ups, blocked for payment"),
    Forgotten.ADDRESS: _lt("Contacts and their email addresses"),
    Forgotten.SENT: _lt("That an invoice was sent, if the day was not noted"),
}
BY_DATE = {
    Forgotten.ENTERED: _lt(
        "Entries and payments count from their date, also if they were entered later"
    ),
}
