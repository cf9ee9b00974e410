"""The contacts of customers, and at which address each can be written to."""

from odoo.tools import SQL

from ...rules import ITSELF, Contact
from ..followup.addresses import first

#: Of a customer, those that a follow-up may go to.
CONTACTS = """
    (SELECT jsonb_agg(
                jsonb_build_array(contact.id, contact.type, contact.email,
                    contact.email_followup_bounced, contact.company_id)
                ORDER BY contact.complete_name, contact.id DESC)
          FROM res_partner contact
         WHERE contact.commercial_partner_id = partner.id
           AND (contact.id = partner.id
                OR contact.type IN ('email_followup', 'invoice')
                OR contact.id = ANY(%s))
           AND (contact.active OR contact.id = partner.id))
"""


def column(addressees):
    """An SQL column of ``partner``: id, type, email field, what came back, and company
    of each contact.

    :param addressees: the ids of the contacts that invoices are addressed to.
    """
    return SQL(CONTACTS, list(addressees))


def known(found, partner_id, unit, units):
    """The customer and its contacts, as the rules know them; those that are another
    company's are nobody that *unit* knows."""
    root = units.root_of(unit.company_id)
    return [
        Contact(id_, ITSELF if id_ == partner_id else kind, first(email, bounced))
        for id_, kind, email, bounced, company_id in found
        if not company_id or units.root_of(company_id) == root
    ]


def addressed(items, by_itself):
    """*items*, each with the contact that hears about it by itself, or None."""
    if not any(item.addressee for item in items):
        return items
    return [item._replace(addressee=by_itself.get(item.addressee)) for item in items]
