"""As whom a mailbox writes."""

from odoo.tools import formataddr

from ...providers.envelope import with_ascii_domain


def sender_of(connector):
    """The ``From`` of every email: the name that customers see, the address."""
    name = connector.sender_name or connector.company_id.name
    return formataddr((" ".join(name.split()), connector.sender_address))


def domain_of(connector):
    """The part of the address after the @, in ASCII: it is for Message-IDs.

    https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
    """
    return with_ascii_domain(connector.sender_address).rpartition("@")[2]
