"""The figures of all customers with something open, in one statement.

The figures are Odoo's own: the open receivable journal items, in company currency, what
nobody would ask for included, so that their sum is that of the ledger.
"""

from odoo.tools import SQL

from . import sent
from .history import only
from .money import is_paid_online

#: What may change what the rules say, as one number: of each item, of the customer and
#: its contacts, of its promises, its money that no item shows yet, and its latest
#: follow-ups; of the plans and mailboxes; and that the bank has told something. Of
#: those of whom it is said that money is to be matched, also what was matched. By when
#: each row was written, where Odoo notes all that matters; else by the columns.
COUNT = """
       WITH unit AS (
            SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
                       AS unit(company_id, today)),
            found AS (
            SELECT line.company_id, partner.commercial_partner_id AS partner_id,
                   SUM(line.amount_residual) AS total,
                   GREATEST(0, SUM(line.amount_residual) FILTER (
                       WHERE %(due)s < unit.today OR line.amount_residual < 0
                   )) AS overdue,
                   %(by_age)s,
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
            noted AS (
            SELECT id, commercial_partner_id AS partner_id, write_date::text AS said
              FROM res_partner partner WHERE %(its)s
         UNION ALL
            SELECT promise.id, partner.commercial_partner_id, promise.write_date::text
              FROM account_email_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
             WHERE %(its)s
         UNION ALL
            SELECT payment.id, partner.commercial_partner_id, payment.write_date::text
              FROM account_payment payment
              JOIN res_partner partner ON partner.id = payment.partner_id
             WHERE payment.move_id IS NULL AND payment.partner_type = 'customer'
               AND payment.state IN ('in_process', 'paid') AND %(its)s
         UNION ALL
            SELECT latest.id, partner.commercial_partner_id, latest.state
              FROM (SELECT id, partner_id, state FROM account_email_followup
                     WHERE (state IN ('to_review', 'planned', 'sending', 'unknown')
                           ) IS TRUE
                     UNION
                    SELECT id, partner_id, state FROM account_email_followup
                     WHERE done_on >= %(lately)s) latest
              JOIN res_partner partner ON partner.id = latest.partner_id
             WHERE %(its)s
                   %(online)s),
            notes AS (
            SELECT partner_id,
                   SUM(hashtextextended(ROW(id, said)::text, 0)) AS notes
              FROM noted
          GROUP BY 1),
            bank AS (
            SELECT company_id, MAX(id) AS newest,
                   SUM(hashtextextended(ROW(id, write_date)::text, 0))
                       FILTER (WHERE is_reconciled IS NOT TRUE) AS unmatched
              FROM account_bank_statement_line
             WHERE company_id = ANY(%(companies)s)
          GROUP BY 1),
            signed AS (
            SELECT found.*,
                   hashtextextended(ROW(
                       found.items, notes.notes, bank.newest,
                       CASE before.todo WHEN 'money' THEN bank.unmatched END,
                       %(of_all)s)::text, 0)::text AS signature
              FROM found
              JOIN notes ON notes.partner_id = found.partner_id
         LEFT JOIN bank ON bank.company_id = found.company_id
         LEFT JOIN account_email_followup_case before
                ON before.company_id = found.company_id
               AND before.partner_id = found.partner_id),
            counted AS (
            INSERT INTO account_email_followup_case AS known (
                   company_id, partner_id, active, todo, total, overdue, %(ages)s,
                   oldest_due_date, invoices, disputed, signature,
                   create_uid, create_date, write_uid, write_date)
            SELECT company_id, partner_id, TRUE, 'waiting', total, overdue, %(ages)s,
                   oldest, invoices, disputed, signature, %(uid)s,
                   now() AT TIME ZONE 'utc', %(uid)s, now() AT TIME ZONE 'utc'
              FROM signed
                ON CONFLICT (company_id, partner_id) DO UPDATE
               SET active = TRUE, total = excluded.total, overdue = excluded.overdue,
                   oldest_due_date = excluded.oldest_due_date,
                   invoices = excluded.invoices, disputed = excluded.disputed,
                   signature = excluded.signature, %(aged)s
             WHERE (known.active, known.signature, known.overdue, %(known_ages)s)
                   IS DISTINCT FROM (
                   TRUE, excluded.signature, excluded.overdue, %(new_ages)s))
     UPDATE account_email_followup_case known
        SET active = FALSE, total = 0, overdue = 0, invoices = 0, disputed = 0,
            oldest_due_date = NULL, signature = NULL, decided_for = NULL,
            todo = 'waiting', reason = 'nothing_open', remarks = NULL,
            reason_day = NULL, contact_id = NULL, step_id = NULL,
            next_date = NULL, next_channel = NULL,
            next_amount = 0, counts_from = NULL, dso = NULL, expected_on = NULL,
            %(no_ages)s
       FROM unit
      WHERE known.company_id = unit.company_id AND known.active AND %(known)s
        AND NOT EXISTS (SELECT FROM found WHERE found.company_id = known.company_id
                                            AND found.partner_id = known.partner_id)
"""
DUE = "COALESCE(line.date_maturity, line.date)"
#: {column: the days overdue from which, and up to which, an item is in it}: credits and
#: payments, too, as in Odoo's own aged receivable. Their sum is the total.
AGES = {
    "not_due": (None, 0),
    "late_30": (1, 30),
    "late_60": (31, 60),
    "late_90": (61, 90),
    "late_more": (91, None),
}
#: What holds for everybody.
OF_ALL = """
    (SELECT ROW(
        (SELECT SUM(hashtextextended(ROW(id, write_date)::text, 0))
           FROM account_email_followup_plan),
        (SELECT SUM(hashtextextended(ROW(id, write_date)::text, 0))
           FROM account_email_followup_step),
        (SELECT SUM(hashtextextended(ROW(id, write_date)::text, 0))
           FROM account_email_followup_plan_rule),
        (SELECT SUM(hashtextextended(ROW(id, write_date)::text, 0)) FROM res_company),
        (SELECT SUM(hashtextextended(ROW(id, company_id, state, chasing, chase_since,
                                         read_first_until)::text, 0))
           FROM account_email_connector),
        (SELECT SUM(hashtextextended(ROW(standard.id, json_value)::text, 0))
           FROM ir_default standard
           JOIN ir_model_fields field ON field.id = standard.field_id
          WHERE field.model = 'res.partner'))::text)
"""
#: Where payments online are installed.
ONLINE = """
         UNION ALL
            SELECT tx.id, partner.commercial_partner_id, tx.state
              FROM payment_transaction tx
              JOIN res_partner partner ON partner.id = tx.partner_id
             WHERE tx.state IN ('pending', 'authorized', 'done')
               AND tx.payment_id IS NULL AND %s
"""


