"""The life of one customer's ledger, day by day, for the property tests.

Invoices fall due, are paid, in part or in full, credited, disputed; the customer is
paused, promises, answers; emails fail, or nobody knows; the mailbox is away. Each day
the planner's part is played: decide, write it down, re-check, send, write it down.
"""

import datetime as dt
from decimal import Decimal
from itertools import count as numbers
from random import Random

from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    EMAIL,
    RECAP,
    SKIP_ONCE,
    SKIP_STEP,
    TODO,
    Calendar,
    Case,
    Company,
    Customer,
    Item,
    Past,
    Plan,
    Promise,
    Reason,
    Recap,
    Step,
    decide,
    recheck,
)
from account_email_connector.rules.segments import (
    PlanRule,
    Segment,
    first_that_holds,
    overdue,
)
from account_email_connector.rules.underway import BANK, ONLINE, PAYMENT, Money, count
from hypothesis import strategies as st

START = dt.date(2026, 6, 1)
DAYS = 60
KEY = (1, 1)
RATES = {1: Decimal(1), 2: Decimal("0.5"), 3: Decimal("0.01")}
PAYABLE = ("not_paid", "partial")
HAPPENINGS = (
    # What happens often stands here often.
    ["invoice"] * 12
    + ["credit", "pay_out", "allocate", "pay", "pay", "pay_part", "pay_without_entry"]
    + ["dispute", "resolve", "resolve", "block", "no_followup", "promise", "pause"]
    + ["answer", "look", "look", "look", "write_by_hand", "skip_once", "skip_step"]
    + ["unsent", "unsent", "sent_otherwise", "send", "send", "reset"]
    + ["outage", "outage", "stale_bank", "stop", "stale_meanwhile", "stale_meanwhile"]
    + ["change_segment", "hand_over"]
    + ["send_money", "authorize", "authorize", "unmatched", "unmatched"]
    + ["end_money"] * 4
    + ["insist"] * 4
    + ["outage"] * 3
    + ["stale_bank"]
    + ["invoice"] * 4
)
LADDERS = [(3, 14, 30), (-7, 3, 14, 30), (-7, -1, 0, 5, 6), (0, 1, 2), (10,)]
RECAPS = [Recap(every=5), Recap(weekday=2), Recap(monthday=31, not_due=True)]


def some_days(number):
    return dt.timedelta(days=number)


@st.composite
def plans(draw, modes=(BY_CUSTOMER, BY_INVOICE, RECAP)):
    mode = draw(st.sampled_from(modes))
    days = (0,) if mode == RECAP else draw(st.sampled_from(LADDERS))
    call = draw(st.sampled_from([None, None, *days])) if mode != RECAP else None
    first_days = [START + some_days(number) for number in range(9)]
    return Plan(
        1,
        mode,
        [Step(n, d, TODO if d == call else EMAIL) for n, d in enumerate(days, 1)],
        only_sent=draw(st.sampled_from([True, True, False])),
        min_amount=draw(st.sampled_from([0.0, 0.0, 25.0])),
        min_gap=draw(st.sampled_from([0, 1, 3, 7])),
        catch_up=draw(st.sampled_from([None, None, 0, 3, 10])),
        start=draw(st.sampled_from([None, None, START])),
        calendar=Calendar(
            draw(st.sampled_from([(), (), range(5), range(5), (1,)])),
            draw(st.sets(st.sampled_from(first_days))),
        ),
        recap=draw(st.sampled_from(RECAPS)),
        grace=draw(st.integers(0, 2)),
        last_every=draw(st.sampled_from([0, 2, 5, 9])),
        last_times=draw(st.sampled_from([0, 1, 3])),
        bank_line_days=draw(st.sampled_from([0, 3, 7])),
    )


def ledgers(**options):
    """Ledgers with plans of all kinds (or of some ``modes``), and what happens.

    A few chosen happenings, which hypothesis can make simpler, and many random ones.
    """
    happening = st.tuples(
        st.integers(0, DAYS - 1),
        st.sampled_from(HAPPENINGS),
        st.integers(0, 7),
        st.integers(-40, 20),
        st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100),
    )
    ends = st.sampled_from(["sent"] * 5 + ["failed", "unknown"])
    return st.builds(
        Ledger,
        plans(**options),
        st.builds(
            lambda chosen, busy, seed: chosen + random_happenings(busy, Random(seed)),
            st.lists(happening, max_size=12),
            st.sampled_from([0] + [80] * 9),
            st.integers(0, 2**32),
        ),
        st.lists(ends, max_size=8),
    )


