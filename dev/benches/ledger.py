"""Many open invoices, made in seconds: one posted by Odoo and multiplied by SQL."""

from contextlib import contextmanager
from datetime import timedelta

from samples.begin import begin

from odoo import Command, fields
from odoo.tools import SQL, config

MAILBOX = "accounting@bench.example"
# Days overdue: every invoice is due for OCA's first level (10 days) and for ours (3).
YOUNGEST, OLDEST = 11, 100


def fill(env, customers, invoices, settled=0):
    """Connect a mailbox and create the customers and their overdue invoices. Commits.

    The invoices are dealt out to the customers in turn. Customers, moves and journal
    items are consistent rows, each with all columns as Odoo wrote them.

    :param settled: so many paid invoices in addition, as years of business leave them.
    """
    chase(env.company)
    write(env, customers, invoices, settled)


def write(env, customers, invoices, settled=0):
    """The same, without a mailbox: also where the addon is not installed. Commits."""
    move = _one_invoice(env)
    # What Odoo has only in memory so far has to be in the rows that are copied.
    env.flush_all()
    with in_bulk(env.cr, "res_partner", "account_move", "account_move_line"):
        first_partner = _copy_partner(env, move.partner_id, customers - 1)
        partner = f"{first_partner} + (n - 1) % {customers - 1}"
        _copy_invoice(env, move, invoices - 1, settled, partner)
    # pylint: disable-next=invalid-commit
    env.cr.commit()  # the data is for the processes to come


def server(port):
    """An SMTP server of this machine, in the names that one of Odoo's own has, too."""
    return {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"}


def connect(connector, address, port, password):
    """Connect a mailbox of that server, which is asked for nothing yet."""
    config["account_email_connector_allow_loopback"] = True
    settings = {"provider": "smtp", "smtp_user": address, **server(port)}
    connector._connect(address, {"password": password}, settings)


def a_year(env, customers, invoices):
    """Connect a mailbox, and create a year of invoices: one of each customer is open,
    the others were paid, from ten days early to fifty days late. Commits."""
    settled = invoices - customers
    fill(env, customers, customers, settled)
    payment = _one_payment(env)
    env.flush_all()
    cr = env.cr
    with in_bulk(cr, *PAID_IN):
        paid_by = _copy_payment(env, payment, settled)
        cr.execute(SPREAD)
        cr.execute(SPREAD_LINES)
        cr.execute(PAY, [paid_by])
        cr.execute(PAID_ON)
        cr.execute(PAID_FOR)
    # pylint: disable-next=invalid-commit
    cr.commit()


PAID_IN = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
)
#: Invoices are due after 30 days: the oldest a year ago, the youngest today.
SPREAD = """
    UPDATE account_move
       SET date = CURRENT_DATE - 30 - (id::bigint * 7919 % 370)::int,
           invoice_date = CURRENT_DATE - 30 - (id::bigint * 7919 % 370)::int,
           invoice_date_due = CURRENT_DATE - (id::bigint * 7919 % 370)::int
     WHERE move_type = 'out_invoice'
"""
SPREAD_LINES = """
    UPDATE account_move_line line
       SET date = move.date, invoice_date = move.date,
           date_maturity = CASE WHEN line.display_type = 'payment_term'
                                THEN move.invoice_date_due END
      FROM account_move move
     WHERE move.id = line.move_id AND move.move_type = 'out_invoice'
"""
#: The first paid item by the first payment, and so on.
PAY = """
    INSERT INTO account_partial_reconcile (
           debit_move_id, credit_move_id, debit_currency_id, credit_currency_id,
           amount, debit_amount_currency, credit_amount_currency, company_id, max_date)
    SELECT id, %s + row_number() OVER (ORDER BY id) - 1, currency_id, currency_id,
           debit, debit, debit, company_id,
           LEAST(date_maturity + id %% 60 - 10, CURRENT_DATE - 1)
      FROM account_move_line
     WHERE display_type = 'payment_term' AND reconciled
"""
PAID_ON = """
    WITH paid AS (
        SELECT credit.move_id, debit.partner_id, part.max_date
          FROM account_partial_reconcile part
          JOIN account_move_line debit ON debit.id = part.debit_move_id
          JOIN account_move_line credit ON credit.id = part.credit_move_id
    ), payments AS (
        UPDATE account_payment payment SET date = max_date, partner_id = paid.partner_id
          FROM paid WHERE payment.move_id = paid.move_id
     RETURNING payment.id, payment.move_id
    ), moves AS (
        UPDATE account_move move
           SET date = max_date, partner_id = paid.partner_id,
               origin_payment_id = payments.id
          FROM paid JOIN payments USING (move_id) WHERE move.id = paid.move_id
    )
    UPDATE account_move_line line
       SET date = max_date, partner_id = paid.partner_id, payment_id = payments.id
      FROM paid JOIN payments USING (move_id) WHERE line.move_id = paid.move_id
"""
#: As the wizard has it that registers a payment.
PAID_FOR = """
    INSERT INTO account_move__account_payment (payment_id, invoice_id)
    SELECT credit.payment_id, debit.move_id
      FROM account_partial_reconcile part
      JOIN account_move_line debit ON debit.id = part.debit_move_id
      JOIN account_move_line credit ON credit.id = part.credit_move_id
     WHERE credit.payment_id IS NOT NULL
"""