def query(env, companies, lately, partners=None):
    """The SQL that writes the figures down, archives the rows of whom nothing is open
    any more, and leaves alone what stays as it was.

    :param companies: {id: its today}.
    :param lately: the date since when a follow-up is one of the latest.
    :param partners: only these commercial partners (``res.partner``); all if None.
    """
    its = only(SQL("partner.commercial_partner_id"), partners)
    online = SQL(ONLINE, its) if is_paid_online(env) else SQL()
    ages = [SQL.identifier(name) for name in AGES]
    return SQL(
        COUNT,
        companies=list(companies),
        todays=list(companies.values()),
        lately=lately,
        uid=env.uid,
        its=its,
        known=only(SQL("known.partner_id"), partners),
        due=SQL(DUE),
        sent=sent.sent(env),
        online=online,
        by_age=SQL(", ").join(map(_by_age, AGES)),
        ages=SQL(", ").join(ages),
        aged=SQL(", ").join(SQL("%s = excluded.%s", age, age) for age in ages),
        known_ages=SQL(", ").join(SQL("known.%s", age) for age in ages),
        new_ages=SQL(", ").join(SQL("excluded.%s", age) for age in ages),
        no_ages=SQL(", ").join(SQL("%s = 0", age) for age in ages),
        of_all=SQL(OF_ALL),
    )


def _by_age(name):
    """The column of :data:`AGES`: what is open of the items of that age."""
    since, until = AGES[name]
    late = SQL("unit.today - %s", SQL(DUE))
    return SQL(
        "COALESCE(SUM(line.amount_residual) FILTER (WHERE %s AND %s), 0) AS %s",
        SQL("TRUE") if since is None else SQL("%s >= %s", late, since),
        SQL("TRUE") if until is None else SQL("%s <= %s", late, until),
        SQL.identifier(name),
    )
