"""What follow-ups have brought: one SQL query for the report about them.

Each payment, answer, promise and dispute counts for one follow-up, the last that left
before it. So sums are true, however often an invoice was asked for.
"""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ..planning.money import OF_MONEY
from ..rights import for_reader

#: On the day of the email, what was reconciled before it left was not asked for.
AFTER_IT_LEFT = SQL(
    "(part.max_date, part.create_date) >= (asked.done_on, asked.sent_at)"
)
#: Money that came: no credit notes, write-offs or differences of exchange rates.
PAYMENTS = SQL(
    """
    account_partial_reconcile part
    JOIN account_move_line credit ON credit.id = part.credit_move_id
    JOIN account_journal journal ON journal.id = credit.journal_id
         AND journal.type = ANY(%s)
    """,
    list(OF_MONEY),
)
#: The follow-ups that were answered: what came back may be about an older email.
ANSWERED = """
       SELECT DISTINCT last.id
         FROM account_email_incoming incoming
         JOIN account_email_followup about ON about.id = incoming.followup_id
CROSS JOIN LATERAL (
              SELECT id FROM account_email_followup
               WHERE state = 'sent' AND channel = 'email'
                 AND company_id = about.company_id
                 AND partner_id = about.partner_id
                 AND addressee_id IS NOT DISTINCT FROM about.addressee_id
                 AND sent_at <= incoming.create_date
            ORDER BY sent_at DESC, id DESC LIMIT 1) last
        WHERE incoming.kind = 'reply' AND %s
"""
PROMISED = SQL(
    """
       SELECT DISTINCT last.id
         FROM account_email_promise promise
         JOIN res_company company ON company.id = promise.company_id
CROSS JOIN LATERAL (
              SELECT ARRAY(SELECT account_move_id
                             FROM account_email_promise_account_move_rel
                            WHERE account_email_promise_id = promise.id) AS ids) move
CROSS JOIN LATERAL (
              SELECT asked.id FROM account_email_followup asked
                JOIN res_company sender ON sender.id = asked.company_id
                     AND starts_with(company.parent_path, sender.parent_path)
               WHERE asked.state = 'sent'
                 AND asked.partner_id = promise.partner_id
                 AND (promise.made_on, promise.create_date)
                     >= (asked.done_on, asked.sent_at)
                 AND (move.ids = '{}' OR EXISTS (
                     SELECT FROM account_email_followup_line
                      WHERE followup_id = asked.id AND move_ref = ANY(move.ids)))
            ORDER BY asked.sent_at DESC, asked.id DESC LIMIT 1) last
        WHERE promise.active
    """
)
DISPUTED = SQL(
    """
       SELECT DISTINCT last.id
         FROM account_move move
CROSS JOIN LATERAL (
              SELECT asked.id
                FROM account_email_followup_line line
                JOIN account_email_followup asked ON asked.id = line.followup_id
               WHERE line.move_ref = move.id AND line.state = 'chased'
                 AND asked.state = 'sent'
                 AND asked.done_on <= move.email_followup_dispute_since
            ORDER BY asked.sent_at DESC, asked.id DESC LIMIT 1) last
        WHERE move.email_followup_dispute_reason IS NOT NULL
    """
)
#: Money that came for an item belongs to a follow-up until the next that asked for it.
REPORT = """
    WITH asked AS (
        SELECT followup.id, line.move_line_ref, followup.done_on, followup.sent_at,
               LEAD(followup.done_on, 1, 'infinity') OVER later AS next_on,
               LEAD(followup.sent_at, 1, 'infinity') OVER later AS next_at
          FROM account_email_followup followup
          JOIN account_email_followup_line line ON line.followup_id = followup.id
         WHERE followup.state = 'sent' AND line.state = 'chased'
        WINDOW later AS (PARTITION BY line.move_line_ref
                             ORDER BY followup.sent_at, followup.id)
    ), money AS (
        SELECT asked.id, part.amount, part.max_date - asked.done_on AS days
          FROM asked
          JOIN (%(payments)s) ON part.debit_move_id = asked.move_line_ref
         WHERE %(after_it_left)s
           AND (part.max_date, part.create_date) < (asked.next_on, asked.next_at)
    ), recovered AS (
        SELECT id, SUM(amount) AS amount,
               SUM(amount) FILTER (WHERE days <= 7) AS in_7,
               SUM(amount) FILTER (WHERE days <= 14) AS in_14,
               SUM(amount) FILTER (WHERE days <= 30) AS in_30,
               SUM(amount * days) / SUM(amount) AS days
          FROM money
      GROUP BY id
        HAVING SUM(amount) <> 0
    )
    SELECT followup.id, followup.id AS followup_id, followup.company_id,
           company.currency_id, followup.partner_id, customer.user_id,
           followup.plan_id, followup.step_id, step.template_id, followup.channel,
           followup.connector_id, followup.done_on AS date, 1 AS sent,
           followup.amount AS asked,
           COALESCE(recovered.amount, 0) AS recovered,
           COALESCE(recovered.in_7, 0) AS paid_7,
           COALESCE(recovered.in_14, 0) AS paid_14,
           COALESCE(recovered.in_30, 0) AS paid_30,
           COALESCE(recovered.in_7 / NULLIF(followup.amount, 0), 0) AS share_7,
           COALESCE(recovered.in_14 / NULLIF(followup.amount, 0), 0) AS share_14,
           COALESCE(recovered.in_30 / NULLIF(followup.amount, 0), 0) AS share_30,
           recovered.days,
           (answered.id IS NOT NULL)::int AS answered,
           (promised.id IS NOT NULL)::int AS promised,
           (disputed.id IS NOT NULL)::int AS disputed
      FROM account_email_followup followup
      JOIN res_company company ON company.id = followup.company_id
      JOIN res_partner customer ON customer.id = followup.partner_id
 LEFT JOIN account_email_followup_step step ON step.id = followup.step_id
 LEFT JOIN recovered ON recovered.id = followup.id
 LEFT JOIN (%(answered)s) answered ON answered.id = followup.id
 LEFT JOIN (%(promised)s) promised ON promised.id = followup.id
 LEFT JOIN (%(disputed)s) disputed ON disputed.id = followup.id
     WHERE followup.state = 'sent'
"""
#: What a group of follow-ups has asked for: an item that several of them list counts
#: once, with the most of it (a part may have been paid in between). An item in another
#: currency is taken at what it was booked for.
ASKED_ONCE = """
    (SELECT SUM(once.amount / COALESCE(rate.rate, 1)
                * COALESCE(item.balance / NULLIF(item.amount_currency, 0), 1))
       FROM (SELECT line.move_line_ref,
                    CASE WHEN MAX(line.amount) > 0 THEN MAX(line.amount)
                         ELSE MIN(line.amount) END AS amount
               FROM account_email_followup_line line
              WHERE line.followup_id = ANY(ARRAY_AGG(%(ids)s) FILTER (WHERE %(which)s))
                AND line.state IN ('chased', 'credit')
           GROUP BY line.move_line_ref) once
  LEFT JOIN account_move_line item ON item.id = once.move_line_ref
  LEFT JOIN (VALUES %(rates)s) AS rate (currency_id, rate)
            ON rate.currency_id = item.company_currency_id)
"""
#: Of some follow-ups, each by itself: what came since it left, and what is open still.
SINCE = """
       SELECT asked.id, SUM(paid.amount),
              SUM(CASE WHEN move.payment_state IN ('paid', 'in_payment') THEN 0
                  ELSE item.amount_residual END)
         FROM account_email_followup asked
         JOIN account_email_followup_line line ON line.followup_id = asked.id
    LEFT JOIN account_move_line item ON item.id = line.move_line_ref
              AND item.parent_state = 'posted'
    LEFT JOIN account_move move ON move.id = item.move_id
    LEFT JOIN LATERAL (
              SELECT SUM(part.amount) AS amount FROM %s
               WHERE part.debit_move_id = line.move_line_ref AND %s) paid
              ON line.state = 'chased'
        WHERE asked.id = ANY(%s) AND asked.state = 'sent'
          AND line.state IN ('chased', 'credit')
     GROUP BY asked.id
"""
#: What was booked in a period, by the company whose follow-up it counts for.
RECOVERED = """
       SELECT last.company_id, SUM(part.amount)
         FROM %s
CROSS JOIN LATERAL (
              SELECT asked.company_id
                FROM account_email_followup_line line
                JOIN account_email_followup asked ON asked.id = line.followup_id
               WHERE line.move_line_ref = part.debit_move_id AND line.state = 'chased'
                 AND asked.state = 'sent' AND %s
            ORDER BY asked.sent_at DESC, asked.id DESC LIMIT 1) last
        WHERE part.create_date >= %s AND part.create_date < %s
          AND last.company_id = ANY(%s)
     GROUP BY last.company_id
"""


