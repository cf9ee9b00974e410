"""What would go in the next two weeks, if follow-ups were started now."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from ...rules import EMAIL, OPEN_STATES, Reason
from ...rules.credits import company_total
from ...rules.facts import TO_REVIEW
from ..followup.byhand import foreign_lines
from .decisions import decide_all
from .supposed import Supposed
from .units import Units

DAYS = 14
ONE_DAY = timedelta(days=1)


class First(NamedTuple):
    """The first follow-up of one customer, or of one of its contacts."""

    day: object  #: date on which it goes
    customer_id: int
    amount: float  #: in the company's currency
    is_email: bool
    is_read_first: bool


class Outlook(NamedTuple):
    """What would become of the customers of one company."""

    coming: dict  #: {day: list of :class:`First`, the highest amount first}
    older: int  #: how many customers owe what is left alone, because it is too old
    older_amount: float  #: how much that is, in the company's currency

    @property
    def all(self):
        """Everything that comes, by day."""
        return [each for its in self.coming.values() for each in its]


def outlook(env, company, start):
    """Decide as the planner will. Nothing is written.

    Told is the first follow-up of each, as far as it is known today: more will have
    fallen due by then, and some of it will be paid.

    :param env: the user's, for whom others' companies do not count.
    :param company: a ``res.company`` as a superuser's.
    :param start: a :class:`.units.Start`.
    :return: an :class:`Outlook`.
    """
    branches = company.search([("id", "child_of", company.ids)])
    supposed = Supposed({company.id: start}, chosen={company.id: start.plan})
    units = Units(company.env, branches, supposed=supposed)
    mine = [  # and those of branches with a plan of their own, by the same mailbox
        each
        for each in decide_all(units, brief=True)
        if each.unit.connector.company_id == company
    ]
    foreign = foreign_lines(env, mine)
    days = defaultdict(list)
    for each in filter(None, (_first(one, foreign, start) for one in mine)):
        days[each.day].append(each)
    for its in days.values():
        its.sort(key=lambda each: -each.amount)
    return Outlook(dict(sorted(days.items())), *_too_old(mine, foreign))


def _first(decided, foreign, start):
    """The :class:`First` of a customer; nothing if nothing goes in these days."""
    comes = decided.comes
    if comes is None or comes.day > decided.today + DAYS * ONE_DAY:
        return None
    is_email = comes.channel == EMAIL
    items = [item for item in comes.items if item.line_id not in foreign]
    credits = [each for each in comes.credits if each.line_id not in foreign]
    return items and First(
        comes.day,
        decided.customer.id,
        company_total(items, credits),
        is_email,
        is_email and (comes.is_read_first or _is_read_again(decided, start)),
    )


def _is_read_again(decided, start):
    """Whether one that is written already is read before it goes."""
    states = {past.state for past in decided.customer.history}
    if OPEN_STATES.isdisjoint(states):
        return False
    return bool(start.read_first_until) or TO_REVIEW in states


def _too_old(found, foreign):
    """How many customers owe something that was due before the start; and how much."""
    amounts = {}
    for decided in found:
        old = {
            standing.line_id
            for standing in decided.decision.standings
            if standing.reason is Reason.BEFORE_START
        } - foreign
        if old:
            its = [item for item in decided.customer.items if item.line_id in old]
            key = decided.customer.id
            amounts[key] = amounts.get(key, 0.0) + company_total(its, [])
    return len(amounts), sum(amounts.values())
