"""Whom a follow-up is addressed to."""

from .. import compose
from .addresses import addresses


def fill(followup):
    """Set the fields about the recipients, and the language of their email."""
    partner = followup.partner_id
    moves = followup._chased_lines().move_id
    recipients = partner._email_followup_recipients(moves)
    first = recipients[:1] or partner
    followup.recipient_ids = recipients
    followup.recipient_name = first.name or partner.name
    followup.lang = compose.language(followup, first)


def addressees(customer, moves=None):
    """Return the contacts (``res.partner``) to whom a follow-up to *customer* goes.

    The contacts for follow-ups if there are any, else the invoice contact, else
    whom the oldest invoice is addressed to, else the customer; only those with a
    valid address that does not bounce. A contact that is another company's is
    nobody that this one knows.

    :param moves: the invoices to ask for (``account.move``), the oldest first.
    """
    contacts = _contacts(customer, moves)
    for kind in ("email_followup", "invoice"):
        found = contacts.filtered(lambda contact, kind=kind: contact.type == kind)
        found = found.filtered(address)
        if found:
            return found.sorted("id") if kind == "email_followup" else found[:1]
    named = moves.partner_id & contacts if moves else customer.browse()
    return next(filter(address, (*named, customer)), customer.browse())


def address(contact):
    """The first address to write to; False if all are missing, invalid or bounce."""
    return next(iter(addresses(contact)), False)


def _contacts(customer, moves):
    """The customer and its contacts, of those companies only that ask for *moves*."""
    found = customer.search(
        [("commercial_partner_id", "=", customer.commercial_partner_id.id)]
    )
    if not moves:
        return found
    groups = moves.company_id.root_id
    return found.filtered(
        lambda contact: not contact.company_id or contact.company_id.root_id in groups
    )
