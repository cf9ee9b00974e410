"""What would go, for a person who decides whether it shall."""

from odoo.tools import format_date

#: Names of customers that are said of a day; of the others the number.
NAMED = 4


def rows(env, company, found):
    """The values of the template ``start_outlook``.

    :param env: the user's: in whose language, and as who.
    :param company: a ``res.company`` as a superuser's.
    :param found: an :class:`.outlook.Outlook`.
    """
    money = company.currency_id.format
    coming = found.all
    return {
        "days": [_day(env, company, day, its) for day, its in found.coming.items()],
        "emails": sum(each.is_email for each in coming),
        "customers": len({each.customer_id for each in coming}),
        "amount": money(sum(each.amount for each in coming)),
        "reads": any(each.is_read_first for each in coming),
        "older": found.older and _older(env, found.older, money(found.older_amount)),
    }


def _older(env, customers, amount):
    return env._(
        "Left alone, because it was due before: %(amount)s, of customers: %(count)s",
        amount=amount,
        count=customers,
    )


def _day(env, company, day, its):
    first = company.env["res.partner"].browse(
        dict.fromkeys(each.customer_id for each in its)
    )
    names = first[:NAMED].mapped("display_name")
    return {
        "day": format_date(env, day, date_format="EEE d MMM"),
        "emails": sum(each.is_email for each in its),
        "todos": sum(not each.is_email for each in its),
        "names": ", ".join(names),
        "others": len(first[NAMED:]),
        "amount": company.currency_id.format(sum(each.amount for each in its)),
    }
