"""Who may do what, where a record's own rights and rules do not say it."""

from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS

ACCOUNTANTS = "account.group_account_invoice"
#: Who may read the follow-ups of a company that they have: these, and auditors.
READERS = (ACCOUNTANTS, "account.group_account_readonly")


def may_read(user):
    """Whether *user* is one of :data:`READERS`."""
    return any(user.has_group(group) for group in READERS)


def check_accountant(env):
    """
    :raises AccessError: if the user does not handle follow-ups.
    """
    if not env.user.has_group(ACCOUNTANTS):
        raise AccessError(env._("Follow-ups are handled by accounting users."))


def check_company(env, company):
    """
    :raises AccessError: if the user has not got *company*, or has switched it off.
    """
    if company not in env.companies:
        raise AccessError(env._("Switch on %s first.", company.sudo().name))


def check_values(records, vals, allowed):
    """Let people write the *allowed* fields of *records* only.

    A view that hides a field, or shows it read-only, stops nobody.

    :param vals: what is to be written.
    :raises AccessError: for any other field.
    """
    others = vals.keys() - allowed
    if others and not records.env.su:
        raise AccessError(
            records.env._(
                "These cannot be changed by hand: %s", ", ".join(sorted(others))
            )
        )


def without_defaults(records, defaults, allowed):
    """Return *defaults* (values) as the model makes them, but for the *allowed* fields.

    A user, or the context of a call, may give defaults for any field.
    """
    defaults = dict(defaults)
    for name in defaults.keys() - allowed:
        own = records._fields[name].default
        if own:
            defaults[name] = own(records)
        else:
            del defaults[name]
    return defaults


def without_values(names, values, field_names):
    """Return what a form sends to ``onchange``, without the fields *names*.

    :return: the values; and the names of those that were changed, or None if nothing is
        left of them: without any, Odoo would begin a new record.
    """
    kept = {name: value for name, value in values.items() if name not in names}
    changed = [name for name in field_names if name not in names]
    return kept, changed if changed or not field_names else None


def settled(model):
    """The names of the fields that *model* shows read-only: people do not write them.

    A view that shows a field read-only stops nobody.
    """
    return {
        name
        for name, field in model._fields.items()
        if field.readonly and field.store and name not in MAGIC_COLUMNS
    }


def check_settled(records, names):
    """Only what runs as superuser (a sign-in) changes what it has settled.

    :raises AccessError: if *names* has such a field.
    """
    if not records.env.su and settled(records) & set(names):
        raise AccessError(
            records.env._(
                "The mailbox is changed by connecting or disconnecting it, not by "
                "editing its fields."
            )
        )
