"""The facts of all customers with open items, in a fixed number of SQL statements."""

import datetime as dt
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from odoo.tools import SQL

from ...rules import Customer, Item, hearers
from ...tools.portions import portions
from . import contacts, money, segments, sent
from .history import history, only
from .segments import Noted


class CustomerNotes(NamedTuple):
    """What was noted on a customer, for each company (company-dependent fields).

    Or, of the customer None, what holds where nothing was noted: Odoo's own defaults of
    these fields, by company, and "0" for those of all companies.
    """

    plan: dict
    excluded: dict
    paused_until: dict
    answered: dict
    contacts: list  #: of each what :func:`.contacts.column` has
    handed_over: dict
    segment: Noted


def customers(units, partners=None):
    """Gather the customers of *units* (:class:`.units.Units`).

    :param partners: only these commercial partners (``res.partner``); all if None.
    :return: list of (unit, plan record, :class:`...rules.Customer`), by company and
        customer.
    """
    known, items = _read(units, partners)
    return [known.customer(key, mine) for key, mine in items.items()]


def customers_twice(units, then):
    """Yield two such rows of each customer, from one gathering: by what is stored, and
    by what somebody supposes.

    :param units: that have considered what *then* supposes.
    :param then: :class:`.units.Units`, which serve the same companies.
    """
    known, items = _read(units)
    for key, mine in items.items():
        unit, plan, customer = known.customer(key, mine)
        choice, other = known.choose(then, key, mine), customer
        if (choice.own, choice.rule) != (customer.own_plan, customer.plan_rule):
            other = customer._replace(own_plan=choice.own, plan_rule=choice.rule)
        yield (unit, plan, customer), (then.units[key[0]], choice.plan, other)


def _read(units, partners=None):
    """What is known of the customers, and {(unit id, customer id): its items}."""
    env = units.env
    env.flush_all()
    env.cr.execute(items_query(units, partners))
    items = dict(by_customer(env.cr.fetchall()))
    if not items:
        return None, items
    underway = money.Underway(units, partners)
    underway.count(items)
    partner_ids = {partner_id for _unit_id, partner_id in items}
    heard = history(units, partners)
    return Known(units, partner_ids, addressees_of(items), heard, underway), items


def stream(units, candidates, underway):
    """The same of many customers, one after the other, in bounded memory: their items
    come in portions, and nobody's are kept when it is the next one's turn.

    One payment may be for the invoices of several customers: they come last, together.

    :param candidates: :class:`.candidates.Candidates`.
    :param underway: :class:`.money.Underway` of all customers.
    """
    env = units.env
    partners = env["res.partner"].browse(candidates.partner_ids)
    known = Known(units, *candidates, history(units, partners), underway)
    together = {}
    with portions(env.cr, items_query(units, partners)) as rows:
        for key, items in by_customer(rows):
            if underway.concerns(key, items):
                together[key] = items
            else:
                yield known.customer(key, items)
    underway.count(together)
    for key, items in together.items():
        yield known.customer(key, items)


class Known:
    """What is known of customers besides their items, read once for all of them."""

    def __init__(self, units, partner_ids, addressees, heard, underway):
        self._units, self._underway = units, underway
        self._history = heard
        self._notes = _notes(units, partner_ids, addressees)
        self._addressees = addressees

    def customer(self, key, items, until=None):
        """(unit, plan record, :class:`...rules.Customer`) of these *items*.

        :param until: who was handed over later was not yet; None: what holds today.
        """
        unit_id, partner_id = key
        unit = self._units.units[unit_id]
        noted, default = self._notes[partner_id], self._notes[None]
        choice = self.choose(self._units, key, items)
        found = contacts.known(noted.contacts or (), partner_id, unit, self._units)
        heard = hearers(found)
        customer = Customer(
            id=partner_id,
            unit=unit_id,
            items=contacts.addressed(items, heard.by_itself)
            if self._addressees
            else items,
            history=self._history.get(key, []),
            excluded=any(_noted(unit, noted.excluded, default.excluded)),
            answered=any(_noted(unit, noted.answered, default.answered)),
            reachable=bool(heard.own),
            paused_until=max(
                map(_date, _noted(unit, noted.paused_until, default.paused_until)),
                default=None,
            ),
            promises=self._underway.promises.get(key, ()),
            own_plan=choice.own,
            plan_rule=choice.rule,
            handed_over=any(
                until is None or day <= until for day in self.handed_over_on(key)
            ),
        )
        return unit, choice.plan, customer

    def choose(self, units, key, items):
        """The plan of a customer (:class:`.units.Choice`), as *units* have it.

        :param items: all that is open of it there.
        """
        unit_id, partner_id = key
        unit, noted = units.units[unit_id], self._notes[partner_id]
        plans = units.supposed.own_plans(partner_id, noted.plan)
        return units.choose(
            unit,
            next(_noted(unit, plans, self._notes[None].plan), None),
            lambda: segments.segment_of(units, unit, noted.segment, items),
        )

    def handed_over_on(self, key):
        """Since when somebody else collects from the customer: of the unit's company,
        and of each of its branches, if so."""
        unit_id, partner_id = key
        noted, default = self._notes[partner_id], self._notes[None]
        unit = self._units.units[unit_id]
        return map(_date, _noted(unit, noted.handed_over, default.handed_over))


