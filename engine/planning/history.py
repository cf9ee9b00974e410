"""The follow-ups of the ledger that still say something, as the rules know them."""

import datetime as dt
from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

from ...rules import Past

#: How long, at least, a follow-up that lists nothing open any more still counts: a
#: statement a month, and a few days.
RECENT_DAYS = 35
TEN_YEARS = 3653

#: Follow-ups that still say something about what is open or allowed: those under way,
#: the recent ones (of those that were sent, the last of each kind), and all about what
#: is open. Each found by an index, for the ledger keeps all of them for ever.
COUNTING = """
       SELECT followup.id
         FROM account_email_followup followup
         JOIN res_partner partner ON partner.id = followup.partner_id
        WHERE followup.company_id = ANY(%(companies)s) AND %(mine)s
          AND followup.state IN ('to_review', 'planned', 'sending', 'unknown')
        UNION
       SELECT followup.id
         FROM account_email_followup followup
         JOIN res_partner partner ON partner.id = followup.partner_id
        WHERE followup.company_id = ANY(%(companies)s) AND %(mine)s
          AND followup.state <> 'sent' AND followup.done_on > %(recently)s
        UNION
      (SELECT DISTINCT ON (followup.partner_id, followup.addressee_id,
                           followup.channel, followup.step_id,
                           CASE WHEN %(many)s THEN followup.id END) followup.id
         FROM account_email_followup followup
         JOIN res_partner partner ON partner.id = followup.partner_id
        WHERE followup.company_id = ANY(%(companies)s) AND %(mine)s
          AND followup.state = 'sent' AND followup.done_on > %(recently)s
     ORDER BY followup.partner_id, followup.addressee_id, followup.channel,
              followup.step_id, CASE WHEN %(many)s THEN followup.id END,
              followup.done_on DESC, followup.id DESC)
        UNION
       SELECT followup.id
         FROM account_move_line item
         JOIN account_account account ON account.id = item.account_id
              %(asked_for)s
         JOIN res_partner partner ON partner.id = followup.partner_id
        WHERE followup.company_id = ANY(%(companies)s) AND %(mine)s
          AND item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
          AND account.account_type = 'asset_receivable'
"""
#: The follow-ups about an open item. Of a few customers: by whatever PostgreSQL takes
#: for the shortest way, which may begin with the customers.
OF_A_FEW = SQL(
    """
         JOIN account_email_followup_line listed ON listed.move_line_ref = item.id
         JOIN account_email_followup followup ON followup.id = listed.followup_id
    """
)
#: Of many: item by item, so that what was settled long ago is not read again.
OF_MANY = SQL(
    """
   CROSS JOIN LATERAL (SELECT followup_id FROM account_email_followup_line
                        WHERE move_line_ref = item.id OFFSET 0) listed
   CROSS JOIN LATERAL (SELECT id, company_id, partner_id FROM account_email_followup
                        WHERE id = listed.followup_id OFFSET 0) followup
    """
)
MANY = 500  # customers: more than one batch of emails is for
#: These, with what they ask for and the companies of that: looked up one by one (OFFSET
#: 0), for PostgreSQL takes them for many more, and would read the ledger as a whole.
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
              followup.approved, followup.at_once,
              partner.commercial_partner_id, followup.company_id,
              ARRAY_REMOVE(ARRAY_AGG(DISTINCT move.company_id), NULL)
         FROM (%s) counting
CROSS JOIN LATERAL (SELECT id, state, done_on, planned_date, step_id, step_position,
                           step_days, channel, by_hand, skip, addressee_id, partner_id,
                           company_id, approved, at_once
                      FROM account_email_followup WHERE id = counting.id OFFSET 0
                   ) followup
         JOIN res_partner partner ON partner.id = followup.partner_id
    LEFT JOIN LATERAL (SELECT move_line_ref, move_ref, told
                         FROM account_email_followup_line
                        WHERE followup_id = followup.id AND state = 'chased' OFFSET 0
                      ) line ON TRUE
    LEFT JOIN LATERAL (SELECT company_id FROM account_move
                        WHERE id = line.move_ref OFFSET 0) move ON TRUE
     GROUP BY followup.id, followup.state, followup.done_on, followup.planned_date,
              followup.step_id, followup.step_position, followup.step_days,
              followup.channel, followup.by_hand, followup.skip, followup.addressee_id,
              followup.partner_id, followup.company_id, followup.approved,
              followup.at_once, partner.commercial_partner_id
"""


def history(units, partners):
    """The follow-ups which still say something about what is open or allowed.

    A branch may have connected or disconnected a mailbox of its own since: its
    customers know what either company's mailbox has asked them for. And a person may
    have become a contact of a company since, with what was sent to that person.

    :param partners: commercial partners (``res.partner``); all if None.
    :return: {(unit id, customer id): list of :class:`...rules.Past`}.
    """
    return known(units, _counting(units, partners))


def known(units, counting):
    """The follow-ups whose ids *counting* (a subquery) gives, in the same way."""
    cr = units.env.cr
    cr.execute(SQL(HISTORY, counting))
    found = defaultdict(list)
    for *past, partner_id, company_id, asked_for in cr.fetchall():
        for unit_id in units.serving({company_id, *asked_for}):
            found[unit_id, partner_id].append(Past._make(past))
    return found


def _counting(units, partners):
    """The query of those that still say something today."""
    companies = units.kin_ids()
    return SQL(
        COUNTING,
        companies=companies,
        mine=only(SQL("partner.commercial_partner_id"), partners),
        asked_for=OF_MANY if partners is None or len(partners) > MANY else OF_A_FEW,
        recently=recently(units),
        # An email of one company may be about another's invoices.
        many=len(companies) > 1,
    )


def recently(units, day=None):
    """The day after which a follow-up may still hold back the next one of *day*; of
    today, if None.

    A day more than the gap: where a plan is at home it may be yesterday still.
    """
    gaps = [max(plan.minimum_gap, plan.recap_days) for plan in units.plans.active]
    days = min(max([RECENT_DAYS, *gaps]), TEN_YEARS)
    return (day or fields.Date.today()) - dt.timedelta(days=days + 1)


def only(column, records):
    """An SQL condition: *column* is one of *records*, or anything if that is None."""
    if records is None:
        return SQL("TRUE")
    return SQL("%s = ANY(%s)", column, records.ids)
