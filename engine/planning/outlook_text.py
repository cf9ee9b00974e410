"""What would go, for a person who decides whether it shall."""

from ...texts.days import with_weekday

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
        "reads": _reads(env, coming),
        "older": found.older and _older(env, found.older, money(found.older_amount)),
    }


def _reads(env, coming):
    """How many of the emails a person reads before they go."""
    emails = [each for each in coming if each.is_email]
    read_first = sum(each.is_read_first for each in emails)
    if read_first and read_first == len(emails):
        return env._("None leaves before somebody has approved it.")
    return read_first and env._("Leave only when approved: %s", read_first)


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
        "day": with_weekday(env, day),
        "emails": sum(each.is_email for each in its),
        "todos": sum(not each.is_email for each in its),
        "names": ", ".join(names),
        "others": len(first[NAMED:]),
        "amount": company.currency_id.format(sum(each.amount for each in its)),
    }


def next_text(env, state, read_first):
    """What comes now, for whoever has started it.

    :param state: of the mailbox.
    """
    if state == "error":
        return env._("They wait until the mailbox works again.")
    if read_first:
        return env._("Read them under Collections, To review, before they go.")
    return env._("Who gets which, and when: Customers, Next 14 Days.")
