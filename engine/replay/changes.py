"""What has changed in the books since a day: one SQL statement each."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from odoo.tools import SQL

from ...rules.asof import Change, Written
from ..planning.history import MANY, recently

#: Items that were open at the end of a day or later: whatever is open now, and whatever
#: was reconciled after that day.
OPEN_SINCE = """
    (line.reconciled IS NOT TRUE
     OR line.id IN (SELECT debit_move_id FROM account_partial_reconcile
                     WHERE max_date > %(day)s
                     UNION ALL
                    SELECT credit_move_id FROM account_partial_reconcile
                     WHERE max_date > %(day)s))
"""
#: The same of a few customers: each item is looked up by its index. OFFSET 0 keeps
#: PostgreSQL from reading everybody's reconciliations into a hash instead.
OPEN_SINCE_OF_A_FEW = """
    (line.reconciled IS NOT TRUE
     OR EXISTS (SELECT FROM account_partial_reconcile
                 WHERE debit_move_id = line.id AND max_date > %(day)s OFFSET 0)
     OR EXISTS (SELECT FROM account_partial_reconcile
                 WHERE credit_move_id = line.id AND max_date > %(day)s OFFSET 0))
"""
#: By day: what reconciliations took of each item; of a credit it is less than nothing.
CHANGES = """
    SELECT line_id, max_date, SUM(amount_currency)::float8, SUM(amount)::float8
      FROM (SELECT debit_move_id AS line_id, max_date,
                   debit_amount_currency AS amount_currency, amount
              FROM account_partial_reconcile
             WHERE max_date > %(day)s AND debit_move_id = ANY(%(lines)s)
         UNION ALL
            SELECT credit_move_id, max_date, -credit_amount_currency, -amount
              FROM account_partial_reconcile
             WHERE max_date > %(day)s AND credit_move_id = ANY(%(lines)s)) part
  GROUP BY line_id, max_date
  ORDER BY line_id, max_date
"""
DISPUTES = """
    SELECT line.id, move.email_followup_dispute_since
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.id = ANY(%s) AND move.email_followup_dispute_reason IS NOT NULL
"""
#: Follow-ups that say something about one of these days: about what was open then, or
#: not older than what may hold back the next one.
COUNTING = """
    SELECT followup.id
      FROM account_email_followup followup
      JOIN res_partner partner ON partner.id = followup.partner_id
     WHERE followup.company_id = ANY(%(companies)s)
       AND partner.commercial_partner_id = ANY(%(partners)s)
       AND (followup.state IN ('to_review', 'planned', 'sending', 'unknown')
            OR followup.done_on > %(recently)s
            OR followup.id IN (SELECT followup_id FROM account_email_followup_line
                                WHERE move_line_ref = ANY(%(lines)s)))
"""
WRITTEN = """
    SELECT id, create_date, planned_date, done_on, company_id
      FROM account_email_followup WHERE id = ANY(%s)
"""
ANSWERS = """
    SELECT followup.company_id, partner.commercial_partner_id, incoming.create_date
      FROM account_email_incoming incoming
      JOIN account_email_followup followup ON followup.id = incoming.followup_id
      JOIN res_partner partner ON partner.id = followup.partner_id
     WHERE incoming.kind = 'reply' AND followup.company_id = ANY(%s)
       AND partner.commercial_partner_id = ANY(%s)
"""


def open_since(day, partners=None):
    """An SQL condition: ``line`` was open at the end of *day*, or later.

    :param partners: whose items are asked for (``res.partner``); all if None.
    """
    many = partners is None or len(partners) > MANY
    return SQL(OPEN_SINCE if many else OPEN_SINCE_OF_A_FEW, day=day)


def reconciled(cr, lines, day):
    """{line id: list of :class:`...rules.asof.Change` after *day*}."""
    cr.execute(SQL(CHANGES, lines=list(lines), day=day))
    found = defaultdict(list)
    for line_id, *change in cr.fetchall():
        found[line_id].append(Change._make(change))
    return found


def disputes(cr, lines):
    """{line id: first day of its dispute, or None}, of those that are in dispute."""
    cr.execute(SQL(DISPUTES, list(lines)))
    return dict(cr.fetchall())


def counting(units, partner_ids, lines, first):
    """The query of the follow-ups that say something about *first* or a later day."""
    return SQL(
        COUNTING,
        companies=units.kin_ids(),
        partners=list(partner_ids),
        lines=list(lines),
        recently=recently(units, first),
    )


def written(units, history):
    """{follow-up id: :class:`...rules.asof.Written`}.

    :param history: {(unit id, customer id): follow-ups as the rules know them}.
    """
    cr = units.env.cr
    cr.execute(
        SQL(WRITTEN, list({past.id for its in history.values() for past in its}))
    )
    return {
        id_: Written(
            min(filter(None, (_day(units, company_id, created), done, planned))),
            planned,
        )
        for id_, created, planned, done, company_id in cr.fetchall()
    }


def answers(units, partner_ids, history):
    """{(unit id, customer id): the day of the first answer that may still wait}.

    Nobody notes when an answer was dealt with. While one waits, nothing leaves by
    itself: what came before the last follow-up that did had been dealt with by then.

    :param history: as of :func:`written`.
    """
    cr = units.env.cr
    cr.execute(SQL(ANSWERS, units.kin_ids(), list(partner_ids)))
    found = {}
    for company_id, partner_id, at in cr.fetchall():
        on = _day(units, company_id, at)
        for unit_id in units.serving({company_id}):
            key = unit_id, partner_id
            if on >= _last_sent(history.get(key, ()), on):
                found[key] = min(found.get(key, on), on)
    return found


def _last_sent(history, default):
    """The day of the last follow-up that left by itself."""
    by_itself = (
        past.on for past in history if past.state == "sent" and not past.by_hand
    )
    return max(by_itself, default=default)


def _day(units, company_id, at):
    """The day of a time in UTC, where the company is."""
    unit = units.units.get(units.unit_of.get(company_id))
    zone = ZoneInfo(unit.tz if unit else "UTC")
    return at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
