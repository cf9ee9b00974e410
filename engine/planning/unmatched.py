"""Bank transactions that nobody has matched, and whose money each probably is."""

#: One row for each transaction and customer. In this order of trust:
#:
#: 1. it names an invoice by its number, payment reference or the customer's own
#:    reference, whatever signs and blanks a bank has left out or put in;
#: 2. it carries the customer: chosen on it, or by the account number that it came from,
#:    if that is one customer's only;
#: 3. it carries nobody, and its amount is exactly that of one customer's open items
#:    only. Of an amount that several owe, nobody can say whose it is: it holds nobody.
#:
#: Amounts are grouped, not joined: PostgreSQL takes the transactions for a handful, and
#: would go through all that is owed for each of them. References are made comparable
#: only if there are transactions at all. A reference is long, or it stands in a text by
#: chance.
UNMATCHED = """
    (WITH unit AS (
        SELECT * FROM unnest(%(companies)s, %(units)s) AS unit(company_id, id)
    ), line AS MATERIALIZED (
        SELECT suspense.id, -suspense.amount_currency AS amount,
               -suspense.balance AS amount_company, suspense.currency_id, entry.date,
               entry.company_id, unit.id AS unit_id,
               COALESCE(partner.commercial_partner_id, (
                   SELECT MIN(payer.commercial_partner_id)
                     FROM res_partner_bank bank
                     JOIN res_partner payer ON payer.id = bank.partner_id
                    WHERE bank.active
                      AND bank.sanitized_acc_number = UPPER(REGEXP_REPLACE(
                          statement.account_number, '\\W', '', 'g'))
                   HAVING COUNT(DISTINCT payer.commercial_partner_id) = 1
               )) AS customer_id,
               REGEXP_SPLIT_TO_ARRAY(TRANSLATE(UPPER(CONCAT_WS(
                   ' ', statement.payment_ref, entry.ref)), '/-_.+*:#', ''),
                   '[^[:alnum:]]+') AS words
          FROM account_bank_statement_line statement
          JOIN account_move entry ON entry.id = statement.move_id
          JOIN account_journal journal ON journal.id = statement.journal_id
          JOIN unit ON unit.company_id = entry.company_id
          JOIN account_move_line suspense ON suspense.move_id = entry.id
                AND suspense.account_id = journal.suspense_account_id
     LEFT JOIN res_partner partner ON partner.id = statement.partner_id
         WHERE statement.is_reconciled IS NOT TRUE
           AND entry.date >= %(since)s AND entry.state = 'posted'
           AND suspense.amount_currency < 0
    ), owed AS NOT MATERIALIZED (
        SELECT item.move_id, item.amount_residual_currency AS amount, item.currency_id,
               unit.id AS unit_id, partner.commercial_partner_id AS customer_id
          FROM account_move_line item
          JOIN account_account account ON account.id = item.account_id
          JOIN unit ON unit.company_id = item.company_id
          JOIN res_partner partner ON partner.id = item.partner_id
         WHERE item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
           AND account.account_type = 'asset_receivable'
           AND item.amount_residual_currency > 0
    ), said AS (
        SELECT DISTINCT owed.move_id, owed.unit_id, TRANSLATE(
               UPPER(said.text), '/-_.+*:# ', '') AS text
          FROM owed
          JOIN account_move move ON move.id = owed.move_id
    CROSS JOIN LATERAL (
               VALUES (move.name), (move.payment_reference), (move.ref)) AS said(text)
         WHERE said.text <> '' AND %(owners)s
    ), word AS (
        SELECT line.id, line.unit_id,
               ARRAY_TO_STRING(line.words[first:first + more], '') AS text
          FROM line,
               GENERATE_SERIES(1, LEAST(CARDINALITY(line.words), 40)) AS first,
               GENERATE_SERIES(0, LEAST(CARDINALITY(line.words) - first, CASE
                   WHEN LENGTH(line.words[first]) > 8 THEN 0 ELSE 4 END)) AS more
         WHERE %(texts)s
    ), nobody AS MATERIALIZED (
        SELECT unit_id, currency_id, amount, NULL::int AS customer_id, id
          FROM line nobody
         WHERE customer_id IS NULL AND %(amounts)s
    ), sole AS (
        SELECT MIN(customer_id) AS customer_id, UNNEST(ARRAY_AGG(id)) AS id
          FROM (SELECT unit_id, currency_id, amount, customer_id, NULL::int AS id
                  FROM owed
                 WHERE EXISTS (SELECT 1 FROM nobody)
             UNION ALL
                SELECT * FROM nobody) alike
      GROUP BY unit_id, currency_id, amount
        HAVING COUNT(DISTINCT customer_id) = 1 AND COUNT(id) > 0
    ), found AS (
        SELECT id, amount, amount_company, currency_id, date, company_id, customer_id,
               NULL::int AS move_id, NULL::int AS sole_id
          FROM line
     UNION ALL
        SELECT word.id, NULL, NULL, NULL, NULL, NULL, NULL, said.move_id, NULL
          FROM (SELECT * FROM word WHERE LENGTH(text) BETWEEN 5 AND 60
                                     AND text ~ '[0-9]'
                                     AND (LENGTH(text) > 6 OR text ~ '[^0-9]')) word
          JOIN said ON said.text = word.text AND said.unit_id = word.unit_id
     UNION ALL
        SELECT sole.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, sole.customer_id
          FROM sole
         WHERE sole.id IS NOT NULL
    ), whose AS (
        SELECT id, MAX(amount) AS amount, MAX(amount_company) AS amount_company,
               MAX(currency_id) AS currency_id, MAX(date) AS date,
               MAX(company_id) AS company_id,
               ARRAY_REMOVE(ARRAY_AGG(DISTINCT move_id), NULL) AS moves,
               MAX(customer_id) IS NULL AND MAX(move_id) IS NULL AS is_alone,
               COALESCE(MAX(customer_id), CASE WHEN MAX(move_id) IS NULL
                                               THEN MAX(sole_id) END) AS customer_id
          FROM found
      GROUP BY id
    )
    SELECT %(kind)s, whose.id, whose.amount::float8, whose.amount_company::float8,
           whose.currency_id, whose.date, whose.moves,
           ARRAY[]::float8[], FALSE, whose.is_alone,
           COALESCE(whose.customer_id, 0), whose.company_id, NULL
      FROM whose
     WHERE whose.moves <> '{}' OR %(whose)s)
"""
