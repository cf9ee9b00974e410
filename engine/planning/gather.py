"""The facts of all customers with open items, in a fixed number of SQL statements."""

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...rules import Customer, Item, Past, hearers
from . import contacts, money, segments, sent
from .segments import Noted

#: How long, at least, a follow-up that lists nothing open any more still counts.
RECENT_DAYS = 100
TEN_YEARS = 3653


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
    env = units.env
    env.flush_all()
    items, addressees = _items(env, units, partners)
    promises = money.set_against(units, items, partners)
    history = _history(env, units, partners)
    notes = _notes(units, {partner_id for _, partner_id in items}, addressees)
    found = []
    for key in sorted(items):
        unit_id, partner_id = key
        unit = units.units[unit_id]
        noted, default = notes[partner_id], notes[None]
        choice = _choice(units, unit, noted, default, items[key])
        heard = hearers(contacts.known(noted.contacts or (), partner_id, unit, units))
        customer = Customer(
            id=partner_id,
            unit=unit_id,
            items=contacts.addressed(items[key], heard.by_itself)
            if addressees
            else items[key],
            history=history.get(key, []),
            excluded=any(_noted(unit, noted.excluded, default.excluded)),
            answered=any(_noted(unit, noted.answered, default.answered)),
            reachable=bool(heard.own),
            paused_until=max(
                map(_date, _noted(unit, noted.paused_until, default.paused_until)),
                default=None,
            ),
            promises=promises.get(key, ()),
            own_plan=choice.own,
            plan_rule=choice.rule,
            handed_over=any(_noted(unit, noted.handed_over, default.handed_over)),
        )
        found.append((unit, choice.plan, customer))
    return found


def _choice(units, unit, noted, default, items):
    """The plan of a customer (:class:`.units.Choice`), by all its open *items*."""
    plan_id = next(_noted(unit, noted.plan, default.plan), None)
    return units.choose(
        unit, plan_id, lambda: segments.segment_of(units, unit, noted.segment, items)
    )


def _noted(unit, values, defaults):
    """What the unit's company, and then its branches, have noted."""
    if not values and not defaults:
        return iter(())
    known = {**(defaults or {}), **(values or {})}
    for_all = known.get("0")
    return filter(None, (known.get(str(id_), for_all) for id_ in unit.company_ids))


def _date(text):
    return dt.date.fromisoformat(text)


#: The last fields of an item, which the journal items do not tell (:mod:`.money`).
NOT_UNDER_WAY = (0.0, False, None, None)

#: Every open receivable item.
ITEMS = """
       WITH sender AS MATERIALIZED (%s)
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
              line.company_id, partner.commercial_partner_id
         FROM account_move_line line
         JOIN account_account account ON account.id = line.account_id
         JOIN account_move move ON move.id = line.move_id
         JOIN res_partner partner ON partner.id = line.partner_id
    LEFT JOIN sender ON sender.id = line.company_id
        WHERE line.reconciled IS NOT TRUE
          AND line.parent_state = 'posted'
          AND account.account_type = 'asset_receivable'
          AND line.company_id = ANY(%s)
          AND %s
"""


def _items(env, units, partners):
    """Every open receivable item, the paid and blocked ones included: the rules
    say why those are not chased.

    :return: {(unit id, customer id): items}, and the ids of the contacts that invoices
        are addressed to.
    """
    env.cr.execute(
        SQL(
            ITEMS,
            sent.senders(units.company_ids()),
            sent.sent(env),
            sent.sent_otherwise(env),
            units.company_ids(),
            _only(SQL("partner.commercial_partner_id"), partners),
        )
    )
    items, addressees = defaultdict(list), set()
    unit_of = units.unit_of
    for row in env.cr.fetchall():
        item, (company_id, partner_id) = Item._make(row[:-2] + NOT_UNDER_WAY), row[-2:]
        items[unit_of[company_id], partner_id].append(item)
        if item.addressee:
            addressees.add(item.addressee)
    return items, addressees


#: Follow-ups, with what they ask for and the companies of that.
HISTORY = """
       SELECT followup.id, followup.state,
              COALESCE(followup.done_on, followup.planned_date),
              followup.step_id, followup.step_position, followup.step_days,
              ARRAY_REMOVE(ARRAY_AGG(line.move_line_ref), NULL),
              followup.channel, followup.by_hand, followup.skip,
              ARRAY_REMOVE(ARRAY_AGG(
                  CASE WHEN line.told THEN line.move_line_ref END), NULL),
              COALESCE(followup.addressee_id, NULLIF(
                  followup.partner_id, partner.commercial_partner_id)),
              partner.commercial_partner_id, followup.company_id,
              ARRAY_REMOVE(ARRAY_AGG(DISTINCT move.company_id), NULL)
         FROM account_email_followup followup
         JOIN res_partner partner ON partner.id = followup.partner_id
    LEFT JOIN account_email_followup_line line
              ON line.followup_id = followup.id AND line.state = 'chased'
    LEFT JOIN account_move move ON move.id = line.move_ref
        WHERE followup.company_id = ANY(%s) AND %s
          AND (followup.state IN ('to_review', 'planned', 'sending', 'unknown')
               OR followup.done_on > %s
               OR EXISTS (
                   SELECT 1 FROM account_email_followup_line listed
                     JOIN account_move_line open_item
                          ON open_item.id = listed.move_line_ref
                    WHERE listed.followup_id = followup.id
                      AND open_item.reconciled IS NOT TRUE))
     GROUP BY followup.id, partner.commercial_partner_id
"""


def _history(env, units, partners):
    """The follow-ups which still say something about what is open or allowed.

    A branch may have connected or disconnected a mailbox of its own since: its
    customers know what either company's mailbox has asked them for. And a person may
    have become a contact of a company since, with what was sent to that person.
    """
    env.cr.execute(
        SQL(
            HISTORY,
            units.kin_ids(),
            _only(SQL("partner.commercial_partner_id"), partners),
            _recently(units),
        )
    )
    history = defaultdict(list)
    for *past, partner_id, company_id, asked_for in env.cr.fetchall():
        for unit_id in units.serving({company_id, *asked_for}):
            history[unit_id, partner_id].append(Past._make(past))
    return history


def _recently(units):
    """The day after which a follow-up may still hold back the next one.

    A day more than the gap: where a plan is at home it may be yesterday still.
    """
    gaps = [max(plan.minimum_gap, plan.recap_days) for plan in units.plans.active]
    days = min(max([RECENT_DAYS, *gaps]), TEN_YEARS)
    return fields.Date.today() - dt.timedelta(days=days + 1)


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


def _only(column, records):
    """An SQL condition: *column* is one of *records*, or anything if that is None."""
    if records is None:
        return SQL("TRUE")
    return SQL("%s = ANY(%s)", column, records.ids)
