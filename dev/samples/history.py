"""What came before the sample's today: follow-ups of former weeks, and payments."""

from datetime import datetime, time, timedelta

from odoo import Command, fields

TERM = 30  # days between an invoice and its due date


def plant(env, company, customer, partner, moves):
    """Let the ledger and the books remember the last three months of a customer.

    :param moves: what is open (``account.move``): `people.Customer.steps_done` of it.
    """
    steps = env.ref("account_email_connector.plan_default").step_ids
    told = _paid_by_now(company, customer, partner, steps) if customer.past else []
    for rank in range(customer.steps_done):
        sent_on = _ago(_days_ago(steps, customer, rank))
        told.append((sent_on, rank, _open_then(moves, sent_on)))
    for sent_on, rank, listed in sorted(told, key=lambda each: each[:2]):
        sent(company, partner, steps[rank], rank, sent_on, listed)


def receive(payments):
    """Lines of bank statements, each matched with its invoice.

    :param payments: list of (``account.move``, amount, date), of one company.
    """
    company = payments[0][0].company_id
    env = company.env
    bank = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    receivables = [receivable_of(move) for move, _amount, _date in payments]
    lines = env["account.bank.statement.line"].create(
        [
            {
                "journal_id": bank.id,
                "date": date,
                "partner_id": move.partner_id.id,
                "payment_ref": move.name,
                "amount": amount,
                "counterpart_account_id": receivable.account_id.id,
            }
            for (move, amount, date), receivable in zip(
                payments, receivables, strict=True
            )
        ]
    )
    for line, receivable in zip(lines, receivables, strict=True):
        booked = line.move_id.line_ids
        (receivable + booked.filtered_domain(_on_account(receivable))).reconcile()


def receivable_of(move):
    """The item of an invoice (``account.move``) that is to be paid."""
    return move.line_ids.filtered(lambda each: each.display_type == "payment_term")


def _on_account(receivable):
    return [("account_id", "=", receivable.account_id.id)]


def connector_of(company):
    """The mailbox that serves a company: it may be connected later."""
    root = company.parent_ids[:1] or company
    connectors = company.env["account.email.connector"]
    found = connectors.search([("company_id", "=", root.id)])
    return found or connectors.create({"company_id": root.id})


def _paid_by_now(company, customer, partner, steps):
    """Make the invoices of `people.Customer.past`, and their payments.

    :return: their follow-ups: list of (day, rank of the step, what it listed).
    """
    moves = _invoices(company, customer, partner)
    payments, told = [], []
    for move, past in zip(moves, customer.past, strict=True):
        item = receivable_of(move)
        left, parts = item.amount_residual, []
        if past.part:
            share, late = past.part
            parts.append((company.currency_id.round(left * share), late))
        parts.append((left - sum(amount for amount, _late in parts), past.late))
        for rank, step in enumerate(steps):
            if step.days < past.late:
                paid = sum(amount for amount, late in parts if late < step.days)
                told.append((_ago(past.due - step.days), rank, [(item, left - paid)]))
        payments += [(move, amount, _ago(past.due - late)) for amount, late in parts]
    receive(payments)
    return told


def _invoices(company, customer, partner):
    moves = (
        company.env["account.move"]
        .with_company(company)
        .create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": _ago(past.due + TERM),
                    "invoice_date_due": _ago(past.due),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods as delivered", "price_unit": past.amount}
                        )
                    ],
                }
                for past in customer.past
            ]
        )
    )
    moves.action_post()
    moves.is_move_sent = True
    return moves


def sent(company, partner, step, rank, sent_on, listed):
    """A follow-up that was sent; *listed* are its (item, amount)."""
    connector = connector_of(company)
    return (
        company.env["account.email.followup"]
        .sudo()
        .create(
            {
                "company_id": connector.company_id.id,
                "connector_id": connector.id,
                "partner_id": partner.id,
                "plan_id": step.plan_id.id,
                "step_id": step.id,
                "step_days": step.days,
                "step_position": rank,
                "state": "sent",
                "planned_date": sent_on,
                "done_on": sent_on,
                "sent_at": datetime.combine(sent_on, time(hour=9)),
                "amount": sum(amount for _item, amount in listed),
                "oldest_due_date": min(item.date_maturity for item, _amount in listed),
                "line_ids": [
                    Command.create(
                        {
                            "move_line_ref": item.id,
                            "move_ref": item.move_id.id,
                            "currency_ref": item.currency_id.id,
                            "due_date": item.date_maturity,
                            "amount": amount,
                        }
                    )
                    for item, amount in listed
                ],
            }
        )
    )


def _open_then(moves, sent_on):
    items = receivable_of(moves).filtered(lambda each: each.date_maturity < sent_on)
    return [
        (item, item.amount_residual_currency + _came_since(item, sent_on))
        for item in items
    ]


def _came_since(item, day):
    """What has been paid of an item from a day on, in its currency."""
    since = item.matched_credit_ids.filtered(lambda part: part.max_date >= day)
    return sum(since.mapped("debit_amount_currency"))


def _days_ago(steps, customer, rank):
    """How long ago a step was taken; by default the one for today is due for a day."""
    if customer.sent_ago:
        return customer.sent_ago[rank]
    return steps[customer.steps_done].days - steps[rank].days + 1


def _ago(days):
    return fields.Date.today() - timedelta(days=days)
