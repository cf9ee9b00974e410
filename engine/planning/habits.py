"""How customers pay: how late on average, when money may be expected, and their DSO.

A DSO is told only of those who have paid something of what was invoiced lately: of the
others the formula gives the days of its period, which say nothing of how they pay.

It is learned of whoever is decided about: after a payment, a new invoice, and once a
day, for "the last 12 months" is another time on another day.
"""

import datetime as dt

from odoo import fields
from odoo.tools import SQL

from .money import OF_MONEY

#: How far back it counts how late a customer pays.
A_YEAR = 365
#: Of fewer invoices nothing is said.
INVOICES_AT_LEAST = 3

#: How many instalments (``number``), of how many ``invoices``, customers have paid in
#: full since a day, and how many ``days`` late in all: from the due date to the last
#: payment, 0 if that was earlier. What a credit note has settled, or what was written
#: off, says nothing about how the customer pays.
PAID_LATE = """
     SELECT customer, company, COUNT(*) AS number, SUM(late) AS days,
            COUNT(DISTINCT invoice) AS invoices
       FROM (SELECT payer.commercial_partner_id AS customer,
                    line.company_id AS company, line.move_id AS invoice,
                    GREATEST(MAX(paying.date) - line.date_maturity, 0) AS late
               FROM res_partner payer
               JOIN account_move_line line ON line.partner_id = payer.id
               JOIN account_move invoice ON invoice.id = line.move_id
               JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = line.id
               JOIN account_move_line paying ON paying.id = partial.credit_move_id
               JOIN account_journal journal ON journal.id = paying.journal_id
              WHERE payer.commercial_partner_id = ANY(%s)
                AND line.company_id = ANY(%s)
                AND line.reconciled AND line.parent_state = 'posted'
                AND line.display_type = 'payment_term'
                AND invoice.move_type = 'out_invoice'
                AND journal.type = ANY(%s)
                AND partial.max_date > %s
           GROUP BY payer.commercial_partner_id, line.id) paid
   GROUP BY customer, company
"""
#: Rows that stay as they are are not touched.
LEARN = """
       WITH unit AS (
            SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
                       AS unit(company_id, today)),
            habit AS (
            SELECT customer AS partner_id, company AS company_id, invoices,
                   ROUND(days::numeric / number)::int AS delay
              FROM (%(paid_late)s) paid
             WHERE invoices >= %(at_least)s),
            item AS (
            SELECT customer.commercial_partner_id AS partner_id, line.company_id,
                   unit.today, line.balance, line.amount_residual AS residual,
                   COALESCE(line.date_maturity, line.date) AS due,
                   line.reconciled IS NOT TRUE AS is_open,
                   move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                       AND COALESCE(move.invoice_date, move.date) > unit.today - 90
                       AS is_new,
                   move.email_followup_dispute_reason IS NOT NULL AS in_dispute
              FROM res_partner customer
              JOIN account_move_line line ON line.partner_id = customer.id
              JOIN unit ON unit.company_id = line.company_id
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
             WHERE customer.commercial_partner_id = ANY(%(partners)s)
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND (line.reconciled IS NOT TRUE
                    OR COALESCE(move.invoice_date, move.date) > unit.today - 90)),
            summed AS (
            SELECT item.company_id, item.partner_id,
                   COALESCE(SUM(balance) FILTER (WHERE is_new), 0) AS invoiced,
                   GREATEST(SUM(residual) FILTER (WHERE is_open), 0) AS total,
                   COALESCE(SUM(residual) FILTER (WHERE is_new), 0) AS unpaid,
                   MIN(LEAST(due + habit.delay, '9999-12-31')) FILTER (
                       WHERE is_open AND residual > 0 AND NOT in_dispute
                         AND due + habit.delay >= today) AS expected
              FROM item
         LEFT JOIN habit ON habit.company_id = item.company_id
                        AND habit.partner_id = item.partner_id
             WHERE is_open OR is_new
          GROUP BY 1, 2),
            learned AS (
            SELECT known.id, habit.delay, COALESCE(habit.invoices, 0) AS paid,
                   COALESCE(summed.invoiced, 0) AS invoiced, summed.expected,
                   CASE WHEN summed.invoiced > GREATEST(
                            LEAST(summed.total, summed.unpaid), 0)
                        THEN ROUND(summed.total * 90 / summed.invoiced) END AS dso
              FROM account_email_followup_case known
              JOIN unit ON unit.company_id = known.company_id
         LEFT JOIN habit ON habit.company_id = known.company_id
                        AND habit.partner_id = known.partner_id
         LEFT JOIN summed ON summed.company_id = known.company_id
                         AND summed.partner_id = known.partner_id
             WHERE known.partner_id = ANY(%(partners)s))
     UPDATE account_email_followup_case known
        SET usual_delay = learned.delay, paid_invoices = learned.paid,
            invoiced = learned.invoiced, dso = learned.dso,
            expected_on = learned.expected
       FROM learned
      WHERE learned.id = known.id
        AND (known.usual_delay, known.paid_invoices, known.invoiced, known.dso,
             known.expected_on)
            IS DISTINCT FROM (learned.delay, learned.paid, learned.invoiced,
                              learned.dso, learned.expected)
"""


def paid_late(partner_ids, company_ids, today=None):
    """The query of how late these customers have paid in the year before *today*.

    :return: ``SQL`` with a row for each ``customer`` and ``company`` who has paid.
    """
    since = (today or fields.Date.today()) - dt.timedelta(days=A_YEAR)
    return SQL(PAID_LATE, partner_ids, company_ids, list(OF_MONEY), since)


def learn(env, todays, partners):
    """Write down how these customers pay.

    :param env: with the right to see everything.
    :param todays: {company id: its today}.
    :param partners: commercial partners (``res.partner``).
    """
    env.cr.execute(
        SQL(
            LEARN,
            companies=list(todays),
            todays=list(todays.values()),
            paid_late=paid_late(partners.ids, list(todays)),
            at_least=INVOICES_AT_LEAST,
            partners=partners.ids,
        )
    )
    env["account.email.followup.case"].invalidate_model()