def addressees_of(items):
    """The ids of the contacts that invoices are addressed to."""
    found = {each.addressee for mine in items.values() for each in mine}
    return found - {None}


def _noted(unit, values, defaults):
    """What the unit's company, and then its branches, have noted."""
    if not values and not defaults:
        return iter(())
    known = {**(defaults or {}), **(values or {})}
    for_all = known.get("0")
    return filter(None, (known.get(str(id_), for_all) for id_ in unit.company_ids))


def _date(text):
    """A day as Odoo notes it on a customer: the year 33 is 33-01-01 there."""
    return dt.date(*map(int, text.split("-")))


#: The last fields of an item, which the journal items do not tell (:mod:`.money`).
NOT_UNDER_WAY = (0.0, False, None, None)

#: Every open receivable item, those of a customer of a unit one after the other.
ITEMS = """
       WITH sender AS MATERIALIZED (%s), unit AS (%s)
       SELECT line.id, line.move_id, COALESCE(line.date_maturity, line.date),
              line.amount_residual_currency::float8,
              line.amount_residual::float8,
              line.currency_id, move.payment_state,
              COALESCE(line.no_followup, FALSE),
              move.email_followup_dispute_reason IS NOT NULL,
              line.date, move.email_followup_resume_on,
              move.origin_payment_id IS NOT NULL
                  OR move.statement_line_id IS NOT NULL,
              %s, %s, move.email_followup_sent_on,
              move.email_followup_despite,
              NULLIF(move.partner_id, partner.commercial_partner_id),
              unit.id, partner.commercial_partner_id
         FROM account_move_line line
         JOIN unit ON unit.company_id = line.company_id
         JOIN account_account account ON account.id = line.account_id
         JOIN account_move move ON move.id = line.move_id
         JOIN res_partner partner ON partner.id = line.partner_id
    LEFT JOIN sender ON sender.id = line.company_id
        WHERE %s
          AND line.parent_state = 'posted'
          AND account.account_type = 'asset_receivable'
          AND %s
     ORDER BY unit.id, partner.commercial_partner_id
"""


#: What is open today.
OPEN = SQL("line.reconciled IS NOT TRUE")


def items_query(units, partners, which=OPEN):
    """The query of every open receivable item, the paid and blocked ones included: the
    rules say why those are not chased.

    :param which: a condition on ``line``, if it is about others.
    """
    return SQL(
        ITEMS,
        sent.senders(units.company_ids()),
        units.as_rows(),
        sent.sent(units.env),
        sent.sent_otherwise(units.env),
        which,
        only(SQL("partner.commercial_partner_id"), partners),
    )


def by_customer(rows):
    """Yield ((unit id, customer id), its items)."""
    # They come in this order; Odoo's own would keep them all.
    # pylint: disable-next=bad-builtin-groupby
    for key, its_rows in groupby(rows, key=itemgetter(-2, -1)):
        yield key, [Item._make(row[:-2] + NOT_UNDER_WAY) for row in its_rows]


#: Of a customer, and (without an id) the defaults of all.
NOTES = """
       SELECT NULL,
              jsonb_object_agg(company, value)
                  FILTER (WHERE name = 'email_followup_plan_id'),
              jsonb_object_agg(company, value)
                  FILTER (WHERE name = 'email_followup_excluded'),
              jsonb_object_agg(company, value)
                  FILTER (WHERE name = 'email_followup_paused_until'),
              jsonb_object_agg(company, value)
                  FILTER (WHERE name = 'email_followup_answered'),
              NULL,
              jsonb_object_agg(company, value)
                  FILTER (WHERE name = 'email_followup_handed_over_on'),
              NULL, NULL, NULL, NULL
         FROM (SELECT field.name, COALESCE(company_id, 0) AS company,
                      json_value::jsonb AS value
                 FROM ir_default
                 JOIN ir_model_fields field ON field.id = ir_default.field_id
                WHERE field.model = 'res.partner'
                  AND user_id IS NULL AND condition IS NULL) general
    UNION ALL
       SELECT partner.id, partner.email_followup_plan_id,
              partner.email_followup_excluded,
              partner.email_followup_paused_until,
              partner.email_followup_answered,
              %s,
              partner.email_followup_handed_over_on,
              %s
         FROM res_partner partner %s
        WHERE partner.id = ANY(%s)
"""


def _notes(units, partner_ids, addressees):
    """Return {customer id: :class:`CustomerNotes`}, of the customer None the defaults.

    Its contacts are those for follow-ups or invoices, invoices' addressees, and itself
    (also if it is archived); an address that has bounced is none.
    """
    cr, partner_ids = units.env.cr, list(partner_ids)
    asked = segments.columns(units.plan_rules)
    joined = segments.joined(units, partner_ids)
    cr.execute(SQL(NOTES, contacts.column(addressees), asked, joined, partner_ids))
    return {
        id_: CustomerNotes(*noted[:6], Noted(*noted[6:]))
        for id_, *noted in cr.fetchall()
    }
