"""For whom there may be anything to do today: the others' facts are not gathered.

The rules decide. Here they are spared those of whom it is certain that nothing is due,
nobody is to be told of an end, and no money is to be looked at (:mod:`...rules.quiet`).
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...rules import quiet

#: Wherever a plan is at home, its today is not further from ours.
ONE_DAY = timedelta(days=1)

#: Customers in a unit of whom one of these holds:
#:
#: - something open is not simply owed (a credit, a payment), or money is under way;
#: - something is as old as the first step of any plan, and has not heard its first step
#:   these days; unless a follow-up about the whole customer is under way, or nobody
#:   knows what became of it.
#:
#: What has to be looked up is found by an index (OFFSET 0: by no other), for each by
#: itself: PostgreSQL's idea of how many were planned or sent is wrong until it counts
#: again, and to join them it may compare all with all.
CANDIDATES = """
    WITH unit AS (%(units)s)
    SELECT partner.commercial_partner_id,
           ARRAY_AGG(DISTINCT move.partner_id)
               FILTER (WHERE move.partner_id <> partner.commercial_partner_id)
      FROM account_move_line line
      JOIN unit ON unit.company_id = line.company_id
      JOIN account_account account ON account.id = line.account_id
      JOIN account_move move ON move.id = line.move_id
      JOIN res_partner partner ON partner.id = line.partner_id
     WHERE line.reconciled IS NOT TRUE
       AND line.parent_state = 'posted'
       AND account.account_type = 'asset_receivable'
  GROUP BY unit.id, partner.commercial_partner_id
    HAVING partner.commercial_partner_id = ANY(%(partners)s)
        OR BOOL_OR(line.move_id = ANY(%(moves)s))
        OR NOT BOOL_AND(line.amount_residual_currency > 0.000001
                        AND move.origin_payment_id IS NULL
                        AND move.statement_line_id IS NULL)
        OR BOOL_OR(COALESCE(line.date_maturity, line.date) <= %(old)s
                   AND NOT EXISTS (%(heard)s))
           AND NOT (BOOL_AND(move.partner_id IS NULL OR
                             move.partner_id = partner.commercial_partner_id)
                    AND EXISTS (%(held)s))
"""
#: A follow-up about the whole customer that is under way: by the index of these alone
#: (``_under_way``).
HELD = """
    SELECT FROM (SELECT company_id, addressee_id
                   FROM account_email_followup
                  WHERE partner_id = partner.commercial_partner_id
                    AND (state IN ('to_review', 'planned', 'sending', 'unknown')
                        ) IS TRUE OFFSET 0) followup
      JOIN unit its ON its.company_id = followup.company_id AND its.id = unit.id
     WHERE followup.addressee_id IS NULL
"""
#: The one follow-up about the item: it is too early for the next step.
HEARD = """
    SELECT FROM (SELECT followup_id, move_line_ref
                   FROM account_email_followup_line
                  WHERE move_line_ref = line.id AND state = 'chased' OFFSET 0) listed
     CROSS JOIN LATERAL (SELECT * FROM account_email_followup
                          WHERE id = listed.followup_id OFFSET 0) followup
      JOIN res_partner asked ON asked.id = followup.partner_id
      JOIN res_partner customer ON customer.id = asked.commercial_partner_id
     WHERE customer.id = partner.commercial_partner_id
       AND followup.done_on - followup.step_days
           >= COALESCE(line.date_maturity, line.date)
       AND followup.state = 'sent' AND followup.company_id = ANY(%(kin)s)
       AND followup.done_on > %(lately)s
       AND followup.step_days >= %(first)s AND followup.step_days < %(last)s
       AND followup.step_id <> ALL(%(last_steps)s)
       AND customer.email_followup_plan_id IS NULL
       AND NOT EXISTS (
           SELECT FROM (SELECT followup_id, state
                          FROM account_email_followup_line
                         WHERE move_line_ref = listed.move_line_ref OFFSET 0) other
            WHERE other.state = 'chased' AND other.followup_id <> followup.id)
       AND NOT EXISTS (
           SELECT FROM ir_default
             JOIN ir_model_fields field ON field.id = ir_default.field_id
            WHERE field.model = 'res.partner'
              AND field.name = 'email_followup_plan_id')
"""


class Candidates(NamedTuple):
    """Customers, and the contacts that their open invoices are addressed to: ids."""

    partner_ids: list
    addressees: set


def find(units, underway):
    """The :class:`Candidates` of these *units* (:class:`.units.Units`).

    :param underway: :class:`.money.Underway` of all customers.
    """
    cr = units.env.cr
    cr.execute(query(units, underway))
    found, addressees = set(), set()
    for partner_id, its_addressees in cr.fetchall():
        found.add(partner_id)
        addressees.update(its_addressees or ())
    return Candidates(sorted(found), addressees)


def query(units, underway):
    """The SQL that finds them; see :func:`find`."""
    tomorrow = (units.on_date or fields.Date.today()) + ONE_DAY
    return SQL(
        CANDIDATES,
        units=units.as_rows(),
        partners=list(underway.partner_ids),
        moves=list(underway.move_ids),
        old=tomorrow - timedelta(days=units.plans.nothing_before()),
        held=SQL(HELD),
        heard=_heard(units, tomorrow),
    )


def _heard(units, tomorrow):
    rest = quiet.rest(units.plans_in_use())
    return SQL(
        HEARD,
        kin=units.kin_ids(),
        lately=tomorrow - timedelta(days=rest.days),
        first=rest.first,
        last=rest.last,
        last_steps=list(rest.last_steps),
    )