@st.composite
def rule_books(draw):
    """A few rules in their order, each with its plan: [(rule, plan)]."""
    few = st.frozensets(st.integers(1, 3), max_size=2)
    return [
        (
            PlanRule(
                number,
                number,
                draw(few),
                draw(few),
                draw(few),
                draw(st.sampled_from([0.0, 0.0, 50.0, 150.0])),
                draw(st.sampled_from([0, 0, 5, 15])),
            ),
            _renumbered(draw(plans()), number),
        )
        for number in range(1, draw(st.integers(1, 4)))
    ]


def _renumbered(plan, number):
    """With ids of its own: a step belongs to one plan."""
    steps = [step._replace(id=step.id + 100 * number) for step in plan.steps]
    return Plan(
        number + 1,
        plan.mode,
        steps,
        min_amount=plan.min_amount,
        min_gap=plan.min_gap,
        catch_up=plan.catch_up,
        start=plan.start,
        calendar=plan.calendar,
        recap=plan.recap,
        grace=plan.grace,
    )


def random_happenings(number, random):
    return [
        (
            random.randrange(DAYS),
            random.choice(HAPPENINGS),
            random.randrange(8),
            random.randint(-40, 20),
            Decimal(random.randint(500, 20_000)) / 100,
        )
        for _n in range(number)
    ]


class Entry:
    """One open item: like :class:`Item`, but its amount is an exact Decimal."""

    def __init__(self, due, amount, currency, **facts):
        self.due, self.amount, self.currency = due, amount, currency
        self.facts = facts

    def item(self, line):
        residual = float(self.amount)
        company = float(self.amount * RATES[self.currency])
        move = line // 2  # two instalments each
        return Item(
            line, move, self.due, residual, company, self.currency, **self.facts
        )


