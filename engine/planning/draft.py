"""A plan or rule as it stands in a form that nobody has saved: checked like one that
is."""

import json
from math import isfinite
from types import SimpleNamespace

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL

from ..rights import check_company

#: Not of the form's making.
NOT_TAKEN = {*MAGIC_COLUMNS, "rule_ids", "forewarned_on"}
#: What PostgreSQL's conditions of plans and steps ask about.
COMPARED = ("integer", "float", "selection", "boolean", "many2one")
CHECK = "CHECK "
#: Of these types a required field may be empty in a form.
NEEDED = ("char", "selection", "many2one")


def draft_of(plan, values):
    """Make a new record of what a form has. Nothing is written.

    :param plan: ``account.email.followup.plan`` as the user's; empty if the form's plan
        is a new one.
    :param values: as the form would save them.
    :return: a new record, whose origin is *plan*.
    :raises AccessError: if the user may not change it, or make one.
    :raises ValidationError: if it could not be saved.
    """
    draft, values = _draft(plan, values)
    if plan and draft.company_id != plan.company_id:
        _check_owner(draft)
    steps = draft.step_ids
    if steps._origin - plan.step_ids:
        raise AccessError(plan.env._("These are another plan's steps."))
    _check(draft, values)
    for step in steps:
        _check(step, step._fields)
    _check_days(draft)
    return draft


def draft_of_rule(rule, values):
    """The same of a rule: ``account.email.followup.plan.rule``.

    :raises UserError: if its plan is another company's.
    """
    draft, values = _draft(rule, values)
    _check_owner(draft)
    # Of what a form has in memory only, no rule would be asked.
    draft.plan_id._origin.check_access("read")
    _check(draft, values)
    draft._check_company()
    return draft


def _draft(record, values):
    """The new record, and what of the values is taken."""
    if record:
        record.ensure_one()
    record.check_access("write" if record else "create")
    values = _taken(record, values)
    return record.new(values, origin=record), values


def _check_owner(draft):
    """
    :raises AccessError: if the user may not say that it is this company's, or shared.
    """
    if draft.company_id:
        check_company(draft.env, draft.company_id)
    draft.check_access("write")


def said_of(record, values):
    """What of the values is the form's to say."""
    return {name: values[name] for name in _names(record) if name in values}


def _names(record):
    return [
        name
        for name, field in record._fields.items()
        if field.store and name not in NOT_TAKEN
    ]


def _taken(record, values):
    """What of the values is the form's to say; of a new record, and of new steps, with
    what holds of all that is not said."""
    values = said_of(record, values)
    if "step_ids" in values:
        steps = enumerate(values["step_ids"])
        values["step_ids"] = [_said(record, number, *step) for number, step in steps]
    return values if record else {**record.default_get(_names(record)), **values}


def _said(plan, number, command, step_id, *more):
    """One command about steps; a new one is known by its number."""
    if command != Command.CREATE:
        return (command, step_id, *more)
    steps = plan.step_ids
    names = [name for name in steps._fields if name not in MAGIC_COLUMNS]
    return command, f"step {number}", {**steps.default_get(names), **more[0]}


def _check(record, names):
    """
    :raises ValidationError: if *record* could not be stored with these fields.
    """
    missing = [
        field._description_string(record.env)
        for name, field in record._fields.items()
        if field.required and field.type in NEEDED and not record[name]
    ]
    if missing:
        raise ValidationError(
            record.env._("Fill in first: %(fields)s", fields=", ".join(missing))
        )
    record._validate_fields(names)
    _check_conditions(record)


def _check_conditions(record):
    """Ask PostgreSQL about the conditions of a table, of a row that is not in it."""
    found = {
        name: each.get_definition(record.pool).removeprefix(CHECK)
        for name, each in record._table_objects.items()
        if each.get_definition(record.pool).startswith(CHECK)
    }
    row = {
        name: _stored(field, record[name])
        for name, field in record._fields.items()
        if field.store and field.type in COMPARED and name not in MAGIC_COLUMNS
    }
    record.env.cr.execute(
        SQL(
            "SELECT %s FROM jsonb_populate_record(NULL::%s, %s)",
            SQL(", ").join(map(SQL, found.values())),
            SQL.identifier(record._table),
            json.dumps(row),
        )
    )
    for name, holds in zip(found, record.env.cr.fetchone(), strict=True):
        if holds is False:
            raise ValidationError(_message(record, name))


def _stored(field, value):
    """As a table has it, where False is only said of booleans."""
    if field.type == "many2one":
        return value._origin.id or None
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # JSON has no such number; PostgreSQL reads it
    return value or field.falsy_value


def _check_days(draft):
    """
    :raises ValidationError: if two steps are on the same day.
    """
    steps = draft.step_ids
    if len(set(steps.mapped("days"))) < len(steps):
        name = f"{steps._table}_one_per_day"
        raise ValidationError(_message(steps, name))


def _message(records, name):
    """What Odoo says, in the user's language, when PostgreSQL refuses a row."""
    refused = SimpleNamespace(diag=SimpleNamespace(constraint_name=name))
    return records._sql_error_to_message(refused)
