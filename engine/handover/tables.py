"""The tables of a customer's file, for a spreadsheet."""

import csv
import io

from ...texts import standing_text
from ...tools.formulas import as_text


def items(env, lines, asides, today):
    """What is open, with its due date and what is open of it.

    :param lines: ``account.move.line``, which the user may read.
    :param asides: {line id: (reason, the day that it is about or None)} of what is not
        simply owed.
    :return: bytes, CSV.
    """
    head = (
        env._("Document"),
        env._("Reference"),
        env._("Date"),
        env._("Due date"),
        env._("Days late"),
        env._("Currency"),
        env._("Amount"),
        env._("Open"),
        env._("Remark"),
    )
    return _table(head, [_item(env, line, asides, today) for line in lines])


def _item(env, line, asides, today):
    move, due = line.move_id, line.date_maturity or line.date
    reason, day = asides.get(line.id, ("", None))
    return (
        move.name,
        move.payment_reference or move.ref or "",
        move.invoice_date or line.date,
        due,
        max((today - due).days, 0),
        line.currency_id.name,
        line.amount_currency,
        line.amount_residual_currency,
        standing_text(env, reason, day=day),
    )


def receipts(env, followups):
    """When each follow-up was sent, to whom, and what the mail server said.

    :param followups: with the right to read the journal.
    :return: bytes, CSV. Times are in UTC.
    """
    head = (
        env._("Step"),
        env._("Sent on (UTC)"),
        env._("From"),
        env._("To"),
        env._("Subject"),
        env._("Message-ID"),
        env._("Taken by the server on (UTC)"),
        env._("What the server said"),
        env._("Number at the provider"),
    )
    return _table(head, [_receipt(followup) for followup in followups])


def _receipt(followup):
    delivery = followup.delivery_id
    said = " ".join(filter(None, (delivery.code, delivery.detail)))
    known = (
        followup.step_id.name,
        followup.sent_at or followup.done_on,
        delivery.sender,
        delivery.recipients,
        delivery.subject,
        followup.message_id_header,
        delivery.accepted_at,
        said,
        delivery.provider_message_id,
    )
    return [cell or "" for cell in known]


def _table(head, rows):
    """A CSV file that a spreadsheet opens as what it is: UTF-8, and no formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([[as_text(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")
