"""How old what is known of the banks is: nobody is chased for what may be paid."""

#: A bank journal so many days behind the company's others is not in use any more.
GIVEN_UP_DAYS = 100


def newest_transactions(env):
    """{company id: date of the newest transaction in its oldest bank journal}.

    Not in use, and behind with nothing: a journal without any transaction, and one of
    an account that was given up, for which nobody has archived the journal.

    Of hundreds of thousands of transactions only the latest are looked at, by an index
    of Odoo's; their internal index begins with their date.
    """
    env.cr.execute(
        """
        SELECT company_id, MIN(newest)
          FROM (SELECT journal.company_id, MAX(latest.date) AS newest,
                       MAX(MAX(latest.date)) OVER company AS newest_of_all
                  FROM account_journal journal
                  JOIN res_company owner ON owner.id = journal.company_id
                  JOIN res_company branch
                       ON branch.parent_path LIKE owner.parent_path || '%%'
                  JOIN LATERAL (
                       SELECT move.date
                         FROM account_bank_statement_line line
                         JOIN account_move move ON move.id = line.move_id
                        WHERE line.journal_id = journal.id
                          AND line.company_id = branch.id
                     ORDER BY line.internal_index DESC
                        LIMIT 1) latest ON TRUE
                 WHERE journal.type = 'bank' AND journal.active
              GROUP BY journal.id
                WINDOW company AS (PARTITION BY journal.company_id)) journals
         WHERE newest >= newest_of_all - %s
      GROUP BY company_id
        """,
        [GIVEN_UP_DAYS],
    )
    return dict(env.cr.fetchall())


def is_stale(newest, company_ids, today, bank_days):
    """Whether a bank journal in use of these companies is further behind than that.

    :param newest: what :func:`newest_transactions` returns.
    :param bank_days: what the plan allows.
    """
    oldest = min(filter(None, map(newest.get, company_ids)), default=None)
    return bool(oldest) and (today - oldest).days > bank_days
