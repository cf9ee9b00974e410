"""A plan tried on days that are over: what would have left, to whom, about how much.

Nothing is written. Customers' behaviour stays as it was; the follow-ups are the
replay's own: before the first day the ledger's, as of its morning, and from then on
those that it would have sent itself.
"""

from typing import NamedTuple


class Would(NamedTuple):
    """A follow-up that would have left."""

    day: object  #: a date
    company_id: int  #: that would have sent it
    partner_id: int  #: the commercial partner
    contact_id: int  #: the contact that it would have gone to; the customer itself
    step: object  #: ``account.email.followup.step`` of the plan, perhaps unsaved
    channel: str  #: EMAIL or TODO
    amount: float  #: what it asks for less credits, in the company's currency
    lines: tuple  #: ids of the journal items that it asks for
    review: bool  #: a person would have read it first; it is taken as sent that day
    #: The day by which all that it asks for was settled, as the books have it; None:
    #: it is not.
    paid_on: object


class Unreminded(NamedTuple):
    """An item never reminded of, and settled more than 30 days after its due date."""

    company_id: int
    partner_id: int  #: the commercial partner
    line_id: int
    move_id: int
    due: object  #: a date
    paid_on: object  #: a date of the period
    amount: float  #: what was still open of it then, in the company's currency


class Replayed(NamedTuple):
    """What a plan would have done."""

    would: list  #: :class:`Would`, by day
    unreminded: list  #: :class:`Unreminded`
    customers: int  #: how many have the plan, and owed something in the period
    first: object  #: a date
    last: object  #: a date: never today, of which the books are not closed


def replay(units, unit, plan, first, last, partners=None, heard=None):
    """Replay a plan.

    :param units: :class:`..planning.units.Units`, of today, with *unit* among them.
    :param unit: the :class:`..planning.units.Unit` of whose customers.
    :param plan: ``account.email.followup.plan``: a stored one, for all who have it
        today; or a draft (:func:`..planning.draft.draft_of`), for all who have the one
        that it changes; or, of a new one, all whom the company chases by its own plan.
    :param first: the first day; *last*: the last, if that is over.
    :param partners: only these commercial partners (``res.partner``); all if None.
    :param heard: called now and then with (done, total) customers.
    :return: :class:`Replayed`.
    """
    raise NotImplementedError
