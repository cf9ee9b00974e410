"""One case: a customer, the plan and the company that chase, and a day."""

import datetime as dt
from collections.abc import Iterable, Sequence

from .credits import Net
from .facts import Company, Customer, Item, Past
from .history import Memory, remember
from .items import SortedItems
from .ladder import Ladder
from .lazy import lazy
from .plan import NO_PLAN, Plan


class Case:
    """What is known about one customer on one day, and what follows from it.

    The open items are told apart at once, for every question begins with them. The rest
    is worked out when somebody asks: a customer who is never chased needs no ladder.

    :param customer: with all its open items.
    :param plan: the one that applies, or None.
    :param company: the one that chases.
    :param today: the day in the plan's time zone, or a coming day on today's facts.
    :param brief: nobody wants to know what is said of what may be chased, item by item:
        whoever plans for thousands only asks what goes, and what needs a person.
    :ivar sorted: the open items, told apart (:class:`~.items.SortedItems`).
    """

    def __init__(
        self,
        customer: Customer,
        plan: Plan | None,
        company: Company,
        today: dt.date,
        brief: bool = False,
    ) -> None:
        self.customer = customer
        self.plan = plan or NO_PLAN
        self.company = company
        self.today = today
        self.brief = brief
        self.sorted = _tell_apart(customer, self.plan, today)

    @lazy
    def net(self) -> Net:
        """The chaseable items after the credits have paid the oldest of them."""
        return Net(self.sorted.chaseable, self.sorted.credits)

    @property
    def unused(self) -> list[Item]:
        """The customer's credits that are left when all that is chased is paid."""
        return [*self.net.unused, *self.sorted.others_money]

    def net_for(self, items: Sequence[Item]) -> Net:
        """The same, when a person asks for some that are not chased: credits that are
        taken to pay those are listed with them."""
        extra = {item.line_id for item in items if self.sorted.is_unchased(item)}
        if not extra:
            return self.net
        return Net(self.sorted.chaseable, self.sorted.credits_for(extra))

    @lazy
    def ladder(self) -> Ladder:
        """Which step an item comes to next."""
        memory = remember(self.customer, self.plan)
        resumed = self.sorted.promises.resumed
        return Ladder(self.plan, memory, self.customer, resumed, self.today)

    @property
    def memory(self) -> Memory:
        """What the customer has heard already."""
        return self.ladder.memory

    def on(self, day: dt.date, brief: bool = False) -> "Case":
        """The same on another day."""
        return Case(self.customer, self.plan, self.company, day, brief)

    def with_history(self, history: Iterable[Past]) -> "Case":
        """The same, had there been only these follow-ups."""
        customer = self.customer._replace(history=tuple(history))
        return Case(customer, self.plan, self.company, self.today)

    def with_plan(self, plan: Plan) -> "Case":
        """The same by another plan."""
        return Case(self.customer, plan, self.company, self.today)


def _tell_apart(customer: Customer, plan: Plan, today: dt.date) -> SortedItems:
    if customer.whole:
        return customer.whole.part(customer.addressee, plan, today)
    return SortedItems(customer, plan, today)
