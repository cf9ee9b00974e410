"""The facts of all customers with open items, in a fixed number of SQL statements."""

from collections import defaultdict

from odoo.tools import SQL

from ..rules import Customer, Item, Past

#: How long a follow-up that lists nothing open any more still counts for the gap.
RECENT_DAYS = 100


def customers(units, partners=None):
    """Gather the customers of *units* (:class:`.units.Units`).

    :param partners: only these commercial partners (``res.partner``); all if None.
    :return: list of :class:`..rules.Customer`, by company and customer.
    """
    env = units.env
    env.flush_all()
    items = _items(env, units, partners)
    history = _history(env, units, partners)
    reachable = _reachable(env, {partner_id for _, partner_id in items})
    return [
        Customer(
            id=partner_id,
            unit=unit_id,
            items=items.get((unit_id, partner_id), []),
            history=history.get((unit_id, partner_id), []),
            reachable=partner_id in reachable,
        )
        for unit_id, partner_id in sorted(items)
    ]


def _items(env, units, partners):
    """Every open receivable item, the paid and blocked ones included: the rules
    say why those are not chased."""
    env.cr.execute(
        SQL(
            """
            SELECT line.id, line.move_id, COALESCE(line.date_maturity, line.date),
                   line.amount_residual_currency, line.amount_residual,
                   line.currency_id, move.payment_state,
                   COALESCE(line.no_followup, FALSE), FALSE, line.date, NULL,
                   line.company_id, partner.commercial_partner_id
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.company_id = ANY(%s)
               AND %s
            """,
            units.company_ids(),
            _only(SQL("partner.commercial_partner_id"), partners),
        )
    )
    unit_ids = {c: unit.id for c, unit in units.by_company.items()}
    items = defaultdict(list)
    for row in env.cr.fetchall():
        items[unit_ids[row[11]], row[12]].append(Item._make(row[:11]))
    return items


def _history(env, units, partners):
    """The follow-ups which still say something about what is open or allowed."""
    env.cr.execute(
        SQL(
            """
            SELECT followup.id, followup.state,
                   COALESCE(followup.done_on, followup.planned_date),
                   followup.step_id, followup.step_position, followup.step_days,
                   ARRAY_REMOVE(ARRAY_AGG(line.move_line_id), NULL),
                   followup.channel, FALSE, followup.skip,
                   followup.company_id, followup.partner_id
              FROM account_email_followup followup
         LEFT JOIN account_email_followup_line line
                   ON line.followup_id = followup.id AND line.state = 'chased'
             WHERE followup.company_id = ANY(%s)
               AND %s
               AND (followup.state IN ('to_review', 'planned', 'sending', 'unknown')
                    OR followup.done_on > CURRENT_DATE - %s
                    OR EXISTS (
                        SELECT 1
                          FROM account_email_followup_line listed
                          JOIN account_move_line open_item
                               ON open_item.id = listed.move_line_id
                         WHERE listed.followup_id = followup.id
                           AND open_item.reconciled IS NOT TRUE))
          GROUP BY followup.id
            """,
            list(units.units),
            _only(SQL("followup.partner_id"), partners),
            RECENT_DAYS,
        )
    )
    history = defaultdict(list)
    for row in env.cr.fetchall():
        history[row[10], row[11]].append(Past._make(row[:10]))
    return history


def _reachable(env, partner_ids):
    """The ids of the customers who have an address of their own, or an invoice
    contact with one."""
    env.cr.execute(
        SQL(
            """
            SELECT DISTINCT commercial_partner_id
              FROM res_partner
             WHERE commercial_partner_id = ANY(%s)
               AND (id = commercial_partner_id OR type = 'invoice')
               AND active
               AND email_normalized <> ''
            """,
            list(partner_ids),
        )
    )
    return {partner_id for (partner_id,) in env.cr.fetchall()}


def _only(column, records):
    """An SQL condition: *column* is one of *records*, or anything if that is None."""
    if records is None:
        return SQL("TRUE")
    return SQL("%s = ANY(%s)", column, records.ids)
