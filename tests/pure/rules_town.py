"""A ledger (:mod:`rules_ledger`) of a customer with departments.

What happens is dealt out among the customer itself and two of its contacts, whose
addresses bounce and are mended. Each day all of them are planned for and sent to.
"""

from random import Random

from account_email_connector.rules import (
    TODO,
    Case,
    Company,
    Customer,
    Reason,
    Whole,
    decide,
    recheck,
    shares,
)
from hypothesis import strategies as st
from rules_ledger import Ledger, plans, random_happenings

DEPARTMENTS = (None, 10, 20, 10)


def towns(**options):
    """Towns with plans of all kinds, and what happens to them."""
    return st.builds(
        lambda plan, seed, bounces: Town(
            plan, random_happenings(80, Random(seed)) + bounces, []
        ),
        plans(**options),
        st.integers(0, 2**32),
        st.lists(
            st.tuples(
                st.integers(0, 59),
                st.just("bounce"),
                st.integers(0, 3),
                st.just(0),
                st.just(0),
            ),
            max_size=6,
        ),
    )


class Town(Ledger):
    """:ivar bounced: the contacts that cannot be written to."""

    def __init__(self, *what):
        super().__init__(*what)
        self.bounced = set()
        self.asked = []  # (addressee, decision) of the day

    def on_bounce(self, _line, which, *_what):
        """An address bounces, or is mended."""
        self.bounced ^= {DEPARTMENTS[which]} - {None}

    def hears(self, line):
        """Who hears about an item by now."""
        who = DEPARTMENTS[line % 4]
        return None if who in self.bounced else who

    def facts(self, shuffled=None):
        items = [
            entry.item(line)._replace(addressee=self.hears(line))
            for line, entry in self.entries.items()
        ]
        promises = tuple(self.promises)
        return Customer(1, 1, items, self.history, promises=promises, **self.flags)

    def case(self, customer):
        return Case(customer, self.plan, Company(1, **self.company), self.day)

    def run(self):
        """The scheduled action of a day; returns how each re-check ended."""
        self.asked = [
            (share.addressee, decide(self.case(share)))
            for share in shares(self.facts())
        ]
        for addressee, decision in self.asked:
            if decision.reason is Reason.DUE:
                lines = [item.line_id for item in decision.items]
                self.note(
                    "planned",
                    decision.step,
                    lines,
                    decision.channel,
                    addressee=addressee,
                )
        waiting = [past for past in self.history if past.state == "planned"]
        if self.company.get("mailbox"):
            return []
        return [self.look_again(past) for past in waiting]

    def look_again(self, planned):
        whole = Whole(self.facts())
        share = whole.share(whole.addressee_of(planned))
        again = recheck(planned, self.case(share))
        if again.action != "wait":
            place = self.history.index(planned)
            self.history[place] = planned._replace(addressee=again.addressee)
            self.settle(self.history[place], again)
        return again

    def emails(self):
        """Contact → the emails that it got, in order."""
        got = {}
        for past in self.sent:
            if past.channel != TODO and not past.by_hand:
                got.setdefault(past.addressee, []).append(past)
        return got
