"""A small language to tell a case of the follow-up rules in, as an accountant would.

    case(
        "Two invoices, one email",
        invoice("A", 100, overdue=10),
        invoice("B", 50, overdue=4),
        says="due", step="friendly", lists="A B", left={"EUR": 150},
    )

Days are relative: ``overdue=10`` was due ten days ago, ``due_in=5`` will be due in
five days; ``sent("friendly", 7, "A")`` was sent seven days ago. An expected ``date=4``
is four days from today. Whatever a case does not mention is as usual: one company,
euro, a mailbox that works, every day a sending day, and the standard plan.
"""

import datetime as dt
from typing import NamedTuple

from account_email_connector import rules
from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    EMAIL,
    RECAP,
    SKIP_ONCE,
    SKIP_STEP,
    Calendar,
    Company,
    Customer,
    Instruction,
    Item,
    Past,
    Plan,
    Promise,
    Recap,
    Step,
    decide,
    shares,
)
from account_email_connector.rules.segments import (
    PlanRule,
    Segment,
    first_that_holds,
    overdue,
)
from account_email_connector.rules.underway import BANK, ONLINE, PAYMENT, Money, count

TODAY = dt.date(2026, 6, 24)  # a Wednesday
CURRENCIES = {"EUR": 1, "USD": 2, "JPY": 3}
RATES = {"EUR": 1.0, "USD": 0.5, "JPY": 0.01}

FRIENDLY = Step(11, 3)
FIRM = Step(12, 14)
FINAL = Step(13, 30)
HEADS_UP = Step(10, -7)
TOMORROW = Step(9, -1)
ON_THE_DAY = Step(8, 0)
CALL = Step(20, 20, channel="todo")
REVIEWED = Step(21, 3, review=True)
STATEMENT = Step(30, 0)
GENTLE_WORD = Step(51, 10)
GENTLE_NOTICE = Step(52, 40)
STRICT_WORD = Step(61, 1)
STRICT_NOTICE = Step(62, 12)
STEPS = {
    "gentle_word": GENTLE_WORD,
    "gentle_notice": GENTLE_NOTICE,
    "strict_word": STRICT_WORD,
    "strict_notice": STRICT_NOTICE,
    "friendly": FRIENDLY,
    "firm": FIRM,
    "final": FINAL,
    "heads_up": HEADS_UP,
    "tomorrow": TOMORROW,
    "on_the_day": ON_THE_DAY,
    "call": CALL,
    "reviewed": REVIEWED,
    "statement": STATEMENT,
}
STEP_NAMES = {step.id: name for name, step in STEPS.items()}
LADDER = (FRIENDLY, FIRM, FINAL)
WORKING_DAYS = Calendar(range(5))


def plan(steps=LADDER, mode=BY_CUSTOMER, min_gap=7, **rules):
    """The standard plan (3, 14 and 30 days; a week between emails), but …"""
    return Plan(1, mode, steps, min_gap=min_gap, **rules)


def by_invoice(steps=LADDER, **rules):
    return plan(steps, BY_INVOICE, **rules)


def recap(not_due=False, every=None, weekday=None, monthday=None, **rules):
    rhythm = Recap(every, weekday, monthday, not_due)
    return plan((STATEMENT,), RECAP, recap=rhythm, **rules)


STANDARD = plan()
GENTLE = Plan(2, BY_CUSTOMER, (GENTLE_WORD, GENTLE_NOTICE), min_gap=7)
STRICT = Plan(3, BY_CUSTOMER, (STRICT_WORD, STRICT_NOTICE), min_gap=7)


class Rule(NamedTuple):
    """Of whom all of this is true has this plan."""

    name: str
    plan: Plan
    asks: dict


def rule(name, plan, tags="", countries="", salespersons="", **at_least):
    """``rule("VIP", GENTLE, tags="VIP Gold", overdue=500, days_late=10)``."""
    among = {"tags": tags, "countries": countries, "salespersons": salespersons}
    asks = {key: frozenset(words.split()) for key, words in among.items()}
    return Rule(name, plan, {**asks, **at_least})


