"""The addresses in an email field: Odoo's invoices go to all of them, so do we."""

import re

from odoo.tools.mail import email_normalize_all

from ...providers.addresses import with_ascii_domain
from ...providers.envelope import envelope_address
from ...providers.outcomes import Rejected


def split(text):
    """The addresses in *text*, each once, as Odoo finds and writes them.

    With a line break, the first only: what follows may be meant for another header.
    """
    found = list(dict.fromkeys(email_normalize_all(text or "")))
    return found[:1] if re.search(r"[\r\n]", text or "") else found


def addresses(contact):
    """The addresses of *contact* to write to: those that did not come back.

    One that is not valid keeps nothing from the others; where there is no other, it is
    told that it was refused.
    """
    bounced = split(contact.sudo().email_followup_bounced)
    left = [each for each in split(contact.email) if each not in bounced]
    return [each for each in left if is_valid(each)] or left


def shared(text, known):
    """The addresses in *text* that are among *known*, of an envelope or an answer."""
    ascii_ones = {with_ascii_domain(each) for each in known if each}
    return [each for each in split(text) if with_ascii_domain(each) in ascii_ones]


def is_valid(address):
    """Whether an email can be sent to *address*: otherwise to nobody at all."""
    try:
        return bool(envelope_address(address))
    except Rejected:
        return False
