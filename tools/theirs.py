"""What we add to the tables of others: before Odoo would, each in a moment.

Odoo adds them in one transaction with all else that an installation does: for so long
nobody could read, or write, an invoice or a partner. A column without a default changes
no row: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES

``tests/test_install.py`` compares them with the fields. This module imports nothing of
ours: a migration script runs it before our models are there.
"""

import logging
import time

from psycopg2.errors import DeadlockDetected, LockNotAvailable

from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: For a table's lock: whoever comes after us waits for as long as we do. So we give up
#: soon, let them pass, and try again.
LONGEST, PAUSE, TRIES = "1s", 2, 20
#: Columns by table, with their types.
COLUMNS = {
    "account_move": {
        "email_followup_dispute_reason": "varchar",
        "email_followup_dispute_user_id": "int4",
        "email_followup_dispute_since": "date",
        "email_followup_resume_on": "date",
        "email_followup_reopened": "bool",
        "email_followup_sent_on": "date",
        "email_followup_pdf_tried_on": "date",
        "email_followup_late_fee": "bool",
        "email_followup_despite": "jsonb",
    },
    "res_partner": {
        "email_followup_plan_id": "jsonb",
        "email_followup_excluded": "jsonb",
        "email_followup_paused_until": "jsonb",
        "email_followup_answered": "jsonb",
        "email_followup_bounced": "varchar",
        "email_followup_asked": "jsonb",
        "email_followup_handed_over_on": "jsonb",
        "email_followup_handed_over_to": "jsonb",
    },
    "res_company": {  # whatever anybody does in Odoo reads it
        "email_followup_plan_id": "int4",
        "email_followup_late_fee_account_id": "int4",
    },
}
WRITTEN_BY = {
    "create_uid": ("res_users", "SET NULL"),
    "write_uid": ("res_users", "SET NULL"),
}
#: Tables of ours that are newer than the oldest release that is updated, and lead to
#: invoices, customers, companies and users, with what becomes of a row when they go. A
#: reference keeps others from writing there until an update has committed: it is made
#: before.
LEADING = {
    "account_email_connector_check": WRITTEN_BY,
    "account_email_followup_replay": {
        "company_id": ("res_company", "CASCADE"),
        "user_id": ("res_users", "CASCADE"),
        **WRITTEN_BY,
    },
    "account_email_followup_replay_line": {
        "company_id": ("res_company", "CASCADE"),
        "partner_id": ("res_partner", "CASCADE"),
        "contact_id": ("res_partner", "SET NULL"),
        "move_id": ("account_move", "SET NULL"),
        **WRITTEN_BY,
    },
    "account_email_followup_replay_start": {
        "company_id": ("res_company", "CASCADE"),
        **WRITTEN_BY,
    },
    "account_email_followup_start": WRITTEN_BY,
    "account_email_followup_then": {
        "company_id": ("res_company", "CASCADE"),
        "partner_id": ("res_partner", "CASCADE"),
        "move_id": ("account_move", "SET NULL"),
        **WRITTEN_BY,
    },
    "account_email_journal_export": {
        "company_id": ("res_company", "SET NULL"),
        **WRITTEN_BY,
    },
}
#: The same of many to many: two columns, each with the table it leads to.
BETWEEN = {
    "account_email_followup_replay_company": {
        "replay_id": "account_email_followup_replay",
        "company_id": "res_company",
    },
}
#: As PostgreSQL names it for Odoo.
REFERENCE = "account_move_email_followup_dispute_user_id_fkey"
#: As Odoo names it, and as ``models/account_move.py`` defines it.
INDEX = "account_move_email_followup_first_sent"
INDEX_ON = (
    "(company_id, invoice_date) WHERE is_move_sent AND move_type = 'out_invoice'"
    " AND state = 'posted'"
)


def add(cr):
    """Add what is missing. Commits, before each step and after the last: no table is
    locked while another one is waited for.

    :raises UserError: somebody has one of the tables open all the time.
    """
    _commit(cr)
    for table, columns in COLUMNS.items():
        _patiently(cr, _add_columns, table, columns)
    _patiently(cr, _add_user)
    _patiently(cr, _check_users)
    _patiently(cr, _add_index)
    for column, type_ in COLUMNS["res_partner"].items():
        if type_ == "jsonb":
            _patiently(cr, _add_index_of_filled, "res_partner", column)
    for table, references in LEADING.items():
        _patiently(cr, _add_table, table, references)
    for table, references in BETWEEN.items():
        _patiently(cr, _add_table_between, table, references)


