"""The people of a customer, by their addresses."""


def contacts(partner, addresses):
    """Of the customer and its contacts, those with one of these addresses."""
    return partner.search(
        [
            ("commercial_partner_id", "=", partner.commercial_partner_id.id),
            ("email_normalized", "in", [address for address in addresses if address]),
        ],
        order="id",
    )
