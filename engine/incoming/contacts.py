"""The people of a customer, by their addresses."""

from ..followup.addresses import shared


def contacts(partner, addresses):
    """Of the customer and its contacts, those with one of these addresses, be it the
    second in their email field."""
    found = partner.search(
        [
            ("commercial_partner_id", "=", partner.commercial_partner_id.id),
            ("email_normalized", "!=", False),
        ],
        order="id",
    )
    return found.filtered(lambda contact: shared(contact.email, addresses))