class Story:
    """What is known about the customer while a case is being told."""

    def __init__(self, today):
        self.today = today
        self.lines = {}
        self.contacts = {}
        self.items = []
        self.history = []
        self.promises = []
        self.money = []
        self.customer = {}
        self.company = {}
        self.instruction = Instruction()
        self.segment = {}
        self.own_plan = None

    def choose(self, plan, rules):
        """The plan that applies, and by what: ``own``, a rule's name or ``company``."""
        if self.own_plan:
            return self.own_plan, "own"
        segment = Segment(overdue=overdue(self.items, self.today), **self.segment)
        numbered = [PlanRule(n, 0, **rule.asks) for n, rule in enumerate(rules)]
        found = first_that_holds(numbered, segment)
        return (
            (rules[found.id].plan, rules[found.id].name) if found else (plan, "company")
        )

    def line(self, name):
        return self.lines.setdefault(name, len(self.lines) + 1)

    def contact(self, name):
        """The number of a contact; None: the customer itself."""
        return name and self.contacts.setdefault(name, 101 + len(self.contacts))

    def ago(self, days):
        return self.today - dt.timedelta(days=days)

    def case(self, plan, hears=None):
        """What the rules are asked about; only what one of its contacts *hears*."""
        customer = self.whole()
        if hears:
            who = self.contact(hears)
            (customer,) = [one for one in shares(customer) if one.addressee == who]
        return rules.Case(customer, plan, Company(1, **self.company), self.today)

    def whole(self):
        items = {(1, 7): list(self.items)}
        count(items, [((1, 7), money) for money in self.money])
        return Customer(
            7,
            1,
            tuple(items[1, 7]),
            tuple(self.history),
            promises=tuple(self.promises),
            **self.customer,
        )

    def emails(self, plan):
        """What goes out today: contact (or "itself") → decision."""
        names = {number: name for name, number in self.contacts.items()}
        company = Company(1, **self.company)
        decided = {
            names.get(share.addressee, "itself"): decide(
                rules.Case(share, plan, company, self.today)
            )
            for share in shares(self.whole())
        }
        return {who: one for who, one in decided.items() if one.reason == "due"}


def invoice(name, amount, overdue=None, due_in=None, currency="EUR", to=None, **facts):
    """An open invoice, or an instalment of one, *to* one of the customer's contacts."""
    days = -due_in if overdue is None else overdue

    def tell(story):
        line = story.line(name)
        dates = {
            key: story.ago(facts[key])
            for key in ("booked", "resume_on", "sent_on")
            if key in facts
        }
        story.items.append(
            Item(
                line,
                line,
                story.ago(days),
                amount,
                amount * RATES[currency],
                CURRENCIES[currency],
                addressee=story.contact(to),
                **{**facts, **dates},
            )
        )

    return tell


def never_sent(name, amount, overdue=None, due_in=None, **facts):
    """An invoice that the customer has not got."""
    return invoice(name, amount, overdue, due_in, sent=False, **facts)


def sent_otherwise(name, amount, overdue=None, due_in=None, **facts):
    """One of before its company sent by Odoo, or of one that never does."""
    facts = {"sent": False, "sent_otherwise": True, **facts}
    return invoice(name, amount, overdue, due_in, **facts)


def credit(name, amount, currency="EUR", days_ago=1, **facts):
    """A credit note that is not allocated."""
    return invoice(name, -amount, days_ago, None, currency, booked=days_ago, **facts)


def payment(name, amount, currency="EUR", days_ago=1, **facts):
    """A payment that is not allocated; Odoo marks its line ``no_followup``."""
    return credit(name, amount, currency, days_ago, no_followup=True, **facts)


def paid_out(name, amount, currency="EUR", days_ago=1):
    """What we have paid to the customer, not allocated either."""
    return invoice(
        name, amount, days_ago, None, currency, booked=days_ago, is_payment=True
    )