@contextmanager
def in_bulk(cr, *tables):
    """Write millions of rows that are known to be consistent: no foreign key is checked
    meanwhile, and indexes are made anew at the end, which takes a tenth of the time.
    """
    foreign_keys = _definitions(cr, tables, FOREIGN_KEYS)
    indexes = _definitions(cr, tables, INDEXES)
    for table, name, _definition in foreign_keys:
        cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", *_named(table, name)))
    for _table, name, _definition in indexes:
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    yield
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _table, _name, definition in indexes:
        cr.execute(SQL(definition.replace("%", "%%")))
    for table, name, definition in foreign_keys:
        added = SQL("ALTER TABLE %s ADD CONSTRAINT %s", *_named(table, name))
        cr.execute(SQL("%s %s NOT VALID", added, SQL(definition)))
    for table in tables:
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


#: Those that belong to a constraint stay: they are few, and hold the rest together.
INDEXES = """
    SELECT tablename, indexname, indexdef
      FROM pg_indexes
     WHERE tablename = ANY(%s)
       AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint
     WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
"""


def _definitions(cr, tables, query):
    cr.execute(query, [list(tables)])
    return cr.fetchall()


def _named(*names):
    return map(SQL.identifier, names)


def _copy_partner(env, partner, count):
    return _multiply(
        env,
        partner,
        count,
        name="'Customer ' || n",
        complete_name="'Customer ' || n",
        email="'customer-' || n || '@bench.example'",
        email_normalized="'customer-' || n || '@bench.example'",
        commercial_partner_id="{id}",
    )


def _copy_invoice(env, move, count, settled, partner):
    """Copy a posted invoice with its lines: so many open ones, then the settled.

    :param partner: the customer's id, in SQL
    """
    is_open = f"n <= {count}"
    residual = f"CASE WHEN {is_open} THEN source.%s ELSE 0 END"
    due = f"CURRENT_DATE - {YOUNGEST} - (n * 7 % {OLDEST - YOUNGEST + 1})::int"
    # As many digits as the number has: lpad also cuts.
    digits = "lpad((n + 1)::text, greatest(6, length((n + 1)::text)), '0')"
    name = f"'{move.sequence_prefix}' || {digits}"
    first = _multiply(
        env,
        move,
        count + settled,
        name=name,
        payment_reference=name,
        sequence_number="n + 1",
        partner_id=partner,
        commercial_partner_id=partner,
        partner_shipping_id=partner,
        invoice_date_due=due,
        access_token="NULL",
        payment_state=f"CASE WHEN {is_open} THEN 'not_paid' ELSE 'paid' END",
        amount_residual=residual % "amount_residual",
        amount_residual_signed=residual % "amount_residual_signed",
    )
    of_move = {"move_id": f"{first} + n - 1", "move_name": name, "partner_id": partner}
    of_open_item = {
        "date_maturity": due,
        "amount_residual": residual % "amount_residual",
        "amount_residual_currency": residual % "amount_residual_currency",
        "reconciled": f"NOT ({is_open})",
    }
    for line in move.line_ids:
        special = of_open_item if line.display_type == "payment_term" else {}
        _multiply(env, line, count + settled, **of_move, **special)


