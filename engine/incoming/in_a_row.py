"""Bounces that pass: the next follow-up comes by the plan, until there are too many.

A mailbox that is full today has room on Monday, so nobody has to do anything at first.
If nothing has arrived for more than a week, somebody calls.
"""

from datetime import timedelta

from ...providers.incoming import Cause

#: What may be over when the next follow-up comes.
PASSING = {Cause.FULL.value, Cause.EXPIRED.value, Cause.SOFT.value}
#: So many in a row, over so long, ask a person.
MANY, LONG = 3, timedelta(days=7)


def comes_again(followup):
    """Whether the plan has another step for this customer after this one."""
    plan, step = followup.plan_id, followup.step_id
    later = plan.step_ids.filtered(lambda each: each.days > step.days)
    return bool(step and (later or plan.mode == "recap"))


def too_many(followup, address):
    """Whether this is the last of three bounces in a row of *address*, over a week.

    One that arrived ends the row, and so does an answer. Those to another address, or
    from another company, say nothing.
    """
    row = _row(followup, address)
    return len(row) >= MANY and row[0].sent_at - row[-1].sent_at >= LONG


def _row(followup, address):
    """The follow-ups that came back from *address* one after the other, up to this."""
    row = followup.browse()
    for each in _sent_to(followup, address):
        seen = followup.env["account.email.incoming"].search(
            [("followup_id", "=", each.id)]
        )
        came_back = {(said.failed or {}).get(address) for said in seen} & PASSING
        if not came_back or "reply" in seen.mapped("kind"):
            break
        row |= each
    return row


def _sent_to(followup, address):
    """What this company sent there, the last first; not what it has sent since."""
    if not followup.sent_at:  # perhaps sent: a person decides about this one
        return followup.browse()
    customer = followup.partner_id.commercial_partner_id
    found = followup.search(
        [
            ("company_id", "=", followup.company_id.id),
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("state", "=", "sent"),
            ("sent_at", "<=", followup.sent_at),
            ("delivery_id.recipients", "ilike", address),
        ],
        order="sent_at desc, id desc",
    )
    return found.filtered(lambda each: address in each.delivery_id._written_to())
