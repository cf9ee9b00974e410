"""A line of the ledger: one item of the rules, written down."""


def line_values(item, state):
    """The values of an ``account.email.followup.line``.

    :param item: an :class:`..rules.Item`, with the residual to be asked for.
    :param state: "chased" or "credit".
    """
    return {
        "move_line_ref": item.line_id,
        "move_ref": item.move_id,
        "currency_ref": item.currency_id,
        "due_date": item.due,
        "amount": item.residual,
        "state": state,
    }
