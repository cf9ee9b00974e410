"""Our own people, who write in a conversation with a customer: a reply-all, say."""

from ..followup.addresses import shared
from .contacts import contacts


def is_ours(followup, sender):
    """Whether *sender* (a bare address) is somebody of the house, not the customer.

    Who is a contact of the customer, too, answers as that: a colleague who buys. So
    does a company of ours that buys from another.
    """
    if not sender or contacts(followup.partner_id, {sender}):
        return False
    return _is_mailbox(followup, sender) or _is_colleague(followup, sender)


def _is_mailbox(followup, sender):
    """Whether it is a mailbox that is connected, or always gets the step's copies."""
    mailboxes = followup.env["account.email.connector"].search([_not_of(followup)])
    known = {*mailboxes.mapped("email"), *mailboxes.mapped("sender_address")}
    return bool(shared(sender, known) or shared(followup.step_id.cc, {sender}))


def _is_colleague(followup, sender):
    """Whether it is an internal user of a company whose invoices are asked for."""
    companies = followup.company_id | followup._chased_lines().move_id.company_id
    local = sender.partition("@")[0]
    users = followup.env["res.users"].search(
        [
            ("share", "=", False),
            ("company_ids", "in", companies.ids),
            _not_of(followup),
            ("email", "ilike", local),  # the domain may be written in other letters
        ]
    )
    return any(shared(user.email, {sender}) for user in users)


def _not_of(followup):
    """A condition: its company is not the customer itself."""
    customer = followup.partner_id.commercial_partner_id
    return ("company_id.partner_id.commercial_partner_id", "!=", customer.id)
