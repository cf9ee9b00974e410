from unittest.mock import Mock, patch

from psycopg2.errors import LockNotAvailable

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, sql

from ..tools import theirs


@tagged("post_install", "-at_install")
class TestTheirs(TransactionCase):
    """What is added to others' tables before Odoo would is what Odoo would add."""

    def test_the_columns_are_those_of_the_fields(self):
        models = ("account.move", "account.move.line", "res.partner", "res.company")
        for model in models:
            table = self.env[model]._table
            ours = {
                field.name: field.column_type[0]
                for field in self.env[model]._fields.values()
                if "account_email_connector" in field._modules
                and field.name.startswith("email_followup")
                and field.store
                and field.column_type
            }
            self.assertEqual(theirs.COLUMNS.get(table, {}), ours, model)

    def test_the_tables_that_lead_to_theirs_are_as_odoo_would_make_them(self):
        theirs_models = ("account.move", "res.partner", "res.company", "res.users")
        for table, references in theirs.LEADING.items():
            (model,) = (m for m in self.registry.values() if m._table == table)
            known = self.env[model._name]._fields.values()
            wanted = {
                field.name: (
                    self.env[field.comodel_name]._table,
                    field.ondelete.upper(),
                )
                for field in known
                if field.type == "many2one"
                and field.store
                and field.comodel_name in theirs_models
            }
            self.assertEqual(references, wanted)
            for name, (other, then) in references.items():
                keys = sql.get_foreign_keys(self.cr, table, name, other, "id", then)
                self.assertEqual(len(keys), 1, f"{table}.{name}")

    def test_the_tables_between_are_as_odoo_would_make_them(self):
        for table, references in theirs.BETWEEN.items():
            (field,) = {
                field
                for model in self.registry.values()
                for field in model._fields.values()
                if field.type == "many2many" and field.relation == table
            }
            wanted = {
                field.column1: self.env[field.model_name]._table,
                field.column2: self.env[field.comodel_name]._table,
            }
            self.assertEqual(references, wanted)
            for name, other in references.items():
                keys = sql.get_foreign_keys(
                    self.cr, table, name, other, "id", "cascade"
                )
                self.assertEqual(len(keys), 1, f"{table}.{name}")
            self.cr.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table]
            )
            found = {row.partition(" USING btree ")[2] for (row,) in self.cr.fetchall()}
            first, second = references
            self.assertEqual(found, {f"({first}, {second})", f"({second}, {first})"})

    def test_journal_items_are_left_alone(self):
        """Whoever extends them has Odoo ask for an index that is there already, which
        keeps others from writing them until the installation has committed."""
        ours = "account_email_connector.model_account_move_line"
        self.assertFalse(self.env.ref(ours, raise_if_not_found=False))

    def test_odoo_finds_the_index_as_it_would_make_it(self):
        moves = self.env["account.move"]
        index = moves._table_objects[theirs.INDEX]
        self.assertEqual(index.full_name(moves), theirs.INDEX)
        wanted = index.get_definition(self.registry)
        self.assertEqual(f"INDEX {theirs.INDEX_ON}", wanted)
        _definition, comment = sql.index_definition(self.env.cr, theirs.INDEX)
        self.assertEqual(comment, wanted)

    def test_the_indexes_of_partners_are_as_odoo_would_make_them(self):
        table, model = "res_partner", "res.partner"
        columns = [c for c, type_ in theirs.COLUMNS[table].items() if type_ == "jsonb"]
        self.assertEqual(columns, [c for c in theirs.COLUMNS[table] if self.indexed(c)])
        installed = self.indexes(table, columns)
        self.drop(installed)
        for column in columns:
            theirs._add_index_of_filled(self.cr, table, column)
        ours = self.indexes(table, columns)
        self.drop(ours)
        self.registry.check_indexes(self.cr, [model])
        self.assertEqual(ours, self.indexes(table, columns))
        self.assertEqual(ours, installed)

    def indexed(self, column):
        return self.env["res.partner"]._fields[column].index

    def indexes(self, table, columns):
        """{name: definition}"""
        names = [sql.make_index_name(table, column) for column in columns]
        self.cr.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)",
            [names],
        )
        found = dict(self.cr.fetchall())
        self.assertEqual(set(found), set(names))
        return found

    def drop(self, indexes):
        for name in indexes:
            self.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))

    def test_others_are_let_pass(self):
        """Whoever wants a table waits behind us while we wait for it."""
        step = Mock(__name__="step", side_effect=[LockNotAvailable, None])
        with (
            patch.object(theirs, "_commit") as commit,
            patch.object(theirs, "_roll_back") as roll_back,
            patch.object(theirs.time, "sleep") as sleep,
        ):
            theirs._patiently(self.env.cr, step)
            self.cr.execute("SHOW lock_timeout")
            self.assertEqual(self.cr.fetchone()[0], theirs.LONGEST)
            calls = (commit, roll_back, sleep)
            self.assertEqual([each.call_count for each in calls], [1, 1, 1])
            step.side_effect = LockNotAvailable
            with self.assertRaises(UserError):
                theirs._patiently(self.env.cr, step)
            self.assertEqual(sleep.call_count, 1 + theirs.TRIES)

    def test_what_is_checked_apart_is_checked(self):
        self.cr.execute(f"ALTER TABLE account_move DROP CONSTRAINT {theirs.REFERENCE}")
        theirs._add_user(self.cr)
        self.assertIs(theirs._is_checked(self.cr), False)
        theirs._check_users(self.cr)
        self.assertIs(theirs._is_checked(self.cr), True)

    def test_nobody_waits_for_ours_to_delete_theirs(self):
        """PostgreSQL looks through each table of ours for whatever is deleted: of
        attachments, hundreds a day. What a company has few of hardly ever goes."""
        few = ("res_company", "res_users", "res_currency", "account_account")
        few += ("mail_activity_type", "mail_template")
        ours = {
            model._table
            for name, model in self.registry.items()
            if name.startswith("account.email.") and not model._transient
        }
        self.cr.execute(
            """SELECT format('%%s.%%s', key.conrelid::regclass, col.attname)
                 FROM pg_constraint key
                 JOIN pg_attribute col
                   ON col.attrelid = key.conrelid AND col.attnum = key.conkey[1]
                WHERE key.contype = 'f' AND key.conrelid::regclass::text = ANY(%s)
                  AND key.confrelid::regclass::text != ALL(%s)
                  AND NOT EXISTS (SELECT FROM pg_index index
                                   WHERE index.indrelid = key.conrelid
                                     AND index.indkey[0] = col.attnum)""",
            [list(ours), [*few, *ours]],
        )
        self.assertEqual(self.cr.fetchall(), [])

    def test_pressed_twice(self):
        """At an update they are there."""
        self.cr.execute("SELECT count(*) FROM information_schema.columns")
        before = self.cr.fetchone()
        with patch.object(theirs, "_commit"):
            theirs.add(self.env.cr)
        self.cr.execute("SELECT count(*) FROM information_schema.columns")
        self.assertEqual(self.cr.fetchone(), before)
