"""Which of a customer's contacts hears about what.

The contacts for follow-ups hear about all of it. Without one, whoever an invoice is
addressed to hears about that invoice, and of no other's.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

#: Kinds of contacts.
ITSELF = "itself"
FOLLOWUPS = "email_followup"
INVOICES = "invoice"


class Contact(NamedTuple):
    """A customer, or a contact of it."""

    id: int
    kind: str  #: ITSELF, FOLLOWUPS, INVOICES or any other
    address: str | None  #: None: it cannot be written to


class Hearers(NamedTuple):
    """Who hears about what."""

    #: Contacts that hear about what is addressed to the customer itself, or to somebody
    #: who cannot be written to. None: nobody does.
    own: tuple[int, ...]
    #: contact that hears about its own invoices → itself, or the contact with the same
    #: address: two emails to one address would tell two departments apart for nobody
    by_itself: Mapping[int, int]


def hearers(contacts: Sequence[Contact]) -> Hearers:
    """Say who hears about what.

    :param contacts: in the order that Odoo lists them in.
    """
    if len(contacts) == 1 and contacts[0].kind == ITSELF:  # most customers
        return Hearers((contacts[0].id,) if contacts[0].address else (), {})
    reached = [each for each in contacts if each.address]
    followups = sorted(each.id for each in reached if each.kind == FOLLOWUPS)
    if followups:
        return Hearers(tuple(followups), {})
    own = _own(contacts)
    heard: dict[str | None, int | None] = {own.address: None} if own else {}
    by_itself = {}
    for contact in sorted(reached, key=attrgetter("id")):
        if contact.kind != ITSELF and (
            hears := heard.setdefault(contact.address, contact.id)
        ):
            by_itself[contact.id] = hears
    return Hearers((own.id,) if own else (), by_itself)


def _own(contacts: Sequence[Contact]) -> Contact | None:
    """Who hears about the customer's own: the contact for invoices, if there is one.

    Several are departments, of which none hears about the customer's own, unless
    nobody else can be written to; one that cannot be written to is one all the same.
    """
    invoices = [each for each in contacts if each.kind == INVOICES]
    departments = len({each.address or each.id for each in invoices}) > 1
    itself = [each for each in contacts if each.kind == ITSELF]
    by_rank = itself + invoices if departments else invoices + itself
    return next((each for each in by_rank if each.address), None)
