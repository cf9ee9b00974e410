"""What is said of a promise to pay: on its customer, and of what it covers."""

from odoo.tools import format_date


def log(promises, user):
    """Say on the customers that they have promised, as *user*: no amounts, for
    everybody reads it who sees the customer.

    :param promises: with the right to write on their customers.
    """
    for promise in promises:
        words = promise.env._(
            "The customer has promised %(company)s to pay until %(date)s.",
            company=promise.company_id.name,
            date=format_date(promise.env, promise.until),
        )
        promise.partner_id._message_log(body=words, author_id=user.partner_id.id)


def covers(promise, amount):
    """What is promised, as people read it.

    :param amount: what was open of everything, if no amount was promised; perhaps 0.
    """
    currency = promise.currency_id or promise.env.company.currency_id
    money = currency.format(promise.amount or amount or 0)
    if promise.amount:
        return money
    if not amount:
        return promise.env._("Everything open")
    return promise.env._("Everything open: %s", money)
