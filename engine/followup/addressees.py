"""Whom a follow-up is addressed to."""

from odoo import api

from ...rules import ITSELF, Contact, hearers
from .addresses import addresses
from .facts import addressee_of
from .language import language


@api.depends("partner_id", "addressee_id", "line_ids.state")
def compute(followups):
    """Set the fields about the recipients, and the language of their email."""
    contacts = contacts_of(followups.partner_id)
    for followup in followups:
        partner = followup.partner_id
        addressee = partner.browse(addressee_of(followup) or ())
        moves = followup._chased_lines().move_id
        recipients = partner._email_followup_recipients(moves, addressee, contacts)
        first = recipients[:1] or addressee or partner
        followup.recipient_ids = recipients
        followup.recipient_name = first.name or partner.name
        followup.lang = language(
            followup.company_id,
            first,
            partner,
            wanted=followup.env.context.get("email_followup_lang"),  # of a preview
        )


@api.depends("partner_id", "addressee_id")
def display_name(followups):
    """The customer, or its contact that hears by itself: "Town Hall, School"."""
    for followup in followups:
        who = followup.addressee_id or followup.partner_id
        followup.display_name = who.display_name


def addressees(customer, moves=None, addressee=None, contacts=None):
    """Return the contacts (``res.partner``) to whom a follow-up to *customer* goes.

    The contact that hears by itself; without one, whoever hears about the customer's
    own invoices. Only those with a valid address that does not bounce. A contact that
    is another company's is nobody that this one knows.

    :param moves: the invoices to ask for (``account.move``).
    :param addressee: the contact that hears by itself (``res.partner``), perhaps empty.
    :param contacts: its and perhaps others' :func:`contacts_of`, if they are known.
    """
    found = _known_to(customer, moves, contacts or contacts_of(customer))
    if addressee:
        return (found & addressee).filtered(address)
    company = customer.commercial_partner_id
    roles = [
        Contact(
            contact.id,
            ITSELF if contact == company else contact.type,
            address(contact),
        )
        for contact in found
    ]
    return customer.browse(hearers(roles).own)


def address(contact):
    """The first address to write to; None if all are missing, invalid or bounce."""
    return next(iter(addresses(contact)), None)


def contacts_of(customers):
    """{commercial partner: these customers and its contacts}, by one search."""
    found = customers.search(
        [("commercial_partner_id", "in", customers.commercial_partner_id.ids)]
    )
    found |= customers  # also those that are archived
    return found.grouped("commercial_partner_id")


def _known_to(customer, moves, contacts):
    """*customer* and its contacts, of those companies only that ask for *moves*."""
    found = contacts.get(customer.commercial_partner_id, customer)
    if not moves:
        return found
    groups = moves.company_id.root_id
    return found.filtered(
        lambda contact: not contact.company_id or contact.company_id.root_id in groups
    )
