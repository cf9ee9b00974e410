"""Who is chased, with which step, and why not.

No Odoo, no I/O. A :class:`~.case.Case` is one customer, the plan and company that
chase, and a day. Of it, :func:`~.decide.decide` says what to do and why;
:func:`~.recheck.recheck` asks again just before sending, and
:func:`~.byhand.offer` says what a person may send instead.
Start reading at :mod:`.decide`.
"""

from .addressees import FOLLOWUPS, INVOICES, ITSELF, Contact, hearers
from .answers import Decision, Recheck, Standing
from .asking import ask_for
from .byhand import Offer, offer
from .calendar import Calendar, public_holidays
from .case import Case
from .decide import comes_next, decide
from .facts import (
    BY_CUSTOMER,
    BY_INVOICE,
    CONNECTED,
    DISCONNECTED,
    EMAIL,
    ERROR,
    IN_SERVICE,
    OPEN_STATES,
    RECAP,
    SKIP_ONCE,
    SKIP_STEP,
    TODO,
    Company,
    Customer,
    Instruction,
    Item,
    Past,
    Promise,
    Recap,
    Step,
)
from .interest import Before, Charged, LateFee, Terms, interest, late_fees, totals
from .late_payment import Law, Reference, law_of, laws
from .plan import Plan
from .reasons import Reason
from .recheck import REVIEW, SEND, SKIP, WAIT, recheck
from .shares import Whole, shares

__all__ = [
    "BY_CUSTOMER",
    "BY_INVOICE",
    "CONNECTED",
    "DISCONNECTED",
    "EMAIL",
    "ERROR",
    "FOLLOWUPS",
    "INVOICES",
    "IN_SERVICE",
    "ITSELF",
    "OPEN_STATES",
    "RECAP",
    "REVIEW",
    "SEND",
    "SKIP",
    "SKIP_ONCE",
    "SKIP_STEP",
    "TODO",
    "WAIT",
    "Before",
    "Calendar",
    "Case",
    "Charged",
    "Company",
    "Contact",
    "Customer",
    "Decision",
    "Instruction",
    "Item",
    "LateFee",
    "Law",
    "Offer",
    "Past",
    "Plan",
    "Promise",
    "Reason",
    "Recap",
    "Recheck",
    "Reference",
    "Standing",
    "Step",
    "Terms",
    "Whole",
    "ask_for",
    "comes_next",
    "decide",
    "hearers",
    "interest",
    "late_fees",
    "law_of",
    "laws",
    "offer",
    "public_holidays",
    "recheck",
    "shares",
    "totals",
]