def chase(company):
    """Let *company* chase by a mailbox, of a server that nobody can ask."""
    connectors = company.env["account.email.connector"]
    connector = connectors.create({"company_id": company.id})
    settings = {
        "provider": "smtp",
        "smtp_host": "smtp.bench.example",
        "smtp_port": 465,
        "smtp_encryption": "ssl",
        "smtp_user": MAILBOX,
    }
    connector._connect(MAILBOX, {"password": "not a real one"}, settings)
    begin(connector)


def _one_invoice(env):
    """A posted invoice of the oldest age, with a line, its tax and its open item."""
    due = fields.Date.today() - timedelta(days=OLDEST)
    partner = env["res.partner"].create(
        {"name": "Customer 0", "email": "customer-0@bench.example", "is_company": True}
    )
    line = {"name": "Goods as delivered", "price_unit": 100.0}
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": due - timedelta(days=30),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    move.action_post()
    return move


def _one_payment(env):
    """A payment with its entry, as if it had paid one of those invoices."""
    item = env["account.move.line"].search(
        [("account_id.account_type", "=", "asset_receivable")], limit=1
    )
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    way = bank.inbound_payment_method_line_ids[:1]
    way.payment_account_id = bank.default_account_id
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": item.partner_id.id,
            "journal_id": bank.id,
            "payment_method_line_id": way.id,
            "amount": item.debit,
        }
    )
    payment.action_post()
    env.flush_all()
    # As it is once it is reconciled with an invoice.
    env.cr.execute(
        """UPDATE account_move_line
              SET reconciled = TRUE, amount_residual = 0, amount_residual_currency = 0
            WHERE id = %s""",
        [_receivable(payment.move_id).id],
    )
    env.cr.execute(
        "UPDATE account_payment SET is_reconciled = TRUE WHERE id = %s", [payment.id]
    )
    return payment


def _receivable(entry):
    return entry.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )


def _copy_payment(env, payment, count):
    """Copy a payment with its entry; return the id of the first receivable item."""
    entry, name = payment.move_id, "'PAID/' || n"
    move = _multiply(env, entry, count, name=name, sequence_number="n + 1")
    of_move = {"move_id": f"{move} + n - 1"}
    _multiply(env, payment, count, name=name, **of_move)
    first = {
        line: _multiply(env, line, count, move_name=name, **of_move)
        for line in entry.line_ids
    }
    return first[_receivable(entry)]


def _multiply(env, record, count, **expressions):
    """Copy the row of *record* and return the id of the first copy.

    :param expressions: columns that differ, in SQL; `n` counts from 1, `{id}` stands
        for the copy's own id. All others are copied.
    """
    cr, table = env.cr, record._table
    cr.execute(SQL("SELECT max(id) + 1 FROM %s", SQL.identifier(table)))
    first = cr.fetchone()[0]
    own_id = f"{first} + n - 1"
    expressions = {"id": own_id, **expressions}
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    columns = [column for (column,) in cr.fetchall()]
    values = [
        SQL(expressions[column].format(id=own_id).replace("%", "%%"))
        if column in expressions
        else SQL.identifier("source", column)
        for column in columns
    ]
    cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s"
            " FROM %(table)s source, generate_series(1, %(count)s) n"
            " WHERE source.id = %(id)s",
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(values),
            count=count,
            id=record.id,
        )
    )
    cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", first + count])
    return first
