"""What is written down of a company's emails: whole, and the same each time it is read.

The rows are as the database has them, by their number: nothing is left out, reworded or
translated. So what was exported can be compared with what is there. Of attached files
there are names; the words of answers stay with the customer, whose chatter has them.
"""

import csv
import hashlib
import io
import json
import zipfile
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.formulas import as_text

OF_FOLLOWUPS = (
    "followup_id IN (SELECT id FROM account_email_followup WHERE company_id = %s)"
)
#: By the file's name: the model, and which of its rows are a company's.
TABLES = {
    "emails": ("account.email.delivery", "company_id = %s"),
    "followups": ("account.email.followup", "company_id = %s"),
    "followup_items": ("account.email.followup.line", OF_FOLLOWUPS),
    "answers": ("account.email.incoming", OF_FOLLOWUPS),
    "promises": ("account.email.promise", "company_id = %s"),
}
#: What was sent, and noted: the messages of follow-ups, which are deleted with them.
MESSAGES = (
    *("id", "res_id", "date", "message_type", "author_id", "email_from"),
    *("message_id", "subject", "body"),
)
OF_MESSAGES = (
    "model = 'account.email.followup'"
    " AND res_id IN (SELECT id FROM account_email_followup WHERE company_id = %s)"
)
#: Of these a number alone would say nothing to whoever reads the file.
NAMED = {
    "res.partner",
    "res.users",
    "account.move",
    "ir.attachment",
    "account.email.followup.plan",
    "account.email.followup.step",
}
#: Rows that are read at once.
PORTION = 10_000


class Extent(NamedTuple):
    """How much there is, and what it is."""

    emails: int  #: rows of the journal
    last_email: int  #: the number of the last of them; 0: there is none
    followups: int
    rows: int  #: of all tables
    digest: str  #: of every row of every table


class Table(NamedTuple):
    """What goes into one file."""

    name: str  #: the file's
    table: str  #: the database's
    columns: list  #: their names
    key: list  #: the first of them, which tell the rows apart
    where: str  #: which rows are a company's
    named: dict  #: {index of a column: model of which it has a number}


def extent(env, company):
    """The :class:`Extent` of what is written down of *company*.

    :param env: a superuser's.
    """
    counter = Counter()
    for table in _tables(env):
        for rows in _portions(env, company, table):
            counter.add(table.name, rows)
    return counter.extent()


def pack(env, company):
    """All of it as a zip file of CSV files, with times in UTC.

    :param env: a superuser's.
    :return: bytes, and the :class:`Extent` of what they hold.
    """
    packed, counter = io.BytesIO(), Counter()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in _tables(env):
            with archive.open(f"{table.name}.csv", "w") as file:
                for rows in _written(env, company, table, file):
                    counter.add(table.name, rows)
    return packed.getvalue(), counter.extent()


class Counter:
    """Counts rows, and makes a digest of them."""

    def __init__(self):
        self._digest, self._counts, self._last_email = hashlib.sha256(), {}, 0

    def add(self, name, rows):
        for row in rows:
            self._digest.update(repr(row).encode())
        self._counts[name] = self._counts.get(name, 0) + len(rows)
        if name == "emails" and rows:
            self._last_email = rows[-1][0]

    def extent(self):
        return Extent(
            self._counts.get("emails", 0),
            self._last_email,
            self._counts.get("followups", 0),
            sum(self._counts.values()),
            self._digest.hexdigest(),
        )


# -- which -----------------------------------------------------------------------------


def _tables(env):
    """Each :class:`Table`: those of the models, with their relations, and messages."""
    for name, (model, where) in TABLES.items():
        records = env[model]
        yield _table(name, records, _columns(records), where)
        yield from _relations(name, records, where)
    yield _table("messages", env["mail.message"], list(MESSAGES), OF_MESSAGES)


def _table(name, records, columns, where):
    fields = records._fields
    named = {
        index: fields[column].comodel_name
        for index, column in enumerate(columns)
        if fields[column].comodel_name in NAMED
    }
    return Table(name, records._table, columns, ["id"], where, named)


def _columns(records):
    """The names of its columns, the number first."""
    stored = (f.name for f in records._fields.values() if f.store and f.column_type)
    return ["id", *sorted(set(stored) - {"id"})]


def _relations(name, records, where):
    """What its rows refer to several of: two numbers a row."""
    for field in records._fields.values():
        if field.type == "many2many" and field.store:
            both = [field.column1, field.column2]
            all_mine = f"SELECT id FROM {records._table} WHERE {where}"  # nosec B608
            mine = f"{field.column1} IN ({all_mine})"
            named = {1: field.comodel_name} if field.comodel_name in NAMED else {}
            file = f"{name}_{field.name}"
            yield Table(file, field.relation, both, both, mine, named)


# -- reading and writing ---------------------------------------------------------------


def _portions(env, company, table):
    """The rows of a table in lists, with the values of its columns, by its key."""
    names = SQL(", ").join(map(SQL.identifier, table.columns))
    key = SQL(", ").join(map(SQL.identifier, table.key))
    env.flush_all()
    last, found = (0,) * len(table.key), [None] * PORTION
    while len(found) == PORTION:
        env.cr.execute(
            SQL(
                "SELECT %s FROM %s WHERE %s AND (%s) > %s ORDER BY %s LIMIT %s",
                names,
                SQL.identifier(table.table),
                SQL(table.where, company.id),
                key,
                last if len(last) > 1 else last[0],
                key,
                PORTION,
            )
        )
        found = env.cr.fetchall()
        yield found
        last = found[-1][: len(last)] if found else last


def _written(env, company, table, file):
    """Write a table into *file* (binary), in UTF-8 and without formulas.

    :return: what was written, as of :func:`_portions`.
    """
    named = {index: Names(env[model]) for index, model in table.named.items()}
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    columns = table.columns
    writer.writerow([*columns, *(f"{columns[index]}_name" for index in named)])
    for rows in _portions(env, company, table):
        for index, names in named.items():
            names.look_up({row[index] for row in rows})
        for row in rows:
            found = [names.of(row[index]) for index, names in named.items()]
            writer.writerow([as_text(_cell(cell)) for cell in (*row, *found)])
        yield rows
    text.detach()


def _cell(value):
    """JSON as JSON, and nothing for what is not there."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value


class Names:
    """The names of the records of a model, each looked up once, many at a time."""

    def __init__(self, model):
        self._model, self._known = model, {}

    def look_up(self, numbers):
        new = self._model.browse(numbers - self._known.keys() - {None}).exists()
        self._known.update((record.id, record.display_name) for record in new)

    def of(self, number):
        return self._known.get(number) or ""
