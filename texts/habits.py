"""How a customer pays, in a sentence."""


def habit_text(env, days, invoices):
    """
    :param days: so many days late, on average.
    :param invoices: of so many invoices; 0 if too few are known.
    :return: the sentence; empty if nothing can be said.
    """
    if not invoices:
        return ""
    if not days:
        return env._(
            "Usually pays on time (of %(invoices)s invoices)", invoices=invoices
        )
    if days == 1:
        return env._(
            "Usually pays a day late (of %(invoices)s invoices)", invoices=invoices
        )
    return env._(
        "Usually pays %(days)s days late (of %(invoices)s invoices)",
        days=days,
        invoices=invoices,
    )