def report():
    """The query of the report: a row a follow-up that left."""
    return SQL(
        REPORT,
        payments=PAYMENTS,
        after_it_left=AFTER_IT_LEFT,
        answered=SQL(ANSWERED, SQL("TRUE")),
        promised=PROMISED,
        disputed=DISPUTED,
    )


def is_over(date, days):
    """Whether so many days have passed: before, nobody can say what came in them.

    :param date: the SQL of the day on which a follow-up left.
    """
    since = fields.Date.today() - timedelta(days=days)
    return SQL("%s <= %s", date, since)


def asked_once(env, ids, convert, which=None):
    """What a group of follow-ups has asked for, as an aggregate of *ids*.

    :param ids: the SQL of the follow-up's id.
    :param which: a condition in SQL: only these; all if None.
    :param convert: whether to convert it to the currency of the company in use, as
        Odoo does with the sums of other amounts.
    """
    company = env.company
    used = env.companies.currency_id if convert else company.currency_id
    rates = used._get_rates(company.root_id, fields.Date.context_today(company))
    if not convert:
        rates = dict.fromkeys(rates, 1.0)
    rows = SQL(", ").join(SQL("(%s, %s)", *rate) for rate in rates.items())
    return SQL(ASKED_ONCE, ids=ids, which=which or SQL("TRUE"), rates=rows)