def _patiently(cr, step, *arguments):
    """Do *step* and commit; while others have the table, try again a little later."""
    for _each in range(TRIES):
        try:
            cr.execute(SQL("SET LOCAL lock_timeout = %s", LONGEST))
            step(cr, *arguments)
            _commit(cr)
            return
        except (LockNotAvailable, DeadlockDetected):
            _roll_back(cr)
            _logger.info("Others have the table: %s waits.", step.__name__)
            time.sleep(PAUSE)
    raise UserError(  # pylint: disable=translation-required  # our texts are not there
        "Nothing was installed or updated: somebody works with invoices, customers or "
        "companies in one long transaction (a report, a scheduled action, a backup). "
        "Try again when it is over."
    )


def _commit(cr):
    # Nothing of the installation is done yet.
    cr.commit()  # pylint: disable=invalid-commit


def _roll_back(cr):
    # Of this step alone: what was before it is committed.
    cr.rollback()


def _add_columns(cr, table, columns):
    # Odoo asks first as well: ALTER TABLE would wait for the lock all the same.
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema AND table_name = %s",
        [table],
    )
    known = {name for (name,) in cr.fetchall()}
    missing = [
        SQL("ADD COLUMN %s %s", SQL.identifier(name), SQL(type_))
        for name, type_ in columns.items()
        if name not in known
    ]
    if missing:
        _alter(
            cr,
            SQL("ALTER TABLE %s %s", SQL.identifier(table), SQL(", ").join(missing)),
        )


def _alter(cr, query):
    """Execute what may have to wait, which is no error in the log."""
    cr.execute(query, log_exceptions=False)


def _add_user(cr):
    """Let the one reference lead to a user; whether each row's does is looked at apart,
    while others go on."""
    if _is_checked(cr) is None:
        query = (
            "ALTER TABLE account_move ADD CONSTRAINT %s FOREIGN KEY"
            " (email_followup_dispute_user_id) REFERENCES res_users(id)"
            " ON DELETE SET NULL NOT VALID"
        )
        _alter(cr, SQL(query, SQL.identifier(REFERENCE)))


def _check_users(cr):
    if _is_checked(cr) is False:
        query = "ALTER TABLE account_move VALIDATE CONSTRAINT %s"
        _alter(cr, SQL(query, SQL.identifier(REFERENCE)))


def _is_checked(cr):
    """Whether the reference is known to hold; None: there is none."""
    cr.execute("SELECT convalidated FROM pg_constraint WHERE conname = %s", [REFERENCE])
    return cr.fetchone()[0] if cr.rowcount else None


def _add_index(cr):
    """Odoo knows an index that is as it should be by its comment."""
    cr.execute("SELECT to_regclass(%s)", [INDEX])
    if cr.fetchone()[0]:
        return
    name = SQL.identifier(INDEX)
    _alter(cr, SQL("CREATE INDEX %s ON account_move " + INDEX_ON, name))
    cr.execute(SQL("COMMENT ON INDEX %s IS %s", name, f"INDEX {INDEX_ON}"))


def _add_index_of_filled(cr, table, column):
    """Odoo makes one of what each company has its own value of, unless there is one of
    that name."""
    name = f"{table}__{column}_index"
    cr.execute("SELECT to_regclass(%s)", [name])
    if not cr.fetchone()[0]:
        _alter(
            cr,
            SQL(
                "CREATE INDEX %(name)s ON %(table)s ((%(column)s IS NOT NULL))"
                " WHERE %(column)s IS NOT NULL",
                name=SQL.identifier(name),
                table=SQL.identifier(table),
                column=SQL.identifier(column),
            ),
        )


def _add_table(cr, table, references):
    """Odoo adds the other columns to one that is there."""
    cr.execute("SELECT to_regclass(%s)", [table])
    if cr.fetchone()[0]:
        return
    columns = [
        SQL(
            "%s int4 REFERENCES %s ON DELETE %s",
            SQL.identifier(name),
            SQL.identifier(other),
            SQL(then),
        )
        for name, (other, then) in references.items()
    ]
    name = SQL.identifier(table)
    columns = SQL(", ").join([SQL("id serial PRIMARY KEY"), *columns])
    _alter(cr, SQL("CREATE TABLE %s (%s)", name, columns))


def _add_table_between(cr, table, references):
    cr.execute("SELECT to_regclass(%s)", [table])
    if cr.fetchone()[0]:
        return
    columns = [
        SQL(
            "%s int4 NOT NULL REFERENCES %s ON DELETE CASCADE",
            SQL.identifier(name),
            SQL.identifier(other),
        )
        for name, other in references.items()
    ]
    first, second = map(SQL.identifier, references)
    _alter(
        cr,
        SQL(
            "CREATE TABLE %(table)s (%(columns)s, PRIMARY KEY (%(first)s, %(second)s));"
            "CREATE INDEX ON %(table)s (%(second)s, %(first)s)",
            table=SQL.identifier(table),
            columns=SQL(", ").join(columns),
            first=first,
            second=second,
        ),
    )
