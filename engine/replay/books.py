"""The facts of any day since one, as :func:`...rules.decide` takes them."""

import datetime as dt
from functools import partial

from ...rules import CONNECTED, Case, decide, shares
from ...rules.asof import (
    Marks,
    Moment,
    customer_as_of,
    first_payments,
    history_as_of,
    items_as_of,
    money_as_of,
    promises_as_of,
)
from ...rules.replay import mornings
from ...rules.underway import count
from ..planning import gather, money
from ..planning.decisions import Decided
from ..planning.history import known
from ..planning.units import ONE_DAY
from . import changes
from .shared_money import SharedMoney


def undisturbed(unit):
    """What holds of a :class:`..planning.units.Unit` if nothing hinders it."""
    return unit.facts._replace(mailbox=CONNECTED, started=True, read_first_until=None)


class Books:
    """Customers' accounts on each day since one.

    Read once, with a fixed number of SQL statements, whatever the days and customers:
    today's facts, and what has changed since. What the books do not remember is taken
    as :class:`...rules.asof.Forgotten` says.

    :param units: :class:`..planning.units.Units`, of today.
    :param partners: only these commercial partners (``res.partner``); all if None.
    :param first: the first day that will be asked about.
    """

    def __init__(self, units, partners, first):
        env = units.env
        env.flush_all()
        before = first - ONE_DAY  # a morning is the evening before
        self._units, self._rules = units, {}
        which = changes.open_since(before, partners)
        env.cr.execute(gather.items_query(units, partners, which))
        self._items = dict(gather.by_customer(env.cr.fetchall()))
        lines = {each.line_id for mine in self._items.values() for each in mine}
        customers = {partner_id for _unit_id, partner_id in self._items}
        self._changes = changes.reconciled(env.cr, lines, before)
        underway = money.Underway(units, partners, money.Once(first, lines))
        self._money = underway.all()
        self._shared = SharedMoney(self._items, self._money)
        self._paid_on = first_payments(each for _key, each in self._money)
        self._disputes = changes.disputes(env.cr, lines)
        heard = known(units, changes.counting(units, customers, lines, first))
        self._answers = changes.answers(units, customers, heard)
        self._written = changes.written(units, heard)
        addressees = gather.addressees_of(self._items)
        self._known = gather.Known(units, customers, addressees, heard, underway)

    def items(self, moment):
        """What was open, as the ledger alone has it: {(unit id, customer id): list of
        :class:`...rules.Item`}."""
        found = {
            key: items_as_of(mine, self._changes, moment, self._marks(key))
            for key, mine in self._items.items()
        }
        return {key: mine for key, mine in found.items() if mine}

    def customers(self, moment):
        """Yield (unit, plan record, :class:`...rules.Customer`) of all that had
        something open.

        :param moment: :class:`...rules.asof.Moment` of one of the days.
        """
        items = self.items(moment)
        then = [(key, money_as_of(each, moment.until)) for key, each in self._money]
        count(items, [(key, each) for key, each in then if each])
        for key, mine in items.items():
            yield self._customer(key, mine, moment)

    @property
    def keys(self):
        """(unit id, customer id) of all that had something open on one of the days."""
        return self._items.keys()

    def customer(self, key, moment):
        """The same of one, also if nothing was open."""
        found = {
            each: items_as_of(
                self._items[each], self._changes, moment, self._marks(each)
            )
            for each in self._shared.keys(key)
        }
        money = [
            (whose, money_as_of(each, moment.until))
            for whose, each in self._shared.money(key)
        ]
        found = {each: mine for each, mine in found.items() if mine}
        count(found, [(whose, each) for whose, each in money if each])
        return self._customer(key, found.get(key, []), moment)

    def every_item(self, key):
        """All that was open on one of the days, as the ledger alone has it today."""
        return self._items[key]

    def reconciled(self, line_id):
        """The reconciliations of an item (:class:`...rules.asof.Change`)."""
        return self._changes.get(line_id, ())

    def moves_with_money(self, key):
        """The invoices that money is for which no item shows, or that it names."""
        return {id_ for _key, each in self._shared.money(key) for id_ in each.move_ids}

    def mornings(self, key):
        """The days on whose mornings something of a customer is otherwise than on the
        one before."""
        _unit, _plan, customer = self.customer(key, Moment.now(dt.date.max))
        together = self._shared.keys(key)
        return mornings(
            [item for each in together for item in self._items[each]],
            self._changes,
            self._marks(key),
            [each for _key, each in self._shared.money(key)],
            customer,
            [self._answers.get(key), *self._known.handed_over_on(key)],
        )

    def decided(self, moment):
        """What the rules say of them: a list of :class:`..planning.decisions.Decided`,
        one for each addressee of a customer."""
        return [
            self._decide(unit, plan, share, moment)
            for unit, plan, customer in self.customers(moment)
            for share in shares(customer)
        ]

    def _customer(self, key, items, moment):
        unit, plan, customer = self._known.customer(key, items, moment.until)
        then = customer_as_of(
            customer, moment, self._today(unit), self._answers.get(key)
        )
        history = history_as_of(customer.history, self._written, moment)
        promises = promises_as_of(customer.promises, moment)
        return unit, plan, then._replace(history=history, promises=promises)

    def _decide(self, unit, plan, share, moment):
        rules, facts = self._plan(unit, plan, moment), self._facts(unit, plan, moment)
        decision = decide(Case(share, rules, facts, moment.day))
        opens = partial(self._opens, unit, plan, moment)
        return Decided(unit, plan, rules, facts, moment.day, share, decision, opens)

    def _marks(self, key):
        today = self._today(self._units.units[key[0]])
        return Marks(self._disputes, self._paid_on, today)

    def _today(self, unit):
        return self._units.today(unit, unit.plan)

    def _plan(self, unit, plan, moment):
        """*plan* as it is today, with the holidays around the day."""
        key = unit.company_id, plan.id, moment.day.year
        if plan and key not in self._rules:
            self._rules[key] = self._units.plans.for_rules(
                plan, unit.country, unit.state, moment.day.year, unit.start.since
            )
        return self._rules.get(key)

    def _facts(self, unit, plan, moment):
        """Of the past nobody knows how old the bank statements were, nor whether the
        mailbox was in order: it is taken as if they had hindered nothing."""
        if moment.day >= self._units.today(unit, plan):
            return self._units.facts_for(unit, plan)
        return undisturbed(unit)

    def _opens(self, unit, plan, moment):
        is_now = moment.day >= self._units.today(unit, plan)
        return self._units.opens(unit, plan) if is_now else moment.day
