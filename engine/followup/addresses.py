"""The addresses in an email field: Odoo's invoices go to all of them, so do we."""

import re

from odoo.tools.mail import email_normalize_all

from ...providers.addresses import with_ascii_domain
from ...providers.envelope import envelope_address
from ...providers.outcomes import Rejected

#: One address, and nothing else, of which there is no doubt how it is meant.
USUAL = re.compile(
    r"[a-zA-Z0-9_-]{1,20}(?:[.+][a-zA-Z0-9_-]{1,20}){0,2}"
    r"@(?:[a-zA-Z0-9]{1,30}(?:-[a-zA-Z0-9]{1,30})?\.){1,3}[a-zA-Z]{2,20}"
)


def split(text):
    """The addresses in *text*, each once, as Odoo finds and writes them.

    With a line break, the first only: what follows may be meant for another header.
    """
    found = list(dict.fromkeys(email_normalize_all(text or "")))
    return found[:1] if re.search(r"[\r\n]", text or "") else found


def addresses(contact):
    """The addresses of *contact* to write to: valid ones that did not come back."""
    return left(contact.email, contact.sudo().email_followup_bounced)


def left(text, bounced):
    """The same of an email field, and what has come back of it."""
    came_back = split(bounced)
    found = (each for each in split(text) if each not in came_back)
    return list(filter(is_valid, found))


def first(text, bounced=None):
    """The first of them; None if there is none. Made for thousands of fields: most have
    one address, as most people write it."""
    if text and not bounced and USUAL.fullmatch(text):
        return text.lower()
    return next(iter(left(text, bounced)), None)


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
