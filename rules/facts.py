"""The facts that a decision rests on.

Plain values. The planner gathers them for all customers at once; a
:class:`~.case.Case` is about one customer. Everything per item is a ``NamedTuple``, so
that a row of SQL becomes one with ``Item._make(row)``.

Days are :class:`datetime.date` in the plan's time zone. Amounts are what Odoo
stores (``float``); sums are exact to the sixth decimal whatever their order.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .shares import Whole

#: Modes of a plan.
BY_CUSTOMER = "by_customer"
BY_INVOICE = "by_invoice"
RECAP = "recap"

#: Channels of a step, of a follow-up and of a decision.
EMAIL = "email"
TODO = "todo"

#: States of the mailbox that would send.
CONNECTED = "connected"
ERROR = "error"  # plans go on, follow-ups wait in the ledger
DISCONNECTED = "disconnected"  # none at all, or not yet approved
#: The states of a mailbox that somebody has connected.
IN_SERVICE = (CONNECTED, ERROR)

#: What a person meant by skipping a follow-up.
SKIP_ONCE = "once"  # not now: propose the same step again after the gap
SKIP_STEP = "step"  # this step is done without an email: go on with the next

#: The state of a follow-up that a person reads first.
TO_REVIEW = "to_review"

#: The state of one of which nobody knows whether it was sent.
UNKNOWN = "unknown"

#: A customer's follow-ups of these states are under way: no second one.
OPEN_STATES = frozenset((TO_REVIEW, "planned", "sending"))


class Item(NamedTuple):
    """One open receivable journal item (an instalment, a credit, a payment)."""

    line_id: int
    move_id: int
    due: dt.date
    residual: float  #: still open, in its own currency; negative: we owe it
    residual_company: float  #: the same, in the company's currency
    currency_id: int
    payment_state: str = "not_paid"  #: of its move, as Odoo keeps it
    no_followup: bool = False
    disputed: bool = False
    #: Accounting date of its move: what came after a promise was made.
    booked: dt.date | None = None
    #: Not to be chased before this day: the day on which a dispute was resolved,
    #: or the day after a pause of this one invoice.
    resume_on: dt.date | None = None
    #: Of a payment or a bank transaction, not of an invoice.
    is_payment: bool = False
    #: The customer has it from Odoo; of credits, payments and entries always True.
    #: False: never sent, reset to draft since, or refused by the e-invoicing network.
    sent: bool = True
    #: Of one that is not sent: its company did not send by Odoo yet when it was made,
    #: so the customer has it from elsewhere.
    sent_otherwise: bool = False
    sent_on: dt.date | None = None  #: when it was sent, if that was noted
    #: Numbers of the money (of journal items) in spite of which a person has said that
    #: this is chased; None: of none.
    despite: Sequence[int] | None = None
    #: The contact that hears about it; None: whoever hears about the customer's own.
    addressee: int | None = None
    #: Paid by money that no journal item shows yet (:mod:`.underway`): the residuals
    #: are without it.
    under_way: float = 0.0
    online: bool = False  #: some of that is an online payment that may still fail
    #: When a bank transaction came that is probably its payment, and its number.
    came_on: dt.date | None = None
    came_by: int | None = None


class Past(NamedTuple):
    """One follow-up of the ledger, for this customer: the past and the open one."""

    id: int
    state: str  #: of the ledger: to_review, planned, sending, sent, unknown, …
    on: dt.date  #: sent / attempted / skipped on; planned for
    #: None: composed by hand without a step; else a step that was deleted since.
    step_id: int | None
    position: int = 0  #: the step's rank in its plan at that time, from 0
    days: int = 0  #: the step's days at that time
    line_ids: tuple[int, ...] = ()  #: the items that it asked for
    #: How it left: an email counts for the gap, a to-do not. Of the one about to be
    #: sent: how it is to go, if there is an address.
    channel: str = EMAIL
    by_hand: bool = False  #: a person chose step and items in the composer
    skip: str | None = None  #: SKIP_ONCE / SKIP_STEP by a person; None: by re-check
    #: Of its items those of which a person was told that they have had every step.
    told: tuple[int, ...] = ()
    addressee: int | None = None  #: the contact it went to; None: as of an item
    approved: bool = False  #: of one that has not left: a person has read it, and
    at_once: bool = False  #: wants it sent now

    def is_email_of(self, day: dt.date) -> bool:
        """Whether it has left as an email on this day."""
        return self.state == "sent" and self.channel == EMAIL and self.on == day


class Instruction(NamedTuple):
    """What a person has said of a follow-up that is about to be sent."""

    #: They have read it: it is never too late any more, and keeps to the plan's days.
    approved: bool = False
    #: *Send now*: it is not asked again whether it is time.
    at_once: bool = False
    on: dt.date | None = None  #: when they wanted it, if they composed it by hand
    known: tuple[str, ...] = ()  #: the reasons against it that they knew of
    #: From this day on it was free to go, and has not; None: it does not matter.
    since: dt.date | None = None


class Promise(NamedTuple):
    """The customer will pay ``amount`` until a day, the day included."""

    until: dt.date
    made_on: dt.date
    amount: float | None = None  #: in company currency; None: all of it
    line_ids: tuple[int, ...] = ()  #: the items promised; empty: all, always
    #: What was left of these items (of all, if empty) when it was made, in company
    #: currency: :func:`~.promises.left_of`. It is kept when ``amount`` less is left.
    owed: float = 0.0


class Customer(NamedTuple):
    """One customer of one unit (a company, or a branch with its parent's plan).

    Or the share of it that one addressee hears about (:mod:`.shares`).
    """

    id: int
    unit: int  #: the company whose plan and mailbox are used
    items: Sequence[Item]  #: in any order
    history: Sequence[Past] = ()  #: in any order
    excluded: bool = False
    answered: bool = False  #: a reply came that nobody has dealt with
    reachable: bool = True  #: there is an email address that does not bounce
    #: That day included; from the year 9000 on: until further notice.
    paused_until: dt.date | None = None
    promises: Sequence[Promise] = ()  #: the broken ones included
    #: Line ids, for the re-check: open, and another unit's by now.
    elsewhere: frozenset[int] = frozenset()
    own_plan: bool = False  #: its plan was chosen for this customer
    plan_rule: int | None = None  #: the rule by which it has it; None: the company's
    handed_over: bool = False  #: a lawyer, say, collects what is owed
    addressee: int | None = None  #: the contact that hears about it; None: its own
    whole: "Whole | None" = None  #: what it is a share of; None: there are no others

    @property
    def contact(self) -> int:
        """Whom it is about: the contact that hears by itself, else the customer."""
        return self.addressee or self.id


class Step(NamedTuple):
    """One step of a plan."""

    id: int
    days: int  #: after the due date of an item; negative: before it
    channel: str = EMAIL
    review: bool = False  #: a person looks at it before it goes


class Recap(NamedTuple):
    """When a statement goes out: give one of the three."""

    every: int | None = None  #: days since the last one
    weekday: int | None = None  #: 0 Monday … 6 Sunday
    monthday: int | None = None  #: 1 … 31; a shorter month: its last day
    not_due: bool = False  #: lists what is open and not yet due, too


class Company(NamedTuple):
    """What holds for all customers of a unit today."""

    id: int
    mailbox: str = CONNECTED  #: CONNECTED, ERROR or DISCONNECTED
    bank_stale: bool = False  #: bank journals are further behind than allowed
    started: bool = True  #: somebody has seen what would go, and let it begin
    #: Until then, that day included, a person reads each email before it goes.
    read_first_until: dt.date | None = None
