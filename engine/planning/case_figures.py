"""The figures of all customers with something open, in one statement.

The figures are Odoo's own: the open receivable journal items, in company currency, what
nobody would ask for included, so that their sum is that of the ledger.
"""

from odoo.tools import SQL

from . import sent
from .history import only

#: What may change what the rules say, as one number: of each item, of the customer and
#: whoever else hears about it, of its promises and of its latest follow-ups; of the
#: plans, the mailboxes, and what the bank has told. (``write_date`` where Odoo notes
#: each change; else the columns that are decided by.)
COUNT = """
       WITH unit AS (
            SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
                       AS unit(company_id, today)),
            found AS (
            SELECT line.company_id, partner.commercial_partner_id AS partner_id,
                   SUM(line.amount_residual) AS total,
                   COALESCE(SUM(line.amount_residual)
                       FILTER (WHERE %(due)s < unit.today), 0) AS overdue,
                   MIN(%(due)s) FILTER (WHERE line.amount_residual > 0) AS oldest,
                   COUNT(DISTINCT line.move_id)
                       FILTER (WHERE line.amount_residual > 0) AS invoices,
                   COUNT(DISTINCT move.id) FILTER (
                       WHERE move.email_followup_dispute_reason IS NOT NULL
                   ) AS disputed,
                   SUM(hashtextextended(ROW(
                       line.id, %(due)s, line.amount_residual_currency,
                       line.amount_residual, line.currency_id, line.date,
                       line.no_followup, move.partner_id, move.payment_state,
                       move.email_followup_dispute_reason IS NOT NULL,
                       move.email_followup_resume_on, move.email_followup_sent_on,
                       move.email_followup_despite, %(sent)s)::text, 0)) AS items
              FROM account_move_line line
              JOIN unit ON unit.company_id = line.company_id
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND %(its)s
          GROUP BY 1, 2),
            reached AS (
            SELECT commercial_partner_id AS partner_id, COUNT(*), MAX(write_date) AS at
              FROM res_partner
             WHERE type IN ('email_followup', 'invoice') AND parent_id IS NOT NULL
          GROUP BY 1),
            promised AS (
            SELECT partner.commercial_partner_id AS partner_id, COUNT(*),
                   MAX(promise.write_date) AS at
              FROM account_email_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
          GROUP BY 1),
            latest AS (
            SELECT id, partner_id, state FROM account_email_followup
             WHERE (state IN ('to_review', 'planned', 'sending', 'unknown')) IS TRUE
             UNION
            SELECT id, partner_id, state FROM account_email_followup
             WHERE done_on >= %(yesterday)s),
            written AS (
            SELECT partner.commercial_partner_id AS partner_id,
                   SUM(hashtextextended(ROW(latest.id, latest.state)::text, 0)) AS last
              FROM latest JOIN res_partner partner ON partner.id = latest.partner_id
          GROUP BY 1),
            signed AS (
            SELECT found.*,
                   hashtextextended(ROW(found.items, customer.write_date, reached,
                                        promised, written.last, %(of_all)s)::text, 0
                   )::text AS signature
              FROM found
              JOIN res_partner customer ON customer.id = found.partner_id
         LEFT JOIN reached ON reached.partner_id = found.partner_id
         LEFT JOIN promised ON promised.partner_id = found.partner_id
         LEFT JOIN written ON written.partner_id = found.partner_id),
            counted AS (
            INSERT INTO account_email_followup_case AS known (
                   company_id, partner_id, active, todo, total, overdue,
                   oldest_due_date, invoices, disputed, signature,
                   create_uid, create_date, write_uid, write_date)
            SELECT company_id, partner_id, TRUE, 'waiting', total, overdue, oldest,
                   invoices, disputed, signature, %(uid)s,
                   now() AT TIME ZONE 'utc', %(uid)s, now() AT TIME ZONE 'utc'
              FROM signed
                ON CONFLICT (company_id, partner_id) DO UPDATE
               SET active = TRUE, total = excluded.total, overdue = excluded.overdue,
                   oldest_due_date = excluded.oldest_due_date,
                   invoices = excluded.invoices, disputed = excluded.disputed,
                   signature = excluded.signature
             WHERE (known.active, known.signature, known.overdue)
                   IS DISTINCT FROM (TRUE, excluded.signature, excluded.overdue))
     UPDATE account_email_followup_case known
        SET active = FALSE, total = 0, overdue = 0, invoices = 0, disputed = 0,
            oldest_due_date = NULL, signature = NULL, decided_for = NULL,
            todo = 'waiting', reason = 'nothing_open', remarks = NULL, came_on = NULL,
            contact_id = NULL, step_id = NULL, next_date = NULL, next_amount = 0
       FROM unit
      WHERE known.company_id = unit.company_id AND known.active AND %(known)s
        AND NOT EXISTS (SELECT FROM found WHERE found.company_id = known.company_id
                                            AND found.partner_id = known.partner_id)
"""
DUE = "COALESCE(line.date_maturity, line.date)"
#: What holds for everybody.
OF_ALL = """
    (SELECT ROW((SELECT ROW(COUNT(*), MAX(write_date))
                   FROM account_email_followup_plan),
                (SELECT ROW(COUNT(*), MAX(write_date))
                   FROM account_email_followup_step),
                (SELECT ROW(COUNT(*), MAX(write_date))
                   FROM account_email_followup_plan_rule),
                (SELECT ROW(COUNT(*), MAX(write_date)) FROM res_company),
                (SELECT SUM(hashtextextended(ROW(id, company_id, state)::text, 0))
                   FROM account_email_connector),
                (SELECT SUM(hashtextextended(ROW(id, json_value)::text, 0))
                   FROM ir_default),
                (SELECT MAX(id) FROM account_bank_statement_line),
                %s)::text)
"""
ONLINE = "(SELECT ROW(COUNT(*), MAX(write_date)) FROM payment_transaction)"


def query(env, companies, yesterday, partners=None):
    """The SQL that writes the figures down, archives the rows of whom nothing is open
    any more, and leaves alone what stays as it was.

    :param companies: {id: its today}.
    :param yesterday: the date since when a follow-up is one of the latest.
    :param partners: only these commercial partners (``res.partner``); all if None.
    """
    online = SQL(ONLINE if "payment.transaction" in env else "NULL")
    return SQL(
        COUNT,
        companies=list(companies),
        todays=list(companies.values()),
        yesterday=yesterday,
        uid=env.uid,
        its=only(SQL("partner.commercial_partner_id"), partners),
        known=only(SQL("known.partner_id"), partners),
        due=SQL(DUE),
        sent=sent.sent(env),
        of_all=SQL(OF_ALL, online),
    )
