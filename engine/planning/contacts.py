"""The contacts of customers, and at which address each can be written to."""

from odoo.tools import SQL

from ...rules import ITSELF, Contact

#: The first address of a contact that has not come back, as :mod:`..followup.addresses`
#: finds it; None: there is none.
ADDRESS = """
    CASE WHEN contact.email_normalized = '' THEN NULL
         WHEN COALESCE(contact.email_followup_bounced, '') = ''
         THEN contact.email_normalized
         ELSE (SELECT lower(address[1])
                 FROM regexp_matches(
                          CASE WHEN contact.email ~ '[\\r\\n]'
                               THEN contact.email_normalized
                               ELSE regexp_replace(contact.email, '"[^"]*"', '', 'g')
                           END,
                          '[^[:space:],;:<>()"]+@[^[:space:],;:<>()"]+', 'g'
                      ) WITH ORDINALITY found (address, place)
                WHERE contact.email_normalized <> ''
                  AND lower(address[1]) <> ALL(
                          regexp_split_to_array(
                              lower(contact.email_followup_bounced),
                              '[[:space:],;]+'))
             ORDER BY place
                LIMIT 1)
     END
"""

#: Of a customer, those that a follow-up may go to.
CONTACTS = """
    (SELECT jsonb_agg(
                jsonb_build_array(contact.id, contact.type,
                    %s,
                    contact.company_id)
                ORDER BY contact.complete_name, contact.id DESC)
          FROM res_partner contact
         WHERE contact.commercial_partner_id = partner.id
           AND (contact.id = partner.id
                OR contact.type IN ('email_followup', 'invoice')
                OR contact.id = ANY(%s))
           AND (contact.active OR contact.id = partner.id))
"""


def column(addressees):
    """An SQL column of ``partner``: id, type, address and company of each contact.

    :param addressees: the ids of the contacts that invoices are addressed to.
    """
    return SQL(CONTACTS, SQL(ADDRESS), list(addressees))


def known(found, partner_id, unit, units):
    """The customer and its contacts, as the rules know them; those that are another
    company's are nobody that *unit* knows."""
    root = units.root_of(unit.company_id)
    return [
        Contact(id_, ITSELF if id_ == partner_id else kind, address)
        for id_, kind, address, company_id in found
        if not company_id or units.root_of(company_id) == root
    ]


def addressed(items, by_itself):
    """*items*, each with the contact that hears about it by itself, or None."""
    if not any(item.addressee for item in items):
        return items
    return [item._replace(addressee=by_itself.get(item.addressee)) for item in items]
