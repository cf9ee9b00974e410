"""Keeps what the planner knew and wrote, and compares it with what the books remember.

At the end of the year, the books are asked about every day of it. Wherever they say
something else than was written on that day, the facts as the planner had them say why:
with the least that the books have forgotten put back, the rules say what was written.
What is put back is of the kinds of :class:`Forgotten`, and only where the year itself
has noted it: what was reconciled later than it is dated, what nobody knew at that hour.
"""

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations

from ...engine.planning.units import Units
from ...engine.replay.asking import chasers
from ...engine.replay.books import Books, undisturbed
from ...engine.replay.walk import replay
from ...rules import Case, Reason, decide, shares
from ...rules.asof import Forgotten, Moment

HOUR = "hour"  # a day has no hours: it was planned between two bookings of it
RESOLVED = "resolved"  # a follow-up was tried, and tried again since
#: What a customer's fields are about.
OF_CUSTOMER = {
    Forgotten.PAUSE: ("paused_until",),
    Forgotten.ANSWER: ("answered",),
    Forgotten.MARKS: ("excluded",),
    Forgotten.ADDRESS: ("reachable",),
    Forgotten.TAKEN_BACK: ("handed_over",),
    Forgotten.WITHDRAWN: ("promises",),
}
#: What an item's are about, besides its money.
OF_ITEM = {
    Forgotten.PAUSE: ("resume_on",),
    Forgotten.DISPUTE: ("disputed", "resume_on"),
    Forgotten.MARKS: ("no_followup", "despite"),
    Forgotten.TERMS: ("due",),
    Forgotten.SENT: ("sent", "sent_on", "sent_otherwise"),
    Forgotten.ADDRESS: ("addressee",),
}
OF_COMPANY = {
    Forgotten.OUTAGE: ("mailbox", "started", "read_first_until"),
    Forgotten.BANK_AGE: ("bank_stale",),
}
KINDS = [*Forgotten, HOUR, RESOLVED]
#: What was reconciled, and what stands on customers' accounts: (is it a
#: reconciliation, its id, its items, its day).
BOOKED = """
    SELECT TRUE, id, ARRAY[debit_move_id, credit_move_id], max_date
      FROM account_partial_reconcile
    UNION ALL
    SELECT FALSE, line.id, ARRAY[line.id], line.date
      FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id
     WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
"""