class Ledger:
    """One customer's books and follow-ups.

    :param happenings: (day, what, which item, days, amount).
    :param ends: how the first emails end: sent, failed or unknown; later ones: sent.
    """

    def __init__(self, plan, happenings, ends):
        self.plan = self.companys = plan
        self.rules = []  # (PlanRule, Plan), in their order: see rule_books
        self.segment = Segment()
        self.happenings = sorted(happenings, key=lambda event: event[0])
        self.ends = list(ends)
        self.day = START
        self.lines = numbers(1)
        self.entries = {}  # line id → Entry
        self.history = []
        self.promises = []
        self.flags = {"answered": False, "paused_until": None, "handed_over": False}
        self.money = []  # under way: no item shows it
        self.company = {}
        self.trouble_ends = self.back_on = START
        self.skip_next = None
        self.stale_meanwhile = False
        self.sent = []  # the Past of each follow-up that left, in order
        self.told = []  # (day, line id) of each item said to be at the end

    def live(self, work):
        """Let each day happen; do the ``work`` at the end of the day."""
        waiting = list(self.happenings)
        for number in range(DAYS):
            self.day = START + some_days(number)
            if self.day >= self.trouble_ends:
                self.company = {}
            if self.flags["handed_over"] and self.day > self.back_on:
                self.take_back()
            while waiting and waiting[0][0] == number:
                _day, what, which, days, amount = waiting.pop(0)
                owed = [line for line, e in self.entries.items() if e.amount > 0]
                line = owed[which % len(owed)] if owed else None
                getattr(self, "on_" + what)(line, which, days, amount)
            work(self)

    def leave_out(self, *kinds):
        self.happenings = [event for event in self.happenings if event[1] not in kinds]

    # What happens to the books.

    def on_invoice(self, _line, which, days, amount):
        self.add(self.day + some_days(days), amount, which % 3 + 1)

    def on_unsent(self, _line, which, days, amount):
        """An invoice that the customer is not sent."""
        self.add(self.day + some_days(days), amount, which % 3 + 1, sent=False)

    def on_sent_otherwise(self, _line, which, days, amount):
        due, facts = self.day + some_days(days), {"sent": False, "sent_otherwise": True}
        self.add(due, amount, which % 3 + 1, **facts)

    def on_send(self, line, *_what):
        if line and not self.entries[line].facts.get("sent", True):
            self.mark(line, sent=True, sent_on=self.day)

    def on_reset(self, line, *_what):
        """Reset to draft and posted again, or refused by the network."""
        if line and not self.entries[line].facts.get("is_payment"):
            self.mark(line, sent=False, sent_otherwise=False)

    def on_credit(self, _line, which, _days, amount):
        self.add(self.day, -amount, which % 3 + 1, no_followup=True)

    def on_pay_out(self, _line, which, _days, amount):
        """Pay something to the customer, and reconcile it with nothing yet."""
        self.add(self.day, amount, which % 3 + 1, is_payment=True)

    def add(self, due, amount, currency, **facts):
        booked = min(due, self.day)
        self.entries[next(self.lines)] = Entry(
            due, amount, currency, booked=booked, **facts
        )

    def on_allocate(self, *_what):
        """Reconcile the first credit with the first invoice in its currency."""
        for credit, given in list(self.entries.items()):
            for line, owed in list(self.entries.items()):
                if given.amount < 0 < owed.amount and given.currency == owed.currency:
                    amount = min(-given.amount, owed.amount)
                    given.amount += amount
                    owed.amount -= amount
                    for key in (credit, line):
                        if not self.entries[key].amount:
                            del self.entries[key]
                    return

    def on_pay(self, line, *_what):
        self.entries.pop(line, None)

    def on_pay_part(self, line, _which, _days, amount):
        if line:
            entry = self.entries[line]
            rest = entry.amount - min(amount, entry.amount / 2)
            entry.amount = round(rest, 2) or Decimal("0.01")
            if entry.facts.get("payment_state", "not_paid") in PAYABLE:
                entry.facts["payment_state"] = "partial"

    def on_pay_without_entry(self, line, *_what):
        self.mark(line, payment_state="in_payment")

    def on_send_money(self, line, which, _days, amount):
        """Money for an invoice, or on account, without a journal entry."""
        self.send(PAYMENT, line if which else None, amount, which)

    def on_authorize(self, line, which, _days, amount):
        if line:
            self.send(ONLINE, line, amount, which)

    def on_end_money(self, *_what):
        """The oldest money under way has failed, or was matched with nothing open."""
        del self.money[:1]

    def on_unmatched(self, line, which, _days, amount):
        """The bank brings money that nobody has matched."""
        self.send(BANK, line if which % 2 else None, amount, which)

    def on_insist(self, *_what):
        """A person says: chase them all the same, whatever money there is."""
        numbers = [sign * money.id for money in self.money for sign in (1, -1)]
        for line in self.entries:
            self.mark(line, despite=(*numbers, *self.entries))

    def send(self, kind, line, amount, which):
        currency = self.entries[line].currency if line else which % 3 + 1
        company = float(amount * RATES[currency])
        moves = (line // 2,) if line else ()
        number = 1000 + len(self.money) + next(self.lines)
        self.money.append(
            Money(kind, number, float(amount), company, currency, self.day, moves)
        )

    def on_dispute(self, line, *_what):
        self.mark(line, disputed=True)

    def on_resolve(self, line, *_what):
        if line and self.entries[line].facts.get("disputed"):
            self.mark(line, disputed=False, resume_on=self.day)

    def on_block(self, line, *_what):
        self.mark(line, payment_state="blocked")

    def on_no_followup(self, line, *_what):
        self.mark(line, no_followup=True)

    def mark(self, line, **facts):
        if line:
            self.entries[line].facts.update(facts)

    # What happens to the customer, and to the company.

    def on_promise(self, line, which, days, _amount):
        if line:
            until = self.day + some_days(abs(days) // 5)
            owed = self.entries[line].item(line).residual_company
            lines = () if which == 0 else (line,)
            self.promises.append(Promise(until, self.day, None, lines, owed))

    def on_pause(self, _line, _which, days, _amount):
        self.flags["paused_until"] = self.day + some_days(abs(days) // 5)

    def on_change_segment(self, _line, which, days, _amount):
        """Another tag, another salesperson, later payments: what rules ask about."""
        self.segment = Segment(
            frozenset(tag for tag in (1, 2, 3) if which & tag),
            which % 3 + 1,
            days % 3 + 1,
            days_late=None if which == 0 else float(abs(days)),
        )

    def on_answer(self, *_what):
        self.flags["answered"] = True

    def on_hand_over(self, _line, _which, days, _amount):
        self.flags["handed_over"] = True
        self.back_on = self.day + some_days(abs(days) // 5)

    def take_back(self):
        """As the customer's button does: as after a pause that ended yesterday."""
        self.flags["handed_over"] = False
        yesterday = self.day - some_days(1)
        self.flags["paused_until"] = max(
            self.flags["paused_until"] or yesterday, yesterday
        )

    def on_look(self, _line, which, *_what):
        """A person deals with an answer, and with an unknown outcome."""
        self.flags["answered"] = False
        for number, past in enumerate(self.history):
            if past.state == "unknown":
                self.history[number] = past._replace(
                    state="sent" if which % 2 else "failed"
                )
                if which % 2:
                    self.sent.append(self.history[number])

    def on_write_by_hand(self, line, *_what):
        if line:  # also on a day with an email: a person decides
            self.note("sent", None, (line,), EMAIL, by_hand=True)

    def on_skip_once(self, *_what):
        """A person will say of the next follow-up: not now."""
        self.skip_next = SKIP_ONCE

    def on_skip_step(self, *_what):
        """A person will say of the next follow-up: leave this step out."""
        self.skip_next = SKIP_STEP

    def on_outage(self, _line, which, days, _amount):
        self.trouble(days, mailbox=("error", "disconnected")[which % 2])

    def on_stale_bank(self, _line, _which, days, _amount):
        self.trouble(days, bank_stale=True)

    def on_stop(self, _line, _which, days, _amount):
        self.trouble(days, started=False)

    def on_stale_meanwhile(self, *_what):
        """Next time the bank's data will be too old by the time of sending."""
        self.stale_meanwhile = True

    def trouble(self, days, **state):
        self.trouble_ends = self.day + some_days(abs(days) // 5)
        self.company.update(state)

    # What the planner does.

    def counted(self):
        """Line id → item, as the rules count what is under way."""
        items = {KEY: [entry.item(line) for line, entry in self.entries.items()]}
        count(items, [(KEY, money) for money in self.money])
        return {item.line_id: item for item in items[KEY]}

    def facts(self, shuffled=None):
        items = list(self.counted().values())
        history = list(self.history)
        if shuffled:
            shuffled.shuffle(items)
            shuffled.shuffle(history)
        promises = tuple(self.promises)
        return Customer(1, 1, items, history, promises=promises, **self.flags)

    def choose_plan(self):
        """The plan of today: of the first rule that holds, else the company's."""
        if not self.rules:
            return None
        items = [entry.item(line) for line, entry in self.entries.items()]
        segment = self.segment._replace(overdue=overdue(items, self.day))
        found = first_that_holds([rule for rule, _plan in self.rules], segment)
        self.plan = dict(self.rules)[found] if found else self.companys
        return found

    def decide(self, day=None, shuffled=None):
        company = Company(1, **self.company)
        return decide(Case(self.facts(shuffled), self.plan, company, day or self.day))

    def run(self):
        """The scheduled action of a day: plan, re-check, send. Both answers."""
        self.choose_plan()
        decision = self.decide()
        self.tell(decision.untold)
        if decision.reason is Reason.DUE:
            state = "skipped" if self.skip_next else "planned"
            lines = [item.line_id for item in decision.items]
            self.note(
                state, decision.step, lines, decision.channel, skip=self.skip_next
            )
            self.skip_next = None
        planned = next((p for p in self.history if p.state == "planned"), None)
        if planned is None or self.company.get("mailbox"):
            return decision, None
        company = Company(1, **self.company)
        if self.stale_meanwhile:
            company, self.stale_meanwhile = company._replace(bank_stale=True), False
        again = recheck(planned, Case(self.facts(), self.plan, company, self.day))
        if again.action != "wait":
            self.settle(planned, again)
        return decision, again

    def tell(self, lines):
        """Note on the last follow-up of each item that a person was told of it."""
        for line in lines:
            self.told.append((self.day, line))
            number, past = next(
                (number, past)
                for number, past in reversed(list(enumerate(self.history)))
                if line in past.line_ids
            )
            self.history[number] = past._replace(told=(*past.told, line))

    def note(self, state, step, lines, channel, **facts):
        past = Past(
            len(self.history) + 1,
            state,
            self.day,
            step.id if step else None,
            self.plan.ranks[step.id] if step else 0,
            step.days if step else 0,
            tuple(lines),
            channel,
            **facts,
        )
        self.history.append(past)
        if state == "sent":
            self.sent.append(past)

    def settle(self, planned, again):
        """Write down how the sending of a planned follow-up has ended."""
        if again.action == "skip":
            state = "skipped"
        elif planned.channel == TODO or not self.ends:
            state = "sent"
        else:
            state = self.ends.pop()
        lines = tuple(item.line_id for item in again.items) or planned.line_ids
        past = planned._replace(state=state, on=self.day, line_ids=lines)
        self.history[self.history.index(planned)] = past
        if state == "sent":
            self.sent.append(past)