def recovered(env, companies, start, end):
    """What follow-ups have brought in a period, each payment once, as in the report.

    :param env: of somebody who may see these companies' follow-ups.
    :param companies: ``res.company``: those whose follow-ups left.
    :param start: when it begins (naive, UTC).
    :param end: when it has ended.
    :return: {company: amount, in its currency}
    """
    env.flush_all()
    query = SQL(RECOVERED, PAYMENTS, AFTER_IT_LEFT, start, end, companies.ids)
    return {companies.browse(id_): amount for id_, amount in env.execute_query(query)}


def tell(followups):
    """Set whether *followups* were answered, what was paid since, and what is open."""
    env, known = followups.env, for_reader(followups)._origin
    env.flush_all()
    env.cr.execute(SQL(SINCE, PAYMENTS, AFTER_IT_LEFT, known.ids))
    amounts = {id_: (paid or 0, left or 0) for id_, paid, left in env.cr.fetchall()}
    mine = SQL("about.partner_id = ANY(%s)", known.partner_id.ids)
    env.cr.execute(SQL(ANSWERED, mine))
    answered = {id_ for (id_,) in env.cr.fetchall()}
    for followup in followups:
        paid, left = amounts.get(followup._origin.id, (0, 0))
        followup.paid_since = paid
        followup.still_open = max(left, 0)
        followup.answered = followup._origin.id in answered