class Witness:
    """Of one company.

    :param case: the test, with its company.
    """

    def __init__(self, case):
        self.case, self.company = case, case.company
        self.known = defaultdict(list)  # customer → [(number of the planning, facts)]
        self.companies = []  # of each planning: its day, and what holds for the company
        self.written = defaultdict(set)  # (day, whom) → what was written
        self.booked = {}  # what has been seen in the books
        # Line → [(dated, first planning that saw it)] of what was booked later.
        self.late = defaultdict(list)
        self.otherwise = defaultdict(list)  # customer → [(day, why)]
        self.counts, self.unexplained = Counter(), []

    # -- in the year ------------------------------

    def planning(self, decided, today):
        """The planner is about to plan, and knows this (list of ``Decided``)."""
        number = len(self.companies)
        facts = decided[0].facts if decided else self.companies[-1][1]
        self.companies.append((today, facts))
        customers = {
            each.customer.id: _whole(each.customer) for each in decided
        } | dict.fromkeys(self.known.keys() - {each.customer.id for each in decided})
        for id_, customer in customers.items():
            mine = self.known[id_]
            if not mine or mine[-1][1] != customer:
                mine.append((number, customer))
        self._look_at_books(number, today)

    def has_written(self, rows, today):
        for row in rows:
            lines = row.line_ids.filtered(lambda line: line.state == "chased")
            said = row.step_id.id, row.channel, frozenset(lines.mapped("move_line_ref"))
            whom = row.partner_id.id, row.addressee_id.id or None
            self.written[today, whom].add((len(self.companies) - 1, said))

    def _look_at_books(self, number, today):
        self.case.env.flush_all()
        self.case.env.cr.execute(BOOKED)
        for is_part, id_, lines, on in self.case.env.cr.fetchall():
            key = is_part, id_
            if key in self.booked:
                continue
            self.booked[key] = today
            if on < today:
                for line in lines:
                    self.late[line].append((on, number))

    # -- at its end ------------------------------

    def testify(self, first, last):
        """Compare each day, and count what is different, by what explains it."""
        env = self.case.env(su=True)
        self.books = Books(Units(env, self.company), None, first)
        self.gone = self._gone(env)
        day = first
        while day <= last:
            self._compare(day)
            day += dt.timedelta(days=1)
        return self.counts

    def _gone(self, env):
        """(day, whom) of what had been written before the day, and has gone on it."""
        rows = env["account.email.followup"].search(
            [("company_id", "=", self.company.id), ("done_on", "!=", False)]
        )
        return {
            (row.done_on, (row.partner_id.id, row.addressee_id.id or None))
            for row in rows
            if row.planned_date < row.done_on
        }

    def _compare(self, day):
        numbers = [n for n, (on, _facts) in enumerate(self.companies) if on == day]
        moments = Moment.morning(day), Moment.booked(day)
        said = [self._said(moment) for moment in moments]
        wrote = {whom for on, whom in self.written if on == day}
        for whom in wrote.union(*said):
            nothing = {(number, None) for number in numbers}
            was = self.written.get((day, whom), nothing)
            told = [each.get(whom) for each in said]
            for number, what in was:
                self.counts["days"] += 1
                if what != told[0]:
                    self.otherwise[whom[0]].append((day, HOUR))
                if what in told:
                    self.counts["the same"] += 1
                elif what is None and (day, whom) in self.gone:
                    self.counts["written before, gone that day"] += 1
                else:
                    why = self._explain(whom, what, number, moments)
                    self.counts[f"otherwise: {why}"] += 1
                    self.otherwise[whom[0]].append((day, why))
                    if why is None:
                        self.unexplained.append((day, whom, what, told))

    # -- the replay, which goes on from what it has sent itself ----------------------

    def replay(self, first, last):
        """Compare what the plans that were in force would have sent with what has left.

        From the first day on which it is otherwise, all that follows is: of each
        customer, that day is explained.
        """
        env = self.case.env(su=True)
        would = defaultdict(set)
        for plan in Units(env, self.company).plans.active:
            units, unit = chasers(env, env, self.company, plan)
            for each in replay(units, unit, plan, first, last).would:
                said = each.day, each.contact_id, each.step.id, each.channel
                would[each.partner_id].add(said)
        left, troubles = self._left(env)
        for id_ in self.known:
            other = would[id_] ^ left[id_]
            if not other:
                self.counts["replayed the same"] += 1
                continue
            day, *_said = min(other)
            reasons = sorted(
                (on, str(why))
                for on, why in self.otherwise[id_] + troubles[id_]
                if on <= day
            )
            why = None
            if reasons:
                on, why = reasons[-1]
                why += "" if on == day else ", some time before"
            self.counts[f"replayed otherwise: {why}"] += 1
            if why is None:
                self.unexplained.append((day, id_, sorted(other)[:3]))
        return self.counts

    def _left(self, env):
        """{customer: what has left}, and {customer: [(day, what happened to it)]}."""
        left, troubles = defaultdict(set), defaultdict(list)
        for row in env["account.email.followup"].search(
            [("company_id", "=", self.company.id)], order="id"
        ):
            who = row.addressee_id.id or row.partner_id.id
            said = row.done_on, who, row.step_id.id, row.channel
            mine = troubles[row.partner_id.id]
            if row.state == "sent":
                left[row.partner_id.id].add(said)
            else:
                mine.append((row.planned_date, row.state))
            if row.done_on and row.done_on > row.planned_date:
                mine.append((row.planned_date, "left later"))
            if row.line_ids.filtered(lambda line: line.state == "dropped"):
                mine.append((row.planned_date, "dropped when it left"))
        return left, troubles

    def _said(self, moment):
        """{whom: what is due}, as the books have it."""
        return {
            (each.customer.id, each.customer.addressee): _what(each.decision)
            for each in self.books.decided(moment)
            if each.decision.reason is Reason.DUE
        }

    def _explain(self, whom, what, number, moments):
        """The fewest kinds of things with which the rules say what was written."""
        real = self._known(whom[0], number)
        today, company = self.companies[number]
        for size in (1, 2, 3):
            for moment in moments:
                unit, plan, then = self._then(whom[0], moment)
                put_back = PutBack(self, real, then, company, unit, number, moments)
                rules = self.books._plan(unit, plan, moment)
                kinds = [kind for kind in KINDS if put_back.differs(kind)]
                for some in combinations(kinds, min(size, len(kinds))):
                    customer, facts = put_back.all_of(some)
                    found = _due(customer, rules, facts, today, whom[1])
                    if found == what and some:
                        return " and ".join(sorted(map(str, some)))
        return None

    def _known(self, customer_id, number):
        found = None
        for since, customer in self.known[customer_id]:
            if since <= number:
                found = customer
        return found

    def changed(self, customer_id, moments):
        """The items that are others at one of the moments than at the other."""
        one, other = (
            {item.line_id: item for item in self._then(customer_id, moment)[2].items}
            for moment in moments
        )
        every = one.keys() | other.keys()
        return {line for line in every if one.get(line) != other.get(line)}

    def _then(self, customer_id, moment):
        for key in self.books.keys:
            if key[1] == customer_id:
                return self.books.customer(key, moment)
        raise AssertionError(f"The books know nothing of {customer_id}.")


