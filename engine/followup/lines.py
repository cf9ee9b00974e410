"""A line of the ledger: one item of the rules, written down."""

from .documents import files


def line_values(item, state, addressee=None):
    """The values of an ``account.email.followup.line``.

    :param item: an :class:`...rules.Item`, with the residual to be asked for.
    :param state: "chased" or "credit".
    :param addressee: the id of the contact that hears by itself, or None.
    """
    return {
        "move_line_ref": item.line_id,
        "move_ref": item.move_id,
        "currency_ref": item.currency_id,
        "due_date": item.due,
        "amount": item.residual,
        "state": state,
        "unnamed": is_unnamed(item, addressee),
    }


def is_unnamed(item, addressee):
    """Whether it is a credit of another contact's: subtracted, but not by name."""
    return item.addressee not in (None, addressee)


def drop(followup, gone):
    """Keep the lines that are not chased any more, with the reason.

    :param gone: {line id: (:class:`...rules.Reason`, the day that it is about or None)}
        of each of them.
    :return: whether there are any.
    """
    moves = followup.env["account.move"]
    for line in followup._chased_lines():
        if line.move_line_ref in gone:
            reason, day = gone[line.move_line_ref]
            line.write({"state": "dropped", "reason": str(reason), "reason_day": day})
            moves |= line.move_id
    # Of an invoice in instalments, others may be asked for still.
    moves -= followup._chased_lines().move_id
    followup.attachment_ids -= files(moves)
    return bool(gone)