def money(kind, name, amount, invoices="", currency="EUR", days_ago=1, **facts):
    """Money that no journal item shows yet; for these invoices, or for none."""

    def tell(story):
        number = story.line(name)
        if kind == PAYMENT:  # what is left of it is an item of the opposite number
            story.lines[name] = -number
        rate = facts.get("rate", RATES[currency])
        story.money.append(
            Money(
                kind,
                number,
                amount,
                rate and amount * rate,
                CURRENCIES[currency],
                story.ago(days_ago),
                tuple(story.line(invoice) for invoice in invoices.split()),
                facts.get("entries", ()),
                facts.get("final", False),
                facts.get("exact", False),
            )
        )

    return tell


def no_entry(name, amount, invoices="", currency="EUR", days_ago=1, **facts):
    """A payment without a journal entry; negative: we pay it to the customer."""
    return money(PAYMENT, name, amount, invoices, currency, days_ago, **facts)


def online(name, amount, invoices, currency="EUR", days_ago=1, **facts):
    """An online payment that is pending or authorized."""
    return money(ONLINE, name, amount, invoices, currency, days_ago, **facts)


def unmatched(name, amount, invoices="", currency="EUR", days_ago=1, **facts):
    """A bank transaction that nobody has matched; it names these invoices."""
    return money(BANK, name, amount, invoices, currency, days_ago, **facts)


def instalment(name, of, amount, overdue=None, due_in=None, **facts):
    """Another part of the invoice *of*, which was told before."""

    def tell(story):
        invoice(name, amount, overdue, due_in, **facts)(story)
        story.items[-1] = story.items[-1]._replace(move_id=story.line(of))

    return tell


def despite(invoice, *names):
    """A person has said: chase it all the same, whatever that money is."""

    def tell(story):
        numbers = tuple(story.line(name) for name in names)
        line = story.line(invoice)
        story.items = [
            item._replace(despite=numbers) if item.line_id == line else item
            for item in story.items
        ]

    return tell


def _past(state, step, days_ago, lines, to=None, **facts):
    def tell(story):
        found = STEPS.get(step, Step(None, 0))
        rank = next((i for i, each in enumerate(LADDER) if each is found), 0)
        facts.setdefault("step_id", found.id)
        facts.setdefault("position", rank)
        facts.setdefault("days", found.days)
        facts.setdefault("channel", found.channel)
        story.history.append(
            Past(
                id=len(story.history) + 1,
                state=state,
                on=story.ago(days_ago),
                line_ids=tuple(story.line(name) for name in lines.split()),
                addressee=story.contact(to),
                **facts,
            )
        )

    return tell


def sent(step, days_ago, lines, **facts):
    return _past("sent", step, days_ago, lines, **facts)


def heard(lines, **steps):
    """``heard("A", friendly=20, firm=9)``: these steps, so many days ago."""

    def tell(story):
        for step, days_ago in steps.items():
            sent(step, days_ago, lines)(story)

    return tell


def failed(step, days_ago, lines, **facts):
    return _past("failed", step, days_ago, lines, **facts)


def unknown(step, days_ago, lines, **facts):
    return _past("unknown", step, days_ago, lines, **facts)


def planned(step, days_ago, lines, state="planned", **facts):
    return _past(state, step, days_ago, lines, **facts)


def skipped_once(step, days_ago, lines):
    """A person said: not now."""
    return _past("skipped", step, days_ago, lines, skip=SKIP_ONCE)


def skipped_step(step, days_ago, lines):
    """A person said: leave this step out."""
    return _past("skipped", step, days_ago, lines, skip=SKIP_STEP)


def dropped_at_sending(step, days_ago, lines):
    """The re-check found nothing left to ask for."""
    return _past("skipped", step, days_ago, lines)


def a_person_knows(step, days_ago, lines):
    """This one was sent, and a person was told that nothing follows it."""

    def tell(story):
        known = tuple(story.line(name) for name in lines.split())
        sent(step, days_ago, lines, told=known)(story)

    return tell


def written_by_hand(days_ago, lines="", step=None):
    """An email composed by a person, with or without a step of the plan."""
    return _past("sent", step, days_ago, lines, by_hand=True, channel=EMAIL)