class PutBack:
    """What the books have forgotten of a customer, put back kind by kind."""

    def __init__(self, witness, real, then, company, unit, number, moments):
        self._witness, self._number = witness, number
        self._then, self._company = _whole(then), company
        self._real = real or self._then._replace(items=())
        self._facts = undisturbed(unit)
        self._hours = witness.changed(then.id, moments)
        self._items = {item.line_id: item for item in self._real.items}

    def differs(self, kind):
        return self.all_of([kind]) != (self._then, self._facts)

    def all_of(self, kinds):
        """(customer, company) with these put back."""
        customer, facts = self._then, self._facts
        for kind in kinds:
            for name in OF_CUSTOMER.get(kind, ()):
                customer = customer._replace(**{name: getattr(self._real, name)})
            for name in OF_COMPANY.get(kind, ()):
                facts = facts._replace(**{name: getattr(self._company, name)})
            customer = customer._replace(
                items=self._items_with(kind, customer.items),
                history=self._history_with(kind, customer.history),
            )
        return customer, facts

    def _items_with(self, kind, items):
        mine = {item.line_id: item for item in items}
        found = [
            self._item_with(kind, mine.get(line), self._items.get(line))
            for line in sorted(mine.keys() | self._items.keys())
        ]
        return [item for item in found if item]

    def _item_with(self, kind, then, real):
        if kind == self._of_money(then, real):
            return real and (then or real)._replace(
                residual=real.residual,
                residual_company=real.residual_company,
                payment_state=real.payment_state,
                under_way=real.under_way,
                online=real.online,
                came_on=real.came_on,
                came_by=real.came_by,
            )
        if then and real:
            names = OF_ITEM.get(kind, ())
            then = then._replace(**{name: getattr(real, name) for name in names})
        return then

    def _of_money(self, then, real):
        """Of which kind it is that its money is another one, if the year noted it."""
        line = (then or real).line_id
        if then and real and "blocked" in (then.payment_state, real.payment_state):
            return Forgotten.MARKS
        if real and real.online:
            return Forgotten.ONLINE
        today, _company = self._witness.companies[self._number]
        if any(
            on <= today and self._number < seen for on, seen in self._witness.late[line]
        ):
            return Forgotten.ENTERED
        return HOUR if line in self._hours else None

    def _history_with(self, kind, history):
        """With those follow-ups that were tried again, or looked at, since."""
        states = {Forgotten.UNCERTAIN: ("unknown",), RESOLVED: ("failed",)}.get(kind)
        if not states:
            return history
        real = {past.id: past for past in self._real.history if past.state in states}
        rest = [past for past in history if past.id not in real]
        return [*rest, *real.values()]


def _whole(customer):
    """The customer of whom this is a share; its items always in one order."""
    whole = customer.whole.customer if customer.whole else customer
    return whole._replace(
        items=sorted(whole.items), history=sorted(whole.history, key=lambda p: p.id)
    )


def _due(customer, rules, facts, today, addressee):
    """What is due to one addressee of a customer, or None."""
    for share in shares(customer):
        if share.addressee == addressee:
            decision = decide(Case(share, rules, facts, today))
            return _what(decision) if decision.reason is Reason.DUE else None
    return None


def _what(decision):
    lines = frozenset(item.line_id for item in decision.items)
    return decision.step.id, decision.channel, lines
