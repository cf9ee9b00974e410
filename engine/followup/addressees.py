"""Whom a follow-up is addressed to."""

from odoo import api

from ...rules import ITSELF, Contact, hearers
from .addresses import addresses
from .facts import addressee_of
from .language import language


@api.depends("partner_id", "addressee_id", "line_ids.state")
def compute(followups):
    """Set the fields about the recipients, and the language of their email."""
    for followup in followups:
        partner = followup.partner_id
        addressee = partner.browse(addressee_of(followup) or ())
        moves = followup._chased_lines().move_id
        recipients = partner._email_followup_recipients(moves, addressee)
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


def addressees(customer, moves=None, addressee=None):
    """Return the contacts (``res.partner``) to whom a follow-up to *customer* goes.

    The contact that hears by itself; without one, whoever hears about the customer's
    own invoices. Only those with a valid address that does not bounce. A contact that
    is another company's is nobody that this one knows.

    :param moves: the invoices to ask for (``account.move``).
    :param addressee: the contact that hears by itself (``res.partner``), perhaps empty.
    """
    found = _contacts(customer, moves)
    if addressee:
        return (found & addressee).filtered(address)
    company = customer.commercial_partner_id
    contacts = [
        Contact(
            contact.id,
            ITSELF if contact == company else contact.type,
            address(contact),
        )
        for contact in found
    ]
    return customer.browse(hearers(contacts).own)


def address(contact):
    """The first address to write to; None if all are missing, invalid or bounce."""
    return next(iter(addresses(contact)), None)


def _contacts(customer, moves):
    """The customer and its contacts, of those companies only that ask for *moves*."""
    found = customer.search(
        [("commercial_partner_id", "=", customer.commercial_partner_id.id)]
    )
    found |= customer  # also if it is archived
    if not moves:
        return found
    groups = moves.company_id.root_id
    return found.filtered(
        lambda contact: not contact.company_id or contact.company_id.root_id in groups
    )
