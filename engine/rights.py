"""Who may do what, where a record's own rights and rules do not say it."""

from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS

#: They handle follow-ups.
ACCOUNTANTS = "account.group_account_invoice"
#: They look, and change nothing.
AUDITORS = "account.group_account_readonly"
#: They connect mailboxes, and say by which plan a company chases.
MANAGERS = "account.group_account_manager"
#: They look after the server, and register apps.
SYSTEM = "base.group_system"
#: Who may read the follow-ups of a company that they have.
READERS = (ACCOUNTANTS, AUDITORS)
#: The same for a field of customers and invoices: not for those who see these for
#: another reason, such as salespeople, buyers and customers.
ACCOUNTING = ",".join(READERS)


def may_read(user):
    """Whether *user* is one of :data:`READERS`."""
    return any(user.has_group(group) for group in READERS)


def is_accountant(user):
    """Whether *user* handles follow-ups."""
    return user.has_group(ACCOUNTANTS)


def is_manager(user):
    """Whether *user* connects mailboxes."""
    return user.has_group(MANAGERS)


def check_reader(env):
    """
    :raises AccessError: if the user may not read follow-ups, and what they are about.
    """
    if not env.su and not may_read(env.user):
        raise AccessError(env._("This is for accounting users to read."))


def check_accountant(env):
    """
    :raises AccessError: if the user does not handle follow-ups.
    """
    if not is_accountant(env.user):
        raise AccessError(env._("Follow-ups are handled by accounting users."))


def check_manager(env):
    """
    :raises AccessError: if the user does not say by which plan a company chases.
    """
    if not is_manager(env.user):
        raise AccessError(
            env._(
                "Only an accounting administrator can choose the plan by which a "
                "company chases."
            )
        )


def check_system(env):
    """
    :raises AccessError: if the user does not look after the server.
    """
    if not env.user.has_group(SYSTEM):
        raise AccessError(env._("This is for system administrators."))


def check_company(env, company):
    """
    :raises AccessError: if the user has not got *company*, or has switched it off.
    """
    if company not in env.companies:
        raise AccessError(
            env._("Select %s in the company menu first.", company.sudo().name)
        )


def for_reader(records):
    """The same with the right to see everything, for whoever may read *records*.

    :raises AccessError: to anybody else.
    """
    records._origin.check_access("read")
    return records.sudo()


def readable(records):
    """Those of *records* that the user may read, as they are stored.

    What a form has may be one in disguise: of a record in memory, which a client makes
    of any stored one, no rule is asked.
    """
    return records._origin._filtered_access("read")


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
        if field.readonly
        and (field.store or field.related)
        and name not in MAGIC_COLUMNS
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