def wanted_by_hand(lines, decided=0, known=(), state="planned"):
    """Composed by a person so many days ago, who knew what spoke against it."""

    def tell(story):
        story.instruction = Instruction(on=story.ago(decided), known=known)
        _past(state, None, decided, lines, by_hand=True)(story)

    return tell


def free_since(days_ago):
    """It was free to go from that day on, and has not left."""

    def tell(story):
        since = story.ago(days_ago)
        story.instruction = story.instruction._replace(since=since)

    return tell


def of_segment(tags="", **facts):
    """``of_segment("VIP", country="BE", salesperson="Ann", days_late=12)``."""

    def tell(story):
        story.segment = {"tags": frozenset(tags.split()), **facts}

    return tell


def own_plan(plan):
    """It was chosen for this customer."""

    def tell(story):
        story.own_plan = plan

    return tell


def excluded(story):
    story.customer["excluded"] = True


def handed_over(story):
    """A lawyer collects what this customer owes."""
    story.customer["handed_over"] = True


def answered(story):
    story.customer["answered"] = True


def no_address(story):
    story.customer["reachable"] = False


def paused(days):
    """Until in so many days, that day included; negative: it has ended."""

    def tell(story):
        story.customer["paused_until"] = story.ago(-days)

    return tell


def paused_for_good(story):
    story.customer["paused_until"] = dt.date.max


def promise(due_in, amount=None, lines="", made=10, owed=0.0):
    def tell(story):
        story.promises.append(
            Promise(
                story.ago(-due_in),
                story.ago(made),
                amount,
                tuple(story.line(name) for name in lines.split()),
                owed,
            )
        )

    return tell


def mailbox(state):
    def tell(story):
        story.company["mailbox"] = state

    return tell


def stale_bank(story):
    story.company["bank_stale"] = True


def not_started(story):
    story.company["started"] = False


def read_first(until):
    def tell(story):
        story.company["read_first_until"] = story.ago(-until)

    return tell


class Case(NamedTuple):
    name: str
    story: Story
    plan: Plan
    expected: dict
    by: str = "company"
    hears: str | None = None


def case(name, *facts, plan=STANDARD, today=TODAY, rules=(), hears=None, **expected):
    """A case; ``expected`` are what :func:`told` says, and standings (``A="due"``).

    :param plan: the company's; another may apply, by one of the ``rules``.
    :param hears: one of the customer's contacts: it is about what that one hears.
    """
    story = Story(today)
    for fact in facts:
        fact(story)
    plan, by = story.choose(plan, rules)
    return Case(name, story, plan, expected, by, hears)


def told(case, wanted):
    """The decision in the words of the case: only what it wants to know."""
    decision = decide(case.story.case(case.plan, case.hears))
    names = {line: name for name, line in case.story.lines.items()}
    currencies = {number: name for name, number in CURRENCIES.items()}
    says, step, days = _said(decision, case.story.today)
    answers = {
        "by": case.by,
        "says": says,
        "step": step,
        "date": days,
        "lists": " ".join(names[item.line_id] for item in decision.items),
        "credits": " ".join(names[item.line_id] for item in decision.credits),
        "left": {currencies[key]: left for key, left in decision.totals.items()},
        "left_company": decision.total_company,
        "channel": decision.channel,
        "review": bool(decision.step and decision.step.review),
        "remarks": " ".join(map(str, decision.remarks)),
        "ended": " ".join(names[line] for line in decision.ended),
        "untold": " ".join(names[line] for line in decision.untold),
    }
    for standing in decision.standings:
        name = names[standing.line_id]
        said = _said(standing, case.story.today)
        answers[name] = said if isinstance(wanted.get(name), tuple) else said[0]
    if "emails" in wanted or "asks" in wanted:
        emails = case.story.emails(case.plan)
        answers["emails"] = {
            who: " ".join(names[item.line_id] for item in email.items)
            for who, email in emails.items()
        }
        answers["asks"] = {who: email.total_company for who, email in emails.items()}
    return {key: answers.get(key) for key in wanted}


def _said(answer, today):
    """The reason, step and days to go of a decision or a standing."""
    step = answer.step and STEP_NAMES[answer.step.id]
    return str(answer.reason), step, answer.date and (answer.date - today).days
